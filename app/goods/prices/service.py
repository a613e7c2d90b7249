"""Operators list items, appraisers price them, everyone reads the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.goods import GoodsInvalid, item_of
from app.chain.outbox.operation import Operation
from app.domain.money import CurrencyUnknown, currency_word
from app.errors import BadInput, Conflict
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.read_as_of import moment
from app.gateway.views import party_view, time_view
from app.goods.prices.items import PriceInvalid, item_named, item_word, price_text, value_of
from app.goods.prices.schemas import Confirmations, Goods, NewListing, NewPrice, NewPrices, Waiting
from app.parties.registry import repository as parties
from app.storage import run

CONTRACT = "PriceFeed"
HOUR = 3_600
_COLUMNS = (
    *("position", "item", "currency", "appraiser", "in_force", "value", "haircut", "as_of"),
    *("valid_until", "evidence", "transaction_hash", "timestamp", "block_number"),
)


async def list_items(command: Command, wanted: NewListing) -> Response:
    """The operator says what may be priced, and the guards.

    Raises:
        BadInput.
    """
    words = [_word(item, f"items.{place}") for place, item in enumerate(wanted.items)]
    named = {goods_item(one, field=f"goods.{place}"): one for place, one in enumerate(wanted.goods)}
    words += list(named)
    if not words:
        raise BadInput("there is nothing to list", field="items", fix="give items or goods")
    arguments = [
        *(words, currency_word(wanted.currency), wanted.mostJump, wanted.mostAgeSeconds),
    ]
    subject = {"currency": wanted.currency}

    def also(connection: Connection, _operation: Operation) -> dict[str, Any]:
        for word, one in named.items():
            run(
                connection,
                "INSERT INTO goods_names (item, sku, grade, unit) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (item) DO NOTHING",
                (word, one.sku, one.grade, one.unit),
            )
        return {"items": words}

    return await act(command, Act("list-items", CONTRACT, "list", arguments, subject), also=also)


def goods_item(goods: Goods, *, field: str) -> str:
    """What PriceFeed calls these goods.

    Raises:
        BadInput.
    """
    try:
        return item_of(sku=goods.sku, grade=goods.grade, unit=goods.unit)
    except GoodsInvalid as error:
        raise BadInput(str(error), field=f"{field}.grade") from error


async def post(command: Command, wanted: NewPrices) -> Response:
    """An appraiser's prices, all or none.

    Raises:
        BadInput.
    """
    now, _ = await command.gateway.storage.read(moment)
    given = [
        _price(one, now=now, field=f"prices.{place}") for place, one in enumerate(wanted.prices)
    ]
    return await post_rows(command, given)


async def post_rows(
    command: Command,
    rows: list[dict[str, Any]],
    *,
    also: Callable[[Connection, Operation], dict[str, Any] | None] | None = None,
) -> Response:
    """Prices as `IPriceFeed.Price` has them, all or none; `also` as in `act`."""
    subject = {"prices": len(rows)}
    return await act(command, Act("post-prices", CONTRACT, "post", [rows], subject), also=also)


async def confirm(command: Command, wanted: Confirmations) -> Response:
    """The second appraiser's word on what the first said.

    Raises:
        Conflict: nothing waits, or nothing at that price.
    """
    given = []
    for place, one in enumerate(wanted.items):
        word = _word(one.item, f"items.{place}.item")
        value = None
        if one.price is not None:
            value = _value(
                one.price, word=word, currency=one.currency, field=f"items.{place}.price"
            )
        last = await _waiting(command.gateway, word, one.currency, value=value)
        given.append(
            {
                "item": word,
                "currency": currency_word(one.currency),
                "value": last["value"],
                "haircut": last["haircut"],
                "asOf": last["as_of"],
                "validUntil": last["valid_until"],
                "evidence": last["evidence"],
            }
        )
    subject = {"prices": len(given)}
    return await act(command, Act("confirm-prices", CONTRACT, "confirm", [given], subject))


async def withdraw(command: Command, wanted: Waiting) -> Response:
    """An appraiser takes back what its party proposed for an item."""
    word = _word(wanted.item, "item")
    arguments = [word, currency_word(wanted.currency)]
    subject = {"item": wanted.item, "currency": wanted.currency}
    return await act(command, Act("withdraw-price", CONTRACT, "withdraw", arguments, subject))


async def _waiting(
    gateway: Gateway, word: str, currency: str, *, value: int | None
) -> dict[str, Any]:
    """The newest price that waits for a second appraiser, as the ledger has it now.

    Args:
        value: the one at this price; while others wait, the price in force may be meant too.

    Raises:
        Conflict.
    """
    waiting = await call(gateway, CONTRACT, "proposals", [word, currency_word(currency)])
    newest = "item = ? AND currency = ? AND in_force = ? {} ORDER BY position DESC LIMIT 1"

    def find(connection: Connection) -> list[dict[str, Any]]:
        found = []
        for one in waiting:
            where = newest.format("AND appraiser = ? AND as_of = ?")
            values = (word, currency, 0, one["proposer"].lower(), one["asOf"])
            found += _rows(connection, where, values)
        found.sort(key=lambda row: row["position"], reverse=True)
        if waiting and value is not None:
            found += _rows(connection, newest.format(""), (word, currency, 1))
        return found

    for row in await gateway.storage.read(find):
        if value in (None, row["value"]):
            return row
    at = "" if value is None else " at that price"
    raise Conflict(
        f"no price of {item_named(word)} in {currency} waits for a second appraiser{at}",
        name="nothing-proposed",
    )


async def history(
    gateway: Gateway, *, item: str | None, currency: str | None, before: int | None, limit: int
) -> dict[str, Any]:
    """Prices, newest first."""
    word = None if item is None else _word(item, "item")

    def find(connection: Connection) -> dict[str, Any]:
        wheres, values = ["1 = 1"], []
        for clause, value in (("item = ?", word), ("currency = ?", currency)):
            if value is not None:
                wheres.append(clause)
                values.append(value)
        marks: tuple[Any, ...] = (*values, limit)
        if before is not None:
            wheres.append("position < ?")
            marks = (*values, before, limit)
        rows = _rows(connection, f"{' AND '.join(wheres)} ORDER BY position DESC LIMIT ?", marks)
        names = parties.names(connection, {row["appraiser"] for row in rows})
        return {
            "items": [_view(row, names) for row in rows],
            "nextCursor": rows[-1]["position"] if len(rows) == limit else None,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


async def items(gateway: Gateway) -> dict[str, Any]:
    """What may be priced."""

    def find(connection: Connection) -> dict[str, Any]:
        query = (
            "SELECT p.item, p.currency, p.most_jump, p.most_age, g.sku, g.grade, g.unit "
            "FROM price_items p LEFT JOIN goods_names g ON g.item = p.item "
            "WHERE p.most_age > 0 ORDER BY p.item, p.currency"
        )
        found = [
            {
                "item": item_named(row[0]),
                "goods": None
                if row[4] is None
                else {"sku": row[4], "grade": row[5], "unit": row[6]},
                "currency": row[1],
                "mostJump": row[2],
                "mostAgeSeconds": row[3],
            }
            for row in run(connection, query)
        ]
        return {"items": found, "asOf": moment(connection)[1]}

    return await gateway.storage.read(find)


def _price(wanted: NewPrice, *, now: int, field: str) -> dict[str, Any]:
    if wanted.asOf is not None and wanted.asOf.tzinfo is None:
        raise BadInput(
            f"{field}.asOf has no zone",
            field=f"{field}.asOf",
            fix="write it with Z or an offset",
        )
    as_of = now if wanted.asOf is None else int(wanted.asOf.timestamp())
    if as_of > now:
        raise BadInput(
            f"{field}.asOf is later than the ledger's newest block",
            name="time-ahead",
            field=f"{field}.asOf",
            fix="set the clock, or leave asOf out",
        )
    word = _word(wanted.item, f"{field}.item")
    value = _value(wanted.price, word=word, currency=wanted.currency, field=f"{field}.price")
    return {
        "item": word,
        "currency": currency_word(wanted.currency),
        "value": value,
        "haircut": wanted.haircut,
        "asOf": as_of,
        "validUntil": as_of + wanted.validHours * HOUR,
        "evidence": wanted.evidence,
    }


def _value(price: str, *, word: str, currency: str, field: str) -> int:
    try:
        return value_of(price, item=item_named(word), currency=currency)
    except PriceInvalid as error:
        raise BadInput(str(error), name="price-invalid", field=field) from error
    except CurrencyUnknown as error:
        beside = field.removesuffix("price") + "currency"
        raise BadInput(str(error), name="currency-unknown", field=beside) from error


def _word(item: str, field: str) -> str:
    try:
        return item_word(item)
    except CurrencyUnknown as error:
        raise BadInput(str(error), name="currency-unknown", field=field) from error


def _rows(connection: Connection, where: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    query = f"SELECT {', '.join(_COLUMNS)} FROM prices WHERE {where}"
    return [dict(zip(_COLUMNS, row, strict=True)) for row in run(connection, query, values)]


def _view(row: dict[str, Any], names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    item = item_named(row["item"])
    return {
        "item": item,
        "currency": row["currency"],
        "price": price_text(row["value"], item=item, currency=row["currency"]),
        "haircut": row["haircut"],
        "appraiser": party_view(row["appraiser"], names),
        "inForce": bool(row["in_force"]),
        "asOf": time_view(row["as_of"]),
        "validUntil": time_view(row["valid_until"]),
        "evidence": row["evidence"],
        "transactionHash": row["transaction_hash"],
        "postedAt": time_view(row["timestamp"]),
    }
