"""The plot: precision and recall of each kind, and what another threshold would have given."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes

from app.domain.valuation.studies.plots import INK, drawn, titled
from benchmarks.fraud import judge
from benchmarks.fraud.report import Report, Row

PRECISION, RECALL = "#4a90c2", "#d95f30"


def plot(path: Path, result: Report) -> None:
    """Two panels: by kind with bounds, and the curve of thresholds on the seeds that chose it."""
    with drawn(path, width=12, height=5.6) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _kinds(left, result)
        _curve(right, result)
        judged = result.tables["overall"][1]
        figure.suptitle(
            f"Fraud in {len(result.judged_on)} markets of {result.size} companies: "
            f"precision {_percent(judged['precision'])}, recall {_percent(judged['recall'])}, "
            f"{judged['alarms_a_day'] or 0:.2f} false alarms a day",
            x=0.01,
            ha="left",
            fontsize=12.5,
            fontweight="bold",
        )


def _percent(value: object) -> str:
    return f"{100 * value:.0f} %" if isinstance(value, float) else "-"


def _kinds(axes: Axes, result: Report) -> None:
    rows = list(reversed(result.tables["kinds"]))
    for shift, name, colour in ((0.14, "precision", PRECISION), (-0.14, "recall", RECALL)):
        shown = [(place, row) for place, row in enumerate(rows) if row[name] is not None]
        axes.errorbar(
            [_value(row, name) for _, row in shown],
            [place + shift for place, _ in shown],
            xerr=[
                [_value(row, name) - _value(row, f"{name}_low") for _, row in shown],
                [_value(row, f"{name}_high") - _value(row, name) for _, row in shown],
            ],
            fmt="o",
            color=colour,
            markersize=5,
            capsize=2.5,
            label=name,
        )
    axes.axvline(judge.KIND_TARGET, color=INK, linewidth=0.9, linestyle="--")
    axes.set_yticks(range(len(rows)), [str(row["kind"]) for row in rows])
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.6, len(rows) - 0.4), xlabel="share")
    axes.legend(loc="lower left", fontsize=9)
    titled(axes, "By kind, on the judged seeds (bars: 95 %; dashed: least recall of a kind)")


def _value(row: Row, name: str) -> float:
    return float(row[name] or 0)


def _curve(axes: Axes, result: Report) -> None:
    points = [row for row in result.tables["thresholds"] if row["precision"] is not None]
    axes.plot(
        [_value(row, "recall") for row in points],
        [_value(row, "precision") for row in points],
        color=INK,
        linewidth=1.4,
        label="chosen on, each threshold",
    )
    marks = (("D", PRECISION), ("o", RECALL))
    for row, (mark, colour) in zip(result.tables["overall"], marks, strict=True):
        if row["precision"] is not None:
            axes.plot(
                _value(row, "recall"),
                _value(row, "precision"),
                mark,
                color=colour,
                linestyle="",
                label=f"{row['seeds']}, at {result.threshold / 10_000:.0f} %",
            )
    axes.axhline(judge.PRECISION_TARGET, color=INK, linewidth=0.9, linestyle="--")
    axes.axvline(judge.RECALL_TARGET, color=INK, linewidth=0.9, linestyle="--")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="recall", ylabel="precision")
    axes.legend(loc="lower left", fontsize=9)
    titled(axes, "Over all (dashed: targets)")
