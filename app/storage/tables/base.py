"""What all tables share: the metadata, whole numbers, and the position of an event."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

POSITION_SHIFT = 20
Whole = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def position_of(block_number: int, log_index: int) -> int:
    """The position of a log; `position_of(n + 1, 0)` is after every log of block n."""
    return (block_number << POSITION_SHIFT) | log_index
