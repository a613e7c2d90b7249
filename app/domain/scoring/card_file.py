"""Reads a scorecard's file and checks all of it: a card that is read can be relied on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml
from pydantic import ValidationError

from app.domain.money import DIGITS, minor_units
from app.domain.plain_json import JsonInvalid, canonical_json
from app.domain.plain_yaml import YamlRefused, read_document
from app.domain.scoring.bins import Report, bins_of, text_of
from app.domain.scoring.card_shape import CardPart, ExamplePart, FeaturePart
from app.domain.scoring.examples import check_examples
from app.domain.scoring.model import (
    WORST_TIER,
    Card,
    Example,
    Feature,
    LimitFormula,
    Tier,
    Unknown,
)
from app.domain.scoring.problems import MAX_PROBLEMS, CardInvalid, Path, Problem, problems_of
from app.domain.scoring.values import MAX_VALUE, Kind, Value, read_number
from app.domain.texts import say

# The largest card that is shipped has 36 KB; as many Chinese words as English ones fit into four.
MAX_BYTES = 128 << 10


def read_card(data: bytes) -> Card:
    """The card in a YAML file.

    Raises:
        CardInvalid: names each problem with its line.
    """
    if len(data) > MAX_BYTES:
        raise _single("card-too-large", f"the file has more than {MAX_BYTES} bytes", "shorten it")
    try:
        document = read_document(data)
    except yaml.MarkedYAMLError as error:
        name, fix = "not-yaml", "correct the file"
        if isinstance(error, YamlRefused):
            name, fix = f"card-{error.name}", error.fix
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise CardInvalid([Problem(name, (), str(error.problem), fix, line)]) from error
    try:
        return card_of(document.value)
    except CardInvalid as error:
        raise error.located(document.line_of) from None


def card_of(content: Any) -> Card:
    """The card in the value of a file, such as the one that a pack carries.

    Raises:
        CardInvalid.
    """
    if not isinstance(content, dict):
        raise _single("not-a-card", "the file is not a list of keys", "begin it with `name:`")
    try:
        part = CardPart.model_validate(content)
    except ValidationError as error:
        raise CardInvalid(problems_of(error)) from error
    reader = _Reader(part)
    card = reader.card(content)
    problems = reader.problems or check_examples(card)
    if problems:
        raise CardInvalid(problems, more=reader.more)
    try:
        digest = "0x" + hashlib.sha256(canonical_json(content)).hexdigest()
    except JsonInvalid as error:
        raise _single("not-plain", str(error), "write plain words and whole numbers") from error
    return replace(card, digest=digest)


def _single(name: str, detail: str, fix: str) -> CardInvalid:
    return CardInvalid([Problem(name, (), detail, fix)])


class _Reader:
    """Makes a card of its file's parts, and collects what is wrong."""

    def __init__(self, part: CardPart) -> None:
        self.part = part
        self.problems: list[Problem] = []
        self.more = 0

    def report(self, name: str, path: Path, detail: str, fix: str) -> None:
        """See `Report`; what is beyond `MAX_PROBLEMS` is counted."""
        if len(self.problems) == MAX_PROBLEMS:
            self.more += 1
        else:
            self.problems.append(Problem(name, path, detail, fix))

    def card(self, content: Mapping[str, object]) -> Card:
        """The card without its digest; it is to be used only if there are no problems."""
        part = self.part
        if part.currency not in DIGITS:
            detail = f"{part.currency} is not a currency of ISO 4217"
            raise CardInvalid([Problem("currency-unknown", ("currency",), detail, "give its code")])
        self.check_names()
        features = tuple(self.feature(place, each) for place, each in enumerate(part.features))
        kinds = {feature.name: feature for feature in features}
        return Card(
            name=part.name,
            version=part.version,
            title=text_of(part.title),
            currency=part.currency,
            base=part.base,
            valid_days=part.valid_days,
            documents={name: text_of(text) for name, text in part.documents.items()},
            features=features,
            tiers=self.tiers(),
            limit=self.limit(kinds),
            examples=tuple(
                self.example(place, each, kinds) for place, each in enumerate(part.examples)
            ),
            digest="",
            content=content,
        )

    def check_names(self) -> None:
        """Each feature once, and each document used."""
        names: set[str] = set()
        for place, each in enumerate(self.part.features):
            path: Path = ("features", place)
            if each.name in names:
                self.report(
                    "feature-twice", path, f"{each.name} occurs twice", "give each feature once"
                )
            names.add(each.name)
            if each.document not in self.part.documents:
                self.report(
                    "document-unknown",
                    (*path, "document"),
                    f"documents has no {each.document}",
                    "add it there, or name another one",
                )
        for name in set(self.part.documents) - {each.document for each in self.part.features}:
            self.report(
                "document-unused", ("documents", name), "no feature names it", "leave it out"
            )

    def feature(self, place: int, part: FeaturePart) -> Feature:
        """A feature."""
        path: Path = ("features", place)
        report: Report = self.report
        bins = bins_of(part, currency=self.part.currency, path=path, report=report)
        if bins and part.unknown.points > max(each.points for each in bins):
            self.report(
                "unknown-too-good",
                (*path, "unknown", "points"),
                f"an unknown {part.name} gets {part.unknown.points} points, more than any value",
                "give at most the points of the best bin",
            )
        return Feature(
            name=part.name,
            kind=part.kind,
            title=text_of(part.title),
            weight=part.weight,
            document=part.document,
            changeable=part.changeable,
            max_age_days=part.max_age_days,
            trend=part.trend,
            bins=bins,
            unknown=Unknown(part.unknown.points, text_of(part.unknown.reason)),
        )

    def tiers(self) -> tuple[Tier, ...]:
        """The five tiers, each asking for less than the one before, and granting no more."""
        parts, tiers = self.part.tiers, list[Tier]()
        if [each.tier for each in parts] != list(range(1, WORST_TIER + 1)):
            self.report(
                "tiers-invalid", ("tiers",), "the tiers are not 1 to 5 in order", "give all five"
            )
        for place, part in enumerate(parts):
            path: Path = ("tiers", place)
            last = place == len(parts) - 1
            if (part.points is None) != last or (part.confidence is None) != last:
                self.report(
                    "tier-bounds",
                    path,
                    "tiers 1 to 4 need points and confidence, and tier 5 takes all the rest",
                    "give both, or in tier 5 neither",
                )
            tier = Tier(part.tier, part.points or 0, part.confidence or 0, part.limit_share)
            before = tiers[-1] if tiers else None
            if before is not None and not last and tier.points >= before.points:
                self.report(
                    "tiers-order",
                    (*path, "points"),
                    f"tier {tier.tier} asks for {tier.points} points, and tier {before.tier} for "
                    f"{before.points}",
                    "let points fall from tier to tier",
                )
            if before is not None and not last and tier.confidence > before.confidence:
                self.report(
                    "tiers-order",
                    (*path, "confidence"),
                    f"tier {tier.tier} asks for more confidence than tier {before.tier}",
                    "let confidence not rise from tier to tier",
                )
            if before is not None and tier.limit_share > before.limit_share:
                self.report(
                    "tiers-order",
                    (*path, "limit_share"),
                    f"tier {tier.tier} grants more than tier {before.tier}",
                    "let limit_share not rise from tier to tier",
                )
            tiers.append(tier)
        return tuple(tiers)

    def limit(self, features: Mapping[str, Feature]) -> LimitFormula:
        """The formula of the limit."""
        part = self.part.limit
        for key, name, kind in (
            ("sales", part.sales, Kind.AMOUNT),
            ("months", part.months, Kind.COUNT),
            ("concentration", part.concentration, Kind.SHARE),
        ):
            feature = features.get(name)
            if feature is None or feature.kind is not kind:
                self.report(
                    "limit-feature",
                    ("limit", key),
                    f"{name} is no feature of kind {kind.value}",
                    "name such a feature",
                )
        if part.full_months < part.min_months:
            self.report(
                "limit-months",
                ("limit", "full_months"),
                f"full_months is {part.full_months}, below min_months, {part.min_months}",
                "give at least min_months",
            )
        return LimitFormula(
            sales=part.sales,
            months=part.months,
            concentration=part.concentration,
            min_months=part.min_months,
            full_months=part.full_months,
            free_concentration=part.free_concentration,
            unknown_concentration=part.unknown_concentration,
            step=self.positive("step", part.step),
            max=self.positive("max", part.max),
        )

    def positive(self, key: str, raw: str) -> int:
        """An amount of the formula, above zero."""
        try:
            amount = minor_units(raw, currency=self.part.currency)
        except ValueError as error:
            self.report("amount-invalid", ("limit", key), str(error), "correct the amount")
            return 1
        if not 0 < amount <= MAX_VALUE:
            self.report("amount-invalid", ("limit", key), f"it is {raw}", "give more than zero")
        return amount

    def example(self, place: int, part: ExamplePart, features: Mapping[str, Feature]) -> Example:
        """A worked example."""
        path: Path = ("examples", place)
        values: dict[str, Value] = {}
        for name, raw in part.values.items():
            feature = features.get(name)
            try:
                if feature is None:
                    raise ValueError(f"there is no feature {name}")
                values[name] = read_value(feature, raw, currency=self.part.currency)
            except ValueError as error:
                self.report(
                    "value-invalid", (*path, "values", name), str(error), "correct the value"
                )
        limit = -1
        try:
            limit = minor_units(part.limit, currency=self.part.currency)
        except ValueError as error:
            self.report("amount-invalid", (*path, "limit"), str(error), "correct the amount")
        return Example(part.name, values, part.points, part.confidence, part.tier, limit)


def read_value(feature: Feature, raw: Any, *, currency: str) -> Value:
    """A value of a feature, as a card or evidence writes it.

    Raises:
        ValueError.
    """
    if feature.kind is not Kind.CATEGORY:
        return read_number(feature.kind, raw, currency=currency)
    if not isinstance(raw, str) or raw not in feature.categories:
        raise ValueError(
            say(
                "{raw} is no category of {feature}; use one of {categories}",
                raw=repr(raw),
                feature=feature.name,
                categories=", ".join(feature.categories),
            )
        )
    return raw
