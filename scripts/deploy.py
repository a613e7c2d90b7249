"""`brownie run deploy --network NETWORK` puts the same contracts on a chain as the gateway does.

The plan, the bytes and the record are the gateway's own (`app/chain/deployment/plan.py`,
`app/chain/deployment/record.py`); Brownie brings the account and the network. The record goes to
`deployments/<chainId>.json`; a deployment that was begun, here or by `cession deploy`, is taken up
where it stopped. `cession deploy --verify` proves either.

Environment:
    CESSION_DEPLOY_ACCOUNT  an account of `brownie accounts`; else the development mnemonic's first.
    CESSION_DEPLOY_PLAN     a JSON file that says who holds which role; else the development one's.
    CESSION_DEPLOY_RECORD   the record's file, where it is not to be the usual one.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from brownie import Contract, accounts, web3
from eth_abi.abi import encode

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from app import __version__  # noqa: E402
from app.chain.deployment.catalogue import (  # noqa: E402
    CATALOGUE,
    legal_text_hash,
    with_catalogue,
)
from app.chain.deployment.parameters import (  # noqa: E402
    Parameters,
)
from app.chain.deployment.plan import (  # noqa: E402
    OFFICIAL_PLACES,
    Call,
    LastEvent,
    Plan,
    Selectors,
    development_parameters,
    plan,
    resolve,
    role_record,
)
from app.chain.deployment.record import (  # noqa: E402
    Deployment,
    creation_code,
    entry_of,
    is_code_of,
    record_path,
    selectors_of,
)
from app.chain.evm.mnemonic import MNEMONIC  # noqa: E402
from app.places import ARTIFACTS  # noqa: E402


def main() -> None:
    """Deploys what is missing; does nothing when record, plan and chain agree."""
    path = Path(os.environ.get("CESSION_DEPLOY_RECORD") or record_path(web3.eth.chain_id))
    sender = _sender()
    record = Deployment.load(path) if path.exists() else None
    if record is not None and record.chain_id != web3.eth.chain_id:
        raise SystemExit(f"{path} is of chain {record.chain_id}, not of {web3.eth.chain_id}")
    current = plan(
        with_catalogue(
            _parameters(record, sender.address.lower()),
            CATALOGUE,
            legal_text_hash=legal_text_hash(web3.keccak),
            standing=None if record is None else record.parameters,
        )
    )
    if record is None:
        record = Deployment(
            chain_id=web3.eth.chain_id,
            version=__version__,
            engine=web3.client_version,
            deployer=sender.address.lower(),
            first_block=web3.eth.block_number + 1,
            contracts={},
            roles={},
            parameters=current.parameters.as_json(),
        )
    elif record.complete and record.parameters == current.parameters.as_json():
        _require_unchanged(record, current, path)
        print(f"nothing to do: {path}")
        return
    if not record.was_complete:
        record.first_block = min(record.first_block, web3.eth.block_number + 1)
    record.complete, record.parameters = False, current.parameters.as_json()
    _create(record, current, sender, path)
    _call(record, current, sender)
    _finish(record, current, path)
    print(f"{len(record.contracts)} contracts; record: {path}")


def _sender() -> Any:
    account = os.environ.get("CESSION_DEPLOY_ACCOUNT")
    return accounts.load(account) if account else accounts.from_mnemonic(MNEMONIC, count=1)


def _parameters(record: Deployment | None, deployer: str) -> Parameters:
    file = os.environ.get("CESSION_DEPLOY_PLAN")
    if record is not None:
        deployer = record.deployer
    if file:
        return Parameters.from_json(json.loads(Path(file).read_text()), deployer=deployer)
    if record is not None:
        return Parameters.from_json(record.parameters)
    if web3.client_version.split("/")[0].lower() not in ("anvil", "ganache"):
        raise SystemExit(
            f"{web3.client_version}: say with CESSION_DEPLOY_PLAN who holds which role"
        )
    places = {
        place: accounts.from_mnemonic(MNEMONIC, count=1, offset=place).address.lower()
        for place in OFFICIAL_PLACES
    }
    return development_parameters(places, deployer=deployer, admin=deployer)


def _artifact(name: str) -> dict[str, Any]:
    file = ARTIFACTS / f"{name}.json"
    if not file.exists():
        raise SystemExit(f"{name} is not compiled: run `make compile`")
    keystore: dict[str, Any] = json.loads(file.read_text())
    return keystore


def _code(address: str) -> bytes:
    return bytes(web3.eth.get_code(web3.to_checksum_address(address)))


def _stands(record: Deployment, name: str, creation_hash: str) -> bool:
    entry = record.contracts.get(name)
    return (
        entry is not None and entry.creation_hash == creation_hash and _code(entry.address) != b""
    )


def _require_unchanged(record: Deployment, deployment_plan: Plan, path: Path) -> None:
    addresses = record.addresses()
    for creation in deployment_plan.creations:
        data = creation_code(creation, _artifact(creation.artifact), addresses, encode=encode)
        if not _stands(record, creation.name, "0x" + web3.keccak(data).hex().removeprefix("0x")):
            raise SystemExit(
                f"{creation.name} in {path} is of other sources, or not on this chain: "
                "remove the record, or take another"
            )


def _create(record: Deployment, deployment_plan: Plan, sender: Any, path: Path) -> None:
    """Creates in order; each address is on record before its transaction is sent."""
    for creation in deployment_plan.creations:
        artifact, addresses = _artifact(creation.artifact), record.addresses()
        data = creation_code(creation, artifact, addresses, encode=encode)
        creation_hash = "0x" + web3.keccak(data).hex().removeprefix("0x")
        if _stands(record, creation.name, creation_hash):
            continue
        if record.was_complete and creation.name in record.contracts:
            raise SystemExit(f"{creation.name} in {path} is of other sources: take another record")
        record.contracts[creation.name] = entry_of(
            creation,
            artifact,
            addresses,
            address=sender.get_deployment_address(sender.nonce),
            creation_hash=creation_hash,
        )
        record.save(path)
        sender.transfer(data="0x" + data.hex())


def _call(record: Deployment, deployment_plan: Plan, sender: Any) -> None:
    """Makes the calls that are not done yet, in order."""
    addresses = record.addresses()
    contracts = {
        creation.name: Contract.from_abi(
            creation.name, addresses[creation.name], _artifact(creation.artifact)["abi"]
        )
        for creation in deployment_plan.creations
    }
    for call in deployment_plan.calls:
        if call.first_run and record.was_complete:
            continue
        if not _done(call, record, contracts):
            arguments = [
                selectors_of(_artifact(value.artifact), value.functions)
                if isinstance(value, Selectors)
                else _as_brownie_takes_it(resolve(value, addresses))
                for value in call.arguments
            ]
            function = getattr(contracts[call.contract], call.function)
            function(*arguments, {"from": sender})


def _as_brownie_takes_it(value: Any) -> Any:
    """Structs as tuples."""
    return tuple(value.values()) if isinstance(value, dict) else value


def _done(call: Call, record: Deployment, contracts: dict[str, Any]) -> bool:
    addresses, done = record.addresses(), call.done
    if isinstance(done, LastEvent):
        return _last_event(done, record, contracts)
    arguments = [
        selectors_of(_artifact(value.artifact), value.functions)[0]
        if isinstance(value, Selectors)
        else resolve(value, addresses)
        for value in done.arguments
    ]
    answer = getattr(contracts[done.contract], done.function).call(*arguments)
    expected = resolve(done.answer, addresses)
    return bool((tuple(answer) if isinstance(expected, tuple) else answer) == expected)


def _last_event(done: LastEvent, record: Deployment, contracts: dict[str, Any]) -> bool:
    contract = contracts[done.contract]
    key = "0x" + resolve(done.key, record.addresses())[2:].zfill(64)
    logs = web3.eth.get_logs(
        {
            "address": contract.address,
            "fromBlock": record.first_block,
            "toBlock": "latest",
            "topics": [contract.topics[done.event], key],
        }
    )
    return bool(logs) and int.from_bytes(bytes(logs[-1]["data"]), "big") == done.answer


def _finish(record: Deployment, deployment_plan: Plan, path: Path) -> None:
    addresses = record.addresses()
    for creation in deployment_plan.creations:
        code, address = _code(addresses[creation.name]), addresses[creation.name]
        artifact = _artifact(creation.artifact)
        if not is_code_of(artifact, code, address=address, addresses=addresses):
            raise SystemExit(f"{creation.name}: the code at {address} is not its own")
        record.contracts[creation.name].code_hash = "0x" + web3.keccak(code).hex().removeprefix(
            "0x"
        )
    head = web3.eth.get_block("latest")
    record.block, record.block_hash = head["number"], "0x" + bytes(head["hash"]).hex()
    record.roles = role_record(deployment_plan, addresses)
    record.complete = True
    record.save(path)
