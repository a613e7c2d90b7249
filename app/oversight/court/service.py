"""Court orders and interim holds: one regulator issues, another one executes or confirms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS, checksum_address
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
from app.gateway.money import minor
from app.gateway.read_as_of import moment
from app.gateway.views import time_view
from app.lending import repository as lending
from app.lending.commands import CONTRACT as FACILITIES
from app.oversight.court import repository
from app.oversight.court.effects import effects
from app.oversight.court.repository import HoldRow, OrderRow
from app.oversight.court.schemas import (
    CourtAction,
    CourtEffect,
    CourtOrder,
    CourtOrderPage,
    Execution,
    Hold,
    HoldPage,
    NewCourtOrder,
    NewHold,
)
from app.parties.registry import service as parties
from app.trade.claims import repository as claims

CONTRACT = "CourtOrders"
ORDER_LIFE = 90 * 86_400


class _Action(msgspec.Struct, frozen=True):
    """The call that an order makes.

    Attributes:
        target: the contract that the order calls, by its name in the deployment record.
        data: the data of the call.
        subject: of the operation that records the order.
    """

    target: str
    data: bytes
    subject: Mapping[str, Any]


async def issue(command: Command, request: NewCourtOrder) -> Change:
    """Records an order; it can be executed after the delay.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway = command.gateway
    if request.kind == "forced-transfer" and request.claimId is None:
        return await _issue_over_holder(command, request)
    if request.kind in ("freeze", "unfreeze"):
        action = await _freeze(gateway, request)
    elif request.kind == "forced-transfer":
        action = await _transfer(gateway, request)
    elif request.kind in ("forced-withdrawal", "forced-cash-transfer"):
        action = await _money(gateway, request)
    elif request.kind == "costs":
        action = await _costs(gateway, request)
    else:
        _require(request, "account")
        function = request.kind.partition("-")[0]
        data = gateway.contracts.encode(CONTRACT, function, [request.account])
        action = _Action(CONTRACT, data, {"account": request.account})
    arguments = [
        *(gateway.contracts.address(action.target), "0x" + action.data.hex(), request.orderHash),
    ]
    subject = {**action.subject, "kind": request.kind}
    return await change_for(
        command, NewOperation("issue-order", CONTRACT, "issue", arguments, subject)
    )


async def _freeze(gateway: Gateway, request: NewCourtOrder) -> _Action:
    _require(request, "partyId")
    _, number = await parties.on_ledger(gateway, str(request.partyId))
    arguments = [number, request.kind == "freeze", request.orderHash]
    data = gateway.contracts.encode("PartyRegistry", "freeze", arguments)
    return _Action("PartyRegistry", data, {"party": request.partyId})


async def _transfer(gateway: Gateway, request: NewCourtOrder) -> _Action:
    _require(request, "toPartyId")
    claim_id = request.claimId
    assert claim_id is not None
    row = await gateway.storage.read(lambda connection: claims.by_id(connection, claim_id))
    if row is None:
        raise NotFound(say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown")
    value = row.claim.value
    if request.value is not None:
        currency = gateway.currency_at(row.currency)
        value = minor(request.value, field="value", currency=currency)
    to = await parties.party_in(gateway, str(request.toPartyId), field="toPartyId")
    arguments = [claim_id, to.account, value, request.orderHash]
    data = gateway.contracts.encode("Receivables", "forcedTransfer", arguments)
    return _Action("Receivables", data, {"claimId": claim_id, "party": to.id})


async def _money(gateway: Gateway, request: NewCourtOrder) -> _Action:
    _require(request, "partyId", "toPartyId", "value")
    assert request.value is not None
    source = await parties.party_in(gateway, str(request.partyId), field="partyId")
    to = await parties.party_in(gateway, str(request.toPartyId), field="toPartyId")
    amount = minor(request.value, field="value")
    token = CASH_PREFIX + request.value.currency
    subject = {"party": source.id, "toParty": to.id}
    if request.kind == "forced-withdrawal":
        _require(request, "contract")
        target = str(request.contract)
        currency = gateway.contracts.address(token)
        arguments = [source.account, currency, to.account, amount, request.orderHash]
        data = gateway.contracts.encode(target, "forcedWithdraw", arguments)
        return _Action(target, data, subject)
    if await call(gateway, token, "court", []) == ZERO_ADDRESS:
        raise Conflict(
            say(
                "the terms of {currency} give a court no power over it",
                currency=request.value.currency,
            ),
            name="currency-out-of-reach",
            field="value.currency",
            fix="name a currency whose contract has a court",
        )
    arguments = [source.account, to.account, amount, request.orderHash]
    return _Action(token, gateway.contracts.encode(token, "forcedTransfer", arguments), subject)


async def _costs(gateway: Gateway, request: NewCourtOrder) -> _Action:
    _require(request, "loanId", "value")
    loan_id = request.loanId
    assert loan_id is not None and request.value is not None
    row = await gateway.storage.read(lambda connection: lending.loan(connection, loan_id))
    if row is None:
        raise NotFound(say("there is no loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    amount = minor(request.value, field="value", currency=gateway.currency_at(row.currency))
    data = gateway.contracts.encode(FACILITIES, "forcedCosts", [loan_id, amount, request.orderHash])
    return _Action(FACILITIES, data, {"loanId": loan_id})


async def _issue_over_holder(command: Command, request: NewCourtOrder) -> Change:
    gateway = command.gateway
    _require(request, "partyId", "toPartyId")
    holder, number = await parties.on_ledger(gateway, str(request.partyId))
    to = await parties.party_in(gateway, str(request.toPartyId), field="toPartyId")
    if request.lotId is not None:
        _require(request, "quantity")
        target, slot, value = "WarehouseReceipts", request.lotId, request.quantity
    else:
        _require(request, "receivableId", "value")
        assert request.receivableId is not None and request.value is not None
        target, slot = "Receivables", request.receivableId
        currency = await gateway.storage.read(
            lambda connection: repository.receivable_currency(connection, slot)
        )
        if currency is None:
            raise NotFound(
                say("there is no receivable {slot}", slot=slot), name="receivable-unknown"
            )
        value = minor(request.value, field="value", currency=gateway.currency_at(currency))
    subject = {"party": holder.id, "toParty": to.id, "kind": request.kind}
    arguments = [
        *(gateway.contracts.address(target), number, slot, value, to.account, request.orderHash),
    ]
    return await change_for(
        command, NewOperation("issue-order", CONTRACT, "issueOverHolder", arguments, subject)
    )


def _require(request: NewCourtOrder, *fields: str) -> None:
    for field in fields:
        if getattr(request, field) is None:
            raise BadInput(
                say("{field} is missing", field=field),
                field=field,
                fix=say("give {field}", field=field),
            )


async def order(gateway: Gateway, order_id: int) -> OrderRow:
    """An order.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, order_id))
    if row is None:
        raise NotFound(say("there is no order {order_id}", order_id=order_id), name="order-unknown")
    return row


async def execute(command: Command, order_id: int, request: Execution) -> Change:
    """Executes an order; an order over a party's holdings takes the tokens that it holds now.

    Raises:
        NotFound.
        Conflict: the party holds nothing that the order reaches, or less is left than was seen.
    """
    gateway, row = command.gateway, await order(command.gateway, order_id)
    subject = {"orderId": order_id}
    if request.left is not None and request.left != row.value_left:
        raise Conflict(
            "a part of the order was executed since",
            name="order-changed",
            field="left",
            fix="look at the order again, and execute what you see there",
        )
    if row.holder_party_id is None or row.slot is None or row.value_left is None:
        return await change_for(
            command, NewOperation("execute-order", CONTRACT, "execute", [order_id], subject)
        )
    contract = gateway.contracts.name_at(row.target)
    tokens, value = request.tokenIds, request.value or row.value_left
    if tokens is None and contract in ("Receivables", "WarehouseReceipts"):
        party, slot, name = row.holder_party_id, row.slot, contract
        held = await gateway.storage.read(
            lambda connection: repository.held_tokens(
                connection, name, ledger_party_id=party, slot=slot
            )
        )
        tokens = [token.token_id for token in held]
        if request.value is None:
            value = min(value, sum(token.value for token in held))
    if not tokens or not value:
        raise Conflict(
            "the party holds nothing that the order reaches",
            name="nothing-held",
            fix="carry the order out when the party holds something, or cancel it",
        )
    arguments = [order_id, value, tokens]
    new_operation = NewOperation("execute-order", CONTRACT, "executeOverHolder", arguments, subject)
    return await change_for(command, new_operation)


async def cancel(command: Command, order_id: int) -> Change:
    """Cancels an order: its issuer alone, or the second of two other regulators."""
    await order(command.gateway, order_id)
    subject = {"orderId": order_id}
    return await change_for(
        command, NewOperation("cancel-order", CONTRACT, "cancel", [order_id], subject)
    )


async def hold(command: Command, request: NewHold) -> Change:
    """Holds a party at once."""
    row, number = await parties.on_ledger(command.gateway, request.partyId)
    arguments = [number, request.orderHash]
    return await change_for(
        command, NewOperation("hold-party", CONTRACT, "hold", arguments, {"party": row.id})
    )


async def confirm_hold(command: Command, party_id: str, order_id: int) -> Change:
    """Another regulator continues a hold for an order."""
    row, number = await parties.on_ledger(command.gateway, party_id)
    subject = {"party": row.id, "orderId": order_id}
    arguments = [number, order_id]
    return await change_for(
        command, NewOperation("confirm-hold", CONTRACT, "confirmHold", arguments, subject)
    )


async def lift_hold(command: Command, party_id: str) -> Change:
    """The regulator who began a hold ends it; nobody has confirmed it."""
    row, number = await parties.on_ledger(command.gateway, party_id)
    return await change_for(
        command, NewOperation("lift-hold", CONTRACT, "liftHold", [number], {"party": row.id})
    )


async def page(gateway: Gateway, *, before: int | None, limit: int) -> CourtOrderPage:
    """Orders, newest first."""

    def find(connection: Connection) -> CourtOrderPage:
        now, as_of = moment(connection)
        rows = repository.listed(connection, before=before, limit=limit)
        following = rows[-1].order_id if len(rows) == limit else None
        done = effects(gateway, connection, rows)
        items = [view(gateway, row, effect=done[row.order_id], now=now) for row in rows]
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def details(gateway: Gateway, order_id: int) -> CourtOrder:
    """One order.

    Raises:
        NotFound.
    """
    row = await order(gateway, order_id)

    def find(connection: Connection) -> CourtOrder:
        now, _ = moment(connection)
        done = effects(gateway, connection, [row])
        return view(gateway, row, effect=done[row.order_id], now=now)

    return await gateway.storage.read(find)


async def hold_page(gateway: Gateway, *, after: int | None, limit: int) -> HoldPage:
    """The last hold of each party that was ever held."""

    def find(connection: Connection) -> HoldPage:
        now, as_of = moment(connection)
        rows = repository.holds(connection, after=after, limit=limit)
        following = rows[-1].ledger_party_id if len(rows) == limit else None
        items = [hold_view(row, now=now) for row in rows]
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


def view(gateway: Gateway, row: OrderRow, *, effect: CourtEffect | None, now: int) -> CourtOrder:
    """An order in JSON; `now` is the timestamp of the newest block."""
    target = gateway.contracts.name_at(row.target) or row.target
    lapses_at = row.not_before + ORDER_LIFE
    action: CourtAction = {"contract": target, "call": row.call}
    if row.holder_party_id is not None:
        action["ledgerPartyId"] = row.holder_party_id
        action["slot"] = row.slot
        action["left"] = row.value_left
    return {
        "id": row.order_id,
        "orderHash": row.order_hash,
        "state": "lapsed" if row.state == "issued" and now >= lapses_at else row.state,
        "issuer": checksum_address(row.issuer),
        "notBefore": time_view(row.not_before),
        "lapsesAt": time_view(lapses_at),
        "action": action,
        "effect": effect,
        "closedBy": None if row.closed_by is None else checksum_address(row.closed_by),
        "objector": None if row.objector is None else checksum_address(row.objector),
    }


def hold_view(row: HoldRow, *, now: int) -> Hold:
    """A hold in JSON."""
    return {
        "partyId": row.party_id,
        "name": row.name,
        "account": None if row.account is None else checksum_address(row.account),
        "confusable": row.confusable,
        "ledgerPartyId": row.ledger_party_id,
        "orderHash": row.order_hash,
        "regulator": checksum_address(row.regulator),
        "until": time_view(row.held_until),
        "inForce": now < row.held_until,
        "orderId": row.order_id,
    }
