"""Paths of files other than Python's: in a checkout, and in an installed package.

The wheel has the files that the gateway reads under `app/data`, laid out as in the repository, so
one path works in both. An installed package writes nothing beside itself: files that are written,
and npm's packages, are in the working folder.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CARRIED = PACKAGE / "data"
INSTALLED = _CARRIED.is_dir()
#: Files that are read: the repository, or the package's copies.
ROOT = _CARRIED if INSTALLED else PACKAGE.parent
#: Files that are written, and npm's packages.
WORK = Path() if INSTALLED else ROOT
ARTIFACTS = ROOT / "build" / "contracts"
PAGE_FILES = ROOT / "build" / "pages"
CATALOGUE = ROOT / "products.yaml"
TRADE_CARD = ROOT / "scorecards" / "trade.yaml"
LEGAL_TEXT = "docs/legal/terms.md"
DEMO_INVOICE = ROOT / "samples" / "demo" / "invoice.xml"
RECORDS = WORK / "deployments"
LOGS = WORK / "build" / "logs"
NODE_MODULES = WORK / "node_modules"
NODE_FOLDER = WORK / "build" / "node" / "bin"


def text_of(name: str) -> Path:
    """The file of a text that a setting names: the project's own, or one in the working folder."""
    ours = ROOT / name
    return ours if ours.exists() else Path(name)


def to_bring(command: str) -> str:
    """How to install a missing program: `make setup` in a checkout, otherwise the command."""
    return command if INSTALLED else "run `make setup`"
