"""`cession gateway`, `cession key`, `cession products`: a gateway on a network that others use too.

Settings come from the environment (`app.config`); the contracts stand there already (`cession
deploy`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import uvicorn

from app.chain.deployment import DeploymentError
from app.chain.deployment_record import Deployment
from app.chain.keys import Keystore, LocalSigner, PasswordWrong, read_secret
from app.chain.nodes import NodeError, connect
from app.chain.rpc import ChainError
from app.config import SettingInvalid, Settings, settings_from
from app.core.catalogue import CatalogueInvalid
from app.errors import CessionError
from app.financing import catalogue
from app.http.callers import ROLES, add_key
from app.http.gateway import Gateway
from app.main import build_app, configure_logs, open_gateway
from app.storage import StorageError, create_storage
from scripts.compile import load_artifact

RECORDS = Path("deployments")


def relay_keys(settings: Settings) -> list[LocalSigner]:
    """Keys of the accounts that pay the fees.

    Raises:
        SettingInvalid: none is named, or one cannot be opened.
    """
    files = [Path(name.strip()) for name in settings.relay_keystores.split(",") if name.strip()]
    if not files:
        raise SettingInvalid("CESSION_RELAY_KEYSTORES: name at least one keystore file")
    try:
        return [
            LocalSigner.from_keystore(file.read_text(), settings.keystore_password)
            for file in files
        ]
    except (OSError, PasswordWrong) as error:
        raise SettingInvalid(f"CESSION_RELAY_KEYSTORES: {error}") from error


def _opening(
    settings: Settings, *, keys: Sequence[LocalSigner] = ()
) -> Callable[[], AbstractAsyncContextManager[Gateway]]:
    """How the gateway of these settings is opened.

    Raises:
        SettingInvalid, NodeError, DeploymentError.
    """
    node = connect(settings.rpc_url)
    path = Path(settings.deployment or RECORDS / f"{node.chain_id}.json")
    deployment = Deployment.load(path)
    if deployment.chain_id != node.chain_id:
        raise DeploymentError(f"{path} is of another chain than {settings.rpc_url}")
    relays = relay_keys(settings)
    names = {name.partition(":")[0] for name in deployment.contracts}
    artifacts: dict[str, Any] = {name: load_artifact(name) for name in sorted(names)}

    def opening() -> AbstractAsyncContextManager[Gateway]:
        return open_gateway(
            settings,
            deployment=deployment,
            artifacts=artifacts,
            relay_accounts=relays,
            keys=keys,
        )

    return opening


def change_catalogue(
    *, action: str, file: Path, keystore: Path | None, password_file: Path | None
) -> int:
    """Shows what the catalogue file would change, applies it, or approves what another proposed.

    0: done, or nothing to do; 1: it could not be done; the reason is printed.
    """
    try:
        settings = settings_from()
        keys = []
        if action != "diff":
            if keystore is None:
                raise SettingInvalid(f"{action}: give --keystore FILE of an operator")
            password = settings.keystore_password
            if password_file is not None:
                password = read_secret(password_file)
            keys = [LocalSigner.from_keystore(keystore.read_text(), password)]
        opening = _opening(settings, keys=keys)
        configure_logs(json_lines=settings.json_logs, level=logging.WARNING)
        asyncio.run(_change(opening, action=action, file=file, keys=keys))
    except (
        *(SettingInvalid, NodeError, DeploymentError, OSError, PasswordWrong),
        *(CatalogueInvalid, CessionError, ChainError, StorageError),
    ) as error:
        print(f"products: {error}", file=sys.stderr)
        return 1
    return 0


async def _change(
    opening: Callable[[], AbstractAsyncContextManager[Gateway]],
    *,
    action: str,
    file: Path,
    keys: Sequence[LocalSigner],
) -> None:
    async with opening() as gateway:
        changes = await catalogue.compare(gateway, file)
        for line in catalogue.described(changes):
            print(line)
        if action == "apply":
            await catalogue.apply(gateway, changes, operator=keys[0].address)
        elif action == "approve":
            await catalogue.approve(gateway, changes, operator=keys[0].address)


def run_gateway(*, host: str, port: int) -> int:
    """Serves until interrupted; 1 and the reason when it cannot start."""
    try:
        settings = settings_from()
        opening = _opening(settings)
    except (SettingInvalid, NodeError, DeploymentError) as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 1
    configure_logs(json_lines=settings.json_logs)
    app = build_app(opening, settings=settings)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        loop="uvloop",
        http="httptools",
        timeout_graceful_shutdown=10,
    )
    return 0


def make_key(*, role: str, label: str, keystore: Path | None, password_file: Path | None) -> int:
    """Prints a new API key for an official role; its account's key goes into custody."""
    if role not in ROLES:
        print(f"key: role {role!r}: take one of {', '.join(ROLES)}", file=sys.stderr)
        return 1
    try:
        settings = settings_from()
        signer = None
        if keystore is not None:
            password = settings.keystore_password
            if password_file is not None:
                password = read_secret(password_file)
            signer = LocalSigner.from_keystore(keystore.read_text(), password)
        storage = create_storage(settings.database_url)
    except (SettingInvalid, OSError, PasswordWrong) as error:
        print(f"key: {error}", file=sys.stderr)
        return 1
    try:
        storage.migrate()
        custody = Keystore(storage, settings.keystore_password, iterations=settings.scrypt_cost)

        def write(connection: Any) -> str:
            if signer is not None:
                custody.add(connection, signer, label=label)
            account = None if signer is None else signer.address
            return add_key(connection, roles=[role], label=label, account=account)

        print(storage.write_now(write))
    except StorageError as error:
        print(f"key: {error}", file=sys.stderr)
        return 1
    finally:
        storage.close()
    return 0
