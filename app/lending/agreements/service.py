"""Agreements: one side proposes, all sides sign, and one call carries it out."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import RpcError
from app.chain.outbox.operation import new_id
from app.domain.calendar import day_of, start_of
from app.domain.quantity import QuantityInvalid, thousandths
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import Approval, cash_approval, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import (
    NewOperation,
    change_after_approvals,
    change_for,
    in_custody,
)
from app.gateway.gateway import Gateway
from app.gateway.ledger import call, require_new_risk
from app.gateway.money import minor
from app.gateway.read_as_of import deadline, moment, today_of
from app.gateway.signing import (
    SEND_SIGNATURE,
    Drafts,
    caller_signature,
    draft_state,
    draft_view,
    sign_in_custody,
)
from app.gateway.views import party_view
from app.lending import access
from app.lending.agreements import repository
from app.lending.agreements.kinds import FACILITIES, KINDS, RESERVE
from app.lending.agreements.repository import AgreementRow
from app.lending.agreements.schemas import (
    Agreement,
    AgreementPage,
    NewBuyBack,
    NewCosts,
    NewExtension,
    NewInKind,
    NewInsurance,
    NewSetOff,
    NewSharing,
)
from app.lending.agreements.terms import (
    AgreementTerms,
    BuyBack,
    Costs,
    Extension,
    InKind,
    InsuranceTerms,
    SetOff,
    SharingEnd,
    SharingTerms,
    Validity,
)
from app.lending.products import service as products
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

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
}
NEW_PROMISES = frozenset(("buy-back", "sharing", "insurance"))


class _Sharing(msgspec.Struct, rename="camel"):
    """What the end of a sharing needs of the answer of `RiskReserve.sharingOf`."""

    sharer: str
    valid_until: int
    terms_hash: str


# ------------------------------------------------------------------ drafts


async def extend(command: Command, loan_id: int, request: NewExtension) -> Change:
    """Proposes more time for a loan, from either side.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    row, signers = await _sides(command, loan_id)
    bullet = row.state().terms.periods == 1
    if bullet != (request.dueDate is not None) or bullet == (request.months is not None):
        field = "dueDate" if bullet else "months"
        raise BadInput(
            f"an extension of this loan takes only {field}",
            field=field,
            fix=f"give {field} and nothing else",
        )
    terms: Extension = {
        "loanId": loan_id,
        "dueDay": 0 if request.dueDate is None else day_of(request.dueDate),
        "periods": request.months or 0,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "extension", loan_id, row.currency, terms, signers)


async def set_off(command: Command, loan_id: int, request: NewSetOff) -> Change:
    """Proposes a claim in place of money, from either side."""
    row, signers = await _sides(command, loan_id)
    currency = command.gateway.currency_at(row.currency)
    terms: SetOff = {
        "loanId": loan_id,
        "claimId": request.claimId,
        "claimValue": minor(request.claimValue, field="claimValue", currency=currency),
        "credit": minor(request.credit, field="credit", currency=currency),
        "documentRoot": request.documentRoot,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "set-off", loan_id, row.currency, terms, signers)


async def settle_in_kind(command: Command, loan_id: int, request: NewInKind) -> Change:
    """Proposes goods in place of money, from either side: collateral, or goods without a lien."""
    row, signers = await _sides(command, loan_id)
    currency = command.gateway.currency_at(row.currency)
    try:
        quantity = thousandths(request.quantity)
    except QuantityInvalid as error:
        raise BadInput(str(error), name="quantity-invalid", field="quantity") from error
    terms: InKind = {
        "loanId": loan_id,
        "warehouseReceiptId": request.warehouseReceiptId,
        "quantity": quantity,
        "credit": minor(request.credit, field="credit", currency=currency),
        "documentRoot": request.documentRoot,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "settle-in-kind", loan_id, row.currency, terms, signers)


async def buy_back(command: Command, facility_id: int, request: NewBuyBack) -> Change:
    """Proposes a buy-back undertaking for the goods of a facility's loans.

    The lender asks, the undertaker signs, and the lender puts it on the ledger.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    facility = await access.facility(gateway, command.caller, facility_id)
    lender = command.caller.acting()
    if lender not in (facility.lender, facility.entruster):
        raise Forbidden("only the lender asks for an undertaking", name="not-lender")
    undertaker = await party_in(gateway, request.undertakerPartyId, field="undertakerPartyId")
    if undertaker.account in (facility.borrower, facility.lender, facility.entruster):
        raise BadInput(
            "the undertaker is a side of the facility",
            field="undertakerPartyId",
            fix="name another party",
        )
    last_day = day_of(request.lastDate)
    if last_day < await today_of(gateway):
        raise BadInput(f"{request.lastDate} has passed", field="lastDate", fix="give a later day")
    currency = gateway.currency_at(facility.currency)
    terms: BuyBack = {
        "facilityId": facility_id,
        "undertaker": undertaker.account,
        "share": request.share,
        "maxTotal": minor(request.maxTotal, field="maxTotal", currency=currency),
        "lastDay": last_day,
        "legalTextHash": facility.legal_text_hash,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    signers = {"undertaker": undertaker.account, "lender": lender}
    return await _propose(command, "buy-back", facility_id, facility.currency, terms, signers)


async def charge_costs(command: Command, loan_id: int, request: NewCosts) -> Change:
    """Proposes costs of enforcement: the lender asks, the borrower signs, the lender charges."""
    row, signers = await _sides(command, loan_id)
    if command.caller.acting() == signers["borrower"]:
        raise Forbidden("only the lender charges costs", name="not-lender")
    currency = command.gateway.currency_at(row.currency)
    terms: Costs = {
        "loanId": loan_id,
        "amount": minor(request.amount, field="amount", currency=currency),
        "evidenceHash": "0x" + keccak(request.evidence.encode()).hex(),
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "costs", loan_id, row.currency, terms, signers)


async def share(command: Command, product_id: int, request: NewSharing) -> Change:
    """Proposes a part of a product's losses to a sharer; the operator carries it out."""
    gateway = command.gateway
    product = await products.product_in(gateway, product_id)
    sharer = await party_in(gateway, request.sharerPartyId, field="sharerPartyId")
    address = product.terms["currency"]
    terms: SharingTerms = {
        "productId": product_id,
        "sharer": sharer.account,
        "currency": address,
        "part": request.part,
        "cap": minor(request.cap, field="cap", currency=gateway.currency_at(address)),
        "legalTextHash": product.terms["legalTextHash"],
        **await _validity(gateway, request.lastDate),
        "nonce": secrets.randbits(63),
    }
    signers = {"sharer": sharer.account, "operator": command.caller.acting()}
    return await _propose(command, "sharing", product_id, address, terms, signers)


async def end_sharing(command: Command, product_id: int, place: int) -> Change:
    """Proposes to end a sharing early: the operator asks, the sharer signs, the operator ends it.

    Raises:
        NotFound, Conflict.
    """
    gateway = command.gateway
    product = await products.product_in(gateway, product_id)
    try:
        answer = await call(gateway, RESERVE, "sharingOf", [product_id, place])
    except RpcError as error:
        if not error.is_revert:
            raise
        words = f"product {product_id} has no sharing at place {place}"
        raise NotFound(words, name="sharing-unknown") from error
    sharing = msgspec.convert(answer, _Sharing)
    now, _ = await gateway.storage.read(moment)
    if sharing.valid_until <= now:
        raise Conflict("the sharing has ended", name="sharing-ended")
    terms: SharingEnd = {
        "termsHash": sharing.terms_hash,
        "productId": product_id,
        "place": place,
        "deadline": await deadline(gateway),
    }
    signers = {"sharer": sharing.sharer, "operator": command.caller.acting()}
    address = product.terms["currency"]
    return await _propose(command, "sharing-end", product_id, address, terms, signers)


async def insure(command: Command, facility_id: int, request: NewInsurance) -> Change:
    """Proposes insurance of a facility's losses, from its lender."""
    gateway = command.gateway
    facility = await access.facility(gateway, command.caller, facility_id)
    insured = facility.entruster or facility.lender
    if command.caller.acting() != insured:
        raise Forbidden("only the party whose money is lent insures it", name="not-lender")
    insurer = await party_in(gateway, request.insurerPartyId, field="insurerPartyId")
    if insurer.account == insured:
        raise BadInput(
            "the insurer is the insured party", field="insurerPartyId", fix="name another party"
        )
    currency = gateway.currency_at(facility.currency)
    terms: InsuranceTerms = {
        "facilityId": facility_id,
        "insurer": insurer.account,
        "insured": insured,
        "currency": facility.currency,
        "insuredAmount": minor(request.insuredAmount, field="insuredAmount", currency=currency),
        "legalTextHash": facility.legal_text_hash,
        **await _validity(gateway, request.lastDate),
        "nonce": secrets.randbits(63),
    }
    signers = {"insurer": insurer.account, "insured": insured}
    return await _propose(command, "insurance", facility_id, facility.currency, terms, signers)


async def _sides(command: Command, loan_id: int) -> tuple[LoanRow, dict[str, str]]:
    """The loan and its signers by side; for the lender, the party whose money is lent.

    Raises:
        NotFound, Forbidden.
    """
    row = await access.loan(command.gateway, command.caller, loan_id)
    signers = {"lender": row.entruster or row.lender, "borrower": row.borrower}
    if command.caller.acting() not in signers.values():
        raise Forbidden("only the loan's two sides change it", name="not-side")
    return row, signers


async def _validity(gateway: Gateway, last_date: datetime.date) -> Validity:
    now, _ = await gateway.storage.read(moment)
    ends = start_of(day_of(last_date) + 1, zone_offset=gateway.zone_offset)
    until = int(ends.timestamp())
    if until <= now:
        raise BadInput(f"{last_date} has passed", field="lastDate", fix="give a later day")
    return {"validFrom": now, "validUntil": until, "deadline": await deadline(gateway)}


async def _propose(
    command: Command,
    name: str,
    subject_id: int,
    currency: str,
    terms: AgreementTerms,
    signers: dict[str, str],
) -> Change:
    """Stores the draft; signs for the caller if the gateway holds its key."""
    gateway, caller, kind = command.gateway, command.caller, KINDS[name]
    if name in NEW_PROMISES:
        await require_new_risk(gateway)
    row = AgreementRow(
        id=new_id(),
        kind=name,
        subject_id=subject_id,
        currency=gateway.currency_at(currency),
        terms=terms,
        signers=signers,
    )
    signed_terms = kind.terms(gateway, terms)
    digest = signed_terms.digest_text()
    approvals: list[Approval] = []
    account = caller.acting()
    roles = [role for role in kind.signs if signers[role] == account]
    signature = await sign_in_custody(gateway, caller, signed_terms) if roles else None
    if signature is not None:
        row.signatures = {roles[0]: signature}
        approvals = _approvals(gateway, row, roles[0], account)

    def write(connection: Connection) -> Answer:
        repository.add(connection, row, digest=digest)
        return Answer(_view(gateway, connection, row), 201)

    return await change_after_approvals(command, approvals, write)


# ------------------------------------------------------------------ signatures


async def agreement(gateway: Gateway, caller: Caller, identifier: str) -> AgreementRow:
    """An agreement that names the caller, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.find(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in row.signers.values()):
        raise NotFound(f"there is no agreement {identifier}", name="agreement-unknown")
    return row


async def agreement_view(gateway: Gateway, caller: Caller, identifier: str) -> Agreement:
    """One agreement, with the typed data to sign."""
    row = await agreement(gateway, caller, identifier)
    return await gateway.storage.read(lambda connection: _view(gateway, connection, row))


async def page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> AgreementPage:
    """Agreements that name the caller, or all for those who see all; newest first."""
    account = None if caller.sees_all else caller.account or ""

    def find(connection: Connection) -> AgreementPage:
        rows = repository.page(connection, account=account, before=before, limit=limit)
        items = [_view(gateway, connection, row) for row in rows]
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
    approvals = _approvals(gateway, row, role, account) if custody else []

    def store(connection: Connection) -> Agreement:
        signed_row = repository.sign(
            connection, identifier=identifier, role=role, signature=account_signature
        )
        return _view(gateway, connection, signed_row)

    row.signatures[role] = account_signature
    if kind.sender is None and not row.missing(kind.signs):
        return await _execution_change(command, row, approvals=approvals, then=store)
    return await change_after_approvals(
        command, approvals, lambda connection: Answer(store(connection), 200)
    )


async def withdraw(command: Command, identifier: str) -> Change:
    """Withdraws the caller's signature on the ledger, whether or not it has signed yet.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway = command.gateway
    row = await agreement(gateway, command.caller, identifier)
    kind = KINDS[row.kind]
    return await AGREEMENTS.withdraw_signature(
        command,
        kind.terms(gateway, row.terms),
        signers=kind.signers(row.signers),
        operation_state=row.operation_state,
        done="the agreement was carried out",
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
        raise Forbidden("another party carries this agreement out", name="not-sender")
    lacking = row.missing(kind.signs)
    if lacking:
        raise Conflict(
            f"the agreement waits for {', '.join(lacking)}",
            name="signature-missing",
            fix="each side signs it first",
        )
    await _require_standing(gateway, row)

    def claimed_view(connection: Connection) -> Agreement:
        claimed_row = repository.find(connection, row.id)
        assert claimed_row is not None
        return _view(gateway, connection, claimed_row)

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
    arguments = kind.arguments(row.terms, signatures)
    subject = {"agreementId": row.id}
    promised = [
        (account, approval)
        for role, account in row.signers.items()
        if account != command.caller.acting()
        for approval in _approvals(gateway, row, role, account)
    ]
    new_operation = NewOperation(
        *(f"agree-{row.kind}", kind.contract, kind.function, arguments, subject, approvals),
        promised=promised,
    )
    side_writes = AGREEMENTS.claim(row.id, then=then)
    return await change_for(command, new_operation, side_writes=side_writes)


# ------------------------------------------------------------------ helpers


def _approvals(gateway: Gateway, row: AgreementRow, role: str, account: str) -> list[Approval]:
    """Approvals that a signer gives with its signature.

    They are for the claim or goods that it hands over, or for the money that it promises.
    """
    terms: Mapping[str, Any] = row.terms
    if row.kind in HANDED_OVER and role == "borrower":
        kind, field = HANDED_OVER[row.kind]
        return token_approvals(
            gateway, kind=kind, owner=account, spender=FACILITIES, ids=[terms[field]]
        )
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


def _view(gateway: Gateway, connection: Connection, row: AgreementRow) -> Agreement:
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
