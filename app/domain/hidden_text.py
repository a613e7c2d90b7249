"""Texts that people read have nothing hidden in them.

Source: Unicode Standard Annex 44 (general categories).
"""

from __future__ import annotations

import unicodedata
from typing import Any

from app.domain.texts import Sentence, say

_HIDDEN = {
    "Cc": say("a control character"),
    "Cf": say("an invisible or direction-changing character"),
    "Cs": say("half a character"),
    "Co": say("a private-use character"),
    "Zl": say("a line separator"),
    "Zp": say("a paragraph separator"),
}
# Drawn as nothing, although their category is one of letters, marks or symbols.
_INVISIBLE = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
        # Code points that are never characters.
        *range(0xFDD0, 0xFDF0),
        *(plane | last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
    )
)
_LINES = frozenset("\n\r\t")
_BYTE_ORDER_MARK = "\ufeff"


def hidden_in(text: str, *, lines: bool = False) -> Sentence | None:
    """The first hidden character of `text`, in words with its code point; None: there is none.

    Args:
        lines: line ends and tabs are allowed, as in a text of several paragraphs.
    """
    if text.isascii() and text.isprintable():
        return None
    kinds = {character: _kind(character) for character in set(text)}
    hidden = [
        text.index(character)
        for character, kind in kinds.items()
        if kind is not None and not (lines and character in _LINES)
    ]
    if not hidden:
        return None
    place = min(hidden)
    return say(
        "{kind} ({code}) at place {place}",
        kind=kinds[text[place]],
        code=f"U+{ord(text[place]):04X}",
        place=place + 1,
    )


def _kind(character: str) -> Sentence | None:
    """Why a character is hidden, in words; None: it is visible."""
    kind = _HIDDEN.get(unicodedata.category(character))
    if kind is None and ord(character) in _INVISIBLE:
        return say("an invisible character")
    return kind


def hidden_anywhere(
    value: Any, *, texts: frozenset[str], files: frozenset[str] = frozenset()
) -> tuple[str, Sentence] | None:
    """The first text of a JSON value, at any depth, with a hidden character.

    Returns its path and the character in words. Names of members are texts too.

    Args:
        texts: names of members whose text may have several lines.
        files: names of members whose text is a file, which may begin with a byte order mark.
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, item = waiting.pop()
        match item:
            case str():
                name = path.rpartition(".")[2]
                item = item.removeprefix(_BYTE_ORDER_MARK) if name in files else item
                hidden = hidden_in(item, lines=name in texts)
                if hidden is not None:
                    return path, hidden
            case dict():
                for name in item:
                    hidden = hidden_in(name)
                    if hidden is not None:
                        return shown(_joined(path, name)), say(
                            "the name of a member has {hidden}", hidden=hidden
                        )
                waiting += reversed([(_joined(path, name), inner) for name, inner in item.items()])
            case list():
                places = enumerate(item)
                waiting += reversed([(_joined(path, str(place)), inner) for place, inner in places])
    return None


def shown(text: str) -> str:
    r"""The text with hidden characters written out (`\u202e`), for a message about it."""
    return "".join(
        character if _kind(character) is None else character.encode("unicode_escape").decode()
        for character in text
    )


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
