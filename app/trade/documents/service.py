"""Takes documents, encrypts them at rest, and shows them to their owner, debtor and auditors."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of
from app.domain.texts import say
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day
from app.gateway.views import time_view
from app.gateway.workers import Workers
from app.parties.registry import repository as parties
from app.storage.checkpoint import read_checkpoint
from app.trade.documents import filing, model, numbers, repository
from app.trade.documents.checks import check_document
from app.trade.documents.disclosure import Disclosure, disclosure
from app.trade.documents.fingerprint import fingerprints_of
from app.trade.documents.merkle import DocumentTree, fresh_salts
from app.trade.documents.model import Document
from app.trade.documents.reader import is_pdf, read_document
from app.trade.documents.repository import DocumentRow
from app.trade.documents.schemas import DocumentBody, DocumentPage
from app.trade.documents.views import Invoice


class DocumentContent(msgspec.Struct):
    """What the gateway encrypts of a document: its salts and bytes."""

    salts: dict[str, bytes]
    content: bytes


def read(gateway: Gateway, data: bytes, *, content_type: str, ledger_time: int = 0) -> Document:
    """Reads and checks a document.

    Args:
        gateway: holds the limit of a document's size.
        data: the file.
        content_type: as the sender states it.
        ledger_time: of the newest block, UTC seconds; today is the business day of it or of
            the clock, whichever is later.

    Raises:
        DocumentError.
    """
    document = read_document(
        data, content_type=content_type, limit_bytes=gateway.settings.document_limit
    )
    today = date_of(business_day(gateway, gateway.earliest(ledger_time)))
    check_document(document, today=today)
    return document


def _pool(gateway: Gateway, data: bytes) -> Workers:
    """PDFs take long to read; a pool of their own keeps them from delaying other documents."""
    return gateway.pdfs if is_pdf(data) else gateway.documents


async def upload(command: Command, data: bytes, *, content_type: str) -> Change:
    """Stores a document whose seller is the caller.

    Raises:
        BadInput, TooLarge, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    if caller.party_id is None:
        raise Forbidden("only a party can upload documents")
    owner = caller.party_id
    party, at = await gateway.storage.read(
        lambda connection: (parties.by_id(connection, owner), read_checkpoint(connection))
    )
    assert party is not None
    ledger_time = 0 if at is None else at.timestamp
    document = await _pool(gateway, data).run(
        read, gateway, data, content_type=content_type, ledger_time=ledger_time
    )
    invoice = model.view(document)
    filing.require_seller(gateway, invoice, party)
    buyers = await gateway.storage.read(
        lambda connection: filing.registered(gateway, connection, invoice["buyer"])
    )
    buyer = buyers[0] if len(buyers) == 1 else None
    fingerprint = filing.fingerprint_of(gateway, invoice, seller=party, buyer=buyer)
    originals = filing.originals_of(gateway, invoice, seller=party, buyer=buyer)
    fingerprints = fingerprints_of(fingerprint)
    fields = model.flatten(invoice)
    salts = fresh_salts(fields)
    root = "0x" + DocumentTree.build(fields, salts=salts).root.hex()
    identifier = new_id()
    encrypted = gateway.sealer.seal(
        msgspec.msgpack.encode(DocumentContent(salts, data)), about=f"document {identifier}"
    )
    row = DocumentRow(
        id=identifier,
        owner=owner,
        kind=document.kind,
        content_type=content_type,
        fingerprint=fingerprint,
        root=root,
        created_at=time.time(),
        model_sealed=gateway.sealer.seal(
            msgspec.json.encode(invoice), about=f"reading {identifier}"
        ),
    )

    def write(connection: Connection) -> Answer:
        filing.require_unfiled(connection, invoice, fingerprints, field="number")
        repository.add(connection, row, encrypted=encrypted)
        numbers.add(
            connection,
            gateway.ledger_key,
            number=invoice["number"],
            root=root,
            owner=owner,
            document_id=identifier,
        )
        repository.add_corrections(connection, identifier, originals)
        return Answer(_view(row, invoice), 201)

    return Change(write)


def may_see(connection: Connection, caller: Caller, row: DocumentRow) -> bool:
    """Whether the caller may see a document, as owner, as debtor or because it sees all."""
    if row.owner == caller.party_id or caller.sees_all:
        return True
    if row.kind == "credit-note":
        return caller.account in repository.credited_debtors(connection, row.id)
    return caller.account in repository.debtors(connection, row.id)


async def document(gateway: Gateway, caller: Caller, identifier: str) -> DocumentRow:
    """A document that the caller may see, as owner, as debtor or because it sees all.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> DocumentRow | None:
        row = repository.by_id(connection, identifier)
        return row if row is not None and may_see(connection, caller, row) else None

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(
            say("there is no document {identifier}", identifier=identifier), name="document-unknown"
        )
    return row


async def own_document(gateway: Gateway, caller: Caller, identifier: str) -> DocumentRow:
    """A document of the caller's that a request names.

    Raises:
        BadInput.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None or row.owner != caller.party_id:
        raise BadInput(
            say("there is no document {identifier} of this party", identifier=identifier),
            name="document-unknown",
            field="documentId",
            fix="upload it first: POST /v1/documents",
        )
    return row


async def page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int, kind: str | None = None
) -> DocumentPage:
    """The caller's documents, newest first; all documents for those who see all."""
    if caller.party_id is None and not caller.sees_all:
        return {"items": [], "nextCursor": None}
    owner = None if caller.sees_all else caller.party_id
    rows = await gateway.storage.read(
        lambda connection: repository.listed(
            connection, owner=owner, before=before, limit=limit, kind=kind
        )
    )
    items = [await view(gateway, row) for row in rows]
    return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}


async def reading(gateway: Gateway, row: DocumentRow) -> Invoice:
    """The parsed content of a document; if it is not stored, the document is parsed again."""
    if row.model_sealed is None:
        content = (await decrypted_content(gateway, row.id)).content
        parsed_again = await _pool(gateway, content).run(
            read, gateway, content, content_type=row.content_type
        )
        return model.view(parsed_again)
    plain = gateway.sealer.open(row.model_sealed, about=f"reading {row.id}")
    invoice: Invoice = msgspec.json.decode(plain)  # `upload` wrote it
    return invoice


async def decrypted_content(gateway: Gateway, identifier: str) -> DocumentContent:
    """Salts and bytes of a document, decrypted."""
    encrypted = await gateway.storage.read(
        lambda connection: repository.encrypted_content(connection, identifier)
    )
    assert encrypted is not None
    plain = gateway.sealer.open(encrypted, about=f"document {identifier}")
    return msgspec.msgpack.decode(plain, type=DocumentContent)


async def disclose(
    gateway: Gateway, caller: Caller, identifier: str, names: list[str]
) -> Disclosure:
    """A pack of chosen fields with their proofs.

    Raises:
        NotFound, BadInput.
    """
    row = await document(gateway, caller, identifier)
    content = await decrypted_content(gateway, identifier)
    fields = model.flatten(await reading(gateway, row))
    return disclosure(row.root, fields, salts=content.salts, names=names, what="the document")


async def view(gateway: Gateway, row: DocumentRow) -> DocumentBody:
    """A document in JSON."""
    return _view(row, await reading(gateway, row))


def _view(row: DocumentRow, invoice: Invoice) -> DocumentBody:
    return {
        "id": row.id,
        "kind": row.kind,
        "contentType": row.content_type,
        "fingerprint": row.fingerprint,
        "root": row.root,
        "invoice": invoice,
        "createdAt": time_view(row.created_at),
    }
