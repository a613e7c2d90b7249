"""Prices that wait for a second appraiser: confirmed or withdrawn exactly as they were shown."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.domain.item_prices import item_named
from app.domain.money import currency_word
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call_many
from app.gateway.read_as_of import moment
from app.goods.prices import repository
from app.goods.prices.repository import PriceRow
from app.goods.prices.schemas import (
    Confirmations,
    PriceConfirmation,
    PriceWithdrawal,
    WaitingPrices,
)
from app.goods.prices.service import CONTRACT, price_view, word_of
from app.goods.prices.terms import PriceTerms, price_hash, terms_of
from app.parties.registry import repository as parties


class _Proposal(msgspec.Struct, rename="camel"):
    """A price that waits on the ledger: the struct Proposal of IPriceFeed."""

    proposer: str
    as_of: int
    price_hash: str


async def waiting(gateway: Gateway, *, item: str | None, currency: str | None) -> WaitingPrices:
    """The prices that wait, newest first of each item, as the ledger has them now.

    Args:
        item, currency: of these alone; None: of any that may be priced.

    Raises:
        BadInput: the item is no currency.
    """
    word = None if item is None else word_of(item, "item")
    pairs = [
        (row.item, row.currency)
        for row in await gateway.storage.read(repository.items)
        if word in (None, row.item) and currency in (None, row.currency)
    ]
    proposals = await _proposals(gateway, pairs)

    def find(connection: Connection) -> WaitingPrices:
        rows = [
            row
            for (of_item, of_currency), proposed in zip(pairs, proposals, strict=True)
            for row in _proposed(connection, of_item, of_currency, proposed)
        ]
        names = parties.names(connection, {row.appraiser for row in rows})
        return {
            "items": [price_view(row, names) for row in rows],
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


async def confirm(command: Command, confirmations: Confirmations) -> Change:
    """A second appraiser confirms prices of a first, each by its hash.

    Raises:
        BadInput, Conflict: no price waits, or none with this hash.
    """
    rows: list[PriceTerms] = [
        terms_of(await _confirmed(command.gateway, confirmation, field=f"items.{place}"))
        for place, confirmation in enumerate(confirmations.items)
    ]
    subject = {"prices": len(rows)}
    return await change_for(
        command, NewOperation("confirm-prices", CONTRACT, "confirm", [rows], subject)
    )


async def withdraw(command: Command, withdrawal: PriceWithdrawal) -> Change:
    """An appraiser withdraws what its party proposed for an item, by its hash.

    Raises:
        BadInput, Conflict: its party proposed another price meanwhile.
    """
    word, currency = word_of(withdrawal.item, "item"), withdrawal.currency
    caller = command.caller.acting().lower()
    (proposals,) = await _proposals(command.gateway, [(word, currency)])

    def find(connection: Connection) -> list[str]:
        return [
            proposal.price_hash.lower()
            for proposal in proposals
            if parties.of_one_party(connection, proposal.proposer.lower(), caller)
        ]

    own = await command.gateway.storage.read(find)
    if own and own[0] != withdrawal.priceHash.lower():  # the ledger refuses it if none is its own
        raise Conflict(
            say(
                "the price of {word} in {currency} that waits is not the one that you name",
                word=item_named(word),
                currency=currency,
            ),
            name="price-differs",
            field="priceHash",
            fix="look at GET /v1/prices/waiting, and withdraw the price that you see there",
        )
    subject = {"item": withdrawal.item, "currency": currency}
    arguments = [word, currency_word(currency)]
    return await change_for(
        command, NewOperation("withdraw-price", CONTRACT, "withdraw", arguments, subject)
    )


async def _confirmed(gateway: Gateway, confirmation: PriceConfirmation, *, field: str) -> PriceRow:
    """The price with this hash, if it waits; while one waits, also the price in force."""
    word, currency = word_of(confirmation.item, f"{field}.item"), confirmation.currency
    (proposals,) = await _proposals(gateway, [(word, currency)])

    def find(connection: Connection) -> list[PriceRow]:
        in_force = repository.price_in_force(connection, item=word, currency=currency)
        rows = _proposed(connection, word, currency, proposals)
        return rows if in_force is None else [*rows, in_force]

    if not proposals:
        raise Conflict(
            say(
                "no price of {word} in {currency} waits for a second appraiser",
                word=item_named(word),
                currency=currency,
            ),
            name="nothing-proposed",
            fix="look at GET /v1/prices; it may be confirmed already",
        )
    for row in await gateway.storage.read(find):
        if price_hash(row) == confirmation.priceHash.lower():
            return row
    raise Conflict(
        say(
            "the price of {word} in {currency} that waits is not the one that you name",
            word=item_named(word),
            currency=currency,
        ),
        name="price-differs",
        field=f"{field}.priceHash",
        fix="look at GET /v1/prices/waiting, and confirm the price that you see there",
    )


async def _proposals(gateway: Gateway, pairs: Sequence[tuple[str, str]]) -> list[list[_Proposal]]:
    """What waits of each item and currency."""
    calls = [(CONTRACT, "proposals", [word, currency_word(code)]) for word, code in pairs]
    answers = await call_many(gateway, calls)
    return [msgspec.convert(answer, list[_Proposal]) for answer in answers]


def _proposed(
    connection: Connection, word: str, currency: str, proposals: list[_Proposal]
) -> list[PriceRow]:
    """The rows of what waits, newest first."""
    rows = [
        row
        for proposal in proposals
        for row in repository.proposed_prices(
            connection,
            item=word,
            currency=currency,
            appraiser=proposal.proposer.lower(),
            as_of=proposal.as_of,
        )
        if price_hash(row) == proposal.price_hash.lower()
    ]
    unlike = {price_hash(row): row for row in sorted(rows, key=lambda row: row.position)}
    return sorted(unlike.values(), key=lambda row: row.position, reverse=True)
