"""Issues, transfers and redeems tokenised deposits."""

from __future__ import annotations

from app.chain.evm.hashing import checksum_address
from app.domain.texts import say
from app.errors import BadInput, NotFound
from app.gateway.approvals import APPROVAL, UNLIMITED
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor, money_view
from app.gateway.read_as_of import read_as_of
from app.market.cash import repository
from app.market.cash.projection import PREFIX
from app.market.cash.schemas import Balance, Balances, Issue, Redemption
from app.parties.registry import service as parties


def token(gateway: Gateway, currency: str) -> str:
    """The contract name of the currency's settlement token.

    Raises:
        NotFound.
    """
    if currency not in gateway.currencies():
        raise NotFound(
            say("there is no settlement token for {currency}", currency=currency),
            name="currency-unknown",
            fix=say("use one of {currencies}", currencies=", ".join(gateway.currencies())),
        )
    return PREFIX + currency


async def balances(gateway: Gateway, caller: Caller, party_id: str | None) -> Balances:
    """Balances of a party's account; without `party_id`, of the caller's.

    Raises:
        Forbidden, NotFound.
    """
    account = await parties.readable_account(gateway, caller, party_id, what=say("balances"))
    rows, as_of = await read_as_of(
        gateway, lambda connection: repository.balances(connection, account)
    )
    items: list[Balance] = [
        {
            "account": checksum_address(account),
            "balance": money_view(row.balance, currency=gateway.currency_at(row.currency)),
        }
        for row in rows
    ]
    return {"items": items, "asOf": as_of}


async def issue(command: Command, currency: str, request: Issue) -> Change:
    """Issues new money to a party."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    receiver = await parties.party_in(command.gateway, request.toPartyId, field="toPartyId")
    subject = {"party": receiver.id, "currency": currency}
    return await change_for(
        command, NewOperation("issue-cash", contract, "mint", [receiver.account, amount], subject)
    )


async def transfer(command: Command, currency: str, request: Issue) -> Change:
    """Transfers the caller's money to another party."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    receiver = await parties.party_in(command.gateway, request.toPartyId, field="toPartyId")
    subject = {"party": receiver.id, "currency": currency}
    return await change_for(
        command,
        NewOperation("transfer-cash", contract, "transfer", [receiver.account, amount], subject),
    )


async def approve(command: Command, currency: str, spender: str, amount: Money | None) -> Change:
    """Sets how much of the caller's money a contract of the ledger may take.

    It replaces the earlier approval. Without an amount the approval has no limit, if the gateway's
    approvals are unlimited.

    Raises:
        NotFound, BadInput.
    """
    contract = token(command.gateway, currency)
    address = command.gateway.contracts.address(spender)
    subject = {"currency": currency, "contract": spender}
    if amount is not None:
        units = minor(amount, field="amount", currency=currency, minimum=0)
    elif command.gateway.settings.approvals == "unlimited":
        units = UNLIMITED
    else:
        raise BadInput("this gateway's approvals are exact", field="amount", fix="give the amount")
    return await change_for(
        command, NewOperation(APPROVAL, contract, "approve", [address, units], subject)
    )


async def redeem(command: Command, currency: str, request: Redemption) -> Change:
    """Redeems the caller's money into an ordinary deposit."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    return await change_for(
        command, NewOperation("redeem-cash", contract, "burn", [amount], {"currency": currency})
    )
