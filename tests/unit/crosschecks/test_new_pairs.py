"""Large round sums as soon as two parties meet."""

from __future__ import annotations

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.new_pairs import is_round
from app.domain.crosschecks.records import Kind
from tests.support.trade_records import BEGIN, Records, of_kind, quiet, subjects

KIND = Kind.NEW_PAIR_ROUND_SUMS


def meet(
    records: Records,
    *,
    day: int = 200,
    price: int = 20_000,
    moved: int | None = None,
    count: int = 3,
) -> set[str]:
    """A buyer that nobody knew, and large invoices to it."""
    buyer = records.party("new")
    return {
        records.deal(
            "s1", buyer, BEGIN + day + 8 * at, quantity=1_500_000, price=price, moved=moved
        )
        for at in range(count)
    }


def test_large_round_sums_of_a_new_pair_are_suspect() -> None:
    records = quiet()
    sums = meet(records)
    (finding,) = of_kind(find(records.market()), KIND)
    assert set(finding.subjects) == sums
    assert "3 round sums" in finding.reason


def test_large_odd_sums_of_a_new_pair_are_honest() -> None:
    records = quiet()
    meet(records, price=20_003, moved=3)
    assert subjects(find(records.market()), KIND) == set()


def test_one_large_true_order_of_a_new_pair_is_honest() -> None:
    records = quiet()
    meet(records, moved=3, count=1)
    assert subjects(find(records.market()), KIND) == set()


def test_round_sums_are_honest_where_round_prices_are_the_custom() -> None:
    records = quiet()
    for at in range(6):
        for day in range(0, 480, 15):
            records.deal(f"s{at}", f"b{(at + 4) % 6}", BEGIN + day, quantity=100_000, price=20_000)
    meet(records, moved=3)
    assert subjects(find(records.market()), KIND) == set()


def test_a_pair_whose_earlier_trade_is_not_known_is_left_out() -> None:
    records = quiet()
    meet(records, day=5)
    result = find(records.market())
    assert subjects(result, KIND) == set()
    assert [entry.count for entry in result.left_out if entry.check == "new pairs"] == [1]


def test_a_sum_is_round_by_its_first_digits() -> None:
    assert is_round(250_000_00, 2)
    assert not is_round(251_000_00, 2)
    assert not is_round(0, 2)


def test_round_sums_that_were_moved_and_paid_are_suspect_if_the_trade_ended_with_them() -> None:
    records = quiet()
    sums = meet(records, moved=3, price=24_200, count=2)
    assert subjects(find(records.market()), KIND) == sums


def test_round_sums_that_were_paid_are_honest_if_the_trade_goes_on() -> None:
    records = quiet()
    meet(records, moved=3, price=24_200, count=2)
    for day in range(270, 450, 20):
        records.deal("s1", "new", BEGIN + day, quantity=90_000 + day, price=24_200)
    assert subjects(find(records.market()), KIND) == set()
