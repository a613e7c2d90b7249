"""Reads the goods that secure loans: lots, their prices, margin calls and auctions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection

from app.domain.watch.facts import Lot, PricePoint, PriceSeries
from app.domain.watch.parameters import PRICE_DAYS
from app.oversight.watch.lists import parts
from app.storage import run

_DAY = 86_400
Margin = tuple[int | None, int | None, bool]


def margins(connection: Connection) -> dict[int, Margin]:
    """Of each loan with a margin call or an auction: the call's day, its last day, the auction."""
    query = (
        "SELECT loan_id, called_day, last_day, auction_start FROM loan_margins "
        "WHERE called_day IS NOT NULL OR auction_start IS NOT NULL"
    )
    return {
        row.loan_id: (row.called_day, row.last_day, row.auction_start is not None)
        for row in run(connection, query)
    }


def lots_of_loans(
    connection: Connection, warehouse_receipts: Mapping[int, list[int]]
) -> dict[int, list[int]]:
    """The lots behind the warehouse receipts of each loan."""
    numbers = {number for items in warehouse_receipts.values() for number in items}
    lot_of: dict[int, int] = {}
    for marks, some in parts(numbers):
        query = (
            "SELECT warehouse_receipt_id, lot_id FROM warehouse_receipts "
            f"WHERE warehouse_receipt_id IN ({marks})"
        )
        for row in run(connection, query, some):
            lot_of[row.warehouse_receipt_id] = row.lot_id
    return {
        loan: list(dict.fromkeys(lot_of[number] for number in items if number in lot_of))
        for loan, items in warehouse_receipts.items()
    }


def lots(
    connection: Connection, numbers: Collection[int], *, number_of: Callable[[str], int]
) -> dict[int, Lot]:
    """These lots.

    Args:
        number_of: the party of an account.
    """
    stopped: dict[int, bool] = {}
    for row in run(connection, "SELECT warehouse, stopped FROM lien_stops ORDER BY position"):
        stopped[number_of(row.warehouse)] = bool(row.stopped)
    result = {}
    for marks, some in parts(numbers):
        query = (
            "SELECT lot_id, item, warehouse, issued - released - impaired AS outstanding, "
            f"counted, counted_day FROM lots WHERE lot_id IN ({marks})"
        )
        for row in run(connection, query, some):
            warehouse = number_of(row.warehouse)
            result[row.lot_id] = Lot(
                number=row.lot_id,
                item=row.item,
                warehouse=warehouse,
                outstanding=int(row.outstanding),
                counted=int(row.counted),
                counted_day=row.counted_day,
                liens_stopped=stopped.get(warehouse, False),
            )
    return result


def prices(
    connection: Connection, pairs: Collection[tuple[str, str]], *, now: int
) -> dict[tuple[str, str], PriceSeries]:
    """The prices of these goods, from the one in force at the window's begin on.

    Args:
        pairs: goods and code of the currency.
    """
    begin = now - PRICE_DAYS * _DAY
    points: defaultdict[tuple[str, str], list[PricePoint]] = defaultdict(list)
    ages: dict[tuple[str, str], int] = {}
    for marks, some in parts({item for item, _ in pairs}):
        for row in run(
            connection,
            "SELECT item, currency, as_of, value, valid_until, transaction_hash FROM prices p "
            f"WHERE item IN ({marks}) AND in_force = 1 AND (as_of > ? OR position = "
            "(SELECT max(position) FROM prices o WHERE o.item = p.item "
            "AND o.currency = p.currency AND o.in_force = 1 AND o.as_of <= ?)) "
            "ORDER BY position",
            (*some, begin, begin),
        ):
            point = PricePoint(
                row.as_of, int(row.value), int(row.valid_until), row.transaction_hash
            )
            points[row.item, row.currency].append(point)
        query = f"SELECT item, currency, max_age FROM price_items WHERE item IN ({marks})"
        for row in run(connection, query, some):
            ages[row.item, row.currency] = int(row.max_age)
    return {
        pair: PriceSeries(points=tuple(points[pair]), max_age=ages.get(pair, 0))
        for pair in pairs
        if pair in points
    }
