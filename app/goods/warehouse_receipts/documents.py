"""What a warehouse receipt states: its fields, their Merkle root, and who may open them.

The fields are those that the UNCITRAL/UNIDROIT Model Law on Warehouse Receipts (2024), articles 9
to 11, asks for. The gateway encrypts them at rest, and salts and hashes each one as it does with
invoices; the root goes on the ledger.
"""

from __future__ import annotations

import datetime

import msgspec

from app.chain.evm.goods import sku_hash
from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.gateway.gateway import Gateway
from app.goods.warehouse_receipts.projection import LotRow
from app.goods.warehouse_receipts.repository import Documents
from app.goods.warehouse_receipts.schemas import NewLot
from app.parties.registry.repository import PartyRow
from app.trade.documents import fingerprint as fingerprints
from app.trade.documents.merkle import DocumentTree, fresh_salts


class Statement(msgspec.Struct):
    """What the gateway encrypts of a lot's documents."""

    fields: dict[str, str]
    salts: dict[str, bytes]


def lot_fingerprint(gateway: Gateway, *, warehouse: str, number: str) -> str:
    """32 bytes that stand for a lot number of one warehouse (its identity hash).

    Two ways of writing the same number give the same bytes.

    Raises:
        ValueError: the number has neither letter nor digit.
    """
    key = gateway.ledger_key.key("lot fingerprint")
    digest = fingerprints.fingerprint(key=key, seller_id=warehouse, debtor_id="lot", number=number)
    return "0x" + digest.hex()


def fields_of(
    gateway: Gateway,
    new_lot: NewLot,
    *,
    quantity: int,
    warehouse: PartyRow,
    depositor: PartyRow,
    issued_on: datetime.date,
) -> dict[str, str]:
    """What the warehouse receipt states, field by field."""
    stated = {
        "title": "Warehouse receipt",
        "lotNumber": new_lot.lotNumber,
        "issueDate": issued_on.isoformat(),
        "warehouse.name": warehouse.name,
        "warehouse.id": _legal_id(gateway, warehouse),
        "depositor.name": depositor.name,
        "depositor.id": _legal_id(gateway, depositor),
        "transfer": "negotiable" if new_lot.negotiable else "non-negotiable",
        "sku": new_lot.sku,
        "grade": new_lot.grade,
        "unit": new_lot.unit,
        "quantity": quantity_text(quantity),
        "storedDate": new_lot.storedDate.isoformat(),
        "expiryDate": new_lot.expiryDate.isoformat(),
        "orderId": "" if new_lot.orderId is None else str(new_lot.orderId),
    }
    for name, value in new_lot.statement.model_dump().items():
        if value is not None:
            stated[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return stated


def _legal_id(gateway: Gateway, party: PartyRow) -> str:
    value = gateway.sealer.open(party.legal_id_encrypted, about=party.id).decode()
    return f"{party.legal_id_scheme}:{value}"


def encrypted_documents(
    gateway: Gateway, fields: dict[str, str], *, identifier: str, owner: str, fingerprint: str
) -> Documents:
    """The documents as they are stored, encrypted."""
    salts = fresh_salts(fields)
    root = "0x" + DocumentTree.build(fields, salts=salts).root.hex()
    plain = msgspec.msgpack.encode(Statement(fields, salts))
    encrypted = gateway.sealer.seal(plain, about=f"lot documents {identifier}")
    return Documents(identifier, owner, fingerprint, root, encrypted)


def opened(gateway: Gateway, documents: Documents) -> Statement:
    """The documents, decrypted."""
    plain = gateway.sealer.open(documents.encrypted, about=f"lot documents {documents.id}")
    return msgspec.msgpack.decode(plain, type=Statement)


def differs(lot: LotRow, statement: Statement, *, depositor: PartyRow | None) -> list[str]:
    """Names of the documents' fields in which they differ from the ledger."""
    stated = statement.fields
    same = {
        "sku": sku_hash(stated["sku"]) == lot.sku_hash,
        "grade": stated["grade"] == lot.grade,
        "unit": stated["unit"] == lot.unit,
        "quantity": stated["quantity"] == quantity_text(lot.issued),
        "storedDate": stated["storedDate"] == date_of(lot.stored_day).isoformat(),
        "expiryDate": stated["expiryDate"] == date_of(lot.expiry_day).isoformat(),
        "transfer": stated["transfer"] == ("negotiable" if lot.negotiable else "non-negotiable"),
        "orderId": stated["orderId"] == ("" if lot.order_id is None else str(lot.order_id)),
        "depositor.name": depositor is not None and stated["depositor.name"] == depositor.name,
    }
    return [name for name, equal in same.items() if not equal]
