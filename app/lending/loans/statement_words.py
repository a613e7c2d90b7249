"""A loan's terms and what happened to it in words, in the language of the file."""

from __future__ import annotations

import datetime
import re

from app.domain.calendar import date_of
from app.domain.figures import NUMBERED, Factor
from app.domain.loan import AfterPrepayment, LoanTerms, Style
from app.domain.statement import Line
from app.gateway.file_texts import (
    amount,
    day,
    day_of_text,
    mark,
    rate,
    t,
)
from app.gateway.languages import ENGLISH, current
from app.gateway.sheets import Money
from app.lending.classes.schemas import RiskClass
from app.lending.loans.schemas import FloatingRateView
from app.lending.loans.statement import factor_unit

ENTRIES = {
    "run": mark("interest runs"),
    "penalty-run": mark("penalty runs"),
    "due": mark("instalment due"),
    "drawn": mark("drawn"),
    "repaid": mark("repaid"),
    "recorded": mark("repaid outside the ledger"),
    "renounced": mark("payments outside the ledger renounced: owed again"),
    "refunded": mark("paid back: it was not owed"),
    "reversed": mark("payment outside the ledger reversed"),
    "moved": mark("payment outside the ledger moved"),
    "restated": mark("restated after a correction"),
    "costs": mark("costs charged"),
    "extended": mark("extended"),
    "instalments": mark("turned into instalments"),
    "overdue": mark("marked overdue"),
    "defaulted": mark("default declared"),
    "rate-reset": mark("rate set anew"),
    "loss": mark("loss recorded"),
    "written-off": mark("written off"),
    "written-off-in-part": mark("written off in part"),
    "restructured": mark("new terms"),
    "waived": mark("waived"),
    "fees-waived": mark("service fees waived"),
    "order-converted-to-claim": mark("collateral moved to the claim"),
    "order-converted-to-goods": mark("collateral moved to the goods"),
    "goods-converted-to-claim": mark("collateral moved from goods to the claim"),
    "in-kind": mark("goods given for debt"),
    "hedge-recorded": mark("hedge recorded"),
    "hedge-closed": mark("hedge closed"),
    "margin-called": mark("margin called"),
    "margin-cured": mark("margin call ended"),
    "liquidation": mark("auction begun"),
    "auction-ended": mark("auction ended"),
    "goods-appraised": mark("goods appraised"),
    "goods-sold": mark("goods sold"),
    "sold": mark("loan sold"),
    "bought-back": mark("loan bought back"),
    "buy-back-failed": mark("buy-back failed"),
}
STYLES = {
    Style.BULLET: mark("all at once"),
    Style.EQUAL_PRINCIPAL: mark("equal principal"),
    Style.EQUAL_INSTALMENT: mark("equal instalments"),
    Style.BILLING_CYCLE: mark("by bill"),
    Style.INTEREST_ONLY: mark("interest each period, principal with the last instalment"),
}
_AFTER_PREPAYMENT = {
    AfterPrepayment.PAY_AHEAD: mark("counts for the next instalment"),
    AfterPrepayment.SHORTEN_TERM: mark("shortens the term"),
    AfterPrepayment.LOWER_INSTALMENT: mark("lowers the instalments"),
}
_CLASSES = {
    "normal": mark("normal"),
    "special-mention": mark("special mention"),
    "substandard": mark("substandard"),
    "doubtful": mark("doubtful"),
    "loss": mark("loss"),
}
_REASONS = {
    "defaulted": mark("default declared"),
    "restructured": mark("restructured, under observation"),
    "restructured-in-default": mark("restructured in default, under observation"),
    "written-off-in-part": mark("written off in part"),
    "written-off": mark("written off"),
    "borrower-frozen": mark("borrower frozen"),
}
_OVERDUE = re.compile(r"overdue for (\d+) days, more than (\d+)")
_NAMES = {"service": mark("service fees")}
# Parts of a payment and columns that are not named elsewhere.
_PARTS = (
    *(mark("costs"), mark("penalty"), mark("interest"), mark("principal"), mark("fee")),
    *(mark("total"), mark("outstanding"), mark("interest capitalised")),
)
_PAID = {
    "costs": mark("costs paid"),
    "penalty": mark("penalty paid"),
    "interest": mark("interest paid"),
    "principal": mark("principal paid"),
    "fee": mark("fee paid"),
    "service": mark("service fees paid"),
}
_SIDES = (mark("lender"), mark("borrower"), mark("entruster"))


def side(name: str) -> str:
    """The position of a party: lender, borrower or entruster."""
    return t(name)


def part(name: str) -> str:
    """A part of a payment; its name is a text of the catalogue."""
    return _NAMES.get(name, name)


def paid(name: str) -> str:
    """The title of what was paid of a part; it is a text of the catalogue."""
    return _PAID[name]


def class_words(classification: RiskClass | None) -> str:
    """A class by risk with its reasons."""
    if classification is None:
        return t("none")
    reasons = "; ".join(_reason(reason["reason"]) for reason in classification["reasons"])
    return _class(classification["class"]) + (f": {reasons}" if reasons else "")


def _class(name: str) -> str:
    return name if current.get() == ENGLISH else t(_CLASSES.get(name, name))


def _reason(name: str) -> str:
    if current.get() == ENGLISH:
        return name
    overdue = _OVERDUE.fullmatch(name)
    if overdue is not None:
        text = mark("overdue for {days} days, more than {limit}")
        return t(text, days=overdue[1], limit=overdue[2])
    return t(_REASONS.get(name, name))


def line_words(line: Line) -> str:
    """A line's kind in words."""
    if line.kind == "rate-reset":
        return t("rate set anew: {rate}", rate=rate(line.annual_rate))
    if line.kind == "due":
        return t("instalment {number} due", number=line.number)
    return what(line.kind)


def what(kind: str) -> str:
    """An entry's kind in words."""
    return t(ENTRIES[kind]) if kind in ENTRIES else kind.replace("-", " ")


def figure_name(name: str) -> str:
    """The name of a figure, with the number of its instalment."""
    text, _, number = name.rpartition(" ")
    numbered = text + " {number}"
    return t(numbered, number=number) if numbered in NUMBERED else t(name)


def unit_words(factor: Factor, *, currency: str) -> str:
    """In what a factor's value is counted."""
    return t(factor_unit(factor, currency=currency))


def terms_words(
    terms: LoanTerms, *, last_due: datetime.date, currency: str
) -> list[tuple[str, str]]:
    """A loan's terms, each with its name."""
    year = t("360, months of 30 days") if terms.scheduled else str(terms.day_count)
    start = day(date_of(terms.start_day))
    with_it = terms.same_day_interest
    first = t("{day}, with interest", day=start) if with_it else ""
    multiple = f"{terms.penalty_multiple / 1_000_000:g}"
    penalty = mark("{multiple} times the annual rate, on principal")
    if terms.penalty_on_interest:
        penalty = mark("{multiple} times the annual rate, on principal and interest")
    words = [
        (t("annual rate"), rate(terms.annual_rate)),
        (t("days of a year"), year),
        (t("first day"), first or t("{day}, without interest", day=start)),
        (t("repayment"), t(STYLES[terms.style])),
    ]
    if terms.scheduled:
        words += _schedule(terms)
    return [
        *words,
        (t("last due date"), day(last_due)),
        (t("grace days"), str(terms.grace_days)),
        (t("penalty when late"), t(penalty, multiple=multiple)),
        (t("fee for early repayment"), rate(terms.fee)),
        *_fees(terms, currency),
    ]


def _schedule(terms: LoanTerms) -> list[tuple[str, str]]:
    every = t("{count}, one every month", count=terms.periods)
    if terms.months_per_period != 1:
        months = terms.months_per_period
        every = t("{count}, one every {months} months", count=terms.periods, months=months)
    words = [(t("instalments"), every)]
    if terms.principal_grace:
        words.append((t("first instalments without principal"), str(terms.principal_grace)))
    if terms.interest_grace:
        words.append((t("first instalments without interest"), str(terms.interest_grace)))
    words.append((t("principal repaid early"), t(_AFTER_PREPAYMENT[terms.after_prepayment])))
    return words


def _fees(terms: LoanTerms, currency: str) -> list[tuple[str, str]]:
    """The service fees; nothing if there are none."""
    words = []
    if terms.flat_fee or terms.draw_fee:
        share = rate(terms.draw_fee)
        fee = t("{share} of it", share=share)
        if terms.flat_fee:
            flat = amount(Money(terms.flat_fee, currency))
            fee = t("{flat} and {share} of it", flat=flat, share=share)
        words.append((t("service fee of the draw"), fee))
    if terms.periodic_fee:
        share = rate(terms.periodic_fee)
        fee = t("{share} of the principal that was not due before", share=share)
        words.append((t("service fee of each instalment"), fee))
    return words


def unpaid_words(since: datetime.date | None, days: int) -> str:
    """Since when something due is unpaid."""
    if since is None:
        return t("nothing")
    return t("since {day}, {count} days", count=days, day=day(since))


def floating_words(floating: FloatingRateView | None) -> list[tuple[str, str]]:
    """How the rate follows a reference, with a warning if a reset is due."""
    if floating is None:
        return []
    reset = day_of_text(floating["nextResetDate"])
    if floating["rateDue"]:
        reset = t(
            "{day}: due; all amounts are at the rate before it, and change back to that day",
            day=reset,
        )
    points = t(
        "{name}, {rate} and {spread}",
        name=floating["reference"],
        rate=rate(floating["referenceRate"]),
        spread=rate(floating["spread"]),
    )
    bounds = f"{rate(floating['floor'])}, {rate(floating['cap'])}"
    return [
        (t("reference rate"), points),
        (t("lowest and highest rate"), bounds),
        (t("next reset of the rate"), reset),
    ]
