"""Sales of a trader's goods, the same in every run: the files from which appraisers value them.

Prices and quantities are those of the story; the value, the grade and the haircut are not here. The
gateway works them out.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Literal, NamedTuple

from app.domain.money import decimal_text

WINDOW_DAYS = 84  # twelve weeks, as many as a valuation looks back
UNIT = "KGM"
_SALES = "reference,date,kind,quantity,unit,price,currency"
_MOVEMENTS = "sequence,movementId,lotNumber,date,kind,quantity,unit"


class Sold(NamedTuple):
    """Goods that were sold or came back on a day, at a price in minor units a kilogram."""

    day: datetime.date
    kind: Literal["sale", "return"]
    kilograms: int
    price: int


def every_other_day(last: datetime.date, *, days: int, kilograms: int, price: int) -> list[Sold]:
    """A steady trade: the same quantity at the same price in the days up to the last one."""
    return [
        Sold(last - datetime.timedelta(days=before), "sale", kilograms, price)
        for before in range(days - 1, -1, -2)
    ]


def sales_file(sold: Sequence[Sold], *, currency: str) -> bytes:
    """The sales as CSV, as an appraiser uploads them."""
    lines = [
        f"S-{number},{line.day},{line.kind},{line.kilograms}.000,{UNIT},"
        f"{decimal_text(line.price, currency=currency)},{currency}"
        for number, line in enumerate(sold, start=1)
    ]
    return "\n".join((_SALES, *lines)).encode()


def movements_file(sold: Sequence[Sold], *, stock: int) -> bytes:
    """The stock movements behind the sales as CSV.

    Args:
        sold: in the order of their days.
        stock: kilograms that are in the warehouse before the first sale and stay there, whatever
            is sold: what goes out was taken in on the same day.
    """
    before = sold[0].day - datetime.timedelta(days=1)
    moves = [f"{before},received,{stock}"]
    for line in sold:
        moves.append(f"{line.day},received,{line.kilograms}")
        if line.kind == "sale":
            moves.append(f"{line.day},released,{line.kilograms}")
    lines = [f"{number},M-{number},L-1,{move}.000,{UNIT}" for number, move in enumerate(moves, 1)]
    return "\n".join((_MOVEMENTS, *lines)).encode()
