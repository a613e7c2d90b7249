"""Speed into `build/bench.json` and a table: `python -m benchmarks`.

Everything runs on this machine in one go: anvil, the gateway as `cession serve`, the load generator
in a process of its own, and what each figure is held against. Nothing is asserted of a duration.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from app.chain.deployment.deployer import Deployment, artifact_names
from app.chain.deployment.development import development_plan
from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc
from app.opening import projections
from benchmarks.documents import SECONDS, measured
from benchmarks.indexing import events_decoded, events_decoded_by_web3, events_indexed
from benchmarks.intents import fed_raw, fed_raw_in_blocks, read, splits, through_http, transfers
from benchmarks.load import Request, percentile
from benchmarks.pages import has_browser, pages
from benchmarks.portfolio import figured, reported, stores, warned
from benchmarks.world import Gateway, World, gateway, settle
from scripts.compile import load_artifact

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "bench.json"

INTENTS_A_SECOND = 300.0
EVENTS_A_SECOND = 20_000.0
TIMES_WEB3 = 20.0
VERIFICATION_MS = 25.0
LOANS, REPORT_SECONDS, FIGURES_SECONDS = 100_000, 1.0, 10.0
TRANSFERS = "confirmed cash transfers through HTTP"
RAW = "the same anvil fed raw, each waited for"
RAW_BLOCKS = "the same anvil fed raw, whole blocks"
WEB3 = "web3.py process_log, decoding alone"


class Size(msgspec.Struct, frozen=True):
    """How much is sent.

    Attributes:
        lanes: requests under way at once, each another supplier's.
        each: commands of a lane.
        verifications: how many claims are verified, one after the other.
    """

    lanes: int = 64
    each: int = 40
    verifications: int = 400


class Row(msgspec.Struct, rename="camel"):
    """One line of the report. `ratio` is value ÷ peer value."""

    name: str
    value: float
    unit: str
    target: float | None = None
    met: bool | None = None
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None


def row(
    name: str,
    value: float,
    unit: str,
    *,
    at_least: float | None = None,
    below: float | None = None,
    peer: tuple[str, float] | None = None,
) -> Row:
    """A line, with its target and its peer where it has them."""
    made = Row(name, round(value, 2), unit)
    if at_least is not None:
        made.target, made.met = at_least, value >= at_least
    if below is not None:
        made.target, made.met = below, value < below
    if peer is not None:
        made.peer, made.peer_value = peer[0], round(peer[1], 2)
        made.ratio = round(value / peer[1], 3)
    return made


async def commands(
    rows: list[Row], running: Gateway, world: World, contracts: Contracts, *, size: Size
) -> None:
    """Intents through HTTP, raw transactions, and how long a caller waits."""
    url, folder, suppliers = running.access["url"], running.folder, world.suppliers
    await through_http(url, transfers(suppliers, each=2), folder=folder)
    paid = await through_http(url, transfers(suppliers, each=size.each), folder=folder)
    split = await through_http(url, splits(suppliers, each=max(1, size.each // 2)), folder=folder)
    alone = await through_http(url, transfers(suppliers, each=size.each)[:1], folder=folder)
    rpc = JsonRpc(running.access["rpcUrl"], connections=size.lanes)
    try:
        await indexing(rows, running, contracts, rpc=rpc)
        with running.halted():
            raw = await fed_raw(
                rpc,
                contracts,
                chain_id=running.access["chainId"],
                lanes=size.lanes,
                each=size.each,
                folder=folder,
            )
            full = await fed_raw_in_blocks(
                rpc,
                contracts,
                chain_id=running.access["chainId"],
                lanes=size.lanes,
                each=size.each,
            )
    finally:
        await rpc.close()
    lanes = f"{size.lanes} at once"
    rows[:0] = [
        row(
            TRANSFERS,
            *(paid.rate, "1/s"),
            at_least=INTENTS_A_SECOND,
            peer=(RAW, raw.rate),
        ),
        row(f"{TRANSFERS}, beside blocks", paid.rate, "1/s", peer=(RAW_BLOCKS, full.rate)),
        row("confirmed claim splits through HTTP", split.rate, "1/s", at_least=INTENTS_A_SECOND),
        *(
            row(f"request to confirmed, {words}, p{part * 100:g}", value, "ms")
            for words, measured in ((lanes, paid), ("one at a time", alone))
            for part in (0.5, 0.99)
            for value in (percentile(measured.milliseconds, part),)
        ),
    ]


async def indexing(
    rows: list[Row], running: Gateway, contracts: Contracts, *, rpc: JsonRpc
) -> None:
    """All that the gateway made so far, indexed afresh into SQLite; web3.py on the same logs."""
    record, artifacts = ledger(running)
    abis = {
        contracts.address(name): abi
        for name in record.contracts
        for abi in (artifacts[contracts.source(name)]["abi"],)
        if any(item["type"] == "event" for item in abi)
    }
    with running.halted():
        events, seconds = await events_indexed(
            rpc=rpc,
            contracts=contracts,
            projections=projections(8 * 3600),
            start_block=record.first_block,
            folder=running.folder,
        )
        decoded, peer_seconds = await asyncio.to_thread(
            events_decoded_by_web3,
            rpc_url=running.access["rpcUrl"],
            abis=abis,
            start_block=record.first_block,
        )
        own, own_seconds = await events_decoded(
            rpc=rpc, contracts=contracts, start_block=record.first_block
        )
    rate, peer_rate = events / seconds, decoded / peer_seconds
    name = "events indexed into SQLite"
    rows += [
        row(name, rate, "1/s", at_least=EVENTS_A_SECOND, peer=(WEB3, peer_rate)),
        row(f"{name}, times web3.py", rate / peer_rate, "×", at_least=TIMES_WEB3),
        row("events decoded, no store", own / own_seconds, "1/s", peer=(WEB3, peer_rate)),
    ]


async def verification(rows: list[Row], running: Gateway, world: World, *, size: Size) -> None:
    """A bank verifies claims, one after the other."""
    headers = world.callers["bank"].headers
    claims = [supplier.claim_id for supplier in world.suppliers]
    lane = [
        Request("GET", f"/v1/verification/claims/{claims[number % len(claims)]}", headers)
        for number in range(size.verifications)
    ]
    await read(running.access["url"], [lane[: len(claims)]], folder=running.folder)
    measured = await read(running.access["url"], [lane], folder=running.folder)
    for part, below in ((0.5, None), (0.99, VERIFICATION_MS)):
        value = percentile(measured.milliseconds, part)
        rows.append(row(f"verification of a claim, p{part * 100:g}", value, "ms", below=below))


def ledger(running: Gateway) -> tuple[Deployment, dict[str, Any]]:
    """What stands on the gateway's chain, and the artifacts of it."""
    record = Deployment.load(Path(running.access["deploymentRecord"]))
    return record, {name: load_artifact(name) for name in artifact_names(development_plan())}


def show(console: Console, rows: list[Row]) -> None:
    """The table."""
    table = Table(title="Speed on this machine", title_style="bold", header_style="bold")
    table.add_column("what")
    for name in ("value", "target"):
        table.add_column(name, justify="right")
    table.add_column("met")
    table.add_column("beside")
    for name in ("its value", "ratio"):
        table.add_column(name, justify="right")
    for one in rows:
        table.add_row(
            one.name,
            f"{one.value:,.1f} {one.unit}",
            "" if one.target is None else f"{one.target:,.0f} {one.unit}",
            {None: "", True: "[green]yes[/green]", False: "[red]no[/red]"}[one.met],
            one.peer or "",
            "" if one.peer_value is None else f"{one.peer_value:,.1f} {one.unit}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
        )
    console.print(table)


async def measure(running: Gateway, world: World, *, size: Size) -> list[Row]:
    """All rows."""
    record, artifacts = ledger(running)
    contracts = Contracts(record, artifacts)
    rows: list[Row] = []
    await verification(rows, running, world, size=size)
    await commands(rows, running, world, contracts, size=size)
    return rows


def reports(folder: Path) -> list[Row]:
    """The portfolio over very many loans, on both databases."""
    with stores(folder) as addresses:
        rows = []
        for name, address in addresses.items():
            words = f"over {LOANS:,} loans, {name}"
            seconds = reported(address, count=LOANS)
            rows.append(row(f"portfolio report {words}", seconds, "s", below=REPORT_SECONDS))
            seconds = figured(address, count=LOANS)
            rows.append(row(f"portfolio figures {words}", seconds, "s", below=FIGURES_SECONDS))
            seconds = warned(address, count=LOANS)
            rows.append(row(f"warning levels {words}", seconds, "s", below=FIGURES_SECONDS))
        return rows


def of_pages(folder: Path) -> list[Row]:
    """The browser pages over very many claims, on both databases; nothing without a browser."""
    if not has_browser():
        return []
    with stores(folder) as addresses:
        return [
            row(figure.name, figure.value, figure.unit, below=figure.below, peer=figure.peer)
            for store, address in addresses.items()
            for figure in pages(folder / store, store=store, database=address)
        ]


def main() -> None:
    """Measures, writes, shows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--lanes", type=int, default=Size().lanes)
    parser.add_argument("--each", type=int, default=Size().each)
    given = parser.parse_args()
    size = Size(lanes=given.lanes, each=given.each)
    with (
        tempfile.TemporaryDirectory(prefix="cession-bench-") as temporary,
        gateway(folder=Path(temporary)) as running,
        httpx.Client(base_url=running.access["url"], timeout=120, trust_env=False) as http,
    ):
        world = settle(http, keys=running.access["apiKeys"], suppliers=size.lanes)
        rows = asyncio.run(measure(running, world, size=size))
    with tempfile.TemporaryDirectory(prefix="cession-bench-") as temporary:
        rows += reports(Path(temporary))
    with tempfile.TemporaryDirectory(prefix="cession-bench-") as temporary:
        rows += of_pages(Path(temporary))
    rows += [
        row(f"{name}, read and checked", seconds, "s of processor time", below=SECONDS)
        for name, seconds in measured().items()
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
    show(Console(width=150), rows)


if __name__ == "__main__":
    main()
