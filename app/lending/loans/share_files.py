"""The participations of a loan, as a table of its statement."""

from __future__ import annotations

from decimal import Decimal

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of, day_at
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import Names
from app.lending.shares import Shares

RULE = (
    "A participant is due its share of (proceeds - proceeds at the sale), rounded down, less what "
    "it was paid, and never less than 0. The proceeds are what the lender got on the loan since "
    "the first participation, without costs."
)
TEXTS = (0, 1)  # places of the columns that are words and dates
_AMOUNTS = ("price", "proceeds at the sale", "proceeds", "paid", "due")
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
    amounts = (f"{name} ({currency})" for name in _AMOUNTS)
    return Sheet("participations", ("participant", "since", "share (%)", *amounts), rows)
