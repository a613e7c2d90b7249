"""Proposed steps in the store: from a rise of a level, where a rule allows it, to their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from app.domain.catalogue_files import read_catalogue
from app.domain.product_terms import terms_of
from app.domain.rule_sets import Rules, WatchRule
from app.domain.watch.model import Level
from app.gateway.rules import rules_of_place
from app.oversight.watch import proposal_rows, proposing
from app.oversight.watch.proposal_rows import ProposalRow
from app.places import CATALOGUE
from app.storage import Storage
from app.storage.tables.lending import facilities, product_versions
from tests.support.alerts import (
    BANK,
    DAY,
    FUND,
    LYRA,
    MINUTE,
    MINUTES,
    NOON,
    NOT_LATE,
    RISE,
    TOKEN,
    VEGA,
    alerts,
    block,
    fill_book,
    follower,
    owed_since,
    said,
    step,
)
from tests.support.rows import put, row


@pytest.fixture
def book(storage: Storage) -> Storage:
    """Two loans of the bank, one of the fund."""
    fill_book(storage)
    return storage


def rules(level: str = "alarm") -> Rules:
    """The rule set of the place, which allows the step from a level on."""
    steps = [{"level": level, "step": "propose-suspension", "hours": 72}]
    rule = {"steps": steps, "source": "a test's own rule", "lawyer": False}
    return rules_of_place().model_copy(update={"watch": WatchRule.model_validate(rule)})


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the rule set allow the step; without a call of this, none allows it."""

    def allow(level: str) -> None:
        monkeypatch.setattr(proposing, "rules_of", lambda _: rules(level))

    return allow


def facility(number: int, **values: Any) -> Any:
    fields = {"product_id": 2, "version": 1, "lender": BANK, "borrower": VEGA}
    return row(facilities, facility_id=number, **fields | values)


FACILITIES = [
    facility(4),
    facility(5),
    facility(6, closed=1),
    facility(7, suspended_by=1),
    facility(8, suspended_by=2),
    facility(9, lender=FUND),
    facility(10, borrower=LYRA),
]
PRODUCT, RULES = read_catalogue(CATALOGUE)
TERMS = terms_of(PRODUCT[0], currency=TOKEN, legal_text_hash="0x02", rules=RULES)
VERSION = row(product_versions, product_id=2, version=1, terms_json=json.dumps(TERMS))


def proposals(storage: Storage, state: str | None = None) -> list[ProposalRow]:
    return storage.read_now(
        partial(proposal_rows.listed, lender=None, state=state, before=None, limit=50)
    )


def outcomes(storage: Storage) -> list[str]:
    identifiers = [item.id for item in proposals(storage)]
    found = storage.read_now(partial(proposal_rows.decisions, proposals=identifiers))
    return sorted(item.outcome for items in found.values() for item in items)


def test_nothing_is_proposed_unless_the_rule_set_allows_it(book: Storage) -> None:
    assert rules_of_place().watch is None
    put(book, (facilities, FACILITIES), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    step(follower(book)[0])
    assert said(alerts(book))[0] == RISE[0]
    assert proposals(book) == []


def test_rise_to_the_level_proposes_for_each_open_facility_of_lender_and_borrower(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("alarm")
    put(book, (facilities, FACILITIES), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    made = proposals(book)
    assert sorted(item.facility_id for item in made) == [4, 5, 8]
    for item in made:
        assert (item.alert_id, item.lender, item.borrower) == (1, BANK, VEGA)
        assert (item.state, item.operation_id, item.rule_set) == ("proposed", None, "cn")
        assert (item.level, item.source) == (int(Level.ALARM), "a test's own rule")
        assert item.expires_at - item.created_at == 72 * 3_600
    block(book, 11, NOON + DAY)
    step(own)
    assert proposals(book) == made, "the level stays, so nothing is proposed again"


@pytest.mark.parametrize(("level", "count"), [("alarm", 0), ("warning", 2)])
def test_level_below_the_rules_proposes_nothing(
    book: Storage, allowed: Callable[[str], None], level: str, count: int
) -> None:
    allowed(level)
    put(book, (facilities, FACILITIES[:2]), (product_versions, [VERSION]))
    owed_since(book, 1, 8)
    step(follower(book)[0])
    assert said(alerts(book))[0] == ("borrower", 103, "CLEAR", "WARNING")
    assert len(proposals(book)) == count


def test_proposal_ends_when_its_level_falls_and_comes_again_with_the_level(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("warning")
    put(book, (facilities, FACILITIES[:1]), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    owed_since(book, 1, 8)
    block(book, 11, NOON + MINUTES * MINUTE)
    step(own)
    assert [item.state for item in proposals(book)] == ["proposed"], "still at warning"
    owed_since(book, 1, NOT_LATE)
    block(book, 12, NOON + 2 * MINUTES * MINUTE)
    step(own)
    assert [item.state for item in proposals(book)] == ["expired"]
    assert outcomes(book) == ["level-fell"]
    owed_since(book, 1, 40)
    block(book, 13, NOON + 3 * MINUTES * MINUTE)
    step(own)
    assert sorted(item.state for item in proposals(book)) == ["expired", "proposed"]


def test_proposal_expires_after_its_hours_and_once(
    book: Storage, allowed: Callable[[str], None]
) -> None:
    allowed("alarm")
    put(book, (facilities, FACILITIES[:1]), (product_versions, [VERSION]))
    owed_since(book, 1, 40)
    own, _ = follower(book)
    step(own)
    (made,) = proposals(book)
    block(book, 11, made.expires_at - 1)
    step(own)
    assert [item.state for item in proposals(book)] == ["proposed"]
    block(book, 12, made.expires_at)
    step(own)
    step(own)
    assert [item.state for item in proposals(book)] == ["expired"]
    assert outcomes(book) == ["expired"]
