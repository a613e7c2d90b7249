"""Evidence of a party: values with source, day, hash and consent; read and checked.

A value without evidence is unknown. `None` is unknown, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from app.domain.calendar import date_of, day_of
from app.domain.plain_json import JsonInvalid, read_json
from app.domain.scoring.card_file import read_value
from app.domain.scoring.card_shape import Name, Part, Visible
from app.domain.scoring.model import Card
from app.domain.scoring.problems import EvidenceInvalid, Path, Problem, problems_of
from app.domain.scoring.values import Kind, Value
from app.domain.texts import Text, say, text_of

MAX_ITEMS = 100
HASH = r"^0x[0-9a-f]{64}$"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(raw: Any) -> int:
    if not isinstance(raw, str) or _DATE.fullmatch(raw) is None:
        raise ValueError(say("{raw} is not a day: write it like 2026-03-31", raw=repr(raw)))
    return day_of(date.fromisoformat(raw))


Day = Annotated[int, BeforeValidator(_day)]
MaybeDay = Annotated[int | None, BeforeValidator(lambda raw: None if raw is None else _day(raw))]


class Consent(Part):
    """The subject's consent to the use of an item: until a day, and withdrawn on a day, if so."""

    since: Day
    until: MaybeDay = None
    withdrawn: MaybeDay = None


class Item(Part):
    """One item of evidence.

    Attributes:
        value: as the card's kind writes it; an amount is an object with its currency; null: asked
            for, and unknown.
        party: the id of the party that it is about.
        source: where the value is from.
        as_of: the day on which the value was true.
        hash: of what it rests on, such as a file or a block.
    """

    feature: Name
    value: Any
    party: Visible = Field(min_length=1, max_length=100)
    source: Visible = Field(min_length=1, max_length=400)
    as_of: Day = Field(alias="asOf")
    hash: str = Field(pattern=HASH)
    consent: Consent


class Evidence(Part):
    """All evidence of a party for one score.

    Attributes:
        party: its id in the gateway.
        ledger_party: its number on the ledger.
        day: the day as of which the score is made.
    """

    party: Visible = Field(min_length=1, max_length=100)
    ledger_party: int = Field(alias="ledgerPartyId", ge=1, lt=2**256)
    day: Day
    items: list[Item] = Field(max_length=MAX_ITEMS)


def read_evidence(data: bytes) -> Evidence:
    """The evidence in a JSON file.

    Raises:
        EvidenceInvalid: the file's shape is wrong.
    """
    try:
        return evidence_of(read_json(data))
    except JsonInvalid as error:
        problem = Problem("not-json", (), text_of(error), say("correct the file"))
        raise EvidenceInvalid([problem]) from error


def evidence_of(content: Any) -> Evidence:
    """The evidence in the value of a file.

    Raises:
        EvidenceInvalid.
    """
    try:
        return Evidence.model_validate(content)
    except ValidationError as error:
        raise EvidenceInvalid(problems_of(error)) from error


@dataclass(frozen=True)
class Known:
    """What evidence says of a card's features.

    Attributes:
        values: by feature; None, and what is absent, is unknown.
        items: the item behind a feature.
    """

    values: Mapping[str, Value | None]
    items: Mapping[str, Item]


def known_of(card: Card, evidence: Evidence) -> Known:
    """The values that evidence shows, after all checks.

    Raises:
        EvidenceInvalid: an item names no feature of the card, has an invalid value, is of another
            party, from the future, stale or without consent; or two items speak of one feature.
    """
    problems: list[Problem] = []
    values: dict[str, Value | None] = {}
    items: dict[str, Item] = {}
    for place, item in enumerate(evidence.items):
        path: Path = ("items", place)
        if item.feature in items:
            problems.append(
                Problem(
                    "contradictory",
                    (*path, "feature"),
                    say("two items speak of {feature}", feature=item.feature),
                    say("decide which one is right, and give only that one"),
                )
            )
            continue
        items[item.feature] = item
        problems += _checks(card, evidence, item, path)
        try:
            values[item.feature] = _value(card, item)
        except ValueError as error:
            detail = text_of(error)
            problems.append(
                Problem("value-invalid", (*path, "value"), detail, say("correct the value"))
            )
    problems += _unknown_features(card, evidence.items)
    if problems:
        raise EvidenceInvalid(problems)
    return Known(values, items)


def _value(card: Card, item: Item) -> Value | None:
    feature = card.feature(item.feature)
    if feature is None or item.value is None:
        return None
    raw = item.value
    if feature.kind is Kind.AMOUNT:
        if not isinstance(raw, dict) or set(raw) != {"amount", "currency"}:
            raise ValueError(
                say(
                    "{raw} is not an amount of money: write {example}",
                    raw=repr(raw),
                    example='{"amount": "1250.00", "currency": "CNY"}',
                )
            )
        if raw["currency"] != card.currency:
            raise ValueError(
                say(
                    "it is in {currency}; the card is in {expected}",
                    currency=raw["currency"],
                    expected=card.currency,
                )
            )
        raw = raw["amount"]
    return read_value(feature, raw, currency=card.currency)


def _unknown_features(card: Card, items: Iterable[Item]) -> list[Problem]:
    return [
        Problem(
            "feature-unknown",
            ("items", place, "feature"),
            say("the card {name} has no feature {feature}", name=card.name, feature=item.feature),
            say("leave the item out"),
        )
        for place, item in enumerate(items)
        if card.feature(item.feature) is None
    ]


def _checks(card: Card, evidence: Evidence, item: Item, path: Path) -> list[Problem]:
    problems: list[Problem] = []

    def report(name: str, key: str, detail: Text, fix: Text) -> None:
        problems.append(Problem(name, (*path, key), detail, fix))

    day, as_of = date_of(evidence.day), date_of(item.as_of)
    if item.party != evidence.party:
        report(
            "of-another-party",
            "party",
            say(
                "the item is about {party}, the evidence about {subject}",
                party=item.party,
                subject=evidence.party,
            ),
            say("give items of the party itself"),
        )
    feature = card.feature(item.feature)
    if item.as_of > evidence.day:
        report(
            "in-the-future",
            "asOf",
            say("it is as of {as_of:day}, after {day:day}", as_of=as_of, day=day),
            say("correct the day"),
        )
    elif feature is not None and evidence.day - item.as_of > feature.max_age_days:
        report(
            "stale",
            "asOf",
            say(
                "it is as of {as_of:day}, {age:days} before {day:day}; {feature} may be "
                "{max_age:days} old",
                as_of=as_of,
                age=evidence.day - item.as_of,
                day=day,
                feature=item.feature,
                max_age=feature.max_age_days,
            ),
            say("get it anew, or leave the item out: the value is then unknown"),
        )
    consent, fix = item.consent, say("ask for consent, or leave the item out")
    if consent.withdrawn is not None and consent.withdrawn <= evidence.day:
        withdrawn = date_of(consent.withdrawn)
        report(
            "consent-withdrawn",
            "consent",
            say("consent was withdrawn on {withdrawn:day}", withdrawn=withdrawn),
            fix,
        )
    if consent.since > evidence.day:
        report(
            "consent-missing",
            "consent",
            say("consent begins on {since:day}", since=date_of(consent.since)),
            fix,
        )
    if consent.until is not None and consent.until < evidence.day:
        report(
            "consent-missing",
            "consent",
            say("consent ended on {until:day}", until=date_of(consent.until)),
            fix,
        )
    return problems
