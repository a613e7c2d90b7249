"""Trade records for tests of the cross-checks: an honest market, and hands that change it.

The honest market has what looks like fraud and is none: equal invoices each month, batches of equal
invoices on one day, partial deliveries, back orders, framework orders, corrected invoices, seasons,
groups that trade openly, late payers, large true orders, new pairs, round prices, services,
movements that nobody reported, and cycles of different goods.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import TypedDict

from typing_extensions import Unpack

from app.domain.crosschecks.detector import Result
from app.domain.crosschecks.records import (
    Assignment,
    Finding,
    Holding,
    Invoice,
    Kind,
    Line,
    Market,
    Movement,
    Order,
    Party,
    Payment,
    Receipt,
    TaxRecord,
    TaxState,
)

BEGIN = 20_000
TODAY = BEGIN + 540
LIMIT = 50_000_000


class PartyFields(TypedDict, total=False):
    """Fields of a party that a test sets."""

    name: str
    registered_day: int | None
    owners: tuple[Holding, ...]
    directors: tuple[str, ...]
    contacts: tuple[str, ...]


class InvoiceFields(TypedDict, total=False):
    """Fields of an invoice that a test changes."""

    number: str
    buyer: str
    amount: int
    issue_day: int
    due_day: int
    received_day: int
    lines: tuple[Line, ...]
    order_id: str | None
    is_confirmed: bool


class ReceiptFields(TypedDict, total=False):
    """Fields of a warehouse receipt that a test sets."""

    warehouse: str
    depositor: str
    goods: str
    quantity: int
    day: int
    lot: str | None
    place: str | None


class DealFields(TypedDict, total=False):
    """What a deal may have otherwise.

    `order_id`: "own" places an order; another text is that of an order; None: no order. `moved`:
    days after the order; None: no movement. `pays_after`: days after the due day; None: never.
    """

    goods: str
    quantity: int
    price: int
    order_id: str | None
    moved: int | None
    known_to_tax: bool
    pays_after: int | None
    terms: int
    number: str


@dataclass
class Records:
    """Records that grow; `market` makes the frozen market."""

    parties: dict[str, Party] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    movements: dict[str, Movement] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    tax_records: dict[str, TaxRecord] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    today: int = TODAY
    review_limit: int = LIMIT
    tax_known: bool = True
    _counter: count[int] = field(default_factory=count)

    def market(self) -> Market:
        return Market(
            today=self.today,
            review_limit=self.review_limit,
            tax_known=self.tax_known,
            parties=tuple(self.parties.values()),
            orders=tuple(self.orders.values()),
            invoices=tuple(self.invoices.values()),
            movements=tuple(self.movements.values()),
            receipts=tuple(self.receipts.values()),
            payments=tuple(self.payments.values()),
            tax_records=tuple(self.tax_records.values()),
            assignments=tuple(self.assignments.values()),
        )

    def party(self, party_id: str, **more: Unpack[PartyFields]) -> str:
        party = Party(party_id, f"Company {party_id}", BEGIN - 3_000)
        self.parties[party_id] = replace(party, **more)
        return party_id

    def deal(self, seller: str, buyer: str, day: int, **fields: Unpack[DealFields]) -> str:
        """An order, its goods, its invoice, what tax knows, and its payment; the invoice's id."""
        invoice_id = f"i{len(self.invoices):05}"
        number = fields.get("number") or f"{seller}-{1000 + len(self.invoices)}"
        quantity, price = fields.get("quantity", 100_000), fields.get("price", 12_345)
        goods = fields.get("goods", "steel")
        amount, lines = quantity * price // 1_000, (Line(goods, quantity, price),)
        order_id = fields.get("order_id", "own")
        if order_id == "own":
            order_id = f"o{invoice_id}"
            self.orders[order_id] = Order(order_id, buyer, seller, "CNY", amount, day, lines)
        moved, issued = fields.get("moved", 3), day + 4
        if moved is not None:
            self.move((seller, buyer), goods, quantity, day + moved, order_id=order_id)
        due = issued + fields.get("terms", 60)
        self.invoices[invoice_id] = Invoice(
            id=invoice_id,
            number=number,
            seller=seller,
            buyer=buyer,
            currency="CNY",
            amount=amount,
            issue_day=issued,
            due_day=due,
            received_day=issued + 1,
            lines=lines,
            order_id=order_id,
        )
        if fields.get("known_to_tax", True):
            self.tax_records[invoice_id] = TaxRecord(
                number, seller, buyer, "CNY", amount, issued, TaxState.ISSUED
            )
        pays_after = fields.get("pays_after", 5)
        if pays_after is not None and due + pays_after <= self.today:
            self.pay(invoice_id, due + pays_after)
        return invoice_id

    def move(
        self,
        way: tuple[str, str],
        goods: str,
        quantity: int,
        day: int,
        *,
        order_id: str | None = None,
    ) -> str:
        key = f"m{next(self._counter):05}"
        if day <= self.today:
            self.movements[key] = Movement(key, *way, goods, quantity, day, order_id)
        return key

    def pay(self, invoice_id: str, day: int) -> str:
        invoice = self.invoices[invoice_id]
        key = f"p{next(self._counter):05}"
        self.payments[key] = Payment(
            key, invoice.buyer, invoice.seller, "CNY", invoice.amount, day, (invoice.number,)
        )
        return key

    def store(self, name: str, **more: Unpack[ReceiptFields]) -> str:
        receipt = Receipt(name, "w1", "s1", "copper", 25_000, BEGIN + 100, f"L {name}", f"B {name}")
        self.receipts[name] = replace(receipt, **more)
        return name

    def claim(self, invoice_id: str, name: str, **more: Unpack[InvoiceFields]) -> str:
        """The same invoice again under another name and number; its buyer has not confirmed it."""
        fields = InvoiceFields(number=name, is_confirmed=False) | more
        self.invoices[name] = replace(self.invoices[invoice_id], id=name, **fields)
        return name

    def change(self, invoice_id: str, **more: Unpack[InvoiceFields]) -> None:
        self.invoices[invoice_id] = replace(self.invoices[invoice_id], **more)


def of_kind(result: Result, kind: Kind) -> list[Finding]:
    return [finding for finding in result.findings if finding.kind is kind]


def subjects(result: Result, kind: Kind) -> set[str]:
    return {subject for finding in of_kind(result, kind) for subject in finding.subjects}


def honest(seed: int = 7, *, sellers: int = 24, buyers: int = 24) -> Records:
    """A market in which nobody cheats."""
    rng = random.Random(seed)
    records = Records()
    for at in range(sellers):
        records.party(f"s{at}", owners=(Holding(f"person s{at}", 800_000),), contacts=(f"c s{at}",))
    for at in range(buyers):
        records.party(f"b{at}", owners=(Holding(f"person b{at}", 600_000),), contacts=(f"c b{at}",))
    for warehouse in ("w1", "w2"):
        records.party(warehouse)
    for at in range(sellers):
        for buyer in rng.sample(range(buyers), min(4, buyers)):
            _trade(records, rng, at, f"b{buyer}")
    _cycle(records, rng)
    _group(records, rng)
    _new_pairs(records, rng)
    for at in range(60):
        records.store(
            f"r{at}",
            depositor=f"s{at % 7}",
            quantity=25_000 if at % 2 else rng.randrange(5_000, 90_000),
            day=BEGIN + 7 * at,
        )
    records.store("half", lot="L r1", quantity=40_000, place="B other")
    return records


def _trade(records: Records, rng: random.Random, at: int, buyer: str) -> None:
    """One pair for a year and a half, in one of seven habits."""
    goods, price = f"goods {at % 9}", rng.choice((12_345, 20_000, 9_990, 50_000))
    usual, late = rng.randrange(20_000, 400_000), rng.choice((0, 3, 10, 40))
    habit, day = rng.randrange(7), BEGIN + rng.randrange(30)
    while day < TODAY - 5:
        quantity = max(1_000, int(usual * rng.lognormvariate(0, 0.3)) // 1_000 * 1_000)
        if 300 < day - BEGIN < 345:
            quantity *= 2  # a season
        deal = partial(
            records.deal,
            f"s{at}",
            buyer,
            goods=goods,
            price=price,
            pays_after=late + rng.randrange(10),
        )
        _trade_once(records, rng, deal, day, habit=habit, usual=usual, quantity=quantity)
        day += rng.randrange(24, 34) if habit != 5 else rng.randrange(6, 15)


def _trade_once(
    records: Records,
    rng: random.Random,
    deal: Callable[..., str],
    day: int,
    *,
    habit: int,
    usual: int,
    quantity: int,
) -> None:
    if habit == 0:  # the same sum each month, without an order
        deal(day, quantity=usual, order_id=None)
    elif habit == 1:  # a batch of equal invoices on one day
        for _ in range(3):
            deal(day, quantity=usual)
    elif habit == 2:  # partial deliveries, the last one late
        invoice = records.invoices[deal(day, quantity=quantity, moved=None)]
        way, goods = (invoice.seller, invoice.buyer), invoice.lines[0].goods
        for part, after in ((quantity // 2, 2), (quantity - quantity // 2, 21)):
            records.move(way, goods, part, day + after, order_id=invoice.order_id)
    elif habit == 3:  # a framework order, called off in equal parts
        first = records.invoices[deal(day, quantity=usual)]
        order = f"o{first.id}"
        records.orders[order] = replace(records.orders[order], amount=3 * first.amount)
        for after in (9, 18):
            deal(min(day + after, TODAY - 5), quantity=usual, order_id=order)
    elif habit == 4 and rng.random() < 0.15:  # a corrected invoice
        wrong = deal(day, quantity=quantity, moved=None)
        records.tax_records[wrong] = replace(records.tax_records[wrong], state=TaxState.CANCELLED)
        for payment in [
            p
            for p in records.payments.values()
            if p.references == (records.invoices[wrong].number,)
        ]:
            del records.payments[payment.id]
        deal(day + 3, quantity=quantity, order_id=records.invoices[wrong].order_id)
    else:
        # Some are large true orders, and some movements nobody reported.
        moved = None if rng.random() < 0.01 else 3
        deal(day, quantity=quantity * (4 if rng.random() < 0.005 else 1), moved=moved)


def _cycle(records: Records, rng: random.Random) -> None:
    """Steel becomes parts, parts machines, and the mill buys machines."""
    for day in range(BEGIN + 10, TODAY - 10, 40):
        for way, goods, price in (
            (("s0", "s1"), "steel", 10_000),
            (("s1", "s2"), "parts", 30_000),
            (("s2", "s0"), "machine", 500_000),
        ):
            quantity = rng.randrange(40_000, 90_000)
            records.deal(*way, day + rng.randrange(5), goods=goods, price=price, quantity=quantity)


def _group(records: Records, rng: random.Random) -> None:
    records.party("holding", name="Lanhua Holding", owners=(Holding("person l", 900_000),))
    for name, part in (("ga", 1_000_000), ("gb", 700_000)):
        records.party(
            name, name=f"Lanhua {name}", owners=(Holding("holding", part),), directors=("dl",)
        )
    for day in range(BEGIN, TODAY - 10, 20):
        records.deal("ga", "gb", day, quantity=rng.randrange(50_000, 90_000))


def _new_pairs(records: Records, rng: random.Random) -> None:
    """A large true order each, then an ordinary one."""
    for at in range(4):
        day = BEGIN + 100 + 40 * at
        buyer = records.party(f"n{at}")
        for after, quantity in ((0, 1_500_000), (20, rng.randrange(50_000, 900_000))):
            records.deal(f"s{at}", buyer, day + after, quantity=quantity, price=20_000)


def quiet(seed: int = 3) -> Records:
    """A small market in which all records fit; deals of steel at amounts that vary a little."""
    rng = random.Random(seed)
    records = Records()
    for at in range(6):
        records.party(f"s{at}")
        records.party(f"b{at}")
    records.party("w1")
    records.party("w2")
    for at in range(6):
        for other in range(3):
            for day in range(BEGIN + rng.randrange(10), TODAY - 10, 30):
                quantity = rng.randrange(90_000, 130_000)
                records.deal(f"s{at}", f"b{(at + other) % 6}", day, quantity=quantity)
    return records


def last(records: Records, seller: str, buyer: str, *, back: int = 8) -> str:
    """The id of an invoice of this pair that is some deals old."""
    ids = [i.id for i in records.invoices.values() if (i.seller, i.buyer) == (seller, buyer)]
    return ids[-back]
