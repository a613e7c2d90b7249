"""The command `cession demo`."""

from __future__ import annotations

import logging
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console

from app.chain.deployment.deployer import DeploymentError
from app.chain.nodes.engines import Engine
from app.chain.nodes.nodes import ChainNode, NodeError
from app.config import SettingInvalid
from app.demo.cast import assemble
from app.demo.client import GatewayRefused
from app.demo.goods import STORIES, Goods
from app.demo.report import Report
from app.demo.serve import show_logins, wait_for_interrupt
from app.demo.server import RunningServer, ServerFailed, serve
from app.demo.story import CURRENCY, Story, StoryFailed
from app.log_output import configure_logs

HTTP_SECONDS = 120.0


class ChainClock:
    """The clock of a development chain."""

    def __init__(self, node: ChainNode) -> None:
        self._node = node

    def now(self) -> int:
        """Timestamp of the newest block."""
        return self._node.time()

    def move_to(self, timestamp: int) -> None:
        """Makes the next block's timestamp at least `timestamp`."""
        self._node.advance_time(max(1, timestamp - self.now()))


MAIN = "main"


def story_names() -> list[str]:
    """All stories, in the order of `--all`."""
    return [MAIN, *STORIES]


def tell(
    *, engine: Engine, rpc_url: str | None, serve_after: bool, stories: Sequence[str] = (MAIN,)
) -> int:
    """Runs the stories; 0 if every balance agrees to the cent, 1 if one does not."""
    console = Console()
    configure_logs(json_lines=True, level=logging.ERROR)
    try:
        with tempfile.TemporaryDirectory(prefix="cession-") as folder:
            began = time.perf_counter()
            with serve(engine=engine, folder=Path(folder), rpc_url=rpc_url, saved=False) as server:
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
            clock = ChainClock(server.node)
            stories_of_goods = Goods(
                callers=callers,
                parties=parties,
                clock=clock,
                report=report,
                zone_seconds=server.gateway.zone_offset,
                held_by=partial(held_by, server),
            )
            for name in stories:
                if name != MAIN:
                    stories_of_goods.tell(name, STORIES[name])
                    continue
                Story(
                    callers=callers,
                    parties=parties,
                    clock=clock,
                    report=report,
                    invoice_number=f"LH-{secrets.token_hex(3).upper()}",
                    zone_seconds=server.gateway.zone_offset,
                    balance_of_contract=lambda: held_by(server, "Receivables", CURRENCY),
                ).tell()
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
            show_logins(console, server, {name: caller.api_key for name, caller in callers.items()})
            wait_for_interrupt()
    return 0


def held_by(server: RunningServer, contract: str, currency: str) -> int:
    """A contract's balance in a currency, read from the chain itself."""
    contracts = server.gateway.contracts
    token, holder = f"SettlementToken:{currency}", contracts.address(contract)
    data = "0x" + contracts.encode(token, "balanceOf", [holder]).hex()
    call = {"to": contracts.address(token), "data": data}
    return int(server.node.ask("eth_call", call, "latest"), 16)
