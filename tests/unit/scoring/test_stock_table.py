"""A list of stock: how long it lasts, what is old, and what stays unknown."""

from __future__ import annotations

from app.domain.scoring.file_figures import MAX_DAYS
from app.domain.scoring.stock_table import read_stock_table
from tests.support.evidence_files import Cells, days_of, edited, problems_of, values_of

ROWS = (2, 3, 4, 5)


def shown(cells: Cells, *, without: tuple[str, ...] = ()) -> dict[str, object]:
    figures = read_stock_table(edited("stock", cells, without=without), currency="CNY")
    return dict(values_of(figures))


def test_the_sample_lasts_102_days_and_is_old_in_part() -> None:
    # 14,400 + 10,500 + 11,000 + 2,000; sold 18,000 + 9,800 + 3,300 + 2,480 in 90 days
    assert shown({}) == {
        "stock-value": {"amount": "37900.00", "currency": "CNY"},
        "stock-days": 102,  # 37,900 x 90 / 33,580 = 101.58, rounded up
        "old-stock-share": "29.0238%",  # 11,000 / 37,900, rounded up
    }
    figures = read_stock_table(edited("stock", {}), currency="CNY")
    assert set(days_of(figures).values()) == {"2026-03-31"}


def test_goods_are_old_after_180_days_and_not_before() -> None:
    fresh = {(4, "received"): "2025-10-02"}
    assert shown(fresh)["old-stock-share"] == "0%"
    assert shown({(4, "received"): "2025-10-01"})["old-stock-share"] == "29.0238%"


def test_what_a_row_does_not_say_is_unknown_and_not_zero() -> None:
    assert set(shown({(3, "sold"): ""})) == {"stock-value", "old-stock-share"}
    assert set(shown({(3, "received"): ""})) == {"stock-value", "stock-days"}
    assert set(shown({}, without=("sold", "received"))) == {"stock-value"}


def test_goods_that_are_sold_out_need_no_day_of_receipt() -> None:
    cells = {(3, "received"): "", (3, "quantity"): "0"}
    # 11,000 of 27,400
    assert shown(cells)["old-stock-share"] == "40.146%"


def test_stock_that_nobody_buys_lasts_for_the_longest_time() -> None:
    unsold = {(row, "sold"): "0.000" for row in ROWS}
    assert shown(unsold)["stock-days"] == MAX_DAYS


def test_no_stock_has_no_share_of_old_goods() -> None:
    empty = {(row, "quantity"): "0" for row in ROWS}
    assert shown(empty) == {
        "stock-value": {"amount": "0.00", "currency": "CNY"},
        "stock-days": 0,
    }
    nothing = empty | {(row, "sold"): "0" for row in ROWS}
    assert set(shown(nothing)) == {"stock-value"}, "nothing of nothing says nothing"


def test_the_value_is_rounded_half_up() -> None:
    rest = {(row, "quantity"): "0" for row in (3, 4, 5)}
    half = rest | {(2, "quantity"): "0.125", (2, "unitCost"): "0.04"}
    assert shown(half)["stock-value"] == {"amount": "0.01", "currency": "CNY"}  # 0.5 of a cent
    below = rest | {(2, "quantity"): "0.124", (2, "unitCost"): "0.04"}
    assert shown(below)["stock-value"] == {"amount": "0.00", "currency": "CNY"}


def test_two_rows_about_goods_of_one_day_contradict_each_other() -> None:
    lots = {(3, "sku"): "BOLT-M8"}
    assert "stock-days" in shown(lots), "lots of two days are two"
    twice = lots | {(3, "received"): "2026-02-10"}
    (problem,) = problems_of(read_stock_table, edited("stock", twice))
    assert problem.name == "contradictory"
    assert "row 3, column sku: row 2 has the same goods of the same day" in str(problem.detail)
