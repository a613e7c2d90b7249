"""Every message and every call that a party may sign has a form with all of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.chain.evm.abi import AbiParameter, signature_of
from app.chain.evm.contracts import Contracts
from app.chain.evm.signed_structs import STRUCTS
from app.clear_signing import enumerations
from app.clear_signing.fields import FIELDS
from app.clear_signing.forms import call_form, message_form
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.model import (
    ALLOWANCE,
    CHOICE,
    DAY,
    EITHER,
    MONEY,
    PARTY,
    SET,
    TIME,
    TOKEN,
    YES_NO,
    Form,
)
from app.clear_signing.signed_calls import CALL_FORMS, UNSIGNED
from app.clear_signing.structs import STRUCT_FORMS
from app.clear_signing.texts import all_texts
from tests.support.signing import contracts, signed_functions, writing_functions

SOURCES = Path(__file__).parents[3] / "contracts"


@pytest.fixture(scope="module")
def known() -> Contracts:
    return contracts()


@pytest.fixture(scope="module")
def forms(known: Contracts) -> list[Form]:
    calls = [call_form(contract, item) for contract, item in signed_functions(known)]
    return [*(message_form(name) for name in STRUCTS), *(form for form in calls if form)]


def leaves_of(parts: Iterable[AbiParameter], above: str = "") -> Iterable[str]:
    for part in parts:
        path = f"{above}{part['name']}" + (".[]" if part["type"].endswith("]") else "")
        if part["type"].startswith("tuple"):
            yield from leaves_of(part["components"], f"{path}.")
        else:
            yield path


def test_every_type_that_a_contract_checks_has_a_form() -> None:
    sources = "".join(path.read_text() for path in SOURCES.rglob("*.sol"))
    hashed = {
        match[1].replace('" "', ""): match[2]
        for match in re.finditer(r'"([A-Z]\w+)\(((?:\w+ \w+,?)+)', sources)
    }
    assert len(hashed) > 20
    assert (
        set(hashed) - {"EIP712Domain"}
        == set(STRUCTS) - {"Permit"}
        == set(MESSAGE_FORMS) - {"Permit"}
    )


def test_every_function_that_writes_is_signed_or_says_why_not(known: Contracts) -> None:
    for contract, item in writing_functions(known):
        is_unsigned = item["name"] in UNSIGNED.get(contract, {})
        form = call_form(contract, item)
        assert (form is None) == is_unsigned, f"{contract}.{signature_of(item)}"


def test_no_table_names_a_function_that_is_no_more(known: Contracts) -> None:
    written = {
        (contract, key)
        for contract, item in writing_functions(known)
        for key in (item["name"], signature_of(item))
    }
    for contract, forms_of_contract in CALL_FORMS.items():
        for key in (*forms_of_contract, *UNSIGNED.get(contract, {})):
            assert (contract, key) in written


def test_a_form_has_every_field_once(known: Contracts) -> None:
    for contract, item in signed_functions(known):
        form = call_form(contract, item)
        assert form is not None
        assert [leaf.path for leaf in form.leaves] == list(leaves_of(item["inputs"]))
    for name, fields in STRUCTS.items():
        assert [leaf.path for leaf in message_form(name).leaves] == [path for path, _ in fields]


def test_a_sentence_names_only_fields_that_are_shown_once(forms: list[Form]) -> None:
    for form in forms:
        shown = {leaf.path for leaf in form.leaves if not leaf.field.hidden}
        for path in re.findall(r"{([^}]*)}", form.sentence):
            assert path in shown and "[]" not in path, f"{form.contract}.{form.name}: {path}"


def test_every_amount_says_where_its_currency_is(forms: list[Form]) -> None:
    for form in forms:
        paths = {leaf.path for leaf in form.leaves}
        for leaf in form.leaves:
            if leaf.field.kind in (MONEY, ALLOWANCE, EITHER) and not leaf.field.hidden:
                currency = leaf.field.currency
                assert currency is not None, f"{form.contract}.{form.name}: {leaf.path}"
                bare = {path.removesuffix(".[]") for path in paths}
                assert not currency.path or currency.path in bare, (form.name, leaf.path)


def test_a_kind_fits_its_type(forms: list[Form]) -> None:
    for form in forms:
        for leaf in form.leaves:
            kind, name = leaf.field.kind, f"{form.name}.{leaf.path}"
            if leaf.field.hidden:
                continue
            if kind in (PARTY, TOKEN):
                assert leaf.type == "address", name
            if kind == YES_NO:
                assert leaf.type == "bool", name
            if kind in (MONEY, ALLOWANCE, DAY, TIME, CHOICE, SET):
                assert leaf.type.startswith("uint"), name
            if leaf.type == "bool":
                assert kind == YES_NO, name
            if kind in (CHOICE, SET):
                known_names = enumerations.CHOICES if kind == CHOICE else enumerations.SETS
                assert leaf.field.names in known_names, name


def test_what_is_hidden_are_signatures_nonces_histories_and_the_carriage(
    forms: list[Form],
) -> None:
    hidden = {
        leaf.path.partition(".")[0] if "istory" in leaf.path else leaf.path.rpartition(".")[2]
        for form in forms
        for leaf in form.leaves
        if leaf.field.hidden
    }
    signatures = {name for name in hidden if name.lower().endswith("signature")}
    assert hidden - signatures == {
        *("history", "toHistory", "nonce", "consent", "v", "r", "s", "gas", "operation")
    }


def test_no_entry_of_a_table_is_unused(known: Contracts, forms: list[Form]) -> None:
    labels = {leaf.field.label for form in forms for leaf in form.leaves}
    for name, field in FIELDS.items():
        assert field.label in labels, name
    for struct, form in STRUCT_FORMS.items():
        for name, field in form.fields.items():
            assert field.label in labels, f"{struct}.{name}"
    for contract, item in signed_functions(known):
        own = CALL_FORMS[contract].get(signature_of(item)) or CALL_FORMS[contract][item["name"]]
        paths = set(leaves_of(item["inputs"]))
        for path in own.fields:
            assert path in paths or f"{path}.[]" in paths, f"{contract}.{item['name']}: {path}"


def test_all_texts_of_forms_are_listed_for_translation(forms: list[Form]) -> None:
    texts = all_texts()
    assert texts == sorted(set(texts)) and len(texts) > 400
    for form in forms:
        assert {form.title, form.sentence} <= set(texts)
        for leaf in form.leaves:
            field = leaf.field
            inner = not field.hidden and field.label
            assert {inner or "none", field.zero or "none", field.hidden or "none"} <= set(texts)
    for name in ("bullet", "warehouse receipt", "supplier", "unlimited", "{number} days"):
        assert name in texts


def test_a_title_is_short_enough_for_a_small_screen(forms: list[Form]) -> None:
    for form in forms:
        assert len(form.title) <= 60 and form.title[0].isupper() and form.title[-1] != "."
        assert form.sentence[-1] != "."
