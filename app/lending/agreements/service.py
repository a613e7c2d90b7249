"""Agreements: all sides sign what one has proposed, and one call carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import Conflict, Forbidden, NotFound
from app.gateway.approvals import Approval, cash_approval, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import (
    NewOperation,
    change_after_approvals,
    in_custody,
)
from app.gateway.gateway import Gateway
from app.gateway.ledger import NEW_RISK, require_new_risk
from app.gateway.signing import SEND_SIGNATURE, Drafts, caller_signature, draft_state, draft_view
from app.gateway.views import party_view
from app.lending.agreements import repository
from app.lending.agreements.kinds import (
    CORRECTION,
    FACILITIES,
    KINDS,
    LOAN_SALE,
    RESERVE,
)
from app.lending.agreements.repository import AgreementRow
from app.lending.agreements.schemas import Agreement, AgreementPage
from app.lending.histories import HistoryArgument
from app.lending.history_parts import Rerun, change_with_parts
from app.lending.payments import corrections
from app.lending.payments.moved_money import correction_approvals
from app.lending.payments.terms import Correction
from app.parties.registry import repository as parties

AGREEMENTS = Drafts("agreements", "the agreement")
# Fields of the terms: what the borrower hands over, and the maximum that each role pays.
HANDED_OVER = {
    "set-off": ("claim", "claimId"),
    "settle-in-kind": ("warehouse-receipt", "warehouseReceiptId"),
}
PROMISED = {
    "undertaker": (FACILITIES, "maxTotal"),
    "sharer": (RESERVE, "cap"),
    "insurer": (RESERVE, "insuredAmount"),
    "buyer": (FACILITIES, "price"),
    "participant": (FACILITIES, "price"),
}
NEW_PROMISES = frozenset(
    name for name, kind in KINDS.items() if (kind.contract, kind.function) in NEW_RISK
)
_SELLER_MUST = 2  # a bit of SaleTerms.buyBack


async def agreement(gateway: Gateway, caller: Caller, identifier: str) -> AgreementRow:
    """An agreement that names the caller, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.find(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in row.signers.values()):
        raise NotFound(
            say("there is no agreement {identifier}", identifier=identifier),
            name="agreement-unknown",
        )
    return row


async def agreement_view(gateway: Gateway, caller: Caller, identifier: str) -> Agreement:
    """One agreement, with the typed data to sign."""
    row = await agreement(gateway, caller, identifier)
    return await gateway.storage.read(lambda connection: view(gateway, connection, row))


async def page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> AgreementPage:
    """Agreements that name the caller, or all for those who see all; newest first."""
    account = None if caller.sees_all else caller.account or ""

    def find(connection: Connection) -> AgreementPage:
        rows = repository.page(connection, account=account, before=before, limit=limit)
        items = [view(gateway, connection, row) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def sign(command: Command, identifier: str, signature: str | None) -> Change:
    """Stores one side's signature; the last one carries the agreement out, if any signer may.

    Raises:
        NotFound, Forbidden, Conflict, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    row = await agreement(gateway, caller, identifier)
    if row.kind in NEW_PROMISES:
        await require_new_risk(gateway)
    kind, account = KINDS[row.kind], caller.acting()
    role = AGREEMENTS.position_of(account, kind.signers(row.signers))
    await _require_standing(gateway, row)
    account_signature = await caller_signature(
        gateway,
        caller,
        kind.terms(gateway, row.terms),
        wallet_signature=signature,
        fix=SEND_SIGNATURE,
    )
    custody = await in_custody(gateway, caller)
    approvals = approvals_of(gateway, row, role, account) if custody else []

    def store(connection: Connection) -> Agreement:
        signed_row = repository.sign(
            connection, identifier=identifier, role=role, signature=account_signature
        )
        return view(gateway, connection, signed_row)

    row.signatures[role] = account_signature
    if kind.sender is None and not row.missing(kind.signs):
        return await _execution_change(command, row, approvals=approvals, then=store)
    return await change_after_approvals(
        command, approvals, lambda connection: Answer(store(connection), 200)
    )


async def withdraw(command: Command, identifier: str) -> Change:
    """Withdraws the caller's signature on the ledger, whether or not it has signed yet.

    Raises:
        NotFound, Forbidden.
    """
    gateway = command.gateway
    row = await agreement(gateway, command.caller, identifier)
    kind = KINDS[row.kind]
    return await AGREEMENTS.withdraw_signature(
        command,
        kind.terms(gateway, row.terms),
        signers=kind.signers(row.signers),
        subject={"agreementId": row.id},
    )


async def execute(command: Command, identifier: str) -> Change:
    """Carries out an agreement that all have signed.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway = command.gateway
    row = await agreement(gateway, command.caller, identifier)
    kind, account = KINDS[row.kind], command.caller.acting()
    if kind.sender == "operator":
        # Any operator may: only a change of a product needs two persons.
        if "operator" not in command.caller.roles:
            raise Forbidden("only an operator carries this out", name="not-sender")
    elif account not in ([row.signers[kind.sender]] if kind.sender else row.signers.values()):
        who = (
            say("the {side:words} carries this agreement out, not the caller", side=kind.sender)
            if kind.sender
            else say("the signers carry this agreement out, not the caller")
        )
        raise Forbidden(who, name="not-sender")
    lacking = row.missing(kind.signs)
    if lacking:
        raise Conflict(
            say("the agreement waits for {lacking:words}", lacking=", ".join(lacking)),
            name="signature-missing",
            fix="each side signs it first",
        )
    await _require_standing(gateway, row)

    def claimed_view(connection: Connection) -> Agreement:
        claimed_row = repository.find(connection, row.id)
        assert claimed_row is not None
        return view(gateway, connection, claimed_row)

    return await _execution_change(command, row, approvals=[], then=claimed_view)


async def _execution_change(
    command: Command,
    row: AgreementRow,
    *,
    approvals: list[Approval],
    then: Callable[[Connection], Agreement],
) -> Change:
    gateway, kind = command.gateway, KINDS[row.kind]
    signatures = [str(row.signatures[role]) for role in kind.signs]
    loans: list[Rerun] = []
    subject: dict[str, object] = {"agreementId": row.id}
    side_writes = AGREEMENTS.claim(row.id, then=then)
    if row.kind == CORRECTION:
        terms = cast("Correction", row.terms)
        loans = await corrections.reruns_of(gateway, terms)
        subject |= corrections.subject_of(terms)
        side_writes = corrections.if_free(side_writes, loans)
        approvals = [*approvals, *await correction_approvals(gateway, terms)]
    promised = [
        (account, approval)
        for role, account in row.signers.items()
        if account != command.caller.acting()
        for approval in approvals_of(gateway, row, role, account)
    ]

    def execution(arguments: Sequence[HistoryArgument]) -> NewOperation:
        if row.kind == CORRECTION:
            terms = cast("Correction", row.terms)
            call = corrections.arguments_of(terms, arguments, signature=signatures[0])
        else:
            call = kind.arguments(row.terms, signatures)
        return NewOperation(
            *(f"agree-{row.kind}", kind.contract, kind.function, call, subject, approvals),
            promised=promised,
        )

    return await change_with_parts(command, loans, execution, side_writes=side_writes)


def approvals_of(gateway: Gateway, row: AgreementRow, role: str, account: str) -> list[Approval]:
    """Approvals that a signer gives with its signature.

    They are for the claim or goods that it hands over, or for the money that it promises.
    """
    terms: Mapping[str, Any] = row.terms
    if row.kind in HANDED_OVER and role == "borrower":
        kind, field = HANDED_OVER[row.kind]
        return token_approvals(
            gateway, kind=kind, owner=account, spender=FACILITIES, ids=[terms[field]]
        )
    if row.kind == LOAN_SALE and role == "seller":
        return _buy_back_approvals(gateway, row, account)
    # An insurer pays by a later command, which makes its own approval.
    if row.kind not in NEW_PROMISES or role not in PROMISED:
        return []
    if role == "insurer" and gateway.settings.approvals == "exact":
        return []
    spender, field = PROMISED[role]
    return [
        cash_approval(
            gateway,
            currency=row.currency,
            owner=account,
            spender=spender,
            amount=terms[field],
            standing=True,
        )
    ]


def _buy_back_approvals(gateway: Gateway, row: AgreementRow, seller: str) -> list[Approval]:
    """The seller's approval of buying a loan back, which the holder calls later."""
    terms: Mapping[str, Any] = row.terms
    if not terms["buyBack"] & _SELLER_MUST:
        return []
    return [
        cash_approval(
            gateway,
            currency=row.currency,
            owner=seller,
            spender=FACILITIES,
            amount=terms["buyBackMax"],
            standing=True,
        )
    ]


def _has_withdrawn_signature(gateway: Gateway, connection: Connection, row: AgreementRow) -> bool:
    """Whether a signer has withdrawn its signature."""
    kind = KINDS[row.kind]
    digest = kind.terms(gateway, row.terms).digest_text()
    accounts = repository.withdrawn(connection, contract=kind.contract, digest=digest)
    return not accounts.isdisjoint(kind.signers(row.signers).values())


async def _require_standing(gateway: Gateway, row: AgreementRow) -> None:
    """Refuses an agreement with a withdrawn signature, because the ledger refuses it for good.

    Raises:
        Conflict.
    """
    if await gateway.storage.read(
        lambda connection: _has_withdrawn_signature(gateway, connection, row)
    ):
        raise Conflict(
            "a signer has withdrawn its signature",
            name="signature-withdrawn",
            fix="propose the agreement again",
        )


def view(gateway: Gateway, connection: Connection, row: AgreementRow) -> Agreement:
    """An agreement as its parties see it."""
    kind = KINDS[row.kind]
    names = parties.names(connection, set(row.signers.values()))
    lacking = row.missing(kind.signs)
    state = draft_state(row.operation_state, signed=not lacking, done="agreed")
    if state != "agreed" and _has_withdrawn_signature(gateway, connection, row):
        state = "withdrawn"
    draft = draft_view(row, kind.terms(gateway, row.terms), state=state)
    return {
        "id": draft["id"],
        "state": draft["state"],
        "operationId": draft["operationId"],
        "typedData": draft["typedData"],
        "kind": row.kind,
        "subjectId": row.subject_id,
        "missing": lacking,
        "parties": {role: party_view(account, names) for role, account in row.signers.items()},
    }
