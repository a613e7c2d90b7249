"""Verifies a warehouse receipt: every check that a bank makes before it lends on it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS, ZERO_HASH, checksum_address, keccak
from app.domain.calendar import date_of
from app.domain.item_prices import price_text
from app.domain.money import currency_word
from app.domain.quantity import quantity_text
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.chain_queries import Question, answer_as, ask
from app.gateway.gateway import Gateway
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day
from app.goods.warehouse_receipts import documents as documents
from app.goods.warehouse_receipts import repository
from app.goods.warehouse_receipts.projection import CONDITIONS, CONTRACT, LotRow
from app.goods.warehouse_receipts.reading import visible_to
from app.goods.warehouse_receipts.repository import (
    Documents,
    WarehouseReceiptWithLot,
)
from app.oversight.verification.lineage import ancestors_of, evidence_of, is_unbroken
from app.oversight.verification.named import parties_in
from app.oversight.verification.on_chain import (
    LotOnChain,
    PriceOnChain,
    StandingOnChain,
    WarehouseReceiptOnChain,
)
from app.oversight.verification.repository import (
    OpenOrder,
    open_orders,
    party_ids,
    price_currencies,
)
from app.oversight.verification.schemas import Check, WarehouseReceiptVerification
from app.oversight.verification.service import (
    SUBJECT,
    VERIFIERS,
    WORD,
    check,
    orders_check,
)
from app.parties.registry import repository as parties
from app.parties.registry.repository import PartyRow
from app.storage.checkpoint import Checkpoint, read_checkpoint
from app.trade.claims.lineage import LineageStep

WAREHOUSE = 8


class _Story(msgspec.Struct):
    """What the read tables say of a warehouse receipt as of the checkpoint."""

    at: Checkpoint
    receipt: WarehouseReceiptWithLot
    lineage: list[LineageStep]
    documents: Documents | None
    depositor: PartyRow | None
    currencies: list[str]
    party_ids: list[int]
    orders: list[OpenOrder]


def terms_hash(lot: LotRow) -> str:
    """Hash of the terms in the event; the ledger stores the same hash."""
    words = (
        *(lot.depositor, lot.sku_hash, lot.grade_word, lot.unit_word, lot.issued),
        *(lot.stored_day, lot.expiry_day, lot.max_depth, lot.negotiable, lot.order_id or 0),
        *(lot.fingerprint, lot.document_root, lot.legal_text_hash),
    )
    raw = b""
    for word in words:
        if isinstance(word, int):
            raw += word.to_bytes(32, "big")
        elif len(word) == len(ZERO_ADDRESS):
            raw += bytes.fromhex(word[2:]).rjust(32, b"\0")
        else:
            raw += bytes.fromhex(word[2:]).ljust(32, b"\0")
    return "0x" + keccak(raw).hex()


async def verify_warehouse_receipt(
    gateway: Gateway, caller: Caller, warehouse_receipt_id: int
) -> WarehouseReceiptVerification:
    """Every check of a warehouse receipt, as of one block.

    Banks, auditors, the operator and regulators may ask about any receipt; others only about those
    that they may see.

    Raises:
        NotFound, Unavailable.
    """
    story = await gateway.storage.read(
        lambda connection: _read(connection, caller, warehouse_receipt_id)
    )
    if story is None:
        raise NotFound(
            say(
                "there is no warehouse receipt {warehouse_receipt_id}",
                warehouse_receipt_id=warehouse_receipt_id,
            ),
            name="warehouse-receipt-unknown",
        )
    row, lot = story.receipt.row, story.receipt.lot
    ancestors = ancestors_of(story.lineage)
    questions: list[Question] = [
        (CONTRACT, "warehouseReceipt", [warehouse_receipt_id]),
        (CONTRACT, "lot", [lot.lot_id]),
        (CONTRACT, "standing", [lot.warehouse]),
        (CONTRACT, "lotWithFingerprint", [lot.warehouse, lot.fingerprint]),
        ("PartyRegistry", "isValid", [row.owner]),
        ("PartyRegistry", "requireValid", [lot.warehouse, WAREHOUSE]),
        *(("PriceFeed", "price", [lot.item, currency_word(code)]) for code in story.currencies),
        *((CONTRACT, "parentOf", [ancestor]) for ancestor in ancestors),
    ]
    answers = await ask(gateway, story.at, questions)
    on_chain = answer_as(WarehouseReceiptOnChain, answers[0])
    terms = answer_as(LotOnChain, answers[1])
    standing = answer_as(StandingOnChain, answers[2])
    prices = answers[6 : 6 + len(story.currencies)]
    parents = answers[6 + len(story.currencies) :]
    owner, lienholder = on_chain.owner, on_chain.lienholder
    release_requested = lienholder == gateway.contracts.address(CONTRACT)
    today = business_day(gateway, story.at.timestamp)
    condition = CONDITIONS[terms.condition]
    outstanding = terms.issued - terms.released - terms.impaired
    checks = [
        check(
            "exists",
            owner != ZERO_ADDRESS and on_chain.quantity > 0,
            owner=checksum_address(owner),
            quantity=quantity_text(on_chain.quantity),
            unit=lot.unit,
            lotId=lot.lot_id,
            ended=row.ended,
        ),
        check(
            "terms",
            terms_hash(lot) == terms.terms_hash,
            termsHash=terms.terms_hash,
            warehouse=checksum_address(lot.warehouse),
            depositor=checksum_address(lot.depositor),
            item=lot.item,
            documentRoot=lot.document_root,
        ),
        check(
            "warehouse-valid",
            answers[5] is not None,
            warehouse=checksum_address(lot.warehouse),
        ),
        check("owner-valid", bool(answers[4]), owner=checksum_address(owner)),
        _lineage(story, ancestors, parents, owner=owner),
        check(
            "free-of-liens",
            release_requested or lienholder == ZERO_ADDRESS,
            lienholder=None
            if release_requested or lienholder == ZERO_ADDRESS
            else checksum_address(lienholder),
        ),
        check("no-release-pending", not release_requested),
        check("condition", condition == CONDITIONS[0], condition=state_name(condition)),
        check(
            "not-expired",
            today <= terms.expiry_day,
            expiryDate=date_of(terms.expiry_day).isoformat(),
        ),
        check(
            "stock-counted",
            not terms.short,
            counted=quantity_text(terms.counted),
            outstanding=quantity_text(outstanding),
            countedOn=None if lot.counted_day is None else date_of(lot.counted_day).isoformat(),
        ),
        check(
            "warehouse-standing",
            not standing.stopped and not standing.short_lots,
            shortLots=standing.short_lots,
            newLiensStopped=standing.stopped,
        ),
        _price(lot, story.currencies, prices),
        check(
            "fingerprint-unique",
            int(answers[3]) == lot.lot_id,
            fingerprint=lot.fingerprint,
            lotId=int(answers[3]),
        ),
        *_documents(gateway, story),
        _court_orders(gateway, story),
    ]
    return {
        "warehouseReceiptId": warehouse_receipt_id,
        "lotId": lot.lot_id,
        "holds": all(item["holds"] for item in checks),
        "checks": checks,
        "parties": await gateway.storage.read(lambda c: parties_in(c, checks)),
        "asOf": {"blockNumber": story.at.block_number, "blockHash": story.at.block_hash},
    }


def _read(connection: Connection, caller: Caller, warehouse_receipt_id: int) -> _Story | None:
    viewer = None if not caller.roles.isdisjoint(VERIFIERS) else visible_to(caller)
    at = read_checkpoint(connection)
    receipt = repository.warehouse_receipt(connection, warehouse_receipt_id, visible_to=viewer)
    if at is None or receipt is None:
        return None
    lot = receipt.lot
    return _Story(
        at,
        receipt,
        repository.lineage(connection, warehouse_receipt_id),
        repository.documents_behind(connection, lot),
        parties.by_account(connection, lot.depositor),
        price_currencies(connection, lot.item),
        party_ids(connection, (lot.warehouse, receipt.row.owner)),
        open_orders(connection),
    )


def _lineage(story: _Story, ancestors: list[int], parents: list[Any], *, owner: str) -> Check:
    """No gap from the depositor to the holder, and each parent as the ledger has it."""
    lot = story.receipt.lot
    return check(
        "assignment-chain",
        is_unbroken(story.lineage, parents, first_holder=lot.depositor, holder=owner)
        and ancestors[0] == lot.warehouse_receipt_id,
        rootWarehouseReceiptId=ancestors[0],
        steps=[
            {
                "warehouseReceiptId": step.token_id,
                "quantity": quantity_text(step.assignment.amount),
                **evidence_of(step.assignment),
            }
            for step in story.lineage
            if step.assignment is not None
        ],
    )


def _price(lot: LotRow, currencies: list[str], answers: list[Any]) -> Check:
    """A price that new loans may rely on is in force, in some currency."""
    in_force = {
        code: answer_as(PriceOnChain, answer)
        for code, answer in zip(currencies, answers, strict=True)
        if answer is not None
    }
    prices = [
        {
            "currency": code,
            "price": price_text(price.value, item=lot.item, currency=code),
            "haircut": price.haircut,
        }
        for code, price in in_force.items()
    ]
    return check("price-in-force", bool(prices), prices=prices, listedIn=currencies)


def _documents(gateway: Gateway, story: _Story) -> list[Check]:
    """The gateway stores the warehouse's document, and it says what the ledger says."""
    lot, differing = story.receipt.lot, ["documents"]
    if story.documents is not None:
        statement = documents.opened(gateway, story.documents)
        differing = documents.differs(lot, statement, depositor=story.depositor)
    return [
        check(
            "documents-match",
            not differing,
            stored=story.documents is not None,
            differs=differing,
        ),
        check(
            "legal-text",
            lot.legal_text_hash == gateway.legal_text_hash,
            legalTextHash=lot.legal_text_hash,
        ),
    ]


def _court_orders(gateway: Gateway, story: _Story) -> Check:
    """No open court order takes this warehouse receipt, or freezes its holder or warehouse."""
    encode, number = gateway.contracts.encode, story.receipt.row.warehouse_receipt_id
    calls = [
        (
            CONTRACT,
            encode(CONTRACT, "forcedTransfer", [number, ZERO_ADDRESS, 0, ZERO_HASH])[:SUBJECT],
        ),
        *(
            (
                "PartyRegistry",
                encode("PartyRegistry", "freeze", [party, True, ZERO_HASH])[: SUBJECT + WORD],
            )
            for party in story.party_ids
        ),
    ]
    return orders_check(gateway, story.orders, calls)
