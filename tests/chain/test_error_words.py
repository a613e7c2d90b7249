"""Each custom error of the contracts has a sentence and a fix; the sentence contains its values."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path
from typing import Any, get_args

import pytest

from app.chain.evm.abi import AbiItem, selector_of
from app.chain.evm.contracts import ContractError, Contracts
from app.chain.evm.error_words import TABLE, template
from app.chain.evm.error_words.formats import ENUMERATIONS, Format
from app.domain.party_roles import BITS
from app.market.campaigns.schemas import CATEGORIES
from app.parties.registry.schemas import LedgerRole
from tests.support.bodies import Json

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "0x" + "c1" * 20
SOURCES = {
    "receivable": ("receivables/IReceivables.sol", "Status"),
    "order": ("orders/IPurchaseOrders.sol", "Status"),
    "loan": ("lending/ILoans.sol", "Status"),
    "campaign": ("market/ICampaigns.sol", "Status"),
    "category": ("market/ICampaigns.sol", "Category"),
    "condition": ("warehouse/IWarehouseReceipts.sol", "Condition"),
    "item": ("lending/IProducts.sol", "CollateralKind"),
    "document": ("lending/IDrawEvidence.sol", "DocumentKind"),
    "trade basis": ("lending/IProducts.sol", "TradeBasis"),
    "style": ("math/LoanMath.sol", "Style"),
    "filing subject": ("notices/IFilings.sol", "FilingSubject"),
    "basis": ("notices/INotices.sol", "Basis"),
    "notice": ("notices/INotices.sol", "NoticeStatus"),
    "after prepayment": ("math/LoanMath.sol", "AfterPrepayment"),
}


def errors() -> list[tuple[str, list[Json]]]:
    """Errors of every contract and library that can be deployed; interfaces alone never revert."""
    texts: dict[str, tuple[str, list[Json]]] = {}
    for path in sorted((ROOT / "build" / "contracts").glob("*.json")):
        artifact = json.loads(path.read_text())
        if artifact.get("bytecode", "0x") in ("", "0x"):
            continue
        for item in artifact["abi"]:
            if item["type"] == "error":
                names = [part["name"] for part in item["inputs"]]
                texts[f"{item['name']}({','.join(names)})"] = (item["name"], item["inputs"])
    return list(texts.values())


def sample(part: Json) -> Any:
    kind = part["type"]
    if kind == "address":
        return "0x" + "ab" * 20
    if kind == "string":
        return "text"
    if kind == "bool":
        return False
    if kind.startswith("bytes"):
        return "0x434e59" if kind == "bytes3" else "0x" + "11" * int(kind[5:] or 4)
    return 1


def test_every_error_of_the_contracts_has_a_sentence_and_a_fix() -> None:
    texts = errors()
    assert len(texts) > 250, "the contracts are compiled"
    lacking = [
        f"{name}({','.join(part['name'] for part in inputs)})"
        for name, inputs in texts
        if template(name, {part["name"]: 0 for part in inputs}) is None
    ]
    assert lacking == []


def test_every_sentence_writes_the_values_of_its_error_and_no_other() -> None:
    fields = {
        key: {item[1] for text in TABLE[key] for item in string.Formatter().parse(text)}
        for key in TABLE
    }
    for name, inputs in errors():
        arguments = {part["name"]: sample(part) for part in inputs}
        key = f"{name}({','.join(arguments)})"
        key = key if key in TABLE else name
        assert fields[key] - {None} <= set(arguments), key
        said = ContractError("X", name, arguments)
        assert said.message, key
        assert said.fix, key
        assert "0x434e59" not in said.message, f"{key}: {said.message}"


def test_every_sentence_belongs_to_an_existing_error() -> None:
    known = {name for name, _ in errors()}
    own = {"Reverted", "Error", "Panic", "Unknown", "OutOfGas", "GasAboveLimit"}
    assert {key.partition("(")[0] for key in TABLE} - known - own == set()


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_an_enumeration_has_the_names_of_the_source(name: str) -> None:
    path, kind = SOURCES[name]
    text = (ROOT / "contracts" / path).read_text()
    body = re.sub(r"//.*", "", re.search(rf"enum {kind} {{(.*?)}}", text, re.DOTALL)[1])  # type: ignore[index]
    members = [re.sub(r"(?<!^)([A-Z])", r" \1", item.strip()).lower() for item in body.split(",")]
    names = {"nothing": "none"}
    assert [names.get(item, item) for item in ENUMERATIONS[name]] == members


def test_roles_have_the_bits_of_the_ledger() -> None:
    text = (ROOT / "contracts/types/PartyRoles.sol").read_text()
    constants = re.findall(r"uint16 constant ([A-Z]+) = (\d+);", text)
    assert {name.lower(): int(bit) for name, bit in constants} == BITS | {"ledger": 256}


def test_a_campaign_may_have_each_category_of_the_ledger() -> None:
    assert ENUMERATIONS["category"] == CATEGORIES


def test_a_registrar_may_assign_each_role_but_the_ledgers_own() -> None:
    assert get_args(LedgerRole) == tuple(BITS)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        (
            "DisputeWindowClosed",
            {"receivableId": 7, "lastDay": 20_780, "today": 20_783},
            "receivable 7 could be disputed until 2026-11-23; it is now 2026-11-26",
        ),
        (
            "StateForbids",
            {"receivableId": 7, "status": 2},
            "receivable 7 is confirmed; this is not possible in its state",
        ),
        (
            "StateForbids",
            {"loanId": 7, "status": 2},
            "loan 7 is defaulted; this is not possible in its state",
        ),
        (
            "PriceMissing",
            {"item": "0x" + "11" * 32, "currency": "0x434e59"},
            f"there is no price of 0x{'11' * 32} in CNY",
        ),
        ("QuoteExpired", {"expiresAt": 0, "time": 1_795_000_000},
         "the offer was valid until 1970-01-01T00:00:00Z; it is now 2026-11-18T11:06:40Z"),
        ("TermOutOfRange", {"term": "dueDay", "value": 20_783, "min": 20_784, "max": 20_785},
         "dueDay is 2026-11-26; it must be from 2026-11-27 to 2026-11-28"),
        ("RoleMissing", {"account": "0x" + "00" * 20, "needed": 3, "held": 0},
         "nobody lacks a role: supplier and buyer is needed, it has none"),
        ("NotLiquidable", {"loanId": 7, "debt": 10_000, "lendable": 9_000, "lastDay": 0},
         "loan 7 may not be liquidated yet: its collateral counts for 9,000 minor units, and its "
         "debt is 10,000 minor units (last day to cure a margin call: none)"),
        ("NobodyKnows", {"a": 1}, "NobodyKnows(a=1)"),
    ],
)  # fmt: skip
def test_values_are_written_in_words(name: str, arguments: dict[str, Any], words: str) -> None:
    assert ContractError("X", name, arguments).message == words


def test_a_currency_is_written_by_its_code_when_the_error_is_decoded() -> None:
    item: AbiItem = {
        "type": "error",
        "name": "CurrencyStands",
        "inputs": [{"name": "currency", "type": "address", "internalType": "address"}],
    }
    contracts = Contracts({"SettlementToken:CNY": TOKEN}, {"Campaigns": {"abi": [item]}})
    data = selector_of(item) + bytes(12) + bytes.fromhex(TOKEN[2:])
    said = contracts.decode_error(data)
    assert said.message == "the issuer has paused the currency CNY"
    assert said.fix == "wait until the issuer unpauses it"
    assert said.arguments == {"currency": TOKEN}, "as the contract said it"


def test_extreme_value_is_still_written() -> None:
    write = Format(lambda _: None)
    assert write.format_field(2**255, "time").startswith("9999")
    assert write.format_field(99, "receivable") == "99"
    assert write.format_field(2**200, "day").startswith("9999")
