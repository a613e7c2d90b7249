"""Caps, tops up and reads reserves; reads losses and pays what a party owes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.texts import say
from app.errors import NotFound
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.money import Money, MoneyView, minor, money_view
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import Names, party_view, time_view
from app.lending import repository as financing
from app.lending.losses import repository
from app.lending.losses.repository import RiskEntryRow
from app.lending.losses.schemas import Loss, OpenInsurance, OpenShare, Reserve, RiskEntry, TopUp
from app.lending.products import service as products
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

CONTRACT = "RiskReserve"
POOL = ZERO_ADDRESS  # in place of a lender: for the losses of all


class LossAnswer(msgspec.Struct, rename="camel"):
    """What `RiskReserve.lossOf` answers, in minor units."""

    loss: int
    from_reserve: int
    from_sharers: int
    from_insurer: int
    borne: int
    recovered: int
    outlay: int


class OpenPart(msgspec.Struct, array_like=True):
    """What `RiskReserve.openShareOf` and `openInsuranceOf` answer: who owes how much."""

    party: str
    amount: int


async def set_cap(command: Command, product_id: int, money: Money) -> Change:
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


async def reserve(gateway: Gateway, product_id: int) -> Reserve:
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


async def loss(gateway: Gateway, caller: Caller, loan_id: int) -> Loss:
    """A loan's loss and who owes what of it.

    Raises:
        NotFound: no such loan, no loss is recorded, or the caller is not concerned.
    """
    row = await _loan_with_loss(gateway, caller, loan_id)
    currency = gateway.currency_at(row.currency)
    answer = msgspec.convert(await call(gateway, CONTRACT, "lossOf", [loan_id]), LossAnswer)
    entries, as_of = await _entries(gateway, "loan_id", loan_id, currency=currency)
    insurance = msgspec.convert(
        await call(gateway, CONTRACT, "openInsuranceOf", [loan_id]), OpenPart
    )
    count = await gateway.storage.read(lambda connection: repository.shares_in(connection, loan_id))
    shares = [
        msgspec.convert(await call(gateway, CONTRACT, "openShareOf", [loan_id, place]), OpenPart)
        for place in range(count)
    ]
    names = await gateway.storage.read(
        lambda connection: parties.names(
            connection, {insurance.party, *(share.party for share in shares)}
        )
    )

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    open_shares: list[OpenShare] = [
        {"place": place, "sharer": party_view(share.party, names), "amount": money(share.amount)}
        for place, share in enumerate(shares)
    ]
    open_insurance: OpenInsurance | None = None
    if int(insurance.party, 16):
        open_insurance = {
            "insurer": party_view(insurance.party, names),
            "amount": money(insurance.amount),
        }
    return {
        "loanId": loan_id,
        "loss": money(answer.loss),
        "fromReserve": money(answer.from_reserve),
        "fromSharers": money(answer.from_sharers),
        "fromInsurer": money(answer.from_insurer),
        "borne": money(answer.borne),
        "recovered": money(answer.recovered),
        "outlay": money(answer.outlay),
        "openShares": open_shares,
        "openInsurance": open_insurance,
        "entries": entries,
        "asOf": as_of,
    }


async def pay_share(command: Command, loan_id: int, place: int, money: Money) -> Change:
    """A sharer, or anyone for it, pays what it owes of a loss."""
    return await _pay_part(command, loan_id, money, function="paySharer", before=[loan_id, place])


async def pay_insurance(command: Command, loan_id: int, money: Money) -> Change:
    """The insurer, or anyone for it, pays its claimed part of a loss."""
    return await _pay_part(command, loan_id, money, function="payInsurance", before=[loan_id])


async def _pay_part(
    command: Command, loan_id: int, money: Money, *, function: str, before: list[Any]
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
    subject: Mapping[str, Any],
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


def _lenders(connection: Connection, product_id: int) -> tuple[list[str], Names]:
    """One account for each lender that ever had a reserve, and their names."""
    accounts = repository.lenders(connection, product_id) - {POOL}
    names = parties.names(connection, accounts)
    # The accounts of one party share one balance.
    of_party = {names[account][0]: account for account in sorted(accounts) if account in names}
    return sorted(of_party.values()), names


async def _loan_with_loss(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan with a recorded loss: of the caller's own, or one whose loss it bears in part.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> tuple[LoanRow | None, bool, bool]:
        row = financing.loan(connection, loan_id)
        accounts = repository.accounts_of_loss(connection, loan_id)
        return row, bool(accounts), caller.account in accounts

    row, recorded, bears = await gateway.storage.read(find)
    sides = () if row is None else (row.lender, row.borrower, row.entruster)
    may = caller.sees_all or bears or (caller.account is not None and caller.account in sides)
    if row is None or not may or not recorded:
        raise NotFound(
            say("no loss of loan {loan_id} is recorded", loan_id=loan_id), name="loss-unknown"
        )
    return row


async def _entries(
    gateway: Gateway, of: Literal["product_id", "loan_id"], number: int, *, currency: str
) -> tuple[list[RiskEntry], AsOf]:
    def find(connection: Connection) -> tuple[list[RiskEntry], AsOf]:
        rows = repository.newest(connection, of=of, number=number)
        names = parties.names(connection, {row.party or "" for row in rows})
        return [_entry(row, names, currency=currency) for row in rows], moment(connection)[1]

    return await gateway.storage.read(find)


def _entry(row: RiskEntryRow, names: Names, *, currency: str) -> RiskEntry:
    details = json.loads(row.details_json)
    return {
        "kind": row.kind,
        "party": None if row.party is None else party_view(row.party, names),
        "amount": money_view(row.amount, currency=currency),
        "source": details.get("source"),
        "part": details.get("part"),
        "place": details.get("place"),
        "at": time_view(row.timestamp),
        "transactionHash": row.transaction_hash,
    }
