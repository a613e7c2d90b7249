"""The collateral of a loan on goods over its debt, block by block where one of the two changed.

What the collateral counts for is asked of the chain as of each block, so it is what the ledger
itself would have compared then. A node that has dropped the state of old blocks leaves it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import time_view
from app.lending.access import readable_loan
from app.lending.collateral import repository
from app.lending.collateral.repository import GoodsLoan
from app.lending.collateral.schemas import CoverageHistory, CoveragePoint
from app.lending.collateral.values import CollateralValue, answers_to
from app.lending.collateral.views import level_of
from app.lending.hedges.views import HedgeAnswer
from app.lending.rows import LoanRow
from app.storage import record_of, run
from app.storage.checkpoint import Checkpoint
from app.storage.tables.base import POSITION_SHIFT, position_of

_AT_ONCE = 10  # blocks whose state the node is asked for at once


class _LoanAnswer(msgspec.Struct):
    """What is used of the answer of `Facilities.loan`: the parts of what would end it."""

    payoff: dict[str, int]


class _Block(msgspec.Struct, frozen=True):
    """A block after which debt or collateral was another."""

    number: int
    hash: str
    timestamp: int


# Positions at which debt or collateral changed: the loan's entries, items that came or left, and
# prices that came into force of the goods under it.
_CHANGES = (
    "SELECT position AS position FROM loan_entries WHERE loan_id = ? "
    "UNION SELECT added_position FROM collateral_items WHERE loan_id = ? "
    "UNION SELECT removed_position FROM collateral_items WHERE loan_id = ? "
    "AND removed_position IS NOT NULL "
    "UNION SELECT p.position FROM prices p WHERE p.in_force = 1 AND p.currency = ? "
    "AND p.position >= ? AND p.item IN (SELECT l.item FROM collateral_items i "
    "JOIN warehouse_receipts w ON w.warehouse_receipt_id = i.item_id "
    "JOIN lots l ON l.lot_id = w.lot_id WHERE i.loan_id = ? AND i.kind = 'warehouse-receipt')"
)


def _blocks(
    connection: Connection, loan: LoanRow, *, code: str, before: int | None, limit: int
) -> list[_Block]:
    """These blocks, newest first; `code` is the loan's currency."""
    older, values = ("", ()) if before is None else (" AND b.number < ?", (before,))
    rows = run(
        connection,
        f"SELECT DISTINCT b.number, b.hash, b.timestamp FROM ({_CHANGES}) AS changed "
        f"JOIN blocks b ON b.number = changed.position >> {POSITION_SHIFT} WHERE 1 = 1{older} "
        "ORDER BY b.number DESC LIMIT ?",
        (
            *(loan.loan_id,) * 3,
            *(code, position_of(loan.created_block, 0), loan.loan_id),
            *values,
            limit,
        ),
    )
    return [record_of(_Block, block) for block in rows]


def _outstanding(connection: Connection, loan_id: int, blocks: Sequence[_Block]) -> list[int]:
    query = (
        "SELECT outstanding FROM loan_entries WHERE loan_id = ? AND position < ? "
        "ORDER BY position DESC LIMIT 1"
    )
    return [
        int(run(connection, query, (loan_id, position_of(block.number + 1, 0))).scalar() or 0)
        for block in blocks
    ]


async def history(
    gateway: Gateway, caller: Caller, loan_id: int, *, before: int | None, limit: int
) -> CoverageHistory:
    """Collateral over debt of a loan that the caller may read, newest first.

    Raises:
        NotFound.
    """
    await readable_loan(gateway, caller, loan_id)

    def find(
        connection: Connection,
    ) -> tuple[GoodsLoan | None, list[_Block], list[int], AsOf]:
        rows = repository.goods_loans(connection, loan_id=loan_id, only="any", limit=1)
        _, as_of = moment(connection)
        if not rows:
            return None, [], [], as_of
        loan = rows[0].loan
        code = gateway.currency_at(loan.currency)
        blocks = _blocks(connection, loan, code=code, before=before, limit=limit)
        return rows[0], blocks, _outstanding(connection, loan_id, blocks), as_of

    row, blocks, owed, as_of = await gateway.storage.read(find)
    if row is None:
        return {
            "loanId": loan_id,
            "callLevel": None,
            "liquidationLevel": None,
            "items": [],
            "nextCursor": None,
            "asOf": as_of,
        }
    values: list[tuple[CollateralValue, int | None]] = []
    for start in range(0, len(blocks), _AT_ONCE):
        part = blocks[start : start + _AT_ONCE]
        values += await asyncio.gather(*(_value(gateway, loan_id, block) for block in part))
    return {
        "loanId": loan_id,
        "callLevel": row.goods["callLevel"],
        "liquidationLevel": row.goods["liquidationLevel"],
        "items": [
            _point(gateway, row, block, value, principal=principal, debt=debt)
            for block, (value, debt), principal in zip(blocks, values, owed, strict=True)
        ],
        "nextCursor": blocks[-1].number if len(blocks) == limit else None,
        "asOf": as_of,
    }


async def _value(
    gateway: Gateway, loan_id: int, block: _Block
) -> tuple[CollateralValue, int | None]:
    """What the collateral counts for as of a block, and what would have ended the loan then.

    Without figures if the node does not say.
    """
    at = Checkpoint(block.number, block.hash, block.timestamp)
    (value,) = await answers_to(
        gateway, at, [(("Facilities", "collateralOf", [loan_id]), CollateralValue)]
    )
    (loan,) = await answers_to(gateway, at, [(("Facilities", "loan", [loan_id]), _LoanAnswer)])
    debt = None if loan is None else sum(loan.payoff.values())
    if value is None:
        return CollateralValue(), debt
    (value.hedges,) = await answers_to(
        gateway, at, [(("Facilities", "hedgesOf", [loan_id]), list[HedgeAnswer])]
    )
    return value, debt


def _point(
    gateway: Gateway,
    row: GoodsLoan,
    block: _Block,
    value: CollateralValue,
    *,
    principal: int,
    debt: int | None,
) -> CoveragePoint:
    currency = gateway.currency_at(row.loan.currency)
    counted, market = value.for_margin, value.market
    return {
        "blockNumber": block.number,
        "at": time_view(block.timestamp),
        "outstanding": money_view(principal, currency=currency),
        "debt": None if debt is None else money_view(debt, currency=currency),
        "counted": None if counted is None else money_view(counted, currency=currency),
        "market": None if market is None else money_view(market, currency=currency),
        "priced": value.priced,
        "level": None if debt is None else level_of(value, debt),
    }
