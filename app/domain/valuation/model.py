"""The inputs of a valuation: the sales and the stock movements of one kind of goods.

Units, the same everywhere in this package:

- quantity: thousandths of a unit, as on warehouse receipts;
- price: millionths of a currency's minor unit for a thousandth of a unit, as `IPriceFeed` stores it
  (2.55 GBP for one is 255,000); so quantity times price is in millionths of a minor unit;
- day: days since 1970-01-01 (app.domain.calendar); share: parts per million.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.calendar import date_of
from app.domain.money import CurrencyUnknown, digits_of
from app.domain.quantity import quantity_text
from app.domain.texts import Text, say, text_of

MILLION = 1_000_000
PARTS_OF_A_UNIT = 1_000
MAX_VALUE = 2**60 - 1


class SaleKind(StrEnum):
    """A sale, or returned goods (a cancelled sale too)."""

    SALE = "sale"
    RETURN = "return"


class MovementKind(StrEnum):
    """Into the warehouse, out of it, or lost in it (damaged, stolen, thrown away)."""

    RECEIVED = "received"
    RELEASED = "released"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Sale:
    """One line of an invoice or credit note. `reference` names it and occurs once."""

    reference: str
    day: int
    quantity: int
    price: int
    currency: str
    kind: SaleKind = SaleKind.SALE


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of stock. `reference` names it and occurs once."""

    reference: str
    day: int
    quantity: int
    kind: MovementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of one kind of goods at the close of a day.

    Without movements the stock is not known, and the grade is lower.
    """

    sku: str
    currency: str
    as_of_day: int
    sales: tuple[Sale, ...]
    movements: tuple[Movement, ...] = ()


class HistoryInvalid(ValueError):
    """Inputs that are not consistent.

    Attributes:
        field: path of the wrong input, for example `sales.3.price`.
        fix: what to do about it.
    """

    def __init__(self, field: str, detail: Text, *, fix: Text) -> None:
        super().__init__(say("{field}: {detail}; {fix}", field=field, detail=detail, fix=fix))
        self.field = field
        self.detail = detail
        self.fix = fix


def check(history: History) -> None:
    """Checks the inputs against rules that every true record of a trade obeys.

    Raises:
        HistoryInvalid: it names the first wrong field.
    """
    if not history.sku:
        raise HistoryInvalid("sku", say("is empty"), fix=say("name the goods"))
    try:
        digits_of(history.currency)
    except CurrencyUnknown as error:
        raise HistoryInvalid(
            "currency", text_of(error), fix=say("give a code such as CNY")
        ) from error
    _whole("as_of_day", history.as_of_day)
    if not history.sales:
        raise HistoryInvalid(
            "sales", say("there are none"), fix=say("goods that were never sold have no value here")
        )
    _check_lines("sales", history.sales, as_of_day=history.as_of_day)
    _check_lines("movements", history.movements, as_of_day=history.as_of_day)
    for place, sale in enumerate(history.sales):
        _whole(f"sales.{place}.price", sale.price)
        if sale.price <= 0:
            raise HistoryInvalid(
                f"sales.{place}.price",
                say(
                    "{price} of {reference} is not above zero",
                    price=sale.price,
                    reference=repr(sale.reference),
                ),
                fix=say("leave out gifts and corrections, and record them as movements"),
            )
        if sale.currency != history.currency:
            raise HistoryInvalid(
                f"sales.{place}.currency",
                say(
                    "{currency} of {reference} is not {expected}",
                    currency=sale.currency,
                    reference=repr(sale.reference),
                    expected=history.currency,
                ),
                fix=say("value the sales of each currency separately"),
            )
    _check_returns(history.sales)
    _check_stock(history.movements)


def _whole(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise HistoryInvalid(
            field,
            say("{value} is not a whole number", value=repr(value)),
            fix=say("give an integer"),
        )


def _check_lines(field: str, lines: Sequence[Sale | Movement], *, as_of_day: int) -> None:
    references: set[str] = set()
    for place, line in enumerate(lines):
        path = f"{field}.{place}"
        _whole(f"{path}.quantity", line.quantity)
        _whole(f"{path}.day", line.day)
        if line.quantity <= 0:
            raise HistoryInvalid(
                f"{path}.quantity",
                say(
                    "{quantity} of {reference} is not above zero",
                    quantity=line.quantity,
                    reference=repr(line.reference),
                ),
                fix=say("give a quantity above zero; the kind says which way the goods went"),
            )
        if line.day > as_of_day:
            raise HistoryInvalid(
                f"{path}.day",
                say(
                    "{day:day} of {reference} is after the day of valuation, {as_of_day:day}",
                    day=date_of(line.day),
                    reference=repr(line.reference),
                    as_of_day=date_of(as_of_day),
                ),
                fix=say("leave out what was not known on that day"),
            )
        if line.reference in references:
            raise HistoryInvalid(
                f"{path}.reference",
                say("{reference} occurs twice", reference=repr(line.reference)),
                fix=say("give each line once"),
            )
        references.add(line.reference)


def _check_returns(sales: Iterable[Sale]) -> None:
    by_day: Counter[int] = Counter()
    for sale in sales:
        by_day[sale.day] += sale.quantity if sale.kind is SaleKind.SALE else -sale.quantity
    sold = 0
    for day in sorted(by_day):
        sold += by_day[day]
        if sold < 0:
            raise HistoryInvalid(
                "sales.kind",
                say(
                    "up to {day:day}, {sold} more came back than was ever sold",
                    day=date_of(day),
                    sold=quantity_text(-sold),
                ),
                fix=say("add the sales that the returns belong to, or leave out these returns"),
            )


def _check_stock(movements: Iterable[Movement]) -> None:
    by_day: Counter[int] = Counter()
    for move in movements:
        entered = move.kind is MovementKind.RECEIVED
        by_day[move.day] += move.quantity if entered else -move.quantity
    stock = 0
    for day in sorted(by_day):
        stock += by_day[day]
        if stock < 0:
            raise HistoryInvalid(
                "movements.kind",
                say(
                    "up to {day:day}, {stock} more left the stock than came in",
                    day=date_of(day),
                    stock=quantity_text(-stock),
                ),
                fix=say("add the opening stock as received"),
            )


def digest_of(history: History, *, method: str) -> str:
    """Hash of the inputs and of the method: the `evidence` of the price on the ledger.

    SHA-256 of one JSON text (UTF-8, no spaces, ASCII escapes): method, SKU, currency, day, then the
    sales and the movements, each as a list of its fields and each list sorted, so that the order in
    which a system exports its lines does not matter.

    Returns:
        0x and 64 digits.
    """
    sales = sorted([s.day, s.reference, s.kind.value, s.quantity, s.price] for s in history.sales)
    moves = sorted([m.day, m.reference, m.kind.value, m.quantity] for m in history.movements)
    head = [method, history.sku, history.currency, history.as_of_day]
    text = json.dumps([*head, sales, moves], ensure_ascii=True, separators=(",", ":"))
    return "0x" + hashlib.sha256(text.encode("ascii")).hexdigest()
