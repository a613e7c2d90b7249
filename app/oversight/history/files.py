"""Events as a table for people: CSV or a spreadsheet."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import msgspec

from app.gateway.file_texts import mark, t
from app.gateway.sheets import Cell, Sheet, csv_text, xlsx
from app.oversight.history.repository import EventRow
from app.oversight.history.words import Known, describe

COLUMNS = (
    *(
        mark("position"),
        mark("time (UTC)"),
        mark("block"),
        mark("contract"),
        mark("event"),
        mark("what"),
        mark("parties"),
    ),
    *(
        mark("amount"),
        mark("currency"),
        mark("details"),
        mark("transaction"),
        mark("log index"),
        mark("block hash"),
    ),
)
_LAST_SECOND = 253_402_300_799  # of the year 9999


def _cells(row: EventRow, known: Known) -> list[Cell]:
    event = describe(row, known)
    at = datetime.datetime.fromtimestamp(min(row.timestamp, _LAST_SECOND), datetime.UTC)
    return [
        *(row.position, at, row.block_number),
        *(row.contract, row.name, event.what, event.parties),
        *(event.amount, None if event.amount is None else event.amount.currency),
        *(event.details, row.transaction_hash, row.log_index, row.block_hash),
    ]


def table(rows: Sequence[EventRow], known: Known) -> Sheet:
    """Events in the chain's order, in words."""
    return Sheet(t("history"), [t(name) for name in COLUMNS], [_cells(row, known) for row in rows])


def as_csv(rows: Sequence[EventRow], known: Known) -> str:
    """Events as CSV (RFC 4180)."""
    return csv_text(table(rows, known))


def as_xlsx(rows: Sequence[EventRow], known: Known, following: int | None = None) -> bytes:
    """Events as a spreadsheet.

    Args:
        following: the position after which the history goes on; a last row says so.
    """
    sheet = table(rows, known)
    if following is None:
        return xlsx([sheet])
    note = t("The history goes on after position {position}.", position=following)
    return xlsx([msgspec.structs.replace(sheet, rows=[*sheet.rows, [note]])])
