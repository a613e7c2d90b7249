"""Operations on lots and warehouse receipts; `reading.py` reads them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.chain.evm.goods import GoodsInvalid, grade_word, sku_hash, unit_word
from app.chain.evm.hashing import ZERO_HASH, text_hash
from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_of
from app.domain.quantity import QuantityInvalid, quantity_text, thousandths
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.naming import stored_state
from app.gateway.read_as_of import ledger_day
from app.goods.warehouse_receipts import documents, repository
from app.goods.warehouse_receipts.projection import CONDITIONS, CONTRACT, LotRow
from app.goods.warehouse_receipts.reading import lot, visible_warehouse_receipt
from app.goods.warehouse_receipts.repository import WarehouseReceiptWithLot
from app.goods.warehouse_receipts.schemas import (
    Impairment,
    Inspection,
    LienStop,
    NewLot,
    NewRelease,
    WarehouseReceiptPart,
)
from app.parties.registry import service as parties


def quantity(text: str, *, field: str, maximum: int | None = None) -> int:
    """Thousandths of a quantity in a request.

    Raises:
        BadInput: it is no quantity, or above `maximum`.
    """
    try:
        amount = thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(str(error), name="quantity-invalid", field=field) from error
    if maximum is not None and amount > maximum:
        raise BadInput(
            f"{field} is {quantity_text(amount)}, the warehouse receipt holds "
            f"{quantity_text(maximum)}",
            name="quantity-exceeds-warehouse-receipt",
            field=field,
            fix=f"give at most {quantity_text(maximum)}",
        )
    return amount


def evidence_hash(report: str, root: str | None) -> str:
    """The hash on the ledger of a report, or of documents stored elsewhere; zeros for none.

    Raises:
        BadInput: both are given.
    """
    if root is None:
        return text_hash(report)
    if report:
        raise BadInput(
            "report and documentRoot are both given", field="documentRoot", fix="give one of them"
        )
    return root


async def issue(command: Command, new_lot: NewLot) -> Change:
    """Issues a lot, and one warehouse receipt for all of it to its depositor.

    Raises:
        BadInput, Conflict, Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    caller.acting()
    if caller.party_id is None:
        raise Forbidden("only a party can store goods")
    warehouse = await parties.party(gateway, caller.party_id)
    depositor = await parties.party_in(gateway, new_lot.depositorPartyId, field="depositorPartyId")
    if depositor.id == warehouse.id:
        raise BadInput(
            "the depositor is the warehouse itself; name another party", field="depositorPartyId"
        )
    amount = quantity(new_lot.quantity, field="quantity")
    if new_lot.expiryDate < new_lot.storedDate:
        raise BadInput("the goods expire before they were stored", field="expiryDate")
    try:
        fingerprint = documents.lot_fingerprint(
            gateway, warehouse=warehouse.identity_hash, number=new_lot.lotNumber
        )
    except ValueError as error:
        problem = "the number has neither letter nor digit"
        raise BadInput(problem, field="lotNumber") from error
    try:
        grade = grade_word(new_lot.grade)
    except GoodsInvalid as error:
        raise BadInput(str(error), field="grade") from error
    today = await gateway.storage.read(lambda connection: ledger_day(gateway, connection))
    fields = documents.fields_of(
        gateway,
        new_lot,
        quantity=amount,
        warehouse=warehouse,
        depositor=depositor,
        issued_on=date_of(today),
    )
    identifier = new_id()
    lot_documents = documents.encrypted_documents(
        gateway, fields, identifier=identifier, owner=warehouse.id, fingerprint=fingerprint
    )
    terms = {
        "depositor": depositor.account,
        "sku": sku_hash(new_lot.sku),
        "grade": grade,
        "unit": unit_word(new_lot.unit),
        "quantity": amount,
        "storedDay": max(0, day_of(new_lot.storedDate)),
        "expiryDay": max(0, day_of(new_lot.expiryDate)),
        "maxDepth": new_lot.maxDepth,
        "negotiable": new_lot.negotiable,
        "orderId": new_lot.orderId or 0,
        "fingerprint": fingerprint,
        "documentRoot": lot_documents.root,
        "legalTextHash": gateway.legal_text_hash,
    }

    def store_documents(connection: Connection, operation: Operation) -> dict[str, Any]:
        used_lot_id = repository.lot_with_fingerprint(
            connection, fingerprint, account=caller.acting()
        )
        if used_lot_id is not None:
            raise Conflict(
                f"lot {new_lot.lotNumber} was issued already, as lot {used_lot_id} of the ledger",
                name="lot-already-issued",
                field="lotNumber",
                fix="a lot number is used once; give other goods a new number",
                lotId=used_lot_id,
            )
        repository.add_lot_documents(connection, lot_documents, operation_id=operation.id)
        return {"documentRoot": lot_documents.root, "fingerprint": fingerprint}

    subject = {"depositor": depositor.id}
    return await change_for(
        command,
        NewOperation("issue-lot", CONTRACT, "issue", [terms], subject),
        side_writes=store_documents,
    )


async def inspect(command: Command, lot_id: int, inspection: Inspection) -> Change:
    """The warehouse reports the condition of the goods.

    Raises:
        NotFound, Forbidden.
    """
    row = await lot(command.gateway, command.caller, lot_id)
    await _require_warehouse(command.gateway, command.caller, row)
    root = evidence_hash(inspection.report, inspection.documentRoot)
    arguments = [lot_id, CONDITIONS.index(stored_state(inspection.condition)), root]
    return await change_for(
        command, NewOperation("inspect-lot", CONTRACT, "inspect", arguments, {"lotId": lot_id})
    )


async def impair(command: Command, warehouse_receipt_id: int, impairment: Impairment) -> Change:
    """The warehouse reports which goods of a warehouse receipt are lost or worthless.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    warehouse_receipt = await _issued_warehouse_receipt(command, warehouse_receipt_id)
    amount = quantity(impairment.quantity, field="quantity", maximum=warehouse_receipt.row.quantity)
    root = evidence_hash(impairment.report, impairment.documentRoot)
    subject = _subject(warehouse_receipt)
    return await change_for(
        command,
        NewOperation(
            "impair-warehouse-receipt",
            CONTRACT,
            "impair",
            [warehouse_receipt_id, amount, root],
            subject,
        ),
    )


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
            "ask-release", CONTRACT, "requestRelease", arguments, _subject(warehouse_receipt)
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
            _subject(warehouse_receipt),
        ),
    )


async def hand_over(
    command: Command, warehouse_receipt_id: int, report: str, root: str | None
) -> Change:
    """The warehouse has handed the goods over; the warehouse receipt ends."""
    warehouse_receipt = await _issued_warehouse_receipt(command, warehouse_receipt_id)
    arguments = [warehouse_receipt_id, evidence_hash(report, root)]
    return await change_for(
        command,
        NewOperation("hand-over", CONTRACT, "handOver", arguments, _subject(warehouse_receipt)),
    )


async def acknowledge(command: Command, warehouse_receipt_id: int, to_id: str) -> Change:
    """The warehouse lets a non-negotiable warehouse receipt pass to a party, once."""
    warehouse_receipt = await _issued_warehouse_receipt(command, warehouse_receipt_id)
    to = await parties.party_in(command.gateway, to_id, field="toPartyId")
    if warehouse_receipt.lot.negotiable:
        raise Conflict("a negotiable warehouse receipt needs no acknowledgement", name="negotiable")
    arguments = [warehouse_receipt_id, to.account]
    return await change_for(
        command,
        NewOperation(
            "acknowledge", CONTRACT, "acknowledge", arguments, _subject(warehouse_receipt)
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
            f"warehouse receipt {warehouse_receipt_id} is held by another party", name="not-holder"
        )
    assignments: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        field = f"parts.{place}"
        to = await parties.party_in(gateway, part.toPartyId, field=f"{field}.toPartyId")
        if to.account == row.owner:
            raise BadInput(
                "the party holds the warehouse receipt already", field=f"{field}.toPartyId"
            )
        amount = quantity(part.quantity, field=f"{field}.quantity")
        root = part.documentRoot or ZERO_HASH
        assignments.append({"to": to.account, "value": amount, "documentRoot": root})
    total = sum(int(part["value"]) for part in assignments)
    if total > row.quantity:
        raise BadInput(
            f"the parts sum to {quantity_text(total)}, warehouse receipt {warehouse_receipt_id} "
            f"holds {quantity_text(row.quantity)}",
            name="parts-exceed-warehouse-receipt",
            field="parts",
            fix=f"let the parts sum to at most {quantity_text(row.quantity)}",
        )
    if len(assignments) == 1:
        only = assignments[0]
        arguments: list[Any] = [
            warehouse_receipt_id,
            only["to"],
            only["value"],
            only["documentRoot"],
        ]
        new_operation = NewOperation(
            "assign-warehouse-receipt", CONTRACT, "assign", arguments, _subject(warehouse_receipt)
        )
    else:
        arguments = [warehouse_receipt_id, assignments]
        new_operation = NewOperation(
            "assign-warehouse-receipt",
            CONTRACT,
            "assignMany",
            arguments,
            _subject(warehouse_receipt),
        )
    return await change_for(command, new_operation)


async def merge(command: Command, warehouse_receipt_id: int, into: int) -> Change:
    """Merges one warehouse receipt of the caller's into another."""
    warehouse_receipt = await own_warehouse_receipt(command, warehouse_receipt_id)
    target = await own_warehouse_receipt(command, into)
    if target.row.lot_id != warehouse_receipt.row.lot_id or into == warehouse_receipt_id:
        raise BadInput(
            "the two must be different warehouse receipts of one lot",
            field="intoWarehouseReceiptId",
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
    subject = _subject(warehouse_receipt) | {"lienholder": lienholder.id}
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
            f"the caller has no lien on warehouse receipt {warehouse_receipt_id}",
            name="not-lienholder",
        )
    return await change_for(
        command,
        NewOperation(
            "release-warehouse-receipt",
            CONTRACT,
            "release",
            [warehouse_receipt_id],
            _subject(warehouse_receipt),
        ),
    )


async def stop_new_liens(command: Command, party_id: str, stop: LienStop) -> Change:
    """The operator stops or allows new liens on what a warehouse stores."""
    row = await parties.party(command.gateway, party_id)
    arguments = [row.account, stop.stopped, evidence_hash(stop.reason, None)]
    subject = {"party": row.id}
    return await change_for(
        command, NewOperation("stop-new-liens", CONTRACT, "stopNewLiens", arguments, subject)
    )


# ------------------------------------------------------------------ whose it is


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
            f"warehouse receipt {warehouse_receipt_id} is held by another party", name="not-holder"
        )
    return warehouse_receipt


async def _issued_warehouse_receipt(
    command: Command, warehouse_receipt_id: int
) -> WarehouseReceiptWithLot:
    warehouse_receipt = await visible_warehouse_receipt(
        command.gateway, command.caller, warehouse_receipt_id
    )
    await _require_warehouse(command.gateway, command.caller, warehouse_receipt.lot)
    return warehouse_receipt


async def _require_warehouse(gateway: Gateway, caller: Caller, row: LotRow) -> None:
    account = caller.acting()
    ours = await gateway.storage.read(
        lambda connection: repository.is_warehouse(connection, row, account)
    )
    if not ours:
        raise Forbidden(
            "only the warehouse that stores the goods may do this", name="not-warehouse"
        )


def _subject(warehouse_receipt: WarehouseReceiptWithLot) -> dict[str, Any]:
    return {
        "warehouseReceiptId": warehouse_receipt.row.warehouse_receipt_id,
        "lotId": warehouse_receipt.row.lot_id,
    }
