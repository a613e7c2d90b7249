"""A store with loans and blocks, and the follower of their warning levels, without a chain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.watch.model import Level
from app.gateway.gateway import Gateway
from app.oversight.watch import alert_rows
from app.oversight.watch.alert_rows import AlertRow, Filter
from app.oversight.watch.following import Follower
from app.storage import Storage, run
from app.storage.tables.chain import blocks, checkpoints
from app.storage.tables.lending import loans
from app.storage.tables.parties import accounts
from tests.support.book import on
from tests.support.rows import put, row

BANK, FUND, VEGA, LYRA = (f"0x{number:040x}" for number in range(1, 5))
TOKEN = "0x" + "c" * 40
DAY, MINUTE = 86_400, 60
TODAY = on("2026-10-15")
NOON = start_of(TODAY, zone_offset=ZONE_OFFSET_SECONDS) + 43_200
MINUTES = 15
NOT_LATE = -30  # days: it falls due later


class Pool:
    """Runs the work at once; `before` may let somebody else go first."""

    def __init__(self) -> None:
        self.before: Callable[[], Awaitable[Any]] | None = None

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        if self.before is not None:
            go_first, self.before = self.before, None
            await go_first()
        return function(*values)


@dataclass
class Parts:
    """What the watch needs of a gateway."""

    storage: Storage
    reached_head: bool = True
    zone_offset: int = ZONE_OFFSET_SECONDS
    documents: Pool = field(default_factory=Pool)
    settings: Any = field(default_factory=lambda: SimpleNamespace(watch_minutes=MINUTES))

    @property
    def indexer(self) -> Any:
        return SimpleNamespace(reached_head=self.reached_head)

    @property
    def contracts(self) -> Any:
        return SimpleNamespace(address=lambda _: TOKEN)

    def currencies(self) -> list[str]:
        return ["CNY"]


def follower(storage: Storage, **values: Any) -> tuple[Follower, Parts]:
    parts = Parts(storage, **values)
    return Follower(cast(Gateway, parts)), parts


def step(follower: Follower) -> None:
    asyncio.run(follower.step())


def block(storage: Storage, number: int, timestamp: int, *, fork: str = "a") -> str:
    """The newest block from now on; those above it are no longer part of the chain."""
    block_hash = f"0x{fork}{number}"

    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM blocks WHERE number >= ?", (number,))
        run(connection, "DELETE FROM checkpoints")

    storage.write_now(write)
    put(
        storage,
        (blocks, [row(blocks, number=number, hash=block_hash, timestamp=timestamp)]),
        (
            checkpoints,
            [
                row(
                    checkpoints,
                    name="index",
                    block_number=number,
                    block_hash=block_hash,
                    timestamp=timestamp,
                )
            ],
        ),
    )
    return block_hash


def loan(number: int, *, late: int = NOT_LATE, lender: str = BANK, borrower: str = VEGA) -> Any:
    return row(
        loans,
        loan_id=number,
        facility_id=4,
        product_id=2,
        lender=lender,
        borrower=borrower,
        currency=TOKEN,
        status="Running",
        collateral="none",
        stops_json="[]",
        outstanding=1_000,
        oldest_unpaid_day=TODAY - late,
    )


def owed_since(storage: Storage, number: int, days: int) -> None:
    """A loan's oldest unpaid instalment was due so many days before 2026-10-15."""
    storage.write_now(
        lambda connection: run(
            connection,
            "UPDATE loans SET oldest_unpaid_day = ? WHERE loan_id = ?",
            (TODAY - days, number),
        )
    )


def alerts(storage: Storage, **which: Any) -> list[AlertRow]:
    return storage.read_now(
        partial(alert_rows.listed, which=Filter(**which), after=None, limit=200)
    )


def said(rows: list[AlertRow]) -> list[tuple[str, int, str, str]]:
    """Subject, number, and the levels before and after, of each alert."""
    return [
        (
            item.subject,
            item.subject_key,
            Level(item.level_before).name,
            Level(item.level_after).name,
        )
        for item in rows
    ]


def fill_book(storage: Storage) -> None:
    """Two loans of the bank, one of the fund; none is late. The newest block is at noon."""
    put(
        storage,
        (
            accounts,
            [(account, n, 0, 1, 1) for n, account in enumerate((BANK, FUND, VEGA, LYRA), 101)],
        ),
        (loans, [loan(1), loan(2, borrower=LYRA), loan(3, lender=FUND)]),
    )
    block(storage, 10, NOON)


# The alerts when the first loan is forty days late.
RISE = [
    ("borrower", 103, "CLEAR", "ALARM"),
    ("product", 2, "CLEAR", "ALARM"),
    ("portfolio", 0, "CLEAR", "ALARM"),
]
