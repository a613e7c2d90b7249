"""The records that are compared, from what the ledger and the gateway store."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Invoice, Kind, Line
from app.domain.crosschecks.validation import validate
from app.oversight.crosschecks.debts import Debt
from app.oversight.crosschecks.documents import Place, ReadInvoice, read_invoice
from app.oversight.crosschecks.market import Assembly, Compared, Limit
from app.oversight.crosschecks.register import Register
from app.oversight.crosschecks.repository import (
    Delivered,
    Paid,
    Rows,
    StoredLot,
    StoredOrder,
)
from app.trade.documents.repository import Behind
from app.trade.documents.views import Invoice as DocumentView

TODAY = 20_500
CODES = {"0xcny": "CNY"}
LOT = StoredLot(
    number=5,
    warehouse="0xw",
    depositor="0xs",
    item="0xitem",
    sku="SKU-9",
    grade="A",
    quantity=40_000,
    day=TODAY - 3,
    document_root="0xlot",
    promised=True,
)
INVOICE = ReadInvoice(
    number="INV-1",
    day=TODAY - 10,
    amount=300_000,
    lines=(Line("copper rods", 40_000, 7_500),),
    orders=(("PO-1", None),),
)


def register() -> Register:
    """A seller, a buyer and a warehouse; seller and buyer are in one group."""
    return Register(
        number_of={"0xs": 1, "0xb": 2, "0xw": 3, "0xs2": 1},
        account_of={1: "0xs", 2: "0xb", 3: "0xw"},
        identity_of={1: "s", 2: "b", 3: "w"},
        group_of={1: 7, 2: 7},
        name_of={1: "Seller", 2: "Buyer " * 60},
    )


def debt(number: int, **more: Any) -> Debt:
    usual: dict[str, Any] = {
        "number": number,
        "seller": "0xs",
        "debtor": "0xb",
        "currency": "0xcny",
        "amount": 100_000,
        "due_day": TODAY + 60,
        "requested_day": TODAY - 9,
        "fingerprint": f"0x{number:064x}",
    }
    return Debt(**(usual | more))


def rows(*debts: Debt, **more: Any) -> Rows:
    usual: dict[str, Any] = {
        "today": TODAY,
        "register": register(),
        "debts": list(debts),
        "older": 0,
        "behind": {},
        "models": {},
        "orders": [],
        "order_of": {},
        "lots": {},
        "statements": {},
        "deliveries": [],
        "payments": [],
        "assignments": [],
    }
    return Rows(**(usual | more))


def compared(
    stored: Rows,
    invoices: dict[str, ReadInvoice] | None = None,
    places: dict[str, Place] | None = None,
) -> Compared:
    """What is compared; whatever it is, the checks can read it."""
    result = Assembly(
        stored,
        codes=CODES,
        invoices=invoices or {},
        places=places or {},
        order_fingerprint=lambda seller, buyer, number: f"{seller} {buyer} {number}",
    ).compared(Limit())
    validate(result.market)
    find(result.market)
    return result


def only(result: Compared) -> Invoice:
    (invoice,) = result.market.invoices
    return invoice


def test_invoice_has_what_its_document_says_and_its_order() -> None:
    order = StoredOrder(
        number=4,
        seller="0xs",
        buyer="0xb",
        currency="0xcny",
        amount=5,
        day=TODAY - 20,
        fingerprint="s b PO-1",
    )
    stored = rows(debt(1), behind={1: Behind("d1", 0)}, orders=[order])
    invoice = only(compared(stored, {"d1": INVOICE}))
    assert (invoice.id, invoice.number, invoice.seller, invoice.buyer) == (
        *("receivable:1", "INV-1", "party:1", "party:2"),
    )
    assert (invoice.amount, invoice.issue_day, invoice.received_day) == (
        *(100_000, TODAY - 10, TODAY - 9),
    )
    assert (invoice.lines, invoice.order_id) == (INVOICE.lines, "order:4")
    replaced = rows(debt(1), order_of={1: 8})
    assert only(compared(replaced)).order_id == "order:8", "as the ledger replaced it"


@pytest.mark.parametrize(
    ("stated", "day", "is_found"),
    [(None, TODAY, False), (TODAY - 11, TODAY - 11, False), (TODAY - 2, TODAY - 2, True)],
)
def test_the_day_of_filing_is_not_the_day_of_an_order(
    stated: int | None, day: int, is_found: bool
) -> None:
    order = StoredOrder(
        number=4,
        seller="0xs",
        buyer="0xb",
        currency="0xcny",
        amount=100_000,
        day=TODAY,
        fingerprint="s b PO-1",
    )
    stored = rows(debt(1), behind={1: Behind("d1", 0)}, orders=[order])
    document = msgspec.structs.replace(INVOICE, orders=(("PO-1", stated),))
    result = compared(stored, {"d1": document})
    (record,) = result.market.orders
    assert (record.day, record.is_day_known) == (day, stated is not None)
    kinds = {finding.kind for finding in find(result.market).findings}
    assert (Kind.IMPOSSIBLE_DATE in kinds) is is_found


def test_instalments_of_one_document_are_one_invoice() -> None:
    stored = rows(
        *(debt(number, due_day=TODAY + 30 * number) for number in (1, 2, 3)),
        behind={number: Behind("d1", number) for number in (1, 2, 3)},
        payments=[Paid(position=9, receivable=2, payer="0xb", amount=100_000, day=TODAY)],
        assignments=[Assignment("a1", "receivable:3", "party:1", "party:3", 5, TODAY)],
    )
    result = compared(stored, {"d1": INVOICE})
    invoice = only(result)
    assert (invoice.amount, invoice.due_day) == (300_000, TODAY + 90)
    assert result.receivables_of == {"receivable:1": (1, 2, 3)}
    assert result.market.payments[0].references == ("INV-1",)
    assert result.market.assignments[0].invoice_id == "receivable:1"
    alone = rows(debt(2), behind={2: Behind("d1", 2)})
    assert only(compared(alone, {"d1": INVOICE})).amount == 300_000, "the others are not filed yet"


def test_receivables_without_documents_are_no_copies_by_their_numbers() -> None:
    result = compared(rows(debt(1), debt(7, amount=98_765), debt(71, amount=98_765)))
    assert len({invoice.number for invoice in result.market.invoices}) == 3
    assert {invoice.issue_day for invoice in result.market.invoices} == {TODAY - 9}
    reasons = {entry.reason: entry.count for entry in result.left_out}
    assert reasons["invoices whose document has no lines or is not here"] == 3
    copies = [f for f in find(result.market).findings if f.kind is Kind.DUPLICATE_INVOICE]
    assert all("variant" not in finding.reason for finding in copies)


@pytest.mark.parametrize(
    "more",
    [
        {"currency": "0xother"},
        {"seller": "0xnobody"},
        {"debtor": "0xnobody"},
        {"due_day": 2**32 - 1},
    ],
)
def test_what_no_check_can_read_is_left_out_by_number(more: dict[str, Any]) -> None:
    result = compared(rows(debt(1), debt(2, **more)))
    assert only(result).id == "receivable:1"
    assert [entry.count for entry in result.left_out if "unknown here" in entry.reason] == [1]


def test_older_receivables_are_counted() -> None:
    result = compared(rows(debt(1), older=12))
    assert ("receivables", 12) in {(entry.check, entry.count) for entry in result.left_out}


@pytest.mark.parametrize(
    ("description", "goods"),
    [("Copper  RODS", "copper rods"), ("wire", "sku-9"), (None, "sku-9")],
)
def test_goods_of_a_lot_have_the_name_that_the_invoices_use(
    description: str | None, goods: str
) -> None:
    delivered = Delivered(
        id="delivery:1", lot=5, sender="0xs2", receiver="0xb", quantity=40_000, day=TODAY, order=4
    )
    stored = rows(debt(1), behind={1: Behind("d1", 0)}, lots={5: LOT}, deliveries=[delivered])
    result = compared(stored, {"d1": INVOICE}, {"0xlot": Place(description, None, None)})
    (movement,) = result.market.movements
    assert (movement.goods, movement.sender, movement.order_id) == (goods, "party:1", "order:4")


def test_lots_are_receipts_as_long_as_goods_are_promised() -> None:
    place = {"0xlot": Place("rods", "heat 7", "hall 4")}
    (receipt,) = compared(rows(lots={5: LOT}), places=place).market.receipts
    assert (receipt.id, receipt.lot, receipt.place, receipt.goods) == (
        *("lot:5", "heat 7", "hall 4", "SKU-9 A"),
    )
    ended = msgspec.structs.replace(LOT, promised=False)
    assert compared(rows(lots={5: ended}), places=place).market.receipts == ()
    unnamed = msgspec.structs.replace(LOT, sku=None, depositor="0xnobody")
    assert compared(rows(lots={5: unnamed})).market.receipts == ()


def test_group_is_the_owner_of_its_parties_and_names_have_bounds() -> None:
    result = compared(rows(debt(1)))
    owners = {party.id: [h.holder for h in party.owners] for party in result.market.parties}
    assert owners == {"party:1": ["group:7"], "party:2": ["group:7"], "party:3": []}
    assert any(f.kind is Kind.COMMON_CONTROL for f in find(result.market).findings)
    assert register().related_to(1) == {1, 2}
    assert register().related_to(3) == {3}


def test_document_is_read_as_far_as_it_can_be_compared() -> None:
    document: DocumentView = {
        "kind": "invoice",
        "format": "json",
        "number": "N" * 300,
        "issueDate": "2026-02-14",
        "dueDate": None,
        "currency": "CNY",
        "payableAmount": "1250.00",
        "seller": {"name": "s", "id": None, "scheme": None},
        "buyer": {"name": "b", "id": None, "scheme": None},
        "lines": [
            {
                "number": "1",
                "description": " Copper\tRods ",
                "quantity": "12.3456",
                "price": "99.995",
                "amount": "1234.00",
            },
            {"number": "2", "description": "freight", "amount": "16.00"},
            {
                "number": "3",
                "description": "rebate",
                "quantity": "-1",
                "price": "1e40",
                "amount": "0",
            },
        ],
        "adjustments": [],
        "taxes": [],
        "totals": {},
        "references": [
            {"kind": "order", "number": "PO-1", "issueDate": "2026-01-27"},
            {"kind": "order", "number": "PO-2"},
            {"kind": "invoice", "number": "OLD-1"},
        ],
    }
    read = read_invoice(document)
    assert (len(read.number), read.amount, read.orders) == (
        200,
        125_000,
        (("PO-1", 20_480), ("PO-2", None)),
    )
    assert read.lines == (
        Line("copper rods", 12_346, 10_000),
        Line("freight", 0, 0),
        Line("rebate", 0, 0),
    )


def test_what_a_seller_alone_says_changes_no_order_no_goods_and_no_instalments() -> None:
    order = StoredOrder(
        number=4,
        seller="0xs",
        buyer="0xb",
        currency="0xcny",
        amount=100_000,
        day=TODAY,
        fingerprint="s b PO-1",
    )
    dated = msgspec.structs.replace(INVOICE, orders=(("PO-1", TODAY - 900),))
    by_code = msgspec.structs.replace(INVOICE, lines=(Line("sku-9", 40_000, 7_500),))
    delivered = Delivered(
        id="delivery:1", lot=5, sender="0xs", receiver="0xb", quantity=40_000, day=TODAY
    )
    stored = rows(
        debt(1),
        debt(2, confirmed=False),
        debt(3, due_day=TODAY + 30),
        debt(4, due_day=TODAY + 900, confirmed=False),
        behind={1: Behind("d1", 0), 2: Behind("d2", 0), 3: Behind("d3", 1), 4: Behind("d3", 2)},
        orders=[order],
        lots={5: LOT},
        deliveries=[delivered],
        older_unconfirmed=3,
        older_orders=2,
    )
    documents = {"d1": by_code, "d2": dated, "d3": INVOICE}
    result = compared(stored, documents, {"0xlot": Place("Copper rods", None, None)})
    told = {invoice.id: invoice.is_confirmed for invoice in result.market.invoices}
    assert told == {"receivable:1": True, "receivable:2": False, "receivable:3": True}
    assert result.market.orders[0].is_day_known is False
    in_parts = result.market.invoices[2]
    assert (in_parts.due_day, in_parts.amount) == (TODAY + 30, 300_000)
    assert result.receivables_of["receivable:3"] == (3, 4)
    assert result.market.movements[0].goods == "copper rods", "as a confirmed invoice names it"
    only_code = rows(*stored.debts[:2], behind=stored.behind, lots={5: LOT}, deliveries=[delivered])
    other = compared(only_code, documents, {"0xlot": Place("Copper rods", None, None)})
    assert other.market.movements[0].goods == "sku-9"
    counts = {(entry.check, entry.count) for entry in result.left_out}
    assert {("receivables", 3), ("orders", 2)} <= counts
