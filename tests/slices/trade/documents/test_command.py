"""`cession invoice FILE`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.trade.documents.reader import LIMIT_BYTES
from tests.support.documents import CII, SAMPLES, UBL, changed, factur_x


def run(file: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "invoice", str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=SAMPLES.parent,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "kind", "amount"),
    [
        ("ubl-invoice.xml", "invoice", "8395.05"),
        ("ubl-credit-note.xml", "credit-note", "1114.73"),
        ("cii-invoice.xml", "invoice", "140800"),
        ("invoice.json", "invoice", "1002.500"),
        ("demo/invoice.xml", "invoice", "1134384.40"),
        ("fapiao.xml", "invoice", "9585.00"),
        ("fapiao-red-letter.xml", "credit-note", "1000.05"),
        ("fapiao-2019.xml", "invoice", "113.00"),
    ],
)
def test_each_sample_is_printed_as_json(name: str, kind: str, amount: str) -> None:
    done = run(SAMPLES / name)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["kind"], said["payableAmount"]) == (kind, amount)
    for key in ("number", "issueDate", "currency", "lines"):
        assert said[key]
    # A Chinese invoice has no day on which it is due.
    assert bool(said["dueDate"]) == (said["format"] != "fapiao")
    for party in ("seller", "buyer"):
        assert said[party]["name"] and said[party]["id"]


def test_a_factur_x_file_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(factur_x({"factur-x.xml": CII}))
    assert json.loads(run(file).stdout)["number"] == "HS-77120"


def test_command_writes_all_errors_to_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "wrong.xml"
    content = changed(UBL, ">8395.05<", ">8395.06<")
    file.write_bytes(changed(content, ">2026-05-31<", ">1999-03-01<"))
    done = run(file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "totals-mismatch at payableAmount" in done.stderr
    assert "date-absurd at dueDate" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_file_folder_and_oversized_file_give_clean_errors(
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.xml"
    with large.open("wb") as stream:
        stream.truncate(LIMIT_BYTES + 1)
    for file in (tmp_path / "none.xml", tmp_path, large):
        done = run(file)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("cession: ")
        assert "Traceback" not in done.stderr


def test_broken_pdf_gives_two_lines_and_none_of_the_librarys(tmp_path: Path) -> None:
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.7\n")
    done = run(file)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert "pdf-malformed" in done.stderr
