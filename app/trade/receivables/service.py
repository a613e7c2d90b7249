"""What parties do with receivables; reading them is in `reading.py`."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import keccak
from app.chain.evm.typed_data import Domain, receivables_domain, typed_data, typed_data_digest
from app.chain.outbox.operation import Operation
from app.domain.calendar import day_of
from app.domain.money import minor_units
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act, in_custody
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import minor
from app.parties.registry import repository as party_repository
from app.parties.registry import service as parties
from app.trade.documents import filing
from app.trade.documents import service as documents
from app.trade.documents.assignment import assignment_in
from app.trade.documents.fingerprint import instalment_mark, marks_of
from app.trade.documents.repository import DocumentRow
from app.trade.receivables import papers, repository
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.reading import receivable
from app.trade.receivables.schemas import NewReceivable

CONTRACT = "Receivables"


def domain(gateway: Gateway) -> Domain:
    """Where debtors' signatures count."""
    return receivables_domain(
        chain_id=gateway.chain_id, contract=gateway.contracts.address(CONTRACT)
    )


def text_hash(text: str) -> str:
    """Hash of a text that goes on the ledger; none for no text."""
    return "0x" + (keccak(text.encode()).hex() if text else "0" * 64)


# ------------------------------------------------------------------ request


async def request(command: Command, wanted: NewReceivable) -> Response:
    """Files a receivable from an invoice.

    Raises:
        BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seller = caller.acting()
    paper = await documents.own_document(gateway, caller, wanted.documentId)
    invoice = await documents.reading(gateway, paper)
    if paper.kind != "invoice":
        raise BadInput(
            "a credit note is no debt",
            field="documentId",
            fix="apply it to its receivable: POST /v1/receivables/{id}/credit-notes",
        )
    _require_unassigned(invoice)
    currency = _currency(gateway, invoice["currency"])
    part = _part(invoice, paper.fingerprint, wanted)
    debtor = await _debtor(gateway, invoice, wanted)
    seller_party = await parties.party(gateway, str(caller.party_id))
    _require_own_mark(gateway, paper, invoice, seller=seller_party, debtor=debtor)
    originals = filing.originals_of(gateway, invoice, seller=seller_party, buyer=debtor)
    terms = {
        "seller": seller,
        "debtor": debtor.account,
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "faceAmount": minor_units(part.amount, currency=currency),
        "dueDay": day_of(part.due),
        "graceDays": wanted.graceDays,
        "lateRate": wanted.lateRate,
        "disputeDays": wanted.disputeDays,
        "maxDepth": wanted.maxDepth,
        "fingerprint": part.mark,
        "documentRoot": paper.root,
        "legalTextHash": gateway.legal_text_hash,
    }
    subject = {"documentId": paper.id, "debtor": debtor.id}
    if wanted.instalment is not None:
        subject["instalment"] = str(wanted.instalment)

    def also(connection: Connection, operation: Operation) -> None:
        filing.require_alone(connection, paper, originals, besides=operation.id)
        filing.require_unfiled(connection, invoice, part.excluded, field="documentId")

    act_wanted = Act("request-receivable", CONTRACT, "request", [terms], subject)
    return await act(command, act_wanted, also=also)


class _Part(msgspec.Struct, frozen=True):
    """What of an invoice is filed: amount as text, due day, fingerprint, and other fingerprints
    under which nothing may have been filed. The ledger itself refuses the same one twice.
    """

    amount: str
    due: datetime.date
    mark: str
    excluded: list[str]


def _part(invoice: dict[str, Any], mark: str, wanted: NewReceivable) -> _Part:
    """The whole invoice, or the instalment that is wanted.

    Raises:
        BadInput.
    """
    instalments = invoice.get("instalments") or []
    number = wanted.instalment
    if not instalments:
        if number is not None:
            raise BadInput(
                "the invoice is due as a whole", field="instalment", fix="leave instalment out"
            )
        due = _due_date(invoice["dueDate"], wanted)
        return _Part(invoice["payableAmount"], due, mark, marks_of(mark)[1:])
    if number is None or number > len(instalments):
        raise BadInput(
            f"the invoice is due in {len(instalments)} instalments",
            name="instalment-unknown",
            field="instalment",
            fix=f"file each by its number, 1 to {len(instalments)}",
        )
    one = instalments[number - 1]
    own = instalment_mark(mark, number)
    return _Part(one["amount"], _due_date(one["dueDate"], wanted), own, [mark])


def _require_unassigned(invoice: dict[str, Any]) -> None:
    """The paper does not say that its debt is another's.

    Raises:
        BadInput.
    """
    assignment = assignment_in(invoice)
    if assignment is not None:
        raise BadInput(
            f"the invoice says that it is assigned to {assignment.get('payee', 'another')} "
            f"({', '.join(assignment['basis'])}): its debt is not the seller's",
            name="document-assigned",
            field="documentId",
            fix="file an invoice that is payable to its seller alone, without an assignment clause",
            assignment=assignment,
        )


def _require_own_mark(
    gateway: Gateway,
    paper: DocumentRow,
    invoice: dict[str, Any],
    *,
    seller: party_repository.PartyRow,
    debtor: party_repository.PartyRow,
) -> None:
    """The fingerprint is the one of these two parties, so that no second upload has another.

    Raises:
        BadInput.
    """
    own = filing.mark(gateway, invoice, seller=seller, buyer=debtor)
    if own != paper.fingerprint:
        raise BadInput(
            "the document was uploaded before its buyer was registered, or before an upgrade",
            name="fingerprint-outdated",
            field="documentId",
            fix="upload it once more and file the new document",
        )


def _currency(gateway: Gateway, code: str) -> str:
    if code not in gateway.currencies():
        raise BadInput(
            f"there is no settlement token for {code}",
            name="currency-unknown",
            field="documentId",
            fix=f"one of {', '.join(gateway.currencies())}",
        )
    return code


def _due_date(stated: str | None, wanted: NewReceivable) -> datetime.date:
    if stated is not None:
        if wanted.dueDate is not None and wanted.dueDate.isoformat() != stated:
            raise BadInput(
                f"the invoice is due on {stated}", field="dueDate", fix="leave dueDate out"
            )
        return datetime.date.fromisoformat(stated)
    if wanted.dueDate is None:
        raise BadInput("the invoice states no due date", field="dueDate", fix="give dueDate")
    return wanted.dueDate


async def _debtor(
    gateway: Gateway, invoice: dict[str, Any], wanted: NewReceivable
) -> party_repository.PartyRow:
    """The buyer in the invoice, who must be the party that is named, if one is."""
    buyer = invoice["buyer"]
    found = await gateway.storage.read(
        lambda connection: filing.registered(gateway, connection, buyer)
    )
    if wanted.debtorPartyId is None:
        if len(found) > 1:
            raise BadInput(
                f"the buyer's identifiers are those of {' and '.join(row.name for row in found)}",
                name="debtor-ambiguous",
                field="debtorPartyId",
                fix="name the party that it is",
            )
        if not found:
            raise BadInput(
                f"the buyer {buyer['name']} ({buyer['id']}) is no party here",
                name="debtor-unknown",
                field="debtorPartyId",
                fix="have it registered, or name the party that it is",
            )
        return found[0]
    named = await parties.party_in(gateway, wanted.debtorPartyId, field="debtorPartyId")
    if not filing.names(gateway, buyer, named):
        raise BadInput(
            f"the invoice's buyer is {buyer['name']} ({buyer['id']}), not {named.name}",
            name="debtor-mismatch",
            field="debtorPartyId",
            fix="leave it out, or take the invoice of that buyer",
        )
    return named


# ------------------------------------------------------------------ the debtor's word


def confirmation_data(gateway: Gateway, row: ReceivableRow) -> dict[str, Any]:
    """What the debtor signs."""
    return typed_data(domain(gateway), "ReceivableTerms", terms_of(row))


def terms_of(row: ReceivableRow) -> dict[str, Any]:
    """The terms as filed."""
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


async def confirm(command: Command, receivable_id: int, signature: str | None) -> Response:
    """The debtor's signature over the terms goes on the ledger.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    _, word = await debtors_word(command, receivable_id, signature)
    subject = {"receivableId": receivable_id}
    wanted = Act("confirm-receivable", CONTRACT, "confirm", [receivable_id, word], subject)
    return await act(command, wanted)


async def debtors_word(
    command: Command, receivable_id: int, signature: str | None
) -> tuple[ReceivableRow, str]:
    """The debt, and the debtor's signature over its terms: given, or made by custody.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    require_debtor(command, row)
    if signature is None:
        await _require_papers(gateway, row)
        digest = typed_data_digest(domain(gateway), "ReceivableTerms", terms_of(row))
        signature = await sign(gateway, command.caller, digest)
    return row, signature


async def _require_papers(gateway: Gateway, row: ReceivableRow) -> None:
    """The gateway signs for a debtor only what the seller's own paper, kept here, says.

    Raises:
        Conflict.
    """
    found = await gateway.storage.read(lambda connection: papers.find(connection, row))
    judged = await papers.judge(gateway, row, found)
    if judged.assignment is not None:
        raise Conflict(
            f"the paper behind receivable {row.receivable_id} says that it is assigned to another: "
            "the gateway does not sign",
            name="document-assigned",
            fix="reject it; or sign with a wallet of the party's own",
            assignment=judged.assignment,
        )
    if not judged.hold:
        lacking = f"differs in {', '.join(judged.differs)}" if judged.differs else "is not here"
        raise Conflict(
            f"the paper behind receivable {row.receivable_id} {lacking}: the gateway does not sign",
            name="papers-unknown" if judged.document_id is None else "papers-differ",
            fix="reject it; or sign with a wallet of the party's own",
            differs=judged.differs,
        )


async def sign(gateway: Gateway, caller: Caller, digest: bytes) -> str:
    """The signature of a caller whose key is in custody.

    Raises:
        BadInput: its key is the party's own.
    """
    if not await in_custody(gateway, caller):
        raise BadInput(
            "the gateway does not keep this party's key",
            name="signature-missing",
            field="signature",
            fix="sign the typed data with the party's own wallet and give the signature",
        )
    signer = await gateway.key_work.run(gateway.keystore.signer, caller.acting())
    return "0x" + signer.sign_hash(digest).hex()


def require_debtor(command: Command, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the debtor."""
    if command.caller.acting() != row.debtor:
        raise Forbidden("only the debtor may do this", name="not-debtor")


def require_seller(command: Command, row: ReceivableRow) -> None:
    """Raises Forbidden for anybody but the seller."""
    if command.caller.acting() != row.seller:
        raise Forbidden("only the seller may do this", name="not-seller")


async def step(
    command: Command, receivable_id: int, *, kind: str, function: str, side: str, text: str | None
) -> Response:
    """Rejection, withdrawal, dispute and its end: by the debtor or the seller."""
    row = await receivable(command.gateway, command.caller, receivable_id)
    (require_debtor if side == "debtor" else require_seller)(command, row)
    arguments: list[Any] = [receivable_id]
    if text is not None:
        arguments.append(text_hash(text))
    subject = {"receivableId": receivable_id}
    return await act(command, Act(kind, CONTRACT, function, arguments, subject))


# ------------------------------------------------------------------ money


async def pay(command: Command, receivable_id: int, money: Any) -> Response:
    """Pays on a debt, from the caller's own account; at most what is due is taken."""
    gateway = command.gateway
    row = await receivable(gateway, command.caller, receivable_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    approval = cash_approval(
        gateway, currency=currency, owner=payer, spender=CONTRACT, amount=amount
    )
    subject = {"receivableId": receivable_id}
    wanted = Act("pay", CONTRACT, "pay", [receivable_id, amount], subject, (approval,))
    return await act(command, wanted)


async def by_holder(
    command: Command, receivable_id: int, *, kind: str, function: str, claim_id: int | None
) -> Response:
    """Default and write-off, which a holder or lienholder of a claim declares."""
    gateway = command.gateway
    await receivable(gateway, command.caller, receivable_id)
    claim = await _own_claim(command, receivable_id, claim_id, account=command.caller.acting())
    subject = {"receivableId": receivable_id, "claimId": claim}
    return await act(command, Act(kind, CONTRACT, function, [receivable_id, claim], subject))


async def _own_claim(
    command: Command, receivable_id: int, claim_id: int | None, *, account: str
) -> int:
    if claim_id is not None:
        return claim_id
    found = await command.gateway.storage.read(
        lambda connection: repository.largest_claim(
            connection, receivable_id=receivable_id, account=account
        )
    )
    if found is None:
        raise Conflict("the caller holds no claim on this receivable", name="not-holder")
    return found
