"""Numbers of documents and identifiers of parties, in one form for all spellings."""

from __future__ import annotations

import re
import unicodedata

# Cyrillic and Greek capitals that look like Latin ones (Unicode's confusables, UTS #39).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYXCM"
)
_NOT_BETWEEN_DIGITS = re.compile(r"(?<![0-9])-|-(?![0-9])")
_ZEROS_IN_FRONT = re.compile(r"^0+(?=[^-])")


def letters_and_digits(text: str) -> str:
    """Letters and digits only, in capitals.

    Compatibility forms (NFKC), digits and letters that look alike are folded.
    For identifiers, in which punctuation has no meaning: `DE 111 111 111` is `DE111111111`.
    """
    return "".join(_letters(text)).replace("-", "")


def normalised_number(number: str) -> str:
    """A document's number in the form used for comparison.

    It has letters and digits in capitals, folded as in `letters_and_digits`, without leading zeros.
    A mark between two digits is part of the number, whichever mark it is: 2026-11-1 is 2026/11/1
    and not 2026-1-11. Other marks and spaces are ignored: NP-2026 is NP 2026.
    """
    marked = re.sub(r"-+", "-", "".join(_letters(number)))
    return _ZEROS_IN_FRONT.sub("", _NOT_BETWEEN_DIGITS.sub("", marked))


def _letters(text: str) -> list[str]:
    """Each letter and digit, folded; `-` for each mark or space; nothing for hidden characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    letters = []
    for letter in folded:
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            letters.append(str(digit))
        elif letter.isalnum():
            letters.append(letter.translate(_LOOKALIKES))
        elif unicodedata.category(letter) not in {"Cf", "Mn", "Me"}:
            letters.append("-")
    return letters
