"""Operators list items, appraisers price them, everyone reads the history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.chain.evm.goods import GoodsInvalid, item_of
from app.chain.outbox.operation import Operation
from app.domain.money import CurrencyUnknown, currency_word
from app.errors import BadInput, Conflict
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for
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


async def list_items(command: Command, listing: NewListing) -> Change:
    """The operator lists the items that may be priced, and their guards.

    Raises:
        BadInput.
    """
    item_words = [_word(item, f"items.{place}") for place, item in enumerate(listing.items)]
    goods_by_item = {
        goods_item(goods, field=f"goods.{place}"): goods
        for place, goods in enumerate(listing.goods)
    }
    item_words += list(goods_by_item)
    if not item_words:
        raise BadInput("there is nothing to list", field="items", fix="give items or goods")
    arguments = [
        *(item_words, currency_word(listing.currency), listing.maxJump, listing.maxAgeSeconds),
    ]
    subject = {"currency": listing.currency}

    def store_names(connection: Connection, _operation: Operation) -> dict[str, Any]:
        for word, goods in goods_by_item.items():
            run(
                connection,
                "INSERT INTO goods_names (item, sku, grade, unit) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (item) DO NOTHING",
                (word, goods.sku, goods.grade, goods.unit),
            )
        return {"items": item_words}

    return await change_for(
        command,
        NewOperation("list-items", CONTRACT, "list", arguments, subject),
        side_writes=store_names,
    )


def goods_item(goods: Goods, *, field: str) -> str:
    """The word that PriceFeed has for these goods.

    Raises:
        BadInput.
    """
    try:
        return item_of(sku=goods.sku, grade=goods.grade, unit=goods.unit)
    except GoodsInvalid as error:
        raise BadInput(str(error), field=f"{field}.grade") from error


async def post(command: Command, new_prices: NewPrices) -> Change:
    """Posts an appraiser's prices, all or none.

    Raises:
        BadInput.
    """
    now, _ = await command.gateway.storage.read(moment)
    rows = [
        _price(price, now=now, field=f"prices.{place}")
        for place, price in enumerate(new_prices.prices)
    ]
    return await post_rows(command, rows)


async def post_rows(
    command: Command,
    rows: list[dict[str, Any]],
    *,
    side_writes: SideWrites | None = None,
) -> Change:
    """Posts rows of `IPriceFeed.Price`, all or none; `side_writes` as in `change_for`."""
    subject = {"prices": len(rows)}
    return await change_for(
        command,
        NewOperation("post-prices", CONTRACT, "post", [rows], subject),
        side_writes=side_writes,
    )


async def confirm(command: Command, confirmations: Confirmations) -> Change:
    """A second appraiser confirms prices of a first.

    Raises:
        Conflict: no price waits, or none at that value.
    """
    rows = []
    for place, confirmation in enumerate(confirmations.items):
        word = _word(confirmation.item, f"items.{place}.item")
        value = None
        if confirmation.price is not None:
            value = _value(
                confirmation.price,
                word=word,
                currency=confirmation.currency,
                field=f"items.{place}.price",
            )
        waiting_row = await _waiting_price(
            command.gateway, word, confirmation.currency, value=value
        )
        rows.append(
            {
                "item": word,
                "currency": currency_word(confirmation.currency),
                "value": waiting_row["value"],
                "haircut": waiting_row["haircut"],
                "asOf": waiting_row["as_of"],
                "validUntil": waiting_row["valid_until"],
                "evidence": waiting_row["evidence"],
            }
        )
    subject = {"prices": len(rows)}
    return await change_for(
        command, NewOperation("confirm-prices", CONTRACT, "confirm", [rows], subject)
    )


async def withdraw(command: Command, proposal: Waiting) -> Change:
    """An appraiser withdraws what its party proposed for an item."""
    word = _word(proposal.item, "item")
    arguments = [word, currency_word(proposal.currency)]
    subject = {"item": proposal.item, "currency": proposal.currency}
    return await change_for(
        command, NewOperation("withdraw-price", CONTRACT, "withdraw", arguments, subject)
    )


async def _waiting_price(
    gateway: Gateway, word: str, currency: str, *, value: int | None
) -> dict[str, Any]:
    """The newest price that waits for a second appraiser, as the ledger has it now.

    Args:
        gateway: of the ledger.
        word: the item, as the ledger stores it.
        currency: code.
        value: only a price of this value; while prices wait, it may also be the price in force.

    Raises:
        Conflict.
    """
    proposals = await call(gateway, CONTRACT, "proposals", [word, currency_word(currency)])
    newest = "item = ? AND currency = ? AND in_force = ? {} ORDER BY position DESC LIMIT 1"

    def find(connection: Connection) -> list[dict[str, Any]]:
        candidates = []
        for proposal in proposals:
            where = newest.format("AND appraiser = ? AND as_of = ?")
            values = (word, currency, 0, proposal["proposer"].lower(), proposal["asOf"])
            candidates += _rows(connection, where, values)
        candidates.sort(key=lambda row: row["position"], reverse=True)
        if proposals and value is not None:
            candidates += _rows(connection, newest.format(""), (word, currency, 1))
        return candidates

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
        parameters: tuple[Any, ...] = (*values, limit)
        if before is not None:
            wheres.append("position < ?")
            parameters = (*values, before, limit)
        rows = _rows(
            connection, f"{' AND '.join(wheres)} ORDER BY position DESC LIMIT ?", parameters
        )
        names = parties.names(connection, {row["appraiser"] for row in rows})
        return {
            "items": [_view(row, names) for row in rows],
            "nextCursor": rows[-1]["position"] if len(rows) == limit else None,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


async def items(gateway: Gateway) -> dict[str, Any]:
    """The items that may be priced."""

    def find(connection: Connection) -> dict[str, Any]:
        query = (
            "SELECT p.item, p.currency, p.max_jump, p.max_age, g.sku, g.grade, g.unit "
            "FROM price_items p LEFT JOIN goods_names g ON g.item = p.item "
            "WHERE p.max_age > 0 ORDER BY p.item, p.currency"
        )
        item_views = [
            {
                "item": item_named(row[0]),
                "goods": None
                if row[4] is None
                else {"sku": row[4], "grade": row[5], "unit": row[6]},
                "currency": row[1],
                "maxJump": row[2],
                "maxAgeSeconds": row[3],
            }
            for row in run(connection, query)
        ]
        return {"items": item_views, "asOf": moment(connection)[1]}

    return await gateway.storage.read(find)


def _price(new_price: NewPrice, *, now: int, field: str) -> dict[str, Any]:
    if new_price.asOf is not None and new_price.asOf.tzinfo is None:
        raise BadInput(
            f"{field}.asOf has no time zone",
            field=f"{field}.asOf",
            fix="write it with Z or an offset",
        )
    as_of = now if new_price.asOf is None else int(new_price.asOf.timestamp())
    if as_of > now:
        raise BadInput(
            f"{field}.asOf is later than the ledger's newest block",
            name="time-ahead",
            field=f"{field}.asOf",
            fix="set the clock, or leave asOf out",
        )
    word = _word(new_price.item, f"{field}.item")
    value = _value(new_price.price, word=word, currency=new_price.currency, field=f"{field}.price")
    return {
        "item": word,
        "currency": currency_word(new_price.currency),
        "value": value,
        "haircut": new_price.haircut,
        "asOf": as_of,
        "validUntil": as_of + new_price.validHours * HOUR,
        "evidence": new_price.evidence,
    }


def _value(price: str, *, word: str, currency: str, field: str) -> int:
    try:
        return value_of(price, item=item_named(word), currency=currency)
    except PriceInvalid as error:
        raise BadInput(str(error), name="price-invalid", field=field) from error
    except CurrencyUnknown as error:
        currency_field = field.removesuffix("price") + "currency"
        raise BadInput(str(error), name="currency-unknown", field=currency_field) from error


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
