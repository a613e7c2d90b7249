"""The descriptors are valid by the standard's own schema, and a wallet shows all by them alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.chain.evm.abi import selector_of, type_of
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak
from app.chain.evm.signed_structs import STRUCTS
from app.chain.evm.typed_data import type_hash
from app.clear_signing.descriptors import SCHEMA, Descriptor, deployment, descriptors_of
from app.clear_signing.messages import MESSAGE_FORMS
from app.clear_signing.signed_calls import CALL_FORMS
from scripts.reference import REFERENCE
from tests.support.bodies import Json
from tests.support.signing import (
    CHAIN,
    CNY,
    address_of,
    calldata,
    contracts,
    signed_functions,
    typed,
)
from tests.support.wallet_display import (
    NotApplicable,
    parameters,
    show_call,
    show_message,
)

STANDARD = Path(__file__).parents[2] / "support" / "erc7730" / "erc7730-v2.schema.json"
FILES = sorted((REFERENCE / "clear-signing").glob("*.json"))
TOKENS = {address_of(CNY): ("CNY", 2)}


@pytest.fixture(scope="module")
def known() -> Contracts:
    return contracts()


@pytest.fixture(scope="module")
def standard() -> Draft202012Validator:
    schema: Json = json.loads(STANDARD.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["version"] == "2.0.0"
    return Draft202012Validator(schema)


def bound(known: Contracts, contract: str) -> tuple[Descriptor | None, Descriptor | None]:
    name = CNY if contract == "SettlementToken" else contract
    descriptors = descriptors_of(
        contract, known.interfaces.own(contract), [deployment(CHAIN, known.address(name))]
    )
    return descriptors["messages"], descriptors["calls"]


def all_formats(known: Contracts) -> list[tuple[Descriptor, str, Json]]:
    return [
        (descriptor, key, form)
        for contract in CALL_FORMS
        for descriptor in bound(known, contract)
        if descriptor is not None
        for key, form in descriptor["display"]["formats"].items()
    ]


def test_every_descriptor_is_valid_by_the_standards_schema(
    known: Contracts, standard: Draft202012Validator
) -> None:
    for contract in CALL_FORMS:
        for descriptor in bound(known, contract):
            if descriptor is not None:
                standard.validate(descriptor)
    assert len(FILES) == 25
    for path in FILES:
        standard.validate(json.loads(path.read_text()))


def test_the_schema_refuses_a_format_that_the_standard_does_not_have(
    known: Contracts, standard: Draft202012Validator
) -> None:
    _, calls = bound(known, "SettlementToken")
    assert calls is not None
    altered: Any = json.loads(json.dumps(calls))
    altered["display"]["formats"]["burn(uint256 amount)"]["fields"][0]["format"] = "rupees"
    assert not standard.is_valid(altered)


def test_a_file_names_its_schema_and_is_bound_to_no_deployment() -> None:
    for path in FILES:
        descriptor = json.loads(path.read_text())
        assert descriptor["$schema"] == SCHEMA
        (context,) = (value for key, value in descriptor["context"].items() if key != "$id")
        assert context["deployments"] == []


def test_a_messages_key_has_the_hash_that_the_contract_checks(known: Contracts) -> None:
    hashes = {type_hash(name, fields) for name, fields in STRUCTS.items()}
    keys = {
        keccak(key.encode())
        for contract in CALL_FORMS
        for key in ((bound(known, contract)[0] or {}).get("display", {}).get("formats", {}))
    }
    assert keys == hashes


def test_a_calls_key_has_the_selector_of_its_function(known: Contracts) -> None:
    for contract in CALL_FORMS:
        _, calls = bound(known, contract)
        assert calls is not None
        selectors = set()
        for key in calls["display"]["formats"]:
            name, _, rest = key.partition("(")
            assert ", " not in key and "  " not in key
            types = ",".join(type_of(part) for part in parameters(f"({rest}"))
            selectors.add(keccak(f"{name}({types})".encode())[:4])
        functions = {
            selector_of(item) for name, item in signed_functions(known) if name == contract
        }
        assert selectors == functions and len(selectors) == len(calls["display"]["formats"])


def test_every_field_of_a_format_is_listed_once_with_a_label(known: Contracts) -> None:
    for _, key, form in all_formats(known):
        paths = [field["path"] for field in form["fields"]]
        assert len(paths) == len(set(paths)), key
        assert all(field["label"] for field in form["fields"]), key
        assert form["intent"], key


def test_a_sentence_interpolates_only_values_that_a_wallet_can_show(known: Contracts) -> None:
    interpolated = 0
    for _, key, form in all_formats(known):
        fields = {field["path"]: field for field in form["fields"]}
        for path in re.findall(r"{([^}]+)}", form.get("interpolatedIntent", "")):
            assert fields[path].get("visible", "always") == "always", key
            assert "(" not in fields[path]["label"].partition(" (days of")[0], key
            interpolated += 1
    assert interpolated > 80


def test_a_value_that_the_standard_cannot_show_says_its_unit(known: Contracts) -> None:
    messages, _ = bound(known, "Facilities")
    assert messages is not None
    (form,) = (
        form for key, form in messages["display"]["formats"].items() if "FacilityTerms" in key
    )
    labels = {field["path"]: field["label"] for field in form["fields"]}
    assert labels["limit"] == "Limit (minor units)"
    assert labels["firstDay"] == "Draws from (days since 1970-01-01)"
    assert "interpolatedIntent" not in form


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_a_wallet_shows_every_message_by_its_descriptor(known: Contracts, name: str) -> None:
    messages, _ = bound(known, MESSAGE_FORMS[name].contract)
    assert messages is not None
    if name == "Permit":
        assert "name" not in messages["context"]["eip712"]["domain"], "each token has its own"
    screen = show_message(messages, dict(typed(name)), TOKENS)
    assert screen.intent == MESSAGE_FORMS[name].title
    shown = [label for label, _ in screen.rows]
    assert shown and len(shown) == len(set(shown))


def test_a_wallet_shows_every_call_by_its_descriptor(known: Contracts) -> None:
    for contract, item in signed_functions(known):
        _, calls = bound(known, contract)
        assert calls is not None
        address = known.address(CNY if contract == "SettlementToken" else contract)
        data = calldata(item)
        screen = show_call(calls, chain_id=CHAIN, address=address, data=data, tokens=TOKENS)
        assert screen.rows or not item["inputs"]


def test_a_wallet_shows_an_unlimited_approval_and_an_amount(known: Contracts) -> None:
    _, calls = bound(known, "SettlementToken")
    assert calls is not None
    address, spender = known.address(CNY), known.address("Facilities")
    for amount, text in ((2**256 - 1, "Unlimited CNY"), (125_000, "1250.00 CNY")):
        data = known.encode(CNY, "approve", [spender, amount])
        screen = show_call(calls, chain_id=CHAIN, address=address, data=data, tokens=TOKENS)
        assert screen.rows[1] == ("Amount that may be taken at most", text)
        assert screen.sentence == f"{spender} may take up to {text}"


def test_a_descriptor_does_not_apply_elsewhere(known: Contracts) -> None:
    messages, calls = bound(known, "Facilities")
    assert messages is not None and calls is not None
    document: Json = json.loads(json.dumps(typed("Extension")))
    document["domain"]["chainId"] = CHAIN + 1
    with pytest.raises(NotApplicable, match="deployment"):
        show_message(messages, document, TOKENS)
    data = known.encode("Facilities", "accrue", [7])
    with pytest.raises(NotApplicable, match="deployment"):
        show_call(
            calls,
            chain_id=CHAIN,
            address=known.address("Receivables"),
            data=data,
            tokens=TOKENS,
        )
    path = REFERENCE / "clear-signing" / "calldata-Facilities.json"
    with pytest.raises(NotApplicable, match="deployment"):
        show_call(
            json.loads(path.read_text()),
            chain_id=CHAIN,
            address=known.address("Facilities"),
            data=data,
            tokens=TOKENS,
        )


def test_an_intents_call_is_handed_to_the_called_contracts_descriptor(known: Contracts) -> None:
    messages, _ = bound(known, "Forwarder")
    assert messages is not None
    (form,) = messages["display"]["formats"].values()
    (call,) = (field for field in form["fields"] if field["format"] == "calldata")
    assert call["params"] == {"calleePath": "to", "spenderPath": "from"}
