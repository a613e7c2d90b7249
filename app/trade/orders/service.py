"""Operations on purchase orders, and orders as callers may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.hashing import keccak, text_hash
from app.domain.calendar import date_of, day_of
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for, in_custody
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import minor, money_view, with_token
from app.gateway.naming import state_name, stored_state
from app.gateway.read_as_of import moment
from app.gateway.signing import Terms, caller_signature, terms_for
from app.gateway.views import Names, party_view
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in
from app.trade.documents.fingerprint import fingerprint, normalised_number
from app.trade.orders import repository
from app.trade.orders.projection import OrderRow
from app.trade.orders.schemas import NewOrder, Order, OrderPage

CONTRACT = "PurchaseOrders"


class OrderTerms(TypedDict):
    """What the buyer signs: the struct OrderTerms of PurchaseOrders."""

    seller: str
    buyer: str
    currency: str
    amount: int
    deliveryDay: int
    expiryDay: int
    fingerprint: str
    documentRoot: str
    legalTextHash: str


async def request(command: Command, new_order: NewOrder) -> Change:
    """Files an order.

    Raises:
        BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seller = caller.acting()
    buyer = await party_in(gateway, new_order.buyerPartyId, field="buyerPartyId")
    currency = with_token(gateway, new_order.amount.currency, field="amount.currency")
    if not normalised_number(new_order.number):
        raise BadInput(
            "the number has neither letter nor digit",
            field="number",
            fix="give a number with a letter or a digit",
        )
    if new_order.expiryDate < new_order.deliveryDate:
        raise BadInput(
            say(
                "the order expires on {expiry_date:day}, before the day of delivery",
                expiry_date=new_order.expiryDate,
            ),
            field="expiryDate",
            fix=say(
                "give {delivery_date:day} or a later day", delivery_date=new_order.deliveryDate
            ),
        )
    seller_party = await party_in(gateway, str(caller.party_id), field="sellerPartyId")
    digest = fingerprint(
        key=gateway.ledger_key.key("order fingerprint"),
        seller_id=seller_party.identity_hash,
        debtor_id=buyer.identity_hash,
        number=new_order.number,
    )
    terms: OrderTerms = {
        "seller": seller,
        "buyer": buyer.account,
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "amount": minor(new_order.amount, field="amount", currency=currency),
        "deliveryDay": day_of(new_order.deliveryDate),
        "expiryDay": day_of(new_order.expiryDate),
        "fingerprint": "0x" + digest.hex(),
        "documentRoot": "0x" + keccak(new_order.description.encode()).hex(),
        "legalTextHash": gateway.legal_text_hash,
    }
    subject = {"buyer": buyer.id}
    return await change_for(
        command, NewOperation("request-order", CONTRACT, "request", [terms], subject)
    )


async def order(gateway: Gateway, caller: Caller, order_id: int) -> OrderRow:
    """An order that the caller is a party to or has a lien on; any order for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, order_id))
    accounts = () if row is None else (row.seller, row.buyer, row.lienholder)
    if row is None or not (caller.sees_all or (caller.account and caller.account in accounts)):
        raise NotFound(say("there is no order {order_id}", order_id=order_id), name="order-unknown")
    return row


def terms_of(gateway: Gateway, row: OrderRow) -> Terms:
    """What the buyer signs: the terms of an order, as filed."""
    message: OrderTerms = {
        "seller": row.seller,
        "buyer": row.buyer,
        "currency": row.currency,
        "amount": row.amount,
        "deliveryDay": row.delivery_day,
        "expiryDay": row.expiry_day,
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "legalTextHash": row.legal_text_hash,
    }
    return terms_for(gateway, CONTRACT, "OrderTerms", message)


async def confirm(command: Command, order_id: int, signature: str | None) -> Change:
    """Puts the buyer's signature over the order on the ledger.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await order(gateway, caller, order_id)
    if caller.acting() != row.buyer:
        raise Forbidden("only the buyer may do this", name="not-buyer")
    if signature is None:
        if await in_custody(gateway, caller):
            _require_own_text(gateway, row)
        signature = await caller_signature(gateway, caller, terms_of(gateway, row))
    subject = {"orderId": order_id}
    return await change_for(
        command, NewOperation("confirm-order", CONTRACT, "confirm", [order_id, signature], subject)
    )


def _require_own_text(gateway: Gateway, row: OrderRow) -> None:
    """The gateway signs only orders on its own legal text, in a currency that it knows.

    A seller may file an order on the ledger itself, on any text.

    Raises:
        Conflict.
    """
    equal_terms = {
        "legalTextHash": row.legal_text_hash == gateway.legal_text_hash,
        "currency": gateway.currency_at(row.currency) in gateway.currencies(),
    }
    differs = [name for name, equal in equal_terms.items() if not equal]
    if differs:
        raise Conflict(
            say(
                "order {order_id} differs in {differs}: the gateway does not sign",
                order_id=row.order_id,
                differs=", ".join(differs),
            ),
            name="documents-differ",
            fix="reject it, or sign with the party's own wallet",
            differs=differs,
        )


async def step(
    command: Command, order_id: int, *, kind: str, function: str, side: str, reason: str | None
) -> Change:
    """Rejection by the buyer, or withdrawal by the seller."""
    row = await order(command.gateway, command.caller, order_id)
    if command.caller.acting() != (row.buyer if side == "buyer" else row.seller):
        raise Forbidden(say("only the {side:words} may do this", side=side), name=f"not-{side}")
    arguments: list[Any] = [order_id]
    if reason is not None:
        arguments.append(text_hash(reason))
    return await change_for(
        command, NewOperation(kind, CONTRACT, function, arguments, {"orderId": order_id})
    )


async def page(
    gateway: Gateway, caller: Caller, *, status: str | None, before: int | None, limit: int
) -> OrderPage:
    """A page of the caller's orders, newest first."""

    def find(connection: Connection) -> OrderPage:
        _, as_of = moment(connection)
        rows = repository.orders(
            connection,
            account=None if caller.sees_all else caller.account or "",
            status=None if status is None else stored_state(status),
            before=before,
            limit=limit,
        )
        names = parties.names(
            connection, {row.seller for row in rows} | {row.buyer for row in rows}
        )
        following = rows[-1].order_id if len(rows) == limit else None
        items = [view(gateway, row, names) for row in rows]
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


def view(gateway: Gateway, row: OrderRow, names: Names) -> Order:
    """An order in JSON."""
    currency = gateway.currency_at(row.currency)
    return {
        "id": row.order_id,
        "status": state_name(row.status),
        "seller": party_view(row.seller, names),
        "buyer": party_view(row.buyer, names),
        "amount": money_view(row.amount, currency=currency),
        "invoiced": money_view(row.invoiced, currency=currency),
        "delivered": money_view(row.delivered, currency=currency),
        "deliveryDate": date_of(row.delivery_day).isoformat(),
        "expiryDate": date_of(row.expiry_day).isoformat(),
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "underLien": row.lienholder is not None,
    }
