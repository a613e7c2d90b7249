"""What the indexer hands to the slices, and what they must offer it."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Table


class DecodedEvent(msgspec.Struct, gc=False):
    """One event of one of our contracts.

    `contract` is the name in the deployment record ("Receivables", "SettlementToken:CNY");
    `arguments` are by name: whole numbers as int, addresses and bytes as lower-case hexadecimal
    text with 0x, structs as dicts by field, arrays as lists. `timestamp` is the block's, in UTC
    seconds.
    """

    position: int
    contract: str
    name: str
    arguments: dict[str, Any]
    address: str
    block_number: int
    block_hash: str
    timestamp: int
    transaction_index: int
    transaction_hash: str
    log_index: int


class Projection(Protocol):
    """Fills read tables from events and from nothing else.

    `apply` gets the events of one or more blocks in the chain's order, inside the transaction that
    also moves the checkpoint. After a reorganisation the indexer empties `tables` and applies the
    kept events again from the first one, so `apply` must depend on the events and the tables alone.
    """

    tables: list[Table]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """Writes what these events change."""
