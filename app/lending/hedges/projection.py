"""Projects the events of hedges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_ADDRESS
from app.lending.batch import Handlers
from app.storage import run


class HedgeEvents(Handlers):
    """The events of one batch that are about hedges."""

    def _HedgeRecorded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        counterparty = arguments["counterparty"]
        numbers = (arguments[name] for name in ("quantity", "hedgePrice", "maxPrice"))
        run(
            self.batch.connection,
            "INSERT INTO hedges (position, loan_id, contract_hash, item, quantity, price, "
            "max_price, expiry_day, venue, counterparty, document_root, block_number) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(event.position, row.loan_id, arguments["contractHash"], arguments["item"]),
                *map(str, numbers),
                *(arguments["expiryDay"], _text(arguments["venue"])),
                None if counterparty == ZERO_ADDRESS else counterparty,
                *(arguments["documentRoot"], event.block_number),
            ),
        )
        names = ("contractHash", "item", "quantity", "documentRoot")
        details = {name: arguments[name] for name in names}
        details["lastDay"] = arguments["expiryDay"]
        self.batch.entry(event, row, "hedge-recorded", self.batch.day(event), details=details)

    def _HedgeClosed(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        row = self.batch.row(event, arguments["loanId"])
        run(
            self.batch.connection,
            "UPDATE hedges SET closed_position = ?, block_number = ? "
            "WHERE position = (SELECT max(position) FROM hedges "
            "WHERE loan_id = ? AND contract_hash = ?)",
            (event.position, event.block_number, row.loan_id, arguments["contractHash"]),
        )
        details = {"contractHash": arguments["contractHash"]}
        self.batch.entry(event, row, "hedge-closed", self.batch.day(event), details=details)


def _text(word: str) -> str:
    """A code that the ledger stores left-aligned; what is no such text stays a word."""
    raw = bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0")
    return raw.decode() if raw.isalnum() else word
