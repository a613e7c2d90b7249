"""Runs a detector on markets with fraud, and writes tables and a plot into `build/fraud`.

The threshold is chosen on some seeds and judged on others, once. Ends with 0 whether or not the
targets are met, and with 2 if it could not judge.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.fraud.comparison import EarlierInvalid, beside
from benchmarks.fraud.drafts import SizeRefused
from benchmarks.fraud.judge import FindingInvalid
from benchmarks.fraud.plot import plot
from benchmarks.fraud.report import report, show, write
from benchmarks.fraud.running import DETECTOR, DetectorMissing, detector, run_all

FOLDER = Path(__file__).resolve().parents[2] / "build" / "fraud"
MAX_SEEDS = 1_000


class SeedsInvalid(ValueError):
    """Seeds that cannot be read, or on which a threshold is both chosen and judged."""


def seeds(text: str) -> tuple[int, ...]:
    """Seeds written as `11-20`, as `1,4,9`, or mixed.

    Raises:
        SeedsInvalid: something else is written, or one seed twice.
    """
    listed: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise SeedsInvalid(f"seeds {text!r}: write 11-20 or 1,4,9")
        start, end = int(first), int(last or first)
        if not start <= end < start + MAX_SEEDS:
            raise SeedsInvalid(f"seeds {text!r}: {part.strip()} is no range of up to {MAX_SEEDS}")
        listed += range(start, end + 1)
    if len(set(listed)) < len(listed):
        raise SeedsInvalid(f"seeds {text!r}: a seed stands twice")
    return tuple(listed)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fraud", description=__doc__)
    parser.add_argument("--seeds", default="11-20", help="judged on")
    parser.add_argument("--choose", default="1-5", help="the threshold is chosen on")
    parser.add_argument("--size", type=int, default=200, help="companies of a market")
    parser.add_argument("--detector", default=DETECTOR, help="module:function")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--jobs", type=int, default=1, help="markets at a time")
    parser.add_argument("--beside", type=Path, help="fraud-bench.json of an earlier run")
    options = parser.parse_args(arguments)
    try:
        return judge_detector(options)
    except (DetectorMissing, EarlierInvalid, FindingInvalid, SeedsInvalid, SizeRefused) as error:
        print(f"fraud-bench: {error}", file=sys.stderr)
        return 2


def judge_detector(options: argparse.Namespace) -> int:
    """Runs, judges, writes and prints."""
    judged_on, chosen_on = seeds(options.seeds), seeds(options.choose)
    if both := sorted({*judged_on} & {*chosen_on}):
        raise SeedsInvalid(
            f"seed {both[0]} would choose the threshold and be judged at it; give others to one"
        )
    detector(options.detector)
    runs = run_all(
        [*chosen_on, *judged_on],
        size=options.size,
        name=options.detector,
        jobs=max(1, options.jobs),
    )
    chosen, judged = runs[: len(chosen_on)], runs[len(chosen_on) :]
    result = report(chosen, judged, size=options.size, detector=options.detector)
    comparison = beside(options.beside, result) if options.beside else None
    write(options.folder, result)
    plot(options.folder / "fraud-bench.png", result)
    console = Console(width=None if sys.stdout.isatty() else 120)
    show(result, console=console)
    if comparison:
        console.print(comparison)
    slowest = max(runs, key=lambda run: run.seconds)
    console.print(
        f"Slowest market: {slowest.seconds:.1f} s of processor time for {slowest.invoices:,} "
        f"invoices; memory at most {max(run.peak_bytes for run in runs) / 1e6:,.0f} MB."
    )
    console.print(f"In {options.folder}: fraud-bench.json .png, {' '.join(result.tables)} (.csv)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
