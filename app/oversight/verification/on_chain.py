"""What the ledger's contracts answer about claims, receivables and warehouse receipts."""

from __future__ import annotations

import msgspec


class ClaimOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `Receivables.claim`."""

    owner: str
    receivable_id: int
    value: int
    weight: int
    parent: int
    depth: int
    encumbered: bool


class ReceivableOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `Receivables.receivable`."""

    seller: str
    debtor: str
    currency: str
    face_amount: int
    due_day: int
    grace_days: int
    late_rate: int
    dispute_day: int
    max_depth: int
    status: int
    principal_paid: int
    credited: int
    redeemed: int
    late_charge_paid: int
    terms_hash: str


class AmountsOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `Receivables.due` and of `Receivables.collectable`."""

    principal: int
    late_charge: int


class RecourseOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `ClaimMarket.recourseOf`."""

    assignor: str
    value: int
    price: int


class WarehouseReceiptOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `WarehouseReceipts.warehouseReceipt`."""

    owner: str
    lot_id: int
    quantity: int
    parent: int
    depth: int
    lienholder: str


class LotOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `WarehouseReceipts.lot`."""

    warehouse: str
    item: str
    unit: str
    stored_day: int
    expiry_day: int
    max_depth: int
    negotiable: bool
    condition: int
    issued: int
    released: int
    impaired: int
    counted: int
    short: bool
    order_id: int
    terms_hash: str


class StandingOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `WarehouseReceipts.standing`."""

    short_lots: int
    stopped: bool


class PriceOnChain(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `PriceFeed.price`."""

    value: int
    haircut: int
