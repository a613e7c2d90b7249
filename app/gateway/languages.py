"""Texts of files and pages in the languages that they have.

English texts are the message ids. A folder of catalogues has a file for each area,
`<language>/<area>.po`, read at the start, uncompiled: `locales/` here has the texts of files that
people download, the sentences of answers (`app.gateway.said`) and names in words (`names.po`), and
the pages add theirs.
`python -m scripts.page_texts` extracts the texts.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from fastapi import Depends, Request
from markupsafe import Markup, escape

from app.domain.texts import mark as mark

LOCALES = Path(__file__).parent / "locales"
ENGLISH, CHINESE = "en", "zh-Hans"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
#: Keywords by which Babel extracts texts.
KEYWORDS = {"t": None, "mark": None, "nt": (1, 2), "ct": ((1, "c"), 2)}
#: Context of names of the API and of the ledger in words, which `names.po` has.
NAME = "name"
#: Formats of answers that people read; a program reads the others, in English.
FOR_PEOPLE = frozenset(("pdf", "svg", "xlsx"))
current: ContextVar[str] = ContextVar("language", default=ENGLISH)
Texts = dict[tuple[str | None, str], tuple[str, ...]]
_folders = [LOCALES]


def add_catalogues(folder: Path) -> None:
    """Adds a folder of catalogues; its texts come before those of the folders before it."""
    if folder not in _folders:
        _folders.append(folder)
        _texts.cache_clear()
        texts_of.cache_clear()


def t(text: str, **values: object) -> str:
    """The text in the current language, with its `{placeholders}` filled."""
    return _filled(translated(None, text), values)


def ct(context: str, text: str, **values: object) -> str:
    """The same for a text whose meaning depends on its context."""
    return _filled(translated(context, text), values)


def nt(singular: str, plural: str, count: int, **values: object) -> str:
    """The same for a text with a number, `{count}`."""
    return nct(None, singular, plural, count, **values)


def nct(context: str | None, singular: str, plural: str, count: int, **values: object) -> str:
    """The same for a text with a number and a context."""
    return _filled(_counted(context, singular, plural, count), {"count": count, **values})


def t_markup(text: str, **values: object) -> Markup:
    """For templates: the text with escaped values; markup in the values stays."""
    return _filled_markup(translated(None, text), values)


def ct_markup(context: str, text: str, **values: object) -> Markup:
    """For templates: as `ct`."""
    return _filled_markup(translated(context, text), values)


def nt_markup(singular: str, plural: str, count: int, **values: object) -> Markup:
    """For templates: as `nt`."""
    return _filled_markup(_counted(None, singular, plural, count), {"count": count, **values})


def translated(context: str | None, text: str) -> str:
    """The text in the current language, with its places unfilled."""
    return _texts(current.get()).get((context, text), (text,))[0]


def chosen(cookie: str | None, accepted: str) -> str:
    """The language of a request: the one that the person chose, or the best that it accepts."""
    return cookie if cookie in LANGUAGES else preferred(accepted)


def preferred(accepted: str) -> str:
    """The language that an `Accept-Language` (RFC 9110) prefers of those that there are."""
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, parameter = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        language = {"zh": CHINESE, "en": ENGLISH, "*": ENGLISH}.get(name)
        weight = _weight(parameter)
        if language is not None and weight > 0:
            ranked.append((weight, language))
    return max(ranked, key=lambda item: item[0])[1] if ranked else ENGLISH


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


async def _speak(request: Request) -> None:
    for_people = request.query_params.get("format") in FOR_PEOPLE
    accepted = request.headers.get("accept-language", "")
    current.set(preferred(accepted) if for_people else ENGLISH)


#: For endpoints that answer files: the current language is that of the file.
SPEAKS = Depends(_speak)


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**values) if values else text


def _filled_markup(text: str, values: dict[str, object]) -> Markup:
    escaped = escape(text)
    return escaped.format(**values) if values else escaped


def _counted(context: str | None, singular: str, plural: str, count: int) -> str:
    translated = _texts(current.get()).get((context, singular))
    if translated is not None:
        return translated[0]  # Chinese has one form
    return singular if count == 1 else plural


@cache
def texts_of(language: str, context: str) -> frozenset[str]:
    """The English texts of a context that a language has."""
    return frozenset(key for of, key in _texts(language) if of == context)


@cache
def _texts(language: str) -> Texts:
    texts: Texts = {}
    name = language.replace("-", "_")
    for file in [file for folder in _folders for file in sorted((folder / name).glob("*.po"))]:
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
