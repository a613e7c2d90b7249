"""`cession deploy`: deploys the contracts to any EVM network, or verifies them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.chain.deployment.catalogue import (
    CATALOGUE,
    codes_and_currencies,
    legal_text_hash,
    with_catalogue,
)
from app.chain.deployment.deployer import (
    Deployment,
    DeploymentError,
    Finding,
    deploy,
    load_artifacts,
    record_path,
    verify,
)
from app.chain.deployment.development import development_key
from app.chain.deployment.parameters import (
    DAY,
    HOUR,
    Parameters,
    ParametersInvalid,
)
from app.chain.deployment.plan import (
    OFFICIAL_PLACES,
    Plan,
    Question,
    development_parameters,
    plan,
)
from app.chain.deployment.questions import NO_CODE, answers, codes_at
from app.chain.deployment.verifier import regulators
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import checksum_address, keccak
from app.chain.evm.rpc import ChainError, JsonRpc
from app.chain.evm.signers import LocalSigner, PasswordWrong
from app.chain.nodes.nodes import ChainNode, NodeError, connect
from app.chain.outbox.keys import read_secret
from app.domain.catalogue_files import CatalogueInvalid
from app.domain.product_terms import code_word

HOLDS, DOES_NOT_HOLD, FAILED = 0, 1, 2


class ChoiceMissing(Exception):
    """A choice that only the operator can make is missing."""


def deploy_command(
    *,
    rpc_url: str,
    verify_only: bool = False,
    keystore: Path | None = None,
    password_file: Path | None = None,
    plan_file: Path | None = None,
    record: Path | None = None,
    catalogue: Path = CATALOGUE,
) -> int:
    """Deploys or verifies; returns 0 if it holds, 1 if it does not, 2 if the command failed."""
    errors = Console(stderr=True, soft_wrap=True)
    try:
        node = connect(rpc_url)
        path = record or record_path(node.chain_id)
        if verify_only:
            return _show_findings(path, *asyncio.run(_verified(node, path, plan_file)))
        sender = _sender(node, keystore, password_file)
        deployment, missing = asyncio.run(_deployed(node, path, sender, plan_file, catalogue))
        _show(path, deployment, missing)
        return HOLDS
    except (
        CatalogueInvalid,
        ChainError,
        ChoiceMissing,
        DeploymentError,
        NodeError,
        OSError,
        ParametersInvalid,
        PasswordWrong,
    ) as error:
        errors.print(f"deploy: {error}", markup=False, highlight=False)
        return FAILED


async def _verified(
    node: ChainNode, path: Path, plan_file: Path | None
) -> tuple[list[Finding], list[str]]:
    """What does not hold; if nothing is wrong, the regulators."""
    deployment = Deployment.load(path)
    expected_plan = None
    if plan_file is not None:
        parameters = _parameters_in(plan_file, deployer=deployment.deployer)
        expected_plan = _with_catalogue(parameters, CATALOGUE, standing=deployment)
    artifacts = load_artifacts(expected_plan or plan(Parameters.from_json(deployment.parameters)))
    rpc = JsonRpc(node.url)
    try:
        findings = await verify(rpc, deployment, artifacts=artifacts, expected=expected_plan)
        return findings, [] if findings else await regulators(rpc, deployment, artifacts)
    finally:
        await rpc.close()


async def _deployed(
    node: ChainNode, path: Path, sender: LocalSigner, plan_file: Path | None, catalogue: Path
) -> tuple[Deployment, list[str]]:
    """The deployment, and the rows of the catalogue that are not on it."""
    rpc = JsonRpc(node.url)
    try:
        new_plan = await _plan(
            rpc, node, path=path, sender=sender, plan_file=plan_file, catalogue=catalogue
        )
        renew = node.engine != "network"
        deployment = await deploy(rpc, sender=sender, plan=new_plan, path=path, renew=renew)
        return deployment, await _not_there(rpc, deployment, new_plan, catalogue)
    finally:
        await rpc.close()


async def _not_there(
    rpc: JsonRpc, deployment: Deployment, new_plan: Plan, catalogue: Path
) -> list[str]:
    """Rows of the file that the ledger does not have, each with what to do."""
    artifacts = load_artifacts(new_plan)
    contracts = Contracts(deployment.addresses(), artifacts)
    rows = codes_and_currencies(catalogue)
    questions = [Question("Products", "withCode", (code_word(code),), 0) for code, _ in rows]
    numbers = await answers(rpc, contracts, artifacts, questions)
    currencies = {currency.code for currency in new_plan.parameters.currencies}
    missing = []
    for (code, currency), number in zip(rows, numbers, strict=True):
        if number == 0 and currency in currencies:
            missing.append(code)
        elif number == 0:
            missing.append(f"{code} (first add its currency {currency} with the plan)")
    return missing


async def _plan(
    rpc: JsonRpc,
    node: ChainNode,
    *,
    path: Path,
    sender: LocalSigner,
    plan_file: Path | None,
    catalogue: Path,
) -> Plan:
    """The plan in the file, or the deployed one, or the development accounts' plan on an engine.

    The catalogue is the deployed one, or the file's.

    Raises:
        ChoiceMissing: a network that others use needs a plan of its own.
    """
    standing = await _standing(rpc, path)
    deployer = standing.deployer if standing else sender.address
    if plan_file is not None:
        parameters = _parameters_in(plan_file, deployer=deployer)
    elif standing is not None:
        return plan(Parameters.from_json(standing.parameters))
    elif node.engine == "network":
        raise ChoiceMissing(
            f"{node.client} is not a development engine: say with --plan FILE who holds which "
            "role, "
            f"for example {json.dumps(_example(sender.address))}"
        )
    else:
        accounts = {place: development_key(place).address for place in OFFICIAL_PLACES}
        parameters = development_parameters(accounts, deployer=deployer, admin=deployer)
    return _with_catalogue(parameters, catalogue, standing=standing)


def _with_catalogue(parameters: Parameters, file: Path, *, standing: Deployment | None) -> Plan:
    return plan(
        with_catalogue(
            parameters,
            file,
            legal_text_hash=legal_text_hash(keccak),
            standing=None if standing is None else standing.parameters,
        )
    )


async def _standing(rpc: JsonRpc, path: Path) -> Deployment | None:
    """The record, if some of its contracts are on this chain."""
    if not path.exists():
        return None
    record = Deployment.load(path)
    if record.chain_id != await rpc.chain_id():
        return record
    codes = await codes_at(rpc, list(record.addresses().values()))
    return record if any(code != NO_CODE for code in codes) else None


def _parameters_in(file: Path, *, deployer: str) -> Parameters:
    """The parameters in a JSON file."""
    try:
        values = json.loads(file.read_bytes())
        if not isinstance(values, dict):
            raise ParametersInvalid("give a JSON object")
        return Parameters.from_json(values, deployer=deployer)
    except ValueError as error:
        raise ParametersInvalid(f"{file}: {error}") from error


def _example(admin: str) -> dict[str, str | int | list[str]]:
    address = "0x…"
    return {
        "admin": admin,
        "registrar": address,
        "regulators": [address, address],
        "cash_issuer": address,
        "operators": [address, address],
        "ledger_key_hash": address,
        "court_delay": DAY,
        "zone_offset": 8 * HOUR,
    }


def _sender(node: ChainNode, keystore: Path | None, password_file: Path | None) -> LocalSigner:
    """The account that pays: the key in the keystore, or a development engine's first account."""
    if keystore is None:
        if node.engine == "network":
            raise ChoiceMissing(f"{node.client}: give --keystore FILE and --password-file FILE")
        return development_key(0)
    if password_file is None:
        raise ChoiceMissing("--keystore needs --password-file FILE")
    try:
        document = json.loads(keystore.read_bytes())
        return LocalSigner.from_keystore(document, read_secret(password_file))
    except PasswordWrong as error:
        raise PasswordWrong(f"{keystore}: {error}") from error
    except (ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise PasswordWrong(f"{keystore} is not an encrypted JSON key: {error!r}") from error


def _show(path: Path, deployment: Deployment, missing: list[str]) -> None:
    table = Table("contract", "address", box=None, pad_edge=False)
    for name, entry in deployment.contracts.items():
        table.add_row(name, checksum_address(entry.address))
    console = Console()
    console.print(table)
    console.print(
        f"chain {deployment.chain_id}, complete at block {deployment.block}; record: {path}",
        soft_wrap=True,
    )
    if missing:
        operators = " or ".join(deployment.roles["OPERATOR"])
        console.print(
            f"not on the ledger yet: {', '.join(missing)}. An operator ({operators}) adds them: "
            "cession products apply",
            soft_wrap=True,
            markup=False,
        )


def _show_findings(path: Path, findings: list[Finding], regulators_now: list[str]) -> int:
    console = Console(soft_wrap=True)
    for finding in findings:
        console.print(str(finding), markup=False, highlight=False)
    if findings:
        console.print(f"{len(findings)} things do not hold; record: {path}")
        return DOES_NOT_HOLD
    console.print(f"regulators: {', '.join(map(checksum_address, regulators_now))}")
    console.print(f"code as compiled, roles and wiring as planned; record: {path}")
    return HOLDS
