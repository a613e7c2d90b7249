"""The worked examples of a card must hold."""

from __future__ import annotations

from app.domain.money import decimal_text
from app.domain.scoring.judging import judge
from app.domain.scoring.model import Card
from app.domain.scoring.problems import Problem
from app.domain.scoring.values import percent_text


def check_examples(card: Card) -> list[Problem]:
    """What the card gives otherwise than its examples say."""
    problems = []
    for place, example in enumerate(card.examples):
        judgement = judge(card, example.values)
        for key, says, gives in (
            ("points", str(example.points), str(judgement.total)),
            ("confidence", percent_text(example.confidence), percent_text(judgement.confidence)),
            ("tier", str(example.tier), str(judgement.tier.tier)),
            (
                "limit",
                decimal_text(example.limit, currency=card.currency),
                decimal_text(judgement.limit, currency=card.currency),
            ),
        ):
            if says != gives:
                problems.append(
                    Problem(
                        "example-fails",
                        ("examples", place, key),
                        f"{example.name}: the example says {key} {says}, the card gives {gives}",
                        "correct the example or the card",
                    )
                )
    return problems
