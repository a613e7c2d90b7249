"""A wrong setting is one line that begins with its name, and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import BOUNDS, SettingInvalid, settings_from, variable
from app.storage import StorageError
from app.storage.opening import open_storage
from tests.support.settings import FINE

CESSION = Path(sys.executable).parent / "cession"
WRONG = [
    ("CESSION_LEDGER_KEY", "7" * 64),
    ("CESSION_LEDGER_KEY", "4f" * 31),
    ("CESSION_LEDGER_KEY", "my key " * 9),
    ("CESSION_MASTER_KEY", "short"),
    ("CESSION_KEYSTORE_PASSWORD", ""),
    ("CESSION_SCRYPT_COST", "1000"),
    ("CESSION_SCRYPT_COST", "many"),
    ("CESSION_FINALITY", "soon"),
    ("CESSION_VERIFY_RECEIPTS", "maybe"),
    ("CESSION_APPROVALS", "none"),
    ("CESSION_BODY_SECONDS", "nan"),
    ("CESSION_DATABASE_URL", "mysql://ana:opensesame@host/x"),
    ("CESSION_DATABASE_URL", "postgresql://ana:opensesame@host/x"),
    ("CESSION_MASTER_KEY_FILE", "/nowhere/master"),
    ("CESSION_OIDC_KEYS_URL", "keys.json"),
    ("CESSION_NO_SUCH_THING", "1"),
    ("CESSION_REVIEW_LIMIT", "500000"),
    ("CESSION_REVIEW_LIMIT", "0.00 CNY"),
    ("CESSION_REVIEW_LIMIT", "500000.001 CNY"),
    ("CESSION_REVIEW_LIMIT", "5 XYZ"),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda value: str(value)[:24])
def test_invalid_setting_is_named(name: str, value: str) -> None:
    more = {"CESSION_OIDC_ISSUER": "x", "CESSION_OIDC_AUDIENCE": "y"} if "OIDC" in name else {}
    with pytest.raises(SettingInvalid) as refusal:
        settings_from(FINE | more | {name: value})
    words = str(refusal.value)
    assert words.startswith(f"{name}: ") and "\n" not in words
    assert "opensesame" not in words


@pytest.mark.parametrize("names", [("ISSUER",), ("AUDIENCE", "KEYS_URL"), ("ISSUER", "KEYS_URL")])
def test_incomplete_oidc_settings_name_what_is_missing(names: tuple[str, ...]) -> None:
    values = {f"CESSION_OIDC_{name}": "https://issuer.example" for name in names}
    lacking = {"ISSUER", "AUDIENCE", "KEYS_URL"} - set(names)
    with pytest.raises(SettingInvalid) as refusal:
        settings_from(FINE | values)
    assert str(refusal.value).partition(":")[0] in {f"CESSION_OIDC_{name}" for name in lacking}


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_a_number_out_of_its_range_is_refused(name: str) -> None:
    minimum, maximum = BOUNDS[name]
    kind = type(getattr(settings_from(FINE), name))
    settings_from(FINE, **{name: kind(minimum)})
    for value in (minimum - 1, maximum * 2):
        with pytest.raises(SettingInvalid, match=f"^{variable(name)}: "):
            settings_from(FINE | {variable(name): f"{value:g}"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ana:opensesame@127.0.0.1:port/x",
        "postgresql+psycopg://ana:opensesame@127.0.0.1:1/x",
        "sqlite:////proc/nowhere/cession.sqlite",
        "sqlite:///",
    ],
)
def test_unreachable_store_gives_one_line_without_its_password(url: str) -> None:
    with pytest.raises((SettingInvalid, StorageError)) as refusal:
        open_storage(settings_from(FINE | {"CESSION_DATABASE_URL": url}))
    words = str(refusal.value)
    assert words.startswith("CESSION_DATABASE_URL: ") and "\n" not in words
    assert "opensesame" not in words


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["demo"],
        ["gateway"],
        ["key", "auditor", "--label", "ana"],
        ["keys", "list"],
        ["keys", "rotate"],
        ["products", "diff"],
        ["incident", "status"],
        ["approvals", "list"],
    ],
    ids=" ".join,
)
def test_a_command_with_a_wrong_setting_ends_with_2_and_one_line(command: list[str]) -> None:
    environment = (
        {name: value for name, value in os.environ.items() if not name.startswith("CESSION_")}
        | FINE
        | {"CESSION_BODY_SECONDS": "0"}
    )
    done = subprocess.run(
        [CESSION, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert "CESSION_BODY_SECONDS: 0 is out of range" in lines[0]
