"""Products as the ledger stores them: whole numbers in the order of `IProducts`."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.domain.catalogue import COLLATERAL, CYCLES, FUNDING, STYLES, Row, minor_of
from app.domain.money import currency_word
from app.domain.rule_sets import DEBT_LIMITS, Rules

RULE_SET_BYTES = 10


class ProductTerms(TypedDict):
    """`IProducts.ProductTerms`: rates and shares in parts per million, money in minor units."""

    currency: str
    funding: int
    collateral: int
    cycle: int
    styles: int
    revolving: bool
    penaltyOnInterest: bool
    sameDayInterest: bool
    businessDays: bool
    graceDays: int
    freeDays: int
    maxFreeDays: int
    minRate: int
    maxRate: int
    dayCount: int
    penaltyMultiple: int
    earlyFee: int
    minDays: int
    maxDays: int
    months: int
    monthsPerPeriod: int
    principalGrace: int
    interestGrace: int
    minTier: int
    maxTierAge: int
    minTradeDays: int
    limitCurrency: str
    borrowerLimit: int
    programmeLimit: int
    advanceRate: int
    debtorShare: int
    reserveShare: int
    reservePooled: bool
    breaker: int
    ruleSet: str
    ruleSetLimit: int
    groupLimit: int
    legalTextHash: str
    ruleSetHash: str


class GoodsTerms(TypedDict):
    """`IProducts.GoodsTerms`: levels and shares in parts per million; zeros without goods."""

    callLevel: int
    liquidationLevel: int
    cureDays: int
    auctionDays: int
    auctionStart: int
    auctionFloor: int


def goods_terms_of(row: Row) -> GoodsTerms:
    """The row's `IProducts.GoodsTerms`; zeros if it has none."""
    goods = row.goods
    return {
        "callLevel": 0 if goods is None else goods.call_level,
        "liquidationLevel": 0 if goods is None else goods.liquidation_level,
        "cureDays": 0 if goods is None else goods.cure_days,
        "auctionDays": 0 if goods is None else goods.auction_days,
        "auctionStart": 0 if goods is None else goods.auction_start,
        "auctionFloor": 0 if goods is None else goods.auction_floor,
    }


def code_word(code: str) -> str:
    """A product's code as the ledger stores it: 32 bytes, padded with zeros."""
    return "0x" + code.encode().ljust(32, b"\0").hex()


def rule_set_word(name: str) -> str:
    """A rule set's name as the ledger stores it: 10 bytes, padded with zeros."""
    return "0x" + name.encode().ljust(RULE_SET_BYTES, b"\0").hex()


def rule_set_in(word: str) -> str | None:
    """The name in such a word, None for zeros; a word that is no name stays as it is.

    A store takes only text, and anyone can bring such a word into an event.
    """
    raw = bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0")
    if not raw:
        return None
    return raw.decode() if raw.isalpha() else word


def terms_of(row: Row, *, currency: str, legal_text_hash: str, rules: Rules) -> ProductTerms:
    """The row as `IProducts.ProductTerms`.

    Args:
        currency: address of the settlement token.
    """
    days, tier = row.tenor_days, row.tier
    borrower, group = (rules.debt_limit(term, currency=row.currency) for term in DEBT_LIMITS)
    return {
        "currency": currency,
        "funding": FUNDING.index(row.funding),
        "collateral": COLLATERAL.index(row.collateral),
        "cycle": CYCLES.index(row.cycle),
        "styles": sum(1 << STYLES.index(style) for style in set(row.styles)),
        "revolving": row.revolving,
        "penaltyOnInterest": row.penalty_on_interest,
        "sameDayInterest": row.same_day_interest,
        "businessDays": row.business_days,
        "graceDays": row.grace_days,
        "freeDays": row.free_days,
        "maxFreeDays": 0 if row.cycle == "none" else row.max_free_days,
        "minRate": row.annual_rate.min,
        "maxRate": row.annual_rate.max,
        "dayCount": row.day_count,
        "penaltyMultiple": row.penalty,
        "earlyFee": row.early_fee,
        "minDays": 0 if days is None else days.min,
        "maxDays": 0 if days is None else days.max,
        "months": sum(1 << months for months in set(row.months)),
        "monthsPerPeriod": row.months_per_period,
        "principalGrace": row.principal_grace,
        "interestGrace": row.interest_grace,
        "minTier": 0 if tier is None else tier.min,
        "maxTierAge": 0 if tier is None else tier.max_age_days,
        "minTradeDays": 0 if tier is None else tier.min_trade_days,
        "limitCurrency": currency_word(row.limit_currency),
        "borrowerLimit": minor_of(row, "borrower_limit"),
        "programmeLimit": minor_of(row, "programme_limit"),
        "advanceRate": row.advance,
        "debtorShare": row.debtor_share,
        "reserveShare": row.reserve_share,
        "reservePooled": row.reserve_pooled,
        "breaker": row.breaker,
        "ruleSet": rule_set_word(rules.name if borrower or group else ""),
        "ruleSetLimit": borrower,
        "groupLimit": group,
        "legalTextHash": legal_text_hash,
        "ruleSetHash": rules.digest,
    }
