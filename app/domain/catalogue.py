"""Products as an operator writes them, and the rules of a place that they must keep.

An operator writes percent, decimals and words. The ledger stores whole numbers in the order of
`IProducts.ProductTerms`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.domain.loan import MAX_GRACE_DAYS, MAX_GRACE_PERIODS, AfterPrepayment, Style
from app.domain.money import AmountInvalid, CurrencyUnknown, decimal_text, minor_units
from app.domain.texts import say

MILLION = 1_000_000
_PERCENTAGE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,12})?%")
MAX_PERIODS = 60
REFERENCE = r"^[A-Z0-9-]{1,16}$"
DAYS_OF_A_YEAR = 365
FUNDING = ("bank", "platform", "entrusted")
COLLATERAL = ("none", "claim", "order", "warehouse-receipt")
CYCLES = ("none", "weekly", "monthly")
WAITS = {"weekly": 6, "monthly": 30}  # days from the first day of a cycle to its closing day
MAX_FREE_DAYS = 21  # of a purchase on a bill, where its row does not say more
AFTER_PREPAYMENT = tuple(choice.name.lower().replace("_", "-") for choice in AfterPrepayment)
# In the order of `IDrawEvidence.DocumentKind` and of `IProducts.TradeBasis`.
DocumentKind = Literal[
    "tax-certificate", "customs-declaration", "bill-of-lading", "order", "delivery"
]
DOCUMENT_KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
TRADE_BASES = ("none", "declarations", "reports")
MAX_DOCUMENT_SETS = 4
MAX_TRADE_SHARE = 10 * MILLION
MAX_FEE_SHARE = MILLION // 5
STYLES = tuple(style.name.lower().replace("_", "-") for style in Style)


def share(value: Any) -> int:
    """Parts per million from a percentage: `7.2%` is 72,000."""
    parts = points(value)
    if parts < 0:
        raise ValueError(
            say("{value} must be a percentage, not below zero", value=repr(str(value)))
        )
    return parts


def points(value: Any) -> int:
    """Parts per million from a percentage that may be below zero: `-0.3%` is -3,000."""
    text = str(value)
    if _PERCENTAGE.fullmatch(text) is None:
        raise ValueError(say("{value} is not a percentage: write it like 7.2%", value=repr(text)))
    parts = Decimal(text[:-1]) * (MILLION // 100)
    if parts != parts.to_integral_value():
        raise ValueError(
            say("{value} must be a percentage of at most four decimals", value=repr(text))
        )
    return int(parts)


Share = Annotated[int, BeforeValidator(share)]
Points = Annotated[int, BeforeValidator(points)]


def _whole(value: Any) -> Any:
    """A whole number as YAML reads it; quoted text is not one."""
    if isinstance(value, str):
        raise ValueError(f"{value!r} is text: write the number without quotes")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]


class Strict(BaseModel):
    """A part of a file; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rates(Strict):
    """Minimum and maximum of the annual rate."""

    min: Share
    max: Share


class Days(Strict):
    """Minimum and maximum tenor of a bullet loan."""

    min: Whole = Field(ge=1, le=3660)
    max: Whole = Field(ge=1, le=3660)


class Tier(Strict):
    """The credit tier that a borrower needs."""

    min: Whole = Field(ge=1, le=5)
    max_age_days: Whole = Field(0, ge=0, le=3660)
    min_trade_days: Whole = Field(0, ge=0, le=3660)


class Goods(Strict):
    """When the lender calls for more collateral and sells the goods: `IProducts.GoodsTerms`.

    Levels are the collateral's value divided by the debt. Start and floor of the auction are shares
    of the goods' market value or of the debt, whichever is greater.
    """

    call_level: Share
    liquidation_level: Share
    cure_days: Whole = Field(ge=1, le=30)
    auction_days: Whole = Field(ge=1, le=30)
    auction_start: Share
    auction_floor: Share
    hedge_share: Share = Field(
        0, le=MILLION, description="Share of what a hedge adds that counts for margin calls."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Goods:
        if not 0 < self.liquidation_level <= self.call_level <= MILLION:
            raise ValueError(
                "liquidation_level: must be above 0% and at most call_level, and that at most 100%"
            )
        if not 0 < self.auction_floor <= MILLION <= self.auction_start <= 2 * MILLION:
            raise ValueError(
                "auction_floor: must be above 0% and at most 100%; auction_start from 100% to 200%"
            )
        return self


class Spread(Strict):
    """What a facility adds to the reference; it may be below zero."""

    min: Points = Field(ge=-MILLION)
    max: Points = Field(le=MILLION)


class Floating(Strict):
    """How the rate follows a reference: `IProducts.FloatingTerms`.

    The row's `annual_rate` is floor and cap of the loans' rate.
    """

    reference: str = Field(pattern=REFERENCE)
    spread: Spread
    reset_months: Whole = Field(ge=1, le=12)


class Fees(Strict):
    """The most that service fees may be: of each draw, and of each instalment."""

    flat: str | None = Field(None, description="Of each draw, in the row's currency.")
    draw: Share = Field(0, le=MAX_FEE_SHARE, description="Share of each draw.")
    period: Share = Field(
        0,
        le=MAX_FEE_SHARE,
        description="Share of the principal that runs on a due day, with each instalment.",
    )


class Documents(Strict):
    """The documents that a draw needs.

    Each entry of `needed` is a list of kinds, of which one is enough.
    """

    needed: list[Annotated[list[DocumentKind], Field(min_length=1)]] = Field(
        min_length=1, max_length=MAX_DOCUMENT_SETS
    )
    accepted: bool = False
    max_age_days: Whole = Field(0, ge=0, le=3660)


class Trade(Strict):
    """The trade of a window of months, a share of which may be owed under a facility."""

    basis: Literal["declarations", "reports"]
    share: Share = Field(gt=0, le=MAX_TRADE_SHARE)
    months: Whole = Field(ge=1, le=24)
    measure: Literal["sum", "mean"] = "sum"


class Row(Strict):
    """A product as the file writes it."""

    code: str = Field(pattern=r"^[a-z0-9-]{1,31}$")
    name: str = Field(min_length=1, max_length=200)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    funding: Literal["bank", "platform", "entrusted"]
    collateral: Literal["none", "claim", "order", "warehouse-receipt"]
    styles: list[
        Literal["bullet", "equal-principal", "equal-instalment", "billing-cycle", "interest-only"]
    ] = Field(min_length=1)
    annual_rate: Rates
    floating: Floating | None = Field(
        None, description="How the rate follows a reference; left out: it is fixed."
    )
    fees: Fees | None = Field(None, description="Service fees; left out: there are none.")
    day_count: Literal[360, 365]
    penalty: Share
    grace_days: Whole = Field(ge=0, le=MAX_GRACE_DAYS)
    cycle: Literal["none", "weekly", "monthly"] = "none"
    free_days: Whole = Field(0, ge=0, le=255)
    max_free_days: Whole = Field(
        MAX_FREE_DAYS,
        ge=0,
        le=255,
        description="Days from a purchase to its bill's due day at most; a bill with more says so.",
    )
    tenor_days: Days | None = None
    months: list[Annotated[Whole, Field(ge=1, le=MAX_PERIODS)]] = []
    months_per_period: Whole = Field(1, ge=1, le=12)
    principal_grace: Whole = Field(0, ge=0, le=MAX_GRACE_PERIODS)
    interest_grace: Whole = Field(0, ge=0, le=MAX_GRACE_PERIODS)
    revolving: bool = False
    penalty_on_interest: bool = False
    same_day_interest: bool = False
    business_days: bool = False
    early_fee: Share = 0
    tier: Tier | None = None
    advance: Share = 0
    goods: Goods | None = None
    debtor_share: Share = 0
    limit_currency: str | None = Field(
        None,
        pattern=r"^[A-Z]{3}$",
        description="Currency of the facilities' limits, if it differs from the product's.",
    )
    borrower_limit: str
    programme_limit: str
    reserve_share: Share = 0
    reserve_cap: str | None = Field(None, description="Maximum that the reserve holds.")
    reserve_pooled: bool = Field(
        False, description="true: one reserve for all lenders; false: one for each lender."
    )
    breaker: Share = 0
    documents: Documents | None = Field(None, description="The documents that a draw needs.")
    trade: Trade | None = Field(None, description="The trade that bounds what may be owed.")

    @model_validator(mode="after")
    def _repayment_fits(self) -> Row:
        if ("bullet" in self.styles) != (self.tenor_days is not None):
            raise ValueError("tenor_days: give it for the style bullet, and for no other")
        if ("billing-cycle" in self.styles) != (self.cycle != "none"):
            raise ValueError("cycle: give it for the style billing-cycle, and for no other")
        if self.cycle == "none":
            for name in ("free_days", "max_free_days"):
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: give it for the style billing-cycle, and no other")
            return self
        max_wait = WAITS[self.cycle] + self.free_days
        if max_wait > self.max_free_days:
            raise ValueError(
                f"free_days: a purchase on the first day of a {self.cycle} cycle is free of "
                f"interest for {max_wait} days, and max_free_days is {self.max_free_days}: "
                f"lower free_days, or write max_free_days: {max_wait}"
            )
        return self

    @model_validator(mode="after")
    def _rate_fits(self) -> Row:
        floating = self.floating
        if floating is not None and floating.spread.min > floating.spread.max:
            raise ValueError("floating.spread.min is above floating.spread.max")
        if floating is not None and "billing-cycle" in self.styles:
            raise ValueError("floating: leave it out for the style billing-cycle")
        return self

    @model_validator(mode="after")
    def _fees_fit(self) -> Row:
        if self.fees is None:
            return self
        if "billing-cycle" in self.styles:
            raise ValueError("fees: leave them out for the style billing-cycle")
        if self.funding == "entrusted":
            raise ValueError("fees: leave them out for an entrusted loan")
        minor_of_flat_fee(self)
        return self

    @model_validator(mode="after")
    def _schedule_fits(self) -> Row:
        scheduled = {"equal-principal", "equal-instalment", "interest-only"} & set(self.styles)
        if bool(scheduled) != bool(self.months):
            raise ValueError("months: give them for styles with instalments, and for no other")
        for name in ("months_per_period", "principal_grace", "interest_grace"):
            if not scheduled and name in self.model_fields_set:
                raise ValueError(f"{name}: give it for styles with instalments, and for no other")
        grace = max(self.principal_grace, self.interest_grace)
        for months in self.months:
            if months % self.months_per_period or months // self.months_per_period <= grace:
                raise ValueError(
                    f"months: {months} must be a whole number of periods of "
                    f"{self.months_per_period} months, and more than {grace} of them"
                )
        return self

    @model_validator(mode="after")
    def _collateral_fits(self) -> Row:
        if self.collateral != "warehouse-receipt" and (self.collateral == "none") != (
            self.advance == 0
        ):
            raise ValueError("advance: give it if there is collateral, and only then")
        if self.collateral in ("none", "claim") and self.goods is not None:
            raise ValueError("goods: give them only if the collateral is, or becomes, goods")
        if self.collateral == "warehouse-receipt" and self.goods is None:
            raise ValueError("goods: a product on warehouse receipts needs them")
        if self.collateral == "warehouse-receipt" and self.debtor_share:
            raise ValueError("debtor_share: leave it out for a product on warehouse receipts")
        return self

    @model_validator(mode="after")
    def _amounts_fit(self) -> Row:
        if self.annual_rate.min > self.annual_rate.max:
            raise ValueError("annual_rate.min is above annual_rate.max")
        if (self.reserve_share == 0) != (self.reserve_cap is None):
            raise ValueError("reserve_cap: give it if there is a reserve_share, and only then")
        if self.reserve_pooled and self.reserve_share == 0:
            raise ValueError("reserve_pooled: leave it out if there is no reserve_share")
        for name in ("borrower_limit", "programme_limit"):
            minor_of(self, name)
        if self.limit_currency == self.currency:
            raise ValueError("limit_currency: leave it out if it is the row's currency")
        same = self.limit_currency is None
        if same and minor_of(self, "programme_limit") < minor_of(self, "borrower_limit"):
            raise ValueError("programme_limit is below borrower_limit")
        return self

    @property
    def max_cost_of_a_year(self) -> int:
        """The most that overdue money costs in 365 days, in parts per million, rounded up.

        A loan that is late pays the penalty in place of interest. It is at least the interest.
        """
        overdue_rate = self.annual_rate.max * max(self.penalty, MILLION)
        return -(-overdue_rate * DAYS_OF_A_YEAR // (self.day_count * MILLION))


def minor_of(row: Row, name: str) -> int:
    """An amount of the row in minor units of its currency."""
    home = row.limit_currency if name == "borrower_limit" else None
    return positive_minor(name, getattr(row, name), currency=home or row.currency)


def minor_of_flat_fee(row: Row) -> int:
    """The highest flat fee of a draw in minor units; 0: none."""
    if row.fees is None or row.fees.flat is None:
        return 0
    return positive_minor("fees.flat", row.fees.flat, currency=row.currency)


def positive_minor(name: str, text: str, *, currency: str) -> int:
    """An amount above zero that the ledger can hold, in minor units."""
    try:
        amount = minor_units(text, currency=currency)
    except (AmountInvalid, CurrencyUnknown) as error:
        raise ValueError(f"{name}: {error}") from error
    if not 1 <= amount < 2**60:
        bound = decimal_text(2**60, currency=currency)
        raise ValueError(f"{name} must be above zero and below {bound} {currency}")
    return amount


def reserve_cap_of(row: Row) -> int:
    """The maximum that the product's reserve holds, in minor units; 0: no reserve."""
    return 0 if row.reserve_cap is None else minor_of(row, "reserve_cap")
