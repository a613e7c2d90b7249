"""docs/reference equals the compiled contracts; an interface decodes what its address returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.chain.deployment.deployer import load_artifacts
from app.chain.deployment.development import development_plan
from app.chain.deployment.plan import LIBRARIES
from app.chain.evm.abi import AbiItem, topic_of
from app.chain.evm.interfaces import Interfaces
from scripts.compile import compile_contracts
from scripts.reference import BY_HAND, REFERENCE, files


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    compile_contracts()


def test_the_reference_is_what_was_compiled() -> None:
    expected = files()
    written = {
        path.relative_to(REFERENCE).as_posix()
        for path in REFERENCE.rglob("*")
        if path.suffix in (".json", ".md")
    }
    assert written - BY_HAND == set(expected), "run `make reference`"
    for path, text in expected.items():
        assert (REFERENCE / path).read_text(encoding="utf-8") == text, f"{path}: `make reference`"


def test_token_interface_includes_its_module_and_libraries() -> None:
    items = json.loads((REFERENCE / "abi" / "Receivables.json").read_text())
    named = {(item["type"], item.get("name")) for item in items}
    assert ("event", "CurrencyStopped") in named, "of a library"
    assert ("error", "TermOutOfRange") in named
    assert ("error", "SignatureExpired") in named, "of a library of the module"
    assert ("error", "PartyNotValid") not in named, "of the registry, which is called"
    assert ("function", "tokenURI") in named
    keys = [(item["type"], item.get("name"), json.dumps(item["inputs"])) for item in items]
    assert len(keys) == len(set(keys))


def test_each_library_belongs_to_a_contract() -> None:
    interfaces = Interfaces(load_artifacts(development_plan()))
    contracts = [name for name in interfaces.names() if name not in LIBRARIES]
    assert {part for contract in contracts for part in interfaces.parts(contract)} == set(
        interfaces.names()
    )
    assert "ReceivablePages" in interfaces.parts("Receivables"), "linked to the module"
    assert "TokenPages" in interfaces.parts("WarehouseReceipts"), "linked to a library"


def test_reference_keeps_an_interfaces_text_and_adds_errors_of_called_contracts() -> None:
    other = {"type": "error", "name": "Closed", "inputs": [{"name": "id", "type": "uint256"}]}
    own = {"type": "error", "name": "Closed", "inputs": [{"name": "loanId", "type": "uint256"}]}
    event: AbiItem = {"type": "event", "name": "Paid", "inputs": [], "anonymous": False}
    function = {"type": "function", "name": "pay", "inputs": [], "outputs": []}
    foreign = {"type": "error", "name": "Foreign", "inputs": []}
    interfaces = Interfaces(
        {
            "Loans": {"abi": [own, function], "linkReferences": {"x.sol": {"Lib": [{}]}}},
            "Lib": {"abi": [other, event, {**function, "name": "hidden"}]},
            "Registry": {"abi": [foreign]},
        }
    )
    assert interfaces.own("Loans") == [function, event, own]
    assert interfaces.whole("Loans") == [function, event, own, foreign]
    assert topic_of(event).startswith("0x")
    with pytest.raises(KeyError):
        interfaces.own("Nothing")


def test_each_file_of_the_reference_is_linked() -> None:
    page = (REFERENCE / "contracts.md").read_text()
    for path in Path(REFERENCE / "abi").iterdir():
        assert f"](abi/{path.name})" in page
