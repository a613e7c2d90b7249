"""One torture: `python -m tests.torture --count 10000 --store sqlite|postgresql --gateways 1|2`.

Prints the tally and writes it to `build/torture.json`. The exit status is 1 if a command was lost,
doubled, stuck or wrongly refused.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path

import msgspec

from scripts.compile import ROOT
from tests.torture.run import Options, Tally, torture

REPORT = ROOT / "build" / "torture.json"


def show(tally: Tally) -> str:
    """The tally for a person to read."""
    rows = {
        "sent": tally.sent,
        "ran exactly once": tally.ran_once,
        "refused rightly": tally.refused_rightly,
        "lost": tally.lost,
        "doubled": tally.doubled,
        "stuck": tally.stuck,
        "refused falsely": tally.refused_falsely,
        "answers changed": tally.answers_changed,
    }
    lines = [f"{name:<18}{count:>10}" for name, count in rows.items()]
    for title, counts in (("events", tally.events), ("faults", tally.faults)):
        words = ", ".join(f"{times} {name}" for name, times in sorted(counts.items()))
        lines.append(f"{title}: {words or 'none'}")
    return "\n".join([*lines, f"{tally.seconds:g} s on {tally.store}", *tally.reasons])


def main() -> int:
    """0 when the tally is clean."""
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--count", type=int, default=10_000, help="commands")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--gateways", type=int, choices=[1, 2], default=1)
    parser.add_argument("--lanes", type=int, default=192, help="commands under way at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0, help="spread over at least so long")
    arguments = parser.parse_args()
    if arguments.count < 1:
        parser.error("--count: give 1 or more")
    if arguments.gateways > 1 and arguments.store == "sqlite":
        parser.error("--gateways 2: several gateways share PostgreSQL; give --store postgresql")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends gateways, node and store too
    folder = ROOT / "build" / "torture"
    shutil.rmtree(folder, ignore_errors=True)
    options = Options(
        count=arguments.count,
        store=arguments.store,
        gateways=arguments.gateways,
        lanes=arguments.lanes,
        seed=arguments.seed,
        seconds=arguments.seconds,
    )
    tally = torture(options, Path(folder))
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(tally), indent=2))
    print(show(tally))
    return 0 if tally.passed else 1


if __name__ == "__main__":
    sys.exit(main())
