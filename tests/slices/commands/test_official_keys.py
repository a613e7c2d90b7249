"""`cession key` creates only keys that grant access, and names errors; `cession keystore new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import REGISTRAR_PLACE, REGULATOR_PLACES
from app.chain.evm.signers import LocalSigner
from app.cli import application
from tests.slices.conftest import PASSWORD


def cession(*words: str | Path, put: str = "") -> tuple[int, str, str]:
    """Exit status, output and errors of a command."""
    result = CliRunner().invoke(application, [str(word) for word in words], input=put)
    return result.exit_code, result.stdout, result.stderr


def keystore(folder: Path, signer: LocalSigner) -> Path:
    file = folder / f"{signer.address}.json"
    file.write_text(json.dumps(signer.keystore(PASSWORD, iterations=2)))
    return file


def test_key_is_created_for_the_account_that_holds_the_role(
    network_settings: dict[str, str], tmp_path: Path
) -> None:
    file = keystore(tmp_path, development_key(REGISTRAR_PLACE))
    status, key, _ = cession("key", "registrar", "--label", "ana", "--keystore", file)
    assert status == 0
    status, output, _ = cession("keys", "check", put=key)
    assert status == 0
    assert output.split() == [
        *("in", "force", "registrar", "ana", "account"),
        development_key(REGISTRAR_PLACE).address,
    ]
    own = development_key(REGULATOR_PLACES[0]).address.upper().replace("X", "x")
    assert cession("key", "regulator", "--label", "bo", "--account", own)[0] == 0
    assert cession("keys", "revoke", "ana")[0] == 0
    status, _, complaint = cession("keys", "check", put=key)
    assert status == 2 and "revoked" in complaint
    assert "has no such key" in cession("keys", "check", put="ck_unknown")[2]


def test_key_is_refused_when_it_would_grant_no_access(
    network_settings: dict[str, str], tmp_path: Path
) -> None:
    stranger = keystore(tmp_path, LocalSigner.generate())
    registrar = development_key(REGISTRAR_PLACE).address
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        (("registrar", "--keystore", stranger), "is no registrar on this ledger"),
        (("regulator", "--account", registrar), "is no regulator on this ledger"),
        (("registrar",), "--keystore FILE"),
        (("registrar", "--keystore", stranger, "--account", registrar), "--keystore FILE"),
        (("auditor", "--account", registrar), "only reads"),
        (("supplier",), "POST /v1/parties/{id}/api-keys"),
        (("king",), "use one of registrar"),
        (("operator", "--account", "0x12"), "0x and 40 digits"),
    ]
    for words, complaint in cases:
        status, done, message = cession("key", *words, "--label", "x")
        assert (status, done) == (2, ""), words
        assert complaint in message and len(message.splitlines()) == 1, message
    assert cession("keys", "list")[1] == ""


def test_key_command_creates_no_store(
    network_settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CESSION_DATABASE_URL")
    monkeypatch.chdir(tmp_path)
    status, done, message = cession("key", "auditor", "--label", "ana")
    assert (status, done) == (2, "")
    assert message.startswith(
        "keys: CESSION_DATABASE_URL: there is no store at build/cession.sqlite"
    )
    assert not (tmp_path / "build").exists()


def test_a_new_keystore_opens_with_its_password_and_replaces_none(tmp_path: Path) -> None:
    file, password = tmp_path / "key.json", tmp_path / "password"
    password_file: list[str | Path] = ["--password-file", password]
    words = ["keystore", "new", file, *password_file, "--scrypt-cost", "2"]
    assert "No such file" in cession(*words)[2]
    password.write_text("short\n")
    assert "at least 12 characters" in cession(*words)[2]
    password.write_text(PASSWORD + "\n")
    status, address, _ = cession(*words)
    assert status == 0
    opened = LocalSigner.from_keystore(file.read_text(), PASSWORD)
    assert address.strip().lower() == opened.address
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    status, _, message = cession(*words)
    assert status == 2 and "exists already" in message
    assert file.read_bytes() == before
    other = ["keystore", "new", tmp_path / "2.json", *password_file, "--scrypt-cost", "3"]
    assert "power of two" in cession(*other)[2]
