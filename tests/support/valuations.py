"""Small histories, written by hand."""

from __future__ import annotations

from typing import Any

from app.domain.valuation.model import History, Movement, MovementKind, Sale, SaleKind

# A day of valuation; the window of 84 days before it begins on day 917.
TODAY = 1_000
FIRST = TODAY - 83


def sale(day: int, units: int, price: int, **more: Any) -> Sale:
    """A sale of whole units; the reference is the day's where none is given."""
    fields: dict[str, Any] = {"reference": f"S{day}", "currency": "GBP"} | more
    return Sale(day=day, quantity=units * 1_000, price=price, **fields)


def came_back(day: int, units: int, price: int, **more: Any) -> Sale:
    """Goods that came back."""
    return sale(day, units, price, **{"reference": f"R{day}", "kind": SaleKind.RETURN} | more)


def moved(day: int, units: int, kind: MovementKind, reference: str = "") -> Movement:
    """A movement of whole units."""
    return Movement(reference or f"{kind.value} {day}", day, units * 1_000, kind)


def history(*sales: Sale, movements: tuple[Movement, ...] = (), **more: Any) -> History:
    """A history at the close of TODAY."""
    fields: dict[str, Any] = {"sku": "tea", "currency": "GBP", "as_of_day": TODAY} | more
    return History(sales=sales, movements=movements, **fields)


def steady(price: int = 250_000, units: int = 10, stock: int = 300) -> History:
    """Sold every day of the window, at one price, with thirty days of stock."""
    sales = tuple(sale(day, units, price) for day in range(FIRST, TODAY + 1))
    return history(*sales, movements=(moved(FIRST, stock, MovementKind.RECEIVED),))
