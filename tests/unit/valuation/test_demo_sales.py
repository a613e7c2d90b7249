"""The demo's sales, valued by the gateway's own readers and valuation."""

from __future__ import annotations

import datetime

from app.demo.sales import WINDOW_DAYS, Sold, every_other_day, movements_file, sales_file
from app.domain.calendar import day_of
from app.domain.valuation import measures
from app.domain.valuation.grades import Grade
from app.domain.valuation.model import History
from app.domain.valuation.valuing import Valuation, value_goods
from app.goods.prices.valuation_files import as_history, read_sales
from app.goods.stock.reader import read_stock_file

YESTERDAY = datetime.date(2026, 11, 26)
STEADY = every_other_day(YESTERDAY, days=WINDOW_DAYS, kilograms=600, price=20_00)


def valued(sold: list[Sold], *, stock: int, on: datetime.date) -> Valuation:
    """The valuation of the files that the story uploads."""
    sales, _ = read_sales(sales_file(sold, currency="CNY"), unit="KGM")
    file = read_stock_file(movements_file(sold, stock=stock), zone_offset=0)
    movements = as_history(file.movements, unit="KGM")
    history = History(
        sku="copying document A4",
        currency="CNY",
        as_of_day=day_of(on),
        sales=tuple(sales),
        movements=tuple(movements),
    )
    return value_goods(history)


def test_steady_sales_reach_over_the_whole_window_of_a_valuation() -> None:
    assert WINDOW_DAYS == measures.WINDOW_DAYS
    assert (YESTERDAY - STEADY[0].day).days == WINDOW_DAYS - 1
    assert {sold.kilograms for sold in STEADY} == {600}
    assert len(STEADY) == WINDOW_DAYS // 2


def test_grade_of_steady_sales_depends_on_the_stock_alone() -> None:
    small = valued(STEADY, stock=10_000, on=YESTERDAY)
    large = valued(STEADY, stock=20_000, on=YESTERDAY)
    assert small.value == large.value == 2_000_000, "20.00 a kilogram"
    assert (small.measures.days_of_stock, small.grade) == (34, Grade.A)
    assert (large.measures.days_of_stock, large.grade) == (67, Grade.B)


def test_a_clearance_with_returns_lowers_value_and_grade() -> None:
    later = YESTERDAY + datetime.timedelta(days=11)
    clearance = every_other_day(later, days=10, kilograms=1_300, price=14_00)
    back = Sold(later, "return", 2_400, 20_00)
    fallen = valued([*STEADY, *clearance, back], stock=20_000, on=later)
    assert (fallen.value, fallen.grade) == (1_400_000, Grade.C)
    reasons = {figure.name for figure in fallen.figures if figure.grade == Grade.C}
    assert reasons == {"returned"}


def test_demo_sales_are_the_same_bytes_in_every_run() -> None:
    again = every_other_day(YESTERDAY, days=WINDOW_DAYS, kilograms=600, price=20_00)
    assert sales_file(again, currency="CNY") == sales_file(STEADY, currency="CNY")
    first, second = sales_file(STEADY, currency="CNY").decode().splitlines()[:2]
    assert first == "reference,date,kind,quantity,unit,price,currency"
    assert second == f"S-1,{STEADY[0].day},sale,600.000,KGM,20.00,CNY"
