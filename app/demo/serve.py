"""`cession serve`: the gateway on an embedded chain, with the demo's parties and a world."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console
from typing_extensions import TypedDict

from app.chain.deployment.deployer import DeploymentError
from app.chain.nodes.engines import Engine, RunningNode
from app.chain.nodes.nodes import NodeError
from app.config import SettingInvalid
from app.demo.cast import assemble
from app.demo.client import GatewayRefused
from app.demo.lock import Locked, locked
from app.demo.logins import logins_of, on_interrupt, show_logins
from app.demo.report import Report
from app.demo.server import RunningServer, ServerFailed, serve
from app.demo.stories import Stories, story_names
from app.demo.world import PROGRESS, earlier_world, first_block, tell_world
from app.embedded import RECORD, Saved
from app.gateway.demo_logins import DemoLogin
from app.log_output import configure_logs


def serve_until_stopped(
    *,
    engine: Engine,
    rpc_url: str | None,
    port: int,
    data_folder: Path | None,
    write: Path | None,
    empty: bool = False,
) -> int:
    """Serves until interrupted. With `data_folder` the chain and the store stay afterwards.

    Args:
        empty: tells nothing on a new ledger: there are parties only.
    """
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
                begins_at=None if empty else first_block(story_names()),
                saved=_saved(data_folder, empty=empty),
            ) as server:
                logins = _opened(server, console, folder=folder, empty=empty)
                interrupted = on_interrupt()
                show_logins(console, server.url, logins)
                if write is not None:
                    keys = {login.name: login.api_key for login in logins}
                    write_access(write, server, keys)
                interrupted.wait()
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


def _opened(
    server: RunningServer, console: Console, *, folder: Path, empty: bool
) -> list[DemoLogin]:
    """Registers the parties, and tells the world on a new ledger; returns the logins."""
    with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as http:
        callers, parties = assemble(http, server.keys)
        logins = logins_of(callers)
        server.offer_logins(logins)
        if not empty:
            _tell_if_new(
                Stories(server, callers, parties, Report(Console(quiet=True))), console, folder
            )
    return logins


def _saved(data_folder: Path | None, *, empty: bool) -> Saved:
    """What to keep of the chain: a world has too many blocks for the states of them all."""
    if data_folder is None:
        return "nothing"
    has_stories = (data_folder / PROGRESS).exists()
    is_new = not (data_folder / RECORD).exists()
    return "no-old-states" if has_stories or (is_new and not empty) else "all"


def _tell_if_new(teller: Stories, console: Console, folder: Path) -> None:
    server = teller.server
    if not isinstance(server.node, RunningNode):
        console.print("No story is told on a chain that ran before: its clock is not ours.")
        return
    if not server.is_new:
        console.print(earlier_world(folder))
        return
    stories, began = story_names(), time.perf_counter()
    console.print(f"Pages: {server.url}/app; {len(stories)} stories are told first:")
    if tell_world(teller, console, stories=stories, folder=folder):
        took = time.perf_counter() - began
        console.print(f"All is told and agrees to the cent, {took:.0f} s.")
    else:
        console.print("[yellow]Not everything went as the stories have it.[/yellow]")


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
