"""A short torture on each store: gateways are killed, nodes answer falsely, blocks are undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.chaos import Pace
from tests.torture.run import Options, torture

SHORT = Pace(life=5, freeze_every=20, outage_every=11, reorganise=6, database=7, full=9)


@pytest.mark.parametrize(
    "options",
    [
        Options(count=120, seconds=12, store="sqlite", seed=11, pace=SHORT),
        Options(count=120, seconds=12, store="postgresql", gateways=2, seed=12, pace=SHORT),
    ],
    ids=["sqlite", "postgresql-two-gateways"],
)
def test_operations_are_neither_lost_doubled_stuck_nor_wrongly_refused(
    options: Options, tmp_path: Path
) -> None:
    tally = torture(options, tmp_path)
    assert tally.passed, tally
    assert (tally.ran_once, tally.refused_rightly) == (114, 6)
    done = set(tally.events)
    assert {"kill -9", "freezes", "outages", "reorganisations"} & done, tally.events
    assert "full disks" in done
    if options.store == "postgresql":
        assert "database restarts" in done
