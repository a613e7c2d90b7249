"""`cession doctor` says what is missing and changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import RELAYER_PLACES
from app.commands.doctor import examine
from app.storage import create_storage
from tests.slices.conftest import PASSWORD


def doctor_lines(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """State and words of each thing by its name."""
    lines = capsys.readouterr().out.splitlines()
    named = [line for line in lines if line.startswith(("ok ", "missing "))]
    return {line[9:].partition(": ")[0]: line for line in named}


def test_doctor_checks_the_machine_without_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [item for item in os.environ if item.startswith("CESSION_")]:
        monkeypatch.delenv(name)
    assert examine() == 0
    assert set(doctor_lines(capsys)) == {
        *("Python", "contracts", "anvil", "Node.js", "ganache", "PostgreSQL for tests"),
    }
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("app.commands.doctor.ARTIFACTS", Path("/nowhere"))
    assert examine() == 1
    assert (
        doctor_lines(capsys)["contracts"] == "missing  contracts: not compiled: run `make compile`"
    )


def test_doctor_checks_the_network_when_settings_name_one(
    network_settings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    relay, store = tmp_path / "relay.json", tmp_path / "own.sqlite"
    relay.write_text(
        json.dumps(development_key(RELAYER_PLACES[0]).keystore(PASSWORD, iterations=2))
    )
    monkeypatch.setenv("CESSION_RELAY_KEYSTORES", str(relay))
    assert examine() == 1
    looked = doctor_lines(capsys)
    assert looked["store"].endswith("yet; the first gateway makes it")
    assert [name for name, line in looked.items() if line.startswith("missing")] == ["store"]
    assert not store.exists()
    storage = create_storage(network_settings["CESSION_DATABASE_URL"])
    storage.migrate()
    storage.close()
    assert examine() == 0
    capsys.readouterr()

    monkeypatch.setenv("CESSION_LEDGER_KEY", "0123456789abcdef" * 4)
    monkeypatch.setenv("CESSION_RELAY_KEYSTORES", str(tmp_path / "none.json"))
    monkeypatch.setenv("CESSION_LEGAL_TEXT", "docs/none.md")
    assert examine() == 1
    looked = doctor_lines(capsys)
    missing = [name for name, line in looked.items() if line.startswith("missing")]
    assert missing == ["legal text", "ledger", "relay accounts"]
    assert "CESSION_LEDGER_KEY" in looked["ledger"]

    monkeypatch.setenv("CESSION_FINALITY", "soon")
    assert examine() == 1
    assert doctor_lines(capsys)["settings"].startswith("missing  settings: CESSION_FINALITY")
