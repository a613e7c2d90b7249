"""Operators list items, appraisers price them, everyone reads the history."""

from __future__ import annotations

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.goods import GoodsInvalid, item_of
from app.chain.outbox.operation import Operation
from app.domain.item_prices import PriceInvalid, item_named, item_word, price_text, value_of
from app.domain.money import CurrencyUnknown, currency_word
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import moment
from app.gateway.views import GoodsName, Names, party_view, time_view
from app.goods.prices import repository
from app.goods.prices.repository import ItemRow, PriceRow
from app.goods.prices.schemas import (
    Goods,
    ItemPage,
    NewListing,
    NewPrice,
    NewPrices,
    Price,
    PriceItem,
    PricePage,
)
from app.goods.prices.terms import PriceTerms, price_hash
from app.parties.registry import repository as parties

CONTRACT = "PriceFeed"
HOUR = 3_600


class ListedItems(TypedDict):
    """What the answer to a listing adds: the items as the ledger stores them."""

    items: list[str]


async def list_items(command: Command, listing: NewListing) -> Change:
    """The operator lists the items that may be priced, and their guards.

    Raises:
        BadInput.
    """
    item_words = [word_of(item, f"items.{place}") for place, item in enumerate(listing.items)]
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

    def store_names(connection: Connection, _operation: Operation) -> ListedItems:
        for word, goods in goods_by_item.items():
            repository.add_goods_name(
                connection, item=word, sku=goods.sku, grade=goods.grade, unit=goods.unit
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
        raise BadInput(text_of(error), field=f"{field}.grade") from error


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
    rows: list[PriceTerms],
    *,
    side_writes: SideWrites | None = None,
) -> Change:
    """Posts prices, all or none; `side_writes` as in `change_for`."""
    subject = {"prices": len(rows)}
    return await change_for(
        command,
        NewOperation("post-prices", CONTRACT, "post", [rows], subject),
        side_writes=side_writes,
    )


async def history(
    gateway: Gateway,
    *,
    item: str | None,
    currency: str | None,
    newest: bool,
    before: int | None,
    limit: int,
) -> PricePage:
    """Prices, newest first; `newest`: of each item and currency the last one alone."""
    word = None if item is None else word_of(item, "item")

    def find(connection: Connection) -> PricePage:
        rows = repository.prices(
            connection,
            item=word,
            currency=currency,
            newest=newest,
            before=before,
            limit=limit,
        )
        names = parties.names(connection, {row.appraiser for row in rows})
        return {
            "items": [price_view(row, names) for row in rows],
            "nextCursor": rows[-1].position if len(rows) == limit else None,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


async def items(gateway: Gateway) -> ItemPage:
    """The items that may be priced."""

    def find(connection: Connection) -> ItemPage:
        rows = repository.items(connection)
        return {"items": [_item_view(row) for row in rows], "asOf": moment(connection)[1]}

    return await gateway.storage.read(find)


def _item_view(row: ItemRow) -> PriceItem:
    goods: GoodsName | None = None
    if row.sku is not None and row.grade is not None and row.unit is not None:
        goods = {"sku": row.sku, "grade": row.grade, "unit": row.unit}
    return {
        "item": item_named(row.item),
        "goods": goods,
        "currency": row.currency,
        "maxJump": row.max_jump,
        "maxAgeSeconds": row.max_age,
    }


def _price(new_price: NewPrice, *, now: int, field: str) -> PriceTerms:
    if new_price.asOf is not None and new_price.asOf.tzinfo is None:
        raise BadInput(
            say("{field}.asOf has no time zone", field=field),
            field=f"{field}.asOf",
            fix="write it with Z or an offset",
        )
    as_of = now if new_price.asOf is None else int(new_price.asOf.timestamp())
    if as_of > now:
        raise BadInput(
            say("{field}.asOf is later than the ledger's newest block", field=field),
            name="time-ahead",
            field=f"{field}.asOf",
            fix="set the clock, or leave asOf out",
        )
    word = word_of(new_price.item, f"{field}.item")
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
        raise BadInput(text_of(error), name="price-invalid", field=field) from error
    except CurrencyUnknown as error:
        currency_field = field.removesuffix("price") + "currency"
        raise BadInput(text_of(error), name="currency-unknown", field=currency_field) from error


def word_of(item: str, field: str) -> str:
    """The word that PriceFeed has for an item that a request names.

    Raises:
        BadInput.
    """
    try:
        return item_word(item)
    except CurrencyUnknown as error:
        raise BadInput(text_of(error), name="currency-unknown", field=field) from error


def price_view(row: PriceRow, names: Names) -> Price:
    """A price as callers see it."""
    item = item_named(row.item)
    return {
        "item": item,
        "currency": row.currency,
        "price": price_text(row.value, item=item, currency=row.currency),
        "haircut": row.haircut,
        "appraiser": party_view(row.appraiser, names),
        "inForce": bool(row.in_force),
        "asOf": time_view(row.as_of),
        "validUntil": time_view(row.valid_until),
        "evidence": row.evidence,
        "priceHash": price_hash(row),
        "transactionHash": row.transaction_hash,
        "postedAt": time_view(row.timestamp),
    }
