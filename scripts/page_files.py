"""Copies the npm files that the browser pages load into `build/pages`.

The lock file pins them. The gateway serves them itself, so no page asks another host for anything.
"""

from __future__ import annotations

import re
import sys

from app.places import NODE_MODULES, PAGE_FILES

FILES = {
    "jsqr.js": "jsqr/dist/jsQR.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
_MAP = re.compile(rb"\n?(//# sourceMappingURL=[^\n]*|/\*# sourceMappingURL=.*?\*/)")


def copy() -> None:
    """Writes each file that is new or has changed, without its source map's address.

    Raises:
        OSError: an npm package is missing.
    """
    PAGE_FILES.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        content = _MAP.sub(b"", (NODE_MODULES / source).read_bytes())
        target = PAGE_FILES / name
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
    for file in PAGE_FILES.iterdir():
        if file.name not in FILES:
            file.unlink()


if __name__ == "__main__":
    try:
        copy()
    except OSError as error:
        sys.exit(f"page_files: {error.filename} is missing: run `make setup`")
