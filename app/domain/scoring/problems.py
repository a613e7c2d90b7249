"""What is wrong with a card or with evidence: each problem has a name, a place and a fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

Path = tuple[str | int, ...]


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
    detail: str
    fix: str
    line: int | None = None

    def __str__(self) -> str:
        place = ".".join(str(part) for part in self.path) or "file"
        place = place if self.line is None else f"line {self.line}: {place}"
        return f"{place}: {self.name}: {self.detail}; {self.fix}"


class Refused(ValueError):
    """Something is wrong; `problems` says what, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def located(self, line_of: Callable[[Path], int | None]) -> Refused:
        """The same error with lines of the file."""
        return type(self)(
            [replace(problem, line=line_of(problem.path)) for problem in self.problems]
        )


class CardInvalid(Refused):
    """The scorecard is not valid."""


class EvidenceInvalid(Refused):
    """The evidence cannot be scored."""


class CasesInvalid(Refused):
    """The file of past cases is not valid."""


_NAMES = {
    "extra_forbidden": ("key-unknown", "there is no such key", "leave it out"),
    "missing": ("key-missing", "the key is missing", "give it"),
    "int_type": ("not-whole", "it is not a whole number", "write it like 10, without quotes"),
}


def problems_of(error: ValidationError) -> list[Problem]:
    """The problems that the shape of a file has."""
    problems = []
    for item in error.errors():
        path: Path = tuple(item["loc"])
        if item["type"] in _NAMES:
            name, detail, fix = _NAMES[item["type"]]
        else:
            name, fix = "value-invalid", "correct it"
            detail = item["msg"].removeprefix("Value error, ")
        problems.append(Problem(name, path, detail, fix))
    return problems
