"""An invoice over less than nothing is a credit, and is read as the credit note that it is."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import asdict, replace

from app.trade.documents.model import CREDIT_NOTE, INVOICE, Document, Line, Totals


def as_credit(document: Document) -> Document:
    """The document; a negative invoice as a credit note, its sums without their minus signs."""
    if document.kind != INVOICE or document.payable_amount >= 0:
        return document
    return replace(
        document,
        kind=CREDIT_NOTE,
        negated=True,
        payable_amount=-document.payable_amount,
        lines=tuple(_line(line) for line in document.lines),
        adjustments=tuple(
            replace(one, amount=-one.amount, exact=_turned(one.exact))
            for one in document.adjustments
        ),
        taxes=tuple(
            replace(
                tax,
                taxable=-tax.taxable,
                amount=-tax.amount,
                exact=_turned(tax.exact),
                taxable_exact=_turned(tax.taxable_exact),
            )
            for tax in document.taxes
        ),
        totals=Totals(
            **{
                name: None if amount is None else -amount
                for name, amount in asdict(document.totals).items()
            }
        ),
        instalments=tuple(replace(one, amount=-one.amount) for one in document.instalments),
    )


def _line(line: Line) -> Line:
    """Its amount turned, and with it the quantity, or the price where that was below zero."""
    turned = replace(line, amount=-line.amount, exact=_turned(line.exact))
    if line.price is not None and line.price < 0:
        return replace(turned, price=-line.price)
    return replace(turned, quantity=_turned(line.quantity))


def _turned(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number
