"""What is wrong with a card or with evidence: each problem has a name, a place and a fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from app.domain.hidden_text import shown
from app.domain.texts import Text, say, text_of

Path = tuple[str | int, ...]
# What is told at once; a reader corrects those and asks again.
MAX_PROBLEMS = 20
_MAX_WORDS = 400


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        name: its kind, such as `bins-gap`; stable.
        path: keys and places that lead to it.
        line: of the file, from 1, if it is YAML.
    """

    name: str
    path: Path
    detail: Text
    fix: Text
    line: int | None = None

    def __str__(self) -> str:
        place = _cut(".".join(str(part) for part in self.path)) or "file"
        place = place if self.line is None else f"line {self.line}: {place}"
        return f"{place}: {self.name}: {_cut(str(self.detail))}; {_cut(str(self.fix))}"


def _cut(words: str) -> str:
    """Words of a message: not too many, and with nothing hidden."""
    return shown(words if len(words) <= _MAX_WORDS else words[:_MAX_WORDS] + "…")


class Refused(ValueError):
    """Something is wrong.

    Attributes:
        problems: what it is, in the order of the file; at most `MAX_PROBLEMS`.
        more: so many problems are not told.
    """

    def __init__(self, problems: Sequence[Problem], *, more: int = 0) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        self.more = more + len(problems) - len(self.problems)
        super().__init__("; ".join(self.messages))

    @property
    def messages(self) -> list[str]:
        """Each problem in words, and how many more there are."""
        words = [str(problem) for problem in self.problems]
        return [*words, f"and {self.more:,} more"] if self.more else words

    def located(self, line_of: Callable[[Path], int | None]) -> Refused:
        """The same error with lines of the file."""
        located = [replace(problem, line=line_of(problem.path)) for problem in self.problems]
        return type(self)(located, more=self.more)


class CardInvalid(Refused):
    """The scorecard is not valid."""


class EvidenceInvalid(Refused):
    """The evidence cannot be scored."""


class CasesInvalid(Refused):
    """The file of past cases is not valid."""


_NAMES: dict[str, tuple[str, Text, Text]] = {
    "extra_forbidden": ("key-unknown", say("there is no such key"), say("leave it out")),
    "missing": ("key-missing", say("the key is missing"), say("give it")),
    "int_type": (
        "not-whole",
        say("it is not a whole number"),
        say("write it like 10, without quotes"),
    ),
}


def _detail(item: Mapping[str, Any]) -> Text:
    """What the shape's validator says of a value."""
    error = item.get("ctx", {}).get("error")
    return text_of(error) if isinstance(error, Exception) else str(item["msg"])


def problems_of(error: ValidationError) -> list[Problem]:
    """The problems that the shape of a file has."""
    problems = []
    for item in error.errors(include_url=False, include_input=False):
        path: Path = tuple(item["loc"])
        if item["type"] in _NAMES:
            name, detail, fix = _NAMES[item["type"]]
        else:
            name, detail, fix = "value-invalid", _detail(item), say("correct it")
        problems.append(Problem(name, path, detail, fix))
    return problems
