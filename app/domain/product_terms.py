"""Products as the ledger stores them: whole numbers in the order of `IProducts`."""

from __future__ import annotations

import re

from typing_extensions import TypedDict

from app.domain.catalogue import (
    COLLATERAL,
    CYCLES,
    DOCUMENT_KINDS,
    FUNDING,
    MAX_DOCUMENT_SETS,
    STYLES,
    TRADE_BASES,
    DocumentKind,
    Row,
    minor_of,
    minor_of_flat_fee,
)
from app.domain.money import currency_word
from app.domain.rule_sets import DEBT_LIMITS, Rules

RULE_SET_BYTES = 10
REFERENCE_BYTES = 16
BITS_OF_A_SET = 8
DECLARATIONS, REPORTS = TRADE_BASES.index("declarations"), TRADE_BASES.index("reports")


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
    evidence: bool
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
    hedgeShare: int


class EvidenceTerms(TypedDict):
    """`IProducts.EvidenceTerms`: sets of kinds of documents, and the share in parts per million."""

    documents: int
    accepted: bool
    maxAgeDays: int
    basis: int
    mean: bool
    share: int
    months: int


def evidence_terms_of(row: Row) -> EvidenceTerms:
    """The row's `IProducts.EvidenceTerms`; zeros if a draw has to prove nothing."""
    documents, trade = row.documents, row.trade
    sets = [] if documents is None else documents.needed
    return {
        "documents": sum(
            1 << (BITS_OF_A_SET * place + DOCUMENT_KINDS.index(kind))
            for place, kinds in enumerate(sets)
            for kind in set(kinds)
        ),
        "accepted": documents is not None and documents.accepted,
        "maxAgeDays": 0 if documents is None else documents.max_age_days,
        "basis": 0 if trade is None else TRADE_BASES.index(trade.basis),
        "mean": trade is not None and trade.measure == "mean",
        "share": 0 if trade is None else trade.share,
        "months": 0 if trade is None else trade.months,
    }


def document_sets(documents: int) -> list[list[DocumentKind]]:
    """The sets of kinds in a word of `EvidenceTerms.documents`; one kind of each is enough."""
    sets = []
    for place in range(MAX_DOCUMENT_SETS):
        bits = documents >> (BITS_OF_A_SET * place)
        kinds = [kind for bit, kind in enumerate(DOCUMENT_KINDS) if bits >> bit & 1]
        if kinds:
            sets.append(kinds)
    return sets


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
        "hedgeShare": 0 if goods is None else goods.hedge_share,
    }


class FloatingTerms(TypedDict):
    """`IProducts.FloatingTerms`: zeros for a fixed rate without service fees.

    Spreads, shares and the cap are parts per million, the flat fee is minor units.
    """

    referenceCode: str
    minSpread: int
    maxSpread: int
    resetMonths: int
    maxFlatFee: int
    maxDrawFee: int
    maxPeriodicFee: int
    maxTotalCost: int


def floating_terms_of(row: Row, *, max_total_cost: int) -> FloatingTerms:
    """The row's `IProducts.FloatingTerms`; zeros if its rate is fixed and it has no service fees.

    Args:
        max_total_cost: of the rule set, in parts per million; 0: it has no cap.
    """
    floating, fees = row.floating, row.fees
    return {
        "referenceCode": reference_word("" if floating is None else floating.reference),
        "minSpread": 0 if floating is None else floating.spread.min,
        "maxSpread": 0 if floating is None else floating.spread.max,
        "resetMonths": 0 if floating is None else floating.reset_months,
        "maxFlatFee": 0 if fees is None else minor_of_flat_fee(row),
        "maxDrawFee": 0 if fees is None else fees.draw,
        "maxPeriodicFee": 0 if fees is None else fees.period,
        "maxTotalCost": 0 if fees is None else max_total_cost,
    }


def reference_word(code: str) -> str:
    """A reference's code as the ledger stores it: 16 bytes, padded with zeros."""
    return "0x" + code.encode().ljust(REFERENCE_BYTES, b"\0").hex()


def reference_in(word: str) -> str | None:
    """The code in such a word, None for zeros; a word that is no code stays as it is."""
    raw = bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0")
    if not raw:
        return None
    return raw.decode() if re.fullmatch(rb"[!-~]+", raw) else word


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
        "evidence": row.documents is not None or row.trade is not None,
        "legalTextHash": legal_text_hash,
        "ruleSetHash": rules.digest,
    }
