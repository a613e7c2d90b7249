"""The finished market: records in no order that tells anything, with ids and numbers.

Ids are drawn after the records are shuffled. Numbers follow each seller's own sequence in the order
of issue, for honest invoices and others alike.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from random import Random
from typing import TypeVar

from app.domain.calendar import date_of
from app.domain.crosschecks.records import (
    Assignment,
    Holding,
    Invoice,
    Market,
    Movement,
    Order,
    Party,
    Payment,
    Receipt,
    TaxRecord,
)
from benchmarks.fraud.drafts import Company, DraftInvoice, World

Item = TypeVar("Item")
MISWRITTEN = 0.015  # references of payments with a slip of the pen


def finished(world: World) -> Market:
    """All records up to today; later ones, and what speaks of them, are left out."""
    chance = world.stream("ids")
    for company in _shuffled(chance, world.parties):
        company.id = _id(chance, "p")
    _number(world, world.stream("numbers"))
    stated = [one for one in world.invoices if one.stated and one.received_day <= world.today]
    orders = _shuffled(chance, [order for order in world.orders if order.day <= world.today])
    for order in orders:
        order.id = _id(chance, "o")
    invoices = _shuffled(chance, stated)
    for invoice in invoices:
        invoice.id = _id(chance, "i")
    receipts = _shuffled(chance, world.receipts)
    for receipt in receipts:
        receipt.id = _id(chance, "r")
    return Market(
        today=world.today,
        review_limit=world.review_limit,
        tax_known=world.tax_known,
        parties=tuple(_party(company) for company in _shuffled(chance, world.parties)),
        orders=tuple(
            Order(
                id=order.id,
                buyer=order.pair.buyer.id,
                seller=order.pair.seller.id,
                currency=order.pair.currency,
                amount=sum((line.quantity * line.price + 500) // 1000 for line in order.lines),
                day=order.day,
                lines=tuple(order.lines),
            )
            for order in orders
        ),
        invoices=tuple(map(_invoice, invoices)),
        movements=_movements(world, chance),
        receipts=tuple(
            Receipt(
                id=receipt.id,
                warehouse=receipt.warehouse.id,
                depositor=receipt.depositor.id,
                goods=receipt.goods,
                quantity=receipt.quantity,
                day=receipt.day,
                lot=receipt.lot,
                place=receipt.place,
            )
            for receipt in receipts
        ),
        payments=_payments(world, chance),
        tax_records=_tax_records(world, chance),
        assignments=_assignments(world, chance),
    )


def fingerprint(market: Market) -> str:
    """A hash of all that a market has."""
    return hashlib.sha256(repr(market).encode()).hexdigest()


def _shuffled(chance: Random, items: list[Item]) -> list[Item]:
    return chance.sample(items, len(items))


def _id(chance: Random, letter: str) -> str:
    return f"{letter}{chance.getrandbits(60):015x}"


def _party(company: Company) -> Party:
    return Party(
        id=company.id,
        name=company.name,
        registered_day=company.registered_day,
        owners=tuple(
            Holding(holder if isinstance(holder, str) else holder.id, share)
            for holder, share in company.owners
        ),
        directors=tuple(company.directors),
        contacts=tuple(company.contacts),
    )


def _invoice(invoice: DraftInvoice) -> Invoice:
    pair = invoice.pair
    return Invoice(
        id=invoice.id,
        number=invoice.number,
        seller=pair.seller.id,
        buyer=pair.buyer.id,
        currency=pair.currency,
        amount=invoice.amount,
        issue_day=invoice.issue_day,
        due_day=invoice.due_day,
        received_day=invoice.received_day,
        lines=tuple(invoice.lines),
        order_id=invoice.order.id or None if invoice.order else None,
    )


def _movements(world: World, chance: Random) -> tuple[Movement, ...]:
    moves = [move for move in world.movements if move.day <= world.today]
    return tuple(
        Movement(
            id=_id(chance, "m"),
            sender=move.pair.seller.id,
            receiver=move.pair.buyer.id,
            goods=move.goods,
            quantity=move.quantity,
            day=move.day,
            order_id=move.order.id or None if move.order else None,
        )
        for move in _shuffled(chance, moves)
    )


def _payments(world: World, chance: Random) -> tuple[Payment, ...]:
    payments = [payment for payment in world.payments if payment.day <= world.today]
    return tuple(
        Payment(
            id=_id(chance, "b"),
            payer=payment.payer.id,
            payee=payment.payee.id,
            currency=payment.currency,
            amount=payment.amount,
            day=payment.day,
            references=tuple(_reference(chance, invoice.official) for invoice in payment.named),
        )
        for payment in _shuffled(chance, payments)
    )


def _reference(chance: Random, number: str) -> str:
    if chance.random() >= MISWRITTEN:
        return number
    place = chance.randrange(len(number) - 1)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return chance.choice((number.replace("-", ""), number.lower(), swapped))


def _tax_records(world: World, chance: Random) -> tuple[TaxRecord, ...]:
    if not world.tax_known:
        return ()
    records = [
        TaxRecord(
            number=invoice.official,
            seller=invoice.pair.seller.id,
            buyer=invoice.tax.buyer.id,
            currency=invoice.pair.currency,
            amount=invoice.tax.amount,
            day=invoice.tax.day,
            state=invoice.tax.state,
        )
        for invoice in world.invoices
        if invoice.tax is not None and invoice.tax.day <= world.today
    ]
    return tuple(_shuffled(chance, records))


def _assignments(world: World, chance: Random) -> tuple[Assignment, ...]:
    passed = [one for one in world.assignments if one.day <= world.today and one.invoice.id]
    return tuple(
        Assignment(
            id=_id(chance, "a"),
            invoice_id=assignment.invoice.id,
            assignor=assignment.assignor.id,
            assignee=assignment.assignee.id,
            amount=assignment.amount,
            day=assignment.day,
        )
        for assignment in _shuffled(chance, passed)
    )


def _number(world: World, chance: Random) -> None:
    """Numbers by seller in the order of issue, with gaps for customers outside of the market."""
    by_seller: dict[Company, list[DraftInvoice]] = defaultdict(list)
    for invoice in world.invoices:
        by_seller[invoice.pair.seller].append(invoice)
    for seller, invoices in by_seller.items():
        sequence = chance.randrange(1, 4_000)
        for _, _, invoice in sorted(
            (invoice.issue_day + chance.random() * 1.5, place, invoice)
            for place, invoice in enumerate(invoices)
        ):
            sequence += 1 + min(9, int(chance.expovariate(0.7)))
            invoice.official = _numbered(seller, sequence, date_of(invoice.issue_day).year)
    for invoice in world.invoices:
        invoice.number = invoice.official
        if invoice.renumbered is not None:
            source, way = invoice.renumbered
            invoice.number = _otherwise(source.official, way)
            if source is not invoice:
                invoice.official = invoice.number


def _numbered(seller: Company, sequence: int, year: int) -> str:
    return (
        f"{seller.prefix}-{year}-{sequence:05d}",
        f"{sequence:08d}-1",
        f"INV-{sequence:06d}",
        f"{seller.prefix}{year % 100}/{sequence:05d}",
        f"No-{year % 100}{sequence:06d}",
    )[seller.number_style]


def _otherwise(number: str, way: str) -> str:
    if way == "no-dash" and "-" in number:
        return number.replace("-", "")
    if way in {"space", "no-dash"}:
        return number.replace("-", " ").replace("/", " / ")
    if way == "lower":
        return number.lower()
    if way == "letter":
        head, _, tail = number.rpartition("0")
        return f"{head}O{tail}"
    return number + way
