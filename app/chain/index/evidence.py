"""The events that show that an intent was the call of its operation.

A party's own wallet may sign any call under the hash of its operation. Some operations carry out
what others signed, and the others rely on their state: an offer that is being accepted cannot be
cancelled, and an agreement that was carried out cannot be withdrawn. So such an operation succeeds
only if the events of its intent repeat its terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.chain.outbox.operation import Operation, OperationError
from app.domain.postings import Posting

Members = Mapping[str, str]


class Evidence(msgspec.Struct, frozen=True):
    """The event that a call emits.

    Attributes:
        fields: arguments of the event, or of a struct in it, that repeat those of the call.
        names: names of the call's first arguments, if they are no structs.
        computed: further fields, which follow from the arguments of the call.
    """

    event: str
    fields: tuple[str, ...]
    names: tuple[str, ...] = ()
    computed: Callable[[Members], Members] | None = None


def _new_posting(call: Members) -> Members:
    """The posting that a correction leaves: none, or the same with its new value day."""
    if call["toLoanId"] == "0":
        return {"newPosting": "0"}
    moved = Posting.of_word(int(call["posting"])).moved_to(int(call["valueDay"]))
    return {"newPosting": str(moved.word)}


_DELIVERED = Evidence("OrderDelivered", ("orderId", "lotId", "amount", "documentRoot"))
# By the kind of the operation.
EVIDENCE = {
    "accept-offer": Evidence("ClaimSold", ("funder", "seller", "nonce")),
    "cancel-offer": Evidence("QuoteCancelled", ("nonce",), names=("nonce",)),
    "apply-credit-note": Evidence("CreditNoteApplied", ("receivableId", "fingerprint", "amount")),
    "record-delivery": _DELIVERED,
    "convert-to-goods": _DELIVERED,
    "agree-facility": Evidence("FacilityAgreed", ("lender", "borrower", "nonce")),
    # The ledger counts the due day anew, so the nonce says which extension it was.
    "agree-extension": Evidence("LoanExtended", ("loanId", "nonce")),
    # The amounts that were signed are maxima, so the nonce shows which terms ran.
    "agree-restructuring": Evidence("LoanRestructured", ("loanId", "nonce")),
    "agree-set-off": Evidence("ClaimSetOff", ("loanId", "claimId", "claimValue", "credit")),
    "agree-settle-in-kind": Evidence(
        "SettledInKind", ("loanId", "warehouseReceiptId", "quantity", "credit")
    ),
    "agree-hedge": Evidence(
        "HedgeRecorded", ("loanId", "contractHash", "item", "quantity", "expiryDay")
    ),
    "agree-costs": Evidence(
        "CostsCharged",
        ("loanId", "amount", "evidenceHash"),
        names=("loanId", "amount", "evidenceHash"),
    ),
    "agree-correction": Evidence(
        "PaymentCorrected", ("loanId", "toLoanId", "posting", "reasonHash"), computed=_new_posting
    ),
    "agree-buy-back": Evidence("BuyBackAgreed", ("facilityId", "undertaker", "nonce")),
    "agree-loan-sale": Evidence("LoanSold", ("loanId", "buyer", "price", "nonce")),
    "agree-participation": Evidence(
        "ParticipationSold", ("loanId", "participant", "share", "price", "nonce")
    ),
    "agree-sharing": Evidence("SharingAgreed", ("productId", "sharer", "part", "cap")),
    "agree-sharing-end": Evidence(
        "SharingEnded", ("productId", "place"), names=("productId", "place")
    ),
    "agree-insurance": Evidence("InsuranceAgreed", ("facilityId", "insurer", "insuredAmount")),
}


def another_call(operation: Operation, events: Sequence[DecodedEvent]) -> OperationError | None:
    """Why an intent that ran was not the call of its operation; None if it was."""
    evidence = EVIDENCE.get(operation.kind)
    if evidence is None:
        return None
    call = _plain(dict(zip(evidence.names, operation.arguments, strict=False)))
    for argument in operation.arguments:
        call |= _plain(argument)
    expected = {name: call.get(name) for name in evidence.fields}
    if evidence.computed is not None:
        expected |= evidence.computed(call)
    for event in events:
        if event.name == evidence.event:
            shown = _plain(event.arguments)
            if expected == {name: shown.get(name) for name in expected}:
                return None
    return OperationError(
        "AnotherCall",
        f"the wallet signed another call under this operation: there is no {evidence.event}",
        fix="send the request again and sign the typed data as it is",
    )


def _plain(value: Any) -> dict[str, str]:
    """The members of a struct and of the structs in it, as comparable text; none of other values.

    The store keeps large numbers as text.
    """
    members: dict[str, str] = {}
    if isinstance(value, dict):
        for name, member in value.items():
            members |= _plain(member) or {name: str(member).lower()}
    return members
