"""The checkpoint of the index: every answer is as of its block."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import record_of, run


class Checkpoint(msgspec.Struct, frozen=True):
    """The last block in the tables, with hash "" before the first one; -1: no block is final."""

    block_number: int
    block_hash: str
    timestamp: int = 0
    final_number: int = -1


def read_checkpoint(connection: Connection) -> Checkpoint | None:
    """The index's checkpoint, the `asOf` of every answer; None before the index starts."""
    row = run(
        connection,
        "SELECT block_number, block_hash, timestamp, final_number FROM checkpoints "
        "WHERE name = 'index'",
    ).first()
    return None if row is None else record_of(Checkpoint, row)
