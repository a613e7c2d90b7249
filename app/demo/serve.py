"""`cession serve`: the gateway on an embedded chain, with the demo's parties and no story."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from typing_extensions import TypedDict

from app.chain.deployment.deployer import DeploymentError
from app.chain.nodes.engines import Engine
from app.chain.nodes.nodes import NodeError
from app.config import SettingInvalid
from app.demo.cast import assemble
from app.demo.client import GatewayRefused
from app.demo.lock import Locked, locked
from app.demo.server import RunningServer, ServerFailed, serve
from app.log_output import configure_logs


def serve_until_stopped(
    *,
    engine: Engine,
    rpc_url: str | None,
    port: int,
    data_folder: Path | None,
    write: Path | None,
) -> int:
    """Serves until interrupted. With `data_folder` the chain and the store stay afterwards."""
    configure_logs(json_lines=True, level=logging.WARNING)
    console = Console(stderr=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cession-") as temporary,
            contextlib.ExitStack() as locks,
        ):
            folder = data_folder or Path(temporary)
            locks.enter_context(locked(folder / "serve.lock", what=f"--data-folder {folder}"))
            if write is not None:
                lock_file = write.with_name(f".{write.name}.lock")
                locks.enter_context(locked(lock_file, what=f"--write {write}"))
            with serve(
                engine=engine,
                folder=folder,
                rpc_url=rpc_url,
                port=port,
                saved=data_folder is not None,
            ) as server:
                with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as http:
                    callers, _ = assemble(http, server.keys)
                keys = {name: caller.api_key for name, caller in callers.items()}
                show_logins(console, server, keys)
                if write is not None:
                    write_access(write, server, keys)
                wait_for_interrupt()
    except SettingInvalid as error:
        print(f"serve: {error}", file=sys.stderr)
        return 2
    except (NodeError, DeploymentError, ServerFailed, GatewayRefused) as error:
        console.print(f"[bold red]serve:[/bold red] {error}")
        return 1
    except Locked as error:
        print(f"serve: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"--port {port}" if error.filename is None else error.filename
        print(f"serve: {where}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


class Access(TypedDict):
    """How to reach a running gateway; the access file holds it as JSON."""

    url: str
    docs: str
    rpcUrl: str
    chainId: int
    contracts: dict[str, str]
    deploymentRecord: str
    apiKeys: dict[str, str]
    processId: int


def access(server: RunningServer, keys: dict[str, str]) -> Access:
    """Access to a running gateway: address, chain, contracts, an API key for each role."""
    return {
        "url": server.url,
        "docs": f"{server.url}/docs",
        "rpcUrl": server.node.url,
        "chainId": server.node.chain_id,
        "contracts": server.gateway.contracts.checksummed(),
        "deploymentRecord": str(server.ledger.folder / "deployment.json"),
        "apiKeys": keys,
        "processId": os.getpid(),
    }


def write_access(path: Path, server: RunningServer, keys: dict[str, str]) -> None:
    """Writes the access file, whole or not at all; only the owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(access(server, keys), file, indent=2)
    draft.replace(path)


def show_logins(console: Console, server: RunningServer, keys: dict[str, str]) -> None:
    """Prints the gateway's address and a key for every role."""
    table = Table(title=f"{server.url}/docs", title_style="bold", header_style="bold")
    table.add_column("role", style="cyan")
    table.add_column("X-API-Key", no_wrap=True)
    for name, key in keys.items():
        table.add_row(name, key)
    console.print(table)
    console.print("Up until interrupted (Ctrl-C).")


def wait_for_interrupt() -> None:
    """Returns on SIGINT or SIGTERM."""
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.set())
    interrupted.wait()
