"""The bins of a feature: read, and checked so that each value is in exactly one of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from app.domain.scoring.card_shape import FeaturePart, TextPart
from app.domain.scoring.model import Bin, Text, Trend
from app.domain.scoring.problems import Path
from app.domain.scoring.values import Kind, number_text, read_number

#: Takes name, path, detail and fix of a problem.
Report = Callable[[str, Path, str, str], None]


def text_of(part: TextPart) -> Text:
    """A text of the file."""
    return Text(part.en, part.zh)


def bins_of(feature: FeaturePart, *, currency: str, path: Path, report: Report) -> tuple[Bin, ...]:
    """The bins of a feature, and what is wrong with them."""
    read = _categories if feature.kind is Kind.CATEGORY else _numbers
    bins = read(feature, currency, path, report)
    _check_reasons(feature, path, report)
    return bins


def _numbers(feature: FeaturePart, currency: str, path: Path, report: Report) -> tuple[Bin, ...]:
    bins, sound = [], True
    for place, part in enumerate(feature.bins):
        at = (*path, "bins", place)
        if part.categories is not None:
            sound = False
            report(
                "bin-of-categories",
                (*at, "categories"),
                f"{feature.name} is of kind {feature.kind.value} and has no categories",
                "give from and below, or the kind category",
            )
        bounds: dict[str, int | None] = {}
        for key, raw in (("from", part.from_), ("below", part.below)):
            try:
                bounds[key] = _bound(feature.kind, raw, currency)
            except ValueError as error:
                sound = False
                report("bound-invalid", (*at, key), str(error), "correct the bound")
        lower, upper = bounds.get("from"), bounds.get("below")
        bins.append(Bin(lower, upper, (), part.points, text_of(part.reason)))
    if sound:
        _check_order(feature, bins, currency, path, report)
        _check_trend(feature, bins, path, report)
    return tuple(bins)


def _bound(kind: Kind, raw: Any, currency: str) -> int | None:
    return None if raw is None else read_number(kind, raw, currency=currency)


def _check_order(
    feature: FeaturePart, bins: list[Bin], currency: str, path: Path, report: Report
) -> None:
    def text(number: int) -> str:
        return number_text(feature.kind, number, currency=currency)

    name, places = feature.name, (*path, "bins")
    if bins[0].lower is not None:
        report(
            "bins-gap",
            (*places, 0, "from"),
            f"no bin of {name} holds values below {text(bins[0].lower)}",
            "leave out `from` of the first bin",
        )
    if bins[-1].upper is not None:
        report(
            "bins-gap",
            (*places, len(bins) - 1, "below"),
            f"no bin of {name} holds values from {text(bins[-1].upper)} on",
            "leave out `below` of the last bin",
        )
    for place, (before, after) in enumerate(pairwise(bins), start=1):
        if before.upper is None or after.lower is None:
            key, at = ("below", place - 1) if before.upper is None else ("from", place)
            report(
                "bins-overlap",
                (*places, at, key),
                f"bin {at} of {name} has no `{key}`, so it holds values of its neighbour too",
                f"give `{key}`",
            )
        elif before.upper != after.lower:
            gap = before.upper < after.lower
            low, high = sorted((before.upper, after.lower))
            report(
                "bins-gap" if gap else "bins-overlap",
                (*places, place, "from"),
                f"{'no bin holds' if gap else 'two bins hold'} values of {name} from {text(low)} "
                f"to below {text(high)}",
                f"let bin {place} begin where bin {place - 1} ends",
            )
    for place, each in enumerate(bins):
        if each.lower is not None and each.upper is not None and each.upper <= each.lower:
            report(
                "bin-empty",
                (*places, place),
                f"the bin of {name} ends at {text(each.upper)} and begins at {text(each.lower)}",
                "let `below` be greater than `from`",
            )


def _check_trend(feature: FeaturePart, bins: list[Bin], path: Path, report: Report) -> None:
    for place, (before, after) in enumerate(pairwise(bins), start=1):
        falls, rises = after.points < before.points, after.points > before.points
        if (feature.trend is Trend.RISING and falls) or (feature.trend is Trend.FALLING and rises):
            report(
                "not-monotone",
                (*path, "bins", place, "points"),
                f"points of {feature.name} go from {before.points} to {after.points}; its trend "
                f"is {feature.trend}",
                "correct the points, or give the trend free",
            )


def _categories(feature: FeaturePart, _: str, path: Path, report: Report) -> tuple[Bin, ...]:
    bins, first = [], dict[str, int]()
    for place, part in enumerate(feature.bins):
        at = (*path, "bins", place)
        if part.from_ is not None or part.below is not None or part.categories is None:
            report(
                "bin-of-numbers",
                at,
                f"{feature.name} is of kind category and needs categories, without from and below",
                'give categories, like ["A", "B"]',
            )
        for name in part.categories or ():
            if name in first:
                report(
                    "bins-overlap",
                    (*at, "categories"),
                    f"{name!r} of {feature.name} is in bin {first[name]} already",
                    "give each category once",
                )
            if name != name.strip() or not name.isprintable() or not name:
                report(
                    "category-invalid",
                    (*at, "categories"),
                    f"{name!r} is empty, or has blanks at its ends or signs that do not print",
                    "give a plain word",
                )
            first.setdefault(name, place)
        names = tuple(part.categories or ())
        bins.append(Bin(None, None, names, part.points, text_of(part.reason)))
    if feature.trend is not Trend.FREE:
        report(
            "trend-of-categories",
            (*path, "trend"),
            f"categories of {feature.name} have no order, so its trend cannot be {feature.trend}",
            "leave out trend",
        )
    return tuple(bins)


def _check_reasons(feature: FeaturePart, path: Path, report: Report) -> None:
    reasons = [
        ((*path, "bins", place, "reason"), part.reason) for place, part in enumerate(feature.bins)
    ]
    for at, reason in [*reasons, ((*path, "unknown", "reason"), feature.unknown.reason)]:
        for language, text in (("en", reason.en), ("zh", reason.zh)):
            if not text.strip():
                report(
                    "reason-missing",
                    (*at, language),
                    "the reason is blank",
                    "say why in a sentence",
                )
            rest = text.replace("{value}", "")
            if "{" in rest or "}" in rest or ("{value}" in text and "unknown" in at):
                report(
                    "reason-invalid",
                    (*at, language),
                    "a reason may hold {value} and no other braces; an unknown value has none",
                    "write the words out",
                )
