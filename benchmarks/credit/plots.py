"""The plots of a study, in the house style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from app.domain.valuation.studies.plots import INK, drawn, titled
from benchmarks.credit import metrics
from benchmarks.credit.study import CHALLENGER, CHAMPION, Look, deciles, tiers
from benchmarks.credit.tables import Row

COLOURS = {CHAMPION: "#4a90c2", CHALLENGER: "#d95f30"}
_SHIFT = {CHAMPION: -0.12, CHALLENGER: 0.12}


def plot_trade(path: Path, look: Look, title: str) -> None:
    """Curve, calibration, default rate by tier and distribution of points, both cards."""
    with drawn(path, width=11.5, height=9) as figure:
        panels = figure.subplots(2, 2)
        _curves(panels[0][0], look)
        _calibration(panels[0][1], look)
        _tiers(panels[1][0], look)
        _points(panels[1][1], look)
        figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold")


def _curves(axes: Axes, look: Look) -> None:
    for role, marks in look.marks.items():
        curve = metrics.roc(marks.points, marks.outcomes)
        auc = look.figures[role].auc
        axes.plot(
            [100 * good for good, _ in curve],
            [100 * bad for _, bad in curve],
            color=COLOURS[role],
            label=f"{role}: AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})",
        )
    axes.plot([0, 100], [0, 100], color=INK, linewidth=0.8, linestyle="--")
    axes.set(xlabel="of the good below a bound, %", ylabel="of the defaulted below it, %")
    axes.legend(loc="lower right", fontsize=9)
    titled(axes, "Who is told apart (bars everywhere: 95 %)")


def _calibration(axes: Axes, look: Look) -> None:
    largest = 1.0
    for role, marks in look.marks.items():
        rows = deciles(marks)
        axes.errorbar(
            [100 * row.expected for row in rows],
            [100 * row.rate.value for row in rows],
            yerr=[
                [100 * (row.rate.value - row.rate.low) for row in rows],
                [100 * (row.rate.high - row.rate.value) for row in rows],
            ],
            fmt="o",
            color=COLOURS[role],
            markersize=4,
            capsize=2,
            label=f"{role}: Brier {look.figures[role].brier.value:.4f}",
        )
        largest = max([largest, *(100 * max(row.expected, row.rate.value) for row in rows)])
    axes.plot([0, largest], [0, largest], color=INK, linewidth=0.8, linestyle="--")
    axes.set(xlabel="expected to default, %", ylabel="defaulted, %")
    axes.legend(loc="upper left", fontsize=9)
    titled(axes, "Calibration by tenths of the cases (dashed: as expected)")


def _tiers(axes: Axes, look: Look) -> None:
    for role, marks in look.marks.items():
        rows = [row for row in tiers(marks) if row.cases]
        axes.errorbar(
            [row.tier + _SHIFT[role] for row in rows],
            [100 * row.rate.value for row in rows],
            yerr=[
                [100 * (row.rate.value - row.rate.low) for row in rows],
                [100 * (row.rate.high - row.rate.value) for row in rows],
            ],
            fmt="o",
            color=COLOURS[role],
            markersize=5,
            capsize=2.5,
            label=role,
        )
    axes.set(xlabel="tier", ylabel="defaulted, %", xticks=range(1, 6), ylim=(0, None))
    axes.legend(loc="upper left", fontsize=9)
    titled(axes, "Default rate by tier")


def _points(axes: Axes, look: Look) -> None:
    for role, marks in look.marks.items():
        axes.hist(
            [marks.points],
            bins=40,
            histtype="step",
            color=[COLOURS[role]],
            linewidth=1.6,
            label=role,
        )
    axes.set(xlabel="points", ylabel="cases")
    axes.legend(loc="upper left", fontsize=9)
    titled(axes, "Distribution of points")


def plot_public(path: Path, public: Mapping[str, Sequence[Row]]) -> None:
    """AUC of each model on each public data set, and the fits' calibration."""
    with drawn(path, width=11.5, height=5) as figure:
        left, right = figure.subplots(1, 2)
        rows = list(reversed(public["public"]))
        values = [_number(row, "auc") for row in rows]
        left.errorbar(
            values,
            range(len(rows)),
            xerr=[
                [value - _number(row, "auc_low") for value, row in zip(values, rows, strict=True)],
                [_number(row, "auc_high") - value for value, row in zip(values, rows, strict=True)],
            ],
            fmt="o",
            color=COLOURS[CHAMPION],
            markersize=5,
            capsize=2.5,
        )
        left.set_yticks(range(len(rows)), [f"{row['data']}: {row['model']}" for row in rows])
        left.set(xlabel="AUC on the hold-out")
        titled(left, "Public data (bars: 95 %)")
        _public_calibration(right, public["public-calibration"])


def _public_calibration(axes: Axes, rows: Sequence[Row]) -> None:
    largest = 1.0
    for name in dict.fromkeys(str(row["card"]) for row in rows):
        part = [row for row in rows if row["card"] == name]
        expected = [100 * _number(row, "expected") for row in part]
        observed = [100 * _number(row, "observed") for row in part]
        axes.plot(expected, observed, "o-", markersize=4, linewidth=0.8, label=name)
        largest = max([largest, *expected, *observed])
    axes.plot([0, largest], [0, largest], color=INK, linewidth=0.8, linestyle="--")
    axes.set(xlabel="expected to go bad, %", ylabel="went bad, %")
    axes.legend(loc="upper left", fontsize=9)
    titled(axes, "Calibration by tenths (dashed: as expected)")


def _number(row: Row, name: str) -> float:
    return float(row[name] or 0)
