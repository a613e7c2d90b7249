"""Financial statements: they balance, totals add up, ratios are in basis points."""

from __future__ import annotations

import csv
import io

import pytest

from app.domain.scoring.file_figures import MAX_DAYS
from app.domain.scoring.statement_table import (
    BALANCE,
    EQUATIONS,
    Equation,
    read_statement_table,
)
from tests.support.evidence_files import COMPANY, days_of, problems_of, sample, values_of

LAST = "2025-12-31"
HEADER = "company,currency,periodFrom,periodTo,item,amount"


def rows_of(**changed: str | None) -> list[dict[str, str]]:
    """The rows of the sample; items of the last period changed, or left out by None."""
    changes = {name.replace("_", "-"): value for name, value in changed.items()}
    rows = []
    for row in csv.DictReader(io.StringIO(sample("statements"))):
        if row["periodTo"] == LAST and row["item"] in changes:
            amount = changes[row["item"]]
            if amount is None:
                continue
            rows.append(row | {"amount": amount})
        else:
            rows.append(row)
    return rows


def as_file(rows: list[dict[str, str]]) -> bytes:
    return "\n".join((HEADER, *(",".join(row.values()) for row in rows))).encode()


def row_of(item: str, rows: list[dict[str, str]]) -> int:
    """The row of an item of the last period in the file."""
    places = [
        place
        for place, row in enumerate(rows, start=2)
        if row["item"] == item and row["periodTo"] == LAST
    ]
    return places[0]


def shown(**changed: str | None) -> dict[str, object]:
    return dict(values_of(read_statement_table(as_file(rows_of(**changed)), currency="CNY")))


def small(*items: tuple[str, str], year: int = 2025) -> list[str]:
    return [f"{COMPANY},CNY,{year}-01-01,{year}-12-31,{name},{amount}" for name, amount in items]


def read(*rows: str) -> dict[str, object]:
    return dict(
        values_of(read_statement_table("\n".join((HEADER, *rows)).encode(), currency="CNY"))
    )


def test_the_sample_shows_six_ratios_of_its_last_period() -> None:
    figures = read_statement_table(sample("statements").encode(), currency="CNY")
    assert values_of(figures) == {
        "current-ratio": "150%",
        "debt-share": "50%",
        "net-margin": "4.77%",  # 118,400 / 2,480,000 = 4.774...%, down to basis points
        "profit-to-interest": "500%",
        "revenue-change": "25%",
        "receivable-days": 61,  # 410,000 x 365 / 2,480,000 = 60.3, rounded up
    }
    assert set(days_of(figures).values()) == {LAST}


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda each: f"{each.total}-{each.plus[0]}")
def test_each_total_is_the_sum_of_its_parts_to_the_cent(equation: Equation) -> None:
    names = {equation.total, *equation.parts, BALANCE.total, *BALANCE.parts}
    rows = [row for row in rows_of() if row["item"] in names and row["periodTo"] == LAST]
    read_statement_table(as_file(rows), currency="CNY")
    place = next(place for place, row in enumerate(rows) if row["item"] == equation.parts[-1])
    amount = rows[place]["amount"].removesuffix("00") + "01"
    changed = [*rows[:place], rows[place] | {"amount": amount}, *rows[place + 1 :]]
    (problem,) = problems_of(read_statement_table, as_file(changed))
    assert problem.name == ("sheet-unbalanced" if equation is BALANCE else "totals-differ")
    words = f"row {row_of(equation.total, rows)}, column amount: {equation.total} is"
    assert words in str(problem.detail)


def test_a_balance_sheet_that_does_not_balance_is_refused() -> None:
    rows = rows_of(equity="750000.01")
    (problem,) = problems_of(read_statement_table, as_file(rows))
    assert problem.name == "sheet-unbalanced"
    assert (
        f"row {row_of('total-assets', rows)}, column amount: total-assets is 1500000.00, the sum "
        "of total-liabilities + equity 1500000.01"
    ) in str(problem.detail)


def test_a_total_that_is_not_the_sum_of_its_parts_names_both() -> None:
    (problem,) = problems_of(read_statement_table, as_file(rows_of(gross_profit="620001.00")))
    assert problem.name == "totals-differ"
    assert "gross-profit is 620001.00" in str(problem.detail)
    assert "revenue - cost-of-sales 620000.00" in str(problem.detail)


@pytest.mark.parametrize("item", (BALANCE.total, *BALANCE.parts))
def test_a_balance_sheet_without_its_totals_is_refused(item: str) -> None:
    rows = rows_of(**{item.replace("-", "_"): None})
    (problem,) = problems_of(read_statement_table, as_file(rows))
    assert (problem.name, f"lacks {item}" in str(problem.detail)) == ("sheet-incomplete", True)


def test_parts_above_their_total_are_refused_even_if_some_are_unknown() -> None:
    data = as_file(rows_of(inventory=None, cash="480000.00"))
    (problem,) = problems_of(read_statement_table, data)
    assert problem.name == "totals-differ"
    assert "what is known of cash + receivables" in str(problem.detail)
    assert "910000.00" in str(problem.detail)
    assert shown(inventory=None)["current-ratio"] == "150%", "an unknown part is no fault"


def test_an_unknown_item_makes_its_ratios_unknown_and_not_zero() -> None:
    whole = set(shown())
    for changes, unknown in (
        ({"current_assets": ""}, {"current-ratio"}),
        ({"net_profit": None}, {"net-margin"}),
        ({"interest_expense": None}, {"profit-to-interest"}),
        ({"receivables": ""}, {"receivable-days"}),
        ({"revenue": None}, {"net-margin", "revenue-change", "receivable-days"}),
    ):
        assert whole - set(shown(**changes)) == unknown, changes


def test_a_ratio_to_nothing_is_unknown() -> None:
    values = read(*small(("operating-profit", "5.00"), ("interest-expense", "0.00")))
    assert values == {}


def test_a_loss_and_negative_equity_count() -> None:
    values = read(
        *small(
            *(("revenue", "300.00"), ("net-profit", "-100.00")),
            *(("total-assets", "100.00"), ("total-liabilities", "250.00"), ("equity", "-150.00")),
        )
    )
    # -33.333...% is rounded to the worse side; debt is at most all
    assert values == {"net-margin": "-33.34%", "debt-share": "100%"}
    deep = read(*small(("revenue", "1.00"), ("net-profit", "-100.00")))
    assert deep == {"net-margin": "-100%"}


def test_debt_is_rounded_up_to_a_basis_point() -> None:
    sheet = (("total-assets", "300.00"), ("total-liabilities", "100.00"), ("equity", "200.00"))
    assert read(*small(*sheet)) == {"debt-share": "33.34%"}


def test_revenue_is_compared_with_the_period_before_only() -> None:
    last = small(("revenue", "90.00"))
    assert read(*small(("revenue", "100.00"), year=2024), *last) == {"revenue-change": "-10%"}
    assert read(*small(("revenue", "100.00"), year=2023), *last) == {}, "a year lies between"
    half = f"{COMPANY},CNY,2024-07-01,2024-12-31,revenue,100.00"
    assert read(half, *last) == {}, "half a year is no year"
    assert read(*small(("revenue", "0.00"), year=2024), *last) == {}


def test_debts_of_buyers_without_revenue_wait_for_the_longest_time() -> None:
    sheet = (("total-assets", "9.00"), ("total-liabilities", "0.00"), ("equity", "9.00"))
    values = read(*small(*sheet, ("receivables", "9.00"), ("revenue", "0.00")))
    assert values == {"debt-share": "0%", "receivable-days": MAX_DAYS}


def test_periods_that_overlap_contradict_each_other() -> None:
    rows = (*small(("revenue", "1.00")), f"{COMPANY},CNY,2025-12-31,2026-03-31,revenue,1.00")
    (problem,) = problems_of(read_statement_table, "\n".join((HEADER, *rows)).encode())
    assert problem.name == "contradictory"
    assert "row 3, column periodFrom: its period overlaps that of row 2" in str(problem.detail)


def test_an_item_counts_once_in_a_period() -> None:
    rows = small(("revenue", "1.00"), ("revenue", "2.00"))
    (problem,) = problems_of(read_statement_table, "\n".join((HEADER, *rows)).encode())
    assert problem.name == "contradictory"
    assert "row 3, column item: row 2 has the same item" in str(problem.detail)


def test_more_periods_than_allowed_are_refused() -> None:
    rows = [row for year in range(2010, 2023) for row in small(("revenue", "1.00"), year=year)]
    (problem,) = problems_of(read_statement_table, "\n".join((HEADER, *rows)).encode())
    assert "row 14, column periodFrom: there are too many periods" in str(problem.detail)
