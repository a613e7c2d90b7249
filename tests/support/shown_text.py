"""The text that a page shows, and the words of it that are not Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

#: Elements whose text is code, is not shown, or (`bdi`) is as people wrote it.
_SKIPPED = frozenset(("bdi", "code", "script", "style", "pre", "kbd", "template", "noscript"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
#: Attributes that a person reads or hears.
_READ = ("aria-label", "title", "placeholder", "alt", "data-label", "content")


class _Texts(HTMLParser):
    """Collects texts; an element with `translate="no"` or in another language has none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        foreign = not values.get("lang", "zh").startswith("zh")
        skipped = tag in _SKIPPED or values.get("translate") == "no" or foreign
        if tag not in _VOID:
            self._open.append((tag, skipped))
        if skipped or self._hidden():
            return
        self.texts += [
            values[name]
            for name in _READ
            if name in values and (tag != "meta" or name != "content")
        ]
        if tag == "input" and values.get("type") in ("submit", "button"):
            self.texts.append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._hidden() and data.strip():
            self.texts.append(" ".join(data.split()))

    def _hidden(self) -> bool:
        return any(skipped for _, skipped in self._open)


def texts_of(page: str) -> Iterator[str]:
    """The texts of a page, element by element."""
    parser = _Texts()
    parser.feed(page)
    yield from parser.texts


#: Words that a Chinese text has too: names of the product, of formats and of units.
EXCEPTIONS = frozenset(("Cession", "Factur-X", "Gas", "ZUGFeRD", "ether", "wei"))
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/'-]*")
#: An id or a hash that is shortened in its middle: its end may have letters alone.
_SHORTENED = re.compile(r"\b[0-9a-fx-]+…[0-9a-f]+\b")
_LETTERS = re.compile(r"[A-Za-z]{2,}")


def latin_words(text: str, *, names: Sequence[str]) -> list[str]:
    """Words of a text that stand in English.

    Numbers of things (`T-3-67fa9a`), hashes and codes in capitals (`CNY`, `KGM`, `PDF`) are none.

    Args:
        names: of parties and people; they stand as they are, or are cut at the end of the text.
    """
    before, sign, start = text.removesuffix("…").rpartition(" · ")
    if sign and text.endswith("…") and any(name.startswith(start) for name in names):
        text = before
    for name in names:
        text = text.replace(name, " ")
    text = _SHORTENED.sub(" ", text)
    return [
        word
        for word in (match.rstrip(".:/'-") for match in _WORD.findall(text))
        if _LETTERS.search(word)
        and not any(sign.isdigit() for sign in word)
        and not all(part.isupper() for part in re.split(r"[/-]", word) if part)
        and word not in EXCEPTIONS
    ]
