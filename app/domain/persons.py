"""Persons, as far as the way in tells them apart: for steps that need two of them.

A caller comes in by an API key, with a token of an identity provider (OIDC), or in a session that a
wallet began. A key and a subject stand for one person each. A wallet stands for its party: several
people may use it, and each of them may have a key too, so it names no person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.texts import Sentence, Text, say

#: The label of a key that lasts as long as a session which a wallet began; no other key has it.
WALLET_LABEL = "signed in with its wallet"
#: What the label of an OIDC caller begins with; the subject follows.
OIDC_PREFIX = "oidc:"


class Way(StrEnum):
    """How a caller comes in."""

    KEY = "key"
    OIDC = "oidc"
    WALLET = "wallet"


_WORDS = {Way.KEY: say("an API key"), Way.OIDC: say("OIDC"), Way.WALLET: say("a wallet")}


@dataclass(frozen=True)
class Person:
    """Who took a step.

    Attributes:
        label: of the key, or `oidc:` and the subject.
        id: of the key, or issuer and subject; None: the record has the label alone.
        party: id in the directory of parties; None: an official or a reader without a party.
    """

    label: str
    way: Way
    id: str | None
    party: str | None


class PersonUnclear(ValueError):
    """A step needs another person, and the caller is not certainly another one.

    Attributes:
        name: stable: `same-person`, `wallet-names-no-person` or `another-way-in`.
        fix: what to do.
    """

    def __init__(self, name: str, detail: Text, *, fix: Sentence) -> None:
        super().__init__(detail)
        self.name = name
        self.fix = fix


def recorded(label: str, *, way: str | None, identifier: str | None, party: str | None) -> Person:
    """The person of a record.

    Args:
        way: None: an old record, whose label alone tells how the person came in.
    """
    if way is not None:
        return Person(label, Way(way), identifier, party)
    if label == WALLET_LABEL:
        return Person(label, Way.WALLET, identifier, party)
    old = Way.OIDC if label.startswith(OIDC_PREFIX) else Way.KEY
    return Person(label, old, identifier, party)


def require_named(person: Person) -> None:
    """The way in names a person.

    Raises:
        PersonUnclear.
    """
    if person.way is Way.WALLET:
        raise PersonUnclear(
            "wallet-names-no-person",
            say("two persons share this task, and a wallet does not say which person uses it"),
            fix=say("sign in with your own API key or by OIDC, then take the step again"),
        )


def require_another(first: Person, second: Person) -> None:
    """The second person is certainly another one than the first.

    Within a party both come in the same way: a key and a subject may be those of one person.
    Between parties the label says nothing, because each party chooses the labels of its own keys.

    Raises:
        PersonUnclear.
    """
    require_named(second)
    if first.way is Way.WALLET:
        raise PersonUnclear(
            "wallet-names-no-person",
            say("a wallet took the first step, and it does not say which person used it"),
            fix=say(
                "let a person with an API key of its own, or by OIDC, take the first step again"
            ),
        )
    if first.id is not None and first.id == second.id:
        raise _same(second)
    if first.party != second.party:
        return
    if first.label == second.label:
        raise _same(second)
    if first.way is not second.way:
        raise PersonUnclear(
            "another-way-in",
            say(
                "{first} came in by {first_way} and {second} by {second_way}: both may be "
                "one person",
                first=first.label,
                first_way=_WORDS[first.way],
                second=second.label,
                second_way=_WORDS[second.way],
            ),
            fix=say(
                "let another person take the step who also comes in by {way}", way=_WORDS[first.way]
            ),
        )


def _same(person: Person) -> PersonUnclear:
    return PersonUnclear(
        "same-person",
        say("{label} took the first step, and a second person takes this one", label=person.label),
        fix=say("let another person take the step, with an API key of its own"),
    )
