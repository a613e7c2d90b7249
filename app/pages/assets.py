"""Files that pages load: named by their content, so that browsers keep them for good."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import NotFound
from app.places import PAGE_FILES

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
router = APIRouter(include_in_schema=False)


class Asset(msgspec.Struct, frozen=True):
    """One file, plain and compressed."""

    address: str
    kind: str
    plain: bytes
    compressed: bytes


@cache
def assets() -> dict[str, Asset]:
    """All assets by their file's name."""
    files = [file for folder in (PAGE_FILES, STATIC) for file in sorted(folder.glob("*.*"))]
    return {file.name: _asset(file) for file in files if file.suffix in KINDS}


def _asset(file: Path) -> Asset:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    address = f"/app/assets/{file.stem}.{digest}{file.suffix}"
    return Asset(address, KINDS[file.suffix], content, gzip.compress(content, 9, mtime=0))


def asset(name: str) -> str:
    """The address of a file, such as `asset("app.css")`."""
    return assets()[name].address


@router.get("/app/assets/{name}")
async def file(name: str, request: Request) -> Response:
    """One file that a page loads."""
    address = f"/app/assets/{name}"
    for item in assets().values():
        if item.address == address:
            headers = {
                "Cache-Control": "public, max-age=31536000, immutable",
                "Vary": "Accept-Encoding",
            }
            content = item.plain
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                content = item.compressed
            return Response(content, media_type=item.kind, headers=headers)
    raise NotFound(f"there is no file {name[:80]}", name="asset-unknown")
