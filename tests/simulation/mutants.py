"""Faults put into the gateway on purpose: does the simulation find each of them?

`make simulate-mutants` copies the tree, puts one fault in at a time, plays a kept scenario or seeds
until something does not hold, and says what was found with which.

Usage: python -m tests.simulation.mutants [--seeds N] [--seconds S] [--only TEXT]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from scripts.compile import ROOT

DATA = Path(__file__).with_name("mutants.toml")
ENDS_WITHIN = 900  # seconds for all of one fault's runs
COPIED = ("app", "scripts", "tests", "docs", "rules", "scorecards", "contracts")


def mutants() -> list[dict[str, str]]:
    """The faults as data: name, file, text, replacement."""
    listed: list[dict[str, str]] = tomllib.loads(DATA.read_text())["mutant"]
    return listed


def copy_of_the_tree(folder: Path) -> None:
    """What a run needs; environments and artifacts are the tree's own."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    (folder / "build").mkdir()
    (folder / "build/contracts").symlink_to(ROOT / "build/contracts")


def found_by(mutant: dict[str, str], *, seeds: int, seconds: float) -> str | None:
    """The first thing that did not hold, with its scenario or seed.

    None if all held, or if time ran out.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_the_tree(folder)
        path = folder / mutant["file"]
        source = path.read_text()
        if source.count(mutant["text"]) != 1:
            raise SystemExit(f"{mutant['name']}: its text is not in {mutant['file']} just once")
        path.write_text(source.replace(mutant["text"], mutant["replacement"]))
        until = time.monotonic() + seconds
        for arguments in _runs(mutant, seeds):
            try:
                ended = subprocess.run(
                    [sys.executable, "-m", "tests.simulation", *arguments],
                    cwd=folder,
                    env=os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": name},
                    capture_output=True,
                    text=True,
                    timeout=max(until - time.monotonic(), 1.0),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return None
            if ended.returncode:
                return _first(ended.stdout) or ended.stderr[-300:]
    return None


def _runs(mutant: dict[str, str], seeds: int) -> list[list[str]]:
    """What is played, one after another.

    That is the fault's own scenario, or seeds with faults of the kinds that can reveal it.
    """
    if "scenario" in mutant:
        return [["--scenario", mutant["scenario"]]]
    return [["--seeds", str(seeds), "--kinds", mutant.get("kinds", ""), "--stop"]]


def _first(text: str) -> str:
    lines = text.splitlines()
    for place, line in enumerate(lines[:-1]):
        if line.startswith("seed ") and lines[place + 1].startswith("    "):
            problem = lines[place + 1].strip()[:110]
            return f"{line.split(':')[0].removeprefix('seed ')}: {problem}"
    return ""


def main() -> int:
    """Returns 1 if a fault was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=ENDS_WITHIN, help="for each fault")
    parser.add_argument("--only", default="", help="part of a name")
    arguments = parser.parse_args()
    missed = 0
    for mutant in mutants():
        if arguments.only in mutant["name"]:
            failure = found_by(mutant, seeds=arguments.seeds, seconds=arguments.seconds)
            missed += failure is None
            print(f"| {mutant['name']} | {failure or 'NOT FOUND'} |", flush=True)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
