"""Texts that people read: marks for the catalogues, and sentences with their values.

English is written here; `app.gateway.said` writes the other languages.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

_TENTH_OF_PER_CENT = 1_000  # parts per million


def mark(text: str) -> str:
    """The text itself; marks it for the catalogue where it is translated later."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and its values, apart: a catalogue translates the text, not what was made of it.

    Attributes:
        template: the English text with `{places}`. `{due:day}` writes a day of ISO 8601,
            `{share:percent}` parts per million, `{late:days}` a number of days, `{count:number}` a
            whole number, `{role:words}` words of the API such as `cash-issuer, operator`.
        values: by the name of their place; a value may be a sentence too.
    """

    template: str
    values: tuple[tuple[str, str | int | Sentence], ...] = ()

    def __str__(self) -> str:
        return ENGLISH.sentence(self)


Text = str | Sentence


def say(template: str, **values: object) -> Sentence:
    """A sentence; the template stands in the catalogue of answers.

    An exception is written as what it says, other values as `str` writes them.
    """
    return Sentence(template, tuple((name, _value(value)) for name, value in values.items()))


def _value(value: object) -> str | int | Sentence:
    if isinstance(value, Exception):
        return text_of(value)
    return value if isinstance(value, str | int | Sentence) else str(value)


def text_of(error: Exception) -> Text:
    """What an exception says, as a sentence if it was raised with one."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Sentence) else str(error)


class Written(string.Formatter):
    """Writes sentences in English; a subclass does so in another language."""

    def sentence(self, said: Sentence) -> str:
        """The text with its values; a text without values may have braces."""
        text = self.template(said.template)
        return self.vformat(text, (), dict(said.values)) if said.values else text

    def template(self, text: str) -> str:
        """The text of a template in this language."""
        return text

    def format_field(self, value: Any, format_spec: str) -> str:
        """Writes a value in its format."""
        if isinstance(value, Sentence):
            return self.sentence(value)
        return str(getattr(self, f"write_{format_spec}")(value)) if format_spec else str(value)

    def write_day(self, value: str) -> str:
        """A day."""
        return value

    def write_percent(self, value: int) -> str:
        """Parts per million as per cent, one decimal unless it is whole; rounded down."""
        return percent(value)

    def write_days(self, value: int) -> str:
        """A number of days."""
        return "1 day" if value == 1 else f"{value} days"

    def write_number(self, value: int) -> str:
        """A whole number, thousands apart."""
        return f"{value:,}"

    def write_words(self, value: str) -> str:
        """Words of the API."""
        return value


def percent(parts: int) -> str:
    """Parts per million as per cent, with one decimal unless it is whole; rounded down."""
    if 0 < parts < _TENTH_OF_PER_CENT:
        return "less than 0.1 %"
    tenths = parts // _TENTH_OF_PER_CENT
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


ENGLISH = Written()
