"""Checks after a run, from the chain itself and not from what the gateway says."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Table
from starlette.responses import Response

from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.outbox.outbox import IntentRefused, RanBeforeRestore
from app.gateway.gateway import Gateway
from app.opening import projections
from tests.simulation.clients import Clients, Order, amount_of, carried_out, number_of
from tests.simulation.disk import SimulatedStorage, select
from tests.simulation.nodes import SimulatedRpc
from tests.simulation.process import Process
from tests.simulation.world import contracts

if TYPE_CHECKING:
    from tests.simulation.world import World

_RAW = ("blocks", "logs", "events", "event_subjects")


def at_once(world: World) -> list[str]:
    """What can be checked as soon as the faults are over and the index has caught up.

    If one of these checks fails, the run ends here: the rest would wait in vain.
    """
    problems = []
    (at,) = select(world.disk.path, "SELECT block_number FROM checkpoints")
    logs = int(select(world.disk.path, "SELECT count(*) AS n FROM logs")[0]["n"])
    below = [item for item in world.chain.main() if 1 <= item.number <= at["block_number"]]
    real = sum(len(receipt["logs"]) for item in below for receipt in item.receipts)
    if logs != real:
        problems.append(f"tables: {logs} logs up to block {at['block_number']}, not {real}")
    again = "SELECT signer FROM operations GROUP BY signer, nonce HAVING count(*) > 1"
    if twice := select(world.disk.path, again):
        problems.append(f"nonces: {len(twice)} were given to several operations")
    held = "SELECT count(*) AS n FROM unknown_executions WHERE reconciled_at IS NULL AND ours = 1"
    unknown = int(select(world.disk.path, held)[0]["n"])
    if unknown:
        problems.append(f"held: {unknown} executions are not known to the store")
    return problems


def executions(world: World) -> dict[int, list[bool]]:
    """For each command: one entry for each of its executions on the chain, true if it succeeded."""
    outcomes: dict[int, list[bool]] = {}
    for block in world.chain.main():
        for _, execution in block.executions:
            number = number_of(amount_of(execution.data))
            outcomes.setdefault(number, []).append(execution.succeeded)
    return outcomes


class Checker:
    """Collects failed checks."""

    def __init__(self, world: World, clients: Clients) -> None:
        self.world, self.clients = world, clients
        self.restored = bool(world.operator.laid_back)
        self.problems: list[str] = []
        self.tally: Counter[str] = Counter()

    def say(self, kind: str, text: str) -> None:
        """Records a failed check."""
        self.problems.append(f"{kind}: {text}")

    # -- each command

    def commands(self, rows: list[dict[str, Any]]) -> None:
        """Every accepted operation ran exactly once, or was refused for a reason that holds."""
        ran = executions(self.world)
        stored: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            amount = int(msgspec.json.decode(row["arguments_json"])[-1])
            stored.setdefault(number_of(amount), []).append(row)
        for order in self.clients.orders:
            self._command(order, stored.get(order.number, []), ran.get(order.number, []))

    def _command(self, order: Order, rows: list[dict[str, Any]], ran: list[bool]) -> None:
        times = sum(ran)
        self.tally["commands"] += 1
        self.tally["executed"] += times
        if len(ran) > 1:
            self.say("doubled", f"{order.key} ran {times} times, was carried {len(ran)} times")
        if not order.wallet and len(rows) > 1:
            self.say("doubled", f"{order.key} has {len(rows)} operations")
        if order.ran_before and not times:
            self.say("lost", f"{order.key} is said to have run before the restore, and did not")
        if self.restored and order.answer is not None and not ran and not rows:
            self.say("lost", f"{order.key} was answered, asked for again, and never ran")
        if order.ran_before:
            self.tally["ran before a restore"] += 1
        elif order.answer is None:
            self.tally["not answered"] += 1
        elif not rows and not self.restored:
            self.say("lost", f"{order.key} was answered, and its operation is not in the store")
        for row in rows:
            self._operation(order, row, times)

    def _operation(self, order: Order, row: dict[str, Any], times: int) -> None:
        state = row["state"]
        what = f"{order.key} {order.kind} {state}"
        if state == "rejected":
            self.tally["rejected"] += 1
            error = msgspec.json.decode(row["error_json"])["name"]
            if times:
                self.say("false refusal", f"{what} for {error}, and it ran")
            elif not self._holds(order, row, error):
                self.say("false refusal", f"{what} for {error}")
        elif state == "final":
            if not times:
                self.say("false success", f"{what}, and it did not run")
            if order.overdraft:
                self.say("false success", f"{what}, and the money is not there")
        elif state == "prepared":
            if order.signed and not self.restored:
                self.say("stuck", f"{what}, and the wallet signed it")
            self.tally["never signed"] += 1
        else:
            self.say("stuck", what)

    def _holds(self, order: Order, row: dict[str, Any], error: str) -> bool:
        """Whether the refusal has a valid reason."""
        if order.overdraft:
            return error == "ERC20InsufficientBalance"
        if order.wallet and error in ("IntentExpired", "Expired"):
            return self.world.chain.head.timestamp > order.deadline
        return False

    # -- tables

    def tables(self, store: Path, fresh: Path) -> None:
        """Read tables equal a fresh index, and the balances equal the chain's."""
        names = [*_RAW]
        for projection in projections(0):
            names += [table.name for table in projection.tables if isinstance(table, Table)]
        all_ours, all_theirs = _rows(store, names), _rows(fresh, names)
        for name in names:
            ours, theirs = all_ours[name], all_theirs[name]
            if ours != theirs:
                missing, extra = len(theirs - ours), len(ours - theirs)
                self.say("tables", f"{name}: {missing} rows missing, {extra} rows too many")
        balances = {
            row["account"]: row["balance"]
            for row in select(store, "SELECT account, balance FROM cash_balances")
            if row["balance"]
        }
        real = {
            account: balance
            for account, balance in self.world.chain.head.state.balances.items()
            if balance
        }
        if balances != real:
            self.say("tables", f"balances {balances}, and the chain has {real}")

    # -- answers

    async def repeated(self, process: Process) -> None:
        """Sends each key again: the answer must be the first one.

        One exception: after a restore, the gateway does not know the answers that it gave after
        the backup. It may accept such a command again, or refuse it because it ran. The checks of
        commands show that each of them still ran only once.
        """
        for order in self.clients.orders:
            if order.answer is None or order.operation_id is None:
                continue
            first = msgspec.json.decode(msgspec.json.encode(order.answer))

            async def work(gateway: Gateway, order: Order = order) -> Response:
                return await carried_out(gateway, order)

            try:
                response = await process.serve(work, patience=60.0)
            except Exception as error:
                if isinstance(error, RanBeforeRestore) and self.clients.may_be_lost(order):
                    order.ran_before = True
                elif not (isinstance(error, IntentRefused) and order.overdraft and self.restored):
                    self.say("answers", f"{order.key}: {type(error).__name__} {error}")
                continue
            body = msgspec.json.decode(response.body)
            if body["operation"]["id"] == order.operation_id:
                if not order.wait and body != first:
                    self.say("answers", f"{order.key}: another answer")
            elif self.clients.may_be_lost(order):
                order.operation_id, order.answer = body["operation"]["id"], body
            else:
                self.say("answers", f"{order.key}: another operation {body['operation']['id']}")
                continue
            if self.restored and order.wallet:
                await self.clients.sign_again(order)


def _rows(path: Path, tables: list[str]) -> dict[str, Counter[Any]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return {name: Counter(connection.execute(f'SELECT * FROM "{name}"')) for name in tables}
    finally:
        connection.close()


async def fresh_index(world: World, path: Path) -> None:
    """A new index of the whole chain, in a store of its own."""
    process = Process(world, "auditor")
    process.dead = False

    async def work() -> None:
        storage = SimulatedStorage(f"sqlite:///{path}", process=process, world=world)
        rpc = SimulatedRpc(world.urls[0])
        rpc.world, rpc.process = world, process
        indexer = Indexer(
            storage=storage,
            rpc=rpc,
            contracts=contracts(),
            projections=projections(0),
            settings=IndexerSettings(start_block=1),
        )
        await indexer.catch_up()
        storage.close()

    await process.spawn(work())
    process.dead = True
