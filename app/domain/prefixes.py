"""How texts are compared by their beginnings: names of parties, and numbers of documents."""

from __future__ import annotations

import unicodedata

from app.domain.numbering import letters_and_digits

MIN_NUMBER = 2  # letters and digits of a number's beginning by which documents are found
MAX_NUMBER = 32  # longer beginnings are cut off here; the whole number counts besides
_LAST = "\U0010ffff"


def folded(text: str) -> str:
    """A text as names are compared: without case, compatibility forms and double spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def range_of(beginning: str) -> tuple[str, str]:
    """The first text with this beginning, and one after the last; in the order of code points."""
    return beginning, beginning + _LAST


def number_beginnings(number: str) -> list[str]:
    """The beginnings of a document's number by which it is found, and the whole number."""
    letters = letters_and_digits(number)
    cut = range(MIN_NUMBER, min(len(letters), MAX_NUMBER) + 1)
    return list(dict.fromkeys([*(letters[:length] for length in cut), letters]))


def beginning_of(text: str) -> str | None:
    """The beginning of a number that a text asks for; None: it is too short."""
    letters = letters_and_digits(text)
    return letters if len(letters) >= MIN_NUMBER else None
