"""Things by kind and id, each only where the caller may see it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import checksum_address
from app.chain.outbox.outbox import operation
from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.naming import state_name
from app.gateway.operations.service import may_see as may_see_operation
from app.goods.warehouse_receipts import repository as goods
from app.goods.warehouse_receipts.reading import visible_to
from app.lending import repository as financing
from app.lending.access import may_read
from app.lending.agreements import repository as agreements
from app.lending.facilities import repository as proposals
from app.market.campaigns import repository as campaigns
from app.market.offers import repository as offers
from app.oversight.search import repository
from app.oversight.search.schemas import Kind
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.documents import repository as documents
from app.trade.documents.repository import DocumentRow
from app.trade.documents.service import may_see as may_see_document
from app.trade.orders import repository as orders
from app.trade.receivables import repository as receivables
from app.trade.receivables.reading import near


class Thing(msgspec.Struct, frozen=True):
    """Something that a search finds.

    Attributes:
        label: None: its kind and id.
        sides: accounts whose names tell it from others, in the order in which to name them.
        facts: an amount and a date.
        document: the stored document, whose number is sealed.
    """

    kind: Kind
    id: str
    label: str | None = None
    sides: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    status: str | None = None
    document: DocumentRow | None = None


class Reader(msgspec.Struct, frozen=True):
    """Who searches, and where."""

    connection: Connection
    gateway: Gateway
    caller: Caller

    def among(self, *accounts: str | None) -> bool:
        """Whether the caller has one of these accounts, or sees all."""
        return self.caller.sees_all or (
            self.caller.account is not None and self.caller.account in accounts
        )

    def money(self, amount: int, currency: str) -> str:
        """An amount with its currency, in words."""
        view = money_view(amount, currency=self.gateway.currency_at(currency))
        return f"{view['amount']} {view['currency']}"


def _sides(*accounts: str | None) -> tuple[str, ...]:
    return tuple(account for account in accounts if account)


def _claim(reader: Reader, number: int) -> Thing | None:
    row = claims.by_id(reader.connection, number)
    if row is None or not near(reader.connection, reader.caller, row.claim.receivable_id):
        return None
    return Thing(
        "claim",
        str(number),
        sides=(row.claim.owner,),
        facts=(reader.money(row.claim.value, row.currency),),
        status="burned" if row.claim.burned else None,
    )


def _receivable(reader: Reader, number: int) -> Thing | None:
    row = receivables.by_id(reader.connection, number)
    if row is None or not near(reader.connection, reader.caller, number):
        return None
    return Thing(
        "receivable",
        str(number),
        sides=(row.seller, row.debtor),
        facts=(reader.money(row.face_amount, row.currency), date_of(row.due_day).isoformat()),
        status=state_name(row.status),
    )


def _loan(reader: Reader, number: int) -> Thing | None:
    row = financing.loan(reader.connection, number)
    if row is None or not may_read(reader.connection, reader.caller, row):
        return None
    return Thing(
        "loan",
        str(number),
        sides=_sides(row.lender, row.borrower),
        facts=(reader.money(row.outstanding, row.currency),),
        status=state_name(row.status),
    )


def _facility(reader: Reader, number: int) -> Thing | None:
    row = financing.facility(reader.connection, number)
    if row is None or not reader.among(row.lender, row.borrower, row.entruster):
        return None
    return Thing(
        "facility",
        str(number),
        sides=_sides(row.lender, row.borrower),
        facts=(reader.money(row.outstanding, row.currency), date_of(row.last_day).isoformat()),
        status="closed" if row.closed else None,
    )


def _order(reader: Reader, number: int) -> Thing | None:
    row = orders.by_id(reader.connection, number)
    if row is None or not reader.among(row.seller, row.buyer, row.lienholder):
        return None
    return Thing(
        "order",
        str(number),
        sides=(row.seller, row.buyer),
        facts=(reader.money(row.amount, row.currency), date_of(row.delivery_day).isoformat()),
        status=state_name(row.status),
    )


def _lot(reader: Reader, number: int) -> Thing | None:
    row = goods.lot(reader.connection, number, visible_to=visible_to(reader.caller))
    if row is None:
        return None
    return Thing("lot", str(number), sides=(row.warehouse, row.depositor))


def _receipt(reader: Reader, number: int) -> Thing | None:
    row = goods.warehouse_receipt(reader.connection, number, visible_to=visible_to(reader.caller))
    if row is None:
        return None
    return Thing(
        "warehouse-receipt",
        str(number),
        sides=(row.row.owner,),
        facts=(quantity_text(row.row.quantity),),
        status=row.row.ended,
    )


def _campaign(reader: Reader, number: int) -> Thing | None:
    row = campaigns.by_id(reader.connection, number)
    if row is None:
        return None
    return Thing(
        "campaign",
        str(number),
        sides=(row.creator,),
        facts=(reader.money(row.goal, row.currency),),
        status="cancelled" if row.cancelled else None,
    )


def _block(reader: Reader, number: int) -> Thing | None:
    row = repository.block(reader.connection, number=number)
    return None if row is None else block_thing(row)


def block_thing(row: repository.BlockRow) -> Thing:
    """A block."""
    return Thing("block", str(row.number), facts=(row.hash,))


NUMBERED: dict[str, Callable[[Reader, int], Thing | None]] = {
    "receivable": _receivable,
    "claim": _claim,
    "loan": _loan,
    "facility": _facility,
    "order": _order,
    "lot": _lot,
    "warehouse-receipt": _receipt,
    "campaign": _campaign,
    "block": _block,
}


def _party(reader: Reader, identifier: str) -> Thing | None:
    row = parties.by_id(reader.connection, identifier)
    return None if row is None else party_thing(row)


def party_thing(row: parties.PartyRow) -> Thing:
    """A party: its name is in the directory, which every caller reads."""
    status = "frozen" if row.frozen else None
    return Thing("party", row.id, row.name, facts=(checksum_address(row.account),), status=status)


def _document(reader: Reader, identifier: str) -> Thing | None:
    row = documents.by_id(reader.connection, identifier)
    if row is None or not may_see_document(reader.connection, reader.caller, row):
        return None
    return document_thing(row)


def document_thing(row: DocumentRow) -> Thing:
    """A document; its number is opened later."""
    return Thing("document", row.id, facts=(row.kind,), document=row)


def _operation(reader: Reader, identifier: str) -> Thing | None:
    row = operation(reader.connection, identifier)
    if row is None or not may_see_operation(reader.caller, row):
        return None
    return Thing("operation", row.id, facts=(row.kind,), status=row.state)


def _offer(reader: Reader, identifier: str) -> Thing | None:
    row = offers.by_id(reader.connection, identifier)
    if row is None or not reader.among(row.funder, row.seller):
        return None
    price = () if row.currency is None else (reader.money(row.terms["price"], row.currency),)
    return Thing("offer", row.id, sides=(row.funder, row.seller), facts=price, status=row.state)


def _agreement(reader: Reader, identifier: str) -> Thing | None:
    row = agreements.find(reader.connection, identifier)
    if row is None or not reader.among(*row.signers.values()):
        return None
    return Thing("agreement", row.id, sides=tuple(row.signers.values()), facts=(row.kind,))


def _proposal(reader: Reader, identifier: str) -> Thing | None:
    row = proposals.proposal(reader.connection, identifier)
    if row is None or not reader.among(*row.signers().values()):
        return None
    return Thing("facility-proposal", row.id, sides=_sides(row.lender, row.borrower))


IDENTIFIED: dict[str, Callable[[Reader, str], Thing | None]] = {
    "party": _party,
    "document": _document,
    "operation": _operation,
    "offer": _offer,
    "agreement": _agreement,
    "facility-proposal": _proposal,
}


def thing(reader: Reader, kind: str, identifier: str) -> Thing | None:
    """A thing by its kind and id; None: there is none, or the caller may not see it."""
    if kind in NUMBERED:
        return NUMBERED[kind](reader, int(identifier))
    return IDENTIFIED[kind](reader, identifier)
