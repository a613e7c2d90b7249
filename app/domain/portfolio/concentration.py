"""Concentration: which part of what is owed hangs on one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.portfolio.book import BookLoan, Bucket, bucket_at
from app.domain.portfolio.shares import herfindahl, shares_of


@dataclass(frozen=True)
class Name:
    """What is owed under one name.

    Attributes:
        key: a party's number, below zero for a group of parties; a product's id.
        share: parts per million of all names; the shares of all names add up to a million.
    """

    key: int
    amount: int
    share: int


@dataclass(frozen=True)
class Concentration:
    """What is owed by name.

    Attributes:
        total: of all names.
        unnamed: what is owed without such a name, for example without a debtor.
        index: the Herfindahl-Hirschman index of all names in parts per million; None: no name.
        names: the largest first, all of them.
    """

    total: int
    unnamed: int
    index: int | None
    names: tuple[Name, ...]


def borrower_of(loan: BookLoan) -> int | None:
    """The single name: the borrower's party."""
    return loan.borrower


def group_of(loan: BookLoan) -> int | None:
    """The group of the borrower, as a number below zero; the borrower itself if it has none."""
    return -loan.group if loan.group else loan.borrower


def debtor_of(loan: BookLoan) -> int | None:
    """The debtor of the claim that is the loan's collateral."""
    return loan.debtor


def product_of(loan: BookLoan) -> int | None:
    """The product."""
    return loan.product


def owed(loan: BookLoan, today: int) -> int:
    """Principal that still counts: nothing once the loss is recorded."""
    lost = bucket_at(loan, loan.last, today) is Bucket.LOST
    return 0 if lost else loan.last.outstanding


def concentration(
    loans: Iterable[BookLoan], name_of: Callable[[BookLoan], int | None], *, today: int
) -> Concentration:
    """What is owed by name, the largest first; of equal amounts the lower key first."""
    amounts: Counter[int] = Counter()
    unnamed = 0
    for loan in loans:
        amount = owed(loan, today)
        key = name_of(loan)
        if key is None:
            unnamed += amount
        elif amount:
            amounts[key] += amount
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    values = [amount for _, amount in ordered]
    names = tuple(
        Name(key, amount, share)
        for (key, amount), share in zip(ordered, shares_of(values), strict=True)
    )
    return Concentration(sum(values), unnamed, herfindahl(values), names)
