"""Settings with which a gateway starts."""

from __future__ import annotations

from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY

FINE = {
    "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
    "CESSION_MASTER_KEY": "m" * 40,
    "CESSION_KEYSTORE_PASSWORD": "secret-password",
}
