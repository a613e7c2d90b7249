"""The command `cession demo`."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console

from app.chain.deployment.deployer import DeploymentError
from app.chain.nodes.engines import Engine
from app.chain.nodes.nodes import NodeError
from app.config import SettingInvalid
from app.demo.cast import assemble
from app.demo.client import GatewayRefused
from app.demo.logins import logins_of, on_interrupt, show_logins
from app.demo.report import Report
from app.demo.server import RunningServer, ServerFailed, serve
from app.demo.stories import MAIN, Stories
from app.demo.story import CURRENCY, StoryFailed
from app.demo.world import fill, first_block
from app.log_output import configure_logs

HTTP_SECONDS = 120.0


def tell(
    *,
    engine: Engine,
    rpc_url: str | None,
    serve_after: bool,
    stories: Sequence[str] = (MAIN,),
    port: int = 0,
) -> int:
    """Runs the stories; 0 if every balance agrees to the cent, 1 if one does not."""
    console = Console()
    configure_logs(json_lines=True, level=logging.ERROR)
    try:
        with tempfile.TemporaryDirectory(prefix="cession-") as folder:
            began = time.perf_counter()
            with serve(
                engine=engine,
                folder=Path(folder),
                rpc_url=rpc_url,
                port=port,
                begins_at=first_block(stories),
                saved="nothing",
            ) as server:
                return _tell(server, console, began=began, serve_after=serve_after, stories=stories)
    except SettingInvalid as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except (NodeError, DeploymentError, ServerFailed) as error:
        console.print(f"[bold red]demo:[/bold red] {error}")
        return 1


def _tell(
    server: RunningServer,
    console: Console,
    *,
    began: float,
    serve_after: bool,
    stories: Sequence[str],
) -> int:
    console.print(
        f"[bold]Cession[/bold] on {server.node.client}, chain {server.node.chain_id}; "
        f"gateway at {server.url}; up in {time.perf_counter() - began:.1f} s"
    )
    report = Report(console)
    with httpx.Client(base_url=server.url, timeout=HTTP_SECONDS, trust_env=False) as http:
        try:
            callers, parties = assemble(http, server.keys)
            teller = Stories(server, callers, parties, report)
            for name in stories:
                teller.tell(name)
        except (StoryFailed, GatewayRefused, TimeoutError, httpx.HTTPError) as error:
            console.print(report.table())
            console.print(f"[bold red]The story failed:[/bold red] {error}")
            return 1
        console.print()
        console.print(report.table())
        console.print(report.balances(currency=CURRENCY))
        if not report.all_hold:
            console.print("[bold red]A balance is off.[/bold red]")
            return 1
        console.print(
            f"[bold green]Every balance agrees to the cent.[/bold green] "
            f"{len(report.steps)} steps, {time.perf_counter() - began:.1f} s in all."
        )
        if serve_after:
            fill(teller, console)
            logins = logins_of(callers)
            server.offer_logins(logins)
            interrupted = on_interrupt()
            show_logins(console, server.url, logins)
            interrupted.wait()
    return 0
