"""Builds the docs as a static site into build/site, and checks that it asks no other host.

A link or an anchor that leads nowhere fails the build, and so does a page that is in no menu.

Usage: build/docs-venv/bin/python -m scripts.docs_site
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "site"
HOME = "docs/README.html"
_INDEX = f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Cession</title>
<meta http-equiv="refresh" content="0; url={HOME}">
<p><a href="{HOME}">Documentation</a></p>
</html>
"""
# What a browser loads by itself. The links that a reader follows (`a`) may lead anywhere.
_LOADED = {"script", "link", "img", "iframe", "source", "video", "audio", "object", "embed"}
_FOREIGN = ("http:", "https:", "//")


class _Loads(HTMLParser):
    """Collects the addresses that a page makes a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOADED:
            names = ("src", "href", "srcset", "data")
            self.addresses += [value for name, value in attrs if name in names and value]


def foreign_loads(html: str) -> list[str]:
    """The addresses on other hosts that a page loads."""
    page = _Loads()
    page.feed(html)
    return [address for address in page.addresses if address.strip().startswith(_FOREIGN)]


def foreign_imports(style: str) -> list[str]:
    """The addresses on other hosts that a style sheet loads."""
    parts = style.replace("'", '"').replace('"', "").split("url(")[1:]
    parts += style.split("@import")[1:]
    addresses = [part.strip(" \"'(").partition(")")[0] for part in parts]
    return [address for address in addresses if address.startswith(_FOREIGN)]


def faults(site: Path) -> Iterator[str]:
    """Each page or style sheet that loads something from another host."""
    for file in sorted(site.rglob("*")):
        check = {".html": foreign_loads, ".css": foreign_imports}.get(file.suffix)
        if check is not None:
            for address in check(file.read_text(encoding="utf-8")):
                yield f"{file.relative_to(site)}: loads {address}"


def build() -> int:
    """Builds and checks the site; returns the exit status."""
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-b", "html", "-W", "--keep-going"]
    command += ["-c", str(ROOT / "docs/site"), "-d", str(ROOT / "build/docs-cache")]
    status = subprocess.run([*command, str(ROOT), str(SITE)], check=False).returncode
    if status:
        return status
    (SITE / "index.html").write_text(_INDEX, encoding="utf-8")
    foreign = list(faults(SITE))
    for fault in foreign:
        print(f"docs: {fault}", file=sys.stderr)
    if not foreign:
        print(f"docs: {SITE.relative_to(ROOT)}/index.html")
    return 1 if foreign else 0


if __name__ == "__main__":
    sys.exit(build())
