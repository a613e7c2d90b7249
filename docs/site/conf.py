"""How Sphinx builds the site of `make docs`: the pages stand as they are in the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
HERE = "docs/README"
# The site's menu: a caption, then pages or patterns.
MENU: dict[str, tuple[str, ...]] = {
    "Start": ("What it is </README>", "docs/tutorial/*"),
    "Guides": (
        "docs/guides/README",
        "docs/guides/pages",
        "docs/guides/gallery",
        "docs/guides/supplier",
        "docs/guides/buyer",
        "docs/guides/bank",
        "docs/guides/warehouse",
        "docs/guides/appraiser",
        "docs/guides/rater",
        "docs/guides/risk-officer",
        "docs/guides/auditor",
        "docs/guides/operator",
        "docs/guides/deployment",
        "docs/guides/operations",
        "docs/guides/incident",
        "samples/README",
    ),
    "Reference": (
        "docs/reference/README",
        "docs/reference/conventions",
        "clients/python/README",
        "clients/typescript/README",
        "docs/reference/evidence-files",
        "docs/reference/*",
        "docs/legal/*",
    ),
    "Explanation": (
        "docs/explanation/README",
        "docs/explanation/architecture",
        "contracts/README",
        "docs/explanation/*",
        "docs/explanation/decisions/README",
    ),
    "Project": ("CHANGELOG", "CONTRIBUTING", "SECURITY"),
}
DECISIONS = "docs/explanation/decisions/README"

project = "Cession"
root_doc = HERE
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "clients/*/README.md",
    "contracts/README.md",
    "samples/README.md",
    "docs/**.md",
]
exclude_patterns = ["build", "node_modules", "app", "tests"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_fence_as_directive = {"mermaid"}
suppress_warnings = ["misc.highlighting_failure"]  # examples with `…` in them

html_theme = "furo"
html_title = "Cession"
html_css_files = ["site.css"]
html_static_path = ["static", str(ROOT / "build/docs-node/node_modules/@mermaid-js/tiny/dist")]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False


class Mermaid(Directive):
    """A figure that the browser draws from its text, by the script that the site brings along."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The figure's text, escaped, in an element that the script draws."""
        text = nodes.Text("\n".join(self.content)).astext()
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(character, entity)
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html")]


def _add_menu(app: Sphinx, name: str, source: list[str]) -> None:
    """The pages have no directives, so that they read well anywhere: the menu is added here."""
    if name == HERE:
        for caption, pages in MENU.items():
            source[0] += _toctree(pages, f":caption: {caption}\n")
    if name == DECISIONS:
        source[0] += _toctree(("docs/explanation/decisions/0*",))


def _toctree(pages: tuple[str, ...], options: str = "") -> str:
    entries = "\n".join(page if "<" in page else f"/{page}" for page in pages)
    return f"\n\n```{{toctree}}\n:hidden:\n:glob:\n{options}\n{entries}\n```\n"


def _add_figures(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Only pages with a figure load the script that draws it."""
    if doctree is not None and any(
        'class="mermaid"' in raw.astext() for raw in doctree.findall(nodes.raw)
    ):
        app.add_js_file("mermaid.tiny.js")
        app.add_js_file("figures.js")


def setup(app: Sphinx) -> None:
    """Registers what the lines above name."""
    app.add_directive("mermaid", Mermaid)
    app.connect("source-read", _add_menu)
    app.connect("html-page-context", _add_figures)
