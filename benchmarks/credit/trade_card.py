"""A fit as a scorecard of the house format: the champion's file with other bins and points.

Features, documents, weights of confidence, tiers and the formula of the limit stay the champion's.
The points are on the champion's scale, so that a tier asks for the same chance of default in both
cards.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import yaml

from app.domain.money import decimal_text
from app.domain.scoring.card_file import read_card
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Bin, Card, Example, Feature, Text, Unknown
from app.domain.scoring.values import percent_text
from benchmarks.credit.fitted import Fit, FittedBin, FittedFeature, points_of
from benchmarks.credit.metrics import Calibration

NAME = "trade-challenger"
_BETTER = Text("Firms with such a value defaulted less often.", "此类企业违约较少。")
_WORSE = Text("Firms with such a value defaulted more often.", "此类企业违约较多。")
_EQUAL = Text("It did not tell who defaults.", "该项未能区分违约与否。")
_UNKNOWN = Text("No evidence shows it.", "尚无资料证明。")
_EVEN = 0.1  # a weight of evidence this near to zero is called neither better nor worse


def challenger(fit: Fit, *, champion: Card, scale: Calibration, source: Text) -> Card:
    """The card of a fit, read from its own file as any other card is.

    Args:
        scale: what the champion's points mean.
        source: what it was fitted to, in words for the title.
    """
    return read_card(file_of(fit, champion=champion, scale=scale, source=source).encode())


def file_of(fit: Fit, *, champion: Card, scale: Calibration, source: Text) -> str:
    """The file of the card of a fit: YAML."""
    points = points_of(fit, scale)
    fitted = {feature.name: feature for feature in fit.features}
    features = tuple(
        _feature(
            feature,
            fitted[feature.name],
            points.features[feature.name].bins,
            points.features[feature.name].unknown,
        )
        for feature in champion.features
    )
    card = replace(champion, base=points.base, features=features)
    content: dict[str, Any] = copy.deepcopy(dict(champion.content))
    content |= {
        "name": NAME,
        "version": 1,
        "title": {
            "en": f"{champion.title.en}, fitted to {source.en}",
            "zh": f"{champion.title.zh}（{source.zh}）",
        },
        "base": points.base,
    }
    for part, feature in zip(content["features"], features, strict=True):
        part["bins"] = [_written_bin(each, feature, card) for each in feature.bins]
        part["unknown"] = {
            "points": feature.unknown.points,
            "reason": _written(feature.unknown.reason),
        }
    for part, example in zip(content["examples"], champion.examples, strict=True):
        part.update(_worked(card, example))
    head = (
        f"# A card fitted to {source.en}, beside {champion.name} {champion.version}, on its scale\n"
        "# and with its tiers. It is not in force, and no claim is made for real firms.\n"
    )
    return head + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)


def _feature(
    feature: Feature, fitted: FittedFeature, points: tuple[int, ...], unknown: int
) -> Feature:
    if fitted.weight == 0:
        whole = Bin(None, None, feature.categories, 0, _told(feature, _EQUAL))
        return replace(feature, bins=(whole,), unknown=Unknown(0, _UNKNOWN))
    bins = tuple(
        Bin(each.lower, each.upper, each.categories, part, _reason(feature, fitted, each))
        for each, part in zip(fitted.bins, points, strict=True)
    )
    return replace(feature, bins=bins, unknown=Unknown(unknown, _UNKNOWN))


def _reason(feature: Feature, fitted: FittedFeature, part: FittedBin) -> Text:
    said = _BETTER if part.evidence > 0 else _WORSE
    if len(fitted.bins) == 1 or abs(part.evidence) < _EVEN:
        said = _EQUAL
    return _told(feature, said)


def _told(feature: Feature, said: Text) -> Text:
    return Text(
        f"{feature.title.en}: {{value}}. {said.en}", f"{feature.title.zh}：{{value}}。{said.zh}"
    )


def _written_bin(part: Bin, feature: Feature, card: Card) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if part.categories:
        row["categories"] = list(part.categories)
    for key, bound in (("from", part.lower), ("below", part.upper)):
        if bound is not None:
            text = feature.text_of(bound, currency=card.currency)
            row[key] = bound if feature.kind in ("count", "days") else text
    return row | {"points": part.points, "reason": _written(part.reason)}


def _written(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _worked(card: Card, example: Example) -> dict[str, Any]:
    """What the card gives for an example of the champion's."""
    judgement = judge(card, example.values)
    return {
        "points": judgement.total,
        "confidence": percent_text(judgement.confidence),
        "tier": judgement.tier.tier,
        "limit": decimal_text(judgement.limit, currency=card.currency),
    }
