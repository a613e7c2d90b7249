"""Names that people read: nothing hidden in them, and which ones look alike.

Sources: Unicode Standard Annex 44 (general categories), Unicode Technical Standard 39 (skeletons of
confusables), whose table comes with the package confusable-homoglyphs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from confusable_homoglyphs.confusables import confusables_data

_HIDDEN = {
    "Cc": "a control character",
    "Cf": "an invisible or direction-changing character",
    "Cs": "half a character",
    "Co": "a private-use character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
# Drawn as nothing, though their category is one of letters, marks or symbols.
_INVISIBLE = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    )
)
_LINES = frozenset("\n\r\t")
_LATIN_MARKS = range(0x0300, 0x0370)


def hidden_in(text: str, *, lines: bool = False) -> str | None:
    """The first thing in `text` that nobody can see, in words with its code point; None: nothing.

    Args:
        lines: ends of lines and tabs are taken, as in a text of several paragraphs.
    """
    for place, character in enumerate(text):
        if lines and character in _LINES:
            continue
        kind = _HIDDEN.get(unicodedata.category(character))
        if kind is None and ord(character) in _INVISIBLE:
            kind = "an invisible character"
        if kind is not None:
            return f"{kind} (U+{ord(character):04X}) at place {place + 1}"
    return None


def hidden_anywhere(value: Any, *, texts: frozenset[str], path: str = "") -> Iterator[str]:
    """Goes through a JSON value: `path: what is hidden there` for each text that hides something.

    Args:
        texts: names of members whose text may have several lines.
    """
    match value:
        case str():
            member = path.rpartition(".")[2]
            found = hidden_in(value, lines=member in texts)
            if found is not None:
                yield f"{path}: {found}"
        case dict():
            for name, inner in value.items():
                yield from hidden_anywhere(inner, texts=texts, path=f"{path}.{name}".lstrip("."))
        case list():
            for place, inner in enumerate(value):
                yield from hidden_anywhere(inner, texts=texts, path=f"{path}.{place}".lstrip("."))


def skeleton(name: str) -> str:
    """What is left of a name when letters that look alike are one: equal for names that a reader
    may take for each other.

    It goes further than UTS 39: case, i and l, marks of Latin letters, blanks and punctuation do
    not count either.
    """
    seen = _replaced(unicodedata.normalize("NFKC", name))
    seen = _replaced(seen.casefold()).casefold().replace("i", "l")
    return "".join(
        character
        for character in unicodedata.normalize("NFD", seen)
        if ord(character) not in _LATIN_MARKS
        and (character.isalnum() or unicodedata.category(character).startswith("M"))
    )


def _replaced(text: str) -> str:
    return "".join(map(_prototype, unicodedata.normalize("NFD", text)))


@cache
def _prototype(character: str) -> str:
    """The character (or sequence) that stands for all that look like this one.

    The package keeps the table in both directions: what stands for several lists them, and what is
    stood for lists the one. Of a pair, the longer one stands for both, else the one that is first.
    """
    alike = [entry["c"].strip("\u200e") for entry in confusables_data.get(character, ())]
    if len(alike) != 1:
        return character
    other: str = alike[0]
    back = confusables_data.get(other, ())
    if len(back) > 1:
        return other
    return min((character, other), key=lambda one: (-len(one), one))
