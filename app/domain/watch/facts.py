"""What the watch knows of loans, parties, trade and goods, as of a block.

Days are calendar days of the ledger, times are UTC seconds, months are numbers as in
`app.domain.trade`. Parties are their numbers on the ledger. Money is minor units of its currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple


class Standing(IntEnum):
    """What the lender has declared of a loan."""

    RUNNING = 0
    DEFAULTED = 1
    LOST = 2  # its loss was recorded, or it was written off


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedLoan:
    """A loan that is not repaid.

    Attributes:
        days_late: in the loan's own days; 0: nothing is overdue.
        receivables: the debts whose claims secure it.
        lots: the lots whose goods secure it.
        called_day, cure_day: the day of an open margin call, and its last day to cure.
        auctioned: its goods are in an auction.
    """

    number: int
    product: int
    currency: str
    borrower: int
    outstanding: int
    days_late: int = 0
    standing: Standing = Standing.RUNNING
    receivables: tuple[int, ...] = ()
    lots: tuple[int, ...] = ()
    called_day: int | None = None
    cure_day: int | None = None
    auctioned: bool = False

    @property
    def principal(self) -> int:
        """Principal that can still be lost: nothing once the loss is recorded."""
        return 0 if self.standing is Standing.LOST else self.outstanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """A debt whose claim secures a loan.

    Attributes:
        unpaid: of its face amount, after credit notes.
        disputed_day: since when a dispute is open; None: none is.
        dispute_evidence: hash of what the debtor stated.
    """

    receivable: int
    debtor: int
    due_day: int
    unpaid: int
    defaulted: bool = False
    disputed_day: int | None = None
    dispute_evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityUse:
    """What is used of a facility.

    Attributes:
        limit: None: it is in another currency, so its use is unknown.
        revolving: what is repaid can be drawn again; only then does full use say something.
    """

    facility: int
    borrower: int
    limit: int | None
    used: int
    revolving: bool


class PartyStanding(NamedTuple):
    """How a party is registered; times in UTC seconds."""

    frozen: bool = False
    held_until: int = 0
    valid_until: int = 2**64 - 1


class TierPoint(NamedTuple):
    """From a time on, a party has a tier until another time; tier 0: it was revoked."""

    at: int
    tier: int
    until: int
    transaction: str = ""


class MonthSales(NamedTuple):
    """What a platform reported of a merchant's month."""

    amount: int
    returned: int
    transaction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeSeries:
    """The trade of a merchant on a platform, by month."""

    platform: int
    currency: str
    months: Mapping[int, MonthSales]


class PricePoint(NamedTuple):
    """A price that came into force."""

    as_of: int
    value: int
    valid_until: int
    transaction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeries:
    """The prices of goods, oldest first, from the one in force at the window's begin on.

    Attributes:
        max_age: seconds after which a price is too old; 0: the goods are no longer listed.
    """

    points: tuple[PricePoint, ...]
    max_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Stored goods that secure a loan; quantities in thousandths.

    Attributes:
        outstanding: what its warehouse receipts promise.
        counted: what the warehouse counted last.
        counted_day: None: nobody has counted it since its issue.
        liens_stopped: new liens on goods of its warehouse are stopped.
    """

    number: int
    item: str
    warehouse: int
    outstanding: int
    counted: int
    counted_day: int | None
    liens_stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the levels follow from.

    Attributes:
        now: of the newest block.
        month: of today.
        prices: by goods and currency.
        trade: by merchant.
        groups: the group of parties under one control, by party; others stand alone.
    """

    today: int
    now: int
    month: int
    loans: tuple[WatchedLoan, ...] = ()
    debts: Mapping[int, Debt] = field(default_factory=dict)
    facilities: tuple[FacilityUse, ...] = ()
    parties: Mapping[int, PartyStanding] = field(default_factory=dict)
    tiers: Mapping[int, tuple[TierPoint, ...]] = field(default_factory=dict)
    trade: Mapping[int, tuple[TradeSeries, ...]] = field(default_factory=dict)
    lots: Mapping[int, Lot] = field(default_factory=dict)
    prices: Mapping[tuple[str, str], PriceSeries] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)
