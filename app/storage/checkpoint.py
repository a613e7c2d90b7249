"""Where the index stands: the block that every answer is as of."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.storage import run


class Checkpoint(msgspec.Struct, frozen=True):
    """The last block in the tables; hash "" before the first one."""

    block_number: int
    block_hash: str
    timestamp: int = 0
    final_number: int = -1


def read_checkpoint(connection: Connection) -> Checkpoint | None:
    """Where the index stands, None when it was never begun: the `asOf` of every answer."""
    row = run(
        connection,
        "SELECT block_number, block_hash, timestamp, final_number FROM checkpoints "
        "WHERE name = 'index'",
    ).first()
    return None if row is None else Checkpoint(*row)
