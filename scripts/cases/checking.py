"""Each case against our own figure, and what the comparison says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.cases.inputs import Unsupported
from scripts.cases.reading import NOT_SUPPORTED, SAME, Case
from scripts.cases.rules import answer_to
from scripts.cases.sources import grace_of


@dataclass(frozen=True)
class Failure:
    """A case of our own rule with another figure than ours."""

    case: Case
    ours: str

    def __str__(self) -> str:
        question = self.case.question
        return (
            f"id {question.id}, {question.source}, {question.rule}, {question.quantity}: "
            f"inputs {json.dumps(question.inputs, default=str)}, "
            f"expected {self.case.expected}, ours {self.ours}"
        )


@dataclass(kw_only=True)
class Comparison:
    """How many cases agree, which fail, and why the others differ or have no figure of ours."""

    agree: int = 0
    failures: list[Failure] = field(default_factory=list)
    differ: Counter[str] = field(default_factory=Counter)
    unsupported: Counter[str] = field(default_factory=Counter)

    @property
    def summary(self) -> str:
        """The last line of the report."""
        return (
            f"{self.agree} agree, {self.differ.total()} differ by convention, "
            f"{self.unsupported.total()} unsupported"
        )


def compare(cases: Iterable[Case]) -> Comparison:
    """Answers every case and compares.

    Raises:
        FileInvalid: a row has an unknown rule or quantity, or an input is missing or wrong.
    """
    result = Comparison()
    for case in cases:
        answer = answer_to(case.question)
        try:
            ours = answer(case.question)
        except Unsupported as error:
            result.unsupported[f"{case.question.rule}: {error}"] += 1
            continue
        if ours == case.expected:
            result.agree += 1
        elif case.convention.startswith(NOT_SUPPORTED):
            # The file is older than the terms that it says our loans lack.
            convention = grace_of(case.question).convention
            if convention:
                result.differ[convention] += 1
                continue
            reason = case.convention.removeprefix(NOT_SUPPORTED).lstrip(": ")
            result.unsupported[reason] += 1
        elif case.convention == SAME:
            result.failures.append(Failure(case, ours))
        else:
            result.differ[case.convention] += 1
    return result
