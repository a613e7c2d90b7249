"""Orders of a court and interim holds: what one regulator says and another one carries out."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.chain.evm.hashing import checksum_address
from app.errors import BadInput, Conflict, NotFound
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
from app.gateway.money import minor
from app.gateway.views import time_view
from app.oversight.court import repository
from app.oversight.court.repository import HoldRow, OrderRow
from app.oversight.court.schemas import Execution, NewCourtOrder, NewHold
from app.parties.registry import service as parties
from app.trade.claims import repository as claims

CONTRACT = "CourtOrders"
NOBODY = "0x" + "0" * 40
ORDER_LIFE = 90 * 86_400


async def issue(command: Command, wanted: NewCourtOrder) -> Response:
    """Puts an order on record; it can be carried out after the delay.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway = command.gateway
    if wanted.kind == "forced-transfer" and wanted.claimId is None:
        return await _issue_over_holder(command, wanted)
    if wanted.kind in ("freeze", "unfreeze"):
        target, data, subject = await _freeze(gateway, wanted)
    elif wanted.kind == "forced-transfer":
        target, data, subject = await _transfer(gateway, wanted)
    elif wanted.kind in ("forced-withdrawal", "forced-cash-transfer"):
        target, data, subject = await _money(gateway, wanted)
    else:
        _require(wanted, "account")
        function = wanted.kind.partition("-")[0]
        target, subject = CONTRACT, {"account": wanted.account}
        data = gateway.contracts.encode(target, function, [wanted.account])
    arguments = [gateway.contracts.address(target), "0x" + data.hex(), wanted.orderHash]
    return await act(
        command, Act("issue-order", CONTRACT, "issue", arguments, subject | {"kind": wanted.kind})
    )


async def _freeze(gateway: Gateway, wanted: NewCourtOrder) -> tuple[str, bytes, dict[str, Any]]:
    _require(wanted, "partyId")
    _, number = await parties.on_ledger(gateway, str(wanted.partyId))
    given = [number, wanted.kind == "freeze", wanted.orderHash]
    data = gateway.contracts.encode("PartyRegistry", "freeze", given)
    return "PartyRegistry", data, {"party": wanted.partyId}


async def _transfer(gateway: Gateway, wanted: NewCourtOrder) -> tuple[str, bytes, dict[str, Any]]:
    _require(wanted, "toPartyId")
    claim_id = wanted.claimId
    assert claim_id is not None
    found = await gateway.storage.read(lambda connection: claims.by_id(connection, claim_id))
    if found is None:
        raise NotFound(f"there is no claim {claim_id}", name="claim-unknown")
    value = found.claim.value
    if wanted.value is not None:
        currency = gateway.currency_at(found.currency)
        value = minor(wanted.value, field="value", currency=currency)
    to = await parties.party_in(gateway, str(wanted.toPartyId), field="toPartyId")
    arguments = [claim_id, to.account, value, wanted.orderHash]
    data = gateway.contracts.encode("Receivables", "forcedTransfer", arguments)
    return "Receivables", data, {"claimId": claim_id, "party": to.id}


async def _money(gateway: Gateway, wanted: NewCourtOrder) -> tuple[str, bytes, dict[str, Any]]:
    _require(wanted, "partyId", "toPartyId", "value")
    assert wanted.value is not None
    source = await parties.party_in(gateway, str(wanted.partyId), field="partyId")
    to = await parties.party_in(gateway, str(wanted.toPartyId), field="toPartyId")
    amount = minor(wanted.value, field="value")
    token = CASH_PREFIX + wanted.value.currency
    subject = {"party": source.id, "toParty": to.id}
    if wanted.kind == "forced-withdrawal":
        _require(wanted, "contract")
        target = str(wanted.contract)
        currency = gateway.contracts.address(token)
        given = [source.account, currency, to.account, amount, wanted.orderHash]
        return target, gateway.contracts.encode(target, "forcedWithdraw", given), subject
    if await call(gateway, token, "court", []) == NOBODY:
        raise Conflict(
            f"the terms of {wanted.value.currency} say nothing of orders of a court",
            name="currency-out-of-reach",
            field="value.currency",
        )
    given = [source.account, to.account, amount, wanted.orderHash]
    return token, gateway.contracts.encode(token, "forcedTransfer", given), subject


async def _issue_over_holder(command: Command, wanted: NewCourtOrder) -> Response:
    gateway = command.gateway
    _require(wanted, "partyId", "toPartyId")
    holder, number = await parties.on_ledger(gateway, str(wanted.partyId))
    to = await parties.party_in(gateway, str(wanted.toPartyId), field="toPartyId")
    if wanted.lotId is not None:
        _require(wanted, "quantity")
        target, slot, value = "WarehouseReceipts", wanted.lotId, wanted.quantity
    else:
        _require(wanted, "receivableId", "value")
        assert wanted.receivableId is not None and wanted.value is not None
        target, slot = "Receivables", wanted.receivableId
        currency = await gateway.storage.read(
            lambda connection: repository.receivable_currency(connection, slot)
        )
        if currency is None:
            raise NotFound(f"there is no receivable {slot}", name="receivable-unknown")
        value = minor(wanted.value, field="value", currency=gateway.currency_at(currency))
    subject = {"party": holder.id, "toParty": to.id, "kind": wanted.kind}
    arguments = [
        *(gateway.contracts.address(target), number, slot, value, to.account, wanted.orderHash),
    ]
    return await act(command, Act("issue-order", CONTRACT, "issueOverHolder", arguments, subject))


def _require(wanted: NewCourtOrder, *fields: str) -> None:
    for field in fields:
        if getattr(wanted, field) is None:
            raise BadInput(f"{field} is missing", field=field, fix=f"give {field}")


async def order(gateway: Gateway, order_id: int) -> OrderRow:
    """An order.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, order_id))
    if row is None:
        raise NotFound(f"there is no order {order_id}", name="order-unknown")
    return row


async def execute(command: Command, order_id: int, wanted: Execution) -> Response:
    """Carries an order out; one over what a party holds out of the tokens that it holds now.

    Raises:
        NotFound, Conflict: the party holds nothing of it.
    """
    gateway, row = command.gateway, await order(command.gateway, order_id)
    subject = {"orderId": order_id}
    if row.holder_party_id is None or row.slot is None or row.value_left is None:
        return await act(command, Act("execute-order", CONTRACT, "execute", [order_id], subject))
    contract = gateway.contracts.name_at(row.target)
    tokens, value = wanted.tokenIds, wanted.value or row.value_left
    if tokens is None and contract in ("Receivables", "WarehouseReceipts"):
        party, slot, name = row.holder_party_id, row.slot, contract
        held = await gateway.storage.read(
            lambda connection: repository.held_tokens(
                connection, name, ledger_party_id=party, slot=slot
            )
        )
        tokens = [token for token, _ in held]
        if wanted.value is None:
            value = min(value, sum(part for _, part in held))
    if not tokens or not value:
        raise Conflict("the party holds nothing that the order reaches", name="nothing-held")
    arguments = [order_id, value, tokens]
    wanted_act = Act("execute-order", CONTRACT, "executeOverHolder", arguments, subject)
    return await act(command, wanted_act)


async def cancel(command: Command, order_id: int) -> Response:
    """Cancels an order: its issuer alone, or the second of two other regulators."""
    await order(command.gateway, order_id)
    subject = {"orderId": order_id}
    return await act(command, Act("cancel-order", CONTRACT, "cancel", [order_id], subject))


async def hold(command: Command, wanted: NewHold) -> Response:
    """Holds a party at once."""
    row, number = await parties.on_ledger(command.gateway, wanted.partyId)
    given = [number, wanted.orderHash]
    return await act(command, Act("hold-party", CONTRACT, "hold", given, {"party": row.id}))


async def confirm_hold(command: Command, party_id: str, order_id: int) -> Response:
    """Another regulator lets a hold go on for an order."""
    row, number = await parties.on_ledger(command.gateway, party_id)
    subject = {"party": row.id, "orderId": order_id}
    given = [number, order_id]
    return await act(command, Act("confirm-hold", CONTRACT, "confirmHold", given, subject))


async def lift_hold(command: Command, party_id: str) -> Response:
    """The one who held ends a hold that nobody confirmed."""
    row, number = await parties.on_ledger(command.gateway, party_id)
    return await act(command, Act("lift-hold", CONTRACT, "liftHold", [number], {"party": row.id}))


def view(gateway: Gateway, row: OrderRow, *, now: int) -> dict[str, Any]:
    """An order in JSON; `now` is the time of the newest block."""
    target = gateway.contracts.name_at(row.target) or row.target
    lapses_at = row.not_before + ORDER_LIFE
    action: dict[str, Any] = {"contract": target, "call": row.call}
    if row.holder_party_id is not None:
        action |= {"ledgerPartyId": row.holder_party_id, "slot": row.slot, "left": row.value_left}
    return {
        "id": row.order_id,
        "orderHash": row.order_hash,
        "state": "lapsed" if row.state == "issued" and now >= lapses_at else row.state,
        "issuer": checksum_address(row.issuer),
        "notBefore": time_view(row.not_before),
        "lapsesAt": time_view(lapses_at),
        "action": action,
        "closedBy": None if row.closed_by is None else checksum_address(row.closed_by),
        "objector": None if row.objector is None else checksum_address(row.objector),
    }


def hold_view(row: HoldRow, *, now: int) -> dict[str, Any]:
    """A hold in JSON."""
    return {
        "partyId": row.party_id,
        "ledgerPartyId": row.ledger_party_id,
        "orderHash": row.order_hash,
        "regulator": checksum_address(row.regulator),
        "until": time_view(row.held_until),
        "inForce": now < row.held_until,
        "orderId": row.order_id,
    }
