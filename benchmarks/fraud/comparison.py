"""An earlier run beside this one."""

from __future__ import annotations

import json
from pathlib import Path

from rich.table import Table

from benchmarks.fraud.report import Report, Row, with_bounds


class EarlierInvalid(ValueError):
    """The earlier run's file cannot be read, or is not of the same markets."""


def beside(path: Path, result: Report) -> Table:
    """Precision and recall of an earlier run and of this one, over all and by kind.

    Raises:
        EarlierInvalid: no such file, no report, or other markets.
    """
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        kinds: list[Row] = earlier["kinds"]
        overall: Row = earlier["overall"][1]
        markets = earlier["size"], _marks(earlier["seeds"])
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise EarlierInvalid(f"{path}: no report of make fraud-bench: {error!r}") from error
    if markets != (result.size, _marks(result.tables["seeds"])):
        raise EarlierInvalid(
            f"{path}: other markets than these; give the SIZE and SEEDS of that run, or no BESIDE"
        )
    table = Table("", "precision then", "now", "recall then", "now")
    before = {"over all": overall} | {str(row["kind"]): row for row in kinds}
    now = {"over all": result.tables["overall"][1]}
    now |= {str(row["kind"]): row for row in result.tables["kinds"]}
    for name in now:
        if name in before:
            figures = (
                with_bounds(which[name], figure)
                for figure in ("precision", "recall")
                for which in (before, now)
            )
            table.add_row(name, *figures)
    return table


def _marks(rows: list[Row]) -> list[object]:
    return [row["market_sha256"] for row in rows if row["seeds"] == "judged on"]
