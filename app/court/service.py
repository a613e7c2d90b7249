"""Orders of a court: issued by one regulator, carried out by another after the delay."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.chain.hashing import checksum_address
from app.claims import repository as claims
from app.court import repository
from app.court.repository import OrderRow
from app.court.schemas import NewOrder
from app.errors import BadInput, NotFound
from app.http.acting import Act, act
from app.http.commands import Command
from app.http.gateway import Gateway
from app.http.money import minor
from app.http.views import time_view
from app.parties import service as parties

CONTRACT = "CourtOrders"


async def issue(command: Command, wanted: NewOrder) -> Response:
    """Puts an order on record; it can be carried out after the delay.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway = command.gateway
    if wanted.kind == "forced-transfer":
        target, data, subject = await _transfer(gateway, wanted)
    else:
        if wanted.partyId is None:
            raise BadInput("name the party", field="partyId", fix="give partyId")
        _, number = await parties.on_ledger(gateway, wanted.partyId)
        frozen = wanted.kind == "freeze"
        target = "PartyRegistry"
        data = gateway.contracts.encode(target, "freeze", [number, frozen, wanted.orderHash])
        subject = {"party": wanted.partyId}
    arguments = [gateway.contracts.address(target), "0x" + data.hex(), wanted.orderHash]
    return await act(
        command, Act("issue-order", CONTRACT, "issue", arguments, subject | {"kind": wanted.kind})
    )


async def _transfer(gateway: Gateway, wanted: NewOrder) -> tuple[str, bytes, dict[str, Any]]:
    for field in ("claimId", "toPartyId"):
        if getattr(wanted, field) is None:
            raise BadInput(f"{field} is missing", field=field, fix=f"give {field}")
    assert wanted.claimId is not None and wanted.toPartyId is not None
    claim_id = wanted.claimId
    found = await gateway.storage.read(lambda connection: claims.by_id(connection, claim_id))
    if found is None:
        raise NotFound(f"there is no claim {claim_id}", name="claim-unknown")
    value = found.claim.value
    if wanted.value is not None:
        currency = gateway.currency_at(found.currency)
        value = minor(wanted.value, field="value", currency=currency)
    to = await parties.party_in(gateway, wanted.toPartyId, field="toPartyId")
    arguments = [claim_id, to.account, value, wanted.orderHash]
    data = gateway.contracts.encode("Receivables", "forcedTransfer", arguments)
    return "Receivables", data, {"claimId": claim_id, "party": to.id}


async def order(gateway: Gateway, order_id: int) -> OrderRow:
    """An order.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, order_id))
    if row is None:
        raise NotFound(f"there is no order {order_id}", name="order-unknown")
    return row


async def close(command: Command, order_id: int, *, kind: str, function: str) -> Response:
    """Carries an order out, or takes it back."""
    await order(command.gateway, order_id)
    subject = {"orderId": order_id}
    return await act(command, Act(kind, CONTRACT, function, [order_id], subject))


def view(gateway: Gateway, row: OrderRow) -> dict[str, Any]:
    """An order in JSON."""
    target = gateway.contracts.name_at(row.target) or row.target
    closed_by = None if row.closed_by is None else checksum_address(row.closed_by)
    return {
        "id": row.order_id,
        "orderHash": row.order_hash,
        "state": row.state,
        "issuer": checksum_address(row.issuer),
        "notBefore": time_view(row.not_before),
        "action": {"contract": target, "call": row.call},
        "closedBy": closed_by,
    }
