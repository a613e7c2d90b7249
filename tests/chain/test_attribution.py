"""The result of an operation comes from the events of its own intent."""

from __future__ import annotations

from typing import Any

from app.chain.evm.contracts import FORWARDER
from app.chain.evm.events import DecodedEvent
from app.chain.index.blocks import TransactionReceipt
from app.chain.index.event_keys import subjects_of
from app.chain.index.evidence import another_call
from app.chain.index.outcomes import (
    PAYMENTS,
    nothing_paid,
    outcomes_of,
    result_of,
    why_unpaid,
)
from app.chain.outbox.operation import INCLUDED, Operation
from app.domain.postings import Posting, PostingKind


def event(contract: str, name: str, **arguments: Any) -> DecodedEvent:
    return DecodedEvent(1, contract, name, arguments, "0x", 1, "0x", 0, 0, "0x", 0)


def operation(kind: str, signer: str, **subject: int) -> Operation:
    return Operation(
        id="1",
        kind=kind,
        party_id=None,
        signer=signer,
        contract="Facilities",
        function="",
        arguments=[],
        subject=dict(subject),
        custody=True,
        state=INCLUDED,
        nonce=None,
        gas=None,
        deadline=None,
        data=None,
        signature=None,
    )


def test_payment_counts_as_failed_without_its_event() -> None:
    for kind, (name, argument) in PAYMENTS.items():
        by_loan = argument == "loanId"
        paid = event("Facilities", name, **{argument: 7 if by_loan else "0xAB"})
        stopped = event("Facilities", "CurrencyStopped", currency="0x1", stoppedAt=1)
        payment = operation(kind, "0xab", **({"loanId": 7} if by_loan else {}))
        assert not nothing_paid(payment, [stopped, paid]), kind
        assert nothing_paid(payment, [stopped]), kind
        assert nothing_paid(payment, []), kind
    assert not nothing_paid(operation("assign", "0xab"), [])


def test_payment_of_another_loan_is_not_counted_for_the_operation() -> None:
    theirs = event("Facilities", "LoanRepaid", loanId=1, payer="0xcd")
    assert nothing_paid(operation("repay-loan", "0xab", loanId=1), [theirs])
    other = event("Facilities", "BoughtBack", loanId=8, undertaker="0xcd", price=1, left=0)
    assert nothing_paid(operation("call-buy-back", "0xab", loanId=7), [other])


def test_failed_payment_gives_its_reason() -> None:
    failed = event("Facilities", "BuyBackFailed", loanId=1, undertaker="0xcd", price=5)
    assert why_unpaid([failed]).name == "BuyBackFailed"
    assert why_unpaid([failed]).arguments["price"] == 5
    assert why_unpaid([]).name == "CurrencyStopped"


def test_result_separates_claims_and_warehouse_receipts_of_equal_number() -> None:
    result = result_of(
        [
            event("Receivables", "Assigned", fromTokenId=1, toTokenId=7),
            event("WarehouseReceipts", "Assigned", fromTokenId=1, toTokenId=7),
            event(
                "WarehouseReceipts",
                "ReleaseRequested",
                warehouseReceiptId=8,
                fromWarehouseReceiptId=7,
            ),
        ]
    )
    assert (result["claimIds"], result["warehouseReceiptIds"]) == ([7], [7, 8])


def test_result_of_an_issue_names_lot_and_warehouse_receipt() -> None:
    result = result_of(
        [event("WarehouseReceipts", "WarehouseReceiptIssued", warehouseReceiptId=3, lotId=2)]
    )
    assert (result["lotId"], result["warehouseReceiptIds"]) == (2, [3])
    assert "claimIds" not in result


def test_result_leaves_out_events_of_a_contract_that_called_the_forwarder() -> None:
    """An attacker draws its own loan in the same transaction, before the copied signed draw."""
    theirs = event("Facilities", "LoanDrawn", loanId=7, facilityId=1)
    ours = event("Facilities", "LoanDrawn", loanId=8, facilityId=1)
    executed = event(
        FORWARDER, "IntentExecuted", signer="0xab", nonce=1, operation="0x", succeeded=True
    )

    def result_to(to: str | None, events: list[DecodedEvent]) -> dict[str, Any]:
        receipt = TransactionReceipt("0x", "0x0", "0x", "0xcd", to=to)
        (outcome,) = outcomes_of(receipt, [*events, executed], number=1).outcomes
        return result_of(outcome.events, mixed=outcome.mixed)

    for to in ("0xcafe", None):
        assert "loanId" not in result_to(to, [theirs, ours])
        assert result_to(to, [theirs, ours])["facilityId"] == 1
        assert result_to(to, [ours])["loanId"] == 8
    assert result_to(executed.address, [ours])["loanId"] == 8


def test_collateral_event_has_a_subject_for_each_kind() -> None:
    for kind, subject in ((1, "claim:7"), (2, "order:7"), (3, "warehouse-receipt:7")):
        assert subjects_of("Facilities", {"loanId": 2, "kind": kind, "id": 7}) == {
            *("loan:2", subject),
        }
        released = {"loanId": 2, "collateral": kind, "collateralId": 7}
        assert subjects_of("Facilities", released) == {"loan:2", subject}
    assert subjects_of("Facilities", {"loanId": 2, "collateral": 0, "collateralId": 0}) == {
        "loan:2"
    }
    assert subjects_of("Facilities", {"loanId": 2, "collateralId": 7}) == {"loan:2"}


def carried_out(kind: str, *arguments: Any) -> Operation:
    """An operation of this kind with these arguments."""
    shown = operation(kind, "0xab")
    shown.arguments = list(arguments)
    return shown


def test_run_with_other_terms_is_not_the_call_of_its_operation() -> None:
    quote = {"funder": "0xAB", "seller": "0xcd", "nonce": str(2**60), "price": 97}
    acceptance = carried_out("accept-offer", quote, "0x11", "0x00")
    sold = {"claimId": 1, "funder": "0xab", "seller": "0xcd", "nonce": 2**60}
    assert another_call(acceptance, [event("ClaimMarket", "ClaimSold", **sold)]) is None
    other = event("ClaimMarket", "ClaimSold", **sold | {"nonce": 7})
    refusal = another_call(acceptance, [other])
    assert refusal is not None
    assert refusal.name == "AnotherCall"
    assert another_call(carried_out("assign"), []) is None, "nobody relies on it"


def test_terms_are_compared_in_structs_of_events_and_in_plain_arguments() -> None:
    terms = {"lender": "0xab", "borrower": "0xcd", "nonce": 5}
    agreed = event("Facilities", "FacilityAgreed", lender="0xab", borrower="0xcd", terms=terms)
    assert another_call(carried_out("agree-facility", terms, "0x1", "0x2", "0x"), [agreed]) is None
    other = carried_out("agree-facility", terms | {"nonce": 6}, "0x1", "0x2", "0x")
    assert another_call(other, [agreed]) is not None
    charged = event("Facilities", "CostsCharged", loanId=3, amount=35, evidenceHash="0xee")
    assert another_call(carried_out("agree-costs", 3, 35, "0xEE", 9, 1, "0x"), [charged]) is None
    assert another_call(carried_out("agree-costs", 3, 36, "0xee", 9, 1, "0x"), [charged])


def test_correction_with_another_value_day_is_not_the_call_of_its_operation() -> None:
    posting = Posting(PostingKind.RECORDED, 20_600, 12_000, 20_601, 5)
    terms = {
        **{"loanId": 3, "posting": str(posting.word), "toLoanId": 3, "valueDay": 20_590},
        **{"reasonHash": "0xee", "deadline": 9, "nonce": 1},
    }
    correction = carried_out("agree-correction", terms, {"postings": [1]}, {}, "0x")

    def corrected(**changes: Any) -> DecodedEvent:
        moved = {"newPosting": posting.moved_to(20_590).word}
        same = {"loanId": 3, "toLoanId": 3, "posting": posting.word, "reasonHash": "0xEE"}
        return event("Facilities", "PaymentCorrected", **same | moved | changes, isSigned=True)

    assert another_call(correction, [corrected()]) is None
    other_day = corrected(newPosting=posting.moved_to(20_591).word)
    assert another_call(correction, [other_day]) is not None
    assert another_call(correction, [corrected(toLoanId=4)]) is not None
    reversal = carried_out("agree-correction", terms | {"toLoanId": 0, "valueDay": 0}, {}, {}, "0x")
    assert another_call(reversal, [corrected(toLoanId=0, newPosting=0)]) is None
    assert another_call(reversal, [corrected()]) is not None


def test_another_extension_of_a_loan_is_not_the_call_of_its_operation() -> None:
    terms = {"loanId": 3, "dueDay": 20_700, "periods": 0, "deadline": 9, "nonce": str(2**62)}
    extension = carried_out("agree-extension", terms, ["0x1", "0x2"])
    facts = {"loanId": 3, "dueDay": 20_698, "periods": 1, "shifts": 0}
    ran = event("Facilities", "LoanExtended", **facts, nonce=2**62)
    assert another_call(extension, [ran]) is None
    assert another_call(extension, [event("Facilities", "LoanExtended", **facts, nonce=7)])
