"""What warehouses, holders and the operator do with lots and receipts; reading is `reading.py`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.goods import GoodsInvalid, grade_word, sku_hash, unit_word
from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_of
from app.domain.quantity import QuantityInvalid, quantity_text, thousandths
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.naming import stored_state
from app.gateway.read_as_of import ledger_day
from app.goods.warehouse_receipts import papers, repository
from app.goods.warehouse_receipts.projection import CONDITIONS, CONTRACT, NO_PAPERS, LotRow
from app.goods.warehouse_receipts.reading import lot, receipt
from app.goods.warehouse_receipts.repository import Seen
from app.goods.warehouse_receipts.schemas import (
    Impairment,
    Inspection,
    NewLot,
    NewRelease,
    PledgeStop,
    ReceiptPart,
)
from app.parties.registry import service as parties


def quantity(text: str, *, field: str, most: int | None = None) -> int:
    """Thousandths of a quantity that a caller gave.

    Raises:
        BadInput.
    """
    try:
        found = thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(str(error), name="quantity-invalid", field=field) from error
    if most is not None and found > most:
        raise BadInput(
            f"{field} is {quantity_text(found)}, the receipt holds {quantity_text(most)}",
            name="quantity-exceeds-receipt",
            field=field,
            fix=f"at most {quantity_text(most)}",
        )
    return found


def papers_hash(report: str, root: str | None) -> str:
    """What goes on the ledger for a report or for papers kept elsewhere; zeros for none.

    Raises:
        BadInput: both are given.
    """
    if root is None:
        return "0x" + keccak(report.encode()).hex() if report else NO_PAPERS
    if report:
        raise BadInput(
            "report and papersRoot stand for the same thing", field="papersRoot", fix="give one"
        )
    return root


async def issue(command: Command, wanted: NewLot) -> Response:
    """A lot with one receipt for all of it, to its depositor.

    Raises:
        BadInput, Conflict, Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    caller.acting()
    if caller.party_id is None:
        raise Forbidden("only a party can keep goods")
    warehouse = await parties.party(gateway, caller.party_id)
    depositor = await parties.party_in(gateway, wanted.depositorPartyId, field="depositorPartyId")
    if depositor.id == warehouse.id:
        raise BadInput("the depositor is another party", field="depositorPartyId")
    amount = quantity(wanted.quantity, field="quantity")
    if wanted.expiryDate < wanted.storedDate:
        raise BadInput("the goods expire before they were stored", field="expiryDate")
    try:
        mark = papers.lot_fingerprint(
            gateway, warehouse=warehouse.identity_hash, number=wanted.lotNumber
        )
    except ValueError as error:
        words = "the number has neither letter nor digit"
        raise BadInput(words, field="lotNumber") from error
    try:
        grade = grade_word(wanted.grade)
    except GoodsInvalid as error:
        raise BadInput(str(error), field="grade") from error
    today = await gateway.storage.read(
        lambda connection: ledger_day(connection, zone_offset=gateway.zone_offset)
    )
    stated = papers.fields_of(
        gateway,
        wanted,
        quantity=amount,
        warehouse=warehouse,
        depositor=depositor,
        issued_on=date_of(today),
    )
    identifier = new_id()
    kept = papers.sealed(gateway, stated, identifier=identifier, owner=warehouse.id, mark=mark)
    terms = {
        "depositor": depositor.account,
        "sku": sku_hash(wanted.sku),
        "grade": grade,
        "unit": unit_word(wanted.unit),
        "quantity": amount,
        "storedDay": max(0, day_of(wanted.storedDate)),
        "expiryDay": max(0, day_of(wanted.expiryDate)),
        "maxDepth": wanted.maxDepth,
        "negotiable": wanted.negotiable,
        "orderId": wanted.orderId or 0,
        "fingerprint": mark,
        "documentRoot": kept.root,
        "legalTextHash": gateway.legal_text_hash,
    }

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        used = repository.lot_with_fingerprint(connection, mark, account=caller.acting())
        if used is not None:
            raise Conflict(
                f"lot {wanted.lotNumber} was issued already, as lot {used} of the ledger",
                name="lot-already-issued",
                field="lotNumber",
                fix="goods are issued once, ever; number what is new anew",
                lotId=used,
            )
        repository.add_papers(connection, kept, operation_id=operation.id)
        return {"documentRoot": kept.root, "fingerprint": mark}

    subject = {"depositor": depositor.id}
    return await act(command, Act("issue-lot", CONTRACT, "issue", [terms], subject), also=also)


async def inspect(command: Command, lot_id: int, wanted: Inspection) -> Response:
    """The warehouse says how it found the goods.

    Raises:
        NotFound, Forbidden.
    """
    row = await lot(command.gateway, command.caller, lot_id)
    await _require_warehouse(command.gateway, command.caller, row)
    root = papers_hash(wanted.report, wanted.papersRoot)
    arguments = [lot_id, CONDITIONS.index(stored_state(wanted.condition)), root]
    return await act(command, Act("inspect-lot", CONTRACT, "inspect", arguments, {"lotId": lot_id}))


async def impair(command: Command, receipt_id: int, wanted: Impairment) -> Response:
    """The warehouse says what of a receipt's goods is lost or worthless.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    found = await _warehouses_receipt(command, receipt_id)
    amount = quantity(wanted.quantity, field="quantity", most=found.receipt.quantity)
    root = papers_hash(wanted.report, wanted.papersRoot)
    subject = _subject(found)
    return await act(
        command, Act("impair-receipt", CONTRACT, "impair", [receipt_id, amount, root], subject)
    )


async def ask_release(command: Command, receipt_id: int, wanted: NewRelease) -> Response:
    """The holder asks for goods.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    found = await own_receipt(command, receipt_id)
    held = found.receipt.quantity
    amount = held
    if wanted.quantity is not None:
        amount = quantity(wanted.quantity, field="quantity", most=held)
    root = papers_hash(wanted.report, wanted.papersRoot)
    arguments = [receipt_id, amount, root]
    return await act(
        command, Act("ask-release", CONTRACT, "requestRelease", arguments, _subject(found))
    )


async def withdraw_release(command: Command, receipt_id: int) -> Response:
    """The holder leaves the goods where they are."""
    found = await own_receipt(command, receipt_id)
    return await act(
        command, Act("withdraw-release", CONTRACT, "withdrawRelease", [receipt_id], _subject(found))
    )


async def hand_over(command: Command, receipt_id: int, report: str, root: str | None) -> Response:
    """The warehouse has handed the goods over; the receipt ends."""
    found = await _warehouses_receipt(command, receipt_id)
    arguments = [receipt_id, papers_hash(report, root)]
    return await act(command, Act("hand-over", CONTRACT, "handOver", arguments, _subject(found)))


async def acknowledge(command: Command, receipt_id: int, to_id: str) -> Response:
    """The warehouse lets a receipt that is not negotiable pass to a party, once."""
    found = await _warehouses_receipt(command, receipt_id)
    to = await parties.party_in(command.gateway, to_id, field="toPartyId")
    if found.lot.negotiable:
        raise Conflict("a negotiable receipt needs no acknowledgement", name="negotiable")
    arguments = [receipt_id, to.account]
    return await act(
        command, Act("acknowledge", CONTRACT, "acknowledge", arguments, _subject(found))
    )


async def assign(command: Command, receipt_id: int, parts: list[ReceiptPart]) -> Response:
    """Passes parts (or the whole, to one) on, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    found = await receipt(gateway, command.caller, receipt_id)
    held = found.receipt
    if command.caller.acting() not in (held.owner, held.lienholder):
        raise Forbidden(f"receipt {receipt_id} is held by another party", name="not-holder")
    given: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        field = f"parts.{place}"
        to = await parties.party_in(gateway, part.toPartyId, field=f"{field}.toPartyId")
        if to.account == held.owner:
            raise BadInput("a receipt is not passed on to its holder", field=f"{field}.toPartyId")
        amount = quantity(part.quantity, field=f"{field}.quantity")
        root = part.papersRoot or NO_PAPERS
        given.append({"to": to.account, "value": amount, "papersRoot": root})
    total = sum(int(part["value"]) for part in given)
    if total > held.quantity:
        raise BadInput(
            f"the parts sum to {quantity_text(total)}, receipt {receipt_id} holds "
            f"{quantity_text(held.quantity)}",
            name="parts-exceed-receipt",
            field="parts",
            fix=f"let the parts sum to at most {quantity_text(held.quantity)}",
        )
    if len(given) == 1:
        only = given[0]
        arguments: list[Any] = [receipt_id, only["to"], only["value"], only["papersRoot"]]
        wanted = Act("assign-receipt", CONTRACT, "assign", arguments, _subject(found))
    else:
        arguments = [receipt_id, given]
        wanted = Act("assign-receipt", CONTRACT, "assignMany", arguments, _subject(found))
    return await act(command, wanted)


async def merge(command: Command, receipt_id: int, into: int) -> Response:
    """Merges one receipt of the caller's into another."""
    found = await own_receipt(command, receipt_id)
    other = await own_receipt(command, into)
    if other.receipt.lot_id != found.receipt.lot_id or into == receipt_id:
        raise BadInput("both receipts must be different ones of one lot", field="intoReceiptId")
    subject = {"receiptId": receipt_id, "intoReceiptId": into, "lotId": found.lot.lot_id}
    return await act(command, Act("merge-receipts", CONTRACT, "merge", [receipt_id, into], subject))


async def pledge(command: Command, receipt_id: int, lienholder_id: str) -> Response:
    """Puts a lien on a receipt of the caller's."""
    found = await own_receipt(command, receipt_id)
    to = await parties.party_in(command.gateway, lienholder_id, field="lienholderPartyId")
    subject = _subject(found) | {"lienholder": to.id}
    return await act(
        command, Act("pledge-receipt", CONTRACT, "encumber", [receipt_id, to.account], subject)
    )


async def release_pledge(command: Command, receipt_id: int) -> Response:
    """The lienholder lets a receipt go."""
    found = await receipt(command.gateway, command.caller, receipt_id)
    if found.receipt.lienholder != command.caller.acting():
        raise Forbidden(f"the caller has no lien on receipt {receipt_id}", name="not-lienholder")
    return await act(
        command, Act("release-receipt", CONTRACT, "release", [receipt_id], _subject(found))
    )


async def stop_pledges(command: Command, party_id: str, wanted: PledgeStop) -> Response:
    """The operator stops or allows new pledges of what a warehouse keeps."""
    row = await parties.party(command.gateway, party_id)
    arguments = [row.account, wanted.stopped, papers_hash(wanted.reason, None)]
    subject = {"party": row.id}
    return await act(command, Act("stop-pledges", CONTRACT, "stopPledges", arguments, subject))


# ------------------------------------------------------------------ whose it is


async def own_receipt(command: Command, receipt_id: int) -> Seen:
    """A receipt that the caller holds.

    Raises:
        NotFound, Forbidden.
    """
    found = await receipt(command.gateway, command.caller, receipt_id)
    if command.caller.acting() != found.receipt.owner:
        raise Forbidden(f"receipt {receipt_id} is held by another party", name="not-holder")
    return found


async def _warehouses_receipt(command: Command, receipt_id: int) -> Seen:
    found = await receipt(command.gateway, command.caller, receipt_id)
    await _require_warehouse(command.gateway, command.caller, found.lot)
    return found


async def _require_warehouse(gateway: Gateway, caller: Caller, row: LotRow) -> None:
    account = caller.acting()
    ours = await gateway.storage.read(
        lambda connection: repository.is_warehouse(connection, row, account)
    )
    if not ours:
        raise Forbidden("only the warehouse that keeps the goods may do this", name="not-warehouse")


def _subject(found: Seen) -> dict[str, Any]:
    return {"receiptId": found.receipt.receipt_id, "lotId": found.receipt.lot_id}
