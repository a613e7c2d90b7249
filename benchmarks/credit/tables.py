"""The figures of a study as tables, for CSV, JSON, the terminal and the model card."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.domain.calendar import date_of
from benchmarks.credit import metrics
from benchmarks.credit.assumptions import Assumptions, listed
from benchmarks.credit.cases import defaults_of
from benchmarks.credit.metrics import Bounds, Decile
from benchmarks.credit.study import (
    CHALLENGER,
    CHAMPION,
    Condition,
    Look,
    Study,
    deciles,
    drift_of_features,
    drift_of_points,
    falling,
    moves,
    tiers,
)

Cell = str | int | float | bool | None
Row = dict[str, Cell]
Tables = dict[str, list[Row]]
ROLES = (CHAMPION, CHALLENGER)
PLACES = 4


def rounded(value: float) -> float:
    """A figure with four places."""
    return round(value, PLACES)


def bounds_of(name: str, figure: Bounds | None) -> Row:
    """A figure with its bounds as three cells."""
    if figure is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {
        name: rounded(figure.value),
        f"{name}_low": rounded(figure.low),
        f"{name}_high": rounded(figure.high),
    }


def trade_tables(study: Study, looks: Sequence[Look], said: Sequence[Condition]) -> Tables:
    """The tables of a trade card's study; the last look is at the hold-out."""
    last = looks[-1]
    train = {
        each.role: each.marks(study.parts.train) for each in (study.champion, study.challenger)
    }
    drift: list[Row] = [
        {"what": f"points of the {role}", "psi": rounded(drift_of_points(train[role], marks))}
        for role, marks in last.marks.items()
    ]
    drift += [
        {"what": name, "psi": rounded(value)}
        for name, value in drift_of_features(train[CHAMPION], last.marks[CHAMPION]).items()
    ]
    return {
        "parts": _parts(study),
        "candidates": [
            {
                "max_bins": each.max_bins,
                "log_loss": rounded(each.log_loss),
                "auc": rounded(each.auc),
                "chosen": each is study.chosen,
            }
            for each in study.candidates
        ],
        "cards": [_card(look, role, study) for look in looks for role in ROLES],
        "differences": [
            {"part": look.part, **bounds_of("auc", look.more.auc), **bounds_of("ks", look.more.ks)}
            | bounds_of("brier", look.more.brier)
            for look in looks
        ],
        "calibration": [
            row for role in ROLES for row in decile_rows(role, deciles(last.marks[role]))
        ],
        "tiers": [row for look in looks for role in ROLES for row in _tiers(look, role)],
        "moves": [
            {"champion_tier": place, **{f"challenger_tier_{to}": n for to, n in enumerate(row, 1)}}
            for place, row in enumerate(moves(last), 1)
        ],
        "drift": drift,
        "features": [
            {
                "feature": feature.name,
                "bins": len(feature.bins),
                "information": rounded(feature.information),
                "weight": rounded(feature.weight),
                "left_out": feature.weight == 0,
            }
            for feature in study.chosen.fit.features
        ],
        "conditions": [{"condition": each.says, "holds": each.holds} for each in said],
    }


def _parts(study: Study) -> list[Row]:
    return [
        {
            "part": name,
            "first_day": date_of(part[0].day).isoformat(),
            "last_day": date_of(part[-1].day).isoformat(),
            "cases": len(part),
            "defaults": defaults_of(part),
            "rate": rounded(defaults_of(part) / len(part)),
        }
        for name, part in study.parts.named()
    ]


def _tiers(look: Look, role: str) -> list[Row]:
    """The tiers as given, and as points alone would give them."""
    marks = look.marks[role]
    return [
        {
            "part": look.part,
            "card": role,
            "tier": row.tier,
            "cases": row.cases,
            "defaults": row.defaults,
            **bounds_of("rate", row.rate if row.cases else None),
            "cases_by_points": points.cases,
            **bounds_of("rate_by_points", points.rate if points.cases else None),
        }
        for row, points in zip(tiers(marks), tiers(marks, by_points=True), strict=True)
    ]


def _card(look: Look, role: str, study: Study) -> Row:
    marks, figures = look.marks[role], look.figures[role]
    train = study.parts.train
    rate = defaults_of(train) / len(train)
    return {
        "part": look.part,
        "card": role,
        **bounds_of("auc", figures.auc),
        **bounds_of("ks", figures.ks),
        **bounds_of("brier", figures.brier),
        "brier_of_rate": rounded(metrics.brier([rate] * len(marks.outcomes), marks.outcomes)),
        "expected_rate": rounded(sum(marks.chances) / len(marks.chances)),
        "observed_rate": rounded(marks.rate),
        "tiers_fall": falling(tiers(marks)),
    }


def decile_rows(card: str, rows: Sequence[Decile]) -> list[Row]:
    """Expected against observed defaults."""
    return [
        {
            "card": card,
            "decile": place,
            "cases": row.cases,
            "expected": rounded(row.expected),
            "defaults": row.defaults,
            **bounds_of("observed", row.rate),
        }
        for place, row in enumerate(rows, 1)
    ]


def seed_row(seed: int, study: Study, last: Look) -> Row:
    """What another market gives, without bounds."""
    champion, challenger = (last.figures[role] for role in ROLES)
    train = study.challenger.marks(study.parts.train)
    return {
        "seed": seed,
        "cases": last.cases,
        "defaults": last.defaults,
        "max_bins": study.chosen.max_bins,
        "champion_auc": rounded(champion.auc.value),
        "challenger_auc": rounded(challenger.auc.value),
        "champion_ks": rounded(champion.ks.value),
        "challenger_ks": rounded(challenger.ks.value),
        "champion_brier": rounded(champion.brier.value),
        "challenger_brier": rounded(challenger.brier.value),
        "challenger_psi": rounded(drift_of_points(train, last.marks[CHALLENGER])),
        "champion_tiers_fall": falling(tiers(last.marks[CHAMPION])),
        "challenger_tiers_fall": falling(tiers(last.marks[CHALLENGER])),
    }


def assumption_rows(given: Assumptions) -> list[Row]:
    """The assumptions of the simulated trade."""
    return [
        {"name": name, "figure": figure, "meaning": says} for name, figure, says in listed(given)
    ]


def write_tables(folder: Path, tables: Mapping[str, Sequence[Row]], *, about: Row) -> None:
    """Each table as a CSV file, and all of them as one JSON file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    text = json.dumps({"about": about, **tables}, indent=1, ensure_ascii=False) + "\n"
    (folder / "credit-study.json").write_text(text, encoding="utf-8")


def markdown(rows: Sequence[Row]) -> str:
    """A table of Markdown; figures with bounds stand in one cell."""
    columns = [
        name
        for name in dict.fromkeys(column for row in rows for column in row)
        if not name.endswith(("_low", "_high"))
    ]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(row, name) for name in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if isinstance(low, float) and isinstance(high, float):
        return f"{value:.3f} ({low:.3f} to {high:.3f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|")
