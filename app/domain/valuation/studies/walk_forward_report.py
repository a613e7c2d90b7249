"""The walk-forward test as tables, and the record of the one look at the hold-out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.domain.valuation.grades import SHIPPED, Grade
from app.domain.valuation.haircuts import Tolerance
from app.domain.valuation.lots import Losses, SellingTerms
from app.domain.valuation.studies.back_test_report import LOSS_HEADER, loss_cells
from app.domain.valuation.studies.bounds import CONFIDENCE, SAMPLES, SEED
from app.domain.valuation.studies.files import FileInvalid
from app.domain.valuation.studies.tables import (
    day_text,
    markdown,
    percent,
    whole_percent,
    write_json,
)
from app.domain.valuation.studies.walk_forward import HoldOut, Soundness, Walk

_LENT_ON = tuple(grade for grade in Grade if grade is not Grade.E)
_RECORD = "hold-out.json"


def write_walk_forward(folder: Path, result: Soundness) -> str:
    """Writes walk-forward.md and .json, and hold-out.json if the hold-out was opened.

    Raises:
        FileInvalid: the hold-out was opened before for other haircuts.

    Returns:
        The report.
    """
    if result.hold_out is not None:
        _record(folder / _RECORD, result.hold_out)
    text = report(result)
    (folder / "walk-forward.md").write_text(text, encoding="utf-8")
    write_json(folder / "walk-forward.json", _document(result))
    return text


def report(result: Soundness) -> str:
    """The whole report in Markdown."""
    return "\n".join(
        [
            "# Haircuts chosen on the past, by upper bounds\n",
            _rule_words(result),
            "## The haircuts asked for, beside those of the catalogue\n",
            _chosen(result),
            "## What they hang on\n",
            _variants(result),
            "## Walk-forward, the rule of the lots alone\n",
            _walk(result.by_lots),
            "## Walk-forward, the rule of the bounds\n",
            _walk(result.by_bounds),
            "## Hold-out\n",
            _hold_out(result.hold_out),
        ]
    )


def _rule_words(result: Soundness) -> str:
    rule = Tolerance()
    closed = ", ".join(map(day_text, result.closed)) or "none"
    return (
        f"The smallest haircut, in steps of {whole_percent(rule.step)}, at which the upper bound "
        f"({whole_percent(CONFIDENCE)}, one-sided) of the lots with a loss is at most "
        f"{whole_percent(rule.frequency)}, and that of the money lost at most "
        f"{whole_percent(rule.rate)}. The bounds come from {SAMPLES:,} samples of whole goods and "
        f"whole months (seed {SEED}). Days on which the shop was shut, which are no gap: "
        f"{closed}.\n"
    )


def _chosen(result: Soundness) -> str:
    rows = [
        (
            item.grade.name,
            whole_percent(SHIPPED[item.grade].haircut),
            whole_percent(item.haircut),
            f"{item.losses.lots:,}",
            percent(item.losses.frequency),
            percent(item.bounds.frequency) if item.bounds else "none",
            percent(item.losses.rate),
            percent(item.bounds.rate) if item.bounds else "none",
            item.reason,
        )
        for item in result.chosen
    ]
    names = ("grade", "catalogue", "asked for", "lots", "made a loss", "bound")
    return markdown((*names, "lost of the money lent", "bound", "why"), rows)


def _variants(result: Soundness) -> str:
    rows = []
    for variant in result.variants:
        by_lots = [whole_percent(item.haircut) for item in variant.by_lots[:-1]]
        by_bounds = [whole_percent(item.haircut) for item in variant.by_bounds[:-1]]
        words = _terms_words(variant.terms)
        rows.append((variant.name, words, "the lots", *by_lots))
        rows.append((variant.name, words, "the bounds", *by_bounds))
    header = ("variant", "assumptions", "chosen by", *(grade.name for grade in _LENT_ON))
    return markdown(header, rows) + _floor_words(result)


def _terms_words(terms: SellingTerms) -> str:
    return (
        f"lot of {terms.stock_days} days, sold in {terms.horizon_days}; "
        f"{whole_percent(terms.pace)} of the later quantities at {whole_percent(terms.price)} of "
        f"their prices; floor {whole_percent(terms.floor)}; costs {whole_percent(terms.costs)}; "
        f"interest {percent(terms.annual_rate)} a year"
    )


def _floor_words(result: Soundness) -> str:
    """Whether the floor decides the result; a floor that does is named."""
    chosen, bare = result.variants[0], result.variants[1]
    decided = [
        with_floor.grade.name
        for with_floor, without in zip(chosen.by_bounds, bare.by_bounds, strict=True)
        if with_floor.haircut != without.haircut
    ]
    if not decided:
        return "\nThe floor decides no haircut: without it they are the same.\n"
    return (
        f"\nThe floor of {whole_percent(chosen.terms.floor)} is an assumption, not an observation, "
        f"and it decides the haircuts of {', '.join(decided)}.\n"
    )


def _walk(walk: Walk) -> str:
    steps = markdown(
        ("judged", "lots seen", *(grade.name for grade in _LENT_ON)),
        [
            (
                day_text(step.day),
                f"{step.known_lots:,}",
                *(whole_percent(step.haircuts[grade]) for grade in _LENT_ON),
            )
            for step in walk.steps
        ],
    )
    return (
        f"{steps}\nAll judged lots that were lent on (a haircut of 100% lends nothing):\n\n"
        f"{_losses(walk.losses)}"
    )


def _losses(by_grade: Mapping[Grade, Losses], haircuts: Mapping[Grade, int] | None = None) -> str:
    rows: list[Sequence[object]] = []
    for grade in _LENT_ON:
        label = [whole_percent(haircuts[grade])] if haircuts else []
        rows.append((grade.name, *label, *loss_cells(by_grade[grade])))
    return markdown(("grade", *(["haircut"] if haircuts else []), *LOSS_HEADER), rows)


def _hold_out(opened: HoldOut | None) -> str:
    if opened is None:
        return "Not opened. Choose the rule first, then run once with `--open-hold-out`.\n"
    return (
        f"Lots valued on {day_text(opened.day)}, of goods that are in no other lot. At the "
        "haircuts that the bounds choose of the lots known on that day:\n\n"
        f"{_losses(opened.at_past, opened.past)}\nAt the haircuts asked for:\n\n"
        f"{_losses(opened.at_chosen, opened.chosen)}"
    )


def _record(path: Path, opened: HoldOut) -> None:
    """Writes the look down; a second look for other haircuts is refused."""
    look = {
        "lots": opened.lots_hash,
        "past": {grade.name: haircut for grade, haircut in opened.past.items()},
        "chosen": {grade.name: haircut for grade, haircut in opened.chosen.items()},
    }
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise FileInvalid(f"{path}: is not a record of a hold-out: {error}") from error
        if before != look:
            raise FileInvalid(
                f"{path}: the hold-out was opened before, for other lots or haircuts; its lots are "
                "no longer unseen: test the new choice on lots of another time or shop, with "
                "another --folder"
            )
    write_json(path, look)


def _document(result: Soundness) -> dict[str, object]:
    def split(parts: Mapping[Grade, object]) -> dict[str, object]:
        return {grade.name: part for grade, part in parts.items()}

    def walk(part: Walk) -> dict[str, object]:
        steps = [
            {
                "judged": day_text(step.day),
                "knownLots": step.known_lots,
                "haircuts": split(step.haircuts),
            }
            for step in part.steps
        ]
        return {"steps": steps, "losses": split(part.losses)}

    opened = result.hold_out
    return {
        "confidence": CONFIDENCE,
        "samples": SAMPLES,
        "seed": SEED,
        "closed": [day_text(day) for day in result.closed],
        "catalogue": {grade.name: terms.haircut for grade, terms in SHIPPED.items()},
        "chosen": {
            item.grade.name: {
                "haircut": item.haircut,
                "losses": item.losses,
                "bounds": item.bounds,
            }
            for item in result.chosen
        },
        "variants": [
            {
                "name": variant.name,
                "terms": variant.terms,
                "byLots": {item.grade.name: item.haircut for item in variant.by_lots},
                "byBounds": {item.grade.name: item.haircut for item in variant.by_bounds},
            }
            for variant in result.variants
        ],
        "walkByLots": walk(result.by_lots),
        "walkByBounds": walk(result.by_bounds),
        "holdOut": None
        if opened is None
        else {
            "day": day_text(opened.day),
            "lots": opened.lots_hash,
            "past": split(opened.past),
            "atPast": split(opened.at_past),
            "chosen": split(opened.chosen),
            "atChosen": split(opened.at_chosen),
        },
    }
