"""Caps, tops up and reads reserves; reads losses and pays what a party owes of them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.errors import NotFound
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import party_view, time_view
from app.lending import repository as financing
from app.lending.losses.schemas import TopUp
from app.lending.products import service as products
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in
from app.storage import run

CONTRACT = "RiskReserve"
POOL = ZERO_ADDRESS  # in place of a lender: for the losses of all
_COLUMNS = (
    *("position", "kind", "product_id", "facility_id", "loan_id", "party", "amount"),
    *("details_json", "transaction_hash", "timestamp"),
)
_LOSS = ("loss", "fromReserve", "fromSharers", "fromInsurer", "borne", "recovered")


async def set_cap(command: Command, product_id: int, money: Any) -> Change:
    """Sets the maximum balance of a product's reserve."""
    currency, address = await _currency_of(command.gateway, product_id)
    amount = minor(money, field="amount", currency=currency, minimum=0)
    arguments = [product_id, address, amount]
    new_operation = NewOperation(
        "set-reserve-cap", CONTRACT, "setCap", arguments, {"productId": product_id}
    )
    return await change_for(command, new_operation)


async def top_up(command: Command, product_id: int, request: TopUp) -> Change:
    """Pays the caller's own money into a lender's reserve or a product's pool.

    Raises:
        NotFound, BadInput: no such product or lender.
    """
    gateway = command.gateway
    currency, address = await _currency_of(gateway, product_id)
    lender = POOL
    if request.lenderPartyId is not None:
        party = await party_in(gateway, request.lenderPartyId, field="lenderPartyId")
        lender = party.account
    amount = minor(request.amount, field="amount", currency=currency)
    return await _pay(
        command,
        kind="top-up-reserve",
        function="topUp",
        arguments=[product_id, address, lender, amount],
        currency=currency,
        subject={"productId": product_id},
    )


async def reserve(gateway: Gateway, product_id: int) -> dict[str, Any]:
    """What is set aside for a product, with each movement.

    Raises:
        NotFound.
    """
    currency, address = await _currency_of(gateway, product_id)
    balance = await call(gateway, CONTRACT, "totalOf", [product_id, address])
    pool = await call(gateway, CONTRACT, "balanceOf", [product_id, address, POOL])
    lenders, names = await gateway.storage.read(lambda connection: _lenders(connection, product_id))
    balances = [
        (lender, await call(gateway, CONTRACT, "balanceOf", [product_id, address, lender]))
        for lender in lenders
    ]
    entries, as_of = await _entries(gateway, "product_id", product_id, currency=currency)
    return {
        "productId": product_id,
        "balance": money_view(balance, currency=currency),
        "pool": money_view(pool, currency=currency),
        "lenders": [
            {
                "lender": party_view(lender, names),
                "balance": money_view(amount, currency=currency),
            }
            for lender, amount in balances
        ],
        "entries": entries,
        "asOf": as_of,
    }


async def loss(gateway: Gateway, caller: Caller, loan_id: int) -> dict[str, Any]:
    """A loan's loss and who owes what of it.

    Raises:
        NotFound: no such loan, no loss is recorded, or the caller is not concerned.
    """
    row = await _loan_with_loss(gateway, caller, loan_id)
    currency = gateway.currency_at(row.currency)
    answer = await call(gateway, CONTRACT, "lossOf", [loan_id])
    parts = answer if isinstance(answer, dict) else dict(zip(_LOSS, answer, strict=True))
    entries, as_of = await _entries(gateway, "loan_id", loan_id, currency=currency)
    insurer, open_claim = await call(gateway, CONTRACT, "openInsuranceOf", [loan_id])
    shares = []
    for place in range(await _shares_in(gateway, loan_id)):
        sharer, amount = await call(gateway, CONTRACT, "openShareOf", [loan_id, place])
        shares.append((place, sharer, amount))
    names = await gateway.storage.read(
        lambda connection: parties.names(connection, {insurer, *(share[1] for share in shares)})
    )
    return {
        "loanId": loan_id,
        **{name: money_view(parts[name], currency=currency) for name in _LOSS},
        "openShares": [
            {
                "place": place,
                "sharer": party_view(sharer, names),
                "amount": money_view(amount, currency=currency),
            }
            for place, sharer, amount in shares
        ],
        "openInsurance": None
        if not int(insurer, 16)
        else {
            "insurer": party_view(insurer, names),
            "amount": money_view(open_claim, currency=currency),
        },
        "entries": entries,
        "asOf": as_of,
    }


async def pay_share(command: Command, loan_id: int, place: int, money: Any) -> Change:
    """A sharer, or anyone for it, pays what it owes of a loss."""
    return await _pay_part(command, loan_id, money, function="paySharer", before=[loan_id, place])


async def pay_insurance(command: Command, loan_id: int, money: Any) -> Change:
    """The insurer, or anyone for it, pays its claimed part of a loss."""
    return await _pay_part(command, loan_id, money, function="payInsurance", before=[loan_id])


async def _pay_part(
    command: Command, loan_id: int, money: Any, *, function: str, before: list[Any]
) -> Change:
    row = await _loan_with_loss(command.gateway, command.caller, loan_id)
    currency = command.gateway.currency_at(row.currency)
    return await _pay(
        command,
        kind="pay-share" if function == "paySharer" else "pay-insurance",
        function=function,
        arguments=[*before, minor(money, field="amount", currency=currency)],
        currency=currency,
        subject={"loanId": loan_id},
    )


async def _pay(
    command: Command,
    *,
    kind: str,
    function: str,
    arguments: list[Any],
    currency: str,
    subject: dict[str, Any],
) -> Change:
    payer = command.caller.acting()
    approval = cash_approval(
        command.gateway, currency=currency, owner=payer, spender=CONTRACT, amount=arguments[-1]
    )
    return await change_for(
        command, NewOperation(kind, CONTRACT, function, arguments, subject, (approval,))
    )


async def _currency_of(gateway: Gateway, product_id: int) -> tuple[str, str]:
    product = await products.product_in(gateway, product_id)
    address = product.terms["currency"]
    return gateway.currency_at(address), address


def _lenders(
    connection: Connection, product_id: int
) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """One account for each lender that ever had a reserve, and their names."""
    query = (
        "SELECT details_json FROM risk_entries WHERE product_id = ? AND kind = 'ReserveFed' "
        "ORDER BY position"
    )
    accounts = {json.loads(row[0])["lender"] for row in run(connection, query, (product_id,))}
    names = parties.names(connection, accounts - {POOL})
    # The accounts of one party share one balance.
    of_party = {names[account][0]: account for account in sorted(accounts) if account in names}
    return sorted(of_party.values()), names


async def _shares_in(gateway: Gateway, loan_id: int) -> int:
    """Number of shares that the loss fell on, paid at once or still owed.

    It counts shares, not sharers: one sharer may bear several.
    """

    def find(connection: Connection) -> int:
        query = (
            "SELECT kind, details_json FROM risk_entries WHERE loan_id = ? "
            "AND kind IN ('LossAbsorbed', 'SharerDidNotPay') AND transaction_hash = "
            "(SELECT transaction_hash FROM risk_entries WHERE loan_id = ? "
            "AND kind = 'LossRecorded')"
        )
        return sum(
            row[0] == "SharerDidNotPay" or json.loads(row[1])["source"] == "sharer"
            for row in run(connection, query, (loan_id, loan_id))
        )

    return await gateway.storage.read(find)


async def _loan_with_loss(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan with a recorded loss: of the caller's own, or one whose loss it bears in part.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> tuple[LoanRow | None, bool, bool]:
        row = financing.loan(connection, loan_id)
        rows = run(
            connection,
            "SELECT party FROM risk_entries WHERE loan_id = ?",
            (loan_id,),
        )
        accounts = {party_row[0] for party_row in rows}
        return row, bool(accounts), caller.account in accounts

    row, recorded, bears = await gateway.storage.read(find)
    sides = () if row is None else (row.lender, row.borrower, row.entruster)
    may = caller.sees_all or bears or (caller.account is not None and caller.account in sides)
    if row is None or not may or not recorded:
        raise NotFound(f"no loss of loan {loan_id} is recorded", name="loss-unknown")
    return row


async def _entries(
    gateway: Gateway, column: str, number: int, *, currency: str
) -> tuple[list[dict[str, Any]], AsOf]:
    def find(connection: Connection) -> tuple[list[dict[str, Any]], AsOf]:
        query = (
            f"SELECT {', '.join(_COLUMNS)} FROM risk_entries WHERE {column} = ? "
            "ORDER BY position DESC LIMIT 200"
        )
        rows = [dict(zip(_COLUMNS, row, strict=True)) for row in run(connection, query, (number,))]
        names = parties.names(connection, {row["party"] or "" for row in rows})
        return [_entry(row, names, currency) for row in rows], moment(connection)[1]

    return await gateway.storage.read(find)


def _entry(row: dict[str, Any], names: dict[str, tuple[str, str]], currency: str) -> dict[str, Any]:
    details = json.loads(row["details_json"])
    return {
        "kind": row["kind"],
        "party": None if row["party"] is None else party_view(row["party"], names),
        "amount": money_view(row["amount"], currency=currency),
        "source": details.get("source"),
        "part": details.get("part"),
        "place": details.get("place"),
        "at": time_view(row["timestamp"]),
        "transactionHash": row["transaction_hash"],
    }
