"""Operations on receivables; `request_service.py` files them, and `reading.py` reads them."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from app.chain.evm.hashing import text_hash
from app.domain.texts import say
from app.errors import Conflict, Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.gateway.signing import Terms, caller_signature, terms_for
from app.trade.receivables import evidence, repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.reading import receivable

CONTRACT = "Receivables"


class ReceivableTerms(TypedDict):
    """What the debtor signs: the struct ReceivableTerms of Receivables."""

    seller: str
    debtor: str
    currency: str
    faceAmount: int
    dueDay: int
    graceDays: int
    lateRate: int
    disputeDays: int
    maxDepth: int
    fingerprint: str
    documentRoot: str
    legalTextHash: str


def confirmation_terms(gateway: Gateway, row: ReceivableRow) -> Terms:
    """What the debtor signs."""
    return terms_for(gateway, CONTRACT, "ReceivableTerms", terms_of(row))


def terms_of(row: ReceivableRow) -> ReceivableTerms:
    """The terms of a receivable, as filed."""
    return {
        "seller": row.seller,
        "debtor": row.debtor,
        "currency": row.currency,
        "faceAmount": row.face_amount,
        "dueDay": row.due_day,
        "graceDays": row.grace_days,
        "lateRate": row.late_rate,
        "disputeDays": row.dispute_days,
        "maxDepth": row.max_depth,
        "fingerprint": row.fingerprint,
        "documentRoot": row.document_root,
        "legalTextHash": row.legal_text_hash,
    }


async def confirm(command: Command, receivable_id: int, signature: str | None) -> Change:
    """Puts the debtor's signature over the terms on the ledger.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    _, debtor_signature = await debtors_word(command, receivable_id, signature)
    subject = {"receivableId": receivable_id}
    new_operation = NewOperation(
        "confirm-receivable", CONTRACT, "confirm", [receivable_id, debtor_signature], subject
    )
    return await change_for(command, new_operation)


async def debtors_word(
    command: Command, receivable_id: int, signature: str | None
) -> tuple[ReceivableRow, str]:
    """The debt, and the debtor's signature over its terms.

    The signature is the given one, or the gateway signs with a key in custody.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    require_debtor(command.caller, row)
    if signature is None:
        await _require_evidence(gateway, row)
        terms = confirmation_terms(gateway, row)
        signature = await caller_signature(gateway, command.caller, terms)
    return row, signature


async def _require_evidence(gateway: Gateway, row: ReceivableRow) -> None:
    """The gateway signs for a debtor only what the seller's stored document says.

    Raises:
        Conflict.
    """
    stored_evidence = await gateway.storage.read(lambda connection: evidence.find(connection, row))
    evidence_check = await evidence.check(gateway, row, stored_evidence)
    if evidence_check.assignment is not None:
        raise Conflict(
            say(
                "the document behind receivable {receivable_id} says that it is assigned to "
                "another party: the gateway does not sign",
                receivable_id=row.receivable_id,
            ),
            name="document-assigned",
            fix="reject it, or sign with the party's own wallet",
            assignment=evidence_check.assignment,
        )
    if not evidence_check.holds:
        differs = evidence_check.differs
        problem = (
            say("differs in {terms:words}", terms=", ".join(differs))
            if differs
            else say("is not stored here")
        )
        raise Conflict(
            say(
                "the document behind receivable {receivable_id} {problem}: the gateway does "
                "not sign",
                receivable_id=row.receivable_id,
                problem=problem,
            ),
            name="documents-unknown" if evidence_check.document_id is None else "documents-differ",
            fix="reject it, or sign with the party's own wallet",
            differs=differs,
        )


def require_debtor(caller: Caller, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the debtor."""
    if caller.acting() != row.debtor:
        raise Forbidden("only the debtor may do this", name="not-debtor")


def require_seller(caller: Caller, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the seller."""
    if caller.acting() != row.seller:
        raise Forbidden("only the seller may do this", name="not-seller")


async def step(
    command: Command, receivable_id: int, *, kind: str, function: str, side: str, text: str | None
) -> Change:
    """Rejection, withdrawal, dispute and its end: by the debtor or the seller."""
    row = await receivable(command.gateway, command.caller, receivable_id)
    (require_debtor if side == "debtor" else require_seller)(command.caller, row)
    arguments: list[Any] = [receivable_id]
    if text is not None:
        arguments.append(text_hash(text))
    subject = {"receivableId": receivable_id}
    return await change_for(command, NewOperation(kind, CONTRACT, function, arguments, subject))


# ------------------------------------------------------------------ money


async def pay(command: Command, receivable_id: int, money: Money) -> Change:
    """Pays on a debt from the caller's account; the ledger takes at most what is due."""
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    approval = cash_approval(
        gateway, currency=currency, owner=payer, spender=CONTRACT, amount=amount
    )
    subject = {"receivableId": receivable_id}
    new_operation = NewOperation(
        "pay", CONTRACT, "pay", [receivable_id, amount], subject, (approval,)
    )
    return await change_for(command, new_operation)


async def by_holder(
    command: Command, receivable_id: int, *, kind: str, function: str, claim_id: int | None
) -> Change:
    """Default or write-off, declared by a holder or lienholder of a claim."""
    gateway = command.gateway
    await receivable(gateway, command.caller, receivable_id)
    claim = await _own_claim(command, receivable_id, claim_id, account=command.caller.acting())
    subject = {"receivableId": receivable_id, "claimId": claim}
    return await change_for(
        command, NewOperation(kind, CONTRACT, function, [receivable_id, claim], subject)
    )


async def _own_claim(
    command: Command, receivable_id: int, claim_id: int | None, *, account: str
) -> int:
    if claim_id is not None:
        return claim_id
    largest_claim_id = await command.gateway.storage.read(
        lambda connection: repository.largest_claim(
            connection, receivable_id=receivable_id, account=account
        )
    )
    if largest_claim_id is None:
        raise Conflict("the caller holds no claim on this receivable", name="not-holder")
    return largest_claim_id
