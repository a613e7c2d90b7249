"""The records that are checked against each other, and what a check finds.

Units, the same everywhere in this package: amounts are minor units of the currency, quantities are
thousandths of a unit, days are days since 1970-01-01 (app.domain.calendar), shares and weights are
parts per million. Ids are texts that occur once among the records of their kind. `None` is unknown,
never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What does not fit."""

    DUPLICATE_INVOICE = "duplicate-invoice"  # the same delivery under another number
    SPLIT_INVOICE = "split-invoice"  # parts that each stay below the limit of a review
    UNUSUAL_AMOUNT = "unusual-amount"  # out of the pattern of its seller and buyer
    CIRCULAR_TRADE = "circular-trade"  # goods or claims come back to where they began
    COMMON_CONTROL = "common-control"  # one person controls seller and buyer
    IMPOSSIBLE_DATE = "impossible-date"  # delivered before the order, paid before the invoice, ...
    UNMOVED_GOODS = "unmoved-goods"  # invoiced, and no movement shows the goods
    OVERSOLD = "oversold"  # more invoiced than was delivered
    UNPAID_BUYER = "unpaid-buyer"  # a buyer of many due invoices that no payment at a bank shows
    NEW_PAIR_ROUND_SUMS = "new-pair-round-sums"  # large round sums as soon as two parties meet
    TAX_MISMATCH = "tax-mismatch"  # the tax authority knows it cancelled, otherwise, or not
    GOODS_COUNTED_TWICE = "goods-counted-twice"  # one lot of goods behind two warehouse receipts


@dataclass(frozen=True, slots=True)
class Holding:
    """A share in a company, of a person or of another party; `holder` is the id of either."""

    holder: str
    share: int


@dataclass(frozen=True, slots=True)
class Party:
    """A company in the register. `contacts` are hashes of addresses, telephones and accounts."""

    id: str
    name: str
    registered_day: int | None
    owners: tuple[Holding, ...] = ()
    directors: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice or order. The price is minor units for one whole unit.

    Quantity and price are 0 if the document gives none.
    """

    goods: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a buyer placed.

    `is_day_known` is false if `day` is only the day on which somebody filed it: then nothing is too
    early for it.
    """

    id: str
    buyer: str
    seller: str
    currency: str
    amount: int
    day: int
    lines: tuple[Line, ...] = ()
    is_day_known: bool = True


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `received_day` is the day on which the ledger got it.

    `is_confirmed` is false as long as the buyer has not said that it owes it: then the seller alone
    speaks, and may say anything.
    """

    id: str
    number: str
    seller: str
    buyer: str
    currency: str
    amount: int
    issue_day: int
    due_day: int
    received_day: int
    lines: tuple[Line, ...] = ()
    order_id: str | None = None
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Movement:
    """Goods that moved from one party to another, as carrier or warehouse reports."""

    id: str
    sender: str
    receiver: str
    goods: str
    quantity: int
    day: int
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A warehouse receipt. `lot` is the warehouse's mark of the goods, `place` where they lie."""

    id: str
    warehouse: str
    depositor: str
    goods: str
    quantity: int
    day: int
    lot: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment at a bank. `references` are numbers of invoices that the payer names."""

    id: str
    payer: str
    payee: str
    currency: str
    amount: int
    day: int
    references: tuple[str, ...] = ()


class TaxState(StrEnum):
    """What the tax authority says of an invoice."""

    ISSUED = "issued"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TaxRecord:
    """What the tax authority has under an invoice's number and seller."""

    number: str
    seller: str
    buyer: str
    currency: str
    amount: int
    day: int
    state: TaxState


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claim, or a part of it, that passed from one party to another."""

    id: str
    invoice_id: str
    assignor: str
    assignee: str
    amount: int
    day: int


@dataclass(frozen=True, slots=True)
class Market:
    """All records as of a day.

    Attributes:
        today: later records are not in it.
        review_limit: above this amount an invoice is looked at by a person, in minor units.
        tax_known: whether the tax authority's records were asked for: then none is a statement.
        review_currency: the currency of that limit; None: each currency.
        tax_covered: ids of the invoices that the authority was asked for; None: all of them.
    """

    today: int
    review_limit: int
    tax_known: bool
    parties: tuple[Party, ...] = ()
    orders: tuple[Order, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    movements: tuple[Movement, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    payments: tuple[Payment, ...] = ()
    tax_records: tuple[TaxRecord, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    review_currency: str | None = None
    tax_covered: frozenset[str] | None = None

    def is_reviewed(self, currency: str) -> bool:
        """Whether the limit of a review holds for this currency."""
        return self.review_currency is None or self.review_currency == currency


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        kind: what does not fit.
        subjects: ids of the invoices that it speaks of; of receipts for `GOODS_COUNTED_TWICE`.
        weight: how sure the check is, in parts per million.
        reason: one sentence with the values that do not fit.
        evidence: ids of the records that show it.
    """

    kind: Kind
    subjects: tuple[str, ...]
    weight: int
    reason: str
    evidence: tuple[str, ...] = field(default=())
