"""Loans on goods as callers see them: what stands behind them is worth what the ledger says.

Pieces, calls and auctions come from the read tables; what cover is worth, and the goods behind each
receipt, from the chain itself as of the block that the answer names. Where the chain does not
answer for that block, these are null and the rest stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.rpc import ChainError
from app.domain.calendar import date_of, day_at
from app.domain.quantity import quantity_text
from app.errors import CessionError
from app.gateway.callers import Caller
from app.gateway.chain_queries import Question, ask
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view, time_view
from app.lending.collateral import repository
from app.lending.collateral.repository import Watched
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.storage.checkpoint import Checkpoint, read_checkpoint

MILLION = 1_000_000
NEAR = 50_000  # parts per million above the call level
MOST_VALUED = 1_000  # loans of one portfolio, so that no report asks the chain for ever
AT_ONCE = 100  # questions in one request, as nodes bound them
RECEIPTS = "WarehouseReceipts"
CONDITIONS = ("Sound", "Reduced", "Unfit")
Pieces = list[tuple[str, int]]


class Worth(msgspec.Struct):
    """What the cover of a loan counts, in minor units; None where the chain did not answer.

    Attributes:
        price: of what a bid would buy now; `floor_price`: of all goods, at the auction's floor.
        factor: what the auction asks now, in parts per million of the goods' value.
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


class Seen(msgspec.Struct):
    """Loans read as of one block.

    Attributes:
        day: the ledger's day of that block.
    """

    rows: list[Watched]
    pieces: dict[int, Pieces]
    at: Checkpoint | None
    now: int
    day: int
    as_of: dict[str, Any]


async def see(gateway: Gateway, **wanted: Any) -> Seen:
    """Loans on goods, as `repository.watched` finds them."""

    def find(connection: Connection) -> Seen:
        now, as_of = moment(connection)
        rows = repository.watched(connection, **wanted)
        return Seen(
            rows=rows,
            pieces=repository.pieces(connection, [row.loan.loan_id for row in rows]),
            at=read_checkpoint(connection),
            now=now,
            day=day_at(now, zone_offset=gateway.zone_offset),
            as_of=as_of,
        )

    return await gateway.storage.read(find)


async def worths(gateway: Gateway, seen: Seen) -> dict[int, Worth]:
    """What the cover of each of these loans counts, as of their block."""
    numbers = [row.loan.loan_id for row in seen.rows]
    found = await _asked(
        gateway, seen.at, [("Facilities", "coverOf", [number]) for number in numbers]
    )
    return {
        number: Worth()
        if answer is None
        else Worth(
            *(int(answer["lendable"]), int(answer["market"]), bool(answer["priced"])),
            *(int(answer["price"]), int(answer["floorPrice"]), int(answer["factor"])),
            *(int(answer["auctionStart"]), int(answer["auctionEnd"])),
        )
        for number, answer in zip(numbers, found, strict=True)
    }


async def _asked(
    gateway: Gateway, at: Checkpoint | None, questions: Sequence[Question]
) -> list[Any]:
    """The answers as of the block; None for each where there is none."""
    if at is None:
        return [None] * len(questions)
    found: list[Any] = []
    try:
        for start in range(0, len(questions), AT_ONCE):
            found += await ask(gateway, at, questions[start : start + AT_ONCE])
    except (CessionError, ChainError):
        return [None] * len(questions)
    return found


# ------------------------------------------------------------------ pieces


async def piece_views(
    gateway: Gateway, at: Checkpoint | None, pieces: Pieces, *, currency: str
) -> list[dict[str, Any]]:
    """Each piece with what it is of: goods, a debt, or what is left of an order."""
    functions = {"receipt": (RECEIPTS, "receipt"), "claim": ("Receivables", "claim")}
    functions["order"] = ("PurchaseOrders", "order")
    asked: list[Question] = [(*functions[kind], [number]) for kind, number in pieces]
    answers = await _asked(gateway, at, asked)
    lots = [
        int(answer[1])
        for (kind, _), answer in zip(pieces, answers, strict=True)
        if kind == "receipt" and answer is not None and answer[1]
    ]
    told = await _asked(gateway, at, [(RECEIPTS, "lot", [lot]) for lot in lots])
    known = dict(zip(lots, told, strict=True))
    warehouses = {lot["warehouse"] for lot in told if lot is not None}
    items = {lot["item"] for lot in told if lot is not None}
    names, named = await gateway.storage.read(
        lambda connection: (
            parties.names(connection, warehouses),
            repository.goods_named(connection, items),
        )
    )
    found = []
    for (kind, number), answer in zip(pieces, answers, strict=True):
        view: dict[str, Any] = {"kind": kind, "id": number}
        if answer is not None and kind == "receipt":
            view |= _goods(int(answer[1]), int(answer[2]), known.get(int(answer[1])), names)
            view["goods"] = named.get(view.get("item", ""))
        elif answer is not None and kind == "claim":
            view |= {
                "receivableId": int(answer[1]),
                "amount": money_view(answer[2], currency=currency),
            }
        elif answer is not None:
            left = answer["amount"] - answer["invoiced"] - answer["delivered"]
            view |= {"amount": money_view(left, currency=currency)}
        found.append(view)
    return found


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


async def cover_view(gateway: Gateway, loan_id: int) -> dict[str, Any] | None:
    """All about the cover of a loan on goods; None for another loan."""
    seen = await see(gateway, loan_id=loan_id, only="any")
    if not seen.rows:
        return None
    row = seen.rows[0]
    currency = gateway.currency_at(row.loan.currency)
    worth = (await worths(gateway, seen))[loan_id]

    def find(connection: Connection) -> tuple[list[dict[str, Any]], Names]:
        sold = repository.sales(connection, loan_id)
        return sold, parties.names(connection, {one["buyer"] for one in sold})

    sold, names = await gateway.storage.read(find)
    return {
        "kind": row.loan.cover,
        "id": None,
        "pieces": await piece_views(gateway, seen.at, seen.pieces[loan_id], currency=currency),
        **margin_view(gateway, row, worth, day=seen.day),
        "auction": auction_view(gateway, row, worth),
        "sales": [
            {
                "kind": one["kind"],
                "buyer": party_view(one["buyer"], names),
                **{
                    name: money_view(int(one[column]), currency=currency)
                    for name, column in (
                        *(("price", "price"), ("taken", "taken")),
                        ("toOwner", "to_owner"),
                    )
                },
                "pieces": [
                    _sold(piece, currency) for piece in msgspec.json.decode(one["pieces_json"])
                ],
                "transactionHash": one["transaction_hash"],
            }
            for one in sold
        ],
    }


def debt_of(loan: LoanRow, *, day: int) -> int:
    """What would end the loan on a day."""
    state = loan.state()
    state.roll(loan.own_day(day))
    return state.payoff.total


def level_of(worth: Worth, debt: int) -> int | None:
    """Cover over debt, in parts per million."""
    return None if worth.lendable is None or not debt else worth.lendable * MILLION // debt


def margin_view(gateway: Gateway, row: Watched, worth: Worth, *, day: int) -> dict[str, Any]:
    """What the cover counts beside the debt, and the call that is open."""
    currency = gateway.currency_at(row.loan.currency)
    debt = debt_of(row.loan, day=day)
    last_day = row.margin.last_day
    if last_day is not None:
        last_day = row.loan.calendar_day(last_day, day)

    def money(amount: int | None) -> dict[str, Any] | None:
        return None if amount is None else money_view(amount, currency=currency)

    def date(number: int | None) -> str | None:
        return date_of(number).isoformat() if row.called and number is not None else None

    return {
        "debt": money(debt),
        "lendable": money(worth.lendable),
        "market": money(worth.market),
        "priced": worth.priced,
        "level": level_of(worth, debt),
        "callLevel": row.goods["callLevel"],
        "liquidationLevel": row.goods["liquidationLevel"],
        "calledDate": date(row.margin.called_day),
        "lastDate": date(last_day),
    }


def _sold(piece: dict[str, Any], currency: str) -> dict[str, Any]:
    """One receipt of a sale; of a part, `soldId` is the receipt split off for the buyer."""
    return {
        "receiptId": piece["receiptId"],
        "soldId": piece["soldId"],
        "quantity": quantity_text(piece["quantity"]),
        "price": money_view(int(piece["price"]), currency=currency),
    }


def auction_view(gateway: Gateway, row: Watched, worth: Worth) -> dict[str, Any] | None:
    """The auction that is open, as the ledger reckons it; without what only the chain says where
    it does not answer."""
    margin = row.margin
    if margin.auction_start is None:
        return None
    currency = gateway.currency_at(row.loan.currency)

    def money(amount: int | None) -> dict[str, Any] | None:
        return None if amount is None else money_view(amount, currency=currency)

    return {
        "round": margin.round,
        "price": money(worth.price),
        "factor": worth.factor,
        "startFactor": margin.start_factor,
        "floorFactor": margin.floor_factor,
        "floorPrice": money(worth.floor_price),
        "startsAt": time_view(worth.starts or margin.auction_start),
        "endsAt": time_view(worth.ends or margin.auction_end),
    }


async def buy_back_view(
    gateway: Gateway, facility_id: int, *, currency: str
) -> dict[str, Any] | None:
    """Who undertook to buy the goods of a line's loans, and how much of it is left."""

    def find(connection: Connection) -> tuple[dict[str, Any] | None, Names]:
        row = repository.buy_back(connection, facility_id)
        return row, parties.names(connection, set() if row is None else {row["undertaker"]})

    row, names = await gateway.storage.read(find)
    if row is None:
        return None
    return {
        "undertaker": party_view(row["undertaker"], names),
        "share": row["share"],
        "most": money_view(row["most"], currency=currency),
        "left": money_view(row["unused"], currency=currency),
        "lastDate": date_of(row["last_day"]).isoformat(),
    }


# ------------------------------------------------------------------ lists


async def auctions(gateway: Gateway, *, before: int | None, limit: int) -> dict[str, Any]:
    """Goods that are for sale, whoever's they are, without whose they are."""
    seen = await see(gateway, only="auctioned", before=before, limit=limit)
    found = await worths(gateway, seen)
    lenders = {row.loan.lender for row in seen.rows}
    names = await gateway.storage.read(lambda connection: parties.names(connection, lenders))
    items = []
    for row in seen.rows:
        pieces = [one for one in seen.pieces[row.loan.loan_id] if one[0] == "receipt"]
        currency = gateway.currency_at(row.loan.currency)
        goods = await piece_views(gateway, seen.at, pieces, currency=currency)
        items.append(
            {
                "loanId": row.loan.loan_id,
                "lender": party_view(row.loan.lender, names),
                **(auction_view(gateway, row, found[row.loan.loan_id]) or {}),
                "goods": goods,
            }
        )
    following = seen.rows[-1].loan.loan_id if len(seen.rows) == limit else None
    return {"items": items, "nextCursor": following, "asOf": seen.as_of}


async def margin_calls(
    gateway: Gateway, caller: Caller, *, near: bool, before: int | None, limit: int
) -> dict[str, Any]:
    """Open calls; with `near` every loan at most 5 points above its call level, or below it.

    A page looks at `limit` loans, so one of those that are near may hold fewer.
    """
    account = None if caller.sees_all else caller.account or ""
    only = "running" if near else "called"
    seen = await see(gateway, account=account, only=only, before=before, limit=limit)
    found = await worths(gateway, seen)
    accounts = {one for row in seen.rows for one in (row.loan.lender, row.loan.borrower)}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    items = []
    for row in seen.rows:
        view = margin_view(gateway, row, found[row.loan.loan_id], day=seen.day)
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
    following = seen.rows[-1].loan.loan_id if len(seen.rows) == limit else None
    return {"items": items, "nextCursor": following, "asOf": seen.as_of}


async def portfolio(gateway: Gateway, account: str | None) -> list[dict[str, Any]]:
    """Of each currency: loans on goods, their debt, what stands behind it, calls and auctions."""
    seen = await see(gateway, account=account, only="open", limit=MOST_VALUED)
    found = await worths(gateway, seen)
    totals: dict[str, dict[str, int]] = {}
    for row in seen.rows:
        worth = found[row.loan.loan_id]
        names = ("loans", "debt", "lendable", "market", "openCalls", "openAuctions", "notPriced")
        total = totals.setdefault(gateway.currency_at(row.loan.currency), dict.fromkeys(names, 0))
        total["loans"] += 1
        total["debt"] += debt_of(row.loan, day=seen.day)
        total["lendable"] += worth.lendable or 0
        total["market"] += worth.market or 0
        total["openCalls"] += int(row.called)
        total["openAuctions"] += int(row.margin.auction_start is not None)
        total["notPriced"] += int(not worth.priced)
    return [
        {
            "currency": currency,
            **{name: total[name] for name in ("loans", "openCalls", "openAuctions", "notPriced")},
            **{
                name: money_view(total[name], currency=currency)
                for name in ("debt", "lendable", "market")
            },
            "level": level_of(Worth(total["lendable"]), total["debt"]),
        }
        for currency, total in sorted(totals.items())
    ]
