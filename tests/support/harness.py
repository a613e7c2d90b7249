"""A real chain with the smallest ledger, and the relayer and indexer on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from app.chain.deployment.artifacts import Artifact
from app.chain.evm.contracts import Contracts
from app.chain.evm.events import DecodedEvent
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner
from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.index.projection import Projection
from app.chain.nodes.engines import Engine, EngineOptions, RunningNode, start_node
from app.chain.nodes.identity import stored_final
from app.chain.nodes.nodes import ask
from app.chain.nodes.pool import NodePool, guarded
from app.chain.outbox.keys import Keystore
from app.chain.outbox.operations import Operations
from app.chain.outbox.outbox import Call, Operation, Origin
from app.chain.relay.batch import RelayerSettings
from app.chain.relay.relayer import Relayer
from app.storage import Storage, create_storage, run, run_many
from app.storage.tables.market import cash_balances, cash_transfers
from scripts.compile import load_artifact
from tests.support.cash_ledger import CASH, NAMES, account, deploy

ZERO = "0x" + "0" * 40
QUIET = RelayerSettings(resend_after=0.2)


class Anvil:
    """An engine that can be stopped or killed and started again on the same port and chain."""

    engine: Engine = "anvil"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "chain"
        self._node: RunningNode | None = None
        self.port: int | None = None
        self.start()

    def start(self) -> None:
        self._node = start_node(
            self.engine,
            data_folder=self._folder,
            port=self.port,
            options=EngineOptions(base_fee=1_000_000_000, history=True),
        )
        self.url = self._node.url
        self.port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """Ends it in an orderly way: the chain is kept for the next start."""
        if self._node is not None:
            self._node.stop()
            self._node = None

    def kill(self) -> None:
        """Ends it at once: what it had not yet written to disk is lost."""
        if self._node is not None:
            os.kill(self._node.process_id, signal.SIGKILL)
            self.stop()

    def ask(self, method: str, *params: Any) -> Any:
        """One call without the gateway's client."""
        return ask(self.url, method, *params)


class Ganache(Anvil):
    """The other engine: slower, knows no receipts of a whole block."""

    engine: Engine = "ganache"


class CashProjection(Projection):
    """Balances and transfers of the cash token: enough to test replay and undoing."""

    def __init__(self) -> None:
        self.tables: list[Table] = [cash_transfers, cash_balances]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        transfers = [event for event in events if event.name == "Transfer"]
        run_many(
            connection,
            "INSERT INTO cash_transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    event.position,
                    event.address,
                    event.arguments["from"],
                    event.arguments["to"],
                    event.arguments["value"],
                    event.transaction_hash,
                    event.timestamp,
                    event.block_number,
                )
                for event in transfers
            ],
        )
        changes = []
        for event in transfers:
            value, number = event.arguments["value"], event.block_number
            changes.append((event.address, event.arguments["from"], -value, number))
            changes.append((event.address, event.arguments["to"], value, number))
        run_many(
            connection,
            "INSERT INTO cash_balances VALUES (?, ?, ?, ?) ON CONFLICT (currency, account) "
            "DO UPDATE SET balance = cash_balances.balance + excluded.balance, "
            "changed_block = excluded.changed_block",
            [change for change in changes if change[1] != ZERO],
        )


@dataclass(frozen=True)
class Standing:
    """The contracts of a ledger that is on the chain already, and who issues its money."""

    contracts: Contracts
    issuer: LocalSigner


@dataclass(frozen=True)
class Nodes:
    """Several ways to the chain, and how many of them must agree on the head."""

    urls: Sequence[str]
    agreement: int = 1


class Ledger:
    """Everything a test needs, wired together as the gateway does it."""

    def __init__(
        self,
        *,
        storage: Storage,
        rpc: JsonRpc,
        contracts: Contracts,
        keystore: Keystore,
        issuer: LocalSigner,
        relayer: Relayer,
        indexer: Indexer,
        operations: Operations,
    ) -> None:
        self.storage = storage
        self.rpc = rpc
        self.contracts = contracts
        self.keystore = keystore
        self.issuer = issuer
        self.relayer = relayer
        self.indexer = indexer
        self.operations = operations

    @property
    def standing(self) -> Standing:
        """What another ledger on the same chain needs."""
        return Standing(self.contracts, self.issuer)

    def user(self) -> LocalSigner:
        """A new party in custody."""
        signer = LocalSigner.generate()
        self.keystore.keep(signer)
        return signer

    async def enqueue(
        self,
        signer: LocalSigner,
        function: str,
        arguments: Sequence[Any],
        *,
        after: Sequence[str] = (),
        origin: Origin | None = None,
    ) -> Operation:
        return await self.storage.write(
            lambda connection: self.operations.enqueue(
                connection,
                Call(
                    kind=function,
                    party_id=None,
                    signer=signer.address,
                    contract=CASH,
                    function=function,
                    arguments=arguments,
                ),
                after=after,
                origin=origin or Origin(),
            )
        )

    async def do(
        self, signer: LocalSigner, function: str, *arguments: Any, timeout: float = 20
    ) -> Operation:
        """Enqueues and waits for the end."""
        operation = await self.enqueue(signer, function, arguments)
        return await self.operations.wait(operation.id, timeout)

    async def rich(self, amount: int = 1_000_000) -> LocalSigner:
        """A new party with money."""
        signer = self.user()
        done = await self.do(self.issuer, "mint", signer.address, amount)
        assert done.error is None, done.error
        return signer

    async def balance(self, address: str) -> int:
        """The balance on the chain."""
        data = "0x" + self.contracts.encode(CASH, "balanceOf", [address]).hex()
        call = {"to": self.contracts.address(CASH), "data": data}
        return int(await self.rpc.call("eth_call", call, "latest"), 16)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.storage.read_now(lambda c: run(c, query).all())]


def artifacts() -> dict[str, Artifact]:
    return {name: load_artifact(name) for name in NAMES}


@contextlib.asynccontextmanager
async def ledger_on(
    node: Anvil,
    storage_url: str,
    *,
    start: bool = True,
    relaying: RelayerSettings = QUIET,
    indexing: IndexerSettings | None = None,
    standing: Standing | None = None,
    relay_accounts: int = 2,
    nodes: Nodes | None = None,
) -> AsyncIterator[Ledger]:
    """A deployed ledger with relayer and indexer running (unless `start` is False).

    Args:
        standing: what an earlier ledger has deployed.
        nodes: in place of the one node; these prove their chain as in the gateway.
    """
    through = nodes or Nodes([node.url])
    pool = NodePool([JsonRpc(url, timeout=10) for url in through.urls], agreement=through.agreement)
    rpc: JsonRpc = pool
    if standing is None:
        issuer = LocalSigner.generate()
        contracts = await deploy(rpc, artifacts(), issuer=issuer.address)
    else:
        contracts, issuer = standing.contracts, standing.issuer
    storage = create_storage(storage_url)
    storage.migrate()
    keystore = Keystore(storage, "password", iterations=2)
    keystore.keep(issuer)
    chain_id = await rpc.chain_id()
    guard = None
    if nodes is not None:
        guard = await guarded(pool, storage=storage, chain_id=chain_id, block=None)
        guard.final = await storage.read(stored_final)
    indexer = Indexer(
        storage=storage,
        rpc=rpc,
        contracts=contracts,
        projections=[CashProjection()],
        settings=indexing,
        guard=guard,
    )
    relayer = Relayer(
        storage=storage,
        rpc=rpc,
        contracts=contracts,
        chain_id=chain_id,
        accounts=[account(place) for place in range(1, 1 + relay_accounts)],
        keystore=keystore,
        indexer=indexer,
        settings=relaying,
    )
    operations = Operations(storage=storage, rpc=rpc, contracts=contracts, chain_id=chain_id)
    ledger = Ledger(
        storage=storage,
        rpc=rpc,
        contracts=contracts,
        keystore=keystore,
        issuer=issuer,
        relayer=relayer,
        indexer=indexer,
        operations=operations,
    )
    tasks = []
    if start:
        tasks = [asyncio.create_task(relayer.run()), asyncio.create_task(indexer.run())]
    try:
        yield ledger
        for task in tasks:
            assert not task.done(), "a task ended by itself"
    finally:
        await relayer.stop()
        await indexer.stop()
        await asyncio.gather(*tasks)
        operations.close()
        await rpc.close()
        storage.close()
