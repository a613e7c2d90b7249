"""The contracts' addresses and interfaces, as wallets and explorers fetch them."""

from __future__ import annotations

import re

import pytest

from app.chain.evm.abi import AbiItem, compile_event, selector_of, topic_of
from app.chain.nodes.nodes import NodeError
from app.demo.client import GatewayRefused
from tests.support.world import World


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
