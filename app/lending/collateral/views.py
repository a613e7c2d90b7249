"""Loans on goods as callers see them: the ledger sets the value of their collateral.

Items, calls and auctions come from the read tables. The value of collateral and the goods of each
warehouse receipt come from the chain, as of the block that the answer names. If the chain does not
answer for that block, these are null and the rest of the answer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.rpc import ChainError
from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.errors import CessionError
from app.gateway.callers import Caller
from app.gateway.chain_queries import Question, ask
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import AsOf, business_day, moment
from app.gateway.views import Names, party_view, time_view
from app.lending.collateral import repository
from app.lending.collateral.repository import GoodsLoan
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.storage.checkpoint import Checkpoint, read_checkpoint

MILLION = 1_000_000
NEAR = 50_000  # parts per million above the call level
MAX_VALUED = 1_000  # loans of one portfolio, which bounds the questions to the chain
AT_ONCE = 100  # questions in one request, because nodes limit a batch
RECEIPTS = "WarehouseReceipts"
CONDITIONS = ("Sound", "Reduced", "Unfit")
Items = list[tuple[str, int]]


class CollateralValue(msgspec.Struct):
    """Value of a loan's collateral, in minor units; None where the chain did not answer.

    Attributes:
        price: of what a bid would buy now.
        floor_price: of all goods, at the auction's floor.
        factor: the auction's price now, in parts per million of the goods' value.
        starts, ends: of the auction's round (UTC seconds).
    """

    lendable: int | None = None
    market: int | None = None
    priced: bool | None = None
    price: int | None = None
    floor_price: int | None = None
    factor: int | None = None
    starts: int | None = None
    ends: int | None = None


class Snapshot(msgspec.Struct):
    """Loans read as of one block.

    Attributes:
        day: the ledger's day of that block.
    """

    rows: list[GoodsLoan]
    items: dict[int, Items]
    at: Checkpoint | None
    now: int
    day: int
    as_of: AsOf


async def read_snapshot(gateway: Gateway, **filters: Any) -> Snapshot:
    """Loans on goods, as `repository.goods_loans` finds them."""

    def find(connection: Connection) -> Snapshot:
        now, as_of = moment(connection)
        rows = repository.goods_loans(connection, **filters)
        return Snapshot(
            rows=rows,
            items=repository.items(connection, [row.loan.loan_id for row in rows]),
            at=read_checkpoint(connection),
            now=now,
            day=business_day(gateway, now),
            as_of=as_of,
        )

    return await gateway.storage.read(find)


async def collateral_values(gateway: Gateway, snapshot: Snapshot) -> dict[int, CollateralValue]:
    """Value of each loan's collateral, by loan, as of the snapshot's block."""
    numbers = [row.loan.loan_id for row in snapshot.rows]
    answers = await _answers_to(
        gateway, snapshot.at, [("Facilities", "collateralOf", [number]) for number in numbers]
    )
    return {
        number: CollateralValue()
        if answer is None
        else CollateralValue(
            *(int(answer["lendable"]), int(answer["market"]), bool(answer["priced"])),
            *(int(answer["price"]), int(answer["floorPrice"]), int(answer["factor"])),
            *(int(answer["auctionStart"]), int(answer["auctionEnd"])),
        )
        for number, answer in zip(numbers, answers, strict=True)
    }


async def _answers_to(
    gateway: Gateway, at: Checkpoint | None, questions: Sequence[Question]
) -> list[Any]:
    """The answers as of the block; all None if the chain or a question fails."""
    if at is None:
        return [None] * len(questions)
    answers: list[Any] = []
    try:
        for start in range(0, len(questions), AT_ONCE):
            answers += await ask(gateway, at, questions[start : start + AT_ONCE])
    except (CessionError, ChainError):
        return [None] * len(questions)
    return answers


# ------------------------------------------------------------------ items


async def item_views(
    gateway: Gateway, at: Checkpoint | None, items: Items, *, currency: str
) -> list[dict[str, Any]]:
    """Each item with its goods, its claim, or what is left of its order."""
    functions = {
        "warehouse-receipt": (RECEIPTS, "warehouseReceipt"),
        "claim": ("Receivables", "claim"),
    }
    functions["order"] = ("PurchaseOrders", "order")
    questions: list[Question] = [(*functions[kind], [number]) for kind, number in items]
    answers = await _answers_to(gateway, at, questions)
    lots = [
        int(answer[1])
        for (kind, _), answer in zip(items, answers, strict=True)
        if kind == "warehouse-receipt" and answer is not None and answer[1]
    ]
    lot_answers = await _answers_to(gateway, at, [(RECEIPTS, "lot", [lot]) for lot in lots])
    lots_by_id = dict(zip(lots, lot_answers, strict=True))
    warehouses = {lot["warehouse"] for lot in lot_answers if lot is not None}
    item_codes = {lot["item"] for lot in lot_answers if lot is not None}
    names, goods_names = await gateway.storage.read(
        lambda connection: (
            parties.names(connection, warehouses),
            repository.goods_named(connection, item_codes),
        )
    )
    views = []
    for (kind, number), answer in zip(items, answers, strict=True):
        view: dict[str, Any] = {"kind": kind, "id": number}
        if answer is not None and kind == "warehouse-receipt":
            view |= _goods(int(answer[1]), int(answer[2]), lots_by_id.get(int(answer[1])), names)
            view["goods"] = goods_names.get(view.get("item", ""))
        elif answer is not None and kind == "claim":
            view |= {
                "receivableId": int(answer[1]),
                "amount": money_view(answer[2], currency=currency),
            }
        elif answer is not None:
            left = answer["amount"] - answer["invoiced"] - answer["delivered"]
            view |= {"amount": money_view(left, currency=currency)}
        views.append(view)
    return views


def _goods(lot_id: int, quantity: int, lot: dict[str, Any] | None, names: Names) -> dict[str, Any]:
    view: dict[str, Any] = {"lotId": lot_id or None, "quantity": quantity_text(quantity)}
    if lot is None:
        return view
    return view | {
        "item": lot["item"],
        "unit": bytes.fromhex(lot["unit"][2:]).rstrip(b"\0").decode(errors="replace"),
        "warehouse": party_view(lot["warehouse"], names),
        "storedDate": date_of(lot["storedDay"]).isoformat(),
        "expiryDate": date_of(lot["expiryDay"]).isoformat(),
        "condition": state_name(CONDITIONS[lot["condition"]]),
    }


# ------------------------------------------------------------------ one loan


async def collateral_view(gateway: Gateway, loan_id: int) -> dict[str, Any] | None:
    """The collateral of a loan on goods; None for any other loan."""
    snapshot = await read_snapshot(gateway, loan_id=loan_id, only="any")
    if not snapshot.rows:
        return None
    row = snapshot.rows[0]
    currency = gateway.currency_at(row.loan.currency)
    value = (await collateral_values(gateway, snapshot))[loan_id]

    def find(connection: Connection) -> tuple[list[dict[str, Any]], Names]:
        sales = repository.sales(connection, loan_id)
        return sales, parties.names(connection, {sale["buyer"] for sale in sales})

    sales, names = await gateway.storage.read(find)
    return {
        "kind": row.loan.collateral,
        "id": None,
        "items": await item_views(gateway, snapshot.at, snapshot.items[loan_id], currency=currency),
        **margin_view(gateway, row, value, day=snapshot.day),
        "auction": auction_view(gateway, row, value),
        "sales": [
            {
                "kind": sale["kind"],
                "buyer": party_view(sale["buyer"], names),
                **{
                    name: money_view(int(sale[column]), currency=currency)
                    for name, column in (
                        *(("price", "price"), ("taken", "taken")),
                        ("toOwner", "to_owner"),
                    )
                },
                "items": [
                    _sold_item_view(item, currency)
                    for item in msgspec.json.decode(sale["items_json"])
                ],
                "transactionHash": sale["transaction_hash"],
            }
            for sale in sales
        ],
    }


def debt_of(loan: LoanRow, *, day: int) -> int:
    """The loan's payoff on a day."""
    state = loan.state()
    state.roll(loan.own_day(day))
    return state.payoff.total


def level_of(value: CollateralValue, debt: int) -> int | None:
    """Collateral over debt, in parts per million."""
    return None if value.lendable is None or not debt else value.lendable * MILLION // debt


def margin_view(
    gateway: Gateway, row: GoodsLoan, value: CollateralValue, *, day: int
) -> dict[str, Any]:
    """The collateral's value, the debt, and the open margin call."""
    currency = gateway.currency_at(row.loan.currency)
    debt = debt_of(row.loan, day=day)
    last_day = row.margin.last_day
    if last_day is not None:
        last_day = row.loan.calendar_day(last_day, day)

    def money(amount: int | None) -> MoneyView | None:
        return None if amount is None else money_view(amount, currency=currency)

    def date(number: int | None) -> str | None:
        return date_of(number).isoformat() if row.called and number is not None else None

    return {
        "debt": money(debt),
        "lendable": money(value.lendable),
        "market": money(value.market),
        "priced": value.priced,
        "level": level_of(value, debt),
        "callLevel": row.goods["callLevel"],
        "liquidationLevel": row.goods["liquidationLevel"],
        "calledDate": date(row.margin.called_day),
        "lastDate": date(last_day),
    }


def _sold_item_view(item: dict[str, Any], currency: str) -> dict[str, Any]:
    """One warehouse receipt of a sale.

    For a part, `soldWarehouseReceiptId` is the warehouse receipt split off for the buyer.
    """
    return {
        "warehouseReceiptId": item["warehouseReceiptId"],
        "soldWarehouseReceiptId": item["soldWarehouseReceiptId"],
        "quantity": quantity_text(item["quantity"]),
        "price": money_view(int(item["price"]), currency=currency),
    }


def auction_view(gateway: Gateway, row: GoodsLoan, value: CollateralValue) -> dict[str, Any] | None:
    """The open auction, priced by the ledger.

    `price`, `factor` and `floorPrice` are null if the chain does not answer.
    """
    margin = row.margin
    if margin.auction_start is None:
        return None
    currency = gateway.currency_at(row.loan.currency)

    def money(amount: int | None) -> MoneyView | None:
        return None if amount is None else money_view(amount, currency=currency)

    return {
        "round": margin.round,
        "price": money(value.price),
        "factor": value.factor,
        "startFactor": margin.start_factor,
        "floorFactor": margin.floor_factor,
        "floorPrice": money(value.floor_price),
        "startsAt": time_view(value.starts or margin.auction_start),
        "endsAt": time_view(value.ends or margin.auction_end),
    }


async def buy_back_view(
    gateway: Gateway, facility_id: int, *, currency: str
) -> dict[str, Any] | None:
    """The buy-back undertaking for a facility's goods, and how much of it is left."""

    def find(connection: Connection) -> tuple[dict[str, Any] | None, Names]:
        row = repository.buy_back(connection, facility_id)
        return row, parties.names(connection, set() if row is None else {row["undertaker"]})

    row, names = await gateway.storage.read(find)
    if row is None:
        return None
    return {
        "undertaker": party_view(row["undertaker"], names),
        "share": row["share"],
        "maxTotal": money_view(row["max_total"], currency=currency),
        "left": money_view(row["unused"], currency=currency),
        "lastDate": date_of(row["last_day"]).isoformat(),
    }


# ------------------------------------------------------------------ lists


async def auctions(gateway: Gateway, *, before: int | None, limit: int) -> dict[str, Any]:
    """All goods for sale, without the borrower's name."""
    snapshot = await read_snapshot(gateway, only="auctioned", before=before, limit=limit)
    values = await collateral_values(gateway, snapshot)
    lenders = {row.loan.lender for row in snapshot.rows}
    names = await gateway.storage.read(lambda connection: parties.names(connection, lenders))
    for_sale = []
    for row in snapshot.rows:
        items = [
            item for item in snapshot.items[row.loan.loan_id] if item[0] == "warehouse-receipt"
        ]
        currency = gateway.currency_at(row.loan.currency)
        goods = await item_views(gateway, snapshot.at, items, currency=currency)
        for_sale.append(
            {
                "loanId": row.loan.loan_id,
                "lender": party_view(row.loan.lender, names),
                **(auction_view(gateway, row, values[row.loan.loan_id]) or {}),
                "goods": goods,
            }
        )
    following = snapshot.rows[-1].loan.loan_id if len(snapshot.rows) == limit else None
    return {"items": for_sale, "nextCursor": following, "asOf": snapshot.as_of}


async def margin_calls(
    gateway: Gateway, caller: Caller, *, near: bool, before: int | None, limit: int
) -> dict[str, Any]:
    """Open calls; with `near`, also loans at most 5 points above their call level.

    A page reads `limit` loans, so with `near` it may show fewer.
    """
    account = None if caller.sees_all else caller.account or ""
    only = "running" if near else "called"
    snapshot = await read_snapshot(gateway, account=account, only=only, before=before, limit=limit)
    values = await collateral_values(gateway, snapshot)
    accounts = {side for row in snapshot.rows for side in (row.loan.lender, row.loan.borrower)}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    items = []
    for row in snapshot.rows:
        view = margin_view(gateway, row, values[row.loan.loan_id], day=snapshot.day)
        level = view["level"]
        if near and not row.called and (level is None or level > view["callLevel"] + NEAR):
            continue
        items.append(
            {
                "loanId": row.loan.loan_id,
                "facilityId": row.loan.facility_id,
                "lender": party_view(row.loan.lender, names),
                "borrower": party_view(row.loan.borrower, names),
                **view,
            }
        )
    following = snapshot.rows[-1].loan.loan_id if len(snapshot.rows) == limit else None
    return {"items": items, "nextCursor": following, "asOf": snapshot.as_of}


async def portfolio(gateway: Gateway, account: str | None) -> list[dict[str, Any]]:
    """By currency: loans on goods, their debt and collateral, open calls and auctions."""
    snapshot = await read_snapshot(gateway, account=account, only="open", limit=MAX_VALUED)
    values = await collateral_values(gateway, snapshot)
    totals: dict[str, dict[str, int]] = {}
    for row in snapshot.rows:
        value = values[row.loan.loan_id]
        names = ("loans", "debt", "lendable", "market", "openCalls", "openAuctions", "notPriced")
        total = totals.setdefault(gateway.currency_at(row.loan.currency), dict.fromkeys(names, 0))
        total["loans"] += 1
        total["debt"] += debt_of(row.loan, day=snapshot.day)
        total["lendable"] += value.lendable or 0
        total["market"] += value.market or 0
        total["openCalls"] += int(row.called)
        total["openAuctions"] += int(row.margin.auction_start is not None)
        total["notPriced"] += int(not value.priced)
    return [
        {
            "currency": currency,
            **{name: total[name] for name in ("loans", "openCalls", "openAuctions", "notPriced")},
            **{
                name: money_view(total[name], currency=currency)
                for name in ("debt", "lendable", "market")
            },
            "level": level_of(CollateralValue(total["lendable"]), total["debt"]),
        }
        for currency, total in sorted(totals.items())
    ]
