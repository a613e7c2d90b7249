"""What is in store by the movements, against what receipts are outstanding for, on one day."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import start_of
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.projection import LotRow


class Reckoned(msgspec.Struct, frozen=True):
    """A lot at the close of a day.

    Attributes:
        stock: as the movements say.
        outstanding: as the ledger said at the close of that day.
        count: what to tell the ledger now: the stock less what the ledger has let go since, for it
            holds the count against what is outstanding when it hears of it.
    """

    lot: LotRow
    stock: int
    outstanding: int
    count: int

    @property
    def difference(self) -> int:
        """Below zero: goods are missing."""
        return self.stock - self.outstanding


def reckon(
    connection: Connection,
    lots: Collection[LotRow],
    stocks: dict[int, int],
    *,
    as_of_day: int,
    zone_offset: int,
) -> list[Reckoned]:
    """Lots that were issued by the close of the day and have or had goods in store.

    A lot with receipts outstanding of which no movement was ever told counts as empty: a receipt
    for goods that never came in is what is looked for.
    """
    closes = int(start_of(as_of_day + 1, zone_offset=zone_offset).timestamp())
    found = []
    for lot in lots:
        if lot.issued_at >= closes or lot.stored_day > as_of_day:
            continue
        since = receipts.left_since(connection, lot.lot_id, after=closes)
        stock, outstanding = stocks.get(lot.lot_id, 0), lot.outstanding + since
        if stock or outstanding or lot.lot_id in stocks:
            found.append(Reckoned(lot, stock, outstanding, max(0, stock - since)))
    return found


def to_count(reckoned: Collection[Reckoned], *, named: Collection[int] = ()) -> list[Reckoned]:
    """Those that the ledger must hear of: named in the file, or counted otherwise there."""
    return [
        one
        for one in reckoned
        if one.count != one.lot.counted or (one.lot.lot_id in named and one.lot.outstanding)
    ]
