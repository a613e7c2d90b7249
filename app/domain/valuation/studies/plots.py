"""The plots. Only this module draws, and only here does a figure become a fraction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.domain.valuation.grades import SHIPPED, Grade
from app.domain.valuation.haircuts import Tolerance, curve
from app.domain.valuation.lots import by_grade
from app.domain.valuation.model import MILLION
from app.domain.valuation.studies.back_test import BackTest
from app.domain.valuation.studies.back_test_report import headline

INK, GRID = "#22272e", "#d8dde3"
# From good to bad; distinct in grey too.
COLOURS = {
    Grade.A: "#1b7f5c",
    Grade.B: "#4a90c2",
    Grade.C: "#c99700",
    Grade.D: "#d95f30",
    Grade.E: "#8b1e3f",
}
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    # The same bytes for the same figures, whatever fonts the machine has.
    "font.family": "DejaVu Sans",
}


@contextmanager
def drawn(path: Path, *, width: float, height: float) -> Iterator[Figure]:
    """A figure in the house style, saved at the end."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=130, layout="constrained")
        yield figure
        figure.savefig(path, metadata={"Software": "cession"})


def titled(axes: Axes, text: str) -> None:
    """A panel's title, at its left edge."""
    axes.set_title(text, loc="left", fontsize=10.5)


def plot_back_test(path: Path, result: BackTest) -> None:
    """Loss against haircut for each grade, and the distribution of each grade's recoveries."""
    with drawn(path, width=11.5, height=5.4) as figure:
        left, right = figure.subplots(1, 2)
        _loss_curves(left, result)
        _recoveries(right, result)
        figure.suptitle(headline(result), x=0.01, ha="left", fontsize=12.5, fontweight="bold")


def _loss_curves(axes: Axes, result: BackTest) -> None:
    tolerance = Tolerance()
    chosen = {choice.grade: choice for choice in result.choices}
    for grade, lots in by_grade([lot.outcome for lot in result.tested]).items():
        if not lots:
            continue
        points = curve(lots, grade=grade)
        haircuts = [haircut / 10_000 for haircut, _ in points]
        rates = [losses.rate / 10_000 for _, losses in points]
        axes.plot(haircuts, rates, color=COLOURS[grade], linewidth=1.8, label=grade.name)
        if grade is not Grade.E and chosen[grade].haircut < MILLION:
            at = chosen[grade].haircut / 10_000
            axes.plot(at, chosen[grade].losses.rate / 10_000, "o", color=COLOURS[grade])
    axes.axhline(tolerance.rate / 10_000, color=INK, linewidth=0.9, linestyle="--")
    axes.text(89.5, tolerance.rate / 10_000 + 0.25, "tolerance", ha="right", fontsize=9)
    axes.set(xlabel="haircut, %", ylabel="lost, % of the money lent", xlim=(0, 90), ylim=(0, 25))
    axes.legend(title="grade")
    titled(axes, "Money lost at each haircut (points: haircut chosen)")


def _recoveries(axes: Axes, result: BackTest) -> None:
    """For each grade, the share of lots whose recovery is below a share of the value."""
    for grade, lots in by_grade([lot.outcome for lot in result.tested]).items():
        if not lots:
            continue
        recoveries = sorted(outcome.recovery / 10_000 for outcome in lots)
        shares = [100 * (place + 1) / len(recoveries) for place in range(len(recoveries))]
        axes.plot(recoveries, shares, color=COLOURS[grade], linewidth=1.8)
        if grade is Grade.E:
            continue
        lent = 100 - SHIPPED[grade].haircut / 10_000
        below = 100 * sum(1 for recovery in recoveries if recovery < lent) / len(recoveries)
        axes.plot(lent, below, "o", color=COLOURS[grade])
    axes.axhline(Tolerance().frequency / 10_000, color=INK, linewidth=0.9, linestyle="--")
    axes.text(119.5, Tolerance().frequency / 10_000 + 1, "tolerance", ha="right", fontsize=9)
    axes.set(
        xlabel="brought in by the lot after costs and interest, % of its value",
        ylabel="lots that brought less, %",
        xlim=(20, 120),
        ylim=(0, 100),
    )
    titled(axes, "What the lots brought (points: share of the value lent, as shipped)")
