"""Gas of each operation, beside its ceiling and its peers: `python -m benchmarks.gas`.

forge measures every operation as a transaction of its own (`--isolate`) and keeps the figures in
`tests/contracts/gas/snapshots`, so that a change shows in the diff. This joins them into
`build/gas.json` and says which are above their ceilings.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "tests" / "contracts" / "gas" / "snapshots"
REPORT = ROOT / "build" / "gas.json"

CEILINGS = {
    "file a receivable (record and fingerprint)": 180_000,
    "confirm it: signature checked, claim minted": 130_000,
    "split and transfer part of a claim to a new holder": 125_000,
    "the same to twenty holders in one call, each": 85_000,
    "sale of a claim against payment on a signed quote": 190_000,
    "a debtor's payment, the same for 1 holder and for 10,000": 80_000,
    "collect": 75_000,
    "draw a loan on one claim": 300_000,
    "repay part": 116_000,
}
# The README says so, and why.
MISSED = {
    "split and transfer part of a claim to a new holder",
    "the same to twenty holders in one call, each",
}
FORWARDED = "split through the forwarder"
DIRECT = "split and transfer part of a claim to a new holder"
FORWARDER_MAX = 35_000


def _forge() -> Path:
    """The binary itself: the launcher in `.bin` ends with 0 whatever the tests say."""
    return next((ROOT / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge"))


def measure() -> None:
    """Runs the gas tests, which write the snapshots.

    Raises:
        subprocess.CalledProcessError: a test failed.
    """
    command = [
        *(str(_forge()), "test"),
        *("--match-path", "tests/contracts/gas/*"),
    ]
    environment = os.environ | {"FOUNDRY_PROFILE": "gas"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def collected() -> dict[str, int]:
    """Gas by the operation's name: ours, the peers', and the forwarder's beside OpenZeppelin's."""
    figures: dict[str, int] = {}
    for name in ("operations", "peers", "forwarder"):
        kept: dict[str, str] = json.loads((SNAPSHOTS / f"{name}.json").read_text())
        figures |= {operation: int(gas) for operation, gas in kept.items()}
    return figures


def excesses(figures: dict[str, int]) -> dict[str, str]:
    """What is above its ceiling, by the operation's name, in words."""
    found = {
        operation: f"{figures[operation]:,} above {maximum:,}"
        for operation, maximum in CEILINGS.items()
        if figures[operation] > maximum
    }
    added = figures[FORWARDED] - figures[DIRECT]
    if added > FORWARDER_MAX:
        found[FORWARDED] = f"{added:,} dearer than a direct call, above {FORWARDER_MAX:,}"
    return found


def main() -> int:
    """Measures, writes the report, prints the table and what is above its ceiling.

    Fails where an operation is above its ceiling of which the README does not say so.
    """
    measure()
    figures = collected()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    for operation, gas in figures.items():
        maximum = CEILINGS.get(operation)
        print(f"{gas:>9,}  {'' if maximum is None else format(maximum, ','):>9}  {operation}")
    found = excesses(figures)
    for operation, excess in found.items():
        print(f"above the ceiling: {operation}: {excess}", file=sys.stderr)
    return 0 if found.keys() <= MISSED else 1


if __name__ == "__main__":
    sys.exit(main())
