"""The judge's tables: rows that are written as CSV and JSON, and printed."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.crosschecks.records import Kind
from benchmarks.fraud import judge
from benchmarks.fraud.judge import Count, Figure, Run

ALL = "all"
Value = str | int | float | None
Row = dict[str, Value]
FIGURES: dict[str, Figure] = {
    "precision": lambda count: count.precision,
    "recall": lambda count: count.recall,
    "alarms_a_day": lambda count: count.alarms_a_day,
}


@dataclass(frozen=True, slots=True)
class Report:
    """All tables of a benchmark, by name, and the threshold that it was judged at."""

    threshold: int
    size: int
    detector: str
    chosen_on: tuple[int, ...]
    judged_on: tuple[int, ...]
    tables: dict[str, list[Row]]

    def row(self, table: str, **fields: Value) -> Row:
        """The row of a table with these values."""
        return next(
            row for row in self.tables[table] if all(row[key] == fields[key] for key in fields)
        )


def report(chosen: Sequence[Run], judged: Sequence[Run], *, size: int, detector: str) -> Report:
    """Chooses the threshold on some runs, and judges the others at it."""
    threshold = judge.choose_threshold(chosen)
    return Report(
        threshold=threshold,
        size=size,
        detector=detector,
        chosen_on=tuple(run.seed for run in chosen),
        judged_on=tuple(run.seed for run in judged),
        tables={
            "overall": [
                _overall("chosen on", chosen, threshold),
                _overall("judged on", judged, threshold),
            ],
            "kinds": [_kind(judged, threshold, kind) for kind in Kind],
            "skills": [
                {
                    "kind": kind,
                    "skill": skill,
                    "labelled": count.labelled,
                    "caught": count.caught,
                    "recall": _rounded(count.recall),
                }
                for (kind, skill), count in judge.caught_by_skill(judged, threshold).items()
            ],
            "false-alarms": [
                {"kind": kind, "honest_because": reason, "false_alarms": alarms}
                for (kind, reason), alarms in sorted(judge.false_alarms(judged, threshold).items())
            ],
            "thresholds": [{"threshold": at, **_of(count)} for at, count in judge.curve(chosen)],
            "seeds": [
                *(_seed("chosen on", run, threshold) for run in chosen),
                *(_seed("judged on", run, threshold) for run in judged),
            ],
        },
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _of(count: Count) -> Row:
    return {
        "findings": count.findings,
        "true": count.true,
        "false_alarms": count.false_alarms,
        "labelled": count.labelled,
        "caught": count.caught,
    } | {name: _rounded(figure(count)) for name, figure in FIGURES.items()}


def _bounds(counts: Sequence[Count]) -> Row:
    row: Row = {}
    for name, figure in FIGURES.items():
        bounds = judge.interval(counts, figure)
        row[f"{name}_low"] = _rounded(bounds[0]) if bounds else None
        row[f"{name}_high"] = _rounded(bounds[1]) if bounds else None
    return row


def _overall(part: str, runs: Sequence[Run], threshold: int) -> Row:
    counts = [judge.count(run, threshold) for run in runs]
    named, labelled = judge.subjects_named(runs, threshold)
    return {
        "seeds": part,
        **_of(judge.together(counts)),
        **_bounds(counts),
        "records_named": named,
        "of_these_labelled": labelled,
        "invoices": sum(run.invoices for run in runs),
    }


def _kind(runs: Sequence[Run], threshold: int, kind: Kind) -> Row:
    counts = [judge.count(run, threshold, kind) for run in runs]
    anyhow = judge.caught_by_any(runs, threshold, kind)
    return {
        "kind": kind,
        **_of(judge.together(counts)),
        **_bounds(counts),
        "recall_by_any_check": _rounded(anyhow.recall),
    }


def _seed(part: str, run: Run, threshold: int) -> Row:
    return {
        "seeds": part,
        "seed": run.seed,
        "invoices": run.invoices,
        **_of(judge.count(run, threshold)),
        "seconds": round(run.seconds, 3),
        "market_megabytes": round(run.market_bytes / 1e6, 1),
        "peak_megabytes": round(run.peak_bytes / 1e6, 1),
        "market_sha256": run.fingerprint,
    }


def write(folder: Path, result: Report) -> None:
    """Each table as a CSV file, and all of them as one JSON file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in result.tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or ["kind"])
            writer.writeheader()
            writer.writerows(rows)
    content = {
        "threshold": result.threshold,
        "size": result.size,
        "detector": result.detector,
        "chosen_on": result.chosen_on,
        "judged_on": result.judged_on,
        **result.tables,
    }
    text = json.dumps(content, indent=1) + "\n"
    (folder / "fraud-bench.json").write_text(text, encoding="utf-8")


def show(result: Report, *, console: Console) -> None:
    """Prints the figures over all and by kind, and says which targets are met."""
    console.print(
        f"Threshold {result.threshold:,} of 1,000,000, chosen on seeds "
        f"{_seeds(result.chosen_on)}; markets of {result.size} companies."
    )
    overall = Table("seeds", "findings", "precision", "recall", "false alarms a day")
    for row, seeds in zip(
        result.tables["overall"], (result.chosen_on, result.judged_on), strict=True
    ):
        overall.add_row(
            f"{row['seeds']} {_seeds(seeds)}",
            str(row["findings"]),
            *(with_bounds(row, name) for name in FIGURES),
        )
    console.print(overall)
    kinds = Table("kind", "findings", "precision", "recall", "by any check", "false alarms a day")
    for row in result.tables["kinds"]:
        kinds.add_row(
            str(row["kind"]),
            str(row["findings"]),
            with_bounds(row, "precision"),
            with_bounds(row, "recall"),
            _text(row["recall_by_any_check"]),
            with_bounds(row, "alarms_a_day"),
        )
    console.print(kinds)
    for line in verdicts(result):
        console.print(line)


def verdicts(result: Report) -> list[str]:
    """Each target, and whether the judged seeds meet it."""
    judged = result.tables["overall"][1]
    weakest = min(
        (row for row in result.tables["kinds"] if row["labelled"]),
        key=lambda row: _number(row["recall"]),
        default=None,
    )
    sentences = [
        _verdict("precision over all", judged["precision"], judge.PRECISION_TARGET),
        _verdict("recall over all", judged["recall"], judge.RECALL_TARGET),
    ]
    if weakest:
        name = f"recall of the weakest kind ({weakest['kind']})"
        sentences.append(_verdict(name, weakest["recall"], judge.KIND_TARGET))
    return sentences


def _verdict(name: str, value: Value, target: float) -> str:
    word = "met" if _number(value) >= target else "missed"
    return f"{name}: {_text(value)}, target {target}: {word}"


def with_bounds(row: Row, name: str) -> str:
    """A figure with its interval."""
    if row[name] is None:
        return "-"
    return f"{_text(row[name])} ({_text(row[f'{name}_low'])} to {_text(row[f'{name}_high'])})"


def _text(value: Value) -> str:
    return "-" if value is None else f"{_number(value):.3f}"


def _number(value: Value) -> float:
    return float(value) if value is not None else 0.0


def _seeds(seeds: Sequence[int]) -> str:
    consecutive = len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]}-{seeds[-1]}" if consecutive else ", ".join(map(str, seeds))
