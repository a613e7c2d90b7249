"""Sum what invariant handlers reached, and fail where a named state was never reached.

`tests/contracts/support/Reached.sol` appends one line a run to `build/reached.tsv`: the suite,
then `name=count` fields, with `!` before each state that must be reached.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

RECORD = Path("build/reached.tsv")
TABLE = Path("build/reached.json")
TESTS = Path("tests/contracts")
_RECORDS = re.compile(r'recordReached\("([^"]+)"\)')


class Tally:
    """Runs and counts of each suite, and the names that each suite must reach."""

    def __init__(self) -> None:
        """Start empty."""
        self.runs: Counter[str] = Counter()
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.required: dict[str, set[str]] = defaultdict(set)

    def add(self, lines: Iterable[str]) -> "Tally":
        """Add the record's lines, one for each run and handler."""
        for line in lines:
            suite, *fields = line.rstrip("\n").split("\t")
            self.runs[suite] += 1
            for field in fields:
                name, _, count = field.rpartition("=")
                if name.startswith("!"):
                    name = name[1:]
                    self.required[suite].add(name)
                self.counts[suite][name] += int(count)
        return self

    def missing(self, suites: Iterable[str]) -> list[str]:
        """Name what was never reached: states of a suite, and suites that recorded no run."""
        silent = [f"{suite}: recorded no run" for suite in sorted(suites) if not self.runs[suite]]
        return silent + [
            f"{suite}: {name}"
            for suite in sorted(self.required)
            for name in sorted(self.required[suite])
            if not self.counts[suite][name]
        ]

    def rows(self) -> list[tuple[str, str, int, bool]]:
        """Suite, state, count, and whether it must be reached; in order of suite and state."""
        return [
            (suite, name, count, name in self.required[suite])
            for suite in sorted(self.counts)
            for name, count in sorted(self.counts[suite].items())
        ]


def suites_of(sources: Iterable[str]) -> set[str]:
    """Suites that the test sources record."""
    return {suite for source in sources for suite in _RECORDS.findall(source)}


def main() -> int:
    """Print the table, write it as JSON, and return 1 where something named was never reached."""
    tally = Tally()
    if RECORD.exists():
        with RECORD.open(encoding="utf-8") as record:
            tally.add(record)
        RECORD.unlink()  # A line a run: large after a deep run.
    rows = tally.rows()
    width = max((len(name) for _, name, _, _ in rows), default=0)
    print("\nStates that the invariant handlers reached (* must be reached):")
    for suite in sorted(tally.runs):
        print(f"\n{suite}, {tally.runs[suite]:,} runs")
        for _, name, count, required in (row for row in rows if row[0] == suite):
            print(f"  {'*' if required else ' '} {name:<{width}} {count:>12,}")
    TABLE.write_text(
        json.dumps(
            [
                {"suite": s, "state": n, "count": c, "required": r, "runs": tally.runs[s]}
                for s, n, c, r in rows
            ],
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    sources = (path.read_text(encoding="utf-8") for path in TESTS.rglob("*.t.sol"))
    missing = tally.missing(suites_of(sources))
    for state in missing:
        print(f"reached: never reached: {state}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
