"""docs/api.md has a row for every endpoint, and for none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.main import build_app
from tests.support.browser import never_opened

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
ROW = re.compile(r"^\| `([A-Z]+ /[^`]*)` \|", re.MULTILINE)


def described() -> set[str]:
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY, master_key="m" * 32, keystore_password="k"
    )
    paths = build_app(never_opened, settings=settings).openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_endpoint_has_one_row_and_every_row_an_endpoint() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rows) == len(set(rows))
    assert set(rows) == described()
