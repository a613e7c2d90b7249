"""The back-test as tables: Markdown for people, CSV of each lot and value, JSON of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.domain.valuation.grades import LIMITS, SHIPPED, Grade
from app.domain.valuation.haircuts import Choice, Tolerance, days_until_fall
from app.domain.valuation.lots import Losses, by_grade, losses
from app.domain.valuation.studies.back_test import PLAIN_HAIRCUT, BackTest
from app.domain.valuation.studies.back_test_document import document, explained
from app.domain.valuation.studies.tables import (
    day_text,
    markdown,
    money,
    percent,
    whole_percent,
    write_csv,
    write_json,
)

LOSS_HEADER = ("lots", "made a loss", "lost of the money lent", "lost where lost", "worst lot")
_MEASURES = ("price", "sold", "trend", *(limit.measure for limit in LIMITS))


def write_back_test(folder: Path, result: BackTest, *, currency: str, source: str) -> str:
    """Writes back-test.md and .json, lots.csv, values.csv and .json (explained) into a folder.

    Returns:
        The report.
    """
    text = report(result, currency=currency, source=source)
    (folder / "back-test.md").write_text(text, encoding="utf-8")
    write_json(
        folder / "back-test.json", document(result, headline=headline(result), source=source)
    )
    _write_lots(folder / "lots.csv", result)
    _write_values(folder / "values.csv", result)
    write_json(folder / "values.json", [explained(valuation) for _, valuation in result.values])
    return text


def headline(result: BackTest) -> str:
    """The result in a sentence: for the report, the plot and the console."""
    haircuts = [
        f"{choice.grade.name} {whole_percent(choice.haircut)}"
        for choice in result.choices
        if choice.grade is not Grade.E
    ]
    tolerance = Tolerance()
    return (
        f"Haircuts of {', '.join(haircuts)} keep losses to {whole_percent(tolerance.rate)} of the "
        f"money lent, on at most {whole_percent(tolerance.frequency)} of the lots"
    )


def report(result: BackTest, *, currency: str, source: str) -> str:
    """The whole report in Markdown."""
    parts = [
        "# Back-test of the valuation of goods\n",
        f"{headline(result)}.\n",
        _setting(result, source=source),
        "## The haircuts, and what they would have lost\n",
        _rule_words(),
        _choices(result.choices),
        "## At the haircuts as shipped\n",
        _losses_table(
            [
                ((grade.name, whole_percent(SHIPPED[grade].haircut)), result_of_grade)
                for grade, result_of_grade in result.shipped.items()
            ],
            ("grade", "haircut"),
        ),
        _of_worst(result),
        _late(result),
        _sensitivity(result),
        _by_measure(result.measures),
        _ageing(result),
        _largest(result, currency=currency),
        _values(result),
    ]
    return "\n".join(parts)


def _setting(result: BackTest, *, source: str) -> str:
    terms = result.terms
    counts = "; ".join(f"{number:,} {words}" for words, number in result.counts.items())
    return (
        f"From `{source}`: {counts}.\n\n"
        f"{len(result.tested):,} lots: the best sellers of each window of 84 days that ends with "
        f"a month from {result.months[0]} to {result.months[-1]}, valued and graded by what was "
        "known that day. "
        f"A lot is {terms.stock_days} days of the window's pace (the file has no stock). It is "
        f"lent on at its value less the haircut, and sold as its kind really sold in the "
        f"{terms.horizon_days} days that followed, at the prices and the pace of those days. What "
        f"is left goes at {whole_percent(terms.floor)} of the value. "
        f"{whole_percent(terms.costs)} of the proceeds goes on storing and selling, and the debt "
        f"bears {percent(terms.annual_rate)} a year for the whole time. The borrower repays "
        "nothing else.\n"
    )


def _of_worst(result: BackTest) -> str:
    """Why nobody lends on E."""
    haircut = SHIPPED[Grade.D].haircut
    outcomes = [lot.outcome for lot in result.tested]
    worst = losses(by_grade(outcomes)[Grade.E], haircuts={Grade.E: haircut})
    return (
        f"Had E been lent on at D's haircut of {whole_percent(haircut)}, "
        f"{percent(worst.frequency)} of its lots would have made a loss, and "
        f"{percent(worst.rate)} of the money would have been lost.\n"
    )


def _rule_words() -> str:
    rule = Tolerance()
    return (
        f"The smallest haircut, in steps of {whole_percent(rule.step)}, at which no more than "
        f"{whole_percent(rule.frequency)} of the grade's lots made a loss and no more than "
        f"{whole_percent(rule.rate)} of the money was lost; never smaller than a better grade's.\n"
    )


def _choices(choices: Sequence[Choice]) -> str:
    return _losses_table(
        [
            ((choice.grade.name, whole_percent(choice.haircut), choice.reason), choice.losses)
            for choice in choices
        ],
        ("grade", "haircut", "why"),
    )


def _losses_table(
    lines: Sequence[tuple[tuple[object, ...], Losses]], names: tuple[str, ...]
) -> str:
    rows = [(*labels, *loss_cells(result)) for labels, result in lines]
    return markdown((*names, *LOSS_HEADER), rows)


def loss_cells(result: Losses) -> tuple[str, ...]:
    """The cells under LOSS_HEADER."""
    shares = (result.frequency, result.rate, result.severity, result.worst)
    return (f"{result.lots:,}", *map(percent, shares))


def _late(result: BackTest) -> str:
    haircuts = {choice.grade: choice.haircut for choice in result.early}
    table = _losses_table(
        [
            ((grade.name, whole_percent(haircuts[grade])), result_of_grade)
            for grade, result_of_grade in result.late.items()
        ],
        ("grade", "haircut from the earlier months"),
    )
    return (
        "## On months that the haircuts had not seen\n\n"
        f"Chosen by the same rule from the months before {day_text(result.late_from)[:7]}, and "
        f"then put to the months from there on.\n\n{table}"
    )


def _sensitivity(result: BackTest) -> str:
    def table(name: str, choices_by_key: Mapping[int, Sequence[Choice]], words: Any) -> str:
        rows = [
            (words(key), *(whole_percent(choice.haircut) for choice in choices[:-1]))
            for key, choices in choices_by_key.items()
        ]
        return markdown((name, *(grade.name for grade in Grade if grade is not Grade.E)), rows)

    return (
        "## What the haircuts hang on\n\n"
        "The haircut that the rule would choose for lots of other sizes (graded by all but their "
        "size):\n\n"
        + table("days of stock", result.by_stock_days, str)
        + "\nand for other values of what is left after the horizon:\n\n"
        + table("floor", result.floors, whole_percent)
    )


def _by_measure(measures: Mapping[str, Mapping[Grade, Losses]]) -> str:
    rows = []
    for name, split in measures.items():
        cells = [
            f"{percent(part.frequency)} of {part.lots:,}" if part.lots else "no lot"
            for part in split.values()
        ]
        rows.append((name, *cells))
    return (
        f"## What each measure tells by itself\n\n"
        f"Lots that made a loss at one haircut of {whole_percent(PLAIN_HAIRCUT)} for all, by the "
        "grade that the measure alone would give.\n\n"
        + markdown(("measure", *(grade.name for grade in Grade)), rows)
    )


def _ageing(result: BackTest) -> str:
    rows, maximum = [], 28
    for ageing in result.ageing:
        if ageing.grade is not Grade.E:
            maximum = days_until_fall(ageing.fallen, maximum=maximum)
            cells = (percent(ageing.fallen), percent(ageing.fallen_twice), maximum)
            rows.append((ageing.grade.name, f"{ageing.lots:,}", *cells))
    return (
        "## How long a grade lasts\n\n"
        "Goods whose grade was worse at the next month's end. A grade falls by itself after the "
        "weeks in which, at an even rate, one in five would have; no worse grade lasts longer "
        "than a better one.\n\n"
        + markdown(("grade", "lots", "fell", "fell two steps or more", "days"), rows)
    )


def _largest(result: BackTest, *, currency: str) -> str:
    haircuts = {grade: terms.haircut for grade, terms in SHIPPED.items()}

    def lost(lot: Any) -> int:
        outcome = lot.outcome
        share = 1_000_000 - haircuts[outcome.grade]
        return int(outcome.value * max(0, share - outcome.recovery)) // 1_000_000

    worst = sorted(result.tested, key=lambda lot: (-lost(lot), lot.goods.sku))[:10]
    rows = [
        (
            f"{lot.goods.sku} {lot.goods.name}",
            day_text(lot.day),
            lot.outcome.grade.name,
            money(lot.outcome.value, currency=currency),
            percent(lot.outcome.left * 1_000_000 // lot.outcome.quantity),
            money(lost(lot), currency=currency),
        )
        for lot in worst
        if lost(lot)
    ]
    header = ("goods", "valued", "grade", f"value, {currency}", "left unsold", f"lost, {currency}")
    return "## The ten greatest losses\n\n" + markdown(header, rows)


def _values(result: BackTest) -> str:
    names = ", ".join(f"{goods.sku} {goods.name}" for goods in result.unvalued)
    counted = [
        (grade.name, sum(1 for _, valuation in result.values if valuation.grade is grade))
        for grade in Grade
    ]
    return (
        "## Values\n\n"
        f"{len(result.values)} best sellers of the whole file are valued at its last day, each "
        "with its figures and the hash of its inputs, in `values.csv` and, explained, in "
        "`values.json`; "
        f"{len(result.unvalued)} more sold nothing for good in the window and have no value"
        f"{': ' if result.unvalued else ''}{names}.\n\n" + markdown(("grade", "goods"), counted)
    )


def _write_lots(path: Path, result: BackTest) -> None:
    header = ("valued", "sku", "grade", *_MEASURES, "lot", "value", "proceeds", "left", "recovery")
    rows = (
        (
            *(day_text(lot.day), lot.goods.sku, lot.outcome.grade.name),
            *(getattr(lot.measures, name) for name in _MEASURES),
            *(lot.outcome.quantity, lot.outcome.value, lot.outcome.proceeds),
            *(lot.outcome.left, lot.outcome.recovery),
        )
        for lot in result.tested
    )
    write_csv(path, header, rows)


def _write_values(path: Path, result: BackTest) -> None:
    header = ("sku", "name", "as_of", "value", "currency", "grade", "haircut", "falls_after_days")
    rows = (
        (
            *(
                goods.sku,
                goods.name,
                day_text(valuation.as_of_day),
                valuation.value,
                valuation.currency,
            ),
            *(valuation.grade.name, valuation.haircut, valuation.falls_after_days),
            *(getattr(valuation.measures, name) for name in _MEASURES),
            valuation.evidence,
        )
        for goods, valuation in result.values
    )
    write_csv(path, (*header, *_MEASURES, "evidence"), rows)
