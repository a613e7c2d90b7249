"""The replay's plot: each commodity's losses, and when calls and liquidations came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from app.domain.calendar import add_months, date_of, day_of
from app.domain.valuation.margin import Conduct, Happening
from app.domain.valuation.studies.commodities import Series
from app.domain.valuation.studies.plots import INK, drawn, titled
from app.domain.valuation.studies.replay import PERIODS, Period, ReplayedLoan, summaries
from app.domain.valuation.studies.replay_report import headline

_COLOURS = {
    Conduct.ALL_CURE: "#1b7f5c",
    Conduct.CURE_AT_FIRST: "#4a90c2",
    Conduct.NONE_CURE: "#c99700",
    Conduct.NO_RULES: "#8b1e3f",
}
# The conduct whose events are marked on the price, and the marks.
_SHOWN = Conduct.CURE_AT_FIRST
_MARKS = {
    Happening.CALL: ("|", "#4a90c2", 8),
    Happening.LIQUIDATION: ("v", "#d95f30", 6),
    Happening.LOSS: ("x", "#8b1e3f", 8),
}


def plot_replay(path: Path, loans: Sequence[ReplayedLoan], series: Sequence[Series]) -> None:
    """For each period: losses by commodity and conduct above, prices with events below."""
    with drawn(path, width=13, height=3.2 + 1.7 * len(series)) as figure:
        heights = [2.0, *[1.0] * len(series)]
        grid = figure.subplots(len(series) + 1, len(PERIODS), height_ratios=heights)
        for place, period in enumerate(PERIODS):
            _bars(grid[0][place], loans, series, period)
            for row, commodity_series in enumerate(series):
                _price(grid[row + 1][place], loans, commodity_series, period)
        grid[0][-1].legend(fontsize=9, loc="upper left")
        top = max(axes.get_ylim()[1] for axes in grid[0])
        for axes in grid[0]:
            axes.set_ylim(0, top)
        grid[1][-1].legend(
            handles=_legend(),
            title=f"events: {_SHOWN.value}",
            title_fontsize=8,
            fontsize=8,
            loc="lower left",
            ncols=3,
        )
        figure.suptitle(headline(loans), x=0.01, ha="left", fontsize=13, fontweight="bold")


def _bars(
    axes: Axes, loans: Sequence[ReplayedLoan], series: Sequence[Series], period: Period
) -> None:
    rows = {(row.commodity, row.period, row.conduct): row for row in summaries(loans)}
    width = 0.2
    for step, conduct in enumerate(Conduct):
        places = [place + (step - 1.5) * width for place in range(len(series))]
        heights = []
        for commodity_series in series:
            row = rows.get((commodity_series.commodity.name, period.name, conduct))
            heights.append(row.rate / 10_000 if row else 0)
        bars = axes.bar(places, heights, width, color=_COLOURS[conduct], label=conduct.value)
        axes.bar_label(bars, [f"{height:.1f}" for height in heights], fontsize=7, padding=1)
    names = [commodity_series.commodity.name for commodity_series in series]
    axes.set_xticks(range(len(series)), names)
    axes.grid(axis="x", visible=False)
    axes.set_ylabel("lost, % of the money lent")
    titled(axes, f"Lost, loans opened {period.first:%Y-%m} to {period.last:%Y-%m}")


def _price(axes: Axes, loans: Sequence[ReplayedLoan], series: Series, period: Period) -> None:
    start = series.month_of(day_of(period.first))
    end = min(series.month_of(day_of(period.last)) + 13, len(series.prices))
    days = [add_months(series.first, place) for place in range(start, end)]
    first = series.prices[start]
    heights = [100 * price / first for price in series.prices[start:end]]
    axes.plot(days, heights, color=INK, linewidth=1.2)
    events = [
        event
        for loan in loans
        if (loan.series, loan.period, loan.conduct) == (series, period, _SHOWN)
        for event in loan.course.events
    ]
    for happening, (mark, colour, size) in _MARKS.items():
        shown = [event for event in events if event.happening is happening]
        axes.plot(
            [event.day for event in shown],
            [100 * event.price / first for event in shown],
            mark,
            color=colour,
            markersize=size,
            alpha=0.8,
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel("price", fontsize=9)
    years = range(period.first.year, date_of(days[-1]).year + 1)
    axes.set_xticks([day_of(date(year, 1, 1)) for year in years], [str(year) for year in years])
    titled(axes, f"{series.commodity.name}, {period.first:%Y-%m} = 100")


def _legend() -> list[Line2D]:
    words = {
        Happening.CALL: "call",
        Happening.LIQUIDATION: "liquidation",
        Happening.LOSS: "loss",
    }
    return [
        Line2D([], [], linestyle="", marker=mark, color=colour, markersize=size, label=words[what])
        for what, (mark, colour, size) in _MARKS.items()
    ]
