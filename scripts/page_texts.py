"""Extracts the texts of pages and files into the catalogue of each area.

Texts of `templates/<area>/` and `views/<area>.py` go into `<area>.po`, all others of the pages into
`frame.po`; texts of descriptions of what a wallet signs go into `signing.po`, and names of the
API and of events into `names.po` of the gateway. Texts of the layers
below the pages go into `files.po` beside it: they stand in files that people download, and
have a context of their own. Sentences of answers, such as problems, go into `answers.po` beside it
(`scripts/answer_texts.py`). A text that `frame.po` has is not repeated. Translations that exist
stay; texts that the code has no more go. `python -m scripts.page_texts` writes; with `--check` it
only reports.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from app.clear_signing.texts import all_texts
from app.gateway import languages as gateway_languages
from app.gateway.file_texts import CONTEXT
from app.gateway.languages import NAME
from app.gateway.naming import plain
from app.gateway.said import CONTEXT as ANSWER
from app.pages import names
from app.pages.languages import ENGLISH, KEYWORDS, LANGUAGES, LOCALES, catalogue, together
from scripts import answer_texts

PAGES = LOCALES.parent
APP = PAGES.parent
FRAME, FILES, SIGNING, ANSWERS, NAMES = "frame", "files", "signing", "answers", "names"
TEXTS_OF_DESCRIPTIONS = "app/clear_signing/texts.py"
#: Modules below the pages mark texts only with functions of these modules.
SOURCES = ("from app.gateway.file_texts import", "from app.domain.texts import")
TextPlace = tuple[str, int, Any, str | None]


def area_of(file: Path) -> str:
    """The area to which a file of the pages belongs."""
    parts = file.relative_to(PAGES).parts
    if parts[0] == "templates" and len(parts) > 2 and parts[1] != "parts":  # noqa: PLR2004 (a folder)
        return parts[1]
    if parts[0] == "views" and parts[1] != "__init__.py":
        return parts[1].removesuffix(".py")
    return FRAME


def messages(file: Path) -> Iterator[TextPlace]:
    """The texts of one file: place, line, id and context."""
    with file.open("rb") as stream:
        if file.suffix == ".html":
            options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            lines = babel_extract(stream, list(KEYWORDS), (), options)
            for line, keyword, text, _ in lines:
                if text is None or (isinstance(text, tuple) and text[0] is None):
                    continue  # a value, which its own place marks
                yield file.relative_to(APP.parent).as_posix(), line, *_identified(keyword, text)
        else:
            for line, text, _, context in extract("python", stream, keywords=KEYWORDS):
                yield file.relative_to(APP.parent).as_posix(), line, text, context


def _identified(keyword: str | None, text: Any) -> tuple[Any, str | None]:
    parts = (text,) if isinstance(text, str) else tuple(part for part in text if part)
    if keyword == "ct":
        return parts[1], parts[0]
    return (parts[:2] if keyword == "nt" else parts[0]), None


def extracted() -> dict[str, Catalog]:
    """The texts of each area, without translations."""
    files = [*sorted(PAGES.rglob("*.py")), *sorted((PAGES / "templates").rglob("*.html"))]
    catalogues: dict[str, Catalog] = {FRAME: Catalog(fuzzy=False)}
    for file in files:
        area = catalogues.setdefault(area_of(file), Catalog(fuzzy=False))
        for place, _, text, context in messages(file):
            area.add(text, locations=[(place, 1)], context=context)
    signing = catalogues.setdefault(SIGNING, Catalog(fuzzy=False))
    for text in all_texts():
        signing.add(text, locations=[(TEXTS_OF_DESCRIPTIONS, 1)])
    frame = catalogues[FRAME]
    for name, area in catalogues.items():
        if name != FRAME:
            for message in list(area):
                if message.id and frame.get(message.id, message.context):
                    area.delete(message.id, message.context)
    catalogues[NAMES] = _names()
    catalogues[FILES] = _texts_of_files()
    catalogues[ANSWERS] = _texts_of_answers()
    return {name: area for name, area in catalogues.items() if len(area)}


def _texts_of_files() -> Catalog:
    texts = Catalog(fuzzy=False)
    for file in sorted(APP.rglob("*.py")):
        if PAGES in file.parents or not any(source in file.read_text() for source in SOURCES):
            continue
        for place, _, text, context in messages(file):
            texts.add(text, locations=[(place, 1)], context=context or CONTEXT)
    return texts


def _names() -> Catalog:
    """Names of the API, and of the events and their values."""
    texts = Catalog(fuzzy=False)
    for code in names.CODES:
        texts.add(plain(code), locations=[("app/pages/names.py", 1)], context=NAME)
    for file in sorted((APP.parent / "build" / "contracts").glob("*.json")):
        for event in json.loads(file.read_text())["abi"]:
            if event["type"] == "event":
                for name in (event["name"], *_values_of(event["inputs"])):
                    words = plain(name)
                    texts.add(words, locations=[("contracts", 1)], context=NAME)
    return texts


def _values_of(inputs: list[Any]) -> Iterator[str]:
    for item in inputs:
        yield item["name"]
        yield from _values_of(item.get("components", []))


def _texts_of_answers() -> Catalog:
    texts = Catalog(fuzzy=False)
    for file, text in answer_texts.texts():
        texts.add(text, locations=[(file, 1)], context=ANSWER)
    return texts


def written(language: str, area: str, texts: Catalog) -> str:
    """The catalogue's text, with the translations that its file has."""
    file = path_of(language, area)
    before = catalogue(file) if file.exists() else Catalog()
    fresh = Catalog(locale=language.replace("-", "_"), fuzzy=False, header_comment="")
    for message in texts:
        if not message.id:
            continue
        known = before.get(message.id, message.context)
        string: Any = known.string if known is not None and not known.fuzzy else ""
        fresh.add(message.id, string, locations=message.locations, context=message.context)
    stream = BytesIO()
    write_po(stream, fresh, omit_header=True, sort_by_file=True, width=100, include_lineno=False)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n' + (
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return head + stream.getvalue().decode().strip() + "\n"


def path_of(language: str, area: str) -> Path:
    """The file of a catalogue."""
    locales = gateway_languages.LOCALES if area in (FILES, ANSWERS, NAMES) else LOCALES
    return locales / language.replace("-", "_") / f"{area}.po"


def catalogue_files(language: str) -> list[Path]:
    """The files of all catalogues of a language."""
    folders = [gateway_languages.LOCALES, LOCALES]
    name = language.replace("-", "_")
    return [file for folder in folders for file in sorted((folder / name).glob("*.po"))]


def main(arguments: list[str]) -> int:
    """Writes the catalogues, or reports which would change; says how many texts lack words."""
    changed, lacking = [], 0
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        areas = extracted()
        for area, texts in areas.items():
            text, file = written(language, area, texts), path_of(language, area)
            if not file.exists() or file.read_text() != text:
                changed.append(file)
                if "--check" not in arguments:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
        for file in catalogue_files(language):
            if file.stem not in areas:
                changed.append(file)
                if "--check" not in arguments:
                    file.unlink()
            elif file.exists():
                lacking += sum(
                    1 for message in catalogue(file) if message.id and not _complete(message)
                )
    for file in changed:
        print(f"page_texts: {file.name} {'would change' if '--check' in arguments else 'written'}")
    print(f"page_texts: {lacking} texts without words")
    return int(bool(changed) and "--check" in arguments)


def _complete(message: Any) -> bool:
    return all(together(message.string)) and not message.fuzzy


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
