"""What the operations on warehouse receipts share: quantities, evidence and subjects."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.chain.evm.hashing import text_hash
from app.domain.quantity import QuantityInvalid, quantity_text, thousandths
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.goods.warehouse_receipts.repository import WarehouseReceiptWithLot


class Subject(TypedDict):
    """What an operation on a warehouse receipt is about."""

    warehouseReceiptId: int
    lotId: int


def quantity(text: str, *, field: str, maximum: int | None = None) -> int:
    """Thousandths of a quantity in a request.

    Raises:
        BadInput: it is no quantity, or above `maximum`.
    """
    try:
        amount = thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(text_of(error), name="quantity-invalid", field=field) from error
    if maximum is not None and amount > maximum:
        raise BadInput(
            say(
                "{field} is {amount}, the warehouse receipt holds {maximum}",
                field=field,
                amount=quantity_text(amount),
                maximum=quantity_text(maximum),
            ),
            name="quantity-exceeds-warehouse-receipt",
            field=field,
            fix=say("give at most {maximum}", maximum=quantity_text(maximum)),
        )
    return amount


def evidence_hash(report: str, root: str | None) -> str:
    """The hash on the ledger of a report, or of documents stored elsewhere; zeros for none.

    Raises:
        BadInput: both are given.
    """
    if root is None:
        return text_hash(report)
    if report:
        raise BadInput(
            "report and documentRoot are both given", field="documentRoot", fix="give one of them"
        )
    return root


def subject_of(warehouse_receipt: WarehouseReceiptWithLot) -> Subject:
    """What an operation on a warehouse receipt is about."""
    return {
        "warehouseReceiptId": warehouse_receipt.row.warehouse_receipt_id,
        "lotId": warehouse_receipt.row.lot_id,
    }
