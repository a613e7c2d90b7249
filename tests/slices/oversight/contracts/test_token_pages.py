"""What wallets show: pages of tokens on a real chain, read by parsers of JSON and XML."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from faster_eth_abi import encode as encode_values

from app.chain.deployment.development import development_key
from scripts.compile import load_artifact
from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.goods import issued
from tests.support.officials import sent_by
from tests.support.served import served_world
from tests.support.world import World, invoice

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"},"x":"<b onload=1>&\'\\'
OPERATOR_PLACE = 13


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway of its own: these tests put currencies on the ledger that it does not know."""
    with served_world(tmp_path_factory.mktemp("pages")) as world:
        yield world


def ask(world: World, function: str, *arguments: Any, contract: str = "Receivables") -> Any:
    """A view of a contract, straight from the node."""
    contracts = world.server.gateway.contracts
    call = {
        "to": contracts.address(contract),
        "data": "0x" + contracts.encode(contract, function, arguments).hex(),
    }
    raw = world.server.node.ask("eth_call", call, "latest")
    return contracts.decode_result(contract, function, raw)


def decoded(uri: str, kind: str) -> bytes:
    head, comma, data = uri.partition(",")
    assert (head, comma) == (f"data:{kind};base64", ",")
    return base64.b64decode(data, validate=True)


def page(uri: str) -> tuple[Json, list[str]]:
    """The page as JSON, and the texts of its drawing."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        assert len({name for name, _ in pairs}) == len(pairs), "a member twice"
        return dict(pairs)

    said = json.loads(decoded(uri, "application/json"), object_pairs_hook=once)
    drawing = ElementTree.fromstring(decoded(said["image"], "image/svg+xml"))
    assert drawing.tag == f"{SVG}svg"
    assert {element.tag.removeprefix(SVG) for element in drawing.iter()} <= {
        *("svg", "title", "rect", "path", "text")
    }
    return said, [item.text or "" for item in drawing.iter(f"{SVG}text")]


def attributes(said: Json) -> dict[str, str]:
    """Attributes by their names, which `properties` says the same of."""
    transaction_receipt = {
        attribute["trait_type"]: attribute["value"] for attribute in said["attributes"]
    }
    assert transaction_receipt == {item["name"]: item["value"] for item in said["properties"]}
    assert all(item["description"].endswith(".") for item in said["properties"])
    return transaction_receipt


def claim_page(world: World, claim: int) -> tuple[Json, dict[str, str], list[str]]:
    said, drawn = page(ask(world, "tokenURI", claim))
    return said, attributes(said), drawn


def new_currency(world: World, code: str, digits: int) -> str:
    """A settlement token that receivables may be in from now on."""
    contracts = world.server.gateway.contracts
    access = (contracts.address("AccessManager"), contracts.address("Forwarder"))
    types = ("address", "address", "string", "string", "uint8")
    data = bytes.fromhex(load_artifact("SettlementToken")["bytecode"][2:])
    data += encode_values(types, (*access, f"Deposit in {code}", code, digits))
    operator = development_key(OPERATOR_PLACE).address
    token = str(sent_by(world, operator, None, data)["contractAddress"])
    allow = contracts.encode("Receivables", "allowCurrency", [token, True])
    sent_by(world, operator, contracts.address("Receivables"), allow)
    return token


def requested_in(world: World, token: str, minor: int) -> int:
    """A receivable in a currency that the gateway does not know; returns its id."""
    contracts, node = world.server.gateway.contracts, world.server.node
    parties = [world[name].get("/v1/parties/me").body["account"] for name in ("supplier", "buyer")]
    now = int(node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    fingerprint, documents, text = ("0x" + digit * 62 + token[-2:] for digit in "123")
    terms = (*parties, token, minor, now // 86_400 + 30, 0, 0, 0, 0, fingerprint, documents, text)
    data = contracts.encode("Receivables", "request", [terms])
    sent_by(world, parties[0], contracts.address("Receivables"), data)
    return int(ask(world, "receivableWithFingerprint", parties[0], fingerprint))


def test_claim_page_shows_amount_currency_due_date_and_status(world: World) -> None:
    receivable, claim = world.confirmed(amount="12500.00")
    said, told, drawn = claim_page(world, claim)
    due = ledger_today() + datetime.timedelta(days=60)
    assert said["name"] == f"Claim {claim}"
    assert said["description"].startswith(
        f"Claim to 12,500.00 CNY of receivable {receivable}, due on {due}. Status: Confirmed. "
    )
    assert (said["decimals"], said["balance"], said["slot"]) == (2, 1_250_000, receivable)
    assert told["Amount"] == "12,500.00 CNY"
    assert (told["Currency"], told["Due date"], told["Lien"]) == ("CNY", str(due), "None")
    assert told["Currency contract"].lower() == world.server.gateway.contracts.address(
        "SettlementToken:CNY"
    )
    assert drawn[:2] == [f"Claim {claim}", "12,500.00 CNY"]
    assert drawn[2:6] == ["Status", "Confirmed", "Due date", str(due)]
    slot, _ = page(ask(world, "slotURI", receivable))
    facts = attributes(slot)
    assert (facts["Face amount"], facts["Principal owed"]) == ("12,500.00 CNY", "12,500.00 CNY")
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", {"statement": "two are broken"})
    assert claim_page(world, claim)[1]["Status"] == "Disputed"


def test_yen_have_no_digits_and_dinar_three(world: World) -> None:
    document = world.upload(invoice(amount="1250000", currency="JPY"))
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    yen = int(filed.body["result"]["receivableId"])
    confirmed = world["buyer"].command(f"/v1/receivables/{yen}/confirmation")
    said, body, drawn = claim_page(world, int(confirmed.body["result"]["claimIds"][0]))
    assert (said["decimals"], body["Amount"], drawn[1]) == (0, "1,250,000 JPY", "1,250,000 JPY")
    dinar = requested_in(world, new_currency(world, "KWD", 3), 1_250_000)
    said, drawn = page(ask(world, "slotURI", dinar))
    assert (said["decimals"], drawn[1]) == (3, "1,250.000 KWD")
    assert attributes(said)["Status"] == "Requested, not confirmed"


def test_a_hostile_symbol_adds_nothing_to_json_or_drawing(world: World) -> None:
    token = new_currency(world, HOSTILE, 2)
    assert len(HOSTILE) < 32
    receivable = requested_in(world, token, 123_456)
    said, drawn = page(ask(world, "slotURI", receivable))
    shown_attributes = attributes(said)
    address = shown_attributes["Currency contract"]
    assert address.lower() == token.lower()
    assert drawn[1] == shown_attributes["Face amount"] == f"1,234.56 {address}"
    assert shown_attributes["Currency"] == address
    assert set(said) == {"name", "description", "image", "decimals", "attributes", "properties"}


def test_the_pages_of_contracts_have_the_decimals_of_values(world: World) -> None:
    for contract, decimals in (("Receivables", 0), ("WarehouseReceipts", 3)):
        said, drawn = page(ask(world, "contractURI", contract=contract))
        assert said["valueDecimals"] == ask(world, "valueDecimals", contract=contract) == decimals
        assert said["name"] == ask(world, "name", contract=contract) == drawn[0]
        assert said["symbol"] == ask(world, "symbol", contract=contract)


def test_warehouse_receipt_page_shows_quantity_unit_and_condition(world: World) -> None:
    lot_id, receipt = issued(world, quantity="1250.500")
    uri = ask(world, "tokenURI", receipt, contract="WarehouseReceipts")
    said, drawn = page(uri)
    shown_attributes = attributes(said)
    assert shown_attributes["Quantity"] == drawn[1]
    assert shown_attributes["Quantity"].startswith("1,250.500 ")
    assert (shown_attributes["Status"], shown_attributes["Release"], shown_attributes["Lien"]) == (
        "Sound",
        "Not asked for",
        "None",
    )
    assert said["decimals"] == 3
    assert said["slot"] == lot_id
    lot, _ = page(ask(world, "slotURI", lot_id, contract="WarehouseReceipts"))
    assert attributes(lot)["Quantity"] == shown_attributes["Quantity"]
