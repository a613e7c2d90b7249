"""What parties do with purchase orders."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import keccak
from app.chain.evm.typed_data import Domain, orders_domain, typed_data, typed_data_digest
from app.domain.calendar import date_of, day_of
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act, in_custody
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name, stored_state
from app.gateway.read_as_of import moment
from app.gateway.views import party_view
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in
from app.storage import run
from app.trade.documents.fingerprint import fingerprint, normalised_number
from app.trade.orders.projection import OrderRow
from app.trade.orders.schemas import NewOrder

CONTRACT = "PurchaseOrders"
_COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(OrderRow))


def domain(gateway: Gateway) -> Domain:
    """Where buyers' signatures over orders count."""
    return orders_domain(chain_id=gateway.chain_id, contract=gateway.contracts.address(CONTRACT))


async def request(command: Command, wanted: NewOrder) -> Response:
    """Files an order.

    Raises:
        BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seller = caller.acting()
    buyer = await party_in(gateway, wanted.buyerPartyId, field="buyerPartyId")
    currency = wanted.amount.currency
    if currency not in gateway.currencies():
        raise BadInput(
            f"there is no settlement token for {currency}",
            name="currency-unknown",
            field="amount.currency",
            fix=f"one of {', '.join(gateway.currencies())}",
        )
    if not normalised_number(wanted.number):
        raise BadInput("the number has neither letter nor digit", field="number")
    if wanted.expiryDate < wanted.deliveryDate:
        raise BadInput("the order expires before delivery", field="expiryDate")
    own = await party_in(gateway, str(caller.party_id), field="sellerPartyId")
    mark = fingerprint(
        key=gateway.ledger_key.key("order fingerprint"),
        seller_id=own.identity_hash,
        debtor_id=buyer.identity_hash,
        number=wanted.number,
    )
    terms = {
        "seller": seller,
        "buyer": buyer.account,
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "amount": minor(wanted.amount, field="amount", currency=currency),
        "deliveryDay": day_of(wanted.deliveryDate),
        "expiryDay": day_of(wanted.expiryDate),
        "fingerprint": "0x" + mark.hex(),
        "documentRoot": "0x" + keccak(wanted.description.encode()).hex(),
        "legalTextHash": gateway.legal_text_hash,
    }
    subject = {"buyer": buyer.id}
    return await act(command, Act("request-order", CONTRACT, "request", [terms], subject))


def by_id(connection: Connection, order_id: int) -> OrderRow | None:
    """An order."""
    query = f"SELECT {_COLUMNS} FROM purchase_orders WHERE order_id = ?"
    row = run(connection, query, (order_id,)).first()
    return None if row is None else OrderRow(*row)


async def order(gateway: Gateway, caller: Caller, order_id: int) -> OrderRow:
    """An order of the caller's, one that it has a lien on, or any for those who see all.

    Raises:
        NotFound.
    """

    row = await gateway.storage.read(lambda connection: by_id(connection, order_id))
    near = () if row is None else (row.seller, row.buyer, row.lienholder)
    if row is None or not (caller.sees_all or (caller.account and caller.account in near)):
        raise NotFound(f"there is no order {order_id}", name="order-unknown")
    return row


def terms_of(row: OrderRow) -> dict[str, Any]:
    """The terms as filed."""
    return {
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


async def confirm(command: Command, order_id: int, signature: str | None) -> Response:
    """The buyer's signature over the order goes on the ledger.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await order(gateway, caller, order_id)
    if caller.acting() != row.buyer:
        raise Forbidden("only the buyer may do this", name="not-buyer")
    if signature is None:
        if not await in_custody(gateway, caller):
            raise BadInput(
                "the gateway does not keep this party's key",
                name="signature-missing",
                field="signature",
                fix="sign the typed data with the party's own wallet and give the signature",
            )
        _require_own_text(gateway, row)
        digest = typed_data_digest(domain(gateway), "OrderTerms", terms_of(row))
        signer = await gateway.key_work.run(gateway.keystore.signer, caller.acting())
        signature = "0x" + signer.sign_hash(digest).hex()
    subject = {"orderId": order_id}
    return await act(
        command, Act("confirm-order", CONTRACT, "confirm", [order_id, signature], subject)
    )


def _require_own_text(gateway: Gateway, row: OrderRow) -> None:
    """What a buyer cannot read here the gateway does not sign for it.

    A seller may file an order on the ledger itself, on whatever text.

    Raises:
        Conflict.
    """
    known = {
        "legalTextHash": row.legal_text_hash == gateway.legal_text_hash,
        "currency": gateway.currency_at(row.currency) in gateway.currencies(),
    }
    differs = [name for name, same in known.items() if not same]
    if differs:
        raise Conflict(
            f"order {row.order_id} differs in {', '.join(differs)}: the gateway does not sign",
            name="papers-differ",
            fix="reject it; or sign with a wallet of the party's own",
            differs=differs,
        )


async def step(
    command: Command, order_id: int, *, kind: str, function: str, side: str, reason: str | None
) -> Response:
    """Rejection by the buyer, withdrawal by the seller."""
    row = await order(command.gateway, command.caller, order_id)
    if command.caller.acting() != (row.buyer if side == "buyer" else row.seller):
        raise Forbidden(f"only the {side} may do this", name=f"not-{side}")
    arguments: list[Any] = [order_id]
    if reason is not None:
        arguments.append("0x" + (keccak(reason.encode()).hex() if reason else "0" * 64))
    return await act(command, Act(kind, CONTRACT, function, arguments, {"orderId": order_id}))


async def page(
    gateway: Gateway, caller: Caller, *, status: str | None, before: int | None, limit: int
) -> dict[str, Any]:
    """Orders of the caller, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        wheres, values = ["1 = 1"], []
        if not caller.sees_all:
            wheres.append("(seller = ? OR buyer = ? OR lienholder = ?)")
            values += [caller.account or ""] * 3
        for clause, value in (
            ("status = ?", status and stored_state(status)),
            ("order_id < ?", before),
        ):
            if value is not None:
                wheres.append(clause)
                values.append(str(value) if clause.startswith("status") else value)  # type: ignore[arg-type]
        query = (
            f"SELECT {_COLUMNS} FROM purchase_orders WHERE {' AND '.join(wheres)} "
            "ORDER BY order_id DESC LIMIT ?"
        )
        rows = [OrderRow(*row) for row in run(connection, query, (*values, limit))]
        names = parties.names(
            connection, {row.seller for row in rows} | {row.buyer for row in rows}
        )
        following = rows[-1].order_id if len(rows) == limit else None
        items = [view(gateway, row, names) for row in rows]
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def seen(gateway: Gateway, caller: Caller, order_id: int) -> dict[str, Any]:
    """An order with what the buyer signs."""
    row = await order(gateway, caller, order_id)
    names = await gateway.storage.read(
        lambda connection: parties.names(connection, {row.seller, row.buyer})
    )
    signed = typed_data(domain(gateway), "OrderTerms", terms_of(row))
    return view(gateway, row, names) | {"typedData": signed}


def view(gateway: Gateway, row: OrderRow, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
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
