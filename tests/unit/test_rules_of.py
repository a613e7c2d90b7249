"""Which rule set a version of a product comes under."""

from __future__ import annotations

from app.domain.product_terms import rule_set_word
from app.gateway.rules import rules_of, rules_of_place

NO_HASH = "0x" + "11" * 32


def test_a_version_without_a_name_comes_under_the_rule_set_of_the_place() -> None:
    nameless = {"ruleSet": "0x" + "00" * 10, "ruleSetHash": NO_HASH}
    assert rules_of(nameless) == rules_of_place()


def test_a_version_that_names_an_unknown_rule_set_comes_under_none() -> None:
    assert rules_of({"ruleSet": rule_set_word("nowhere"), "ruleSetHash": NO_HASH}) is None
