"""Drafts that several sides sign: made by one, signed by all, carried out by one call."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import RpcError
from app.chain.evm.signers import recover
from app.chain.evm.typed_data import typed_data, typed_data_digest
from app.chain.outbox.operation import Operation, new_id
from app.chain.outbox.outbox import SignatureMismatch
from app.domain.calendar import day_of, start_of
from app.domain.quantity import QuantityInvalid, thousandths
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import Approval, cash_approval, missing, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command
from app.gateway.execution import Act, act, claim_once, enqueue_approval, in_custody
from app.gateway.gateway import Gateway
from app.gateway.ledger import call, require_new_risk
from app.gateway.money import minor
from app.gateway.read_as_of import deadline, moment
from app.gateway.views import party_view
from app.lending import access
from app.lending.agreements import repository
from app.lending.agreements.kinds import FACILITIES, KINDS, RESERVE, Kind
from app.lending.agreements.repository import AgreementRow
from app.lending.agreements.schemas import (
    NewBuyBack,
    NewCosts,
    NewExtension,
    NewInKind,
    NewInsurance,
    NewSetOff,
    NewSharing,
)
from app.lending.products import service as products
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

_SHARING = (
    *("sharer", "part", "validUntil", "fromDay", "currency", "left"),
    *("afterLoan", "termsHash"),
)
# What the borrower hands over, and what each promises to pay at most: fields of the terms.
HANDED_OVER = {"set-off": ("claim", "claimId"), "settle-in-kind": ("receipt", "receiptId")}
PROMISED = {
    "undertaker": (FACILITIES, "most"),
    "sharer": (RESERVE, "cap"),
    "insurer": (RESERVE, "cover"),
}
NEW_PROMISES = frozenset(("buy-back", "sharing", "insurance"))
_STATES = {
    "accepted": "under-way",
    "submitted": "under-way",
    "included": "agreed",
    "final": "agreed",
}


# ------------------------------------------------------------------ drafts


async def extend(command: Command, loan_id: int, wanted: NewExtension) -> Response:
    """More time for a loan, proposed by either side.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    row, signers = await _sides(command, loan_id)
    bullet = row.state().terms.periods == 1
    if bullet != (wanted.dueDate is not None) or bullet == (wanted.months is not None):
        field = "dueDate" if bullet else "months"
        raise BadInput(f"this loan takes a later {field}, and that alone", field=field)
    terms = {
        "loanId": loan_id,
        "dueDay": 0 if wanted.dueDate is None else day_of(wanted.dueDate),
        "periods": wanted.months or 0,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "extension", loan_id, row.currency, terms, signers)


async def set_off(command: Command, loan_id: int, wanted: NewSetOff) -> Response:
    """A claim in place of money, proposed by either side."""
    row, signers = await _sides(command, loan_id)
    currency = command.gateway.currency_at(row.currency)
    terms = {
        "loanId": loan_id,
        "claimId": wanted.claimId,
        "claimValue": minor(wanted.claimValue, field="claimValue", currency=currency),
        "credit": minor(wanted.credit, field="credit", currency=currency),
        "papersRoot": wanted.papersRoot,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "set-off", loan_id, row.currency, terms, signers)


async def settle_in_kind(command: Command, loan_id: int, wanted: NewInKind) -> Response:
    """Goods in place of money, proposed by either side: out of the cover, or free ones."""
    row, signers = await _sides(command, loan_id)
    currency = command.gateway.currency_at(row.currency)
    try:
        quantity = thousandths(wanted.quantity)
    except QuantityInvalid as error:
        raise BadInput(str(error), name="quantity-invalid", field="quantity") from error
    terms = {
        "loanId": loan_id,
        "receiptId": wanted.receiptId,
        "quantity": quantity,
        "credit": minor(wanted.credit, field="credit", currency=currency),
        "papersRoot": wanted.papersRoot,
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "settle-in-kind", loan_id, row.currency, terms, signers)


async def buy_back(command: Command, facility_id: int, wanted: NewBuyBack) -> Response:
    """Who buys the goods of a line's loans: the lender asks, the undertaker signs, the lender
    puts it on the ledger.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    line = await access.facility(gateway, command.caller, facility_id)
    lender = command.caller.acting()
    if lender not in (line.lender, line.entruster):
        raise Forbidden("only the lender asks for an undertaking", name="not-lender")
    undertaker = await party_in(gateway, wanted.undertakerPartyId, field="undertakerPartyId")
    if undertaker.account in (line.borrower, line.lender, line.entruster):
        raise BadInput("neither of the line's own sides", field="undertakerPartyId")
    last_day = day_of(wanted.lastDate)
    if last_day < await access.today_of(gateway):
        raise BadInput("the day has passed", field="lastDate", fix="give a later day")
    currency = gateway.currency_at(line.currency)
    terms = {
        "facilityId": facility_id,
        "undertaker": undertaker.account,
        "share": wanted.share,
        "most": minor(wanted.most, field="most", currency=currency),
        "lastDay": last_day,
        "legalTextHash": line.legal_text_hash,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    signers = {"undertaker": undertaker.account, "lender": lender}
    return await _propose(command, "buy-back", facility_id, line.currency, terms, signers)


async def charge_costs(command: Command, loan_id: int, wanted: NewCosts) -> Response:
    """Costs of enforcement: the lender asks, the borrower signs, the lender charges."""
    row, signers = await _sides(command, loan_id)
    if command.caller.acting() == signers["borrower"]:
        raise Forbidden("only the lender charges costs", name="not-lender")
    currency = command.gateway.currency_at(row.currency)
    terms = {
        "loanId": loan_id,
        "amount": minor(wanted.amount, field="amount", currency=currency),
        "papersHash": "0x" + keccak(wanted.papers.encode()).hex(),
        "deadline": await deadline(command.gateway),
        "nonce": secrets.randbits(63),
    }
    return await _propose(command, "costs", loan_id, row.currency, terms, signers)


async def share(command: Command, product_id: int, wanted: NewSharing) -> Response:
    """A part of a product's losses for a sharer, proposed and carried out by the operator."""
    gateway = command.gateway
    product = await products.product_in(gateway, product_id)
    sharer = await party_in(gateway, wanted.sharerPartyId, field="sharerPartyId")
    address = product.terms["currency"]
    terms = {
        "productId": product_id,
        "sharer": sharer.account,
        "currency": address,
        "part": wanted.part,
        "cap": minor(wanted.cap, field="cap", currency=gateway.currency_at(address)),
        "legalTextHash": product.terms["legalTextHash"],
        **await _validity(gateway, wanted.lastDate),
        "nonce": secrets.randbits(63),
    }
    signers = {"sharer": sharer.account, "operator": command.caller.acting()}
    return await _propose(command, "sharing", product_id, address, terms, signers)


async def end_sharing(command: Command, product_id: int, place: int) -> Response:
    """The end of a sharing before its time: the operator asks, the sharer signs, the operator ends.

    Raises:
        NotFound, Conflict.
    """
    gateway = command.gateway
    product = await products.product_in(gateway, product_id)
    try:
        held = await call(gateway, RESERVE, "sharingOf", [product_id, place])
    except RpcError as error:
        if not error.is_revert:
            raise
        words = f"product {product_id} has no sharing at place {place}"
        raise NotFound(words, name="sharing-unknown") from error
    sharing = held if isinstance(held, dict) else dict(zip(_SHARING, held, strict=True))
    now, _ = await gateway.storage.read(moment)
    if sharing["validUntil"] <= now:
        raise Conflict("the sharing has ended", name="sharing-ended")
    terms = {
        "termsHash": sharing["termsHash"],
        "productId": product_id,
        "place": place,
        "deadline": await deadline(gateway),
    }
    signers = {"sharer": sharing["sharer"], "operator": command.caller.acting()}
    address = product.terms["currency"]
    return await _propose(command, "sharing-end", product_id, address, terms, signers)


async def insure(command: Command, facility_id: int, wanted: NewInsurance) -> Response:
    """Cover for a line's losses, asked for by its lender."""
    gateway = command.gateway
    line = await access.facility(gateway, command.caller, facility_id)
    insured = line.entruster or line.lender
    if command.caller.acting() != insured:
        raise Forbidden("only the one whose money is lent insures it", name="not-lender")
    insurer = await party_in(gateway, wanted.insurerPartyId, field="insurerPartyId")
    if insurer.account == insured:
        raise BadInput("nobody insures itself", field="insurerPartyId")
    currency = gateway.currency_at(line.currency)
    terms = {
        "facilityId": facility_id,
        "insurer": insurer.account,
        "insured": insured,
        "currency": line.currency,
        "cover": minor(wanted.cover, field="cover", currency=currency),
        "legalTextHash": line.legal_text_hash,
        **await _validity(gateway, wanted.lastDate),
        "nonce": secrets.randbits(63),
    }
    signers = {"insurer": insurer.account, "insured": insured}
    return await _propose(command, "insurance", facility_id, line.currency, terms, signers)


async def _sides(command: Command, loan_id: int) -> tuple[LoanRow, dict[str, str]]:
    """The loan, and who signs for its two sides: for the lender the one whose money it is."""
    row = await access.loan(command.gateway, command.caller, loan_id)
    signers = {"lender": row.entruster or row.lender, "borrower": row.borrower}
    if command.caller.acting() not in signers.values():
        raise Forbidden("only the loan's two sides change it", name="not-side")
    return row, signers


async def _validity(gateway: Gateway, last: Any) -> dict[str, int]:
    now, _ = await gateway.storage.read(moment)
    ends = start_of(day_of(last) + 1, zone_offset=gateway.zone_offset)
    until = int(ends.timestamp())
    if until <= now:
        raise BadInput("the day has passed", field="lastDate", fix="give a later day")
    return {"validFrom": now, "validUntil": until, "deadline": await deadline(gateway)}


async def _propose(
    command: Command,
    name: str,
    subject_id: int,
    currency: str,
    terms: dict[str, Any],
    signers: dict[str, str],
) -> Response:
    """Keeps the draft; signed by the caller at once when its key is in custody."""
    gateway, caller, kind = command.gateway, command.caller, KINDS[name]
    if name in NEW_PROMISES:
        await require_new_risk(gateway)
    row = AgreementRow(new_id(), name, subject_id, gateway.currency_at(currency), terms)
    row.signers = signers
    digest = typed_data_digest(kind.domain(gateway), kind.struct, terms)
    lacking: list[Approval] = []
    account = caller.acting()
    roles = [role for role in kind.signs if signers[role] == account]
    if roles and await in_custody(gateway, caller):
        row.signatures = {roles[0]: await _signed(gateway, caller, digest)}
        lacking = await missing(gateway, _approvals(gateway, row, roles[0], account))

    def write(connection: Connection) -> Answer:
        for one in lacking:
            enqueue_approval(connection, command, one, signer=account)
        repository.add(connection, row, digest="0x" + digest.hex())
        return Answer(_view(gateway, connection, row), 201)

    return await command.carry_out(write)


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


async def seen(gateway: Gateway, caller: Caller, identifier: str) -> dict[str, Any]:
    """One of them, with what is signed."""
    row = await agreement(gateway, caller, identifier)
    return await gateway.storage.read(lambda connection: _view(gateway, connection, row))


async def page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> dict[str, Any]:
    """Newest first."""
    account = None if caller.sees_all else caller.account or ""

    def find(connection: Connection) -> dict[str, Any]:
        rows = repository.page(connection, account=account, before=before, limit=limit)
        items = [_view(gateway, connection, row) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def sign(command: Command, identifier: str, signature: str | None) -> Response:
    """One side's signature; the last one carries it out, where no one else must.

    Raises:
        NotFound, Forbidden, Conflict, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    row = await agreement(gateway, caller, identifier)
    if row.kind in NEW_PROMISES:
        await require_new_risk(gateway)
    kind, account = KINDS[row.kind], caller.acting()
    roles = [role for role in kind.signs if row.signers[role] == account]
    if not roles:
        raise Forbidden("only those whom the agreement names sign it", name="not-signer")
    await _require_standing(gateway, row)
    role = roles[0]
    digest = typed_data_digest(kind.domain(gateway), kind.struct, row.terms)
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
    approvals = _approvals(gateway, row, role, account) if custody else []
    row.signatures[role] = kept
    if kind.sender is None and not row.missing(kind.signs):
        return await _carry_out(command, row, kind, signed=role, approvals=approvals)
    lacking = await missing(gateway, approvals)

    def write(connection: Connection) -> Answer:
        for one in lacking:
            enqueue_approval(connection, command, one, signer=account)
        found = repository.sign(connection, identifier=identifier, role=role, signature=kept)
        return Answer(_view(gateway, connection, found), 200)

    return await command.carry_out(write)


async def withdraw(command: Command, identifier: str) -> Response:
    """Takes the caller's signature back on the ledger, whether it was given yet or not.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway = command.gateway
    row = await agreement(gateway, command.caller, identifier)
    kind, account = KINDS[row.kind], command.caller.acting()
    if account not in [row.signers[role] for role in kind.signs]:
        raise Forbidden("only those whom the agreement names sign it", name="not-signer")
    if row.operation_state in ("included", "final"):
        raise Conflict("the agreement was carried out", name="agreement-carried-out")
    digest = "0x" + typed_data_digest(kind.domain(gateway), kind.struct, row.terms).hex()
    subject = {"agreementId": row.id}
    wanted = Act("withdraw-signature", kind.contract, "cancelSignature", [digest], subject)
    return await act(command, wanted)


async def execute(command: Command, identifier: str) -> Response:
    """Carries out what all have signed.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await agreement(command.gateway, command.caller, identifier)
    kind, account = KINDS[row.kind], command.caller.acting()
    if kind.sender == "operator":
        # Any operator: two persons are asked for where a product changes, not here.
        if "operator" not in command.caller.roles:
            raise Forbidden("only an operator carries this out", name="not-sender")
    elif account not in ([row.signers[kind.sender]] if kind.sender else row.signers.values()):
        raise Forbidden("only its sender carries this out", name="not-sender")
    lacking = row.missing(kind.signs)
    if lacking:
        raise Conflict(
            f"the agreement waits for {', '.join(lacking)}",
            name="signature-missing",
            fix="each side signs it first",
        )
    await _require_standing(command.gateway, row)
    return await _carry_out(command, row, kind, signed=None, approvals=[])


async def _carry_out(
    command: Command,
    row: AgreementRow,
    kind: Kind,
    *,
    signed: str | None,
    approvals: list[Approval],
) -> Response:
    gateway = command.gateway
    signatures = [str(row.signatures[role]) for role in kind.signs]

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        if signed is not None:
            repository.sign(
                connection,
                identifier=row.id,
                role=signed,
                signature=str(row.signatures[signed]),
            )
        claim_once(
            connection,
            "agreements",
            identifier=row.id,
            operation_id=operation.id,
            what="the agreement",
        )
        found = repository.find(connection, row.id)
        assert found is not None
        return _view(gateway, connection, found)

    arguments = kind.arguments(row.terms, signatures)
    subject = {"agreementId": row.id}
    wanted = Act(f"agree-{row.kind}", kind.contract, kind.function, arguments, subject, approvals)
    return await act(command, wanted, also=also)


# ------------------------------------------------------------------ parts of the above


def _approvals(gateway: Gateway, row: AgreementRow, role: str, account: str) -> list[Approval]:
    """Approvals that a signer gives with its signature: of the claim that it hands over, of its
    part of losses."""
    if row.kind in HANDED_OVER and role == "borrower":
        kind, field = HANDED_OVER[row.kind]
        return token_approvals(
            gateway, kind=kind, owner=account, spender=FACILITIES, ids=[row.terms[field]]
        )
    # An insurer pays by a command of its own, which approves what it needs.
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
            amount=row.terms[field],
            standing=True,
        )
    ]


async def _signed(gateway: Gateway, caller: Caller, digest: bytes) -> str:
    signer = await gateway.key_work.run(gateway.keystore.signer, caller.acting())
    return "0x" + signer.sign_hash(digest).hex()


def _withdrawn(gateway: Gateway, connection: Connection, row: AgreementRow) -> bool:
    """Whether a signer took its signature back."""
    kind = KINDS[row.kind]
    digest = "0x" + typed_data_digest(kind.domain(gateway), kind.struct, row.terms).hex()
    found = repository.withdrawn(connection, contract=kind.contract, digest=digest)
    return not found.isdisjoint(row.signers[role] for role in kind.signs)


async def _require_standing(gateway: Gateway, row: AgreementRow) -> None:
    """Raises Conflict where a signer took its signature back: the ledger refuses it for ever."""
    if await gateway.storage.read(lambda connection: _withdrawn(gateway, connection, row)):
        raise Conflict(
            "a signer has taken its signature back",
            name="signature-withdrawn",
            fix="propose the agreement again",
        )


def _view(gateway: Gateway, connection: Connection, row: AgreementRow) -> dict[str, Any]:
    kind = KINDS[row.kind]
    names = parties.names(connection, set(row.signers.values()))
    lacking = row.missing(kind.signs)
    state = _STATES.get(row.operation_state or "", "waiting" if lacking else "signed")
    if state != "agreed" and _withdrawn(gateway, connection, row):
        state = "withdrawn"
    return {
        "id": row.id,
        "kind": row.kind,
        "subjectId": row.subject_id,
        "state": state,
        "missing": lacking,
        "parties": {role: party_view(account, names) for role, account in row.signers.items()},
        "operationId": row.operation_id,
        "typedData": typed_data(kind.domain(gateway), kind.struct, row.terms),
    }
