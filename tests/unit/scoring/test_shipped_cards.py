"""The shipped scorecards: sound, and fed by the files that they ask for."""

from __future__ import annotations

import pytest

from app.domain.scoring.card_file import read_card, read_value
from app.domain.scoring.evidence_files import FILE_KINDS, kinds_showing
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Card
from app.domain.scoring.scoring import missing_documents
from app.domain.scoring.values import Kind, Value
from app.places import ROOT
from tests.support.evidence_files import sample

CARDS = {file.stem: file for file in sorted((ROOT / "scorecards").glob("*.yaml"))}


def card(name: str) -> Card:
    return read_card(CARDS[name].read_bytes())


def of_files(card: Card) -> dict[str, Value]:
    """What the sample files show of a card's features."""
    values: dict[str, Value] = {}
    for name, kind in FILE_KINDS.items():
        for feature, figure in kind.read(sample(name).encode(), currency="CNY").figures.items():
            of_card = card.feature(feature)
            if of_card is not None:
                raw = figure.value
                text = raw["amount"] if isinstance(raw, dict) else raw
                values[feature] = read_value(of_card, text, currency=card.currency)
                assert (of_card.kind is Kind.AMOUNT) == isinstance(raw, dict), feature
    return values


def test_both_cards_are_shipped_under_their_own_names() -> None:
    assert set(CARDS) >= {"trade", "statements"}
    assert [card(name).name for name in CARDS] == list(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_each_card_takes_every_value_of_the_sample_files(name: str) -> None:
    assert of_files(card(name))


def test_the_card_of_files_asks_for_each_kind_of_file() -> None:
    features = [feature.name for feature in card("statements").features]
    assert set(kinds_showing(features)) == {"sales", *FILE_KINDS}


def test_the_card_of_files_keeps_the_features_of_trade_as_they_are() -> None:
    statements = card("statements")
    for feature in card("trade").features:
        assert statements.feature(feature.name) == feature


def test_files_raise_the_confidence_and_the_documents_that_are_left_are_named() -> None:
    statements = card("statements")
    values: dict[str, Value | None] = dict(of_files(statements))
    whole = judge(statements, values)
    assert {each.document for each in missing_documents(statements, whole)} == {
        "ledger",
        "platform-sales",
    }
    for kind, document in (
        ("stock", "stock-list"),
        ("feedback", "partner-feedback"),
        ("statements", "financial-statements"),
    ):
        less = values | dict.fromkeys(FILE_KINDS[kind].features)
        without = judge(statements, less)
        assert without.confidence < whole.confidence, kind
        assert document in {each.document for each in missing_documents(statements, without)}


def test_the_document_that_helps_most_comes_first() -> None:
    statements = card("statements")
    order = [each.document for each in missing_documents(statements, judge(statements, {}))]
    assert order[:3] == ["ledger", "platform-sales", "financial-statements"]


@pytest.mark.parametrize("state", ["in-liquidation", "dissolved"])
def test_a_company_that_ends_gets_no_limit_however_good_the_rest_is(state: str) -> None:
    statements = card("statements")
    best = statements.examples[0].values
    assert judge(statements, best).tier.tier == 1
    ended = judge(statements, {**best, "registration-state": state})
    assert (ended.tier.tier, ended.limit) == (5, 0)
