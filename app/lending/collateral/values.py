"""Loans on goods as of one block, and what the chain says of their collateral as of that block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from app.chain.evm.rpc import ChainError
from app.errors import CessionError
from app.gateway.chain_queries import Question, ask
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import AsOf, business_day, moment
from app.lending.collateral import repository
from app.lending.collateral.repository import GoodsLoan
from app.lending.hedges import repository as hedges
from app.lending.hedges.views import HedgeAnswer
from app.storage.checkpoint import Checkpoint, read_checkpoint

AT_ONCE = 100  # questions in one request, because nodes limit a batch
Items = list[tuple[str, int]]
Answer = TypeVar("Answer")


class CollateralValue(msgspec.Struct, rename="camel"):
    """Value of a loan's collateral, in minor units; None where the chain did not answer.

    Attributes:
        price: of what a bid would buy now.
        floor_price: of all goods, at the auction's floor.
        factor: the auction's price now, in parts per million of the goods' value.
        starts, ends: of the auction's round (UTC seconds).
        waiting: what debtors of claims have paid and nobody has collected.
        hedges: what each hedge of the loan counts for; None where the chain did not answer.
    """

    lendable: int | None = None
    market: int | None = None
    priced: bool | None = None
    price: int | None = None
    floor_price: int | None = None
    factor: int | None = None
    starts: int | None = msgspec.field(default=None, name="auctionStart")
    ends: int | None = msgspec.field(default=None, name="auctionEnd")
    waiting: int | None = None
    hedges: list[HedgeAnswer] | None = None

    @property
    def hedged(self) -> int | None:
        """What hedges add to the collateral in a margin call, in minor units."""
        if self.hedges is None:
            return None
        return sum(hedge.lendable for hedge in self.hedges)

    @property
    def for_margin(self) -> int | None:
        """What the collateral counts for in a margin call, in minor units."""
        return None if self.lendable is None else self.lendable + (self.hedged or 0)

    def secured(self, debt: int) -> int:
        """What of a debt the collateral must secure: money that waits pays the rest of it."""
        return max(0, debt - (self.waiting or 0))


class Snapshot(msgspec.Struct):
    """Loans read as of one block.

    Attributes:
        day: the ledger's day of that block.
    """

    rows: list[GoodsLoan]
    items: dict[int, Items]
    hedged: set[int]
    at: Checkpoint | None
    now: int
    day: int
    as_of: AsOf


async def read_snapshot(gateway: Gateway, **filters: Any) -> Snapshot:
    """Loans on goods, as `repository.goods_loans` finds them."""

    def find(connection: Connection) -> Snapshot:
        now, as_of = moment(connection)
        day = business_day(gateway, now)
        rows = repository.goods_loans(connection, **filters)
        numbers = [row.loan.loan_id for row in rows]
        return Snapshot(
            rows=rows,
            items=repository.items(connection, numbers),
            hedged=hedges.hedged(connection, numbers, day=day),
            at=read_checkpoint(connection),
            now=now,
            day=day,
            as_of=as_of,
        )

    return await gateway.storage.read(find)


async def collateral_values(gateway: Gateway, snapshot: Snapshot) -> dict[int, CollateralValue]:
    """Value of each loan's collateral, by loan, as of the snapshot's block."""
    numbers = [row.loan.loan_id for row in snapshot.rows]
    values = await answers_to(
        gateway,
        snapshot.at,
        [(("Facilities", "collateralOf", [number]), CollateralValue) for number in numbers],
    )
    values_of_loan = {
        number: CollateralValue() if value is None else value
        for number, value in zip(numbers, values, strict=True)
    }
    hedged = [number for number in numbers if number in snapshot.hedged]
    answers = await answers_to(
        gateway,
        snapshot.at,
        [(("Facilities", "hedgesOf", [number]), list[HedgeAnswer]) for number in hedged],
    )
    for number in numbers:
        values_of_loan[number].hedges = []
    for number, answer in zip(hedged, answers, strict=True):
        values_of_loan[number].hedges = answer
    return values_of_loan


async def answers_to(
    gateway: Gateway, at: Checkpoint | None, questions: Sequence[tuple[Question, type[Answer]]]
) -> list[Answer | None]:
    """The answers as of the block, as structs; all None if the chain or a question fails."""
    if at is None:
        return [None] * len(questions)
    answers: list[Answer | None] = []
    try:
        for start in range(0, len(questions), AT_ONCE):
            part = questions[start : start + AT_ONCE]
            values = await ask(gateway, at, [question for question, _ in part])
            answers += [
                None if value is None else msgspec.convert(value, kind)
                for value, (_, kind) in zip(values, part, strict=True)
            ]
    except (CessionError, ChainError):
        return [None] * len(questions)
    return answers


class ReceiptAnswer(msgspec.Struct, rename="camel"):
    """What is used of the answer of `WarehouseReceipts.warehouseReceipt`; lot 0: there is none."""

    owner: str
    lot_id: int
    quantity: int


class LotAnswer(msgspec.Struct, rename="camel"):
    """What is shown of the answer of `WarehouseReceipts.lot`."""

    warehouse: str
    item: str
    unit: str
    stored_day: int
    expiry_day: int
    condition: int


class ClaimAnswer(msgspec.Struct, rename="camel"):
    """What is used of the answer of `Receivables.claim`."""

    owner: str
    receivable_id: int
    value: int


class OrderAnswer(msgspec.Struct):
    """The amounts in the answer of `PurchaseOrders.order`."""

    amount: int
    invoiced: int
    delivered: int

    @property
    def left(self) -> int:
        """What is neither invoiced nor delivered yet."""
        return self.amount - self.invoiced - self.delivered
