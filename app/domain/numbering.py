"""Numbers of papers and identifiers of parties, however they are written."""

from __future__ import annotations

import re
import unicodedata

# Capitals of Cyrillic and Greek that look like Latin ones (Unicode's confusables, UTS #39).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYXCM"
)
_NOT_BETWEEN_DIGITS = re.compile(r"(?<![0-9])-|-(?![0-9])")
_ZEROS_IN_FRONT = re.compile(r"^0+(?=[^-])")


def letters_and_digits(text: str) -> str:
    """Letters and digits alone, in capitals; compatibility forms (NFKC), digits and letters that
    look alike folded.

    For identifiers, which no punctuation tells apart: `DE 111 111 111` is `DE111111111`.
    """
    return "".join(_letters(text)).replace("-", "")


def normalised_number(number: str) -> str:
    """A paper's number as it is compared: letters and digits in capitals, folded as above, zeros in
    front dropped.

    What stands between two digits is part of the number, whatever mark it is: 2026-11-1 is
    2026/11/1 and not 2026-1-11. Elsewhere marks and blanks do not count: NP-2026 is NP 2026.
    """
    marked = re.sub(r"-+", "-", "".join(_letters(number)))
    return _ZEROS_IN_FRONT.sub("", _NOT_BETWEEN_DIGITS.sub("", marked))


def _letters(text: str) -> list[str]:
    """Each letter and digit, folded; one `-` for each mark or blank; nothing for what is unseen."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    kept = []
    for letter in folded:
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            kept.append(str(digit))
        elif letter.isalnum():
            kept.append(letter.translate(_LOOKALIKES))
        elif unicodedata.category(letter) not in {"Cf", "Mn", "Me"}:
            kept.append("-")
    return kept
