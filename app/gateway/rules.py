"""The rule sets that the gateway has beside its catalogue: what they say of tenors and filings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.catalogue_files import read_catalogue, read_rules
from app.domain.product_terms import rule_set_in
from app.domain.rule_sets import Rules
from app.domain.texts import Text, say
from app.errors import BadInput
from app.gateway.said import localized
from app.places import CATALOGUE, ROOT


class RuleWarning(TypedDict):
    """What a rule set asks for and is not so."""

    name: Annotated[str, Field(description="A short name, such as tenor-long or filing-missing.")]
    words: str
    ruleSet: str
    source: Annotated[str, Field(description="The source of the rule.")]


@cache
def _rule_sets() -> tuple[Rules, ...]:
    return tuple(read_rules(path) for path in sorted((ROOT / "rules").glob("*.yaml")))


@cache
def rules_of_place() -> Rules:
    """The rule set of the catalogue, for debts that no product names.

    Raises:
        CatalogueInvalid.
    """
    return read_catalogue(CATALOGUE)[1]


def rules_of(terms: Mapping[str, Any]) -> Rules | None:
    """The rule set of a product's version; None: the gateway does not have it.

    A version that names none comes under the rule set of the place.

    Args:
        terms: the version's terms. They name the rule set by the hash of its file. A version of an
            earlier file may name it in words too; then the file of today counts.
    """
    name = rule_set_in(terms["ruleSet"])
    for rules in _rule_sets():
        if rules.digest == terms["ruleSetHash"]:
            return rules
    if name is None:
        return rules_of_place()
    return next((rules for rules in _rule_sets() if rules.name == name), None)


def tenor_warnings(
    rules: Rules | None, *, days: int | None = None, months: int | None = None
) -> list[RuleWarning]:
    """What the rule set says of a tenor: one warning, or none."""
    tenor = None if rules is None else rules.tenor(days=days, months=months)
    if rules is None or tenor is None:
        return []
    name = "tenor-too-long" if tenor.refused else "tenor-long"
    return [
        {
            "name": name,
            "words": localized(tenor.words),
            "ruleSet": rules.name,
            "source": localized(tenor.source.strip()),
        }
    ]


def require_tenor(rules: Rules | None, *, days: int, field: str, what: Text) -> None:
    """Refuses financing that is longer than the rule set allows.

    Args:
        what: what the financing is for, the sentence's subject.

    Raises:
        BadInput.
    """
    tenor = None if rules is None else rules.tenor(days=days)
    if rules is not None and tenor is not None and tenor.refused:
        raise BadInput(
            say(
                "{what}: {words} under rule set {name}",
                what=what,
                words=tenor.words,
                name=rules.name,
            ),
            name="tenor-too-long",
            field=field,
            fix=say(
                "finance what is due within {bound} days ({source})",
                bound=tenor.bound,
                source=tenor.source,
            ),
        )
