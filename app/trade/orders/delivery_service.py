"""Goods of an order come in: the seller says so, the buyer signs, and the ledger keeps it.

What the buyer has signed waits here until it is used: by the seller itself, or, where the order is
under lien, by the passage of its loan to the goods.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import keccak
from app.chain.evm.signers import recover
from app.chain.evm.typed_data import typed_data, typed_data_digest
from app.chain.outbox.operation import Operation, new_id
from app.chain.outbox.outbox import SignatureMismatch
from app.errors import BadInput, Conflict, Forbidden, NotFound, Unavailable
from app.gateway.callers import Caller
from app.gateway.chain_queries import ask
from app.gateway.commands import Answer, Command
from app.gateway.execution import Act, act, claim_once, in_custody
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import deadline, moment
from app.gateway.views import time_view
from app.storage.checkpoint import read_checkpoint
from app.trade.orders import deliveries
from app.trade.orders.deliveries import DeliveryRow
from app.trade.orders.schemas import NewDelivery
from app.trade.orders.service import CONTRACT, domain, order

MOST_DIGITS = 16  # of a number that every reader of JSON takes as it is
_STATES = {
    "accepted": "under-way",
    "submitted": "under-way",
    "included": "recorded",
    "final": "recorded",
}


async def propose(command: Command, order_id: int, wanted: NewDelivery) -> Response:
    """The seller says which goods of the order came into which lot.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await order(gateway, caller, order_id)
    if caller.acting() != row.seller:
        raise Forbidden("only the seller says what it delivered", name="not-seller")
    if row.status != "Confirmed":
        raise Conflict(f"order {order_id} is {state_name(row.status)}", name="order-not-open")
    currency = gateway.currency_at(row.currency)
    amount = minor(wanted.amount, field="amount", currency=currency)
    left = row.amount - row.invoiced - row.delivered
    if amount > left:
        raise BadInput(
            f"{money_view(left, currency=currency)['amount']} of the order are not delivered yet",
            name="amount-out-of-range",
            field="amount.amount",
        )
    await _require_lot(gateway, order_id, wanted.lotId)
    root = wanted.papersRoot or "0x" + keccak((wanted.papers or "").encode()).hex()
    made = DeliveryRow(
        id=new_id(),
        order_id=order_id,
        lot_id=wanted.lotId,
        amount=amount,
        papers_root=root.lower(),
        deadline=await deadline(gateway),
        signature=None,
        operation_id=None,
        seller=row.seller,
        buyer=row.buyer,
        currency=row.currency,
    )
    digest = "0x" + _digest(gateway, made).hex()

    def write(connection: Connection) -> Answer:
        now = moment(connection)[0]
        if not deliveries.add(connection, made, digest=digest, now=now):
            raise Conflict("just this delivery is kept already", name="delivery-known")
        return Answer(view(gateway, made), 201)

    return await command.carry_out(write)


async def delivery(gateway: Gateway, caller: Caller, identifier: str) -> DeliveryRow:
    """A delivery of the caller's orders, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: deliveries.find(connection, identifier))
    near = () if row is None else (row.seller, row.buyer)
    if row is None or not (caller.sees_all or (caller.account and caller.account in near)):
        raise NotFound(f"there is no delivery {identifier}", name="delivery-unknown")
    return row


async def page(gateway: Gateway, caller: Caller, order_id: int) -> dict[str, Any]:
    """Deliveries of an order: those that wait, and what the ledger keeps."""
    row = await order(gateway, caller, order_id)
    return await gateway.storage.read(
        lambda connection: told(gateway, connection, row.order_id, currency=row.currency)
    )


def told(
    gateway: Gateway, connection: Connection, order_id: int, *, currency: str
) -> dict[str, Any]:
    """The same, for the order's own page."""
    name = gateway.currency_at(currency)
    return {
        "items": [view(gateway, one) for one in deliveries.of_order(connection, order_id)],
        "recorded": [
            {
                "lotId": int(one["lot_id"]) if len(one["lot_id"]) < MOST_DIGITS else one["lot_id"],
                "amount": money_view(one["amount"], currency=name),
                "notInvoiced": money_view(one["uninvoiced"], currency=name),
                "papersRoot": one["papers_root"],
                "transactionHash": one["transaction_hash"],
            }
            for one in deliveries.recorded(connection, order_id)
        ],
    }


async def sign(command: Command, identifier: str, signature: str | None) -> Response:
    """The buyer signs for the goods: by custody at its own word, or with its wallet.

    Raises:
        NotFound, Forbidden, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    row = await delivery(gateway, caller, identifier)
    if caller.acting() != row.buyer:
        raise Forbidden("only the buyer signs for the goods", name="not-buyer")
    digest = _digest(gateway, row)
    if signature is not None:
        signed_by = recover(digest, bytes.fromhex(signature[2:]))
        if signed_by != row.buyer:
            raise SignatureMismatch(f"signed by {signed_by}, not by {row.buyer}")
    elif await in_custody(gateway, caller):
        signer = await gateway.key_work.run(gateway.keystore.signer, row.buyer)
        signature = "0x" + signer.sign_hash(digest).hex()
    else:
        raise BadInput(
            "the gateway does not keep this party's key",
            name="signature-missing",
            field="signature",
            fix="sign the typed data with the party's own wallet and give the signature",
        )
    kept = signature.lower()

    def write(connection: Connection) -> Answer:
        found = deliveries.sign(connection, identifier=identifier, signature=kept)
        return Answer(view(gateway, found), 200)

    return await command.carry_out(write)


async def execute(command: Command, identifier: str) -> Response:
    """The seller puts a signed delivery on the ledger, where nobody has a lien on the order.

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
            fix=f"the buyer signs it at /v1/deliveries/{identifier}/signature",
        )
    if (await order(gateway, caller, row.order_id)).lienholder is not None:
        raise Conflict(
            f"order {row.order_id} is under lien",
            name="order-under-lien",
            fix="pass its loan to the goods: POST /v1/loans/{loan_id}/goods",
        )

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        claim_once(
            connection,
            "delivery_drafts",
            identifier=identifier,
            operation_id=operation.id,
            what="the delivery",
        )
        found = deliveries.find(connection, identifier)
        assert found is not None
        return view(gateway, found)

    arguments = [row.terms(), row.signature]
    wanted = Act("record-delivery", CONTRACT, "deliver", arguments, {"orderId": row.order_id})
    return await act(command, wanted, also=also)


def view(gateway: Gateway, row: DeliveryRow) -> dict[str, Any]:
    """A delivery with what the buyer signs."""
    waiting = "waiting" if row.signature is None else "signed"
    return {
        "id": row.id,
        "orderId": row.order_id,
        "lotId": row.lot_id,
        "amount": money_view(row.amount, currency=gateway.currency_at(row.currency)),
        "papersRoot": row.papers_root,
        "signedUntil": time_view(row.deadline),
        "state": _STATES.get(row.operation_state or "", waiting),
        "operationId": row.operation_id,
        "typedData": typed_data(domain(gateway), "Delivery", row.terms()),
    }


def _digest(gateway: Gateway, row: DeliveryRow) -> bytes:
    return typed_data_digest(domain(gateway), "Delivery", row.terms())


async def _require_lot(gateway: Gateway, order_id: int, lot_id: int) -> None:
    """The warehouse itself says of a lot which order it came under."""
    at = await gateway.storage.read(read_checkpoint)
    if at is None:
        raise Unavailable("nothing is indexed yet", fix="ask again in a moment")
    (lot,) = await ask(gateway, at, [("WarehouseReceipts", "lot", [lot_id])])
    if lot is None:
        raise BadInput(f"there is no lot {lot_id}", name="lot-unknown", field="lotId")
    if lot["orderId"] != order_id:
        raise BadInput(
            f"lot {lot_id} was not issued for order {order_id}",
            name="lot-of-other-order",
            field="lotId",
            fix="the warehouse names the order when it issues the lot",
        )
