"""The replay as tables: Markdown for people, CSV of every event, JSON of the summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from app.domain.valuation.grades import SHIPPED, Grade
from app.domain.valuation.margin import Conduct, Event, Happening, MarginTerms
from app.domain.valuation.studies.commodities import CURRENCY, Series
from app.domain.valuation.studies.replay import (
    OPENING_VALUE,
    PERIODS,
    ReplayedLoan,
    Summary,
    replay,
    summaries,
    total,
)
from app.domain.valuation.studies.tables import (
    day_text,
    markdown,
    money,
    percent,
    whole_percent,
    write_csv,
    write_json,
)

SLIPPAGES = (0, 50_000, 100_000, 150_000, 200_000)
_MILLION = 1_000_000


class ReplayDocument(TypedDict):
    """The whole replay; haircuts by grade, in parts per million."""

    headline: str
    terms: MarginTerms
    haircuts: dict[str, int]
    totals: list[Summary]
    summaries: list[Summary]


def write_replay(
    folder: Path, loans: Sequence[ReplayedLoan], series: Sequence[Series], *, terms: MarginTerms
) -> str:
    """Writes replay.md, replay.json and replay.csv into a folder; returns the report."""
    text = _report(loans, series, terms=terms)
    (folder / "replay.md").write_text(text, encoding="utf-8")
    write_json(folder / "replay.json", _document(loans, terms=terms))
    _write_events(folder / "replay.csv", loans)
    return text


def headline(loans: Sequence[ReplayedLoan]) -> str:
    """The result in a sentence."""
    ruled = [total(loans, conduct) for conduct in Conduct if conduct is not Conduct.NO_RULES]
    none = total(loans, Conduct.NO_RULES)
    low, high = (percent(bound(summary.rate for summary in ruled)) for bound in (min, max))
    span = low if low == high else f"{low} to {high}"
    return f"With the rules {span} of the money lent is lost, without them {percent(none.rate)}"


def _report(loans: Sequence[ReplayedLoan], series: Sequence[Series], *, terms: MarginTerms) -> str:
    parts = [
        "# Replay of falling prices\n",
        f"{headline(loans)}.\n",
        _setting(loans, terms),
        "## All commodities\n",
        _table([total(loans, conduct, period.name) for period in PERIODS for conduct in Conduct]),
        "## Each commodity\n",
        _table(summaries(loans)),
        "## The auction's slippage\n",
        "Lost, of the money lent, over all commodities and both periods:\n",
        _by_slippage(series, terms),
        "## Every loss\n",
        "All calls, cures, liquidations and losses are in `replay.csv`; these are the losses.\n",
        _losses(loans),
    ]
    return "\n".join(parts)


def _setting(loans: Sequence[ReplayedLoan], terms: MarginTerms) -> str:
    spans = " and ".join(
        f"from {period.first:%Y-%m} to {period.last:%Y-%m} ({period.name})" for period in PERIODS
    )
    plain = [loan for loan in loans if loan.conduct is Conduct.NO_RULES]
    counted = Counter((loan.series.commodity.name, loan.grade.name) for loan in plain)
    names = dict.fromkeys(name for name, _ in counted)
    grades = "; ".join(
        f"{name} "
        + ", ".join(f"{grade.name} {n}" for grade in Grade if (n := counted[name, grade.name]))
        for name in names
    )
    haircuts = ", ".join(
        f"{grade.name} {whole_percent(SHIPPED[grade].haircut)}"
        for grade in Grade
        if grade is not Grade.E
    )
    return (
        f"Loans of {terms.months} months, one opened each month {spans}, each on goods worth "
        f"{money(OPENING_VALUE * _MILLION, currency=CURRENCY)} {CURRENCY}, for the whole "
        f"lendable value: value less the haircut of the grade ({haircuts}). The grade is what the "
        f"five years before the opening gave (loans of each: {grades}). Interest "
        f"{percent(terms.annual_rate)} a year.\n\n"
        "With the rules: a call when the lendable value is below "
        f"{whole_percent(terms.call_level)} of the debt, {terms.cure_days} days to cure it by the "
        "least money that ends it, liquidation "
        f"below {whole_percent(terms.liquidation_level)} or after an uncured call. An auction "
        f"takes {terms.auction_days} days and brings {whole_percent(terms.slippage)} less than the "
        "price of its day, taken from the straight line between two months. A borrower either "
        "cures every call, or none, or each until the price has fallen by "
        f"{whole_percent(terms.max_fall)} since the opening. Without the rules the same money is "
        "lent and nothing happens until the loan falls due. Then, with or without rules, a "
        "borrower whose goods are worth the debt repays; else the lender is left with them.\n\n"
        "Prices are monthly: a fall that took weeks comes here in one step, past the call level "
        "and the liquidation level at once, so that liquidation comes later than on daily "
        "prices, and without a call before it. That makes losses greater than they would have "
        "been; that a month's mean hides its worst day makes them smaller.\n"
    )


def _table(rows: Sequence[Summary]) -> str:
    header = (
        *("goods", "opened for", "conduct", "loans", "calls", "cures", "liquidations"),
        *("handed over", "losses", f"lent, {CURRENCY}", f"lost, {CURRENCY}", "lost of lent"),
        "worst loan",
    )
    return markdown(
        header,
        [
            (
                *(row.commodity, row.period, row.conduct.value, row.loans, row.calls, row.cures),
                *(row.liquidations, row.handed_over, row.losses),
                *(_amount(row.lent), _amount(row.lost), percent(row.rate), percent(row.worst)),
            )
            for row in rows
        ],
    )


def _amount(minor: int) -> str:
    return money(minor * _MILLION, currency=CURRENCY)


def _by_slippage(series: Sequence[Series], terms: MarginTerms) -> str:
    rows = []
    for slippage in SLIPPAGES:
        loans = replay(series, terms=replace(terms, slippage=slippage))
        rates = (percent(total(loans, conduct).rate) for conduct in Conduct)
        rows.append((whole_percent(slippage), *rates))
    return markdown(("slippage", *(conduct.value for conduct in Conduct)), rows)


def _losses(loans: Sequence[ReplayedLoan]) -> str:
    rows = []
    for loan in loans:
        for event in loan.course.events:
            if event.happening is Happening.LOSS:
                share = event.amount * _MILLION // loan.course.lent
                rows.append(
                    (
                        *(loan.series.commodity.name, day_text(loan.course.opened)),
                        *(loan.grade.name, loan.conduct.value, day_text(event.day)),
                        *(_fall(loan, event), _amount(event.amount), percent(share)),
                    )
                )
    header = (
        *("goods", "opened", "grade", "conduct", "lost on", "price since opening"),
        *(f"loss, {CURRENCY}", "of lent"),
    )
    return markdown(header, rows)


def _fall(loan: ReplayedLoan, event: Event) -> str:
    start = loan.series.prices[loan.series.month_of(loan.course.opened)]
    return percent((event.price - start) * _MILLION // start)


def _write_events(path: Path, loans: Sequence[ReplayedLoan]) -> None:
    header = (
        *("commodity", "period", "conduct", "opened", "grade", "lent", "day", "happening"),
        *("price", "debt", "lendable", "amount"),
    )
    rows = (
        (
            *(loan.series.commodity.name, loan.period.name, loan.conduct.value),
            *(day_text(loan.course.opened), loan.grade.name, loan.course.lent),
            *(day_text(event.day), event.happening.value),
            *(event.price, event.debt, event.lendable, event.amount),
        )
        for loan in loans
        for event in loan.course.events
    )
    write_csv(path, header, rows)


def _document(loans: Sequence[ReplayedLoan], *, terms: MarginTerms) -> ReplayDocument:
    return {
        "headline": headline(loans),
        "terms": terms,
        "haircuts": {grade.name: grade_terms.haircut for grade, grade_terms in SHIPPED.items()},
        "totals": [total(loans, conduct, period.name) for period in PERIODS for conduct in Conduct],
        "summaries": summaries(loans),
    }
