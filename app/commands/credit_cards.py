"""`cession credit test` and `cession credit score`: cards and evidence as files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from app.domain.hidden_text import shown
from app.domain.money import decimal_text
from app.domain.scoring.card_file import read_card
from app.domain.scoring.cases import Comparison, compare, read_cases
from app.domain.scoring.evidence import Evidence, read_evidence
from app.domain.scoring.judging import Judgement, judge
from app.domain.scoring.model import WORST_TIER, Card
from app.domain.scoring.problems import Refused
from app.domain.scoring.scoring import score
from app.domain.scoring.words import explanation, view

Arguments = ParamSpec("Arguments")
_MAX_LISTED = 20
_MAX_NAME = 100


class FileInvalid(ValueError):
    """A file is not valid; the message has a row for each problem."""


def command(function: Callable[Arguments, int]) -> Callable[Arguments, int]:
    """The function as a command: invalid input is told on standard error, with exit status 1."""

    @wraps(function)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
        try:
            return function(*args, **kwargs)
        except FileInvalid as error:
            print(error, file=sys.stderr)
        except OSError as error:
            print(f"credit: {error.filename}: {error.strerror or error}", file=sys.stderr)
        return 1

    return guarded


def card_in(file: Path) -> Card:
    """The card in a file.

    Raises:
        FileInvalid.
    """
    try:
        return read_card(file.read_bytes())
    except Refused as error:
        raise refusal(file, error) from error


def evidence_in(file: Path) -> Evidence:
    """The evidence in a file.

    Raises:
        FileInvalid.
    """
    try:
        return read_evidence(file.read_bytes())
    except Refused as error:
        raise refusal(file, error) from error


def refusal(file: Path, error: Refused) -> FileInvalid:
    """What is wrong with a file, a row for each problem."""
    return FileInvalid("\n".join(f"credit: {file}: {words}" for words in error.messages))


@command
def test_card(card_file: Path, *, cases_file: Path | None, against: Path | None) -> int:
    """Checks a card, shows its examples, and what it does to past cases."""
    card = card_in(card_file)
    values = sum(len(feature.bins) for feature in card.features)
    print(f"{card.name} {card.version}: {len(card.features)} features, {values} bins: sound")
    print(f"hash: {card.digest}")
    print(f"model version: {card.model_version}")
    for example in card.examples:
        limit = decimal_text(example.limit, currency=card.currency)
        print(
            f"holds: {example.name}: {example.points} points, tier {example.tier}, "
            f"limit {limit} {card.currency}"
        )
    _print_hiding(card)
    if cases_file is None:
        return 0
    old = card if against is None else card_in(against)
    table = cases_file.suffix.lower() != ".json"
    try:
        comparison = compare(read_cases(cases_file.read_bytes(), table=table), old=old, new=card)
    except Refused as error:
        raise refusal(cases_file, error) from error
    if against is None:
        _print_tiers(comparison)
    else:
        _print_moves(comparison, old=old, new=card)
    return 0


def _print_hiding(card: Card) -> None:
    """What a party with the worst value would win by showing nothing."""
    wins = [
        (feature.unknown.points - feature.worst, feature)
        for feature in card.features
        if feature.unknown.points > feature.worst
    ]
    if not wins:
        return
    everything = sum(points for points, _ in wins)
    tier = judge(card, {}).tier.tier
    print(
        f"note: hiding the worst values of {len(wins)} features wins up to {everything} points; "
        f"who hides all is in tier {tier}"
    )


def _print_tiers(comparison: Comparison) -> None:
    total = len(comparison.moves)
    print(f"{total} cases")
    for tier in range(1, WORST_TIER + 1):
        print(f"tier {tier}: {comparison.count(tier, tier)}")


def _print_moves(comparison: Comparison, *, old: Card, new: Card) -> None:
    tiers = range(1, WORST_TIER + 1)
    moved = comparison.moved
    better = sum(move.after.tier.tier < move.before.tier.tier for move in moved)
    print(
        f"{len(comparison.moves)} cases, from {old.name} {old.version} to {new.name} "
        f"{new.version}: {better} to a better tier, {len(moved) - better} to a worse one"
    )
    rows = [("from \\ to", *(str(tier) for tier in tiers))]
    for tier, counts in zip(tiers, comparison.table(), strict=True):
        rows.append((str(tier), *(str(count) for count in counts)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    limits = [sum(judgement.limit for judgement in side) for side in _sides(comparison)]
    if old.currency == new.currency:
        before, after = (decimal_text(limit, currency=new.currency) for limit in limits)
        print(f"sum of limits: {before} to {after} {new.currency}")
    for move in moved[:_MAX_LISTED]:
        name = shown(move.case[:_MAX_NAME])
        print(
            f"{name}: tier {move.before.tier.tier} to {move.after.tier.tier}, "
            f"points {move.before.total} to {move.after.total}"
        )
    if len(moved) > _MAX_LISTED:
        print(f"and {len(moved) - _MAX_LISTED} more")


def _sides(comparison: Comparison) -> tuple[list[Judgement], list[Judgement]]:
    return (
        [move.before for move in comparison.moves],
        [move.after for move in comparison.moves],
    )


@command
def score_evidence(card_file: Path, evidence_file: Path, *, language: str, as_json: bool) -> int:
    """Prints the score of evidence, explained."""
    card = card_in(card_file)
    try:
        result = score(card, evidence_in(evidence_file))
    except Refused as error:
        raise refusal(evidence_file, error) from error
    if as_json:
        sys.stdout.write(json.dumps(view(result), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(explanation(result, language))
    return 0
