"""Texts of the pages in the languages that they have.

English texts are the message ids. Each area has one catalogue, `locales/<language>/<area>.po`; the
pages read them at the start, uncompiled. `python -m scripts.page_texts` extracts the texts.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

LOCALES = Path(__file__).parent / "locales"
ENGLISH, CHINESE = "en", "zh-Hans"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
#: Keywords by which Babel extracts texts.
KEYWORDS = {"t": None, "mark": None, "nt": (1, 2), "ct": ((1, "c"), 2)}
current: ContextVar[str] = ContextVar("language", default=ENGLISH)
Texts = dict[tuple[str | None, str], tuple[str, ...]]


def mark(text: str) -> str:
    """The text itself; marks it for the catalogue where it is translated later."""
    return text


def t(text: str, **values: object) -> str:
    """The text in the current language, with its `{placeholders}` filled."""
    return _filled(_translated(None, text), values)


def ct(context: str, text: str, **values: object) -> str:
    """The same for a text whose meaning depends on its context."""
    return _filled(_translated(context, text), values)


def nt(singular: str, plural: str, count: int, **values: object) -> str:
    """The same for a text with a number, `{count}`."""
    return _filled(_counted(singular, plural, count), {"count": count, **values})


def t_markup(text: str, **values: object) -> Markup:
    """For templates: the text with escaped values; markup in the values stays."""
    return _filled_markup(_translated(None, text), values)


def ct_markup(context: str, text: str, **values: object) -> Markup:
    """For templates: as `ct`."""
    return _filled_markup(_translated(context, text), values)


def nt_markup(singular: str, plural: str, count: int, **values: object) -> Markup:
    """For templates: as `nt`."""
    return _filled_markup(_counted(singular, plural, count), {"count": count, **values})


def chosen(cookie: str | None, accepted: str) -> str:
    """The language of a request: the one that the person chose, or the browser's first known."""
    if cookie in LANGUAGES:
        return cookie
    for part in accepted.split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return CHINESE
        if tag.startswith("en"):
            return ENGLISH
    return ENGLISH


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**values) if values else text


def _filled_markup(text: str, values: dict[str, object]) -> Markup:
    escaped = escape(text)
    return escaped.format(**values) if values else escaped


def _translated(context: str | None, text: str) -> str:
    return _texts(current.get()).get((context, text), (text,))[0]


def _counted(singular: str, plural: str, count: int) -> str:
    translated = _texts(current.get()).get((None, singular))
    if translated is not None:
        return translated[0]  # Chinese has one form
    return singular if count == 1 else plural


@cache
def _texts(language: str) -> Texts:
    texts: Texts = {}
    folder = LOCALES / language.replace("-", "_")
    for file in sorted(folder.glob("*.po")) if folder.is_dir() else ():
        for message in catalogue(file):
            key, *_ = together(message.id)
            forms = together(message.string)
            if key and all(forms) and not message.fuzzy:
                texts[message.context, key] = forms
    return texts


def together(text: Any) -> tuple[str, ...]:
    """The forms of a text: one, or one for each plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def catalogue(file: Path) -> Catalog:
    """The catalogue in a `.po` file."""
    with file.open("rb") as stream:
        return read_po(stream)
