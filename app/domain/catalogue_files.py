"""Reads `products.yaml` and the rule sets beside it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, model_validator

from app.domain.catalogue import Row, Strict
from app.domain.holidays import BusinessCalendar
from app.domain.plain_yaml import read_yaml
from app.domain.rule_sets import Rules


class CatalogueInvalid(ValueError):
    """The file is not valid; the message names row and field and says what to do."""


class File(Strict):
    """The whole file."""

    rules: str = Field(pattern=r"^[a-z]{2,10}$")
    calendar: BusinessCalendar | None = None
    products: list[Row] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes(self) -> File:
        codes = [row.code for row in self.products]
        repeated = {code for code in codes if codes.count(code) > 1}
        if repeated:
            raise ValueError(f"code {', '.join(sorted(repeated))} occurs twice")
        return self


def read_rules(path: Path) -> Rules:
    """A rule set.

    Raises:
        CatalogueInvalid.
    """
    try:
        text = path.read_bytes()
        rules = _rules_of(text)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CatalogueInvalid(_words(path, error)) from error
    return rules.model_copy(update={"digest": "0x" + hashlib.sha256(text).hexdigest()})


def read_catalogue(path: Path) -> tuple[list[Row], Rules]:
    """The products of a file, and the rules that apply to them (`rules/<name>.yaml` beside it).

    Raises:
        CatalogueInvalid: the file does not parse, or a row breaks a rule.
    """
    file = _file(path)
    rules = read_rules(path.parent / "rules" / f"{file.rules}.yaml")
    broken = [words for row in file.products for words in rules.broken_by(row)]
    if broken:
        raise CatalogueInvalid(f"{path}: " + "; ".join(broken))
    return list(file.products), rules


def read_calendar(path: Path) -> BusinessCalendar | None:
    """The business calendar in the file; None: it has none.

    Raises:
        CatalogueInvalid: the file does not parse, or names an impossible day.
    """
    return _file(path).calendar


def _file(path: Path) -> File:
    try:
        return _file_of(path.read_bytes())
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CatalogueInvalid(_words(path, error)) from error


# A gateway reads the same files several times as it starts, and parsing takes most of that.
@lru_cache(maxsize=4)
def _file_of(text: bytes) -> File:
    return File.model_validate(read_yaml(text))


@lru_cache(maxsize=4)
def _rules_of(text: bytes) -> Rules:
    return Rules.model_validate(read_yaml(text))


def _words(path: Path, error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{path}, line {error.problem_mark.line + 1}: {error.problem}"
    if not isinstance(error, ValidationError):
        return f"{path}: {error}"
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "file"
    return f"{path}: {place}: {first['msg']}"
