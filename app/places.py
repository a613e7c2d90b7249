"""Where files lie that are not Python's: in a checkout, and in an installed package.

The wheel carries what the gateway reads under `app/data`, laid out as in the repository, so that
one path leads to a file either way. An installed package writes nothing beside itself: what is
written, and what npm brings, lies in the working folder.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CARRIED = PACKAGE / "data"
INSTALLED = _CARRIED.is_dir()
#: What is read: the repository, or what the package carries of it.
ROOT = _CARRIED if INSTALLED else PACKAGE.parent
#: What is written, and where npm's packages are.
WORK = Path() if INSTALLED else ROOT
ARTIFACTS = ROOT / "build" / "contracts"
CATALOGUE = ROOT / "products.yaml"
LEGAL_TEXT = "docs/legal/terms.md"
DEMO_INVOICE = ROOT / "samples" / "demo" / "invoice.xml"
RECORDS = WORK / "deployments"
LOGS = WORK / "build" / "logs"
NODE_MODULES = WORK / "node_modules"
NODE_FOLDER = WORK / "build" / "node" / "bin"


def text_of(name: str) -> Path:
    """The file of a text that settings name: ours, else the working folder's."""
    ours = ROOT / name
    return ours if ours.exists() else Path(name)


def to_bring(command: str) -> str:
    """What to run for a program that is missing: `make setup` in a checkout, else the command."""
    return command if INSTALLED else "run `make setup`"
