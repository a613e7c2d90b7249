"""What a pair usually has."""

from __future__ import annotations

from app.domain.crosschecks.billing_parameters import Deliveries
from app.domain.crosschecks.habits import Habits, habits_of
from app.domain.crosschecks.index import index_of
from app.domain.crosschecks.matching import match
from tests.support.trade_records import BEGIN, Records, quiet


def habits(records: Records) -> Habits:
    index = index_of(records.market())
    return habits_of(index, match(index, Deliveries()), tax_delay=15)


def test_a_gap_is_weighed_by_the_pair_s_other_invoices() -> None:
    records = quiet()
    odd = records.deal("s1", "b2", BEGIN + 300, moved=None, pays_after=None, known_to_tax=False)
    invoice, known = records.invoices[odd], habits(records)
    for habit in (known.moved, known.paid, known.taxed):
        assert habit.is_missing(invoice)
        assert habit.rate(invoice) == 0
    assert not known.ordered.is_missing(invoice)


def test_a_pair_of_few_invoices_is_weighed_by_its_seller() -> None:
    records = quiet()
    for day in range(0, 400, 5):
        records.deal("s1", "b5", BEGIN + day, quantity=50_000 + day, moved=None)
    odd = records.deal("s1", "b4", BEGIN + 300, moved=None)
    rate = habits(records).moved.rate(records.invoices[odd])
    assert 500_000 < rate < 700_000


def test_what_is_lost_by_chance_is_counted_where_most_is_known() -> None:
    records = quiet()
    for day in range(0, 400, 5):
        records.deal("s1", "b5", BEGIN + day, quantity=50_000 + day, moved=None)
    assert habits(records).moved.floor() == 0
    records.deal("s1", "b2", BEGIN + 300, moved=None)
    assert 0 < habits(records).moved.floor() < 5_000
