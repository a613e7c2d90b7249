"""Concentration, by hand and over random books."""

from __future__ import annotations

import pytest

from app.domain.portfolio.concentration import (
    Name,
    borrower_of,
    concentration,
    debtor_of,
    group_of,
    product_of,
)
from app.domain.portfolio.shares import MILLION
from tests.support.book import LOST, RUNNING, any_book, loan, on

TODAY = on("2026-10-15")
BOOK = [
    loan(1, ("2026-09-01", 300, "2026-12-01", RUNNING), borrower=7, group=3, debtor=50, product=1),
    loan(2, ("2026-09-01", 200, "2026-12-01", RUNNING), borrower=8, group=3, product=2),
    loan(3, ("2026-09-01", 100, "2026-12-01", RUNNING), borrower=7, group=3, debtor=51, product=1),
    loan(4, ("2026-09-01", 400, "2026-12-01", RUNNING), borrower=9, debtor=50, product=2),
    loan(5, ("2026-01-01", 999, "2026-02-01", LOST), borrower=9, debtor=50, loss=999),
    loan(6, ("2026-09-01", 0, "2026-12-01", RUNNING), borrower=10, debtor=52),
]


def test_single_names_to_the_unit() -> None:
    figures = concentration(BOOK, borrower_of, today=TODAY)
    assert figures.names == (Name(7, 400, 400_000), Name(9, 400, 400_000), Name(8, 200, 200_000))
    assert (figures.total, figures.unnamed, figures.index) == (1_000, 0, 360_000)


def test_parties_of_one_group_are_one_name_and_others_stand_alone() -> None:
    figures = concentration(BOOK, group_of, today=TODAY)
    assert figures.names == (Name(-3, 600, 600_000), Name(9, 400, 400_000))
    assert figures.index == 520_000


def test_what_has_no_debtor_is_apart() -> None:
    figures = concentration(BOOK, debtor_of, today=TODAY)
    assert figures.names == (Name(50, 700, 875_000), Name(51, 100, 125_000))
    assert (figures.total, figures.unnamed) == (800, 200)


def test_products() -> None:
    figures = concentration(BOOK, product_of, today=TODAY)
    assert [(name.key, name.amount) for name in figures.names] == [(2, 600), (1, 400)]


def test_book_without_debt_has_no_index() -> None:
    figures = concentration(BOOK[4:], borrower_of, today=TODAY)
    assert (figures.total, figures.index, figures.names) == (0, None, ())


@pytest.mark.parametrize("seed", range(10))
def test_shares_add_up_and_every_name_has_the_same_total(seed: int) -> None:
    book = any_book(seed, 400, today=TODAY)
    totals = set()
    for name_of in (borrower_of, group_of, debtor_of, product_of):
        figures = concentration(book, name_of, today=TODAY)
        assert sum(name.share for name in figures.names) == MILLION
        assert sum(name.amount for name in figures.names) == figures.total
        assert figures.index is not None
        assert figures.names[0].share ** 2 // MILLION <= figures.index + 1 <= MILLION + 1
        totals.add(figures.total + figures.unnamed)
    assert len(totals) == 1
