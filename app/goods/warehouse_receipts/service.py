"""What holders and lienholders do with warehouse receipts.

`warehouse_service.py` has what warehouses do, and `reading.py` reads.
"""

from __future__ import annotations

from app.chain.evm.hashing import ZERO_HASH
from app.domain.quantity import quantity_text
from app.domain.texts import say
from app.errors import BadInput, Forbidden
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.goods.warehouse_receipts.projection import CONTRACT
from app.goods.warehouse_receipts.reading import visible_warehouse_receipt
from app.goods.warehouse_receipts.repository import WarehouseReceiptWithLot
from app.goods.warehouse_receipts.requests import evidence_hash, quantity, subject_of
from app.goods.warehouse_receipts.schemas import NewRelease, WarehouseReceiptPart
from app.parties.registry import service as parties
from app.trade.claims.service import TokenPart, assign_operation


async def own_warehouse_receipt(
    command: Command, warehouse_receipt_id: int
) -> WarehouseReceiptWithLot:
    """A warehouse receipt that the caller holds.

    Raises:
        NotFound, Forbidden.
    """
    warehouse_receipt = await visible_warehouse_receipt(
        command.gateway, command.caller, warehouse_receipt_id
    )
    if command.caller.acting() != warehouse_receipt.row.owner:
        raise Forbidden(
            say(
                "warehouse receipt {warehouse_receipt_id} is held by another party",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="not-holder",
            fix="let its holder do it",
        )
    return warehouse_receipt


async def ask_release(command: Command, warehouse_receipt_id: int, release: NewRelease) -> Change:
    """The holder asks for goods.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    warehouse_receipt = await own_warehouse_receipt(command, warehouse_receipt_id)
    held = warehouse_receipt.row.quantity
    amount = held
    if release.quantity is not None:
        amount = quantity(release.quantity, field="quantity", maximum=held)
    root = evidence_hash(release.report, release.documentRoot)
    arguments = [warehouse_receipt_id, amount, root]
    return await change_for(
        command,
        NewOperation(
            "ask-release", CONTRACT, "requestRelease", arguments, subject_of(warehouse_receipt)
        ),
    )


async def withdraw_release(command: Command, warehouse_receipt_id: int) -> Change:
    """The holder withdraws its request for the goods."""
    warehouse_receipt = await own_warehouse_receipt(command, warehouse_receipt_id)
    return await change_for(
        command,
        NewOperation(
            "withdraw-release",
            CONTRACT,
            "withdrawRelease",
            [warehouse_receipt_id],
            subject_of(warehouse_receipt),
        ),
    )


async def assign(
    command: Command, warehouse_receipt_id: int, parts: list[WarehouseReceiptPart]
) -> Change:
    """Assigns parts, or the whole to one party, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    warehouse_receipt = await visible_warehouse_receipt(
        gateway, command.caller, warehouse_receipt_id
    )
    row = warehouse_receipt.row
    if command.caller.acting() not in (row.owner, row.lienholder):
        raise Forbidden(
            say(
                "warehouse receipt {warehouse_receipt_id} is held by another party",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="not-holder",
            fix="let its holder do it",
        )
    assignments: list[TokenPart] = []
    for place, part in enumerate(parts):
        field = f"parts.{place}"
        to = await parties.party_in(gateway, part.toPartyId, field=f"{field}.toPartyId")
        if to.account == row.owner:
            raise BadInput(
                "the party holds the warehouse receipt already",
                field=f"{field}.toPartyId",
                fix="name another party",
            )
        amount = quantity(part.quantity, field=f"{field}.quantity")
        root = part.documentRoot or ZERO_HASH
        assignments.append({"to": to.account, "value": amount, "documentRoot": root})
    total = sum(part["value"] for part in assignments)
    if total > row.quantity:
        raise BadInput(
            say(
                "the parts sum to {total}, warehouse receipt {warehouse_receipt_id} holds "
                "{quantity}",
                total=quantity_text(total),
                warehouse_receipt_id=warehouse_receipt_id,
                quantity=quantity_text(row.quantity),
            ),
            name="parts-exceed-warehouse-receipt",
            field="parts",
            fix=say(
                "let the parts sum to at most {quantity}", quantity=quantity_text(row.quantity)
            ),
        )
    new_operation = assign_operation(
        assignments,
        kind="assign-warehouse-receipt",
        contract=CONTRACT,
        token_id=warehouse_receipt_id,
        subject=subject_of(warehouse_receipt),
    )
    return await change_for(command, new_operation)


async def merge(command: Command, warehouse_receipt_id: int, into: int) -> Change:
    """Merges one warehouse receipt of the caller's into another."""
    warehouse_receipt = await own_warehouse_receipt(command, warehouse_receipt_id)
    target = await own_warehouse_receipt(command, into)
    if target.row.lot_id != warehouse_receipt.row.lot_id or into == warehouse_receipt_id:
        raise BadInput(
            say(
                "warehouse receipts {warehouse_receipt_id} and {into} are one, or of different "
                "lots",
                warehouse_receipt_id=warehouse_receipt_id,
                into=into,
            ),
            field="intoWarehouseReceiptId",
            fix="name two warehouse receipts of one lot",
        )
    subject = {
        "warehouseReceiptId": warehouse_receipt_id,
        "intoWarehouseReceiptId": into,
        "lotId": warehouse_receipt.lot.lot_id,
    }
    return await change_for(
        command,
        NewOperation(
            "merge-warehouse-receipts", CONTRACT, "merge", [warehouse_receipt_id, into], subject
        ),
    )


async def encumber(command: Command, warehouse_receipt_id: int, lienholder_id: str) -> Change:
    """Puts a lien on a warehouse receipt of the caller's."""
    warehouse_receipt = await own_warehouse_receipt(command, warehouse_receipt_id)
    lienholder = await parties.party_in(command.gateway, lienholder_id, field="lienholderPartyId")
    subject = {**subject_of(warehouse_receipt), "lienholder": lienholder.id}
    return await change_for(
        command,
        NewOperation(
            "encumber-warehouse-receipt",
            CONTRACT,
            "encumber",
            [warehouse_receipt_id, lienholder.account],
            subject,
        ),
    )


async def release_lien(command: Command, warehouse_receipt_id: int) -> Change:
    """The lienholder releases its lien on a warehouse receipt."""
    warehouse_receipt = await visible_warehouse_receipt(
        command.gateway, command.caller, warehouse_receipt_id
    )
    if warehouse_receipt.row.lienholder != command.caller.acting():
        raise Forbidden(
            say(
                "the caller has no lien on warehouse receipt {warehouse_receipt_id}",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="not-lienholder",
            fix="let the lienholder release it",
        )
    return await change_for(
        command,
        NewOperation(
            "release-warehouse-receipt",
            CONTRACT,
            "release",
            [warehouse_receipt_id],
            subject_of(warehouse_receipt),
        ),
    )
