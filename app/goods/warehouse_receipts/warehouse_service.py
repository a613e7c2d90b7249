"""What warehouses do with lots and warehouse receipts; operators stop liens on what they store."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.goods import GoodsInvalid, grade_word, sku_hash, unit_word
from app.chain.evm.hashing import checksum_address
from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_of
from app.domain.quantity import quantity_text
from app.domain.texts import say, text_of
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.naming import stored_state
from app.gateway.read_as_of import ledger_day
from app.goods.warehouse_receipts import documents, repository
from app.goods.warehouse_receipts.projection import CONDITIONS, CONTRACT, LotRow
from app.goods.warehouse_receipts.reading import lot, visible_warehouse_receipt
from app.goods.warehouse_receipts.repository import WarehouseReceiptWithLot
from app.goods.warehouse_receipts.requests import evidence_hash, quantity, subject_of
from app.goods.warehouse_receipts.schemas import HandOver, Impairment, Inspection, LienStop, NewLot
from app.parties.registry import service as parties


class LotTerms(TypedDict):
    """What a warehouse issues: the struct LotTerms of IWarehouseReceipts."""

    depositor: str
    sku: str
    grade: str
    unit: str
    quantity: int
    storedDay: int
    expiryDay: int
    maxDepth: int
    negotiable: bool
    orderId: int
    fingerprint: str
    documentRoot: str
    legalTextHash: str


class _Held(msgspec.Struct):
    """What the ledger has of a warehouse receipt: of the struct of IWarehouseReceipts."""

    owner: str
    quantity: int


class IssuedDocuments(TypedDict):
    """What the answer to an issue adds: what the ledger stores of the lot's documents."""

    documentRoot: str
    fingerprint: str


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
            "the depositor is the warehouse itself",
            field="depositorPartyId",
            fix="name another party",
        )
    amount = quantity(new_lot.quantity, field="quantity")
    if new_lot.expiryDate < new_lot.storedDate:
        raise BadInput(
            say(
                "the goods expire on {expiry_date:day}, before they were stored",
                expiry_date=new_lot.expiryDate,
            ),
            field="expiryDate",
            fix=say("give {stored_date:day} or a later day", stored_date=new_lot.storedDate),
        )
    try:
        fingerprint = documents.lot_fingerprint(
            gateway, warehouse=warehouse.identity_hash, number=new_lot.lotNumber
        )
    except ValueError as error:
        raise BadInput(
            "the number has neither letter nor digit",
            field="lotNumber",
            fix="give a number with a letter or a digit",
        ) from error
    try:
        grade = grade_word(new_lot.grade)
    except GoodsInvalid as error:
        raise BadInput(text_of(error), field="grade") from error
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
    terms: LotTerms = {
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

    def store_documents(connection: Connection, operation: Operation) -> IssuedDocuments:
        used_lot_id = repository.lot_with_fingerprint(
            connection, fingerprint, account=caller.acting()
        )
        if used_lot_id is not None:
            raise Conflict(
                say(
                    "lot {lot_number} was issued already, as lot {used_lot_id} of the ledger",
                    lot_number=new_lot.lotNumber,
                    used_lot_id=used_lot_id,
                ),
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
    subject = subject_of(warehouse_receipt)
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


async def hand_over(command: Command, warehouse_receipt_id: int, handed: HandOver) -> Change:
    """The warehouse has handed the goods over; the warehouse receipt ends.

    Raises:
        NotFound, Forbidden, BadInput.
        Conflict: it has another quantity or holder than the warehouse saw.
    """
    warehouse_receipt = await _issued_warehouse_receipt(command, warehouse_receipt_id)
    named = quantity(handed.quantity, field="quantity")
    holder = handed.holderAccount.lower()
    await _require_unchanged(command.gateway, warehouse_receipt, named, holder)
    root = evidence_hash(handed.report, handed.documentRoot)
    arguments = [warehouse_receipt_id, named, holder, root]
    return await change_for(
        command,
        NewOperation("hand-over", CONTRACT, "handOver", arguments, subject_of(warehouse_receipt)),
    )


async def _require_unchanged(
    gateway: Gateway, warehouse_receipt: WarehouseReceiptWithLot, named: int, holder: str
) -> None:
    """Checks that the newest block has the quantity and the holder that the warehouse names.

    The ledger checks it again when the signed call arrives.
    """
    receipt_id, unit = warehouse_receipt.row.warehouse_receipt_id, warehouse_receipt.lot.unit
    held = msgspec.convert(await call(gateway, CONTRACT, "warehouseReceipt", [receipt_id]), _Held)
    if (named, holder) == (held.quantity, held.owner.lower()):
        return
    raise Conflict(
        say(
            "warehouse receipt {receipt_id} is for {quantity} {unit}, and its holder is {holder}",
            receipt_id=receipt_id,
            quantity=quantity_text(held.quantity),
            unit=unit,
            holder=checksum_address(held.owner),
        ),
        name="warehouse-receipt-changed",
        field="holderAccount" if named == held.quantity else "quantity",
        fix="look at the warehouse receipt again, and hand over what it is for now",
    )


async def acknowledge(command: Command, warehouse_receipt_id: int, to_id: str) -> Change:
    """The warehouse lets a non-negotiable warehouse receipt pass to a party, once."""
    warehouse_receipt = await _issued_warehouse_receipt(command, warehouse_receipt_id)
    to = await parties.party_in(command.gateway, to_id, field="toPartyId")
    if warehouse_receipt.lot.negotiable:
        raise Conflict(
            "a negotiable warehouse receipt needs no acknowledgement",
            name="negotiable",
            fix="its holder can assign it as it is",
        )
    arguments = [warehouse_receipt_id, to.account]
    return await change_for(
        command,
        NewOperation(
            "acknowledge", CONTRACT, "acknowledge", arguments, subject_of(warehouse_receipt)
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
