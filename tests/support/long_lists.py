"""Lists of very many debts and claims, stored without a chain under a gateway that runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_HASH
from app.storage import Storage, insert_many, run
from app.storage.tables.trade import assignments, claims, receivables
from tests.support.rows import row

STATUSES = ("Confirmed", "Confirmed", "Confirmed", "Disputed", "Defaulted")
_STEP, _RANGE = 104_729, 9_999_991  # amounts: all over the range, in no order
_AT_ONCE = 10_000


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """Debts of one debtor to one seller, each with one claim that a holder bought.

    Attributes:
        first: the number of the first debt and of its claim; no other debt has a number from it on.
        count: how many.
        seller, debtor, holder: accounts.
        currency: the address of the settlement token.
        today: the day number of the first due day.
        lienholder: has a lien on every tenth claim.
        days: the debts fall due on so many days, in turn.
    """

    first: int
    count: int
    seller: str
    debtor: str
    holder: str
    currency: str
    today: int
    lienholder: str | None = None
    days: int = 700

    @property
    def numbers(self) -> range:
        """Of the debts and claims, oldest first."""
        return range(self.first, self.first + self.count)

    def amount(self, number: int) -> int:
        """The face amount of a debt and the value of its claim, in minor units."""
        return number * _STEP % _RANGE + 1

    def due_day(self, number: int) -> int:
        """The day number on which a debt falls due."""
        return self.today + number * 31 % self.days

    def status(self, number: int) -> str:
        """Of a debt, as the ledger names it."""
        return STATUSES[number % len(STATUSES)]

    def lien_of(self, number: int) -> str | None:
        """Who has a lien on a claim."""
        return None if number % 10 else self.lienholder


def document_root(number: int) -> str:
    """What a debt names as its documents; the store has none."""
    return f"0xd{number:063x}"


def _debt(book: Book, number: int) -> tuple[Any, ...]:
    return row(
        receivables,
        receivable_id=number,
        seller=book.seller,
        debtor=book.debtor,
        currency=book.currency,
        face_amount=book.amount(number),
        due_day=book.due_day(number),
        fingerprint=f"0x{number:064x}",
        document_root=document_root(number),
        legal_text_hash=ZERO_HASH,
        status=book.status(number),
        claim_id=number,
        requested_at=1,
        confirmed_at=1,
    )


def _claim(book: Book, number: int) -> tuple[Any, ...]:
    return row(
        claims,
        claim_id=number,
        receivable_id=number,
        owner=book.holder,
        value=book.amount(number),
        depth=1,
        lienholder=book.lien_of(number),
        due_day=book.due_day(number),
        currency=book.currency,
    )


def _assignment(book: Book, number: int) -> tuple[Any, ...]:
    return row(
        assignments,
        position=2**62 + number,  # behind all of the chain
        from_claim_id=number,
        to_claim_id=number,
        from_owner=book.seller,
        to_owner=book.holder,
        value=book.amount(number),
        transaction_hash=ZERO_HASH,
    )


def fill(storage: Storage, books: Sequence[Book]) -> None:
    """Stores all debts and claims of the books, so many at once that a gateway still writes."""
    for book in books:
        for numbers in _batches(book):
            for table, row_of in (
                (receivables, _debt),
                (claims, _claim),
                (assignments, _assignment),
            ):
                rows = [row_of(book, number) for number in numbers]
                storage.write_now(partial(insert_many, table=table, rows=rows))
    if storage.dialect == "postgresql":  # which does it by itself, later; SQLite does not
        storage.write_now(lambda connection: run(connection, "ANALYZE"))


def _batches(book: Book) -> Iterator[list[int]]:
    numbers = iter(book.numbers)
    while batch := list(islice(numbers, _AT_ONCE)):
        yield batch


def clear(storage: Storage, books: Sequence[Book]) -> None:
    """Takes them away again."""

    def write(connection: Connection) -> None:
        for book in books:
            bounds = (book.numbers[0], book.numbers[-1])
            for table, name in (
                ("claims", "claim_id"),
                ("assignments", "to_claim_id"),
                ("receivables", "receivable_id"),
            ):
                run(connection, f"DELETE FROM {table} WHERE {name} BETWEEN ? AND ?", bounds)

    storage.write_now(write)
