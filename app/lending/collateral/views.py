"""Loans on goods as callers see them: the ledger sets the value of their collateral.

Items, calls and auctions come from the read tables. The value of collateral and the goods of each
warehouse receipt come from the chain, as of the block that the answer names. If the chain does not
answer for that block, these are null and the rest of the answer holds.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.naming import state_name
from app.gateway.views import GoodsName, Names, party_view, time_view
from app.lending.collateral import repository
from app.lending.collateral.projection import SoldItem
from app.lending.collateral.repository import BuyBackRow, GoodsLoan, SaleRow
from app.lending.collateral.schemas import (
    Auction,
    AuctionPage,
    AuctionState,
    BuyBackUndertaking,
    CollateralItem,
    GoodsCollateral,
    GoodsPortfolio,
    GoodsSale,
    MarginCall,
    MarginCallPage,
    MarginView,
    SoldReceipt,
)
from app.lending.collateral.values import (
    ClaimAnswer,
    CollateralValue,
    Items,
    LotAnswer,
    OrderAnswer,
    ReceiptAnswer,
    answers_to,
    collateral_values,
    read_snapshot,
)
from app.lending.hedges import repository as hedges
from app.lending.hedges.repository import HedgeRow
from app.lending.hedges.views import HedgedLoan, hedge_view
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.storage.checkpoint import Checkpoint

GoodsNames = dict[str, GoodsName]
MILLION = 1_000_000
NEAR = 50_000  # parts per million above the call level
MAX_VALUED = 1_000  # loans of one portfolio, which bounds the questions to the chain
RECEIPTS = "WarehouseReceipts"
_FUNCTIONS = {
    "warehouse-receipt": (RECEIPTS, "warehouseReceipt"),
    "claim": ("Receivables", "claim"),
    "order": ("PurchaseOrders", "order"),
}
_ANSWERS: dict[str, type[ReceiptAnswer | ClaimAnswer | OrderAnswer]] = {
    "warehouse-receipt": ReceiptAnswer,
    "claim": ClaimAnswer,
    "order": OrderAnswer,
}
CONDITIONS = ("Sound", "Reduced", "Unfit")


# ------------------------------------------------------------------ items


async def item_views(
    gateway: Gateway, at: Checkpoint | None, items: Items, *, currency: str
) -> list[CollateralItem]:
    """Each item with its goods, its claim, or what is left of its order."""
    answers = await answers_to(
        gateway, at, [((*_FUNCTIONS[kind], [number]), _ANSWERS[kind]) for kind, number in items]
    )
    receipts = [answer for answer in answers if isinstance(answer, ReceiptAnswer)]
    lot_ids = [receipt.lot_id for receipt in receipts if receipt.lot_id]
    lots = dict(
        zip(
            lot_ids,
            await answers_to(
                gateway, at, [((RECEIPTS, "lot", [lot_id]), LotAnswer) for lot_id in lot_ids]
            ),
            strict=True,
        )
    )
    known_lots = [lot for lot in lots.values() if lot is not None]
    names, goods_names = await gateway.storage.read(
        lambda connection: (
            parties.names(connection, {lot.warehouse for lot in known_lots}),
            repository.goods_named(connection, {lot.item for lot in known_lots}),
        )
    )
    views: list[CollateralItem] = []
    for (kind, number), answer in zip(items, answers, strict=True):
        view: CollateralItem = {"kind": kind, "id": number}
        match answer:
            case ReceiptAnswer():
                view["lotId"] = answer.lot_id or None
                view["quantity"] = quantity_text(answer.quantity)
                lot = lots.get(answer.lot_id)
                view["goods"] = None if lot is None else goods_names.get(lot.item)
                if lot is not None:
                    _add_lot(view, lot, names)
            case ClaimAnswer():
                view["receivableId"] = answer.receivable_id
                view["amount"] = money_view(answer.value, currency=currency)
            case OrderAnswer():
                view["amount"] = money_view(answer.left, currency=currency)
        views.append(view)
    return views


def _add_lot(view: CollateralItem, lot: LotAnswer, names: Names) -> None:
    view["item"] = lot.item
    view["unit"] = bytes.fromhex(lot.unit[2:]).rstrip(b"\0").decode(errors="replace")
    view["warehouse"] = party_view(lot.warehouse, names)
    view["storedDate"] = date_of(lot.stored_day).isoformat()
    view["expiryDate"] = date_of(lot.expiry_day).isoformat()
    view["condition"] = state_name(CONDITIONS[lot.condition])


# ------------------------------------------------------------------ one loan


async def collateral_view(gateway: Gateway, loan_id: int) -> GoodsCollateral | None:
    """The collateral of a loan on goods; None for any other loan."""
    snapshot = await read_snapshot(gateway, loan_id=loan_id, only="any")
    if not snapshot.rows:
        return None
    row = snapshot.rows[0]
    currency = gateway.currency_at(row.loan.currency)
    value = (await collateral_values(gateway, snapshot))[loan_id]

    def find(connection: Connection) -> tuple[list[SaleRow], list[HedgeRow], Names, GoodsNames]:
        sales = repository.sales(connection, loan_id)
        hedge_rows = hedges.of_loan(connection, loan_id)
        accounts = {sale.buyer for sale in sales}
        accounts |= {hedge.counterparty for hedge in hedge_rows if hedge.counterparty}
        return (
            *(sales, hedge_rows, parties.names(connection, accounts)),
            repository.goods_named(connection, {hedge.item for hedge in hedge_rows}),
        )

    sales, hedge_rows, names, goods_names = await gateway.storage.read(find)
    hedged_loan = HedgedLoan(
        answers=None
        if value.hedges is None
        else {answer.contract_hash: answer for answer in value.hedges},
        runs=row.loan.status == "Running",
        share=row.goods["hedgeShare"],
        cure_days=row.goods["cureDays"],
        day=snapshot.day,
        currency=currency,
    )
    return {
        "kind": row.loan.collateral,
        "id": None,
        "items": await item_views(gateway, snapshot.at, snapshot.items[loan_id], currency=currency),
        **margin_view(gateway, row, value, day=snapshot.day),
        "hedges": [
            hedge_view(hedge, hedged_loan, goods=goods_names.get(hedge.item), names=names)
            for hedge in hedge_rows
        ],
        "auction": auction_view(gateway, row, value),
        "sales": [_sale_view(sale, names, currency=currency) for sale in sales],
    }


def _sale_view(sale: SaleRow, names: Names, *, currency: str) -> GoodsSale:
    return {
        "kind": sale.kind,
        "buyer": party_view(sale.buyer, names),
        "price": money_view(int(sale.price), currency=currency),
        "taken": money_view(int(sale.taken), currency=currency),
        "toOwner": money_view(int(sale.to_owner), currency=currency),
        "items": [_sold_item_view(item, currency=currency) for item in sale.items],
        "transactionHash": sale.transaction_hash,
    }


def debt_of(loan: LoanRow, *, day: int) -> int:
    """The loan's payoff on a day."""
    state = loan.state()
    state.roll(loan.own_day(day))
    return state.payoff.total


def level_of(value: CollateralValue, debt: int) -> int | None:
    """Collateral over debt, as a margin call compares them, in parts per million."""
    secured = value.secured(debt)
    return (
        None if value.for_margin is None or not secured else value.for_margin * MILLION // secured
    )


def margin_view(
    gateway: Gateway, row: GoodsLoan, value: CollateralValue, *, day: int
) -> MarginView:
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
        "debt": money_view(debt, currency=currency),
        "lendable": money(value.lendable),
        "hedged": money(value.hedged),
        "market": money(value.market),
        "waiting": money(value.waiting),
        "priced": value.priced,
        "level": level_of(value, debt),
        "callLevel": row.goods["callLevel"],
        "liquidationLevel": row.goods["liquidationLevel"],
        "calledDate": date(row.margin.called_day),
        "lastDate": date(last_day),
    }


def _sold_item_view(item: SoldItem, *, currency: str) -> SoldReceipt:
    return {
        "warehouseReceiptId": item.warehouse_receipt_id,
        "soldWarehouseReceiptId": item.sold_warehouse_receipt_id,
        "quantity": quantity_text(item.quantity),
        "price": money_view(int(item.price), currency=currency),
    }


def auction_view(gateway: Gateway, row: GoodsLoan, value: CollateralValue) -> AuctionState | None:
    """The open auction, priced by the ledger.

    `price`, `factor` and `floorPrice` are null if the chain does not answer.
    """
    margin = row.margin
    if margin.auction_start is None:
        return None
    assert margin.auction_end is not None and margin.round is not None
    assert margin.start_factor is not None and margin.floor_factor is not None
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
) -> BuyBackUndertaking | None:
    """The buy-back undertaking for a facility's goods, and how much of it is left."""

    def find(connection: Connection) -> tuple[BuyBackRow | None, Names]:
        row = repository.buy_back(connection, facility_id)
        return row, parties.names(connection, set() if row is None else {row.undertaker})

    row, names = await gateway.storage.read(find)
    if row is None:
        return None
    return {
        "undertaker": party_view(row.undertaker, names),
        "share": row.share,
        "maxTotal": money_view(row.max_total, currency=currency),
        "left": money_view(row.unused, currency=currency),
        "lastDate": date_of(row.last_day).isoformat(),
    }


# ------------------------------------------------------------------ lists


async def auctions(gateway: Gateway, *, before: int | None, limit: int) -> AuctionPage:
    """All goods for sale, without the borrower's name."""
    snapshot = await read_snapshot(gateway, only="auctioned", before=before, limit=limit)
    values = await collateral_values(gateway, snapshot)
    lenders = {row.loan.lender for row in snapshot.rows}
    names = await gateway.storage.read(lambda connection: parties.names(connection, lenders))
    for_sale: list[Auction] = []
    for row in snapshot.rows:
        items = [
            item for item in snapshot.items[row.loan.loan_id] if item[0] == "warehouse-receipt"
        ]
        currency = gateway.currency_at(row.loan.currency)
        goods = await item_views(gateway, snapshot.at, items, currency=currency)
        auction = auction_view(gateway, row, values[row.loan.loan_id])
        assert auction is not None
        for_sale.append(
            {
                "loanId": row.loan.loan_id,
                "lender": party_view(row.loan.lender, names),
                **auction,
                "goods": goods,
            }
        )
    following = snapshot.rows[-1].loan.loan_id if len(snapshot.rows) == limit else None
    return {"items": for_sale, "nextCursor": following, "asOf": snapshot.as_of}


async def margin_calls(
    gateway: Gateway, caller: Caller, *, near: bool, before: int | None, limit: int
) -> MarginCallPage:
    """Open calls; with `near`, also loans at most 5 points above their call level.

    A page reads `limit` loans, so with `near` it may show fewer.
    """
    account = None if caller.sees_all else caller.account or ""
    only = "running" if near else "called"
    snapshot = await read_snapshot(gateway, account=account, only=only, before=before, limit=limit)
    values = await collateral_values(gateway, snapshot)
    accounts = {side for row in snapshot.rows for side in (row.loan.lender, row.loan.borrower)}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    items: list[MarginCall] = []
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


class _Totals(msgspec.Struct):
    """Sums over loans on goods in one currency; amounts in minor units."""

    loans: int = 0
    debt: int = 0
    lendable: int = 0
    market: int = 0
    waiting: int = 0
    open_calls: int = 0
    open_auctions: int = 0
    not_priced: int = 0


async def portfolio(gateway: Gateway, account: str | None) -> list[GoodsPortfolio]:
    """By currency: loans on goods, their debt and collateral, open calls and auctions."""
    snapshot = await read_snapshot(gateway, account=account, only="open", limit=MAX_VALUED)
    values = await collateral_values(gateway, snapshot)
    totals: dict[str, _Totals] = {}
    for row in snapshot.rows:
        value = values[row.loan.loan_id]
        total = totals.setdefault(gateway.currency_at(row.loan.currency), _Totals())
        total.loans += 1
        debt = debt_of(row.loan, day=snapshot.day)
        total.debt += debt
        # What waits beyond a loan's own debt pays no other loan.
        total.waiting += debt - value.secured(debt)
        total.lendable += value.lendable or 0
        total.market += value.market or 0
        total.open_calls += int(row.called)
        total.open_auctions += int(row.margin.auction_start is not None)
        total.not_priced += int(not value.priced)
    return [
        {
            "currency": currency,
            "loans": total.loans,
            "openCalls": total.open_calls,
            "openAuctions": total.open_auctions,
            "notPriced": total.not_priced,
            "debt": money_view(total.debt, currency=currency),
            "lendable": money_view(total.lendable, currency=currency),
            "market": money_view(total.market, currency=currency),
            "level": level_of(
                CollateralValue(lendable=total.lendable, waiting=total.waiting), total.debt
            ),
        }
        for currency, total in sorted(totals.items())
    ]
