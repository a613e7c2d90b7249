"""The tables of an index, and a fresh index to compare them with."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from app.chain.index.indexer import Indexer, IndexerSettings
from app.storage import create_storage, run
from tests.support.harness import CashProjection, Ledger

TABLES = {
    "blocks": "number",
    "logs": "position",
    "events": "position",
    "event_subjects": "subject, position",
    "cash_transfers": "position",
    "cash_balances": "currency, account",
}


def contents(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that comes from the chain."""
    return {
        table: ledger.rows(f"SELECT * FROM {table} ORDER BY {order}")
        for table, order in TABLES.items()
    }


async def fresh_index(
    ledger: Ledger, url: str, **settings: Any
) -> dict[str, list[tuple[Any, ...]]]:
    """The tables of an empty store after it has read the same chain from the start."""
    storage = create_storage(url)
    storage.migrate()
    indexer = Indexer(
        storage=storage,
        rpc=ledger.rpc,
        contracts=ledger.contracts,
        projections=[CashProjection()],
        settings=IndexerSettings(**settings),
    )
    await indexer.catch_up()
    tables = {
        table: [
            tuple(row)
            for row in storage.read_now(
                partial(run, statement=f"SELECT * FROM {table} ORDER BY {order}")
            )
        ]
        for table, order in TABLES.items()
    }
    storage.close()
    return tables


async def some_traffic(ledger: Ledger, count: int = 30) -> None:
    users = [await ledger.rich(1000) for _ in range(3)]
    waiting = await asyncio.gather(
        *(
            ledger.enqueue(users[n % 3], "transfer", [users[(n + 1) % 3].address, n])
            for n in range(count)
        )
    )
    for operation in waiting:
        assert (await ledger.operations.wait(operation.id, 20)).state in ("included", "final")
