"""Proposals of agreements, one function for each kind; `service.py` signs and carries them out."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import RpcError
from app.chain.outbox.operation import new_id
from app.domain.calendar import day_of, start_of
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.texts import say, text_of
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import Approval
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import change_after_approvals
from app.gateway.gateway import Gateway
from app.gateway.ledger import call, require_new_risk
from app.gateway.money import minor
from app.gateway.read_as_of import deadline, moment, today_of
from app.gateway.signing import sign_in_custody
from app.lending import access
from app.lending.agreements import repository, restructuring
from app.lending.agreements.kinds import CORRECTION, KINDS, RESERVE
from app.lending.agreements.repository import AgreementRow
from app.lending.agreements.schemas import (
    NewBuyBack,
    NewCorrection,
    NewCosts,
    NewExtension,
    NewInKind,
    NewInsurance,
    NewRestructuring,
    NewSetOff,
    NewSharing,
)
from app.lending.agreements.service import NEW_PROMISES, approvals_of, view
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
from app.lending.payments import corrections
from app.lending.payments.schemas import EntryMove
from app.lending.products import service as products
from app.lending.rows import LoanRow
from app.lending.shares import of_loan
from app.parties.registry.service import party_in


class _Sharing(msgspec.Struct, rename="camel"):
    """What the end of a sharing needs of the answer of `RiskReserve.sharingOf`."""

    sharer: str
    valid_until: int
    terms_hash: str


async def extend(command: Command, loan_id: int, request: NewExtension) -> Change:
    """Proposes more time for a loan, from either side.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    row, signers = await sides(command, loan_id)
    loan_terms = row.state().terms
    scheduled = loan_terms.scheduled
    if scheduled == (request.dueDate is not None) or scheduled != (request.months is not None):
        field = "months" if scheduled else "dueDate"
        raise BadInput(
            say("an extension of this loan takes only {field}", field=field),
            field=field,
            fix=say("give {field} and nothing else", field=field),
        )
    periods, rest = divmod(request.months or 0, loan_terms.months_per_period)
    if rest:
        raise BadInput(
            say("{months} months are no whole number of the loan's periods", months=request.months),
            field="months",
            fix=say(
                "give a multiple of {months_per_period}",
                months_per_period=loan_terms.months_per_period,
            ),
        )
    terms: Extension = {
        "loanId": loan_id,
        "dueDay": 0 if request.dueDate is None else day_of(request.dueDate),
        "periods": periods,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await propose(
        command, "extension", loan_id, currency=row.currency, terms=terms, signers=signers
    )


async def restructure(command: Command, loan_id: int, request: NewRestructuring) -> Change:
    """Proposes new terms for a loan, also for one in default, from either side.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    row, signers = await sides(command, loan_id)
    if row.status == "Repaid" or row.loss:
        why = (
            say("loan {loan} is repaid", loan=loan_id)
            if row.status == "Repaid"
            else say("loan {loan} has a loss that others bore", loan=loan_id)
        )
        raise Conflict(
            why,
            name="loan-not-restructurable",
            fix="its terms stay as they are",
        )
    terms = await restructuring.terms_of(command.gateway, row, request)
    return await propose(
        command, "restructuring", loan_id, currency=row.currency, terms=terms, signers=signers
    )


async def set_off(command: Command, loan_id: int, request: NewSetOff) -> Change:
    """Proposes a claim in place of money, from either side."""
    row, signers = await sides(command, loan_id)
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
    return await propose(
        command, "set-off", loan_id, currency=row.currency, terms=terms, signers=signers
    )


async def settle_in_kind(command: Command, loan_id: int, request: NewInKind) -> Change:
    """Proposes goods in place of money, from either side: collateral, or goods without a lien."""
    row, signers = await sides(command, loan_id)
    currency = command.gateway.currency_at(row.currency)
    try:
        quantity = thousandths(request.quantity)
    except QuantityInvalid as error:
        raise BadInput(text_of(error), name="quantity-invalid", field="quantity") from error
    terms: InKind = {
        "loanId": loan_id,
        "warehouseReceiptId": request.warehouseReceiptId,
        "quantity": quantity,
        "credit": minor(request.credit, field="credit", currency=currency),
        "documentRoot": request.documentRoot,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await propose(
        command, "settle-in-kind", loan_id, currency=row.currency, terms=terms, signers=signers
    )


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
        raise BadInput(
            say("{last_date:day} has passed", last_date=request.lastDate),
            field="lastDate",
            fix="give a later day",
        )
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
    return await propose(
        command, "buy-back", facility_id, currency=facility.currency, terms=terms, signers=signers
    )


async def charge_costs(command: Command, loan_id: int, request: NewCosts) -> Change:
    """Proposes costs of enforcement: the lender asks, the borrower signs, the lender charges."""
    row, signers = await sides(command, loan_id)
    if command.caller.acting() == signers["borrower"]:
        raise Forbidden("only the lender charges costs", name="not-lender")
    if await command.gateway.storage.read(lambda connection: of_loan(connection, loan_id)):
        raise Conflict(
            say(
                "participants have a share of loan {loan_id}: lender and borrower agree on no "
                "costs of it",
                loan_id=loan_id,
            ),
            name="costs-of-shared-loan",
            fix="let a court order the costs, or settle them outside the loan",
        )
    currency = command.gateway.currency_at(row.currency)
    terms: Costs = {
        "loanId": loan_id,
        "amount": minor(request.amount, field="amount", currency=currency),
        "evidenceHash": "0x" + keccak(request.evidence.encode()).hex(),
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await propose(
        command, "costs", loan_id, currency=row.currency, terms=terms, signers=signers
    )


async def correct(command: Command, entry_id: str, request: NewCorrection) -> Change:
    """Proposes a correction of a recorded payment, which the borrower signs.

    The lender alone may correct within the facility's days; later it needs this.

    Raises:
        NotFound, BadInput, Conflict.
    """
    signed_until = await deadline(command.gateway)
    if request.reverse:
        row, terms = await corrections.reversal_terms(
            command, entry_id, reason=request.reason, deadline=signed_until
        )
    else:
        move = EntryMove(loanId=request.loanId, valueDate=request.valueDate, reason=request.reason)
        row, terms = await corrections.move_terms(command, entry_id, move, deadline=signed_until)
    signers = {"lender": command.caller.acting(), "borrower": row.borrower}
    return await propose(
        command, CORRECTION, row.loan_id, currency=row.currency, terms=terms, signers=signers
    )


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
    return await propose(
        command, "sharing", product_id, currency=address, terms=terms, signers=signers
    )


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
        words = say(
            "product {product_id} has no sharing at place {place}",
            product_id=product_id,
            place=place,
        )
        raise NotFound(words, name="sharing-unknown") from error
    sharing = msgspec.convert(answer, _Sharing)
    now, _ = await gateway.storage.read(moment)
    if sharing.valid_until <= now:
        raise Conflict(
            say(
                "the sharing at place {place} of product {product_id} has ended",
                place=place,
                product_id=product_id,
            ),
            name="sharing-ended",
            fix="there is nothing to end",
        )
    terms: SharingEnd = {
        "termsHash": sharing.terms_hash,
        "productId": product_id,
        "place": place,
        "deadline": await deadline(gateway),
    }
    signers = {"sharer": sharing.sharer, "operator": command.caller.acting()}
    address = product.terms["currency"]
    return await propose(
        command, "sharing-end", product_id, currency=address, terms=terms, signers=signers
    )


async def insure(command: Command, facility_id: int, request: NewInsurance) -> Change:
    """Proposes insurance of a facility's losses, from its lender."""
    gateway = command.gateway
    facility = await access.facility(gateway, command.caller, facility_id)
    insured = facility.entruster or facility.lender
    if command.caller.acting() != insured:
        raise Forbidden("only the party whose money is lent insures it", name="not-lender")
    if facility.origin_id is not None:
        raise Conflict(
            say(
                "facility {facility_id} was opened by a sale, and its loans were drawn on "
                "facility {origin_id}, whose insurance goes on covering them",
                facility_id=facility_id,
                origin_id=facility.origin_id,
            ),
            name="insurance-of-bought-loans",
            fix="insure a facility before its loans are drawn",
        )
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
    return await propose(
        command, "insurance", facility_id, currency=facility.currency, terms=terms, signers=signers
    )


async def sides(command: Command, loan_id: int) -> tuple[LoanRow, dict[str, str]]:
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
    until = start_of(day_of(last_date) + 1, zone_offset=gateway.zone_offset)
    if until <= now:
        raise BadInput(
            say("{last_date:day} has passed", last_date=last_date),
            field="lastDate",
            fix="give a later day",
        )
    return {"validFrom": now, "validUntil": until, "deadline": await deadline(gateway)}


async def propose(
    command: Command,
    name: str,
    subject_id: int,
    *,
    currency: str,
    terms: AgreementTerms,
    signers: dict[str, str],
    then: Callable[[Connection], None] | None = None,
) -> Change:
    """Stores the draft; signs for the caller if the gateway holds its key.

    Args:
        then: what is stored with it.
    """
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
        approvals = approvals_of(gateway, row, roles[0], account)

    def write(connection: Connection) -> Answer:
        repository.add(connection, row, digest=digest)
        if then is not None:
            then(connection)
        return Answer(view(gateway, connection, row), 201)

    return await change_after_approvals(command, approvals, write)
