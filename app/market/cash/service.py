"""Issues and redeems tokenised deposits, and moves them between parties."""

from __future__ import annotations

from starlette.responses import Response

from app.errors import BadInput, NotFound
from app.gateway.approvals import APPROVAL, UNLIMITED
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.market.cash.projection import PREFIX
from app.market.cash.schemas import Issue, Redemption
from app.parties.registry import service as parties


def token(gateway: Gateway, currency: str) -> str:
    """Name of the currency's settlement token.

    Raises:
        NotFound.
    """
    if currency not in gateway.currencies():
        raise NotFound(
            f"there is no settlement token for {currency}",
            name="currency-unknown",
            fix=f"one of {', '.join(gateway.currencies())}",
        )
    return PREFIX + currency


async def issue(command: Command, currency: str, wanted: Issue) -> Response:
    """New money to a party."""
    contract = token(command.gateway, currency)
    amount = minor(wanted.amount, field="amount", currency=currency)
    to = await parties.party_in(command.gateway, wanted.toPartyId, field="toPartyId")
    subject = {"party": to.id, "currency": currency}
    return await act(command, Act("issue-cash", contract, "mint", [to.account, amount], subject))


async def transfer(command: Command, currency: str, wanted: Issue) -> Response:
    """The caller's money to another party."""
    contract = token(command.gateway, currency)
    amount = minor(wanted.amount, field="amount", currency=currency)
    to = await parties.party_in(command.gateway, wanted.toPartyId, field="toPartyId")
    subject = {"party": to.id, "currency": currency}
    return await act(
        command, Act("transfer-cash", contract, "transfer", [to.account, amount], subject)
    )


async def approve(command: Command, currency: str, spender: str, amount: Money | None) -> Response:
    """How much of the caller's money a contract of the ledger may take on the caller's word, in
    place of what stood before: nothing, an amount or, where approvals have no limit, all.

    Raises:
        NotFound, BadInput.
    """
    contract = token(command.gateway, currency)
    address = command.gateway.contracts.address(spender)
    subject = {"currency": currency, "contract": spender}
    if amount is not None:
        units = minor(amount, field="amount", currency=currency, least=0)
    elif command.gateway.settings.approvals == "unlimited":
        units = UNLIMITED
    else:
        raise BadInput("approvals are exact here", field="amount", fix="give the amount")
    return await act(command, Act(APPROVAL, contract, "approve", [address, units], subject))


async def redeem(command: Command, currency: str, wanted: Redemption) -> Response:
    """The caller's money back into an ordinary deposit."""
    contract = token(command.gateway, currency)
    amount = minor(wanted.amount, field="amount", currency=currency)
    return await act(
        command, Act("redeem-cash", contract, "burn", [amount], {"currency": currency})
    )
