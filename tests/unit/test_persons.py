"""Which two callers are certainly two persons, for every pair of ways in."""

from __future__ import annotations

import pytest

from app.domain.persons import (
    WALLET_LABEL,
    Person,
    PersonUnclear,
    Way,
    recorded,
    require_another,
    require_named,
)

ANA, BEN = (Person(name, Way.KEY, f"key of {name}", "p1") for name in ("ana", "ben"))
SUE, TOM = (Person(f"oidc:{name}", Way.OIDC, f"https://id {name}", "p1") for name in ("sue", "tom"))
WALLET = Person(WALLET_LABEL, Way.WALLET, "key of a session", "p1")
OTHER_WALLET = Person(WALLET_LABEL, Way.WALLET, "key of another session", "p1")
REFUSED_WALLET, REFUSED_WAY, SAME = "wallet-names-no-person", "another-way-in", "same-person"


def refusal(first: Person, second: Person) -> str | None:
    try:
        require_another(first, second)
    except PersonUnclear as error:
        assert error.fix
        return error.name
    return None


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (ANA, ANA, SAME),
        (ANA, BEN, None),
        (ANA, SUE, REFUSED_WAY),
        (ANA, WALLET, REFUSED_WALLET),
        (SUE, ANA, REFUSED_WAY),
        (SUE, SUE, SAME),
        (SUE, TOM, None),
        (SUE, WALLET, REFUSED_WALLET),
        (WALLET, ANA, REFUSED_WALLET),
        (WALLET, SUE, REFUSED_WALLET),
        (WALLET, WALLET, REFUSED_WALLET),
        (WALLET, OTHER_WALLET, REFUSED_WALLET),
    ],
)
def test_pair_of_ways_in(first: Person, second: Person, name: str | None) -> None:
    assert refusal(first, second) == name


def test_label_and_id_both_tell_a_person() -> None:
    renewed = Person("ana", Way.KEY, "newer key of ana", "p1")
    assert refusal(ANA, renewed) == SAME
    elsewhere = Person("oidc:sue", Way.OIDC, "https://another sue", "p1")
    assert refusal(SUE, elsewhere) == SAME
    assert refusal(Person("ana", Way.KEY, "k", None), Person("ben", Way.KEY, "k", None)) == SAME


def test_labels_of_different_parties_say_nothing() -> None:
    official = Person("ana", Way.KEY, "key of an official", None)
    assert refusal(official, ANA) is None
    assert refusal(official, SUE) is None
    assert refusal(official, WALLET) == REFUSED_WALLET
    assert refusal(official, Person("oidc:sue", Way.OIDC, "s", None)) == REFUSED_WAY


def test_old_record_keeps_its_meaning() -> None:
    def old(label: str) -> Person:
        return recorded(label, way=None, identifier=None, party="p1")

    assert [old(each).way for each in ("ana", "oidc:sue", WALLET_LABEL)] == list(Way)
    assert refusal(old("ana"), ANA) == SAME
    assert refusal(old("ana"), BEN) is None
    assert refusal(old("oidc:sue"), SUE) == SAME
    assert refusal(old("oidc:sue"), TOM) is None
    assert refusal(old(WALLET_LABEL), BEN) == REFUSED_WALLET
    assert recorded("ana", way="oidc", identifier="i", party=None).way is Way.OIDC


def test_only_a_wallet_names_nobody() -> None:
    require_named(ANA)
    require_named(SUE)
    with pytest.raises(PersonUnclear, match="does not say which person"):
        require_named(WALLET)
