"""A ledger on one machine: an engine as a child process, deployed contracts, and a gateway.

Every key comes from the development mnemonic or is made here; none of this is for a chain that
others use.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.chain.deployment.catalogue import CATALOGUE, legal_text_hash, with_catalogue
from app.chain.deployment.deployer import Deployment, deploy, load_artifacts
from app.chain.deployment.development import development_key, development_plan
from app.chain.deployment.plan import (
    CASH_ISSUER_PLACE,
    DEPLOYER_PLACE,
    OPERATOR_PLACES,
    REGISTRAR_PLACE,
    REGULATOR_PLACES,
    RELAYER_PLACES,
    Plan,
    plan,
)
from app.chain.deployment.record import Artifacts
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc
from app.chain.nodes.engines import Engine, EngineOptions, start_node
from app.chain.nodes.nodes import ChainNode, connect
from app.config import Settings, settings_from
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway.callers import add_key, end_official_keys
from app.gateway.gateway import Gateway
from app.lending.products import catalogue
from app.opening import open_gateway
from app.storage.durable import write_new

#: What an engine saves of its chain while it runs. The states of old blocks take most of the time.
Saved = Literal["all", "no-old-states", "nothing"]
ROLE_PLACES = {
    "registrar": REGISTRAR_PLACE,
    "regulator": REGULATOR_PLACES[0],
    "second-regulator": REGULATOR_PLACES[1],
    "cash-issuer": CASH_ISSUER_PLACE,
    "operator": OPERATOR_PLACES[0],
    "second-operator": OPERATOR_PLACES[1],
}
RECORD = "deployment.json"
SCRYPT_COST = 2  # keys of an embedded chain are worth nothing


@dataclass
class Ledger:
    """A chain with the contracts on it."""

    node: ChainNode
    deployment: Deployment
    artifacts: Artifacts = field(repr=False)  # megabytes
    folder: Path


@contextlib.contextmanager
def chain(
    engine: Engine,
    *,
    rpc_url: str | None,
    folder: Path,
    begins_at: int | None = None,
    saved: Saved = "all",
) -> Iterator[ChainNode]:
    """The engine in this folder, or a development chain that is already running.

    Args:
        begins_at: timestamp of the first block of a new chain; None: now.
        saved: what of the chain is kept for later starts.

    Raises:
        NodeError.
    """
    if rpc_url is not None:
        yield connect(rpc_url)
        return
    data_folder = folder / engine
    options = EngineOptions(
        begins_at=None if data_folder.exists() else begins_at,
        history=saved == "all",
        saved=saved != "nothing",
    )
    with start_node(engine, data_folder=data_folder, options=options) as node:
        yield node


async def deployed(
    node: ChainNode, *, folder: Path, new_plan: Plan | None = None, rpc_timeout: float = 10.0
) -> Ledger:
    """Deploys the development plan with the catalogue, if it is not deployed yet.

    Args:
        rpc_timeout: seconds for each answer of the node.
    """
    new_plan = new_plan or _development_plan(folder / RECORD)
    artifacts = load_artifacts(new_plan)
    rpc = JsonRpc(node.url, timeout=rpc_timeout)
    try:
        deployment = await deploy(
            rpc,
            sender=development_key(DEPLOYER_PLACE),
            plan=new_plan,
            artifacts=artifacts,
            path=folder / RECORD,
        )
    finally:
        await rpc.close()
    return Ledger(node, deployment, artifacts, folder)


def _development_plan(record: Path) -> Plan:
    return plan(
        with_catalogue(
            development_plan().parameters,
            CATALOGUE,
            legal_text_hash=legal_text_hash(keccak),
            standing=Deployment.load(record).parameters if record.exists() else None,
        )
    )


def embedded_settings(folder: Path, *, rpc_url: str, **overrides: Any) -> Settings:
    """Settings of a gateway with its data and secrets in a folder; `CESSION_…` take precedence."""
    secrets_file = folder / "secrets.json"
    if not secrets_file.exists():
        new_secrets = {
            "master_key": secrets.token_urlsafe(48),
            "keystore_password": secrets.token_urlsafe(24),
        }
        # On the disk before they encrypt anything; another process may be first.
        with contextlib.suppress(FileExistsError):
            write_new(secrets_file, json.dumps(new_secrets).encode())
    known = json.loads(secrets_file.read_text()) | {
        "ledger_key": DEVELOPMENT_LEDGER_KEY,
        "database_url": f"sqlite:///{folder / 'cession.sqlite'}",
        "rpc_url": rpc_url,
        "finality": "instant",
        "scrypt_cost": SCRYPT_COST,
    }
    from_environment = {
        f"CESSION_{name.upper()}": str(value) for name, value in known.items()
    } | dict(os.environ)
    return settings_from(from_environment, **overrides)


@contextlib.asynccontextmanager
async def embedded_gateway(
    ledger: Ledger, settings: Settings, *, clock: Callable[[], float] = time.time
) -> AsyncIterator[Gateway]:
    """A gateway that uses the development mnemonic's accounts for its relayer and officials.

    Args:
        clock: UTC seconds now, as the chain has them.
    """
    async with open_gateway(
        settings,
        deployment=ledger.deployment,
        artifacts=ledger.artifacts,
        relay_accounts=[development_key(place) for place in RELAYER_PLACES],
        keys=[development_key(place) for place in ROLE_PLACES.values()],
        clock=clock,
    ) as gateway:
        operator = development_key(OPERATOR_PLACES[0]).address
        await catalogue.apply(
            gateway, await catalogue.compare(gateway, CATALOGUE), operator=operator
        )
        yield gateway


async def official_keys(gateway: Gateway) -> dict[str, str]:
    """New API keys for the roles of officials and for an auditor."""

    def write(connection: Any) -> dict[str, str]:
        for label in (*ROLE_PLACES, "auditor"):
            end_official_keys(connection, label=label)
        keys = {
            name: add_key(
                connection,
                roles=[name.removeprefix("second-")],
                label=name,
                account=development_key(place).address,
            )
            for name, place in ROLE_PLACES.items()
        }
        keys["auditor"] = add_key(connection, roles=["auditor"], label="auditor")
        return keys

    return await gateway.storage.write(write)
