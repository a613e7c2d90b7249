"""`cession stock check FILE`: checks a movement file by itself, before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path

from app.domain.calendar import ZONE_OFFSET_SECONDS, date_of
from app.domain.csv_rows import TableInvalid
from app.goods.stock.model import LIMIT_BYTES, check, numbered
from app.goods.stock.reader import read_stock_file


def check_file(file: Path) -> int:
    """Prints what the file holds; or, on standard error, every line that is wrong.

    Only the gateway knows the earlier files. So only the gateway finds movements that were sent
    twice, gaps after the last file, and lots that would go below zero.

    Returns:
        The exit status: 0, or 1 when the file cannot be read or is wrong.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
        stock_file = read_stock_file(data, zone_offset=ZONE_OFFSET_SECONDS)
        stock_file.settle(())
        movements = numbered(stock_file.movements, after=0)
        check(movements, counts=stock_file.counts)
    except OSError as error:
        print(f"cession: {file}: {error.strerror or error}", file=sys.stderr)
        return 1
    except TableInvalid as error:
        for finding in error.findings:
            field = f"{finding.field}: " if finding.field else ""
            print(f"cession: {file}:{finding.line}: {field}{finding.detail}", file=sys.stderr)
        if error.total > len(error.findings):
            print(f"cession: {error.total - len(error.findings)} more", file=sys.stderr)
        return 1
    lots = {movement.lot for movement in movements}
    days = sorted(movement.day for movement in movements)
    print(
        f"{stock_file.format}: {len(movements)} movements of {len(lots)} lots, "
        f"{movements[0].sequence} to {movements[-1].sequence}, "
        f"{date_of(days[0])} to {date_of(days[-1])}"
    )
    return 0
