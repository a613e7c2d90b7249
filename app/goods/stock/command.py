"""`cession stock check FILE`: whether a movement file holds, by itself, before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path

from app.domain.calendar import ZONE_OFFSET_SECONDS, date_of
from app.domain.csv_rows import TableInvalid
from app.goods.stock.model import LIMIT_BYTES, check, numbered
from app.goods.stock.reader import read_stock_file


def check_file(file: Path) -> int:
    """Says what the file holds; or, on standard error, every line that does not hold.

    What was sent before is not known here: duplicates and gaps towards it, and lots that would go
    below zero, are found by the gateway alone.

    Returns:
        The exit status: 0, or 1 when the file cannot be read or does not hold.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
        found = read_stock_file(data, zone_offset=ZONE_OFFSET_SECONDS)
        found.settle(())
        movements = numbered(found.movements, after=0)
        check(movements, counts=found.counts)
    except OSError as error:
        print(f"cession: {file}: {error.strerror or error}", file=sys.stderr)
        return 1
    except TableInvalid as error:
        for one in error.findings:
            field = f"{one.field}: " if one.field else ""
            print(f"cession: {file}:{one.line}: {field}{one.detail}", file=sys.stderr)
        if error.total > len(error.findings):
            print(f"cession: {error.total - len(error.findings)} more", file=sys.stderr)
        return 1
    lots = {one.lot for one in movements}
    days = sorted(one.day for one in movements)
    print(
        f"{found.format}: {len(movements)} movements of {len(lots)} lots, "
        f"{movements[0].sequence} to {movements[-1].sequence}, "
        f"{date_of(days[0])} to {date_of(days[-1])}"
    )
    return 0
