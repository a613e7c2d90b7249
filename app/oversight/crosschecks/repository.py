"""Reads what the cross-checks compare: the read tables, and the documents behind them.

Receivables are invoices, and payments those on the ledger. Goods moved if seller and buyer signed
for their delivery, or if a warehouse receipt for them changed hands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import day_at
from app.domain.crosschecks.records import Assignment
from app.oversight.crosschecks import record_files
from app.oversight.crosschecks.debts import DayOf, Debt, count, read_debts
from app.oversight.crosschecks.record_files import StoredFiles
from app.oversight.crosschecks.register import Register, read_register
from app.storage import run
from app.trade.documents import repository as documents
from app.trade.documents.repository import Behind

MAX_RECEIVABLES = 50_000  # the newest ones; reading each one's document bounds time and memory
_AT_ONCE = 500
_ORDERED = "o.status IN ('Confirmed', 'Invoiced')"


class StoredOrder(msgspec.Struct, frozen=True):
    """An order that its buyer confirmed."""

    number: int
    seller: str
    buyer: str
    currency: str
    amount: int
    day: int
    fingerprint: str


class StoredLot(msgspec.Struct, frozen=True):
    """A lot of which a warehouse receipt promises goods still.

    Attributes:
        sku: None: nobody named the goods here.
    """

    number: int
    warehouse: str
    depositor: str
    item: str
    sku: str | None
    grade: str | None
    quantity: int
    day: int
    document_root: str
    promised: bool


class Delivered(msgspec.Struct, frozen=True):
    """Goods of a lot that came to a buyer: under an order, or with a warehouse receipt.

    Attributes:
        id: of the record, such as `delivery:77`.
        sender, receiver: accounts.
    """

    id: str
    lot: int
    sender: str
    receiver: str
    quantity: int
    day: int
    order: int | None = None


class Paid(msgspec.Struct, frozen=True):
    """A payment on a receivable; the principal in minor units."""

    position: int
    receivable: int
    payer: str
    amount: int
    day: int


class Rows(msgspec.Struct):
    """What is stored, before anything is decrypted.

    Attributes:
        today: the business day of the newest block.
        older: confirmed receivables that are not read, because they are too many.
        older_unconfirmed: the same of unconfirmed ones.
        older_orders, older_lots: the same of orders and of lots.
        behind: the document behind each receivable that has one here.
        models: encrypted documents by id, of those that are not known yet.
        statements: encrypted statements of warehouse receipts by root: their ids and bytes.
        order_of: the order that the ledger replaced by a receivable, by the receivable.
        assignments: of claims and of loans on them; the invoice is `receivable:N`.
        files: of tax and registry records.
    """

    today: int
    register: Register
    debts: list[Debt]
    older: int
    behind: dict[int, Behind]
    models: dict[str, bytes]
    orders: list[StoredOrder]
    order_of: dict[int, int]
    lots: dict[int, StoredLot]
    statements: dict[str, tuple[str, bytes]]
    deliveries: list[Delivered]
    payments: list[Paid]
    assignments: list[Assignment]
    files: StoredFiles = StoredFiles([], 0, {})
    older_unconfirmed: int = 0
    older_orders: int = 0
    older_lots: int = 0


def state_of(connection: Connection) -> tuple[Any, ...]:
    """What changes whenever a read table or a stored document does."""
    event = run(
        connection, "SELECT position, block_hash FROM events ORDER BY position DESC LIMIT 1"
    ).first()
    newest = tuple(
        run(connection, f"SELECT max(id) FROM {table}").scalar()
        for table in ("documents", "lot_documents", "parties_directory", "cross_check_files")
    )
    return (() if event is None else tuple(event), *newest)


def load(connection: Connection, *, today: int, zone_offset: int, known: Collection[str]) -> Rows:
    """Everything that the checks compare.

    Args:
        zone_offset: seconds that the ledger's day is ahead of UTC.
        known: ids of documents and files that need not be read again.
    """

    def day(timestamp: int) -> int:
        return day_at(timestamp, zone_offset=zone_offset)

    register = read_register(connection)
    debts, older, older_unconfirmed = read_debts(connection, day, limit=MAX_RECEIVABLES)
    numbers = {debt.number for debt in debts}
    first = min(numbers, default=0)
    behind = {
        number: document
        for number, document in documents.all_behind(connection, first=first).items()
        if number in numbers
    }
    needed = {stored.document_id for stored in behind.values()} - set(known)
    models: dict[str, bytes] = {}
    for part in _parts(sorted(needed)):
        models |= documents.sealed_models(connection, part)
    orders = _orders(connection, day)
    lots = _lots(connection)
    return Rows(
        today=today,
        register=register,
        debts=debts,
        older=older,
        behind=behind,
        models=models,
        orders=orders,
        order_of=_invoiced(connection, [order.number for order in orders]),
        lots=lots,
        statements=_statements(connection, {lot.document_root for lot in lots.values()}),
        deliveries=_deliveries(connection, day, register, orders, lots),
        payments=_payments(connection, day, first=first),
        assignments=_assignments(connection, day, register, first=first),
        files=record_files.load(connection, known=known),
        older_unconfirmed=older_unconfirmed,
        older_orders=count(connection, f"purchase_orders o WHERE {_ORDERED}") - len(orders),
        older_lots=count(connection, "lots") - len(lots),
    )


def _parts(values: list[Any]) -> Iterable[list[Any]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _orders(connection: Connection, day: DayOf) -> list[StoredOrder]:
    rows = run(
        connection,
        "SELECT o.order_id, o.seller, o.buyer, o.currency, o.amount, o.fingerprint, b.timestamp "
        "FROM purchase_orders o JOIN blocks b ON b.number = o.created_block "
        f"WHERE {_ORDERED} ORDER BY o.order_id DESC LIMIT ?",
        (MAX_RECEIVABLES,),
    )
    return [
        StoredOrder(
            number=row.order_id,
            seller=row.seller,
            buyer=row.buyer,
            currency=row.currency,
            amount=int(row.amount),
            day=day(row.timestamp),
            fingerprint=row.fingerprint,
        )
        for row in rows
    ]


def _invoiced(connection: Connection, orders: list[int]) -> dict[int, int]:
    invoiced: dict[int, int] = {}
    for part in _parts([f"order:{number}" for number in orders]):
        rows = run(
            connection,
            "SELECT s.subject, e.receivable_id FROM event_subjects s "
            "JOIN events e ON e.position = s.position WHERE e.name = 'OrderInvoiced' "
            f"AND e.receivable_id IS NOT NULL AND s.subject IN ({', '.join('?' * len(part))})",
            tuple(part),
        )
        invoiced |= {row.receivable_id: int(row.subject.partition(":")[2]) for row in rows}
    return invoiced


def _lots(connection: Connection) -> dict[int, StoredLot]:
    rows = run(
        connection,
        "SELECT l.lot_id, l.warehouse, l.depositor, l.item, g.sku, g.grade, l.issued, "
        "l.stored_day, l.document_root, l.issued - l.released - l.impaired AS promised "
        "FROM lots l LEFT JOIN goods_names g ON g.item = l.item ORDER BY l.lot_id DESC LIMIT ?",
        (MAX_RECEIVABLES,),
    )
    return {
        row.lot_id: StoredLot(
            number=row.lot_id,
            warehouse=row.warehouse,
            depositor=row.depositor,
            item=row.item,
            sku=row.sku,
            grade=row.grade,
            quantity=int(row.issued),
            day=row.stored_day,
            document_root=row.document_root,
            promised=int(row.promised) > 0,
        )
        for row in rows
    }


def _statements(connection: Connection, roots: Collection[str]) -> dict[str, tuple[str, bytes]]:
    stored: dict[str, tuple[str, bytes]] = {}
    for part in _parts(sorted(roots)):
        rows = run(
            connection,
            "SELECT id, root, encrypted FROM lot_documents "
            f"WHERE root IN ({', '.join('?' * len(part))}) ORDER BY id",
            tuple(part),
        )
        stored |= {row.root: (row.id, bytes(row.encrypted)) for row in rows}
    return stored


def _deliveries(
    connection: Connection,
    day: DayOf,
    register: Register,
    orders: list[StoredOrder],
    lots: Mapping[int, StoredLot],
) -> list[Delivered]:
    """Goods that seller and buyer signed for, and warehouse receipts that changed hands."""
    order_of = {order.number: order for order in orders}
    deliveries = []
    query = "SELECT position, order_id, lot_id, timestamp FROM order_deliveries ORDER BY position"
    for row in run(connection, query):
        order = order_of.get(row.order_id)
        lot = lots.get(int(row.lot_id)) if row.lot_id.isdecimal() else None
        if order is not None and lot is not None:
            deliveries.append(
                Delivered(
                    id=f"delivery:{row.position}",
                    lot=lot.number,
                    sender=order.seller,
                    receiver=order.buyer,
                    quantity=lot.quantity,
                    day=day(row.timestamp),
                    order=order.number,
                )
            )
    signed = {(entry.lot, register.id_of(entry.receiver)) for entry in deliveries}
    rows = run(
        connection,
        "SELECT a.position, w.lot_id, a.from_owner, a.to_owner, a.quantity, a.timestamp "
        "FROM warehouse_receipt_assignments a JOIN warehouse_receipts w "
        "ON w.warehouse_receipt_id = a.to_warehouse_receipt_id ORDER BY a.position DESC LIMIT ?",
        (MAX_RECEIVABLES,),
    )
    for row in rows:
        sides = (register.id_of(row.from_owner), register.id_of(row.to_owner))
        if None in sides or sides[0] == sides[1] or (row.lot_id, sides[1]) in signed:
            continue  # what both signed for is not counted twice
        deliveries.append(
            Delivered(
                id=f"assignment-of-goods:{row.position}",
                lot=row.lot_id,
                sender=row.from_owner,
                receiver=row.to_owner,
                quantity=int(row.quantity),
                day=day(row.timestamp),
            )
        )
    return deliveries


def _payments(connection: Connection, day: DayOf, *, first: int) -> list[Paid]:
    rows = run(
        connection,
        "SELECT position, receivable_id, payer, principal, timestamp FROM payments "
        "WHERE receivable_id >= ? AND principal > 0 ORDER BY position",
        (first,),
    )
    return [
        Paid(
            position=row.position,
            receivable=row.receivable_id,
            payer=row.payer,
            amount=int(row.principal),
            day=day(row.timestamp),
        )
        for row in rows
    ]


def _assignments(
    connection: Connection, day: DayOf, register: Register, *, first: int
) -> list[Assignment]:
    """Claims that changed hands, and loans that they secured: both are how a debt is financed."""
    moved = run(
        connection,
        "SELECT a.position, c.receivable_id, a.from_owner, a.to_owner, a.value, a.timestamp "
        "FROM assignments a JOIN claims c ON c.claim_id = a.to_claim_id "
        "WHERE c.receivable_id >= ? ORDER BY a.position",
        (first,),
    )
    entries = [
        (
            f"assignment:{row.position}",
            *(row.receivable_id, row.from_owner, row.to_owner, row.value, day(row.timestamp)),
        )
        for row in moved
    ]
    lent = run(
        connection,
        "SELECT l.loan_id, c.receivable_id, l.borrower, l.lender, c.value, l.start_day "
        "FROM loans l JOIN claims c ON c.claim_id = l.collateral_id "
        "WHERE l.collateral = 'claim' AND c.receivable_id >= ? "
        "UNION SELECT l.loan_id, c.receivable_id, l.borrower, l.lender, c.value, l.start_day "
        "FROM loans l JOIN collateral_items i ON i.loan_id = l.loan_id "
        "JOIN claims c ON c.claim_id = i.item_id WHERE i.kind = 'claim' AND c.receivable_id >= ?",
        (first, first),
    )
    entries += [
        (
            f"loan:{row.loan_id}:{row.receivable_id}:{row.value}",
            *(row.receivable_id, row.borrower, row.lender, row.value, row.start_day),
        )
        for row in lent
    ]
    assignments: dict[str, Assignment] = {}
    for identifier, receivable, giver, taker, amount, on in entries:
        sides = register.id_of(giver), register.id_of(taker)
        if sides[0] is not None and sides[1] is not None and sides[0] != sides[1]:
            assignments[identifier] = Assignment(
                identifier, f"receivable:{receivable}", sides[0], sides[1], int(amount), on
            )
    return list(assignments.values())
