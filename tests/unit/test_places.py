"""Paths of files that are not Python modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import places


def test_default_legal_text_is_the_projects_and_another_is_relative_to_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.md").write_text("own terms")
    (tmp_path / "docs" / "legal").mkdir(parents=True)
    (tmp_path / places.LEGAL_TEXT).write_text("not ours")
    assert places.text_of(places.LEGAL_TEXT) == places.ROOT / places.LEGAL_TEXT
    assert places.text_of("own.md").read_text() == "own terms"
    assert places.text_of(str(tmp_path / "own.md")).read_text() == "own terms"


def test_a_checkout_reads_and_writes_in_the_repository() -> None:
    root = Path(__file__).resolve().parents[2]
    assert not places.INSTALLED and (root, root) == (places.ROOT, places.WORK)
    for path in (places.CATALOGUE, places.DEMO_INVOICE, places.ROOT / places.LEGAL_TEXT):
        assert path.is_file(), path
