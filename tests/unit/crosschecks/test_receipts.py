"""One lot of goods behind two warehouse receipts."""

from __future__ import annotations

import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Kind
from tests.support.trade_records import BEGIN, Records, of_kind, quiet, subjects

KIND = Kind.GOODS_COUNTED_TWICE


def stock() -> Records:
    """A warehouse with a load each week, each with a mark and a place."""
    records = quiet()
    for at in range(30):
        records.store(f"r{at}", day=BEGIN + 7 * at)
    return records


@pytest.mark.parametrize("lot", ["L x", "l-x", None])
def test_the_same_lot_behind_two_receipts_is_found(lot: str | None) -> None:
    records = stock()
    records.store("x", quantity=31_000, place="A 7")
    records.store("y", quantity=31_000, place="A 7", lot=lot, day=BEGIN + 130)
    (finding,) = of_kind(find(records.market()), KIND)
    assert finding.subjects == ("x", "y")
    assert "copper" in finding.reason


def test_two_warehouses_with_one_lot_of_one_place_are_found() -> None:
    records = stock()
    records.store("x", quantity=31_000, place="A 7")
    records.store("y", quantity=31_000, place="a 7", lot="L x", warehouse="w2", depositor="s2")
    assert subjects(find(records.market()), KIND) == {"x", "y"}


def test_two_parts_of_a_lot_are_honest() -> None:
    records = stock()
    records.store("x", quantity=31_000, place="A 7")
    records.store("y", quantity=12_000, place="A 8", lot="L x")
    assert subjects(find(records.market()), KIND) == set()


def test_equal_loads_without_marks_are_honest_if_they_are_usual() -> None:
    records = quiet()
    for at in range(10):
        records.store(f"r{at}", day=BEGIN + 7 * at, lot=None, place="hall")
    assert subjects(find(records.market()), KIND) == set()


def test_marks_of_two_warehouses_may_be_alike() -> None:
    records = stock()
    records.store("x")
    records.store("y", lot="L x", warehouse="w2")
    assert subjects(find(records.market()), KIND) == set()
