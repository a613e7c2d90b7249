"""A platform's table of sales: what it shows, what stays unknown, and what is refused."""

from __future__ import annotations

import pytest

from app.domain.calendar import date_of
from app.domain.scoring.problems import EvidenceInvalid
from app.domain.scoring.sales_table import SalesTable, read_sales_table


def table(*rows: str) -> SalesTable:
    return read_sales_table("\n".join(("month,sales,returns", *rows)).encode(), currency="CNY")


def months(count: int, sales: str, returns: str = "0.00", *, year: int = 2024) -> list[str]:
    return [
        f"{year + place // 12}-{place % 12 + 1:02d},{sales},{returns}" for place in range(count)
    ]


def test_nine_months_show_sales_and_returns_and_no_trend() -> None:
    short = table(*months(9, "1000.00", "12.34"))
    assert short.values() == {
        "months-of-trade": 9,
        "yearly-sales": {"amount": "9000.00", "currency": "CNY"},
        "return-share": "1.234%",
    }
    assert date_of(short.as_of).isoformat() == "2024-10-01"


def test_two_years_show_a_trend_of_the_last_year() -> None:
    long = table(*months(12, "1000.00"), *months(12, "900.00", "9.00", year=2025))
    assert long.values() == {
        "months-of-trade": 24,
        "yearly-sales": {"amount": "10800.00", "currency": "CNY"},
        "sales-trend": "-10%",
        "return-share": "1%",
    }
    assert date_of(long.as_of).isoformat() == "2026-01-01"


def test_a_month_without_sales_is_zero_and_a_share_of_nothing_is_unknown() -> None:
    assert table("2026-01,0.00,0.00").values() == {
        "months-of-trade": 1,
        "yearly-sales": {"amount": "0.00", "currency": "CNY"},
    }
    idle = table(*months(12, "0.00"), *months(12, "5.00", year=2025))
    assert "sales-trend" not in idle.values(), "there is no change from nothing"


def test_returns_above_sales_are_all_of_them() -> None:
    assert table("2026-01,5.00,7.00").values()["return-share"] == "100%"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        ("", "columns-invalid", "first row"),
        ("month,sales\n2026-01,1.00", "columns-invalid", "first row"),
        ("month,sales,returns", "months-invalid", "0 months"),
        ("month,sales,returns\n2026-13,1.00,0.00", "month-invalid", "row 2"),
        ("month,sales,returns\n0000-01,1.00,0.00", "month-invalid", "row 2"),
        ("month,sales,returns\n2026-01,1.00", "row-invalid", "row 2"),
        ("month,sales,returns\n2026-01,x,0.00", "amount-invalid", "row 2"),
        ("month,sales,returns\n2026-01,-1.00,0.00", "amount-invalid", "row 2"),
        ("month,sales,returns\n2026-01,1.001,0.00", "amount-invalid", "row 2"),
        ("month,sales,returns\n2026-01,1.00,0.00\n2026-03,1.00,0.00", "months-invalid", "row 3"),
        ("month,sales,returns\n2026-01,1.00,0.00\n2026-01,1.00,0.00", "months-invalid", "row 3"),
        ('month,sales,returns\n"2026-01,1.00,0.00', "not-csv", ""),
    ],
)
def test_a_wrong_table_is_refused_by_its_row(data: str, name: str, words: str) -> None:
    with pytest.raises(EvidenceInvalid) as error:
        read_sales_table(data.encode(), currency="CNY")
    (problem,) = error.value.problems
    assert problem.name == name
    assert words in str(problem.detail)
    assert problem.fix


def test_more_than_twenty_years_are_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="241 months"):
        table(*months(241, "1.00", year=2000))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="not-csv"):
        read_sales_table(b"\xff\xfe", currency="CNY")
