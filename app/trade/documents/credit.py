"""An invoice with a negative amount is a credit, and is read as a credit note."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import asdict, replace

from app.trade.documents.model import CREDIT_NOTE, INVOICE, Document, Line, Totals


def as_credit(document: Document) -> Document:
    """The document; a negative invoice becomes a credit note, with the signs of its sums turned."""
    if document.kind != INVOICE or document.payable_amount >= 0:
        return document
    return replace(
        document,
        kind=CREDIT_NOTE,
        negated=True,
        payable_amount=-document.payable_amount,
        lines=tuple(_line(line) for line in document.lines),
        adjustments=tuple(
            replace(adjustment, amount=-adjustment.amount, exact=_negated(adjustment.exact))
            for adjustment in document.adjustments
        ),
        taxes=tuple(
            replace(
                tax,
                taxable=-tax.taxable,
                amount=-tax.amount,
                exact=_negated(tax.exact),
                taxable_exact=_negated(tax.taxable_exact),
            )
            for tax in document.taxes
        ),
        totals=Totals(
            **{
                name: None if amount is None else -amount
                for name, amount in asdict(document.totals).items()
            }
        ),
        instalments=tuple(
            replace(instalment, amount=-instalment.amount) for instalment in document.instalments
        ),
    )


def _line(line: Line) -> Line:
    """The line with its amount negated, and with it a negative price or else the quantity."""
    negated_line = replace(line, amount=-line.amount, exact=_negated(line.exact))
    if line.price is not None and line.price < 0:
        return replace(negated_line, price=-line.price)
    return replace(negated_line, quantity=_negated(line.quantity))


def _negated(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number
