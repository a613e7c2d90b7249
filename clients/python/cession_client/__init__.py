"""A client of the Cession gateway.

    with connect("https://gateway.example", "ck_…") as client:
        for claim in client.items("/v1/claims"):
            print(claim["id"], claim["value"])

It sends each command with an idempotency key, waits until the ledger carried it out, walks through
pages, raises problem documents, and lets a wallet sign what the gateway prepares.
"""

from __future__ import annotations

from cession_client.answers import Answer, Operation
from cession_client.client import Client, connect
from cession_client.problems import FieldError, GatewayRefused, StillUnderWay, WalletMismatch
from cession_client.wallet import Ledger, Wallet

__all__ = [
    "Answer",
    "Client",
    "FieldError",
    "GatewayRefused",
    "Ledger",
    "Operation",
    "StillUnderWay",
    "Wallet",
    "WalletMismatch",
    "connect",
]
