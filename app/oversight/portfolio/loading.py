"""The book of loans that a caller may see, as of the newest block."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.portfolio.book import BookLoan
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import with_token
from app.gateway.read_as_of import AsOf, business_day, moment
from app.lending.access import lender_of
from app.oversight.portfolio import repository
from app.oversight.portfolio.views import Reader
from app.parties.registry import repository as parties


class Scope(msgspec.Struct, frozen=True):
    """Which loans a request asks for.

    Attributes:
        lender_party_id: id of a party; None: the caller's own loans, or all for those who see all.
        currency: code; None: each currency by itself.
    """

    lender_party_id: str | None = None
    currency: str | None = None


class LoadedBook(msgspec.Struct):
    """The loans by currency code.

    Attributes:
        lender: the account whose loans they are; None: of all lenders.
        addresses: of the tokens, by currency code.
    """

    loans: dict[str, list[BookLoan]]
    addresses: dict[str, str]
    account_of: dict[int, str]
    lender: str | None
    today: int
    as_of: AsOf

    def left_out(self, currency: str) -> int:
        """Loans whose past is not known completely."""
        return sum(not loan.complete for loan in self.loans[currency])


async def load(
    gateway: Gateway, caller: Caller, scope: Scope, *, tiers: bool = False
) -> LoadedBook:
    """The book, read in one transaction.

    Raises:
        Forbidden, BadInput.
    """
    lender = await lender_of(gateway, caller, scope.lender_party_id)
    if scope.currency is not None:
        with_token(gateway, scope.currency, field="currency")

    def find(connection: Connection) -> LoadedBook:
        now, as_of = moment(connection)
        book = repository.book(
            connection, lender=lender, zone_offset=gateway.zone_offset, tiers=tiers
        )
        codes = {gateway.currency_at(address): address for address in book.loans}
        if scope.currency is not None:
            codes = {code: address for code, address in codes.items() if code == scope.currency}
        return LoadedBook(
            loans={code: book.loans[codes[code]] for code in sorted(codes)},
            addresses=codes,
            account_of=book.account_of,
            lender=lender,
            today=business_day(gateway, now),
            as_of=as_of,
        )

    return await gateway.storage.read(find)


async def reader(
    gateway: Gateway, book: LoadedBook, currency: str, keys: set[int] | None = None
) -> Reader:
    """What answers need to name money and these parties."""
    accounts = {book.account_of[key] for key in keys or () if key in book.account_of}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    return Reader(currency, names, book.account_of)
