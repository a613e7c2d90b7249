"""The portfolio's figures in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from app.domain.calendar import date_of
from app.domain.portfolio.book import Bucket
from app.domain.portfolio.concentration import Concentration, Name
from app.domain.portfolio.losses import Expected, Severity
from app.domain.portfolio.reserve import ReserveNeed
from app.domain.portfolio.rolling import BUCKETS, Month, Roll
from app.domain.portfolio.shares import MILLION
from app.domain.portfolio.stress import Effect, StressResult
from app.domain.portfolio.vintages import Vintage
from app.gateway.money import MoneyView, money_view
from app.gateway.views import Names, party_view
from app.oversight.portfolio.schemas import (
    BucketName,
    BucketShift,
    ConcentrationName,
    CurrencyConcentration,
    CurrencyLosses,
    CurrencyRolls,
    CurrencyStress,
    CurrencyVintages,
    ExpectedLoss,
    ReserveNeedView,
    RollMonth,
    RollSource,
    ShockEffect,
    ShockName,
    VintageAge,
    VintageCurve,
)

BUCKET_NAMES: tuple[BucketName, ...] = (
    *("current", "overdue-to-thirty-days", "overdue-to-sixty-days", "overdue-to-ninety-days"),
    *("overdue-over-ninety-days", "defaulted", "lost", "repaid"),
)


class Reader(msgspec.Struct):
    """What answers need to name money and parties.

    Attributes:
        account_of: an account of each party, by its number.
    """

    currency: str
    names: Names
    account_of: dict[int, str]

    def money(self, amount: int) -> MoneyView:
        """An amount in the book's currency."""
        return money_view(amount, currency=self.currency)

    def maybe(self, amount: int | None) -> MoneyView | None:
        """An amount that may be unknown."""
        return None if amount is None else self.money(amount)


def rolls(read: Reader, months: Sequence[Month], *, left_out: int) -> CurrencyRolls:
    """Roll rates of one currency."""
    return {
        "currency": read.currency,
        "months": [_month(read, month) for month in months],
        "leftOut": left_out,
    }


def _month(read: Reader, month: Month) -> RollMonth:
    return {
        "fromDate": _date(month.first_day),
        "toDate": _date(month.last_day),
        "buckets": [_source(read, roll) for roll in month.rolls],
    }


def _date(day: int | None) -> str | None:
    return None if day is None else date_of(day).isoformat()


def _source(read: Reader, roll: Roll) -> RollSource:
    rates = roll.rates
    return {
        "bucket": BUCKET_NAMES[roll.bucket],
        "targets": [
            {
                "bucket": BUCKET_NAMES[bucket],
                "loans": roll.loans[bucket],
                "amount": read.money(roll.amounts[bucket]),
                "rate": rates[bucket],
            }
            for bucket in BUCKETS
        ],
    }


def curves(read: Reader, vintages: Sequence[Vintage], *, left_out: int) -> CurrencyVintages:
    """Vintage curves of one currency."""
    return {
        "currency": read.currency,
        "vintages": [_vintage(read, vintage) for vintage in vintages],
        "leftOut": left_out,
    }


def _vintage(read: Reader, vintage: Vintage) -> VintageCurve:
    ages: list[VintageAge] = [
        {
            "months": age.months,
            "overdue": read.money(age.overdue),
            "overdueShare": vintage.share(age.overdue),
            "defaulted": read.money(age.defaulted),
            "defaultedShare": vintage.share(age.defaulted),
            "lost": read.money(age.lost),
            "lostShare": vintage.share(age.lost),
        }
        for age in vintage.ages
    ]
    return {
        "quarter": vintage.quarter,
        "loans": vintage.loans,
        "drawn": read.money(vintage.drawn),
        "ages": ages,
    }


def losses(
    read: Reader,
    groups: Iterable[Expected],
    severity: Severity,
    *,
    by_tier: bool,
    left_out: int,
) -> CurrencyLosses:
    """Expected losses of one currency."""
    return {
        "currency": read.currency,
        "lossSeverity": severity.part,
        "lossSeverityFrom": severity.source,
        "resolvedDefaults": severity.resolved,
        "groups": [_loss(read, group, by_tier) for group in groups],
        "leftOut": left_out,
    }


def _loss(read: Reader, group: Expected, by_tier: bool) -> ExpectedLoss:
    return {
        "tier": group.key if by_tier else None,
        "productId": None if by_tier else group.key,
        "loans": group.loans,
        "exposure": read.money(group.exposure),
        "inDefault": read.money(group.in_default),
        "observedLoans": group.frequency.loans,
        "observedDefaults": group.frequency.defaults,
        "rateFrom": group.source,
        "defaultRate": group.rate,
        "defaultRateUpper": group.rate_upper,
        "expectedLoss": read.maybe(group.loss),
        "expectedLossUpper": read.maybe(group.upper),
    }


def concentration(
    read: Reader, figures: Concentration, *, largest: int, by_product: bool
) -> CurrencyConcentration:
    """Concentration of one currency."""
    listed = figures.names[:largest]
    return {
        "currency": read.currency,
        "total": read.money(figures.total),
        "unnamed": read.money(figures.unnamed),
        "count": len(figures.names),
        "herfindahlIndex": figures.index,
        "names": [name(read, item, by_product=by_product) for item in listed],
        "others": read.money(figures.total - sum(item.amount for item in listed)),
        "othersShare": (MILLION if figures.total else 0) - sum(item.share for item in listed),
    }


def name(read: Reader, item: Name, *, by_product: bool = False) -> ConcentrationName:
    """A name with what is owed under it."""
    is_party = not by_product and item.key > 0
    return {
        "party": party_view(read.account_of[item.key], read.names) if is_party else None,
        "group": -item.key if item.key < 0 else None,
        "productId": item.key if by_product else None,
        "amount": read.money(item.amount),
        "share": item.share,
    }


def reserve(
    read: Reader, need: ReserveNeed, *, product_id: int, reserve_share: int, pool: int
) -> ReserveNeedView:
    """What one product needs in reserve."""
    return {
        "productId": product_id,
        "currency": read.currency,
        "outstanding": read.money(need.outstanding),
        "reserveShare": reserve_share,
        "byVolume": read.money(need.by_volume),
        "lossRate": need.loss_rate,
        "byHistory": read.maybe(need.by_history),
        "worstQuarter": need.worst_quarter,
        "worstLossRate": need.worst_rate,
        "byWorstQuarter": read.maybe(need.by_worst),
        "needed": read.money(need.needed),
        "held": read.money(need.held),
        "pool": read.money(pool),
        "shortfall": read.money(need.shortfall),
    }


def stress(
    read: Reader, result: StressResult, *, held: int, defaulting: Iterable[Name]
) -> CurrencyStress:
    """The stress test of one currency."""
    effects: list[ShockEffect] = [
        _effect(read, "prices", result.prices),
        _effect(read, "defaults", result.defaults),
        _effect(read, "delay", result.delay),
        _effect(read, "sales", result.sales),
        _effect(read, "together", result.together),
    ]
    buckets: list[BucketShift] = [
        {
            "bucket": BUCKET_NAMES[bucket],
            "today": read.money(result.before[bucket]),
            "afterDelay": read.money(result.after[bucket]),
        }
        for bucket in BUCKETS[: Bucket.LOST]
    ]
    return {
        "currency": read.currency,
        "outstanding": read.money(sum(result.before.values())),
        "reserveHeld": read.money(held),
        "notReserved": read.money(max(0, result.together.loss - held)),
        "effects": effects,
        "buckets": buckets,
        "defaulting": [name(read, item) for item in defaulting],
    }


def _effect(read: Reader, shock: ShockName, effect: Effect) -> ShockEffect:
    return {
        "shock": shock,
        "loans": effect.loans,
        "exposure": read.money(effect.exposure),
        "loss": read.money(effect.loss),
        "unknown": read.money(effect.unknown),
    }
