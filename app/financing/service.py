"""Lines of credit agreed by signatures, draws on them, repayments, and failure."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.keys import recover
from app.chain.operation import Operation, new_id
from app.chain.outbox import SignatureMismatch
from app.chain.typed_data import typed_data_digest
from app.core.calendar import day_at, day_of
from app.core.catalogue import COVER, STYLES
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.financing import repository, views
from app.financing.projection import NOBODY, FacilityRow, LoanRow
from app.financing.repository import ProductRow, ProposalRow
from app.financing.schemas import NewDraw, NewProposal
from app.http.acting import (
    Act,
    Approval,
    act,
    cash_approval,
    claim_once,
    claims_approval,
    enqueue_approval,
    in_custody,
    missing,
    orders_approval,
)
from app.http.callers import Caller
from app.http.commands import Answer, Command
from app.http.gateway import Gateway
from app.http.money import minor
from app.parties import repository as parties
from app.parties.service import party_in
from app.receivables import service as receivables
from app.receivables.reading import moment

CONTRACT = "Facilities"
MOST_REPAYMENT = 2**60 - 1


async def today_of(gateway: Gateway) -> int:
    """The ledger's day of the newest block."""
    now, _ = await gateway.storage.read(moment)
    return day_at(now, zone_offset=gateway.zone_offset)


# ------------------------------------------------------------------ lines


async def propose(command: Command, wanted: NewProposal) -> Response:
    """A lender's line for a borrower; signed by the lender at once when its key is in custody.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    lender = caller.acting()
    product = await product_in(gateway, wanted.productId)
    if not product.open:
        raise Conflict(f"product {product.code} is closed", name="product-closed")
    currency = gateway.currency_at(product.terms["currency"])
    borrower = await party_in(gateway, wanted.borrowerPartyId, field="borrowerPartyId")
    entruster = None
    if wanted.entrusterPartyId is not None:
        entruster = await party_in(gateway, wanted.entrusterPartyId, field="entrusterPartyId")
    deposit = 0
    if wanted.deposit is not None:
        deposit = minor(wanted.deposit, field="deposit", currency=currency, least=0)
    first = await today_of(gateway) if wanted.firstDate is None else day_of(wanted.firstDate)
    terms = {
        "productId": product.product_id,
        "version": product.version,
        "lender": lender,
        "borrower": borrower.account,
        "entruster": NOBODY if entruster is None else entruster.account,
        "annualRate": wanted.annualRate,
        "administrationFee": wanted.administrationFee,
        "limit": minor(wanted.limit, field="limit", currency=currency),
        "deposit": deposit,
        "firstDay": first,
        "lastDay": day_of(wanted.lastDate),
        "legalTextHash": product.terms["legalTextHash"],
        "nonce": secrets.randbits(63),
    }
    _check_terms(product, terms)
    digest = typed_data_digest(views.domain(gateway), "FacilityTerms", terms)
    row = ProposalRow(
        id=new_id(),
        lender=lender,
        borrower=borrower.account,
        entruster=None if entruster is None else entruster.account,
        currency=currency,
        terms=terms,
        lender_signature=None,
        borrower_signature=None,
        entruster_signature=None,
        operation_id=None,
    )
    lacking: list[Approval] = []
    if await in_custody(gateway, caller):
        row.lender_signature = await _signed(gateway, caller, digest)
        lacking = await missing(gateway, _funding(gateway, row, lender, currency))

    def write(connection: Connection) -> Answer:
        for one in lacking:
            enqueue_approval(connection, command, one, signer=lender)
        repository.add_proposal(connection, row, digest="0x" + digest.hex())
        names = parties.names(connection, set(row.signers().values()))
        return Answer(views.proposal(gateway, row, names), 201)

    return await command.carry_out(write)


def _check_terms(product: ProductRow, terms: dict[str, Any]) -> None:
    """What the ledger would refuse only once all have signed."""
    bounds = {
        "annualRate": (product.terms["leastRate"], product.terms["mostRate"]),
        "limit": (1, product.terms["borrowerLimit"]),
        "deposit": (0, terms["limit"]),
        "lastDate": (terms["firstDay"], 2**24 - 1),
    }
    for field, (least, most) in bounds.items():
        value = terms["lastDay" if field == "lastDate" else field]
        if not least <= value <= most:
            raise BadInput(
                f"{field} is {value}, product {product.code} allows {least} to {most}",
                name="term-out-of-range",
                field=field,
            )
    entrusted = product.terms["funding"] == 2
    if entrusted != (terms["entruster"] != NOBODY):
        words = "needs" if entrusted else "has no"
        raise BadInput(f"product {product.code} {words} an entruster", field="entrusterPartyId")


def _funding(gateway: Gateway, row: ProposalRow, account: str, currency: str) -> list[Approval]:
    """Leave that the one whose money it is gives: for draws, and for the reserve's share."""
    funder = row.entruster or row.lender
    if account != funder:
        return []
    return [
        cash_approval(gateway, currency=currency, owner=account, spender=spender)
        for spender in (CONTRACT, "RiskReserve")
    ]


async def _signed(gateway: Gateway, caller: Caller, digest: bytes) -> str:
    signer = await asyncio.to_thread(gateway.keystore.signer, caller.acting())
    return "0x" + signer.sign_hash(digest).hex()


async def proposal(gateway: Gateway, caller: Caller, identifier: str) -> ProposalRow:
    """A proposal that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.proposal(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in row.signers().values()):
        raise NotFound(f"there is no proposal {identifier}", name="proposal-unknown")
    return row


async def sign(command: Command, identifier: str, signature: str | None) -> Response:
    """One party's signature; with the last one the line is agreed on the ledger.

    Raises:
        NotFound, Forbidden, Conflict, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    row = await proposal(gateway, caller, identifier)
    account = caller.acting()
    roles = [role for role, signer in row.signers().items() if signer == account]
    if not roles:
        raise Forbidden("only those whom the line names sign it", name="not-signer")
    role = roles[0]
    digest = typed_data_digest(views.domain(gateway), "FacilityTerms", row.terms)
    custody = await in_custody(gateway, caller)
    if signature is not None:
        signed_by = recover(digest, bytes.fromhex(signature[2:]))
        if signed_by != account:
            raise SignatureMismatch(f"signed by {signed_by}, not by {account}")
    elif custody:
        signature = await _signed(gateway, caller, digest)
    else:
        raise BadInput(
            "the gateway does not keep this party's key",
            name="signature-missing",
            field="signature",
            fix="sign the typed data with the party's own wallet and give the signature",
        )
    kept = signature.lower()
    approvals = _funding(gateway, row, account, row.currency) if custody else []
    if set(row.missing()) - {role}:
        lacking = await missing(gateway, approvals)

        def write(connection: Connection) -> Answer:
            for one in lacking:
                enqueue_approval(connection, command, one, signer=account)
            found = repository.sign_proposal(
                connection, identifier=identifier, role=role, signature=kept
            )
            names = parties.names(connection, set(found.signers().values()))
            return Answer(views.proposal(gateway, found, names), 200)

        return await command.carry_out(write)
    return await _agree(command, row, role=role, signature=kept, approvals=approvals)


async def _agree(
    command: Command, row: ProposalRow, *, role: str, signature: str, approvals: list[Approval]
) -> Response:
    gateway = command.gateway
    setattr(row, f"{role}_signature", signature)
    arguments = [
        *(row.terms, row.lender_signature, row.borrower_signature),
        row.entruster_signature or "0x",
    ]

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        repository.sign_proposal(connection, identifier=row.id, role=role, signature=signature)
        claim_once(
            connection,
            "facility_proposals",
            identifier=row.id,
            operation_id=operation.id,
            what="the line",
        )
        found = repository.proposal(connection, row.id)
        assert found is not None
        names = parties.names(connection, set(found.signers().values()))
        return views.proposal(gateway, found, names)

    subject = {"proposalId": row.id}
    wanted = Act("agree-facility", CONTRACT, "agree", arguments, subject, approvals)
    return await act(command, wanted, also=also)


async def facility(gateway: Gateway, caller: Caller, facility_id: int) -> FacilityRow:
    """A line that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(
        lambda connection: repository.facility(connection, facility_id)
    )
    named = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in named)):
        raise NotFound(f"there is no facility {facility_id}", name="facility-unknown")
    return row


async def product_in(gateway: Gateway, product_id: int) -> ProductRow:
    """The product that a request names.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.product(connection, product_id))
    if row is None:
        raise NotFound(f"there is no product {product_id}", name="product-unknown")
    return row


async def pay_deposit(command: Command, facility_id: int, money: Any) -> Response:
    """Pays on a line's deposit, from the caller's own account."""
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway, currency=currency, owner=command.caller.acting(), spender=CONTRACT
    )
    subject = {"facilityId": facility_id}
    wanted = Act("pay-deposit", CONTRACT, "payDeposit", [facility_id, amount], subject, (approval,))
    return await act(command, wanted)


async def close(command: Command, facility_id: int) -> Response:
    """Closes a line on which nothing is owed; its deposit goes back."""
    await facility(command.gateway, command.caller, facility_id)
    subject = {"facilityId": facility_id}
    return await act(command, Act("close-facility", CONTRACT, "close", [facility_id], subject))


async def draw(command: Command, facility_id: int, wanted: NewDraw) -> Response:
    """Money from the lender to the borrower, with the lien on the cover.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await facility(gateway, caller, facility_id)
    if caller.acting() != row.borrower:
        raise Forbidden("only the borrower draws on a line", name="not-borrower")
    currency = gateway.currency_at(row.currency)
    product = await gateway.storage.read(
        lambda connection: repository.product(connection, row.product_id, version=row.version)
    )
    assert product is not None
    cover = COVER[product.terms["cover"]]
    if (cover == "none") != (wanted.coverId is None):
        words = "takes no cover" if cover == "none" else f"needs a {cover} as cover"
        raise BadInput(f"product {product.code} {words}", field="coverId", fix=f"cover: {cover}")
    approvals = []
    if cover == "claim":
        approvals.append(claims_approval(gateway, owner=row.borrower, spender=CONTRACT))
    elif cover == "order":
        approvals.append(orders_approval(gateway, owner=row.borrower, spender=CONTRACT))
        # For the day when the order's loan passes to the claim.
        approvals.append(claims_approval(gateway, owner=row.borrower, spender=CONTRACT))
    request = {
        "facilityId": facility_id,
        "amount": minor(wanted.amount, field="amount", currency=currency),
        "style": STYLES.index(wanted.style),
        "tenor": wanted.tenor,
        "coverId": wanted.coverId or 0,
    }
    subject = {"facilityId": facility_id}
    return await act(command, Act("draw-loan", CONTRACT, "draw", [request], subject, approvals))


# ------------------------------------------------------------------ loans


async def loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    named = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in named)):
        raise NotFound(f"there is no loan {loan_id}", name="loan-unknown")
    return row


async def repay(command: Command, loan_id: int, money: Any) -> Response:
    """Pays on a loan, from the caller's own account; at most what is owed is taken."""
    gateway = command.gateway
    row = await loan(gateway, command.caller, loan_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    approval = cash_approval(gateway, currency=currency, owner=payer, spender=CONTRACT)
    arguments = [loan_id, min(amount, MOST_REPAYMENT)]
    subject = {"loanId": loan_id}
    return await act(command, Act("repay-loan", CONTRACT, "repay", arguments, subject, (approval,)))


async def pass_to_receivable(
    command: Command, loan_id: int, receivable_id: int, signature: str | None
) -> Response:
    """The buyer confirms the invoice of a financed order: loan and lien pass to its claim at once.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    debt, word = await receivables.debtors_word(command, receivable_id, signature)
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    if row is None or row.cover != "order" or row.borrower != debt.seller:
        raise NotFound(
            f"there is no loan {loan_id} on an order of this seller", name="loan-unknown"
        )
    arguments = [loan_id, receivable_id, debt.claim_id or 0, word]
    subject = {"loanId": loan_id, "receivableId": receivable_id}
    return await act(
        command, Act("pass-to-receivable", CONTRACT, "passToReceivable", arguments, subject)
    )


async def in_instalments(command: Command, loan_id: int, months: int) -> Response:
    """A purchase on a bill becomes instalments, at the borrower's word."""
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower chooses instalments", name="not-borrower")
    subject = {"loanId": loan_id}
    wanted = Act("pay-in-instalments", CONTRACT, "payInInstalments", [[loan_id], months], subject)
    return await act(command, wanted)


async def step(command: Command, loan_id: int, *, kind: str, function: str, side: str) -> Response:
    """Overdue (anyone near it), default, loss and write-off (the lender)."""
    row = await loan(command.gateway, command.caller, loan_id)
    if side == "lender" and command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    return await act(command, Act(kind, CONTRACT, function, [loan_id], {"loanId": loan_id}))


async def portfolio(gateway: Gateway, caller: Caller) -> dict[str, Any]:
    """What is lent (by the caller, or by all), by age and by maturity."""
    account = None if caller.sees_all else caller.acting()

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        ages = repository.ageing(connection, account=account, today=today)
        ladder = repository.maturities(connection, account=account, today=today)
        return {
            "ageing": views.classes(gateway, ages, views.AGES),
            "maturities": views.classes(gateway, ladder, views.MATURITIES),
            "asOf": as_of,
        }

    return await gateway.storage.read(find)
