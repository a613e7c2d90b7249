"""Runs a guide as its reader would: its bash blocks, in order, in one session.

A guide becomes a script with the same line numbers: lines outside its bash blocks are blank. The
script runs after the tutorial's session, with `set -Eeuo pipefail`; what fails is told with guide
and line. A block that opens with "```bash skip: reason" is not run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = "docs/tutorial/sell-a-claim.md"
# Guides that go on from the whole of the tutorial, and not from its first block only.
AFTER_ALL = ("docs/guides/auditor.md",)
OPENING = re.compile(r"```bash(?: skip: (?P<reason>.+))?")
TRAP = """
tell() {
  local status=$1 command=$2 depth line=
  for ((depth = 0; depth + 1 < ${#BASH_SOURCE[@]}; depth++)); do
    if [[ ${BASH_SOURCE[depth + 1]} == "$GUIDE" ]]; then line=${BASH_LINENO[depth]}; break; fi
  done
  echo "$GUIDE_NAME:${line:-session}: status $status: $command" >&2
}
trap 'tell $? "$BASH_COMMAND"' ERR
"""


@dataclasses.dataclass(frozen=True)
class Skip:
    """A block that is not run.

    Attributes:
        line: of its opening fence.
    """

    line: int
    reason: str


@dataclasses.dataclass(frozen=True)
class Guide:
    """A guide's blocks.

    Attributes:
        script: the runnable lines, each in the line where the guide has it.
        first: the end (a line's index) of the first runnable block.
    """

    script: str
    skips: list[Skip]
    first: int


def read_guide(text: str) -> Guide:
    """Takes a guide's bash blocks out.

    Raises:
        ValueError: a block does not end, or another word follows `bash`.
    """
    lines, skips, first = [], [], 0
    fence: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        open_block = ""
        if fence is None and line.startswith("```"):
            fence = line
            opening = OPENING.fullmatch(line)
            if opening is None and line.startswith("```bash"):
                raise ValueError(f"line {number}: {line!r} is neither ```bash nor ```bash skip: …")
            if opening is not None and opening["reason"]:
                skips.append(Skip(number, opening["reason"]))
        elif line == "```":
            if fence == "```bash":
                first = first or number
            fence = None
        elif fence == "```bash":
            open_block = line
        lines.append(open_block)
    if fence is not None:
        raise ValueError(f"the block {fence} does not end")
    return Guide("\n".join(lines) + "\n", skips, first)


def workplace(folder: Path) -> Path:
    """A folder that looks like a clone, with a `build` of its own.

    So a gateway that the developer serves keeps its `build/serve.json`.
    """
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in ("build", ".git"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    for entry in (ROOT / "build").iterdir():
        if not entry.name.startswith("serve"):
            (folder / "build" / entry.name).symlink_to(entry)
    return folder


def run_guide(name: str, *, folder: Path, scratch: Path, seconds: float) -> str:
    """Runs a guide (a path within the project) in a workplace; what it printed.

    Raises:
        AssertionError: a command failed; the message has guide, line and what was printed.
    """
    guide = read_guide((ROOT / name).read_text(encoding="utf-8"))
    scratch.mkdir(parents=True, exist_ok=True)
    session, script = scratch / "session.sh", scratch / "guide.sh"
    tutorial = read_guide((ROOT / TUTORIAL).read_text(encoding="utf-8"))
    lines = tutorial.script.splitlines()
    session.write_text("\n".join(lines if name in AFTER_ALL else lines[: tutorial.first]) + "\n")
    script.write_text(guide.script)
    sources = [script] if name == TUTORIAL else [session, script]
    words = "".join(f"source '{source}'\n" for source in sources)
    output = scratch / "output.txt"
    with output.open("wb") as file:  # no pipe: what a guide left running would hold it open
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", f"set -Eeuo pipefail\n{TRAP}\n{words}"],
            cwd=folder,
            env={**os.environ, "GUIDE": str(script), "GUIDE_NAME": name, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ended = f"ended with {process.wait(seconds)}"
    except subprocess.TimeoutExpired:
        ended = f"did not end in {seconds:g} s"
    finally:
        _end_group(process)
    printed = output.read_text(encoding="utf-8", errors="replace")
    assert process.returncode == 0, f"{name} {ended}\n{printed[-6000:]}"
    return printed


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the session, and what it started and did not end."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
