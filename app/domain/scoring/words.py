"""A score in words, English or Chinese, and as JSON."""

from __future__ import annotations

from typing import Any

from app.domain.calendar import date_of
from app.domain.hidden_text import shown
from app.domain.money import decimal_text
from app.domain.scoring.changes import Change, Step
from app.domain.scoring.evidence_files import kinds_showing
from app.domain.scoring.model import Bin, Card, Feature, Trend
from app.domain.scoring.scoring import Missing, Score, reason_of, value_text
from app.domain.scoring.values import percent_text

_WORDS = {
    "en": {
        "head": "{title}, version {version}: {party}, as of {day}",
        "part": "  {points:>5}  {title}: {reason}",
        "base": "  {points:>5}  base",
        "total": "  {points:>5}  in all; confidence {confidence}",
        "tier": "tier {tier}, limit {limit} {currency}, valid through {last_day}",
        "refused": "tier {tier}: refused",
        "reasons": "main reasons:",
        "reason": "  {title}: {reason} ({lost} points below the best)",
        "missing": "unknown, and what would show it, the most helpful first:",
        "document": "  {document}: {features}; confidence +{confidence}, at most +{points} points",
        "next": "tier {tier} lacks {points} points and {confidence} of confidence",
        "changes": "the smallest changes that reach it:",
        "none": "no change of one or two features reaches it",
        "step": "{title} {range}",
        "shown": "{title} shown as {range}",
        "and": " and ",
        "below": "below {upper}",
        "from": "at least {lower}",
        "between": "at least {lower} and below {upper}",
        "any": "any value",
        "or": " or ",
        "comma": ", ",
    },
    "zh": {
        "head": "{title}，第 {version} 版：{party}，截至 {day}",
        "part": "  {points:>5}  {title}：{reason}",
        "base": "  {points:>5}  基础分",
        "total": "  {points:>5}  合计；可信度 {confidence}",
        "tier": "等级 {tier}，额度 {limit} {currency}，有效期至 {last_day}",
        "refused": "等级 {tier}：不予授信",
        "reasons": "主要原因：",
        "reason": "  {title}：{reason}（低于最优 {lost} 分）",
        "missing": "未知项及可证明的资料，最有帮助者在前：",
        "document": "  {document}：{features}；可信度 +{confidence}，最多 +{points} 分",
        "next": "距等级 {tier} 尚差 {points} 分、可信度 {confidence}",
        "changes": "达到该等级的最小改变：",
        "none": "改变一项或两项均不能达到该等级",
        "step": "{title}{range}",
        "shown": "证明{title}{range}",
        "and": "，且",
        "below": "低于 {upper}",
        "from": "不低于 {lower}",
        "between": "不低于 {lower} 且低于 {upper}",
        "any": "为任意值",
        "or": "或",
        "comma": "、",
    },
}


def explanation(score: Score, language: str) -> str:
    """The score in words.

    Args:
        language: en or zh.
    """
    words, card, judgement = _WORDS[language], score.card, score.judgement
    texts = [
        words["head"].format(
            title=card.title.in_language(language),
            version=card.version,
            party=score.evidence.party,
            day=date_of(score.evidence.day),
        )
    ]
    if card.base:
        texts.append(words["base"].format(points=card.base))
    for part in judgement.parts:
        title = part.feature.title.in_language(language)
        reason = reason_of(card, part, language)
        texts.append(words["part"].format(points=part.points, title=title, reason=reason))
    confidence = percent_text(judgement.confidence)
    texts.append(words["total"].format(points=judgement.total, confidence=confidence))
    texts.append(
        words["refused" if score.refused else "tier"].format(
            tier=judgement.tier.tier,
            limit=decimal_text(judgement.limit, currency=card.currency),
            currency=card.currency,
            last_day=date_of(score.last_day),
        )
    )
    if score.refused:
        texts.append(words["reasons"])
        texts += [
            words["reason"].format(
                title=part.feature.title.in_language(language),
                reason=reason_of(card, part, language),
                lost=part.lost,
            )
            for part in score.reasons
        ]
    if score.missing:
        texts.append(words["missing"])
        texts += [_missing_text(card, each, language) for each in score.missing]
    if score.next_tier is not None:
        texts += _next_texts(score, language)
    return "\n".join(shown(text) for text in texts) + "\n"


def _missing_text(card: Card, missing: Missing, language: str) -> str:
    words = _WORDS[language]
    return words["document"].format(
        document=card.documents[missing.document].in_language(language),
        features=words["comma"].join(
            feature.title.in_language(language) for feature in missing.features
        ),
        confidence=percent_text(missing.confidence),
        points=missing.points,
    )


def _next_texts(score: Score, language: str) -> list[str]:
    words = _WORDS[language]
    assert score.next_tier is not None
    texts = [
        words["next"].format(
            tier=score.next_tier.tier,
            points=score.short_of_points,
            confidence=percent_text(score.short_of_confidence),
        )
    ]
    if not score.changes:
        return [*texts, words["none"]]
    return [
        *texts,
        words["changes"],
        *(f"  {change_text(score.card, change, language)}" for change in score.changes),
    ]


def change_text(card: Card, change: Change, language: str) -> str:
    """A change in words."""
    words = _WORDS[language]
    return words["and"].join(_step_text(card, step, language) for step in change.steps)


def _step_text(card: Card, step: Step, language: str) -> str:
    words, feature = _WORDS[language], step.part.feature
    return words["shown" if step.part.place is None else "step"].format(
        title=feature.title.in_language(language),
        range=bin_text(card, feature, step.to, language),
    )


def bin_text(card: Card, feature: Feature, target: Bin, language: str) -> str:
    """The values of a bin in words; where more or less is never worse, only the bound to reach."""
    words = _WORDS[language]
    if target.categories:
        return words["or"].join(target.categories)
    lower = None if feature.trend is Trend.FALLING else target.lower
    upper = None if feature.trend is Trend.RISING else target.upper
    key = {(True, True): "any", (True, False): "below", (False, True): "from"}.get(
        (lower is None, upper is None), "between"
    )
    return words[key].format(
        lower=None if lower is None else value_text(card, feature, lower),
        upper=None if upper is None else value_text(card, feature, upper),
    )


def view(score: Score) -> dict[str, Any]:
    """The score as JSON, with the texts of both languages."""
    card, judgement = score.card, score.judgement

    def both(function: Any, *arguments: Any) -> dict[str, str]:
        return {language: function(*arguments, language) for language in _WORDS}

    return {
        "card": {"name": card.name, "version": card.version, "hash": card.digest},
        "modelVersion": card.model_version,
        "partyId": score.evidence.party,
        "asOf": date_of(score.evidence.day).isoformat(),
        "features": [
            {
                "feature": part.feature.name,
                "value": (
                    None
                    if part.value is None
                    else part.feature.text_of(part.value, currency=card.currency)
                ),
                "points": part.points,
                "bestPoints": part.feature.best,
                "reason": both(reason_of, card, part),
            }
            for part in judgement.parts
        ],
        "base": card.base,
        "points": judgement.total,
        "confidence": judgement.confidence,
        "tier": judgement.tier.tier,
        "refused": score.refused,
        "limit": {
            "amount": decimal_text(judgement.limit, currency=card.currency),
            "currency": card.currency,
        },
        "validDays": card.valid_days,
        "mainReasons": [part.feature.name for part in score.reasons],
        "missing": [
            {
                "document": each.document,
                "features": [feature.name for feature in each.features],
                "files": kinds_showing(feature.name for feature in each.features),
                "confidence": each.confidence,
                "maxPoints": each.points,
            }
            for each in score.missing
        ],
        "changes": [both(change_text, card, change) for change in score.changes],
    }
