"""Operators change a product's breaker, close a product, and open it again.

A new breaker is a new version of the product, and opening it puts the terms in force again: the
first operator proposes either, and an operator of another party approves it by the same request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.domain.product_terms import ProductTerms
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.lending.products import repository
from app.lending.products.repository import ProductRow
from app.lending.products.service import product_in
from app.parties.registry import repository as parties

CONTRACT = "Products"
PROPOSE, APPROVE, CLOSE = "propose-product", "approve-product", "close-product"
_BEFORE_TERMS = 4 + 32  # bytes of calldata: the selector and the product's id


async def set_breaker(command: Command, product_id: int, breaker: int) -> Change:
    """Proposes another breaker for facilities agreed from then on, or approves the proposal.

    Args:
        breaker: share of the principal that may be overdue, in parts per million; 0: any.

    Raises:
        NotFound: there is no such product.
        Conflict: it is closed, has this breaker, or the caller's own party proposed it.
    """
    row = await product_in(command.gateway, product_id)
    if not row.open:
        raise Conflict(
            say(
                "product {product_id} is closed, and a new version would open it",
                product_id=product_id,
            ),
            name="product-closed",
            fix="open it first: POST /v1/products/{productId}/opening",
        )
    if row.terms["breaker"] == breaker:
        raise Conflict(
            say(
                "the breaker of product {product_id} is {breaker} already",
                product_id=product_id,
                breaker=breaker,
            ),
            name="breaker-unchanged",
        )
    terms: ProductTerms = {**row.terms, "breaker": breaker}
    return await _second_person_approves(command, row, terms)


async def open_again(command: Command, product_id: int) -> Change:
    """Proposes that a closed product opens with the terms in force, or approves the proposal.

    Raises:
        NotFound: there is no such product.
        Conflict: it is open, or the caller's own party proposed it.
    """
    row = await product_in(command.gateway, product_id)
    if row.open:
        raise Conflict(
            say("product {product_id} is open", product_id=product_id), name="product-open"
        )
    return await _second_person_approves(command, row, row.terms)


async def close(command: Command, product_id: int) -> Change:
    """Stops new facilities and draws under a product at once; what is lent runs on.

    Raises:
        NotFound: there is no such product.
        Conflict: it is closed.
    """
    row = await product_in(command.gateway, product_id)
    if not row.open:
        raise Conflict(
            say("product {product_id} is closed already", product_id=product_id),
            name="product-closed",
        )
    subject = {"productId": product_id, "product": row.code}
    return await change_for(command, NewOperation(CLOSE, CONTRACT, "close", [product_id], subject))


async def _second_person_approves(command: Command, row: ProductRow, terms: ProductTerms) -> Change:
    """Approves these terms if an operator of another party proposed them; else proposes them.

    Raises:
        Conflict.
    """
    arguments = [row.product_id, terms, row.goods, row.floating, row.evidence]
    hashed = terms_hash(command.gateway, arguments)
    caller = command.caller.acting().lower()

    def find(connection: Connection) -> tuple[bool, bool]:
        waiting = repository.proposed_change(connection, row.product_id)
        if waiting is None or waiting.terms_hash != hashed:
            return False, False
        return True, parties.of_one_party(connection, waiting.proposer, caller)

    is_proposed, by_caller = await command.gateway.storage.read(find)
    if by_caller:
        raise Conflict(
            "the caller's party has already proposed this change",
            name="another-person",
            fix="an operator of another party sends the same request",
        )
    subject = {
        "productId": row.product_id,
        "product": row.code,
        "breaker": terms["breaker"],
        "termsHash": hashed,
    }
    kind, function = (APPROVE, "approve") if is_proposed else (PROPOSE, "propose")
    return await change_for(command, NewOperation(kind, CONTRACT, function, arguments, subject))


def terms_hash(gateway: Gateway, arguments: Sequence[Any]) -> str:
    """The hash by which `Products` names proposed terms, from the arguments of `propose`."""
    data = gateway.contracts.encode(CONTRACT, "propose", arguments)
    return "0x" + keccak(data[_BEFORE_TERMS:]).hex()


class ProposedBreaker(msgspec.Struct, frozen=True):
    """A change that waits for a second operator, and what this gateway knows of it.

    Attributes:
        breaker: that it proposes; None: it was sent by another gateway or command.
    """

    change: repository.ProposedChange
    breaker: int | None


def proposed_breaker(connection: Connection, product_id: int) -> ProposedBreaker | None:
    """The change of a product that waits for a second operator; None: none does."""
    change = repository.proposed_change(connection, product_id)
    if change is None:
        return None
    breaker = repository.sent_breaker(connection, kind=PROPOSE, terms_hash=change.terms_hash)
    return ProposedBreaker(change, breaker)
