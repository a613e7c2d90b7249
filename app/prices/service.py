"""Operators list items, appraisers price them, everyone reads the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.goods import GoodsInvalid, item_of
from app.chain.operation import Operation
from app.core.money import CurrencyUnknown, currency_word
from app.errors import BadInput, Conflict
from app.http.acting import Act, act
from app.http.commands import Command
from app.http.gateway import Gateway
from app.http.views import time_view
from app.parties import repository as parties
from app.prices.items import PriceInvalid, item_named, item_word, price_text, value_of
from app.prices.schemas import Confirmations, Goods, NewListing, NewPrice, NewPrices
from app.receivables.reading import moment, party_view
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
    """The second appraiser's word on what the first proposed.

    Raises:
        Conflict: nothing is proposed.
    """
    keys = [
        (_word(one.item, f"items.{place}.item"), one.currency)
        for place, one in enumerate(wanted.items)
    ]

    def find(connection: Connection) -> list[dict[str, Any] | None]:
        return [_last(connection, item, currency) for item, currency in keys]

    given = []
    for (item, currency), last in zip(keys, await command.gateway.storage.read(find), strict=True):
        if last is None or last["in_force"]:
            raise Conflict(
                f"no price of {item_named(item)} in {currency} waits for a second appraiser",
                name="nothing-proposed",
            )
        given.append(
            {
                "item": item,
                "currency": currency_word(currency),
                "value": last["value"],
                "haircut": last["haircut"],
                "asOf": last["as_of"],
                "validUntil": last["valid_until"],
                "evidence": last["evidence"],
            }
        )
    subject = {"prices": len(given)}
    return await act(command, Act("confirm-prices", CONTRACT, "confirm", [given], subject))


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
    try:
        value = value_of(wanted.price, item=item_named(word), currency=wanted.currency)
    except PriceInvalid as error:
        raise BadInput(str(error), name="price-invalid", field=f"{field}.price") from error
    except CurrencyUnknown as error:
        raise BadInput(str(error), name="currency-unknown", field=f"{field}.currency") from error
    return {
        "item": word,
        "currency": currency_word(wanted.currency),
        "value": value,
        "haircut": wanted.haircut,
        "asOf": as_of,
        "validUntil": as_of + wanted.validHours * HOUR,
        "evidence": wanted.evidence,
    }


def _word(item: str, field: str) -> str:
    try:
        return item_word(item)
    except CurrencyUnknown as error:
        raise BadInput(str(error), name="currency-unknown", field=field) from error


def _rows(connection: Connection, where: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    query = f"SELECT {', '.join(_COLUMNS)} FROM prices WHERE {where}"
    return [dict(zip(_COLUMNS, row, strict=True)) for row in run(connection, query, values)]


def _last(connection: Connection, item: str, currency: str) -> dict[str, Any] | None:
    where = "item = ? AND currency = ? ORDER BY position DESC LIMIT 1"
    rows = _rows(connection, where, (item, currency))
    return rows[0] if rows else None


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
