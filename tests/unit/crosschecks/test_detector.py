"""All checks together."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import fields, replace

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.parameters import Parameters
from app.domain.crosschecks.records import Holding, Kind, Market, TaxState
from app.domain.crosschecks.weighing import points_of, weight_of
from tests.support.trade_records import BEGIN, Records, honest, last, quiet


def cheated() -> Records:
    """Several kinds of fraud in one market."""
    records = honest(5, sellers=10, buyers=10)
    for name in ("front", "back"):
        records.party(name, owners=(Holding("person", 700_000),))
    for at in range(3):
        records.deal("front", "back", BEGIN + 200 + 30 * at)
    for seller, buyer in (("s1", "s2"), ("s2", "s3"), ("s3", "s1")):
        records.deal(seller, buyer, BEGIN + 300, goods="cathodes", quantity=333_000, moved=None)
    late = records.deal("s4", "b4", BEGIN + 310)
    records.change(late, due_day=BEGIN + 200)
    untaxed = records.deal("s5", "b5", BEGIN + 320)
    record = records.tax_records[untaxed]
    records.tax_records[untaxed] = replace(record, state=TaxState.CANCELLED)
    return records


def test_records_that_fit_have_no_findings() -> None:
    result = find(quiet().market())
    assert result.findings == ()
    assert result.explained == ()


def test_honest_trade_that_looks_like_fraud_causes_few_alarms() -> None:
    alarms = invoices = 0
    for seed in (11, 12):
        market = honest(seed, sellers=16, buyers=16).market()
        result = find(market)
        alarms += len({subject for finding in result.findings for subject in finding.subjects})
        invoices += len(market.invoices)
        kinds = Counter(finding.kind for finding in result.findings)
        # What remains: reports of movements that were lost, and one odd coincidence.
        assert kinds.total() - kinds[Kind.UNMOVED_GOODS] - kinds[Kind.UNUSUAL_AMOUNT] <= 2
    assert invoices > 3_000
    assert alarms < invoices // 100


def test_several_kinds_are_found_side_by_side_the_surest_first() -> None:
    result = find(cheated().market())
    assert {
        Kind.COMMON_CONTROL,
        Kind.CIRCULAR_TRADE,
        Kind.IMPOSSIBLE_DATE,
        Kind.TAX_MISMATCH,
    } <= {finding.kind for finding in result.findings}
    weights = [finding.weight for finding in result.findings]
    assert weights == sorted(weights, reverse=True)


def test_the_order_of_the_records_changes_nothing() -> None:
    market = cheated().market()
    first = repr(find(market)).encode()
    for seed in range(3):
        rng = random.Random(seed)
        shuffled = {}
        for entry in fields(Market):
            value = getattr(market, entry.name)
            if isinstance(value, tuple):
                value = tuple(rng.sample(value, len(value)))
            shuffled[entry.name] = value
        assert repr(find(Market(**shuffled))).encode() == first


def test_findings_name_records_of_the_market_and_give_a_sentence() -> None:
    records = cheated()
    for finding in find(records.market()).findings:
        assert set(finding.subjects) <= set(records.invoices)
        assert finding.evidence
        assert finding.reason.endswith(".")
        assert not finding.reason[0].islower()
        assert 0 < finding.weight < 1_000_000


def test_an_officer_may_ask_for_surer_findings_only() -> None:
    market = cheated().market()
    every = find(market).findings
    sure = find(market, parameters=Parameters(min_weight=900_000)).findings
    assert sure == tuple(finding for finding in every if finding.weight >= 900_000)
    assert 0 < len(sure) < len(every)


def test_what_follows_from_a_ring_is_explained_by_it() -> None:
    records = quiet()
    for at, (seller, buyer) in enumerate((("s1", "s2"), ("s2", "s3"), ("s3", "s1"))):
        records.deal(seller, buyer, BEGIN + 300 + at, goods="cathodes", moved=None, pays_after=None)
    result = find(records.market())
    assert {finding.kind for finding in result.findings} == {Kind.CIRCULAR_TRADE}
    assert {finding.kind for finding in result.explained} == {Kind.UNMOVED_GOODS}


def test_decibans_are_odds() -> None:
    assert [weight_of(points) for points in (-10, 0, 10, 20, 99)] == [
        91_000,
        500_000,
        909_000,
        990_000,
        990_000,
    ]
    steps = ((3, 5), (10, 1), (None, -2))
    assert [points_of(value, steps) for value in (0, 3, 4, 10, 11)] == [5, 5, 1, 1, -2]


def test_an_invoice_is_the_pair_s_own_even_if_two_sellers_use_one_number() -> None:
    records = quiet()
    number = records.invoices[last(records, "s1", "b2")].number
    records.deal("s2", "b2", BEGIN + 300, number=number)
    assert find(records.market()).findings == ()


def test_a_consequence_that_is_surer_than_its_cause_stays() -> None:
    records = quiet()
    first = last(records, "s1", "b2")
    amount = records.invoices[first].amount
    quantity = records.invoices[first].lines[0].quantity * 101 // 100
    day = records.invoices[first].issue_day
    second = records.deal(
        "s1", "b2", day, quantity=quantity, moved=None, pays_after=None, known_to_tax=False
    )
    assert records.invoices[second].amount != amount
    result = find(records.market(), parameters=Parameters(min_weight=100_000))
    (copy,) = [f for f in result.findings if f.kind is Kind.DUPLICATE_INVOICE]
    (unmoved,) = [f for f in result.findings if f.kind is Kind.UNMOVED_GOODS]
    assert copy.subjects == (first, second)
    assert copy.weight < unmoved.weight
    assert unmoved.subjects == (second,)
