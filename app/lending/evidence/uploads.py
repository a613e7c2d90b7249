"""Takes documents for draws, checks them, and encrypts them at rest."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_of
from app.domain.catalogue import DOCUMENT_KINDS
from app.domain.money import currency_word
from app.domain.texts import say
from app.errors import BadInput, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import business_day, today_of
from app.gateway.views import time_view
from app.lending.evidence import repository
from app.lending.evidence.documents import check, fingerprint
from app.lending.evidence.formats.schemas import (
    Certificate,
    CustomsDeclaration,
    LinkedDelivery,
    LinkedOrder,
    NewDrawDocument,
    TaxCertificate,
)
from app.lending.evidence.repository import StoredDocument
from app.lending.evidence.schemas import DrawDocument, DrawDocumentPage
from app.parties.registry import repository as parties
from app.parties.registry.service import legal_id_of
from app.trade.documents.merkle import DocumentTree, fresh_salts
from app.trade.documents.model import flatten
from app.trade.orders import deliveries
from app.trade.orders.service import order

NO_CURRENCY = "0x000000"


class DocumentTerms(TypedDict):
    """`IDrawEvidence.DrawDocument`: what the borrower submits of a document."""

    kind: int
    fingerprint: str
    documentRoot: str
    day: int
    amount: int
    currency: str


class SealedContent(msgspec.Struct):
    """What the gateway encrypts of a document.

    Attributes:
        content: its fields.
        day: the day number that it bears.
        amount: minor units of a customs declaration, in `currency` as the ledger writes codes.
    """

    salts: dict[str, bytes]
    content: dict[str, Any]
    day: int
    amount: int = 0
    currency: str = NO_CURRENCY


class _Read(msgspec.Struct):
    """A document that was checked: its fields, its day, and the number that identifies it."""

    content: dict[str, Any]
    day: int
    number: str
    amount: int = 0
    currency: str = NO_CURRENCY


async def upload(command: Command, document: NewDrawDocument) -> Change:
    """Checks and stores a document of the caller.

    Raises:
        BadInput, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller
    if caller.party_id is None:
        raise Forbidden("only a party can upload documents")
    owner = caller.party_id
    party = await gateway.storage.read(lambda connection: parties.by_id(connection, owner))
    assert party is not None
    legal_id = legal_id_of(gateway, party)
    today = await today_of(gateway)
    if isinstance(document, LinkedOrder):
        read = await _order(gateway, caller, document, today=today)
    elif isinstance(document, LinkedDelivery):
        read = await _delivery(gateway, caller, document)
    else:
        check(document, legal_id=legal_id, scheme=party.legal_id_scheme, today=date_of(today))
        read = _certificate(document)
    fields = flatten(read.content)
    salts = fresh_salts(fields)
    identifier = new_id()
    sealed = SealedContent(salts, read.content, read.day, read.amount, read.currency)
    row = StoredDocument(
        id=identifier,
        owner=owner,
        kind=DOCUMENT_KINDS.index(document.kind),
        fingerprint=fingerprint(
            key=gateway.ledger_key.key("draw document"),
            legal_id=legal_id,
            kind=document.kind,
            number=read.number,
        ),
        root="0x" + DocumentTree.build(fields, salts=salts).root.hex(),
        created_at=time.time(),
        sealed=gateway.sealer.seal(
            msgspec.msgpack.encode(sealed), about=f"draw document {identifier}"
        ),
    )

    def write(connection: Connection) -> Answer:
        repository.add(connection, row)
        return Answer(_view(row, sealed), 201)

    return Change(write)


async def page(
    gateway: Gateway, caller: Caller, *, before: str | None, limit: int
) -> DrawDocumentPage:
    """The caller's documents, newest first."""
    owner = caller.party_id
    if owner is None:
        return {"items": [], "nextCursor": None}
    rows = await gateway.storage.read(
        lambda connection: repository.listed(connection, owner=owner, before=before, limit=limit)
    )
    items = [_view(row, opened(gateway, row)) for row in rows]
    return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}


async def own(gateway: Gateway, caller: Caller, identifier: str) -> DocumentTerms:
    """What the borrower submits of a document of its own.

    Raises:
        BadInput.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None or row.owner != caller.party_id:
        raise BadInput(
            say("there is no document {identifier} of this party", identifier=identifier),
            name="document-unknown",
            field="documentIds",
            fix="upload it first: POST /v1/draw-documents",
        )
    return terms_of(gateway, row)


def terms_of(gateway: Gateway, row: StoredDocument) -> DocumentTerms:
    """What the ledger is told of an uploaded document."""
    content = opened(gateway, row)
    return {
        "kind": row.kind,
        "fingerprint": row.fingerprint,
        "documentRoot": row.root,
        "day": content.day,
        "amount": content.amount,
        "currency": content.currency,
    }


def opened(gateway: Gateway, row: StoredDocument) -> SealedContent:
    """The content of a document, decrypted."""
    plain = gateway.sealer.open(row.sealed, about=f"draw document {row.id}")
    return msgspec.msgpack.decode(plain, type=SealedContent)


def _view(row: StoredDocument, sealed: SealedContent) -> DrawDocument:
    return {
        "id": row.id,
        "kind": DOCUMENT_KINDS[row.kind],
        "fingerprint": row.fingerprint,
        "root": row.root,
        "content": sealed.content,
        "createdAt": time_view(row.created_at),
    }


def _certificate(document: Certificate) -> _Read:
    content = document.model_dump(mode="json")
    if isinstance(document, CustomsDeclaration):
        currency = document.amount.currency
        amount = minor(document.amount, field="amount")
        content["amount"] = money_view(amount, currency=currency)
        day = day_of(document.declaredDate)
        return _Read(content, day, document.number, amount, currency_word(currency))
    if isinstance(document, TaxCertificate):
        for field, money in (("paid", document.paid), ("arrears", document.arrears)):
            amount = minor(money, field=field, minimum=0)
            content[field] = money_view(amount, currency=money.currency)
        return _Read(content, day_of(document.periodTo), document.number)
    return _Read(content, day_of(document.shippedDate), document.number)


async def _order(gateway: Gateway, caller: Caller, document: LinkedOrder, *, today: int) -> _Read:
    """An order of the caller's, as the ledger has it."""
    row = await order(gateway, caller, document.orderId)
    _require_side(caller, row.seller, row.buyer)
    if row.status not in ("Confirmed", "Invoiced"):
        raise BadInput(
            say("order {order_id} is not confirmed", order_id=row.order_id),
            name="order-not-confirmed",
            field="orderId",
            fix=say(
                "let its buyer confirm it: POST /v1/orders/{order_id}/confirmation",
                order_id=row.order_id,
            ),
        )
    currency = gateway.currency_at(row.currency)
    content = {
        "kind": "order",
        "orderId": row.order_id,
        "seller": row.seller,
        "buyer": row.buyer,
        "amount": money_view(row.amount, currency=currency),
        "deliveryDate": date_of(row.delivery_day).isoformat(),
        "orderFingerprint": row.fingerprint,
        "orderRoot": row.document_root,
    }
    return _Read(content, today, row.fingerprint)


async def _delivery(gateway: Gateway, caller: Caller, document: LinkedDelivery) -> _Read:
    """A delivery of an order of the caller's, as the ledger has it."""
    row = await order(gateway, caller, document.orderId)
    _require_side(caller, row.seller, row.buyer)
    recorded = await gateway.storage.read(
        lambda connection: deliveries.recorded(connection, row.order_id)
    )
    delivery = next((item for item in recorded if item.lot_id == str(document.lotId)), None)
    if delivery is None:
        raise BadInput(
            say(
                "order {order_id} has no recorded delivery into lot {lot_id}",
                order_id=row.order_id,
                lot_id=document.lotId,
            ),
            name="delivery-unknown",
            field="lotId",
            fix=say(
                "look at the deliveries of the order: GET /v1/orders/{order_id}",
                order_id=row.order_id,
            ),
        )
    currency = gateway.currency_at(row.currency)
    content = {
        "kind": "delivery",
        "orderId": row.order_id,
        "lotId": document.lotId,
        "amount": money_view(delivery.amount, currency=currency),
        "orderFingerprint": row.fingerprint,
        "deliveryRoot": delivery.document_root,
        "transactionHash": delivery.transaction_hash,
    }
    day = business_day(gateway, delivery.timestamp)
    return _Read(content, day, f"{row.fingerprint}L{document.lotId}")


def _require_side(caller: Caller, seller: str, buyer: str) -> None:
    if caller.account not in (seller, buyer):
        raise BadInput(
            "the order is not one of this party",
            name="owner-mismatch",
            field="orderId",
            fix="name an order that you bought or sold under",
        )
