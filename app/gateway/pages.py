"""/, /docs, /assets: pages for people. The gateway itself serves everything that they load.

The files of Swagger UI come with the package fastapi-offline, pinned by the lock file. No page has
an inline script or style, so the content policy allows none.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from app import __version__
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.views import json_response

router = APIRouter(include_in_schema=False)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_BUNDLED = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
_LINKS = {
    "pages": ("/app", "Pages for the browser: sign in and work"),
    "documentation": ("/docs", "Every endpoint with its bodies, to try out"),
    "description": ("/openapi.json", "The same for programs (OpenAPI 3.1)"),
    "ready": ("/readyz", "Whether the gateway can do its work, check by check"),
    "metrics": ("/metrics", "Prometheus metrics"),
}
_STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem;
  color: #1b1f24; background: #fff; }
h1 { margin-bottom: 0; }
dt { margin-top: 1rem; font-weight: 600; }
dd { margin: 0; }
code { background: #eef0f2; padding: 0 .25rem; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8ea; background: #16191d; }
  a { color: #8ab4f8; }
  code { background: #2a2f36; }
}
"""
_START = """\
window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    validatorUrl: null,
    persistAuthorization: false,
  });
};
"""
_ICON = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="6" fill="#1b3a5b"/>
<path d="M22 11a8 8 0 1 0 0 10" fill="none" stroke="#fff" stroke-width="4"/>
</svg>
"""
_OWN = {
    "icon.svg": ("image/svg+xml", _ICON),
    "page.css": ("text/css", _STYLE),
    "docs.js": ("text/javascript", _START),
}


@router.get("/")
async def landing(accept: Annotated[str, Header()] = "") -> Response:
    """What this is and where to go next; JSON for callers who accept that."""
    if "application/json" in accept and "text/html" not in accept:
        links = {name: path for name, (path, _) in _LINKS.items()}
        return json_response({"name": "Cession", "version": __version__} | links)
    entries = "\n".join(
        f'<dt><a href="{path}">{path}</a></dt>\n<dd>{escape(words)}.</dd>'
        for path, words in _LINKS.values()
    )
    return _page(
        "Cession",
        f"""\
<main>
<h1>Cession</h1>
<p>A financing ledger, version {escape(__version__)}. This is its gateway.</p>
<dl>
{entries}
</dl>
<p>Requests below <code>/v1/</code> need a key in the header <code>X-API-Key</code>, or a bearer
token where the operator has set that up. The operator or the registrar gives out keys.</p>
</main>""",
        '<link rel="stylesheet" href="/assets/page.css">',
    )


@router.get("/docs")
async def documentation() -> Response:
    """The API's description as pages to try requests on."""
    return _page(
        "Cession: the API",
        '<div id="swagger-ui"><noscript>This page needs JavaScript; '
        '<a href="/openapi.json">/openapi.json</a> says the same.</noscript></div>',
        '<link rel="stylesheet" href="/assets/swagger-ui.css">\n'
        '<script src="/assets/swagger-ui-bundle.js"></script>\n'
        '<script src="/assets/docs.js"></script>',
    )


@router.get("/assets/{name}")
def asset(name: str) -> Response:
    """One file that a page loads."""
    file = _asset(name)
    if file is None:
        raise NotFound(say("there is no file {name}", name=name[:80]), name="asset-unknown")
    kind, content = file
    headers = {"Cache-Control": "public, max-age=3600", "Content-Security-Policy": POLICY}
    return Response(content, media_type=kind, headers=headers)


@cache
def _bundled(name: str) -> bytes:
    content = (files("fastapi_offline") / "static" / name).read_bytes()
    # A browser would request a source map that the gateway does not serve.
    return re.sub(rb"\n?(//# sourceMappingURL=[^\n]*|/\*# sourceMappingURL=.*?\*/)", b"", content)


def _asset(name: str) -> tuple[str, bytes] | None:
    if name in _OWN:
        kind, text = _OWN[name]
        return kind, text.encode()
    if name in _BUNDLED:
        return _BUNDLED[name], _bundled(name)
    return None


def _page(title: str, body: str, head: str) -> Response:
    text = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="/assets/icon.svg">
{head}
</head>
<body>
{body}
</body>
</html>
"""
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": POLICY})
