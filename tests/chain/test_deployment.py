"""Deployment on real engines: complete, repeated, interrupted, and with faults."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.chain.deployment import sending
from app.chain.deployment.catalogue import CATALOGUE, legal_text_hash, with_catalogue
from app.chain.deployment.deployer import (
    ArtifactMissing,
    Deployment,
    DeploymentFailed,
    DeploymentForeign,
    DeploymentOutdated,
    Finding,
    RecordInvalid,
    deploy,
    load_artifacts,
    verify,
)
from app.chain.deployment.development import development_key, development_plan
from app.chain.deployment.parameters import Currency, Parameters, ParametersInvalid
from app.chain.deployment.plan import (
    CASH_ISSUER,
    LIBRARIES,
    OPERATOR,
    Plan,
    plan,
)
from app.chain.deployment.questions import hash_of
from app.chain.deployment.record import is_code_of
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc, NodeUnreachable
from app.chain.evm.signers import LocalSigner
from app.chain.nodes.engines import start_node
from app.chain.nodes.nodes import ChainNode
from app.commands.deploy import DOES_NOT_HOLD, FAILED, HOLDS, deploy_command
from app.domain.catalogue_files import read_catalogue
from app.domain.product_terms import code_word
from scripts.compile import ROOT, compile_contracts
from tests.support.bodies import Json
from tests.support.brownie import bare_project, brownie_and_the_command_resume_each_other
from tests.support.cash_ledger import send

PLAN = development_plan()
WHOLE = plan(with_catalogue(PLAN.parameters, CATALOGUE, legal_text_hash=legal_text_hash(keccak)))
DEPLOYER = development_key(0)
STRANGER = "0x" + "ab" * 20


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    compile_contracts()


@pytest.fixture(params=["anvil", "ganache"])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChainNode]:
    with start_node(request.param, log_file=tmp_path / "chain.log") as node:
        yield node


@pytest.fixture
def anvil(tmp_path: Path) -> Iterator[ChainNode]:
    with start_node("anvil", log_file=tmp_path / "chain.log") as node:
        yield node


def with_rpc(node: ChainNode, work: Callable[[JsonRpc], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        rpc = JsonRpc(node.url, timeout=20)
        try:
            return await work(rpc)
        finally:
            await rpc.close()

    return asyncio.run(run())


def put(node: ChainNode, path: Path, target: Plan = PLAN, **more: Any) -> Deployment:
    arguments = {"sender": DEPLOYER, **more}
    deployment: Deployment = asyncio.run(deploy(node.url, plan=target, path=path, **arguments))
    return deployment


def findings(node: ChainNode, deployment: Deployment, target: Plan | None = None) -> list[Finding]:
    both = Currency("EUR", "Deposit in euro", court=True), Currency("CNY", "Deposit in yuan")
    artifacts = load_artifacts(changed(currencies=both))
    result: list[Finding] = with_rpc(
        node, lambda rpc: verify(rpc, deployment, artifacts=artifacts, expected=target)
    )
    return result


def call(
    node: ChainNode, deployment: Deployment, contract: str, function: str, *arguments: Any
) -> None:
    """Sends a transaction of the deployer, who is administrator."""
    contracts = Contracts(deployment, load_artifacts(PLAN))
    data = contracts.encode(contract, function, list(arguments))
    with_rpc(node, lambda rpc: send(rpc, DEPLOYER, to=contracts.address(contract), data=data))


class Forgetful(JsonRpc):
    """A node that takes one transaction and forgets it, as one that mines each at once may do."""

    forgotten = ""

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]], **more: Any) -> list[Any]:
        passed_on = list(calls)
        for place, (method, arguments) in enumerate(passed_on):
            if method == "eth_sendRawTransaction" and place == 3 and not self.forgotten:
                self.forgotten = "0x" + keccak(bytes.fromhex(arguments[0][2:])).hex()
                passed_on[place] = ("eth_chainId", [])
        return await super().batch(passed_on, **more)


def nonce(node: ChainNode) -> int:
    return int(node.ask("eth_getTransactionCount", DEPLOYER.address, "latest"), 16)


def mined(chain: ChainNode, count: int) -> None:
    """Waits until all that was sent is in blocks, which a node makes after its answer."""
    end = time.monotonic() + 180
    while nonce(chain) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert nonce(chain) == count


def changed(**values: Any) -> Plan:
    return plan(dataclasses.replace(PLAN.parameters, **values))


def test_forgotten_transaction_is_sent_again_at_a_higher_price(
    anvil: ChainNode, tmp_path: Path
) -> None:
    async def run() -> str:
        rpc = Forgetful(anvil.url, timeout=20)
        try:
            await deploy(rpc, sender=DEPLOYER, plan=PLAN, path=tmp_path / "record.json")
            assert await rpc.call("eth_getTransactionReceipt", rpc.forgotten) is None
            return rpc.forgotten
        finally:
            await rpc.close()

    assert asyncio.run(run())
    record = Deployment.load(tmp_path / "record.json")
    assert findings(anvil, record) == []


class Standing(JsonRpc):
    """A node that keeps what it is sent and mines it once one comes for the second time."""

    again: str = ""

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]], **more: Any) -> list[Any]:
        answers = await super().batch(calls, **more)
        raw = [arguments[0] for method, arguments in calls if method == "eth_sendRawTransaction"]
        if len(raw) == 1:  # those of the steps go together
            self.again = "0x" + keccak(bytes.fromhex(raw[0][2:])).hex()
            await self.call("evm_mine")
        return answers


def test_transaction_that_the_node_keeps_and_does_not_mine_is_sent_again(
    anvil: ChainNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_STILL_SECONDS", 1.0)

    async def run() -> tuple[int, str]:
        rpc = Standing(anvil.url, timeout=20)
        try:
            await rpc.call("evm_setAutomine", False)
            steps = [sending.Step("pay nobody", development_key(5).address, b"")] * 2
            sender = sending.Sending(rpc, DEPLOYER)
            await sender.send(steps, contracts=Contracts({}, {}))
            receipt = await rpc.call("eth_getTransactionReceipt", rpc.again)
            return await sender.nonce(), receipt["status"]
        finally:
            await rpc.close()

    assert asyncio.run(run()) == (2, "0x1")


def test_deployment_equals_compiled_code_and_plan(chain: ChainNode, tmp_path: Path) -> None:
    deployment = put(chain, tmp_path / "record.json")
    assert deployment.complete
    assert deployment.chain_id == 31337
    assert deployment.engine.lower().startswith(chain.engine)
    assert set(deployment.contracts) == {creation.name for creation in PLAN.creations}
    assert deployment.roles["REGULATOR"] == [
        development_key(10).address,
        development_key(11).address,
    ]
    assert "FACILITIES" not in deployment.roles, "no role moves money"
    head = chain.ask("eth_getBlockByNumber", hex(deployment.block), False)
    assert head["hash"] == deployment.block_hash
    assert findings(chain, deployment) == []


def test_second_deployment_run_changes_nothing(chain: ChainNode, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    first = put(chain, path)
    before, written = nonce(chain), path.stat().st_mtime_ns
    assert put(chain, path) == first
    assert nonce(chain) == before
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("chain", "sent"),
    [*(("anvil", sent) for sent in (0, 1, 7, 12, 13, 14, 17, 30)), ("ganache", 7)],
    indirect=["chain"],
)
def test_interrupted_deployment_resumes_after_any_transaction(
    chain: ChainNode, tmp_path: Path, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"

    class Cut(Exception):
        pass

    batch, count = JsonRpc.batch, 0

    async def cut_off(self: JsonRpc, calls: Any, **more: Any) -> Any:
        nonlocal count
        if calls and calls[0][0] == "eth_sendRawTransaction":
            before, count = count, count + len(calls)
            if count > sent:
                await batch(self, calls[: sent - before], **more)
                raise Cut
        return await batch(self, calls, **more)

    with monkeypatch.context() as patch:
        patch.setattr(JsonRpc, "batch", cut_off)
        with pytest.raises(Cut):
            put(chain, path)
    mined(chain, sent)
    assert not Deployment.load(path).complete
    deployment = put(chain, path)
    assert findings(chain, deployment) == []
    assert (
        nonce(chain) == len(PLAN.creations) + len(PLAN.calls) - 2
    )  # ADMIN holds the role, and calls `bind`


def test_record_of_a_restarted_chain_is_refused_or_renewed(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with start_node("anvil", log_file=tmp_path / "first.log") as node:
        put(node, path)
    with start_node("anvil", log_file=tmp_path / "second.log") as node:
        with pytest.raises(DeploymentForeign, match="does not have"):
            put(node, path)
        assert findings(node, Deployment.load(path)) != []
        assert findings(node, put(node, path, renew=True)) == []


def test_a_record_of_another_chain_is_refused(anvil: ChainNode, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    deployment = put(anvil, path)
    deployment.chain_id = 1
    deployment.save(path)
    with pytest.raises(DeploymentForeign, match="chain 1; this is chain 31337"):
        put(anvil, path)
    assert "chain 31337" in str(findings(anvil, deployment)[0])


def test_deployment_refuses_changed_sources_or_settings(anvil: ChainNode, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    put(anvil, path)
    with pytest.raises(DeploymentOutdated, match="Receivables"):
        put(anvil, path, changed(write_off_days=90))
    artifacts = load_artifacts(PLAN)
    market = dict(artifacts["ClaimMarket"])
    market["bytecode"] += "00"
    with pytest.raises(DeploymentOutdated, match="ClaimMarket"):
        put(anvil, path, artifacts=artifacts | {"ClaimMarket": market})


def test_roles_added_to_the_plan_are_granted_and_nothing_is_created_again(
    anvil: ChainNode, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    first = put(anvil, path)
    wider = changed(operators=(*PLAN.parameters.operators, STRANGER))
    second = put(anvil, path, wider)
    assert second.addresses() == first.addresses()
    assert STRANGER in second.roles["OPERATOR"]
    assert findings(anvil, second) == []
    assert [finding.subject for finding in findings(anvil, second, PLAN)] == ["role OPERATOR"]


def test_regulators_are_those_of_the_creation_and_the_administrator_makes_none(
    anvil: ChainNode, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    first = put(anvil, path)
    wider = changed(regulators=(*PLAN.parameters.regulators, STRANGER))
    with pytest.raises(DeploymentOutdated, match="CourtOrders"):
        put(anvil, path, wider)
    problems = {str(finding) for finding in findings(anvil, first, wider)}
    assert f"role REGULATOR: {STRANGER} does not have it as planned" in problems
    with pytest.raises(AssertionError):
        call(anvil, first, "CourtOrders", "appoint", STRANGER)


def test_verify_shows_the_regulators_that_an_order_made(
    anvil: ChainNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.json"
    deployment = put(anvil, path, changed(court_delay=0))
    contracts = Contracts(deployment, load_artifacts(PLAN))
    court = contracts.address("CourtOrders")
    appoint = contracts.encode("CourtOrders", "appoint", [STRANGER])
    issue = contracts.encode("CourtOrders", "issue", [court, appoint, "0x" + "01" * 32])
    execute = contracts.encode("CourtOrders", "execute", [1])
    for place, data in ((10, issue), (11, execute)):
        sender = development_key(place)
        with_rpc(anvil, partial(send, signer=sender, to=court, data=data))
    assert findings(anvil, deployment) == []
    assert deploy_command(rpc_url=anvil.url, record=path, verify_only=True) == HOLDS
    assert STRANGER in capsys.readouterr().out.lower()


def test_an_administrator_other_than_the_deployer_leaves_the_deployer_without_power(
    chain: ChainNode, tmp_path: Path
) -> None:
    target = changed(admin=STRANGER, role_delay=3600)
    deployment = put(chain, tmp_path / "record.json", target)
    assert findings(chain, deployment) == []
    assert deployment.roles["ADMIN"] == [STRANGER]
    with pytest.raises(AssertionError):
        call(chain, deployment, "AccessManager", "grantRole", CASH_ISSUER, STRANGER, 0)


def test_a_currency_within_the_court_s_reach_is_deployed_and_verified_as_such(
    anvil: ChainNode, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    euro = Currency("EUR", "Deposit in euro", court=True)
    deployment = put(anvil, path, changed(currencies=(euro,)))
    court = deployment.contracts["CourtOrders"].address
    assert view(anvil, deployment, "SettlementToken:EUR", "court") == court
    assert findings(anvil, deployment) == []
    deployment.parameters["currencies"][0]["court"] = False
    assert "SettlementToken:EUR.court()" in {
        finding.subject for finding in findings(anvil, deployment)
    }


def test_verify_finds_altered_code(anvil: ChainNode, tmp_path: Path) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    for name in ("Receivables", "ReceiverCheck", "SettlementToken:EUR"):
        address = deployment.contracts[name].address
        code = anvil.ask("eth_getCode", address, "latest")
        anvil.ask(
            "anvil_setCode", address, code[:300] + ("0" if code[300] != "0" else "1") + code[301:]
        )
        assert name in {finding.subject for finding in findings(anvil, deployment)}
        anvil.ask("anvil_setCode", address, code)
    assert findings(anvil, deployment) == []


def test_verify_finds_an_altered_immutable_though_the_record_was_altered_with_it(
    anvil: ChainNode, tmp_path: Path
) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    entry = deployment.contracts["SettlementToken:CNY"]
    code = anvil.ask("eth_getCode", entry.address, "latest")
    forwarder = deployment.contracts["Forwarder"].address[2:]
    assert forwarder in code
    altered = code.replace(forwarder, STRANGER[2:])
    anvil.ask("anvil_setCode", entry.address, altered)
    entry.code_hash = hash_of(altered)
    assert is_code_of(
        load_artifacts(PLAN)["SettlementToken"],
        bytes.fromhex(altered[2:]),
        address=entry.address,
        addresses=deployment.addresses(),
    )
    problems = [str(finding) for finding in findings(anvil, deployment)]
    assert any("not what was compiled" in each for each in problems)
    assert any("trustedForwarder" in each and STRANGER in each for each in problems)


def test_verify_finds_a_library_linked_elsewhere(anvil: ChainNode, tmp_path: Path) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    receivables = deployment.contracts["Receivables"].address
    code = anvil.ask("eth_getCode", receivables, "latest")
    library = deployment.contracts["ReceivableLife"].address[2:]
    anvil.ask("anvil_setCode", receivables, code.replace(library, STRANGER[2:]))
    assert "Receivables" in {finding.subject for finding in findings(anvil, deployment)}


def test_verify_finds_a_wrong_address_and_a_wrong_hash(anvil: ChainNode, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    put(anvil, path)
    swapped = Deployment.load(path)
    swapped.contracts["PartyRegistry"].address = swapped.contracts["CourtOrders"].address
    assert "PartyRegistry" in {finding.subject for finding in findings(anvil, swapped)}
    empty = Deployment.load(path)
    empty.contracts["ClaimMarket"].address = STRANGER
    problems = [str(finding) for finding in findings(anvil, empty)]
    assert f"ClaimMarket: there is no code at {STRANGER}" in problems
    hashed = Deployment.load(path)
    hashed.contracts["ClaimMarket"].code_hash = "0x" + "00" * 32
    assert [finding.subject for finding in findings(anvil, hashed)] == ["ClaimMarket"]
    moved = Deployment.load(path)
    moved.block_hash = "0x" + "11" * 32
    assert "its hash is" in str(findings(anvil, moved)[0])


def test_verify_finds_an_extra_grant_and_one_that_is_gone(chain: ChainNode, tmp_path: Path) -> None:
    deployment = put(chain, tmp_path / "record.json")
    call(chain, deployment, "AccessManager", "grantRole", CASH_ISSUER, STRANGER, 0)
    assert [str(finding) for finding in findings(chain, deployment)] == [
        f"role CASH_ISSUER: {STRANGER} has it and is not in the plan"
    ]
    call(chain, deployment, "AccessManager", "revokeRole", CASH_ISSUER, STRANGER)
    assert findings(chain, deployment) == []
    operator = PLAN.parameters.operators[0]
    call(chain, deployment, "AccessManager", "revokeRole", OPERATOR, operator)
    assert f"role OPERATOR: {operator} does not have it as planned" in [
        str(finding) for finding in findings(chain, deployment)
    ]


def test_verify_finds_a_function_opened_to_another_role(anvil: ChainNode, tmp_path: Path) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    registry = deployment.contracts["PartyRegistry"].address
    selector = "0x" + load_artifacts(PLAN)["PartyRegistry"]["methodIdentifiers"]["party(uint256)"]
    call(anvil, deployment, "AccessManager", "setTargetFunctionRole", registry, [selector], 77)
    (finding,) = findings(anvil, deployment)
    assert finding.subject == f"PartyRegistry function {selector}"
    assert finding.problem == "is open to 77; the plan says ADMIN"


@pytest.mark.parametrize(
    ("function", "values", "word"),
    [
        ("setRoleAdmin", [CASH_ISSUER, OPERATOR], "granted by OPERATOR"),
        ("setRoleGuardian", [CASH_ISSUER, OPERATOR], "guarded by OPERATOR"),
        ("setGrantDelay", [CASH_ISSUER, 86_400], "granted only after 86400 s"),
        ("setTargetClosed", ["ClaimMarket", True], "is closed"),
        ("setTargetAdminDelay", ["ClaimMarket", 86_400], "acts after 86400 s"),
    ],
)
def test_verify_finds_changes_that_the_plan_never_makes(
    anvil: ChainNode, tmp_path: Path, function: str, values: list[Any], word: str
) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    addresses = deployment.addresses()
    arguments = [
        addresses.get(value, value) if isinstance(value, str) else value for value in values
    ]
    call(anvil, deployment, "AccessManager", function, *arguments)
    (finding,) = findings(anvil, deployment)
    assert word in finding.problem


def test_verify_finds_a_currency_that_the_plan_does_not_allow(
    anvil: ChainNode, tmp_path: Path
) -> None:
    deployment = put(
        anvil, tmp_path / "record.json", changed(operators=(DEPLOYER.address, STRANGER))
    )
    yuan = deployment.contracts["SettlementToken:CNY"].address
    # A token that the plan does not know, with the code of one that it does.
    anvil.ask("anvil_setCode", STRANGER, anvil.ask("eth_getCode", yuan, "latest"))
    call(anvil, deployment, "Receivables", "allowCurrency", STRANGER, True)
    call(anvil, deployment, "Receivables", "allowCurrency", yuan, False)
    assert sorted(str(finding) for finding in findings(anvil, deployment)) == [
        f"Receivables: {STRANGER} is allowed and not in the plan",
        f"Receivables: CNY ({yuan}) is not allowed as planned",
    ]


def test_verify_finds_a_record_that_hides_the_first_events(
    anvil: ChainNode, tmp_path: Path
) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    deployment.first_block = deployment.block
    assert "its events do not begin with the deployer's role" in {
        finding.problem for finding in findings(anvil, deployment)
    }


def test_verify_reports_an_unfinished_deployment(anvil: ChainNode, tmp_path: Path) -> None:
    deployment = put(anvil, tmp_path / "record.json")
    deployment.complete = False
    assert "never finished" in str(findings(anvil, deployment)[0])


def test_deployment_shows_the_chains_reason_when_the_sender_lacks_money_or_role(
    anvil: ChainNode, tmp_path: Path
) -> None:
    anvil.ask("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    poor = LocalSigner.generate()
    with pytest.raises(DeploymentFailed, match=r"(?i)insufficient funds"):
        put(anvil, tmp_path / "poor.json", changed(deployer=poor.address), sender=poor)
    with pytest.raises(DeploymentFailed, match="NotDeployer"):
        put(anvil, tmp_path / "other.json", sender=development_key(1))


def test_deployment_raises_node_unreachable_when_the_node_is_down(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(NodeUnreachable, match=r"127\.0\.0\.1"):
            asyncio.run(deploy(url, sender=DEPLOYER, plan=PLAN, path=tmp_path / "record.json"))
    assert not (tmp_path / "record.json").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"chainId": "1"}', "null", '{"contracts": {"A": 1}}']
)
def test_load_names_the_file_when_it_is_no_deployment_record(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(RecordInvalid, match=r"record\.json"):
        Deployment.load(path)


def test_missing_artifacts_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="ReceivableLife is not compiled"):
        load_artifacts(PLAN, folder=tmp_path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"registrar": "me"}, "registrar"),
        ({"regulators": [STRANGER]}, "two persons"),
        ({"regulators": [STRANGER, STRANGER.upper().replace("X", "x")]}, "two persons"),
        ({"operators": [STRANGER]}, "two persons"),
        ({"court_delay": -1}, "court_delay"),
        ({"court_delay": True}, "court_delay"),
        ({"colour": 1}, "colour"),
        ({"currencies": [{"kode": "CNY"}]}, "currencies"),
        ({"currencies": [{"code": "JPY", "name": "yen"}]}, 'JPY has 0 digits .* not 2: give "digi'),
        ({"currencies": [{"code": "KWD", "name": "dinar", "digits": 2}]}, "KWD has 3 digits"),
        ({"currencies": [{"code": "CNY", "name": "yuan", "digits": "2"}]}, "not '2'"),
        ({"currencies": [{"code": "XTS", "name": "test"}]}, "'XTS' is not a currency of ISO 4217"),
        ({"currencies": [{"code": ["CNY"], "name": "yuan"}]}, "currencies"),
    ],
)
def test_invalid_parameter_is_refused_by_name(change: Json, word: str) -> None:
    with pytest.raises(ParametersInvalid, match=word):
        Parameters.from_json(PLAN.parameters.as_json() | change)


def test_the_plan_names_every_restricted_function_and_every_library() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "contracts").rglob("*.sol"))
    declared = re.findall(r"function (\w+)\([^)]*\)([^{;]*)[{;]", sources)
    restricted = {name for name, modifiers in declared if "restricted" in modifiers.split()}
    planned = {name for functions in PLAN.functions.values() for name in functions}
    assert planned == restricted
    linked = {
        library
        for artifact in load_artifacts(PLAN).values()
        for libraries in artifact["linkReferences"].values()
        for library in libraries
    }
    assert linked == set(LIBRARIES)


def test_parameters_equal_those_read_back_from_the_record() -> None:
    parameters = changed(currencies=(Currency("KWD", "Deposit in dinar", 3),)).parameters
    assert Parameters.from_json(json.loads(json.dumps(parameters.as_json()))) == parameters


def test_the_command_deploys_from_a_keystore_and_verifies(
    chain: ChainNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keystore, password = tmp_path / "key.json", tmp_path / "password"
    keystore.write_text(json.dumps(development_key(5).keystore("a password", iterations=2)))
    password.write_text("a password\n")
    record = tmp_path / "record.json"
    command = partial(
        deploy_command,
        rpc_url=chain.url,
        record=record,
        keystore=keystore,
        password_file=password,
    )
    assert command() == HOLDS
    deployment = Deployment.load(record)
    assert deployment.deployer == development_key(5).address
    assert command() == HOLDS
    assert deploy_command(rpc_url=chain.url, record=record, verify_only=True) == HOLDS
    assert "code as compiled, roles and wiring as planned" in capsys.readouterr().out
    other = tmp_path / "plan.json"
    other.write_text(json.dumps(deployment.parameters | {"registrar": STRANGER}))
    verified = deploy_command(rpc_url=chain.url, record=record, verify_only=True, plan_file=other)
    assert verified == DOES_NOT_HOLD
    assert f"{STRANGER} does not have it as planned" in capsys.readouterr().out


def test_command_reports_a_failure_in_one_line(
    anvil: ChainNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keystore, password = tmp_path / "key.json", tmp_path / "password"
    keystore.write_text(json.dumps(DEPLOYER.keystore("a password", iterations=2)))
    password.write_text("another")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    record = tmp_path / "record.json"
    for options, word in (
        ({"keystore": keystore}, "--password-file"),
        ({"keystore": keystore, "password_file": password}, "does not open"),
        ({"keystore": broken, "password_file": password}, "not an encrypted JSON key"),
        ({"keystore": tmp_path / "none", "password_file": password}, "none"),
        ({"plan_file": broken}, "broken.json"),
        ({"verify_only": True}, "record.json"),
    ):
        arguments: dict[str, Any] = options
        assert deploy_command(rpc_url=anvil.url, record=record, **arguments) == FAILED
        said = capsys.readouterr().err
        assert word in said and said.count("\n") == 1
    assert nonce(anvil) == 0
    assert deploy_command(rpc_url="http://127.0.0.1:1", record=record) == FAILED
    assert "does not answer" in capsys.readouterr().err


def test_a_network_that_others_use_needs_a_key_and_a_plan(
    anvil: ChainNode,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = ChainNode(anvil.url, chain_id=anvil.chain_id, client="Geth/v1.16")
    monkeypatch.setattr("app.commands.deploy.connect", lambda url: other)
    record = tmp_path / "record.json"
    assert deploy_command(rpc_url=anvil.url, record=record) == FAILED
    assert "--keystore" in capsys.readouterr().err
    keystore, password, chosen = (tmp_path / name for name in ("key", "password", "plan"))
    keystore.write_text(json.dumps(DEPLOYER.keystore("a password", iterations=2)))
    password.write_text("a password")
    command = partial(
        deploy_command,
        rpc_url=anvil.url,
        record=record,
        keystore=keystore,
        password_file=password,
    )
    assert command() == FAILED
    assert "--plan" in capsys.readouterr().err
    parameters = dict(changed(admin=STRANGER).parameters.as_json())
    del parameters["deployer"]
    chosen.write_text(json.dumps(parameters))
    assert command(plan_file=chosen) == HOLDS
    assert findings(anvil, Deployment.load(record)) == []
    assert command(plan_file=chosen) == HOLDS


def view(
    node: ChainNode, deployment: Deployment, contract: str, function: str, *arguments: Any
) -> Any:
    """What a contract answers."""
    contracts = Contracts(deployment, load_artifacts(PLAN))
    data = "0x" + contracts.encode(contract, function, list(arguments)).hex()
    answer = node.ask("eth_call", {"to": contracts.address(contract), "data": data}, "latest")
    return contracts.decode_result(contract, function, answer)


def test_every_product_of_the_catalogue_is_on_the_ledger_once_it_is_deployed(
    chain: ChainNode, tmp_path: Path
) -> None:
    path = tmp_path / "record.json"
    deployment = put(chain, path, WHOLE)
    rows, _ = read_catalogue(CATALOGUE)
    for number, row in enumerate(rows, start=1):
        word = code_word(row.code)
        assert view(chain, deployment, "Products", "withCode", word) == number, row.code
        assert view(chain, deployment, "Products", "current", number) == (1, True)
    first = rows[0]
    token = deployment.contracts[f"SettlementToken:{first.currency}"].address
    assert view(chain, deployment, "RiskReserve", "room", 1, token) == 5_000_000_00
    assert view(chain, deployment, "Products", "isHoliday", 20_454) is True  # 2026-01-01
    assert findings(chain, deployment) == []
    before = nonce(chain)
    assert put(chain, path, WHOLE) == deployment
    assert nonce(chain) == before


def test_verify_finds_a_product_that_is_not_as_recorded(anvil: ChainNode, tmp_path: Path) -> None:
    deployment = put(anvil, tmp_path / "record.json", WHOLE)
    deployment.parameters["products"][3]["terms"]["maxRate"] = 999_999
    (finding,) = findings(anvil, deployment)
    assert finding.subject == "Products.terms(4, 1)"
    deployment.parameters["products"].append(
        WHOLE.parameters.as_json()["products"][0] | {"code": code_word("gold-loan")}
    )
    assert "Products.withCode" in str(findings(anvil, deployment))


def test_verify_accepts_later_changes_of_operators(anvil: ChainNode, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    parameters = dataclasses.replace(WHOLE.parameters, operators=(DEPLOYER.address, STRANGER))
    deployment = put(anvil, path, plan(parameters))
    token = deployment.contracts["SettlementToken:CNY"].address
    call(anvil, deployment, "RiskReserve", "setCap", 1, token, 7)
    words, bits = zip(*WHOLE.parameters.holidays, strict=True)
    call(anvil, deployment, "Products", "setHolidays", list(words), [0] * len(bits))
    call(anvil, deployment, "Products", "close", 2)
    assert findings(anvil, deployment) == []
    renamed = dataclasses.replace(parameters, registrar=STRANGER)
    again = put(anvil, path, plan(renamed))
    assert view(anvil, again, "RiskReserve", "room", 1, token) == 7
    assert view(anvil, again, "Products", "isHoliday", 20_454) is False


def test_command_lists_catalogue_rows_left_to_operators(
    anvil: ChainNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "record.json"
    put(anvil, record)  # as deployments were made before they had a catalogue
    assert deploy_command(rpc_url=anvil.url, record=record) == HOLDS
    said = capsys.readouterr().out
    assert "not on the ledger yet: receivables-finance, order-finance" in said
    assert f"An operator ({development_key(13).address} or " in said
    assert "cession products apply" in said


def test_catalogue_row_is_skipped_and_named_when_its_currency_is_not_deployed(
    anvil: ChainNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, record = tmp_path / "plan.json", tmp_path / "record.json"
    parameters = changed(currencies=(Currency("CNY", "Deposit in yuan"),)).parameters.as_json()
    chosen.write_text(json.dumps(parameters))
    assert deploy_command(rpc_url=anvil.url, record=record, plan_file=chosen) == HOLDS
    said = capsys.readouterr().out
    assert "not on the ledger yet: cross-border (first add its currency USD with the plan)." in said
    assert findings(anvil, Deployment.load(record)) == []
    wrong = tmp_path / "products.yaml"
    wrong.write_text("rules: cn")
    assert deploy_command(rpc_url=anvil.url, record=record, catalogue=wrong) == FAILED
    assert "products" in capsys.readouterr().err


def test_the_plan_imports_nothing_that_brownies_environment_lacks() -> None:
    modules = "app.chain.deployment.catalogue, app.chain.deployment.record"
    python = ROOT / "build" / "brownie" / "bin" / "python"
    done = subprocess.run(
        [python, "-c", f"import {modules}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_brownie_and_the_command_resume_each_others_deployment(
    anvil: ChainNode, tmp_path: Path
) -> None:
    project = bare_project(tmp_path / "project")
    brownie_and_the_command_resume_each_other(anvil, tmp_path, project=project)
