"""Printed pages: one font embedded in the PDF, and the style of tables.

The font is WenQuanYi Micro Hei: Latin, Greek and Cyrillic letters, Chinese in both scripts (the
20,902 characters of Unicode's first block), Japanese kana and Korean syllables. A PDF embeds the
characters that it uses, so it prints alike everywhere. The font states that it is under the Apache
License 2.0; it comes in a package of its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Any, cast
from xml.sax.saxutils import escape

import msgspec
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from app.gateway.file_texts import t

FONT = "WenQuanYiMicroHei"
_MARGIN = 28
_FONT_LOCK = Lock()  # a loaded font has one read position
_GRID: list[tuple[Any, ...]] = [
    ("FONT", (0, 0), (-1, -1), FONT, 7),
    ("LINEBELOW", (0, 0), (-1, 0), 0.7, "black"),
    ("LINEBELOW", (0, 1), (-1, -1), 0.2, "grey"),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


@cache
def _font() -> TTFont:
    with as_file(files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc") as path:
        font = TTFont(FONT, str(path), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return font


def printable(text: str) -> str:
    """The text, with characters that the font cannot draw written as `[U+0E44]`."""
    if text.isascii() and text.isprintable():
        return text
    known = _font().face.charToGlyph
    return "".join(
        letter if ord(letter) in known and letter.isprintable() else f"[U+{ord(letter):04X}]"
        for letter in text
    )


class Section(msgspec.Struct, frozen=True):
    """A further table of a page, with a title and notes above it; see `pdf`."""

    title: str
    notes: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int]


def pdf(
    *,
    title: str,
    facts: Sequence[tuple[str, str]],
    notes: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Sequence[int],
    more: Sequence[Section] = (),
) -> bytes:
    """A PDF in landscape A4: title, facts, notes, and tables with their headers on each page.

    Args:
        facts: names and values of what the tables are about.
        words: places of the columns that are text; the others are numbers, aligned right.
        more: tables after the first one.
    """
    with _FONT_LOCK:
        return _built(title, facts, [Section(title, notes, columns, rows, words), *more])


def _built(title: str, facts: Sequence[tuple[str, str]], sections: Sequence[Section]) -> bytes:
    _font()
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=8, leading=11, wordWrap="CJK")
    heading = ParagraphStyle("heading", parent=plain, fontSize=13, leading=18)
    subheading = ParagraphStyle("subheading", parent=plain, fontSize=10, leading=18)
    fact_table = Table(
        [[printable(name), Paragraph(escape(printable(text)), plain)] for name, text in facts],
        colWidths=[130, None],
        style=[
            ("FONT", (0, 0), (0, -1), FONT, 8),
            ("TEXTCOLOR", (0, 0), (0, -1), "#555555"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ],
    )
    parts: list[Flowable] = [Paragraph(escape(printable(title)), heading), fact_table, Spacer(1, 6)]
    for place, section in enumerate(sections):
        if place:
            parts += [Spacer(1, 12), Paragraph(escape(printable(section.title)), subheading)]
        parts += [Paragraph(escape(printable(note)), plain) for note in section.notes]
        parts += [Spacer(1, 8), _table(section)]
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        title=title,
        invariant=1,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 10,
    )
    document.build(parts, onFirstPage=_number_page, onLaterPages=_number_page)
    return target.getvalue()


def _table(section: Section) -> Table:
    cells = [[printable(cell) for cell in row] for row in (section.columns, *section.rows)]
    numbers = [place for place in range(len(section.columns)) if place not in section.words]
    right: list[tuple[Any, ...]] = [
        ("ALIGN", (place, 0), (place, -1), "RIGHT") for place in numbers
    ]
    style = TableStyle(cast(Any, [*_GRID, *right]))
    return Table(cells, repeatRows=1, hAlign="LEFT", style=style)


def _number_page(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(FONT, 7)
    canvas.drawRightString(
        document.pagesize[0] - _MARGIN, _MARGIN - 8, t("page {number}", number=document.page)
    )
