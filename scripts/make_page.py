"""Writes the page of the make targets from the comments in the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = (
    "# Make targets\n\n"
    "`make reference` writes this page from the Makefile; `make help` prints the same.\n"
    "Each target brings what it needs, once.\n"
    "A name in capitals is a variable: `make demo ENGINE=ganache`.\n"
)
_TARGET = re.compile(r"^([a-z-]+):[^#\n]*## (.+)$", re.MULTILINE)


def page(makefile: Path) -> str:
    """The page as Markdown: one row a target, in the order of the Makefile."""
    lines = [_HEAD, "| target | what it does |", "| --- | --- |"]
    for target, words in _TARGET.findall(makefile.read_text(encoding="utf-8")):
        meaning = words.replace("|", "\\|")
        lines.append(f"| `make {target}` | {meaning} |")
    return "\n".join(lines) + "\n"
