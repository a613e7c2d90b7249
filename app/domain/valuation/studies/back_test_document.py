"""The back-test and its valuations as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from app.domain.valuation.grades import Grade
from app.domain.valuation.haircuts import Choice, Tolerance
from app.domain.valuation.lots import Losses, SellingTerms
from app.domain.valuation.studies.back_test import BackTest
from app.domain.valuation.studies.tables import day_text
from app.domain.valuation.valuing import Valuation


class ChosenHaircut(TypedDict):
    """A grade's haircut, and the losses at it."""

    haircut: int
    losses: Losses


class FallenGrade(TypedDict):
    """How many of a grade's lots fell within a month; `fallen` is in parts per million."""

    grade: str
    lots: int
    fallen: int


Unseen = TypedDict(
    "Unseen", {"from": str, "chosen": dict[str, ChosenHaircut], "losses": dict[str, Losses]}
)


class BackTestDocument(TypedDict):
    """The whole back-test, by grade where it splits."""

    source: str
    headline: str
    terms: SellingTerms
    tolerance: Tolerance
    counts: dict[str, int]
    months: list[str]
    lots: int
    chosen: dict[str, ChosenHaircut]
    shipped: dict[str, Losses]
    unseen: Unseen
    byDaysOfStock: dict[str, dict[str, ChosenHaircut]]
    byFloor: dict[str, dict[str, ChosenHaircut]]
    byMeasure: dict[str, dict[str, Losses]]
    ageing: list[FallenGrade]


class ExplainedFigure(TypedDict):
    """A figure of a valuation, with its formula and its inputs."""

    name: str
    value: int | None
    unit: str
    formula: str
    inputs: dict[str, int]
    grade: str | None
    rule: str | None


class ExplainedValuation(TypedDict):
    """A valuation with every figure."""

    sku: str
    currency: str
    asOf: str
    grade: str
    haircut: int
    fallsAfterDays: int
    evidence: str
    figures: list[ExplainedFigure]


def document(result: BackTest, *, headline: str, source: str) -> BackTestDocument:
    """The whole back-test.

    Args:
        headline: the result in a sentence.
        source: the file that was tested.
    """

    def split(losses_by_grade: Mapping[Grade, Losses]) -> dict[str, Losses]:
        return {grade.name: part for grade, part in losses_by_grade.items()}

    def chosen(choices: Sequence[Choice]) -> dict[str, ChosenHaircut]:
        return {
            choice.grade.name: {"haircut": choice.haircut, "losses": choice.losses}
            for choice in choices
        }

    return {
        "source": source,
        "headline": headline,
        "terms": result.terms,
        "tolerance": Tolerance(),
        "counts": dict(result.counts),
        "months": result.months,
        "lots": len(result.tested),
        "chosen": chosen(result.choices),
        "shipped": split(result.shipped),
        "unseen": {
            "from": day_text(result.late_from),
            "chosen": chosen(result.early),
            "losses": split(result.late),
        },
        "byDaysOfStock": {str(key): chosen(part) for key, part in result.by_stock_days.items()},
        "byFloor": {str(key): chosen(part) for key, part in result.floors.items()},
        "byMeasure": {name: split(part) for name, part in result.measures.items()},
        "ageing": [
            {"grade": ageing.grade.name, "lots": ageing.lots, "fallen": ageing.fallen}
            for ageing in result.ageing
        ],
    }


def explained(valuation: Valuation) -> ExplainedValuation:
    """A valuation with every figure, its formula and its inputs."""
    return {
        "sku": valuation.sku,
        "currency": valuation.currency,
        "asOf": day_text(valuation.as_of_day),
        "grade": valuation.grade.name,
        "haircut": valuation.haircut,
        "fallsAfterDays": valuation.falls_after_days,
        "evidence": valuation.evidence,
        "figures": [
            {
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "formula": figure.formula,
                "inputs": dict(figure.inputs),
                "grade": figure.grade.name if figure.grade is not None else None,
                "rule": figure.rule,
            }
            for figure in valuation.figures
        ],
    }
