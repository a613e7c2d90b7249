"""The contracts' addresses and interfaces, as wallets and explorers fetch them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from app.chain.evm.abi import AbiItem, compile_event, selector_of, topic_of
from app.chain.nodes.nodes import NodeError
from app.demo.client import GatewayRefused
from tests.support.wallet_display import show_call
from tests.support.world import World

STANDARD = Path(__file__).parents[3] / "support" / "erc7730" / "erc7730-v2.schema.json"


def abi_of(world: World, name: str) -> list[AbiItem]:
    response = world.http.get(f"/v1/contracts/{name}/abi", headers=world["bank"].headers)
    assert response.status_code == 200
    interface: list[AbiItem] = response.json()
    return interface


def test_every_contract_is_listed_with_its_address(world: World) -> None:
    body = world["supplier"].get("/v1/contracts").body
    listed = {item["name"]: item for item in body["items"]}
    assert body["chainId"] == world.server.gateway.chain_id
    assert {name: item["address"] for name, item in listed.items()} == (
        world.server.gateway.contracts.checksummed()
    )
    kinds = {name: item["kind"] for name, item in listed.items()}
    assert (kinds["Receivables"], kinds["ReceivablesModule"]) == ("contract", "module")
    assert kinds["TokenPages"] == "library"
    assert listed["SettlementToken:CNY"]["abi"] == "/v1/contracts/SettlementToken:CNY/abi"


def test_an_interface_decodes_every_log_of_its_address(world: World) -> None:
    _, claim = world.confirmed(amount="90.00")
    world.assigned(claim, "castor", "10.00")
    node = world.server.node
    logs_read = 0
    for contract in world["auditor"].get("/v1/contracts").body["items"]:
        known = {
            topic_of(item): compile_event(item)
            for item in abi_of(world, contract["name"])
            if item["type"] == "event"
        }
        log_filter = {"address": contract["address"], "fromBlock": "0x0", "toBlock": "latest"}
        for log in node.ask("eth_getLogs", log_filter):
            known[log["topics"][0]](log["topics"], log["data"])
            logs_read += 1
    assert logs_read > 50


def test_an_interface_has_the_error_of_a_contract_that_is_called(world: World) -> None:
    _, claim = world.confirmed(amount="90.00")
    contracts = world.server.gateway.contracts
    arguments = [claim, "0x" + "ab" * 20, 1, "0x" + "00" * 32]
    call = {
        "from": world["supplier"].get("/v1/parties/me").body["account"],
        "to": contracts.address("Receivables"),
        "data": "0x" + contracts.encode("Receivables", "assign", arguments).hex(),
    }
    with pytest.raises(NodeError) as caught:
        world.server.node.ask("eth_call", call, "latest")
    interface = re.search("'data': '(0x[0-9a-f]{8})", str(caught.value))
    assert interface is not None
    errors = {
        "0x" + selector_of(item).hex(): item["name"]
        for item in abi_of(world, "Receivables")
        if item["type"] == "error"
    }
    registry = {item["name"] for item in contracts.interfaces.own("PartyRegistry")[1:]}
    assert errors[interface[1]] in registry
    own = {item.get("name") for item in contracts.interfaces.own("Receivables")}
    assert errors[interface[1]] not in own, "it is the registry's alone"


def test_an_unknown_contract_is_refused_with_the_nearest(world: World) -> None:
    with pytest.raises(GatewayRefused) as caught:
        world["auditor"].get("/v1/contracts/Recievables/abi")
    assert caught.value.problem["status"] == 404
    assert caught.value.problem["fix"] == "did you mean Receivables?"


# ------------------------------------------------------------------ clear signing


def test_a_descriptor_is_bound_to_the_ledgers_chain_and_address(world: World) -> None:
    body = world["supplier"].get("/v1/contracts/Facilities/clear-signing").body
    here = {
        "chainId": world.server.gateway.chain_id,
        "address": world.server.gateway.contracts.checksummed()["Facilities"],
    }
    assert body["messages"]["context"]["eip712"]["deployments"] == [here]
    assert body["calls"]["context"]["contract"]["deployments"] == [here]
    domain = body["messages"]["context"]["eip712"]["domain"]
    assert domain == {"name": "Cession Facilities", "version": "1"}


def test_every_contract_answers_descriptors_that_the_standard_accepts(world: World) -> None:
    standard = Draft202012Validator(json.loads(STANDARD.read_text()))
    described = 0
    for contract in world["auditor"].get("/v1/contracts").body["items"]:
        body = world["auditor"].get(f"/v1/contracts/{contract['name']}/clear-signing").body
        for descriptor in filter(None, body.values()):
            standard.validate(descriptor)
            described += 1
        assert contract["kind"] == "contract" or body == {"messages": None, "calls": None}
    assert described > 25


def test_a_wallet_shows_a_currencys_approval_by_its_descriptor(world: World) -> None:
    contracts = world.server.gateway.contracts
    name = "SettlementToken:CNY"
    body = world["bank"].get(f"/v1/contracts/{name}/clear-signing").body
    address, spender = contracts.address(name), contracts.address("Facilities")
    screen = show_call(
        body["calls"],
        chain_id=world.server.gateway.chain_id,
        address=address,
        data=contracts.encode(name, "approve", [spender, 2**256 - 1]),
        tokens={address: ("CNY", 2)},
    )
    assert screen.sentence == f"{spender} may take up to Unlimited CNY"
    request = {"to": address, "data": "0x" + contracts.encode(name, "name", []).hex()}
    token_name = contracts.decode_result(
        name, "name", str(world.server.node.ask("eth_call", request, "latest"))
    )
    domain = body["messages"]["context"]["eip712"]["domain"]
    assert domain == {"name": token_name, "version": "1"}


def test_descriptors_of_an_unknown_contract_are_refused_with_the_nearest(world: World) -> None:
    with pytest.raises(GatewayRefused) as caught:
        world["auditor"].get("/v1/contracts/Recievables/clear-signing")
    assert caught.value.problem["status"] == 404
    assert caught.value.problem["fix"] == "did you mean Receivables?"
