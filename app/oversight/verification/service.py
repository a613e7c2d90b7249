"""Verifies a claim."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from app.chain.evm.hashing import ZERO_ADDRESS, ZERO_HASH, checksum_address
from app.chain.evm.rpc import RpcError
from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.evm.typed_data import struct_hash
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.chain_queries import Question, answer_as, ask, ask_wallet
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.read_as_of import business_day
from app.lending.notices.facts import question_of
from app.oversight.crosschecks.counting import open_count
from app.oversight.verification import repository
from app.oversight.verification.lineage import ancestors_of, evidence_of, is_unbroken
from app.oversight.verification.named import parties_in
from app.oversight.verification.on_chain import (
    AmountsOnChain,
    ClaimOnChain,
    ReceivableOnChain,
    RecourseOnChain,
)
from app.oversight.verification.repository import OpenOrder, Story
from app.oversight.verification.schemas import Check, OpenFindings, Verification
from app.oversight.verification.secured_loan import secured_loan
from app.oversight.verification.warnings import legal_of
from app.trade.claims import repository as claims
from app.trade.receivables import evidence as receivable_evidence
from app.trade.receivables.evidence import EvidenceCheck
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.reading import near
from app.trade.receivables.service import confirmation_terms, terms_of

VERIFIERS = frozenset(("financier", "auditor", "operator", "regulator"))
# Bytes of a call up to its first argument (claim or party), and of one argument.
SUBJECT, WORD = 36, 32
STATUS = (
    *("none", "requested", "confirmed", "disputed", "defaulted", "settled"),
    *("written-off", "rejected", "withdrawn"),
)
_NOTHING = AmountsOnChain(principal=0, late_charge=0)
MoneyOf = Callable[[int], MoneyView]


def check(name: str, holds: bool, **evidence: Any) -> Check:
    """The result of one check."""
    return {"name": name, "holds": bool(holds), "evidence": evidence}


async def verify_claim(gateway: Gateway, caller: Caller, claim_id: int) -> Verification:
    """Every check of a claim, as of one block.

    Banks, auditors, the operator and regulators may ask about any claim; others only about those
    that they may see.

    Raises:
        NotFound, Unavailable.
    """
    story = await gateway.storage.read(
        lambda connection: (
            repository.story(connection, claim_id)
            if _may_ask(connection, caller, claim_id)
            else None
        )
    )
    if story is None:
        raise NotFound(say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown")
    receivable = story.receivable
    number = receivable.receivable_id
    ancestors = ancestors_of(story.lineage)
    questions: list[Question] = [
        ("Receivables", "claim", [claim_id]),
        ("Receivables", "receivable", [number]),
        ("Receivables", "confirmationDigest", [number]),
        ("Receivables", "due", [number]),
        ("Receivables", "collectable", [claim_id]),
        ("Receivables", "lienholderOf", [claim_id]),
        ("Receivables", "receivableWithFingerprint", [receivable.seller, receivable.fingerprint]),
        ("ClaimMarket", "recourseOf", [claim_id]),
        ("PartyRegistry", "isValid", [receivable.seller]),
        ("PartyRegistry", "isValid", [receivable.debtor]),
        question_of(claim_id),
        *(("Receivables", "parentOf", [ancestor]) for ancestor in ancestors),
    ]
    answers = await ask(gateway, story.at, questions)
    claim = answer_as(ClaimOnChain, answers[0])
    debt = answer_as(ReceivableOnChain, answers[1])
    due = answer_as(AmountsOnChain, answers[3])
    collectable = _NOTHING if answers[4] is None else answer_as(AmountsOnChain, answers[4])
    digest, lienholder, fingerprint = answers[2], answers[5], int(answers[6])
    recourse = answer_as(RecourseOnChain, answers[7])
    owner = claim.owner
    (owner_valid,) = await ask(gateway, story.at, [("PartyRegistry", "isValid", [owner])])
    currency = gateway.currency_at(receivable.currency)

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    status = STATUS[debt.status]
    today = business_day(gateway, story.at.timestamp)
    overdue = due.principal > 0 and today > debt.due_day + debt.grace_days
    legal = await gateway.storage.read(
        lambda connection: legal_of(
            *(gateway, connection, story.claim, receivable),
            timestamp=story.at.timestamp,
            facts=answers[10],
        )
    )
    loan = await gateway.storage.read(
        lambda connection: secured_loan(
            gateway, connection, caller, claim_id, timestamp=story.at.timestamp
        )
    )
    evidence_check = await receivable_evidence.check(gateway, receivable, story.evidence)
    checks = [
        check(
            "exists",
            owner != ZERO_ADDRESS and claim.value > 0,
            owner=checksum_address(owner),
            value=money(claim.value),
            receivableId=claim.receivable_id,
            depth=claim.depth,
        ),
        _terms(receivable, debt, money),
        await _signature(gateway, story, digest),
        _lineage(story, ancestors, answers[11:], owner=owner, receivable_id=claim.receivable_id),
        check(
            "free-of-liens",
            lienholder == ZERO_ADDRESS,
            lienholder=None if lienholder == ZERO_ADDRESS else checksum_address(lienholder),
        ),
        check(
            "not-disputed",
            status != "disputed",
            disputes=[
                {
                    "evidenceHash": dispute.evidence_hash,
                    "since": dispute.since,
                    "until": dispute.until,
                }
                for dispute in story.disputes
            ],
        ),
        check(
            "performing",
            status in ("confirmed", "disputed", "settled") and not overdue,
            status=status,
            overdue=overdue,
            dueDay=debt.due_day,
            unpaid=money(due.principal),
            lateChargeDue=money(due.late_charge),
            paid=money(debt.principal_paid),
        ),
        check(
            "credit-notes-accounted-for",
            sum(note.burned for note in story.credit_notes) == debt.credited,
            credited=money(debt.credited),
            notes=[
                {"fingerprint": note.fingerprint, "amount": money(note.amount)}
                for note in story.credit_notes
            ],
        ),
        check(
            "entitlement",
            collectable.principal <= claim.value,
            collectablePrincipal=money(collectable.principal),
            collectableLateCharge=money(collectable.late_charge),
            outstanding=money(claim.value),
        ),
        check(
            "fingerprint-unique",
            fingerprint == number,
            fingerprint=receivable.fingerprint,
            receivableId=fingerprint,
        ),
        check(
            "parties-in-good-standing",
            all((answers[8], answers[9], owner_valid)),
            seller={"account": checksum_address(receivable.seller), "valid": answers[8]},
            debtor={"account": checksum_address(receivable.debtor), "valid": answers[9]},
            owner={"account": checksum_address(owner), "valid": owner_valid},
        ),
        *_documents(gateway, receivable, evidence_check),
        _court_orders(gateway, story),
        _recourse(recourse, money),
    ]
    return {
        "claimId": claim_id,
        "receivableId": number,
        "holds": all(item["holds"] for item in checks),
        "checks": checks,
        "parties": await gateway.storage.read(lambda c: parties_in(c, checks)),
        "loan": loan,
        "notice": legal.notice,
        "filings": legal.filings,
        "warnings": legal.warnings,
        "findings": await _open_findings(gateway, caller, number),
        "asOf": {"blockNumber": story.at.block_number, "blockHash": story.at.block_hash},
    }


async def _open_findings(gateway: Gateway, caller: Caller, receivable: int) -> OpenFindings | None:
    """How many findings are open, for those who may see findings."""
    if caller.roles.isdisjoint(VERIFIERS):
        return None
    count, as_of = await open_count(gateway, receivable)
    return {"open": count, "asOf": as_of}


def _may_ask(connection: Any, caller: Caller, claim_id: int) -> bool:
    if not caller.roles.isdisjoint(VERIFIERS):
        return True
    row = claims.by_id(connection, claim_id)
    return row is not None and near(connection, caller, row.claim.receivable_id)


def _terms(row: ReceivableRow, on_chain: ReceivableOnChain, money: MoneyOf) -> Check:
    """The terms in the events have the hash that the ledger stores."""
    computed = "0x" + struct_hash("ReceivableTerms", terms_of(row)).hex()
    return check(
        "terms",
        computed == on_chain.terms_hash,
        termsHash=on_chain.terms_hash,
        seller=checksum_address(row.seller),
        debtor=checksum_address(row.debtor),
        faceAmount=money(row.face_amount),
        dueDay=row.due_day,
        graceDays=row.grace_days,
        lateRate=row.late_rate,
        documentRoot=row.document_root,
        legalTextHash=row.legal_text_hash,
    )


async def _signature(gateway: Gateway, story: Story, on_chain: str) -> Check:
    """The debtor's signature over the terms, verified again from the event."""
    row = story.receivable
    digest = confirmation_terms(gateway, row).digest()
    signature = row.debtor_signature or "0x"
    raw = bytes.fromhex(signature[2:])
    signer, holds = None, False
    try:
        signer = recover(digest, raw)
        holds = signer == row.debtor
    except SignatureInvalid:
        pass
    if not holds and row.debtor_signature is not None:
        holds = await _contract_accepts(
            gateway, row.debtor, digest, raw, confirmed=story.confirmed_block
        )
    return check(
        "debtor-signature",
        holds and "0x" + digest.hex() == on_chain,
        debtor=checksum_address(row.debtor),
        signer=None if signer is None else checksum_address(signer),
        digest="0x" + digest.hex(),
        signature=signature,
    )


async def _contract_accepts(
    gateway: Gateway, account: str, digest: bytes, signature: bytes, *, confirmed: int | None
) -> bool:
    """Whether the debtor's contract wallet accepts its signature (ERC-1271).

    It is asked as of the block of the confirmation, because its owners may have changed since. A
    node that no longer has that state is asked as of the index's block.
    """
    if confirmed is not None:
        with contextlib.suppress(RpcError):
            answer = await ask_wallet(gateway, account, digest, signature, block=confirmed)
            if answer.accepts:
                return True
    return (await ask_wallet(gateway, account, digest, signature)).accepts


def _lineage(
    story: Story,
    ancestors: list[int],
    parents: list[Any],
    *,
    owner: str,
    receivable_id: int,
) -> Check:
    """No gap from the seller to the holder, and each parent as the ledger has it."""
    seller = story.receivable.seller
    return check(
        "assignment-chain",
        is_unbroken(story.lineage, parents, first_holder=seller, holder=owner)
        and receivable_id == story.receivable.receivable_id,
        rootClaimId=ancestors[0],
        steps=[
            {
                "claimId": step.token_id,
                "value": step.assignment.amount,
                **evidence_of(step.assignment),
            }
            for step in story.lineage
            if step.assignment is not None
        ],
    )


def _documents(gateway: Gateway, row: ReceivableRow, evidence_check: EvidenceCheck) -> list[Check]:
    """The gateway stores the seller's document, it matches the ledger, and backs only this debt."""
    return [
        check(
            "documents-match",
            evidence_check.holds,
            documentId=evidence_check.document_id,
            differs=evidence_check.differs,
            alike=evidence_check.alike,
        ),
        check(
            "document-not-assigned",
            evidence_check.assignment is None,
            assignment=evidence_check.assignment,
            instalment=evidence_check.instalment,
        ),
        check("root-unique", not evidence_check.same_root, receivableIds=evidence_check.same_root),
        check(
            "legal-text",
            row.legal_text_hash == gateway.legal_text_hash,
            legalTextHash=row.legal_text_hash,
        ),
    ]


def _court_orders(gateway: Gateway, story: Story) -> Check:
    """No open court order takes this claim, or freezes one of its parties."""
    encode = gateway.contracts.encode
    taking = encode("Receivables", "forcedTransfer", [story.claim_id, ZERO_ADDRESS, 0, ZERO_HASH])
    calls = [
        ("Receivables", taking[:SUBJECT]),
        *(
            (
                "PartyRegistry",
                encode("PartyRegistry", "freeze", [number, True, ZERO_HASH])[: SUBJECT + WORD],
            )
            for number in story.party_ids
        ),
    ]
    return orders_check(gateway, story.orders, calls)


def orders_check(
    gateway: Gateway, orders: list[OpenOrder], calls: list[tuple[str, bytes]]
) -> Check:
    """No open court order calls one of these contracts with data that begins so."""
    prefixes = [(gateway.contracts.address(name), "0x" + call.hex()) for name, call in calls]
    waiting = [
        order
        for order in orders
        if any(
            order.target == target and order.call.startswith(prefix) for target, prefix in prefixes
        )
    ]
    return check(
        "no-court-order",
        not waiting,
        orders=[{"orderId": order.order_id, "orderHash": order.order_hash} for order in waiting],
    )


def _recourse(recourse: RecourseOnChain, money: MoneyOf) -> Check:
    if recourse.assignor == ZERO_ADDRESS:
        return check("recourse", True, assignor=None)
    return check(
        "recourse",
        True,
        assignor=checksum_address(recourse.assignor),
        value=money(recourse.value),
        price=money(recourse.price),
    )
