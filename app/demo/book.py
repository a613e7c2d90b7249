"""A book of invoices: some hundred, of several suppliers to several buyers over months.

Lists are worth paging with them. Most are paid when they are due, some late, some not at all.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from app.demo.cast import Member, join
from app.demo.client import Caller
from app.demo.goods import Goods
from app.demo.lending_steps import LEGAL
from app.demo.story import DAY_SECONDS
from app.domain.money import decimal_text

MONTHS = 8
INVOICES_A_MONTH = 40
AT_A_TIME = 8
PAID_LATE, NEVER_PAID = 0.8, 0.93  # above these parts of all invoices
LATE_RATE = 73_500
BUYER_MONEY = 400_000_000_00
#: Further buyers, which have no login.
BUYERS = (
    Member(
        *("shipyard", "Lüshun Shipyard Co., Ltd.", "91210200MA0H00010F"),
        *(("buyer",), ("buyer",)),
    ),
    Member(
        *("pumps", "Hanjiang Pumps Co., Ltd.", "91420100MA4P00023E"),
        *(("buyer",), ("buyer",)),
    ),
    Member(
        *("elevators", "Gulangyu Elevators Co., Ltd.", "91350200MA8E00039E"),
        *(("buyer",), ("buyer",)),
    ),
)
SELLERS = ("supplier", "castor", "pollux", "vega", "altair")
GOODS = {
    "supplier": "castings by drawing",
    "castor": "moulds",
    "pollux": "steel in coils",
    "vega": "coating of castings",
    "altair": "sand and resin",
}


@dataclass
class Invoice:
    """One invoice of the book.

    Attributes:
        month: in which it is issued, from 0.
        term: days until it is due.
        paid_after: days after the due day on which it is paid; None: not at all.
        confirmed: whether the buyer has confirmed it.
    """

    number: str
    seller: str
    buyer: str
    amount: int
    month: int
    term: int
    paid_after: int | None
    confirmed: bool
    due: datetime.date = datetime.date.max
    receivable: int = 0


def invoices() -> list[Invoice]:
    """The whole book, the same in every run."""
    source = random.Random("the book of invoices")
    buyers = ("buyer", "buyer", *(member.name for member in BUYERS))
    book = []
    for place in range(MONTHS * INVOICES_A_MONTH):
        seller, month = SELLERS[place % len(SELLERS)], place // INVOICES_A_MONTH
        fate = source.random()
        book.append(
            Invoice(
                number=f"{seller[:2].upper()}-{month + 1:02d}-{place:04d}",
                seller=seller,
                buyer=source.choice(buyers),
                amount=source.randrange(8_000_00, 480_000_00),
                month=month,
                term=source.choice((30, 45, 60, 90)),
                paid_after=None if fate > NEVER_PAID else 25 if fate > PAID_LATE else 0,
                # Buyers have not yet looked at all of the newest.
                confirmed=month < MONTHS - 1 or fate < PAID_LATE,
            )
        )
    return book


def fill_book(story: Goods) -> None:
    """Files the book month by month, while the chain's clock moves.

    Raises:
        GatewayRefused, TimeoutError.
    """
    callers, parties = dict(story.callers), dict(story.parties)
    legal = dict(LEGAL)
    for member in BUYERS:
        parties[member.name], callers[member.name] = join(callers["registrar"], member)
        legal[member.name] = (member.legal_name, member.legal_id)
    story.cash = dict.fromkeys(parties, 0)
    book = invoices()
    desk = _Desk(callers, legal, story.currency)
    body = {"amount": desk.amount(BUYER_MONEY)}
    for name in ("buyer", *(member.name for member in BUYERS)):
        callers["cash-issuer"].command(
            f"/v1/cash/{story.currency}/mint", body | {"toPartyId": parties[name]}
        )
    for month in range(MONTHS):
        today = story.today()
        of_month = [invoice for invoice in book if invoice.month == month]
        _all(partial(desk.filed, today=today), of_month)
        last = month == MONTHS - 1
        story.clock.move_to(story.clock.now() + (1 if last else 30) * DAY_SECONDS)
        story.settle()
        today = story.today()
        _all(desk.paid, [each for each in book if _is_paid(each, month, today)])


def _is_paid(invoice: Invoice, month: int, today: datetime.date) -> bool:
    """Whether an invoice of this month or an earlier one is paid now."""
    if invoice.paid_after is None or not invoice.confirmed or not invoice.receivable:
        return False
    due = invoice.due + datetime.timedelta(days=invoice.paid_after)
    return invoice.month <= month and due <= today + datetime.timedelta(days=15)


def _all(work: Callable[[Invoice], None], of: Sequence[Invoice]) -> None:
    """Does the work for each, several at a time: the relayer sends what is ready together."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(work, of))


@dataclass
class _Desk:
    """Sellers and buyers of the book, each with its key."""

    callers: dict[str, Caller]
    legal: dict[str, tuple[str, str]]
    currency: str

    def amount(self, minor: int) -> dict[str, str]:
        return {
            "amount": decimal_text(minor, currency=self.currency),
            "currency": self.currency,
        }

    def filed(self, invoice: Invoice, today: datetime.date) -> None:
        """The seller uploads and files an invoice; its buyer confirms it."""
        invoice.due = today + datetime.timedelta(days=invoice.term)
        seller, text = self.callers[invoice.seller], self.amount(invoice.amount)["amount"]
        (seller_name, seller_id), (buyer_name, buyer_id) = (
            self.legal[name] for name in (invoice.seller, invoice.buyer)
        )
        document = {
            "kind": "invoice",
            "number": invoice.number,
            "issueDate": today.isoformat(),
            "dueDate": invoice.due.isoformat(),
            "currency": self.currency,
            "payableAmount": text,
            "seller": {"name": seller_name, "id": seller_id},
            "buyer": {"name": buyer_name, "id": buyer_id},
            "lines": [{"description": GOODS[invoice.seller], "amount": text}],
        }
        uploaded = seller.upload(
            "/v1/documents",
            name=f"{invoice.number}.json",
            content=json.dumps(document).encode(),
            media_type="application/json",
        )
        answer = seller.command(
            "/v1/receivables", {"documentId": uploaded.body["id"], "lateRate": LATE_RATE}
        )
        invoice.receivable = int(answer.body["result"]["receivableId"])
        if invoice.confirmed:
            path = f"/v1/receivables/{invoice.receivable}/confirmation"
            self.callers[invoice.buyer].command(path)

    def paid(self, invoice: Invoice) -> None:
        """The buyer pays; what is too much for the late charge stays its own."""
        path = f"/v1/receivables/{invoice.receivable}/payments"
        body = {"amount": self.amount(invoice.amount * 2)}
        self.callers[invoice.buyer].command(path, body)
        invoice.paid_after = None
