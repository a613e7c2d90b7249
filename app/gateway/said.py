"""Sentences of answers, such as problems and warnings, in the language of the caller.

A caller names its language in `Accept-Language`; without it, sentences are English. Codes, names of
fields and numbers of an answer are the same in each language.
"""

from __future__ import annotations

import datetime
import re
from contextvars import ContextVar
from urllib.parse import parse_qs

from starlette.types import Scope

from app.domain.money import DIGITS, decimal_text
from app.domain.texts import ENGLISH as IN_ENGLISH
from app.domain.texts import Sentence, Text, Written, say
from app.gateway import formats
from app.gateway.languages import ENGLISH, FOR_PEOPLE, current, preferred, translated

#: Context of the texts of answers in the catalogues.
CONTEXT = "answer"
#: The key of a request's state that says that its answer is for a page, which people read.
FOR_A_PAGE = "for_a_page"
#: Whether people read the answer that is under way, and no program.
on_page: ContextVar[bool] = ContextVar("for a page", default=False)
_AMOUNT = re.compile(r"(?<![\w.,-])([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?) ([A-Z]{3})(?!\w)")
#: The language of the sentences of the answer that is under way.
language: ContextVar[str] = ContextVar("language of sentences", default=ENGLISH)


def listen(scope: Scope) -> None:
    """Notes the language that a request prefers; files for programs are English."""
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    kinds = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("format", [])
    for_programs = any(kind not in FOR_PEOPLE for kind in kinds)
    language.set(ENGLISH if for_programs else preferred(accepted))
    on_page.set(bool(scope.get("state", {}).get(FOR_A_PAGE)) and not kinds)


def localized(text: Text) -> str:
    """The text in the caller's language; on a page, amounts are as pages write them."""
    if language.get() == ENGLISH:
        words = str(text)
    else:
        words = _OTHER.sentence(text if isinstance(text, Sentence) else Sentence(text))
    return _AMOUNT.sub(_written_amount, words) if on_page.get() else words


def _written_amount(match: re.Match[str]) -> str:
    amount, currency = match[1].replace(",", ""), match[2]
    if currency not in DIGITS:
        return match[0]
    spoken = current.set(language.get())
    try:
        return formats.money({"amount": amount, "currency": currency})
    finally:
        current.reset(spoken)


def written_day(value: str) -> str:
    """A day of ISO 8601 as the caller's language writes it; other texts unchanged."""
    spoken = current.set(language.get())
    try:
        return formats.day(datetime.date.fromisoformat(value))
    except ValueError:
        return value
    finally:
        current.reset(spoken)


def written_money(amount: int, currency: str) -> str:
    """An amount in minor units as the caller's language writes it."""
    spoken = current.set(language.get())
    try:
        text = decimal_text(amount, currency=currency)
        return formats.money({"amount": text, "currency": currency})
    finally:
        current.reset(spoken)


class _Other(Written):
    """Writes in the caller's language."""

    def sentence(self, said: Sentence) -> str:
        """The sentence, where days and numbers follow the language too."""
        spoken = current.set(language.get())
        try:
            return super().sentence(said)
        finally:
            current.reset(spoken)

    def template(self, text: str) -> str:
        return translated(CONTEXT, text)

    def write_day(self, value: str) -> str:
        return written_day(value)

    def write_percent(self, value: int) -> str:
        text = IN_ENGLISH.write_percent(value)
        return self.template(text).replace(" %", "%")

    def write_days(self, value: int) -> str:
        return self.template(_DAYS.template).format(count=value)

    def write_words(self, value: str) -> str:
        return "、".join(self.template(word) for word in value.split(", "))


_DAYS, _LITTLE = say("{count} days"), say("less than 0.1 %")
_OTHER = _Other()
