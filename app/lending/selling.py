"""What the sale of a loan and the sale of a share of it have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.domain.texts import Text, say
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import Names
from app.lending import access
from app.lending.commands import CONTRACT
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in
from app.storage import record_of, run


class Positioned(Protocol):
    """A row of a list that is read page by page."""

    position: int


Record = TypeVar("Record", bound=msgspec.Struct)
Row = TypeVar("Row", bound=Positioned)
Item = TypeVar("Item")


# ------------------------------------------------------------------ what is sold


class Standing(TypedDict):
    """The loan as both sides see it when they sign: if it changes, the sale fails."""

    principal: int
    postings: int
    standing: str


async def standing_of(gateway: Gateway, row: LoanRow) -> Standing:
    """How a loan stands now."""
    postings = await call(gateway, CONTRACT, "postingsOf", [row.loan_id])
    standing = await call(gateway, CONTRACT, "saleStanding", [row.loan_id])
    return {
        "principal": row.outstanding,
        "postings": int(postings["head"]),
        "standing": standing,
    }


def require_lender(caller: Caller, row: LoanRow, *, words: Text) -> None:
    """Only the lender sells what it lends itself.

    Args:
        words: what is refused.

    Raises:
        Forbidden.
    """
    if caller.acting() != row.lender or row.entruster is not None:
        raise Forbidden(words, name="not-lender")


def require_owed(row: LoanRow, *, words: Text, name: str) -> None:
    """Nothing is sold of a loan that is repaid or lost.

    Args:
        words: what is refused.
        name: of the problem.

    Raises:
        Conflict.
    """
    if row.status == "Repaid" or row.loss:
        why = say("it is repaid") if row.status == "Repaid" else say("its loss was recorded")
        raise Conflict(say("{words}: {why}", words=words, why=why), name=name)


async def buyer_account(
    gateway: Gateway, row: LoanRow, party_id: str, *, field: str, words: Text
) -> str:
    """The account of a party that buys, and is no side of the loan.

    Args:
        words: what is refused.

    Raises:
        BadInput.
    """
    party = await party_in(gateway, party_id, field=field)
    if party.account in (row.lender, row.borrower):
        raise BadInput(words, field=field, fix="name another financier")
    return party.account


# ------------------------------------------------------------------ what was sold


class PageRequest(msgspec.Struct, frozen=True):
    """Which rows of a list a caller asks for.

    Attributes:
        account: whose rows; None: all.
        before: position of the last row of the page before.
    """

    account: str | None
    loan_id: int | None
    before: int | None
    limit: int


def page_request(
    caller: Caller, *, loan_id: int | None, before: int | None, limit: int
) -> PageRequest:
    """What a caller asks for: its own rows, or all for those who see all."""
    return PageRequest(access.shown_account(caller), loan_id, before, limit)


def newest(
    connection: Connection,
    row_type: type[Record],
    request: PageRequest,
    *,
    select: str,
    sides: Sequence[str],
) -> list[Record]:
    """The rows of which an account is a side, or all of them; newest first.

    Args:
        select: the query without its conditions.
        sides: the columns with the accounts.
    """
    wheres: list[str] = ["1 = 1"]
    values: list[object] = []
    if request.account is not None:
        wheres.append(f"({' OR '.join(f'{side} = ?' for side in sides)})")
        values += [request.account] * len(sides)
    for clause, value in (("loan_id = ?", request.loan_id), ("position < ?", request.before)):
        if value is not None:
            wheres.append(clause)
            values.append(value)
    query = f"{select}WHERE {' AND '.join(wheres)} ORDER BY position DESC LIMIT ?"
    return [record_of(row_type, row) for row in run(connection, query, (*values, request.limit))]


class Listing(TypedDict):
    """Where a page of a list ends, and as of when it is true."""

    nextCursor: int | None
    asOf: AsOf


async def page(
    gateway: Gateway,
    request: PageRequest,
    *,
    rows: Callable[[Connection, PageRequest], list[Row]],
    sides: Callable[[Row], tuple[str, ...]],
    items: Callable[[Connection, list[Row], Names], list[Item]],
) -> tuple[list[Item], Listing]:
    """A page of a list: its items, with the names of their sides, and where it ends.

    Args:
        rows: queries them.
        sides: the accounts of a row.
        items: the rows as the caller sees them.
    """

    def find(connection: Connection) -> tuple[list[Item], Listing]:
        _, as_of = moment(connection)
        page_rows = rows(connection, request)
        names = parties.names(connection, {account for row in page_rows for account in sides(row)})
        following = page_rows[-1].position if len(page_rows) == request.limit else None
        return items(connection, page_rows, names), {"nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)
