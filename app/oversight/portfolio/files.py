"""The portfolio's figures as tables for people, and as plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.gateway.file_texts import day_of_text, mark, t
from app.gateway.money import MoneyView
from app.gateway.sheets import Cell, Sheet
from app.gateway.views import PartyView
from app.oversight.portfolio import plots
from app.oversight.portfolio.plots import Series
from app.oversight.portfolio.schemas import (
    ConcentrationName,
    Concentrations,
    ExpectedLosses,
    ReserveNeeds,
    RollRates,
    StressTest,
    Vintages,
)

_PER_CENT = 10_000
#: Columns whose cells are codes of the API; other texts are names.
_CODED = frozenset(("fromBucket", "toBucket", "bucket", "shock", "rateFrom", "lossSeverityFrom"))
_CODES = (
    *(mark("current"), mark("overdue-to-thirty-days"), mark("overdue-to-sixty-days")),
    *(mark("overdue-to-ninety-days"), mark("overdue-over-ninety-days"), mark("defaulted")),
    *(mark("lost"), mark("repaid"), mark("prices"), mark("defaults"), mark("delay")),
    *(mark("sales"), mark("together"), mark("group"), mark("book"), mark("none")),
    *(mark("observed"), mark("assumed")),
)


def _cell(column: str, value: Any) -> Cell:
    """Money as an exact number; a code of the API in words; all else as it is."""
    if isinstance(value, dict):
        return Decimal(value["amount"])
    return t(value) if column in _CODED and isinstance(value, str) else value


def sheet(name: str, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """A table with these columns of the rows."""
    cells = [[_cell(column, row[column]) for column in columns] for row in rows]
    return Sheet(t(name), [t(column) for column in columns], cells)


def roll_sheets(body: RollRates) -> list[Sheet]:
    """A row for each bucket, target and month."""
    rows: list[Mapping[str, Any]] = [
        {
            **target,
            "currency": part["currency"],
            "fromDate": month["fromDate"] or t("all months"),
            "toDate": month["toDate"],
            "fromBucket": source["bucket"],
            "toBucket": target["bucket"],
        }
        for part in body["currencies"]
        for month in part["months"]
        for source in month["buckets"]
        for target in source["targets"]
        if target["loans"] or target["rate"]
    ]
    columns = (
        mark("currency"),
        mark("fromDate"),
        mark("toDate"),
        mark("fromBucket"),
        mark("toBucket"),
        mark("loans"),
        mark("amount"),
    )
    return [sheet(mark("roll rates"), (*columns, mark("rate")), rows)]


def vintage_sheets(body: Vintages) -> list[Sheet]:
    """A row for each quarter and age."""
    rows: list[Mapping[str, Any]] = [
        {**vintage, **age, "currency": part["currency"]}
        for part in body["currencies"]
        for vintage in part["vintages"]
        for age in vintage["ages"]
    ]
    columns = (mark("currency"), mark("quarter"), mark("loans"), mark("drawn"), mark("months"))
    shares = (
        mark("overdue"),
        mark("overdueShare"),
        mark("defaulted"),
        mark("defaultedShare"),
        mark("lost"),
        mark("lostShare"),
    )
    return [sheet(mark("vintages"), (*columns, *shares), rows)]


def loss_sheets(body: ExpectedLosses) -> list[Sheet]:
    """A row for each tier or product."""
    rows: list[Mapping[str, Any]] = [
        {**part, **group} for part in body["currencies"] for group in part["groups"]
    ]
    columns = (
        *(
            mark("currency"),
            mark("tier"),
            mark("productId"),
            mark("loans"),
            mark("exposure"),
            mark("inDefault"),
            mark("observedLoans"),
        ),
        *(
            mark("observedDefaults"),
            mark("rateFrom"),
            mark("defaultRate"),
            mark("defaultRateUpper"),
        ),
        *(
            mark("lossSeverity"),
            mark("lossSeverityFrom"),
            mark("expectedLoss"),
            mark("expectedLossUpper"),
        ),
    )
    return [sheet(mark("expected losses"), columns, rows)]


def label_of_party(party: PartyView) -> str:
    """A party's name, or its account if it has none."""
    return party["name"] or party["account"]


def label(item: ConcentrationName) -> str:
    """A name in words."""
    party = item["party"]
    if party is not None:
        return label_of_party(party)
    if item["group"] is not None:
        return t("group {name}", name=item["group"])
    return t("product {number}", number=item["productId"])


def concentration_sheets(body: Concentrations) -> list[Sheet]:
    """A row for each name, and for the names that are not listed."""
    rows: list[Mapping[str, Any]] = []
    for part in body["currencies"]:
        names = [{**item, "name": label(item)} for item in part["names"]]
        rows += [{**part, **item} for item in names]
        rows.append({**part, "name": t("others"), "amount": part["others"], **_share(part)})
    return [
        sheet(
            mark("concentration"),
            (mark("currency"), mark("name"), mark("amount"), mark("share")),
            rows,
        )
    ]


def _share(part: Mapping[str, Any]) -> dict[str, int]:
    return {"share": part["othersShare"]}


def reserve_sheets(body: ReserveNeeds) -> list[Sheet]:
    """A row for each product."""
    columns = (
        *(
            mark("productId"),
            mark("currency"),
            mark("outstanding"),
            mark("reserveShare"),
            mark("byVolume"),
            mark("lossRate"),
        ),
        *(mark("byHistory"), mark("worstQuarter"), mark("worstLossRate"), mark("byWorstQuarter")),
        *(mark("needed"), mark("held"), mark("pool"), mark("shortfall")),
    )
    return [sheet(mark("reserves"), columns, list(body["products"]))]


def stress_sheets(body: StressTest) -> list[Sheet]:
    """A row for each shock; the second table has the buckets before and after the delay."""
    effects: list[Mapping[str, Any]] = [
        {**part, **effect} for part in body["currencies"] for effect in part["effects"]
    ]
    buckets: list[Mapping[str, Any]] = [
        {**part, **shift} for part in body["currencies"] for shift in part["buckets"]
    ]
    return [
        sheet(
            mark("shocks"),
            (
                mark("currency"),
                mark("shock"),
                mark("loans"),
                mark("exposure"),
                mark("loss"),
                mark("unknown"),
            ),
            effects,
        ),
        sheet(
            mark("buckets"),
            (mark("currency"), mark("bucket"), mark("today"), mark("afterDelay")),
            buckets,
        ),
    ]


# ------------------------------------------------------------------------------------ plots


def _amount(money: MoneyView | None) -> float:
    return 0.0 if money is None else float(money["amount"])


def _worse(source: Mapping[str, Any], place: int) -> float:
    return float(sum(target["rate"] for target in source["targets"][place + 1 : -1]) / _PER_CENT)


def roll_plot(body: RollRates) -> str:
    """Which part of each bucket is in a worse one a month later, by month."""
    (part,) = body["currencies"]
    months = part["months"][:-1]
    series = [
        Series(
            t(source["bucket"]),
            [
                (float(number), _worse(month["buckets"][place], place))
                for number, month in enumerate(months, 1)
            ],
        )
        for place, source in enumerate(part["months"][-1]["buckets"][:5])
    ]
    title = t(
        "Rolled into a worse bucket within a month, % of principal, {currency}",
        currency=part["currency"],
    )
    begin = months[0]["fromDate"] if months else None
    ends = "" if begin is None else t("months, from the end of {day}", day=day_of_text(begin))
    return plots.lines(title, series, across=ends)


def vintage_plot(body: Vintages) -> str:
    """The defaulted share of the newest eight vintages."""
    (part,) = body["currencies"]
    series = [
        Series(
            vintage["quarter"],
            [(float(age["months"]), age["defaultedShare"] / _PER_CENT) for age in vintage["ages"]],
        )
        for vintage in part["vintages"][-plots.MAX_SERIES :]
    ]
    title = t(
        "Defaulted, % of what was drawn, by quarter of the draw, {currency}",
        currency=part["currency"],
    )
    return plots.lines(title, series, across=t("months since the draw"))


def loss_plot(body: ExpectedLosses) -> str:
    """Expected loss by tier or product."""
    (part,) = body["currencies"]
    names = [
        t("product {number}", number=group["productId"])
        if group["tier"] is None
        else t("tier {number}", number=group["tier"])
        for group in part["groups"]
    ]
    return _bars(
        t("Expected loss in 365 days, {currency}", currency=part["currency"]),
        names,
        {
            t("expected"): [_amount(group["expectedLoss"]) for group in part["groups"]],
            t("upper end at 95 %"): [
                _amount(group["expectedLossUpper"]) for group in part["groups"]
            ],
        },
    )


def concentration_plot(body: Concentrations) -> str:
    """The shares of the largest names."""
    (part,) = body["currencies"]
    items = part["names"][:12]
    shares = [item["share"] / _PER_CENT for item in items]
    title = t("Largest names, % of what is owed, {currency}", currency=part["currency"])
    return _bars(title, [label(item)[:24] for item in items], {t("share"): shares})


def reserve_plot(body: ReserveNeeds) -> str:
    """Needed and held by product."""
    rows = body["products"]
    return _bars(
        t("Reserve needed and held, {currency}", currency=rows[0]["currency"])
        if rows
        else t("Reserve needed and held"),
        [t("product {number}", number=row["productId"]) for row in rows],
        {
            t("needed"): [_amount(row["needed"]) for row in rows],
            t("held"): [_amount(row["held"]) for row in rows],
        },
    )


def stress_plot(body: StressTest) -> str:
    """Loss by shock."""
    (part,) = body["currencies"]
    effects = part["effects"]
    title = t("Loss by shock, {currency}", currency=part["currency"])
    losses = [_amount(effect["loss"]) for effect in effects]
    return _bars(title, [t(effect["shock"]) for effect in effects], {t("loss"): losses})


def _bars(title: str, names: list[str], heights: dict[str, list[float]]) -> str:
    series = [
        Series(name, [(float(place), height) for place, height in enumerate(values)])
        for name, values in heights.items()
    ]
    return plots.bars(title, names, series, across="")
