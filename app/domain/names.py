"""Names that look alike.

Source: Unicode Technical Standard 39 (skeletons of confusables), whose table comes with the package
confusable-homoglyphs.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

_LATIN_MARKS = range(0x0300, 0x0370)


def skeleton(name: str) -> str:
    """A name with letters that look alike made equal.

    Names that a reader may confuse have equal skeletons. It goes further than UTS 39: case, i
    and l, marks of Latin letters, spaces and punctuation are ignored too.
    """
    reduced = _replaced(unicodedata.normalize("NFKC", name))
    reduced = _replaced(reduced.casefold()).casefold().replace("i", "l")
    return "".join(
        character
        for character in unicodedata.normalize("NFD", reduced)
        if ord(character) not in _LATIN_MARKS
        and (character.isalnum() or unicodedata.category(character).startswith("M"))
    )


def _replaced(text: str) -> str:
    return "".join(map(_prototype, unicodedata.normalize("NFD", text)))


@cache
def _prototype(character: str) -> str:
    """The character (or sequence) that represents all that look like this one.

    The package has the table in both directions: a representative lists its look-alikes, and a
    look-alike lists its representative. Of a pair, the longer one represents both; if they are
    equally long, the first one.
    """
    alike = [entry["c"].strip("\u200e") for entry in confusables_data.get(character, ())]
    if len(alike) != 1:
        return character
    other: str = alike[0]
    back = confusables_data.get(other, ())
    if len(back) > 1:
        return other
    return min((character, other), key=lambda sequence: (-len(sequence), sequence))
