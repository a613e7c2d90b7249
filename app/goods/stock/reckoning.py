"""Compares a day's stock by the movements with what warehouse receipts are outstanding."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import start_of
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.projection import LotRow


class LotBalance(msgspec.Struct, frozen=True):
    """A lot at the close of a day.

    Attributes:
        lot: as the ledger has it now.
        stock: what the movements sum to.
        outstanding: what warehouse receipts stood for on the ledger at the close of that day.
        count: the count to send now: the stock less what the ledger has released or impaired
            since, because the ledger compares a count with what is outstanding when it arrives.
    """

    lot: LotRow
    stock: int
    outstanding: int
    count: int

    @property
    def difference(self) -> int:
        """Below zero: goods are missing."""
        return self.stock - self.outstanding


def balances_at_close(
    connection: Connection,
    lots: Collection[LotRow],
    stocks: dict[int, int],
    *,
    as_of_day: int,
    zone_offset: int,
) -> list[LotBalance]:
    """Lots that were issued by the close of the day and have or had goods in store.

    A lot with outstanding warehouse receipts and no movement at all counts as empty. So a
    warehouse receipt for goods that never came in shows.
    """
    closes = start_of(as_of_day + 1, zone_offset=zone_offset)
    balances = []
    for lot in lots:
        if lot.issued_at >= closes or lot.stored_day > as_of_day:
            continue
        released_since = receipts.left_since(connection, lot.lot_id, after=closes)
        stock, outstanding = stocks.get(lot.lot_id, 0), lot.outstanding + released_since
        if stock or outstanding or lot.lot_id in stocks:
            balances.append(LotBalance(lot, stock, outstanding, max(0, stock - released_since)))
    return balances


def to_count(balances: Collection[LotBalance], *, named: Collection[int] = ()) -> list[LotBalance]:
    """The lots to count on the ledger: named in the file, or with another count there."""
    return [
        balance
        for balance in balances
        if balance.count != balance.lot.counted
        or (balance.lot.lot_id in named and balance.lot.outstanding)
    ]
