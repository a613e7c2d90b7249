"""Records that are still being written: they name each other, and get ids and numbers at the end.

Units are those of `app.domain.crosschecks.records`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from app.domain.calendar import date_of, day_of
from app.domain.crosschecks.records import Kind, Line, TaxState

MILLION = 1_000_000
SATURDAY = 5


class SizeRefused(ValueError):
    """A market of that many companies cannot be made."""


class Skill(StrEnum):
    """How well a fraudster knows the checks."""

    CLUMSY = "clumsy"
    TRAINED = "trained"
    CAREFUL = "careful"


class Honest(StrEnum):
    """Why an honest record may look like fraud."""

    RECURRING = "recurring-equal-invoice"
    PART = "part-of-an-order"
    CORRECTED = "cancelled-and-replaced"
    REPLACEMENT = "replacement"
    GROUP = "open-group"
    CYCLE = "cycle-in-trade"
    NEW_PAIR = "new-pair-large-order"
    ROUND = "round-price-list"
    LARGE_ORDER = "single-large-order"
    LATE_PAYER = "late-payer"
    INSOLVENT = "insolvent-buyer"
    DISPUTED = "disputed-and-unpaid"
    PREPAID = "prepaid"
    MOVEMENT_LOST = "movement-not-recorded"
    LATE_ORDER = "order-written-a-day-late"
    COINCIDENCE = "shared-director-or-address"
    NUMBER_TYPO = "number-written-otherwise"
    SAME_LOT_MARK = "same-lot-mark-elsewhere"
    SAME_LOADS = "equal-loads-side-by-side"


@dataclass(eq=False, slots=True)
class Company:
    """A party. `late` are the mean days after the due day on which it pays."""

    name: str
    sector: str
    registered_day: int | None
    owners: list[tuple[Company | str, int]] = field(default_factory=list)
    directors: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    weight: float = 1.0
    prefix: str = ""
    number_style: int = 0
    late: float = 0.0
    batch: str = "each"
    refers: float = 1.0
    insolvent_day: int | None = None
    treasury: Company | None = None
    id: str = ""


@dataclass(eq=False, slots=True)
class Pair:
    """A seller and a buyer who trade, and their habits."""

    seller: Company
    buyer: Company
    currency: str
    prices: dict[str, int]
    level: float  # logarithm of a usual amount
    spread: float
    monthly: float
    trend: float
    season: float
    peak: int
    terms: int
    start: int
    orders: str  # each, framework or unknown
    moves_known: bool
    invoiced_after: int
    recurring: int = 0  # days between equal invoices
    round_to: int = 0
    prepaid: bool = False
    honest: Honest | None = None
    invoices: list[DraftInvoice] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class DraftOrder:
    """An order."""

    pair: Pair
    day: int
    lines: list[Line] = field(default_factory=list)
    id: str = ""


@dataclass(eq=False, slots=True)
class DraftTax:
    """What the tax authority will say of an invoice."""

    buyer: Company
    amount: int
    day: int
    state: TaxState = TaxState.ISSUED


@dataclass(eq=False, slots=True)
class DraftInvoice:
    """An invoice, with what will come of it.

    `stated` is whether the ledger ever gets it, `renumbered` another invoice (or itself) and how
    its number is written for this one, `official` the number that buyer and tax authority know.
    """

    pair: Pair
    lines: list[Line]
    amount: int
    issue_day: int
    due_day: int
    received_day: int
    order: DraftOrder | None = None
    tax: DraftTax | None = None
    moves: list[DraftMovement] = field(default_factory=list)
    pays: bool = True
    paid_on: int | None = None
    financed: float = 0.45
    stated: bool = True
    renumbered: tuple[DraftInvoice, str] | None = None
    honest: Honest | None = None
    label: Kind | None = None
    skill: Skill | None = None
    case: int = 0
    official: str = ""
    number: str = ""
    id: str = ""


@dataclass(eq=False, slots=True)
class DraftMovement:
    """Goods that moved."""

    pair: Pair
    goods: str
    quantity: int
    day: int
    order: DraftOrder | None


@dataclass(eq=False, slots=True)
class DraftReceipt:
    """A warehouse receipt."""

    warehouse: Company
    depositor: Company
    goods: str
    quantity: int
    day: int
    lot: str | None
    place: str | None
    honest: Honest | None = None
    label: Kind | None = None
    skill: Skill | None = None
    case: int = 0
    id: str = ""


@dataclass(eq=False, slots=True)
class DraftPayment:
    """A payment; `named` are the invoices whose numbers the payer writes."""

    payer: Company
    payee: Company
    currency: str
    amount: int
    day: int
    named: list[DraftInvoice]


@dataclass(eq=False, slots=True)
class DraftAssignment:
    """A claim that passes on."""

    invoice: DraftInvoice
    assignor: Company
    assignee: Company
    amount: int
    day: int


@dataclass(eq=False)
class World:
    """Everything that is written so far. `first` and `today` are the days between which it lies."""

    seed: int
    size: int
    first: int
    today: int
    review_limit: int
    tax_known: bool
    companies: list[Company] = field(default_factory=list)
    banks: list[Company] = field(default_factory=list)
    warehouses: list[Company] = field(default_factory=list)
    holdings: list[Company] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    orders: list[DraftOrder] = field(default_factory=list)
    invoices: list[DraftInvoice] = field(default_factory=list)
    movements: list[DraftMovement] = field(default_factory=list)
    receipts: list[DraftReceipt] = field(default_factory=list)
    payments: list[DraftPayment] = field(default_factory=list)
    assignments: list[DraftAssignment] = field(default_factory=list)

    def stream(self, name: str) -> Random:
        """Chance for one part, so that a change in another part does not change it."""
        return Random(f"{self.seed}/{self.size}/{name}")

    @property
    def parties(self) -> list[Company]:
        """All who stand in the register."""
        return [*self.companies, *self.banks, *self.warehouses, *self.holdings]


def working_day(day: int) -> int:
    """The day, or the Monday after it."""
    weekday = date_of(day).weekday()
    return day + (7 - weekday if weekday >= SATURDAY else 0)


def line_amount(line: Line) -> int:
    """Minor units of a line, half up."""
    return (line.quantity * line.price + 500) // 1000


def amount_of(lines: list[Line]) -> int:
    """Minor units of all lines, each rounded half up."""
    return sum(map(line_amount, lines))


def quarter_of(day: int) -> tuple[int, int]:
    """Year and quarter."""
    when = date_of(day)
    return when.year, (when.month - 1) // 3


def start_of_quarter(quarter: tuple[int, int]) -> int:
    """Its first day."""
    year, place = quarter
    return day_of(date_of(0).replace(year=year, month=3 * place + 1, day=1))
