"""Who may read which events, events as JSON and CSV, and the state as of a past block."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from sqlalchemy import Connection

from app.chain.hashing import checksum_address
from app.errors import Forbidden, NotFound
from app.history import repository
from app.history.repository import EventRow
from app.http.callers import Caller
from app.http.gateway import Gateway
from app.http.views import time_view
from app.receipts import repository as receipts
from app.receipts.reading import seen_by
from app.receivables import repository as receivables
from app.receivables.reading import moment, near

NOBODY = "0x" + "0" * 40
MOST_EVENTS = 100_000
_STATES = {
    "ReceivableRequested": "Requested",
    "ReceivableConfirmed": "Confirmed",
    "ReceivableRejected": "Rejected",
    "ReceivableWithdrawn": "Withdrawn",
    "ReceivableDisputed": "Disputed",
    "DisputeEnded": "Confirmed",
    "ReceivableDefaulted": "Defaulted",
    "ReceivableSettled": "Settled",
    "ReceivableWrittenOff": "WrittenOff",
}


def _subjects(
    connection: Connection,
    caller: Caller,
    *,
    receivable_id: int | None,
    claim_id: int | None,
    party_id: str | None,
    lot_id: int | None = None,
    receipt_id: int | None = None,
) -> list[str] | None:
    """What to look for; None: everything.

    Raises:
        NotFound: nothing that the caller may see.
        Forbidden: it must say whose history.
    """
    if receivable_id is not None:
        if receivables.by_id(connection, receivable_id) is None or not near(
            connection, caller, receivable_id
        ):
            raise NotFound(f"there is no receivable {receivable_id}", name="receivable-unknown")
        return repository.subjects_of_receivable(connection, receivable_id)
    if claim_id is not None:
        found = repository.subjects_of_claim(connection, claim_id)
        if found is None or not near(connection, caller, found[0]):
            raise NotFound(f"there is no claim {claim_id}", name="claim-unknown")
        return found[1]
    if lot_id is not None:
        if receipts.lot(connection, lot_id, seen_by=seen_by(caller)) is None:
            raise NotFound(f"there is no lot {lot_id}", name="lot-unknown")
        return repository.subjects_of_lot(connection, lot_id)
    if receipt_id is not None:
        if receipts.receipt(connection, receipt_id, seen_by=seen_by(caller)) is None:
            raise NotFound(f"there is no receipt {receipt_id}", name="receipt-unknown")
        return repository.subjects_of_receipt(connection, receipt_id)
    if party_id is not None or not caller.sees_all:
        wanted = party_id or caller.party_id
        if wanted is None:
            raise Forbidden("this caller reads no history of its own", fix="give receivable")
        if wanted != caller.party_id and not caller.sees_all:
            raise Forbidden("another party's history is not this caller's to read")
        subjects = repository.subjects_of_party(connection, wanted)
        if subjects is None:
            raise NotFound(f"there is no party {wanted}", name="party-unknown")
        return subjects
    return None


async def events(
    gateway: Gateway,
    caller: Caller,
    *,
    receivable_id: int | None,
    claim_id: int | None,
    lot_id: int | None,
    receipt_id: int | None,
    party_id: str | None,
    **filters: Any,
) -> tuple[list[EventRow], dict[str, Any]]:
    """Events in the chain's order, and the block as of which they are all there are.

    Raises:
        NotFound, Forbidden.
    """

    def find(connection: Connection) -> tuple[list[EventRow], dict[str, Any]]:
        subjects = _subjects(
            connection,
            caller,
            receivable_id=receivable_id,
            claim_id=claim_id,
            lot_id=lot_id,
            receipt_id=receipt_id,
            party_id=party_id,
        )
        rows = repository.events(connection, subjects=subjects, **filters)
        return rows, moment(connection)[1]

    return await gateway.storage.read(find)


def view(row: EventRow) -> dict[str, Any]:
    """An event in JSON."""
    return {
        "position": row.position,
        "blockNumber": row.block_number,
        "blockHash": row.block_hash,
        "transactionHash": row.transaction_hash,
        "logIndex": row.log_index,
        "at": time_view(row.timestamp),
        "contract": row.contract,
        "event": row.name,
        "arguments": row.arguments,
    }


def as_csv(rows: list[EventRow]) -> str:
    """Events as CSV (RFC 4180); a cell never starts a formula in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = list(view(rows[0])) if rows else ["position", "blockNumber", "event"]
    writer.writerow(names)
    for row in rows:
        cells = view(row)
        cells["arguments"] = json.dumps(row.arguments, ensure_ascii=False, sort_keys=True)
        writer.writerow([_cell(value) for value in cells.values()])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


async def past_state(
    gateway: Gateway, caller: Caller, receivable_id: int, *, block: int
) -> dict[str, Any]:
    """A receivable and its claims as of a past block, told by the events alone.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> tuple[list[EventRow], tuple[int, str, int] | None]:
        subjects = _subjects(
            connection, caller, receivable_id=receivable_id, claim_id=None, party_id=None
        )
        rows = repository.events(
            connection,
            subjects=subjects,
            contract="Receivables",
            name=None,
            from_block=None,
            to_block=block,
            after=None,
            limit=MOST_EVENTS,
        )
        return rows, repository.block(connection, block)

    rows, at = await gateway.storage.read(find)
    if at is None or not rows:
        raise NotFound(
            f"receivable {receivable_id} did not exist in block {block}", name="receivable-unknown"
        )
    return replay(rows, receivable_id) | {
        "asOf": {"blockNumber": at[0], "blockHash": at[1], "at": time_view(at[2])}
    }


def replay(rows: list[EventRow], receivable_id: int) -> dict[str, Any]:
    """State, sums and holders that follow from these events."""
    sums = dict.fromkeys(("principalPaid", "lateChargePaid", "credited", "redeemed"), 0)
    owners: dict[int, str] = {}
    held: dict[int, int] = {}
    status = "None"
    for row in rows:
        given = row.arguments
        status = _STATES.get(row.name, status)
        match row.name:
            case "Transfer":
                owners[given["tokenId"]] = given["to"]
            case "TransferValue":
                value = int(given["_value"])
                for claim, change in (
                    (given["_fromTokenId"], -value),
                    (given["_toTokenId"], value),
                ):
                    if claim:
                        held[claim] = held.get(claim, 0) + change
            case "PaymentReceived":
                sums["principalPaid"] += int(given["principal"])
                sums["lateChargePaid"] += int(given["lateCharge"])
            case "CreditNoteApplied":
                sums["credited"] += int(given["burned"])
            case "Collected":
                sums["redeemed"] += int(given["principal"])
    claims = [
        {"claimId": claim, "owner": checksum_address(owner), "value": held.get(claim, 0)}
        for claim, owner in sorted(owners.items())
        if owner != NOBODY
    ]
    return {"receivableId": receivable_id, "status": status, **sums, "claims": claims}
