"""The participations of a loan in its statement: as a table, and in JSON."""

from __future__ import annotations

from decimal import Decimal

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of, day_at
from app.domain.money import decimal_text
from app.gateway.file_texts import (
    in_currency,
    mark,
    t,
)
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import Names, party_view
from app.lending.loans.schemas import StatementShare
from app.lending.shares import Shares

RULE = mark(
    "A participant is due its share of (proceeds - proceeds at the sale), rounded down, less what "
    "it was paid, and never less than 0. The proceeds are what the lender got on the loan since "
    "the first participation, without costs."
)
TEXTS = (0, 1)  # places of the columns that are words and dates
_AMOUNTS = (
    *(mark("price"), mark("proceeds at the sale"), mark("proceeds"), mark("paid"), mark("due")),
)
_MILLIONTHS_OF_A_PERCENT = 10_000


def shares_sheet(
    shares: Shares | None, names: Names, *, currency: str, zone_offset: int
) -> Sheet | None:
    """A row for each participation that the reader may see; None: there is none.

    Args:
        zone_offset: of the ledger's days, in seconds.
    """
    if shares is None or not shares.rows:
        return None
    rows: list[list[Cell]] = [
        [
            names.get(row.participant, ("", checksum_address(row.participant)))[1],
            date_of(day_at(row.timestamp, zone_offset=zone_offset)),
            Decimal(row.share) / _MILLIONTHS_OF_A_PERCENT,
            *(
                Money(amount, currency)
                for amount in (
                    *(row.price, row.joined_at, shares.proceeds, row.paid),
                    row.due(shares.proceeds),
                )
            ),
        ]
        for row in shares.rows
    ]
    amounts = (in_currency(name, currency) for name in _AMOUNTS)
    columns = (t("participant"), t("since"), t("share (%)"), *amounts)
    return Sheet(t("participations"), columns, rows)


def share_views(
    shares: Shares | None, names: Names, *, currency: str, zone_offset: int
) -> list[StatementShare]:
    """The same rows in JSON.

    Args:
        zone_offset: of the ledger's days, in seconds.
    """

    def text(amount: int) -> str:
        return decimal_text(amount, currency=currency)

    if shares is None:
        return []
    return [
        {
            "participant": party_view(row.participant, names),
            "since": date_of(day_at(row.timestamp, zone_offset=zone_offset)).isoformat(),
            "share": row.share,
            "price": text(row.price),
            "joinedAt": text(row.joined_at),
            "proceeds": text(shares.proceeds),
            "paid": text(row.paid),
            "due": text(row.due(shares.proceeds)),
        }
        for row in shares.rows
    ]
