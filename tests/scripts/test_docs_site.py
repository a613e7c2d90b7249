"""Every link of the docs resolves, and the site loads nothing from other hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.docs_site import ROOT, faults, foreign_imports, foreign_loads

LINK = re.compile(r"\]\(([^)\s]*)\)")


def pages() -> list[Path]:
    """Every page of the repository."""
    folders = ("*.md", "docs/**/*.md", "clients/*/*.md", "contracts/**/*.md", "samples/**/*.md")
    return [page for pattern in folders for page in ROOT.glob(pattern)]


def prose(page: Path) -> Iterator[str]:
    """The lines outside of blocks of code."""
    fenced = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield line


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges and the site make them."""
    anchors: Counter[str] = Counter()
    names = set()
    for line in prose(page):
        heading = re.fullmatch(r"#+ (.+)", line)
        if heading:
            text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).strip().lower()
            name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            names.add(f"{name}-{anchors[name]}" if anchors[name] else name)
            anchors[name] += 1
    return names


def broken(page: Path) -> Iterator[str]:
    for line in prose(page):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                yield f"{page.relative_to(ROOT)}: no file {target}"
            elif anchor and anchor not in anchors(file):
                yield f"{page.relative_to(ROOT)}: no heading {target}"


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    assert len(pages()) > 50
    assert [fault for page in pages() for fault in broken(page)] == []


def test_the_link_check_names_a_file_and_a_heading_that_are_not_there() -> None:
    page = ROOT / "build" / "links.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](none.md) [d](https://example.com)\n")
    try:
        assert list(broken(page)) == [
            "build/links.md: no heading #two",
            "build/links.md: no file none.md",
        ]
    finally:
        page.unlink()


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/x.css">',
        '<img src="http://pixel.example/x.png">',
    ],
)
def test_a_page_that_loads_from_another_host_is_found(tag: str) -> None:
    assert len(foreign_loads(f"<html><body>{tag}</body></html>")) == 1


def test_a_link_that_a_reader_follows_may_lead_anywhere() -> None:
    page = '<a href="https://example.com">x</a><img src="a.png"><link href="_static/a.css">'
    assert foreign_loads(page) == []


@pytest.mark.parametrize(
    "style",
    [
        "@font-face { src: url(https://fonts.example/x.woff2) }",
        "@import 'https://fonts.example/x.css';",
        '@import url("//fonts.example/x.css");',
    ],
)
def test_a_style_sheet_that_loads_from_another_host_is_found(style: str) -> None:
    assert foreign_imports(style)
    assert not foreign_imports("a { background: url(image.png); content: 'https://x' }")


def test_faults_name_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<script src="https://cdn.example/x.js"></script>')
    (tmp_path / "b.html").write_text('<script src="x.js"></script>')
    assert list(faults(tmp_path)) == ["a.html: loads https://cdn.example/x.js"]
