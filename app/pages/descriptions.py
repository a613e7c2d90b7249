"""A description of what is signed, in the current language.

The API answers English texts and their values apart; a sentence names its values by the paths of
the fields that are shown, such as `{terms.goal}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.pages import formats
from app.pages.languages import CHINESE, current, t

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC")
_BETWEEN = {CHINESE: "、"}  # two names of a set
RAW = "raw"  # the kind of a value whose meaning is not known


def sentence(description: Mapping[str, Any]) -> str:
    """What the signer does, with the values as the rows show them."""
    text = description["sentence"]
    shown = {row["path"]: value(row) for row in description["rows"] if not row["place"]}
    return _filled(text["template"], {**text["arguments"], **shown})


def warning(description: Mapping[str, Any], text: Mapping[str, Any]) -> str:
    """What the signer must know."""
    labels = {row["label"] for row in description["rows"] if row["kind"] != RAW}
    arguments = {
        name: t(argument) if argument in labels else argument
        for name, argument in text["arguments"].items()
    }
    return _filled(text["template"], arguments)


def label(row: Mapping[str, Any]) -> str:
    """What a field is; with its place if it is in a list."""
    name = str(row["label"]) if row["kind"] == RAW else t(row["label"])
    if not row["place"]:
        return name
    return t("{label} (item {place})", label=name, place=".".join(map(str, row["place"])))


def value(row: Mapping[str, Any]) -> str:
    """A field's value: amounts, days and times by locale, words translated."""
    shown = row["value"]
    text, currency = str(shown["text"]), shown["currency"]
    if shown["parts"]:
        return _BETWEEN.get(current.get(), "; ").join(t(part) for part in shown["parts"])
    if shown["template"]:
        arguments = shown["arguments"]
        if row["kind"] == "posting":
            arguments = {name: _posted(part, currency) for name, part in arguments.items()}
        return _filled(shown["template"], arguments)
    if shown["amount"] is not None and currency is not None:
        return formats.money({"amount": shown["amount"], "currency": currency})
    if row["kind"] == "day" and _DATE.fullmatch(text):
        return formats.day(text)
    if row["kind"] == "time" and (time := _TIME.fullmatch(text)):
        return formats.instant(f"{time[1]}T{time[2]}Z")
    return text


def _posted(text: str, currency: str | None) -> str:
    """A part of a posting: a day, an amount of this currency, or `none`."""
    if _DATE.fullmatch(text):
        return formats.day(text)
    amount, _, code = text.partition(" ")
    if code and code == currency:
        return formats.money({"amount": amount.replace(",", ""), "currency": code})
    return t(text)


def _filled(template: str, arguments: Mapping[str, object]) -> str:
    """The translated text with its values; names have dots, and values may have braces."""
    return _PLACEHOLDER.sub(
        lambda match: str(arguments.get(match[1], match[0])), t(template) if template else ""
    )
