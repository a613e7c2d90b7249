"""The schema: one module for each area. Importing the package fills the metadata.

Addresses and hashes are lower-case hexadecimal text with 0x. `position` is
block number * 2^20 + log index: unique, in the chain's order, and usable as a cursor. Block times
are whole UTC seconds; times of operations are UTC seconds with fractions. Money is integer minor
units. Columns ending in `_json` hold JSON text (integers above 2^53-1 as decimal strings).
Only projections fill the tables of what the chain says.
"""

from app.storage.tables import (
    chain,
    crosschecks,
    evaluations,
    gateway,
    goods,
    lending,
    market,
    notices,
    oversight,
    pages,
    participations,
    parties,
    trade,
    watch,
)
from app.storage.tables.base import metadata

__all__ = [
    "chain",
    "crosschecks",
    "evaluations",
    "gateway",
    "goods",
    "lending",
    "market",
    "metadata",
    "notices",
    "oversight",
    "pages",
    "participations",
    "parties",
    "trade",
    "watch",
]
