"""A receivable's past state, computed from its events alone."""

from __future__ import annotations

import msgspec

from app.chain.evm.hashing import ZERO_ADDRESS
from app.oversight.history.repository import EventRow

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


class PastClaim(msgspec.Struct, frozen=True):
    """The holder of a claim, and the claim's value in minor units."""

    claim_id: int
    owner: str
    value: int


class Replayed(msgspec.Struct, frozen=True):
    """A receivable as its events leave it; the sums are in minor units."""

    status: str
    sums: dict[str, int]
    claims: list[PastClaim]


def replay(rows: list[EventRow]) -> Replayed:
    """State, sums and holders that result from these events."""
    sums = dict.fromkeys(("principalPaid", "lateChargePaid", "credited", "redeemed"), 0)
    owners: dict[int, str] = {}
    held: dict[int, int] = {}
    status = "None"
    for row in rows:
        arguments = row.arguments
        status = _STATES.get(row.name, status)
        match row.name:
            case "Transfer":
                owners[arguments["tokenId"]] = arguments["to"]
            case "TransferValue":
                value = int(arguments["_value"])
                for claim, change in (
                    (arguments["_fromTokenId"], -value),
                    (arguments["_toTokenId"], value),
                ):
                    if claim:
                        held[claim] = held.get(claim, 0) + change
            case "PaymentReceived":
                sums["principalPaid"] += int(arguments["principal"])
                sums["lateChargePaid"] += int(arguments["lateCharge"])
            case "CreditNoteApplied":
                sums["credited"] += int(arguments["burned"])
            case "Collected":
                sums["redeemed"] += int(arguments["principal"])
    claims = [
        PastClaim(claim, owner, held.get(claim, 0))
        for claim, owner in sorted(owners.items())
        if owner != ZERO_ADDRESS
    ]
    return Replayed(status, sums, claims)
