"""Deliveries of an order's goods: the seller states one, the buyer signs, the ledger records it.

A signed delivery waits in the store until the seller records it. If the order is under a lien,
converting its loan to the goods records the delivery instead.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import new_id
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound, Unavailable
from app.gateway.callers import Caller
from app.gateway.chain_queries import ask
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import deadline, moment
from app.gateway.signing import Terms, caller_signature, draft_state, draft_view, terms_for
from app.gateway.views import time_view
from app.parties.registry import repository as parties
from app.storage.checkpoint import read_checkpoint
from app.trade.orders import deliveries
from app.trade.orders.deliveries import DELIVERIES, DeliveryRow, RecordedRow
from app.trade.orders.projection import OrderRow
from app.trade.orders.schemas import (
    Delivery,
    DeliveryPage,
    NewDelivery,
    OrderDetails,
    RecordedDelivery,
)
from app.trade.orders.service import CONTRACT, order, terms_of
from app.trade.orders.service import view as order_view

MAX_DIGITS = 16  # of a number that every JSON reader reads exactly


async def propose(command: Command, order_id: int, new_delivery: NewDelivery) -> Change:
    """The seller states which goods of the order came into which lot.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await order(gateway, caller, order_id)
    if caller.acting() != row.seller:
        raise Forbidden("only the seller states its deliveries", name="not-seller")
    if row.status != "Confirmed":
        raise Conflict(
            say(
                "order {order_id} is {status:words}; only a confirmed order has deliveries",
                order_id=order_id,
                status=state_name(row.status),
            ),
            name="order-not-open",
            fix="choose a confirmed order: GET /v1/orders?status=confirmed",
        )
    currency = gateway.currency_at(row.currency)
    amount = minor(new_delivery.amount, field="amount", currency=currency)
    undelivered = row.amount - row.invoiced - row.delivered
    if amount > undelivered:
        rest = money_view(undelivered, currency=currency)["amount"]
        raise BadInput(
            say(
                "amount is {amount}; only {rest} of the order are not delivered yet",
                amount=new_delivery.amount.amount,
                rest=rest,
            ),
            name="amount-out-of-range",
            field="amount.amount",
            fix=say("give at most {rest}", rest=rest),
        )
    await _require_lot(gateway, order_id, new_delivery.lotId)
    root = new_delivery.documentRoot or "0x" + keccak((new_delivery.evidence or "").encode()).hex()
    delivery_row = DeliveryRow(
        id=new_id(),
        order_id=order_id,
        lot_id=new_delivery.lotId,
        amount=amount,
        document_root=root.lower(),
        deadline=await deadline(gateway),
        signature=None,
        operation_id=None,
        seller=row.seller,
        buyer=row.buyer,
        currency=row.currency,
    )
    digest = _terms(gateway, delivery_row).digest_text()

    def write(connection: Connection) -> Answer:
        now = moment(connection)[0]
        if not deliveries.add(connection, delivery_row, digest=digest, now=now):
            raise Conflict(
                "the same delivery is waiting already",
                name="delivery-known",
                fix=say(
                    "look at order {order_id}; the buyer signs the delivery that it lists",
                    order_id=order_id,
                ),
            )
        return Answer(view(gateway, delivery_row), 201)

    return Change(write)


async def delivery(gateway: Gateway, caller: Caller, identifier: str) -> DeliveryRow:
    """A delivery of the caller's orders, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: deliveries.find(connection, identifier))
    accounts = () if row is None else (row.seller, row.buyer)
    if row is None or not (caller.sees_all or (caller.account and caller.account in accounts)):
        raise NotFound(
            say("there is no delivery {identifier}", identifier=identifier), name="delivery-unknown"
        )
    return row


async def details(gateway: Gateway, caller: Caller, order_id: int) -> OrderDetails:
    """An order with what the buyer signs, and its deliveries.

    Raises:
        NotFound.
    """
    row = await order(gateway, caller, order_id)

    def find(connection: Connection) -> OrderDetails:
        names = parties.names(connection, {row.seller, row.buyer})
        return {
            **order_view(gateway, row, names),
            "typedData": terms_of(gateway, row).typed_data(),
            "deliveries": deliveries_view(gateway, connection, row),
        }

    return await gateway.storage.read(find)


async def page(gateway: Gateway, caller: Caller, order_id: int) -> DeliveryPage:
    """Deliveries of an order: those that wait, and those on the ledger.

    Raises:
        NotFound.
    """
    row = await order(gateway, caller, order_id)
    return await gateway.storage.read(lambda connection: deliveries_view(gateway, connection, row))


def deliveries_view(gateway: Gateway, connection: Connection, row: OrderRow) -> DeliveryPage:
    """Deliveries of an order in JSON."""
    recorded = deliveries.recorded(connection, row.order_id)
    currency = gateway.currency_at(row.currency)
    return {
        "items": [view(gateway, item) for item in deliveries.of_order(connection, row.order_id)],
        "recorded": [_recorded_view(item, currency=currency) for item in recorded],
    }


def _recorded_view(row: RecordedRow, *, currency: str) -> RecordedDelivery:
    return {
        "lotId": int(row.lot_id) if len(row.lot_id) < MAX_DIGITS else row.lot_id,
        "amount": money_view(row.amount, currency=currency),
        "notInvoiced": money_view(row.uninvoiced, currency=currency),
        "documentRoot": row.document_root,
        "transactionHash": row.transaction_hash,
    }


async def sign(command: Command, identifier: str, signature: str | None) -> Change:
    """The buyer signs for the goods, with its wallet or with its key in custody.

    Raises:
        NotFound, Forbidden, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    row = await delivery(gateway, caller, identifier)
    if caller.acting() != row.buyer:
        raise Forbidden("only the buyer signs for the goods", name="not-buyer")
    buyer_signature = await caller_signature(
        gateway, caller, _terms(gateway, row), wallet_signature=signature
    )

    def write(connection: Connection) -> Answer:
        signed_row = deliveries.sign(connection, identifier=identifier, signature=buyer_signature)
        return Answer(view(gateway, signed_row), 200)

    return Change(write)


async def execute(command: Command, identifier: str) -> Change:
    """The seller puts a signed delivery on the ledger, if nobody has a lien on the order.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await delivery(gateway, caller, identifier)
    if caller.acting() != row.seller:
        raise Forbidden("only the seller records a delivery", name="not-seller")
    if row.signature is None:
        raise Conflict(
            "the buyer has not signed the delivery yet",
            name="signature-missing",
            fix=say(
                "the buyer signs it: POST /v1/deliveries/{identifier}/signature",
                identifier=identifier,
            ),
        )
    if (await order(gateway, caller, row.order_id)).lienholder is not None:
        raise Conflict(
            say("order {order_id} is under lien", order_id=row.order_id),
            name="order-under-lien",
            fix="convert its loan to the goods: POST /v1/loans/{loan_id}/goods",
        )

    def claimed_view(connection: Connection) -> Delivery:
        claimed_row = deliveries.find(connection, identifier)
        assert claimed_row is not None
        return view(gateway, claimed_row)

    arguments = [row.terms(), row.signature]
    new_operation = NewOperation(
        "record-delivery", CONTRACT, "deliver", arguments, {"orderId": row.order_id}
    )
    side_writes = DELIVERIES.claim(identifier, then=claimed_view)
    return await change_for(command, new_operation, side_writes=side_writes)


def view(gateway: Gateway, row: DeliveryRow) -> Delivery:
    """A delivery with what the buyer signs."""
    signed = row.signature is not None
    state = draft_state(row.operation_state, signed=signed, done="recorded")
    return {
        **draft_view(row, _terms(gateway, row), state=state),
        "orderId": row.order_id,
        "lotId": row.lot_id,
        "amount": money_view(row.amount, currency=gateway.currency_at(row.currency)),
        "documentRoot": row.document_root,
        "signedUntil": time_view(row.deadline),
    }


def _terms(gateway: Gateway, row: DeliveryRow) -> Terms:
    return terms_for(gateway, CONTRACT, "Delivery", row.terms())


async def _require_lot(gateway: Gateway, order_id: int, lot_id: int) -> None:
    """The lot exists, and its warehouse issued it for this order."""
    at = await gateway.storage.read(read_checkpoint)
    if at is None:
        raise Unavailable("nothing is indexed yet", fix="ask again in a moment")
    (lot,) = await ask(gateway, at, [("WarehouseReceipts", "lot", [lot_id])])
    if lot is None:
        raise BadInput(
            say("there is no lot {lot_id}", lot_id=lot_id),
            name="lot-unknown",
            field="lotId",
            fix="give the id of the lot on the ledger, not its number at the warehouse",
        )
    if lot["orderId"] != order_id:
        raise BadInput(
            say(
                "lot {lot_id} was not issued for order {order_id}", lot_id=lot_id, order_id=order_id
            ),
            name="lot-of-other-order",
            field="lotId",
            fix="the warehouse names the order when it issues the lot",
        )
