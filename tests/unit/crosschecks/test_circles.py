"""Goods or claims that come back to where they began."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.parameters import Circles, Parameters
from app.domain.crosschecks.records import Assignment, Holding, Invoice, Kind, Line, Market, Party
from tests.support.trade_records import BEGIN, Records, last, of_kind, quiet, subjects

KIND = Kind.CIRCULAR_TRADE


def ring(
    records: Records,
    parties: tuple[str, ...],
    *,
    moved: int | None = None,
    pays_after: int | None = None,
) -> set[str]:
    """The same goods from each to the next and back, with a margin of 2 % a leg."""
    return {
        records.deal(
            seller,
            buyer,
            BEGIN + 200 + 3 * at,
            goods="cathodes",
            quantity=300_000,
            price=20_000 * (100 + 2 * at) // 100,
            moved=moved,
            pays_after=pays_after,
        )
        for at, (seller, buyer) in enumerate(zip(parties, (*parties[1:], parties[0]), strict=True))
    }


@pytest.mark.parametrize("parties", [("s1", "s2", "s3"), ("s1", "b4", "s2", "s3", "b5")])
def test_the_same_goods_that_come_back_are_a_ring(parties: tuple[str, ...]) -> None:
    records = quiet()
    legs = ring(records, parties)
    result = find(records.market())
    (finding,) = of_kind(result, KIND)
    assert set(finding.subjects) == legs
    assert "cathodes" in finding.reason
    assert not subjects(result, Kind.UNMOVED_GOODS)
    assert {s for f in result.explained if f.kind is Kind.UNMOVED_GOODS for s in f.subjects} == legs


def test_goods_that_moved_in_a_circle_are_a_ring_all_the_same() -> None:
    records = quiet()
    legs = ring(records, ("s1", "s2", "s3"), moved=2, pays_after=3)
    assert subjects(find(records.market()), KIND) == legs


def test_laps_of_one_ring_are_one_finding() -> None:
    records = quiet()
    legs = ring(records, ("s1", "s2", "s3"))
    for invoice in [records.invoices[leg] for leg in sorted(legs)]:
        lap = replace(
            invoice,
            id=f"{invoice.id}-2",
            number=f"{invoice.number}-2",
            issue_day=invoice.issue_day + 90,
            received_day=invoice.received_day + 90,
        )
        records.invoices[lap.id] = lap
    (finding,) = of_kind(find(records.market()), KIND)
    assert len(finding.subjects) == 6
    assert "run through 2 times" in finding.reason


def test_a_ring_closes_through_ownership() -> None:
    records = quiet()
    records.party("front", owners=(Holding("person", 900_000),))
    records.party("back", owners=(Holding("person", 600_000),))
    legs = {
        records.deal(seller, buyer, BEGIN + day, goods="cathodes", quantity=300_000, moved=None)
        for seller, buyer, day in (("front", "s2", 200), ("s2", "s3", 202), ("s3", "back", 204))
    }
    (finding,) = of_kind(find(records.market()), KIND)
    assert set(finding.subjects) == legs
    assert "one owner" in finding.reason


def test_a_cycle_of_different_goods_is_honest() -> None:
    records = quiet()
    for day in range(20, 500, 30):
        for seller, buyer, goods, quantity, price in (
            ("s1", "s2", "ore", 90_000, 11_000),
            ("s2", "s3", "parts", 31_000, 32_100),
            ("s3", "s1", "machine", 2_000, 501_000),
        ):
            more = quantity + 37 * day
            records.deal(seller, buyer, BEGIN + day, goods=goods, quantity=more, price=price)
    assert subjects(find(records.market()), KIND) == set()


def test_a_slow_cycle_of_unlike_quantities_is_honest() -> None:
    records = quiet()
    for seller, buyer, day, quantity in (
        ("s1", "s2", 100, 300_000),
        ("s2", "s3", 125, 120_000),
        ("s3", "s1", 155, 410_000),
    ):
        records.deal(seller, buyer, BEGIN + day, goods="cathodes", quantity=quantity)
    assert subjects(find(records.market()), KIND) == set()


def claims(records: Records, way: tuple[str, ...]) -> str:
    invoice = last(records, "s1", "b2")
    day = records.invoices[invoice].issue_day
    for at, (assignor, assignee) in enumerate(pairwise(way)):
        key = f"a{at}"
        records.assignments[key] = Assignment(key, invoice, assignor, assignee, 100, day + 3 * at)
    return invoice


def test_a_claim_that_comes_back_to_its_assignor_is_circular() -> None:
    records = quiet()
    invoice = claims(records, ("s1", "s4", "s5", "s1"))
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == (invoice,)
    assert "s1 to s4 to s5 to s1" in finding.reason


def test_a_claim_that_is_bought_back_or_passed_on_is_honest() -> None:
    for way in (("s1", "s4", "s1"), ("s1", "s4", "s5", "w1")):
        records = quiet()
        claims(records, way)
        assert subjects(find(records.market()), KIND) == set()


def large(count: int) -> Market:
    """A graph in which almost everything leads back, all goods and amounts alike."""
    parties = tuple(Party(f"p{at}", f"Company {at}", 0) for at in range(2_000))
    lines = (Line("steel", 1_000, 100),)
    invoices = tuple(
        Invoice(
            id=f"i{at}",
            number=f"n{at}",
            seller=f"p{at * 7919 % 2_000}",
            buyer=f"p{(at * 104_729 + at // 2_000 + 1) % 2_000}",
            currency="CNY",
            amount=100_000 + at % 997,
            issue_day=BEGIN + at % 300,
            due_day=BEGIN + at % 300 + 60,
            received_day=BEGIN + at % 300,
            lines=lines,
        )
        for at in range(count)
    )
    return Market(
        today=BEGIN + 400, review_limit=0, tax_known=False, parties=parties, invoices=invoices
    )


def test_a_graph_that_is_too_large_is_searched_in_part_and_says_so() -> None:
    market = large(20_000)
    parameters = Parameters(circles=Circles(max_steps=50_000))
    started = time.monotonic()
    result = find(market, parameters=parameters)
    assert time.monotonic() - started < 60
    reasons = [entry.reason for entry in result.left_out if entry.check == "circles"]
    assert len(reasons) == 2
    assert all("too large" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("parts", "is_ring"), [((150_000, 150_000), True), ((40_000, 60_000), False)]
)
def test_a_leg_in_parts_closes_a_ring_if_its_sum_fits(
    parts: tuple[int, int], is_ring: bool
) -> None:
    records = quiet()
    legs = ring(records, ("s1", "s2", "s3"))
    whole = max(legs)
    records.invoices.pop(whole)
    for at, quantity in enumerate(parts):
        key = f"part{at}"
        invoice = records.deal(
            "s3",
            "s1",
            BEGIN + 206 + at,
            goods="cathodes",
            quantity=quantity,
            price=20_800,
            moved=None,
        )
        records.invoices[key] = replace(records.invoices.pop(invoice), id=key)
    result = subjects(find(records.market()), KIND)
    assert result == ((legs - {whole}) | {"part0", "part1"} if is_ring else set())
