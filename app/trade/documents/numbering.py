"""Stores the beginnings of the numbers of documents that an older gateway took."""

from __future__ import annotations

from functools import partial

import structlog
from sqlalchemy import Connection

from app.gateway import own_tasks
from app.gateway.gateway import Gateway
from app.trade.documents import numbers, repository, service
from app.trade.documents.repository import DocumentRow

log = structlog.get_logger(__name__)
EVERY_SECONDS = 60.0
_AT_ONCE = 100


async def number_documents(gateway: Gateway) -> None:
    """Runs until it is cancelled."""
    items = own_tasks.Items(log, "numbers")

    async def step() -> None:
        after: str | None = ""
        while after is not None:
            rows = await gateway.storage.read(
                partial(repository.unnumbered, after=after, limit=_AT_ONCE)
            )
            for row in rows:
                if row.id not in items.paused():
                    with items.attempt(row.id):
                        await _number(gateway, row)
            after = rows[-1].id if len(rows) == _AT_ONCE else None

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="numbers")


async def _number(gateway: Gateway, row: DocumentRow) -> None:
    number = (await service.reading(gateway, row))["number"]

    def write(connection: Connection) -> None:
        numbers.add(
            connection,
            gateway.ledger_key,
            number=number,
            root=row.root,
            owner=row.owner,
            document_id=row.id,
        )
        repository.set_numbered(connection, row.id)

    await gateway.storage.write(write)
