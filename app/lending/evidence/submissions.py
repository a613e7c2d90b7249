"""Documents on the ledger: the borrower submits them, the lender or its attester accepts them."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.calendar import date_of
from app.domain.catalogue import DOCUMENT_KINDS
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view, time_view
from app.lending import access
from app.lending import repository as lending
from app.lending.commands import CONTRACT
from app.lending.evidence import repository, uploads
from app.lending.evidence.repository import StoredDocument, SubmittedDocument
from app.lending.evidence.schemas import FacilityDocuments, LoanDocument, LoanDocuments
from app.lending.evidence.uploads import DocumentTerms
from app.lending.rows import FacilityRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

AUDITOR = "auditor"


async def submit(command: Command, facility_id: int, identifiers: list[str]) -> Change:
    """The borrower submits documents of its own to a facility.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway, caller = command.gateway, command.caller
    row = await access.facility(gateway, caller, facility_id)
    if caller.acting() != row.borrower:
        raise Forbidden("only the borrower submits documents", name="not-borrower")
    if len(set(identifiers)) != len(identifiers):
        raise BadInput(
            "a document is there twice", field="documentIds", fix="name each document once"
        )
    documents = [await uploads.own(gateway, caller, identifier) for identifier in identifiers]
    subject = {"facilityId": facility_id}
    arguments = [facility_id, documents]
    return await change_for(
        command,
        NewOperation("submit-documents", CONTRACT, "submitDocuments", arguments, subject),
    )


async def accept(command: Command, facility_id: int, fingerprint: str, read: str | None) -> Change:
    """The lender, the entruster or the named attester accepts a document as genuine.

    The acceptance names what the upload says: amount, day and kind, which count, beside the root.

    Args:
        read: the root of the document that was read; None: whatever was submitted last.

    Raises:
        NotFound, Forbidden.
        Conflict: the ledger has another content than the upload, or there is no upload; or the
            borrower submitted another document since.
    """
    gateway, caller = command.gateway, command.caller
    row = await facility_with_documents(gateway, caller, facility_id)
    if caller.acting() == row.borrower or caller.sees_all:
        raise Forbidden("the borrower does not accept its own documents", name="not-attester")
    submitted, stored = await gateway.storage.read(
        lambda connection: _with_upload(connection, facility_id, fingerprint)
    )
    if submitted is None:
        raise NotFound(
            say(
                "facility {facility_id} has no document {fingerprint}",
                facility_id=facility_id,
                fingerprint=fingerprint,
            ),
            name="document-unknown",
        )
    if read is not None and read != submitted.document_root:
        raise Conflict(
            "the borrower has submitted another document under this number since you read it",
            name="document-changed",
            field="root",
            fix="read it again, and accept it if it is genuine",
        )
    terms = None if stored is None else uploads.terms_of(gateway, stored)
    if terms is None or not _is_same(submitted, terms):
        words = (
            say("no upload of the borrower")
            if terms is None
            else say("an upload with another content")
        )
        raise Conflict(
            say(
                "behind the document {fingerprint} on the ledger is {words}",
                fingerprint=fingerprint,
                words=words,
            ),
            name="document-differs",
            fix=say(
                "let the borrower submit the document as it uploaded it: POST "
                "/v1/facilities/{facility_id}/documents",
                facility_id=facility_id,
            ),
        )
    arguments = [facility_id, terms]
    subject = {"facilityId": facility_id}
    return await change_for(
        command, NewOperation("accept-document", CONTRACT, "acceptDocument", arguments, subject)
    )


def _with_upload(
    connection: Connection, facility_id: int, fingerprint: str
) -> tuple[SubmittedDocument | None, StoredDocument | None]:
    submitted = repository.submitted(connection, facility_id, fingerprint)
    if submitted is None:
        return None, None
    return submitted, repository.content_of(connection, submitted)


def _is_same(submitted: SubmittedDocument, terms: DocumentTerms) -> bool:
    """Whether the ledger has what the upload says, beside fingerprint and root."""
    said = (terms["amount"], terms["day"], terms["kind"])
    return (submitted.amount, submitted.day, submitted.kind) == said


async def name_attester(command: Command, facility_id: int, party_id: str | None) -> Change:
    """The lender's side names who accepts documents, and whose reports of trade count.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row = await access.facility(gateway, command.caller, facility_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender names an attester", name="not-lender")
    account = ZERO_ADDRESS
    if party_id is not None:
        account = (await party_in(gateway, party_id, field="partyId")).account
    subject = {"facilityId": facility_id}
    return await change_for(
        command,
        NewOperation("name-attester", CONTRACT, "nameAttester", [facility_id, account], subject),
    )


async def facility_with_documents(
    gateway: Gateway, caller: Caller, facility_id: int
) -> FacilityRow:
    """A facility whose documents the caller may see: as a side, its attester or an auditor.

    Raises:
        NotFound.
    """
    row, is_attester = await gateway.storage.read(
        lambda connection: (
            lending.facility(connection, facility_id),
            _is_attester(connection, caller, facility_id),
        )
    )
    if row is None or not (_is_side(caller, row) or is_attester):
        raise NotFound(
            say("there is no facility {facility_id}", facility_id=facility_id),
            name="facility-unknown",
        )
    return row


async def of_facility(
    gateway: Gateway, caller: Caller, facility_id: int, *, before: str | None, limit: int
) -> FacilityDocuments:
    """The documents that were submitted to a facility, with their content.

    Raises:
        NotFound.
    """
    row = await facility_with_documents(gateway, caller, facility_id)

    def find(connection: Connection) -> FacilityDocuments:
        _, as_of = moment(connection)
        rows = repository.of_facility(connection, facility_id, before=before, limit=limit)
        items = _views(gateway, connection, row.currency, rows)
        following = rows[-1].fingerprint if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def of_loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanDocuments:
    """The documents that a loan's draw used, with their content.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> LoanDocuments | None:
        _, as_of = moment(connection)
        row = lending.loan(connection, loan_id)
        if row is None:
            return None
        if not (_is_side(caller, row) or _is_attester(connection, caller, row.facility_id)):
            return None
        rows = repository.of_loan(connection, loan_id)
        return {"items": _views(gateway, connection, row.currency, rows), "asOf": as_of}

    documents = await gateway.storage.read(find)
    if documents is None:
        raise NotFound(say("there is no loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    return documents


def _is_side(caller: Caller, row: access.Sides) -> bool:
    """Whether the caller is a side of it, or an auditor. Other officials see no documents."""
    sides = (row.lender, row.borrower, row.entruster)
    return AUDITOR in caller.roles or (caller.account is not None and caller.account in sides)


def _is_attester(connection: Connection, caller: Caller, facility_id: int) -> bool:
    if caller.account is None:
        return False
    named = repository.attester(connection, facility_id)
    return named is not None and named[0] == repository.party_of(connection, caller.account)


def _views(
    gateway: Gateway, connection: Connection, token: str, rows: list[SubmittedDocument]
) -> list[LoanDocument]:
    currency = gateway.currency_at(token)
    names = parties.names(connection, {row.accepted_by or "" for row in rows})
    return [_view(gateway, connection, row, names, currency=currency) for row in rows]


def _view(
    gateway: Gateway, connection: Connection, row: SubmittedDocument, names: Names, *, currency: str
) -> LoanDocument:
    stored = repository.content_of(connection, row)
    content = None if stored is None else uploads.opened(gateway, stored)
    declared = row.amount and content is not None
    return {
        "facilityId": row.facility_id,
        "loanId": row.loan_id,
        "kind": DOCUMENT_KINDS[row.kind],
        "fingerprint": row.fingerprint,
        "root": row.document_root,
        "date": date_of(row.day).isoformat(),
        "amount": money_view(row.amount, currency=currency) if declared else None,
        "offered": bool(row.offered),
        "acceptedBy": None if row.accepted_by is None else party_view(row.accepted_by, names),
        "content": None if content is None else content.content,
        "transactionHash": row.transaction_hash,
        "at": time_view(row.timestamp),
    }
