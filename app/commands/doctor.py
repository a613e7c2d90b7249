"""`cession doctor`: what is installed and what is missing, each with what to do.

It changes nothing: it makes no store, changes no schema and sends nothing.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text

from app.chain.deployment.deployer import DeploymentError
from app.chain.evm.contracts import Contracts
from app.chain.evm.node_urls import public_url
from app.chain.evm.rpc import ChainError, JsonRpc
from app.chain.nodes.engines import anvil_program, node_program, package
from app.chain.nodes.nodes import NodeError, connect
from app.config import PREFIX, SettingInvalid, Settings, settings_from
from app.network import relay_keys, standing_ledger
from app.opening import ledger_key_of
from app.places import ARTIFACTS, CATALOGUE, INSTALLED, text_of
from app.storage import StorageError
from app.storage.engine import create_storage

SQLITE = "sqlite:///"
_TROUBLE = (
    *(NodeError, ChainError, DeploymentError, SettingInvalid, StorageError),
    *(OSError, ValueError, RuntimeError, ImportError),
)
Check = Callable[[], str]
_ENGINES = ("anvil", "Node.js", "ganache")


def examine() -> int:
    """Prints a line for each check; returns 0, or 1 if something is missing.

    An installed package works without engines, on a node that runs elsewhere. The network is
    checked if a setting of a gateway is given.
    """
    missing = 0
    for name, check in _checks():
        try:
            print(f"ok       {name}: {check()}")
        except _TROUBLE as error:
            words = " ".join(str(error).split())
            if INSTALLED and name in _ENGINES:
                print(f"without  {name}: {words}")
                continue
            missing += 1
            print(f"missing  {name}: {words}")
    if not _configured():
        print(
            "         no CESSION_… setting is given: `cession serve` and `cession demo` need none"
        )
    print("all is there" if not missing else f"{missing} missing")
    return int(missing > 0)


def _configured() -> bool:
    return any(name.startswith(PREFIX) for name in os.environ)


def _checks() -> Iterator[tuple[str, Check]]:
    yield "Python", platform.python_version
    yield "contracts", _contracts
    yield "anvil", anvil_program
    yield "Node.js", node_program
    yield "ganache", lambda: str(package("ganache"))
    if INSTALLED:
        yield "catalogue", lambda: _readable(CATALOGUE)
    else:
        yield "PostgreSQL for tests", _postgresql
    if not _configured():
        return
    yield "settings", _settings
    try:
        settings = settings_from()
    except SettingInvalid:
        return
    yield "legal text", lambda: _readable(text_of(settings.legal_text))
    yield "store", lambda: _store(settings)
    for url in settings.rpc_urls:
        yield f"node {public_url(url)}", lambda url=url: _node(url)  # type: ignore[misc]
    yield "ledger", lambda: _ledger(settings)
    yield "relay accounts", lambda: ", ".join(key.address for key in relay_keys(settings))


def _settings() -> str:
    settings_from()
    return "all of them hold"


def _contracts() -> str:
    count = len(list(ARTIFACTS.glob("*.json")))
    if not count:
        raise RuntimeError("not compiled: run `make compile`")
    return f"{count} compiled"


def _postgresql() -> str:
    places = [str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin")]
    program = shutil.which("initdb", path=os.pathsep.join([os.environ.get("PATH", ""), *places]))
    if program is None:
        raise RuntimeError("no initdb: install the system's package postgresql")
    return program


def _readable(path: Path) -> str:
    path.read_bytes()
    return str(path)


def _store(settings: Settings) -> str:
    file = settings.database_url.removeprefix(SQLITE)
    if settings.database_url.startswith(SQLITE) and not Path(file).exists():
        raise RuntimeError(f"there is no store at {file} yet; the first gateway makes it")
    storage = create_storage(settings.database_url)
    try:
        version = storage.read_now(
            lambda connection: connection.execute(text("SELECT version_num FROM alembic_version"))
        ).scalar()
    finally:
        storage.close()
    return f"answers, schema {version}"


def _node(url: str) -> str:
    node = connect(url)
    return f"{node.client}, chain {node.chain_id}"


def _ledger(settings: Settings) -> str:
    node, deployment, artifacts = standing_ledger(settings)

    async def ask() -> None:
        rpc = JsonRpc(node.url, timeout=settings.rpc_timeout)
        try:
            await ledger_key_of(rpc, Contracts(deployment, artifacts), settings)
        finally:
            await rpc.close()

    asyncio.run(ask())
    return f"{len(deployment.contracts)} contracts, and the ledger's key is its own"
