"""Issues, transfers and redeems tokenised deposits."""

from __future__ import annotations

from starlette.responses import Response

from app.errors import BadInput, NotFound
from app.gateway.approvals import APPROVAL, UNLIMITED
from app.gateway.commands import Command
from app.gateway.execution import NewOperation, begin_operation
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.market.cash.projection import PREFIX
from app.market.cash.schemas import Issue, Redemption
from app.parties.registry import service as parties


def token(gateway: Gateway, currency: str) -> str:
    """The contract name of the currency's settlement token.

    Raises:
        NotFound.
    """
    if currency not in gateway.currencies():
        raise NotFound(
            f"there is no settlement token for {currency}",
            name="currency-unknown",
            fix=f"use one of {', '.join(gateway.currencies())}",
        )
    return PREFIX + currency


async def issue(command: Command, currency: str, request: Issue) -> Response:
    """Issues new money to a party."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    receiver = await parties.party_in(command.gateway, request.toPartyId, field="toPartyId")
    subject = {"party": receiver.id, "currency": currency}
    return await begin_operation(
        command, NewOperation("issue-cash", contract, "mint", [receiver.account, amount], subject)
    )


async def transfer(command: Command, currency: str, request: Issue) -> Response:
    """Transfers the caller's money to another party."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    receiver = await parties.party_in(command.gateway, request.toPartyId, field="toPartyId")
    subject = {"party": receiver.id, "currency": currency}
    return await begin_operation(
        command,
        NewOperation("transfer-cash", contract, "transfer", [receiver.account, amount], subject),
    )


async def approve(command: Command, currency: str, spender: str, amount: Money | None) -> Response:
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
    return await begin_operation(
        command, NewOperation(APPROVAL, contract, "approve", [address, units], subject)
    )


async def redeem(command: Command, currency: str, request: Redemption) -> Response:
    """Redeems the caller's money into an ordinary deposit."""
    contract = token(command.gateway, currency)
    amount = minor(request.amount, field="amount", currency=currency)
    return await begin_operation(
        command, NewOperation("redeem-cash", contract, "burn", [amount], {"currency": currency})
    )
