"""Evidence: what cannot be scored is refused by name, and unknown is never zero."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.scoring.card_file import card_of
from app.domain.scoring.evidence import evidence_of, known_of, read_evidence
from app.domain.scoring.problems import EvidenceInvalid
from tests.support.credit import evidence, item, money, small_card

CARD = card_of(small_card())
HIDDEN = "a\x1b[2K\nholds"
ZERO = {"since": "2026-01-10"}


def problems(*items: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(EvidenceInvalid) as caught:
        known_of(CARD, evidence_of(evidence(*items)))
    return [(problem.name, ".".join(map(str, problem.path))) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (evidence() | {"party": HIDDEN}, "party"),
        (evidence(item("late", 1, party=HIDDEN)), "items.0.party"),
        (evidence(item("late", 1, source="ledger\u202e")), "items.0.source"),
    ],
)
def test_evidence_hides_no_character(content: dict[str, Any], place: str) -> None:
    with pytest.raises(EvidenceInvalid) as caught:
        evidence_of(content)
    (problem,) = caught.value.problems
    assert (problem.name, ".".join(map(str, problem.path))) == ("value-invalid", place)
    assert str(problem).isprintable()


@pytest.mark.parametrize(
    ("items", "name", "place"),
    [
        ([item("moon", 1)], "feature-unknown", "items.0.feature"),
        ([item("late", 1), item("late", 1)], "contradictory", "items.1.feature"),
        ([item("late", 1, asOf="2026-04-01")], "in-the-future", "items.0.asOf"),
        ([item("late", 1, asOf="2025-12-30")], "stale", "items.0.asOf"),
        ([item("late", 1, party="another")], "of-another-party", "items.0.party"),
        (
            [item("late", 1, consent={**ZERO, "withdrawn": "2026-03-31"})],
            "consent-withdrawn",
            "items.0.consent",
        ),
        (
            [item("late", 1, consent={"since": "2026-04-01"})],
            "consent-missing",
            "items.0.consent",
        ),
        (
            [item("late", 1, consent={**ZERO, "until": "2026-03-30"})],
            "consent-missing",
            "items.0.consent",
        ),
        ([item("late", "1")], "value-invalid", "items.0.value"),
        ([item("late", True)], "value-invalid", "items.0.value"),
        ([item("sales", "1.00")], "value-invalid", "items.0.value"),
        ([item("sales", money("1.00", "USD"))], "value-invalid", "items.0.value"),
        ([item("sales", {"amount": "1.00"})], "value-invalid", "items.0.value"),
        ([item("grade", "Z")], "value-invalid", "items.0.value"),
    ],
)
def test_evidence_that_cannot_be_scored_is_refused_by_name(
    items: list[dict[str, Any]], name: str, place: str
) -> None:
    assert (name, place) in problems(*items)


@pytest.mark.parametrize(
    "items",
    [
        [item("late", 1, asOf="2026-03-31")],
        [item("late", 1, asOf="2025-12-31")],
        [item("late", 1, consent={**ZERO, "withdrawn": "2026-04-01"})],
        [item("late", 1, consent={"since": "2026-03-31", "until": "2026-03-31"})],
        [item("late", None)],
    ],
)
def test_evidence_at_the_edge_of_a_rule_is_accepted(items: list[dict[str, Any]]) -> None:
    assert known_of(CARD, evidence_of(evidence(*items))).items.keys() == {"late"}


def test_all_problems_are_told_at_once() -> None:
    names = [name for name, _ in problems(item("late", "x", party="b"), item("moon", 1))]
    assert names == ["of-another-party", "value-invalid", "feature-unknown"]


def test_unknown_is_unknown_and_zero_is_zero() -> None:
    known = known_of(CARD, evidence_of(evidence(item("late", 0), item("months", None))))
    assert known.values == {"late": 0, "months": None}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"day": "2026-3-31"}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": 5}, "day"),
        ({"ledgerPartyId": 0}, "ledgerPartyId"),
        ({"party": ""}, "party"),
        ({"more": 1}, "more"),
        ({"items": [item("late", 1, hash="0x12")]}, "items.0.hash"),
        ({"items": [item("late", 1, source="")]}, "items.0.source"),
        ({"items": [{"feature": "late", "value": 1}]}, "items.0.party"),
    ],
)
def test_a_file_of_another_shape_is_refused_at_its_field(
    change: dict[str, Any], place: str
) -> None:
    with pytest.raises(EvidenceInvalid) as caught:
        evidence_of({**evidence(), **change})
    assert place in [".".join(map(str, problem.path)) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not JSON"),
        (b'{"a": 1, "a": 2}', "occurs twice"),
        (b'{"a": 1.5}', "not a whole number"),
        (b'{"a": NaN}', "not a whole number"),
        (b"\xff", "not JSON"),
        (b"[" * 100 + b"]" * 100, "deeper"),
        (b"[" * 100_000, "not JSON"),
        (b" " * (5 << 20), "smaller file"),
    ],
)
def test_what_is_no_plain_json_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(EvidenceInvalid, match=words):
        read_evidence(data)


def test_evidence_reads_from_a_file() -> None:
    read = read_evidence(json.dumps(evidence()).encode())
    assert (read.ledger_party, len(read.items)) == (7, 6)
