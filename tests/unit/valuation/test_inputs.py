"""Contradictory inputs are refused, and the error names the field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.valuation.model import History, HistoryInvalid, MovementKind
from app.domain.valuation.valuing import value_goods
from tests.support.valuations import FIRST, TODAY, came_back, history, moved, sale

GOOD = sale(TODAY, 1, 100)


def refused(history: History) -> HistoryInvalid:
    """The error for an invalid history."""
    with pytest.raises(HistoryInvalid) as caught:
        value_goods(history)
    assert caught.value.fix
    assert str(caught.value).startswith(f"{caught.value.field}: ")
    return caught.value


CASES: dict[str, tuple[History, str, str]] = {
    "a price below zero": (
        history(GOOD, sale(999, 1, -5)),
        "sales.1.price",
        "-5 of 'S999' is not above zero",
    ),
    "a price of nothing": (history(sale(999, 1, 0)), "sales.0.price", "is not above zero"),
    "a quantity of nothing": (history(sale(999, 0, 5)), "sales.0.quantity", "is not above zero"),
    "a negative quantity": (history(sale(999, -2, 5)), "sales.0.quantity", "-2000 of 'S999'"),
    "a floating-point price": (
        history(replace(GOOD, price=1.5)),  # type: ignore[arg-type]
        "sales.0.price",
        "1.5 is not a whole number",
    ),
    "a truth value for a quantity": (
        history(replace(GOOD, quantity=True)),
        "sales.0.quantity",
        "True is not a whole number",
    ),
    "a return of what was never sold": (
        history(GOOD, came_back(TODAY, 2, 100)),
        "sales.kind",
        "1.000 more came back than was ever sold",
    ),
    "a return before the sale": (
        history(came_back(999, 1, 100), GOOD),
        "sales.kind",
        "up to 1972-09-26, 1.000 more came back",
    ),
    "a line twice": (history(GOOD, GOOD), "sales.1.reference", "'S1000' occurs twice"),
    "two currencies": (
        history(GOOD, sale(999, 1, 5, currency="USD")),
        "sales.1.currency",
        "USD of 'S999' is not GBP",
    ),
    "a currency that is none": (history(GOOD, currency="XXY"), "currency", "not a currency"),
    "a sale of tomorrow": (
        history(GOOD, sale(1_001, 1, 5)),
        "sales.1.day",
        "1972-09-28 of 'S1001' is after the day of valuation, 1972-09-27",
    ),
    "a movement of tomorrow": (
        history(GOOD, movements=(moved(1_001, 1, MovementKind.RECEIVED),)),
        "movements.0.day",
        "after the day of valuation",
    ),
    "more out of stock than in": (
        history(GOOD, movements=(moved(990, 1, MovementKind.RELEASED),)),
        "movements.kind",
        "up to 1972-09-17, 1.000 more left the stock",
    ),
    "a gap over the whole window": (
        history(sale(FIRST - 1, 1, 100)),
        "sales.day",
        "after returns, nothing was sold in the 84 days up to",
    ),
    "all of it returned": (
        history(GOOD, came_back(TODAY, 1, 100)),
        "sales.day",
        "after returns, nothing was sold",
    ),
    "no sale at all": (history(), "sales", "there are none"),
    "goods without a name": (history(GOOD, sku=""), "sku", "is empty"),
    "a price beyond the ledger's": (
        history(sale(TODAY, 1, 2**60)),
        "sales.price",
        "above the ledger's maximum",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_history_is_refused_for_a_fault(case: tuple[History, str, str]) -> None:
    history, field, words = case
    error = refused(history)
    assert error.field == field
    assert words in str(error.detail)


def test_a_gap_within_the_window_is_no_error_but_costs_grades() -> None:
    valued = value_goods(history(sale(FIRST, 1, 100), sale(TODAY, 1, 100)))
    assert (valued.measures.gap, valued.grade.name) == (82, "E")
