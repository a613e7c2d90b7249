"""Run Slither on the contracts, and compare what it finds with what is explained.

`contracts/slither.toml` holds groups of findings with a reason each: the detector, and where it
finds something (`Contract.function`, or `Contract`; ` x3` behind it where it finds three, ` x2-3`
for two or three; `*` for a detector whose every finding has the same reason). A finding that is not
explained fails, and so does an explanation of what is no longer found. Forge compiles the
contracts, for Slither itself can reach no compiler.

Usage: python -m scripts.slither [--list] [--places]
"""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXPLAINED = ROOT / "contracts/slither.toml"
WORK = Path("build/analysis")
SLITHER = Path("build/slither/bin/slither")

Finding = tuple[str, str]
Span = tuple[int, int]  # minimum and maximum


def place(finding: dict[str, Any]) -> str:
    """Contract and function of a finding, by names: lines move, names stay."""
    for element in finding["elements"]:
        names: list[str] = []
        level = element
        while level:
            if level["type"] in {"function", "contract"}:
                names.append(level["name"])
            level = level.get("type_specific_fields", {}).get("parent")
        if names:
            return ".".join(reversed(names))
    return str(finding["first_markdown_element"])


def counted(findings: Iterable[dict[str, Any]]) -> Counter[Finding]:
    """How often each detector finds something in each place."""
    return Counter((finding["check"], place(finding)) for finding in findings)


def explained(text: str) -> dict[Finding, Span]:
    """How often each finding may occur; a group without a reason is an error."""
    known: dict[Finding, Span] = {}
    for group in tomllib.loads(text).get("explained", []):
        if not group["reason"].strip():
            raise ValueError(f"{group['detector']}: a group of findings has no reason")
        for place in group["places"]:
            where, _, times = place.partition(" x")
            minimum, _, maximum = (times or "1").partition("-")
            before = known.get((group["detector"], where), (0, 0))
            known[group["detector"], where] = (
                before[0] + int(minimum),
                before[1] + int(maximum or minimum),
            )
    return known


def differences(findings: Counter[Finding], known: Mapping[Finding, Span]) -> list[str]:
    """Findings that are not explained, and explanations of what is not found."""
    everywhere = {detector for detector, where in known if where == "*"}
    lines = [
        f"explained and not found: {detector}"
        for detector in sorted(everywhere - {detector for detector, _ in findings})
    ]
    for detector, where in sorted(findings.keys() | known.keys()):
        if detector in everywhere:
            continue
        has = findings[detector, where]
        minimum, maximum = known.get((detector, where), (0, 0))
        if has > maximum:
            lines.append(f"not explained: {detector}: {where} (found {has}, explained {maximum})")
        if has < minimum:
            lines.append(
                f"explained and not found: {detector}: {where} (found {has}, explained {minimum})"
            )
    return lines


def analysed() -> list[dict[str, Any]]:
    """Compile by forge, run Slither, and return what its detectors found."""
    forge = next((ROOT / "node_modules/@foundry-rs").glob("forge-*/bin/forge"))
    (ROOT / WORK / "none").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "PATH": f"{forge.parent}:{os.environ['PATH']}",
        "FOUNDRY_OPTIMIZER": "false",
        "FOUNDRY_LINT_ON_BUILD": "false",
        "FOUNDRY_OUT": str(WORK / "out"),
        "FOUNDRY_CACHE_PATH": str(WORK / "cache"),
        "FOUNDRY_TEST": str(WORK / "none"),
    }
    build: list[str | Path] = [forge, "build", "--build-info", "--ast", "--force", "contracts"]
    subprocess.run(
        build, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=sys.stderr
    )
    answer = ROOT / WORK / "slither.json"
    answer.unlink(missing_ok=True)
    command: list[str | Path] = [
        ROOT / SLITHER,
        ".",
        "--ignore-compile",
        "--filter-paths",
        "node_modules",
    ]
    command += ["--foundry-out-directory", str(WORK / "out"), "--json", str(answer)]
    # Slither ends with a number of its own where it finds something.
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if not answer.exists():
        raise SystemExit(f"slither: it ran into an error\n{done.stderr[-3000:]}")
    answered = json.loads(answer.read_text(encoding="utf-8"))
    if not answered["success"]:
        raise SystemExit(f"slither: it ran into an error\n{answered['error']}")
    findings: list[dict[str, Any]] = answered["results"].get("detectors", [])
    return findings


def main() -> int:
    """Compare, print the differences, and return 1 where there are any."""
    parser = argparse.ArgumentParser(description="run Slither on the contracts")
    parser.add_argument("--list", action="store_true", help="print every finding whole")
    parser.add_argument("--places", action="store_true", help="print all places, to copy")
    options = parser.parse_args()
    findings = analysed()
    if options.list:
        for finding in sorted(findings, key=lambda item: (item["impact"], item["check"])):
            print(f"{finding['impact']} {finding['check']}: {place(finding)}")
            print(f"    {finding['description'].strip()}\n")
    counts = counted(findings)
    if options.places:
        for (detector, where), times in sorted(counts.items()):
            print(f'{detector}: "{where}{f" x{times}" if times > 1 else ""}",')
    lines = differences(counts, explained(EXPLAINED.read_text(encoding="utf-8")))
    for line in lines:
        print(f"slither: {line}", file=sys.stderr)
    print(f"slither: {len(findings)} findings, {len(lines)} differ from {EXPLAINED.name}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
