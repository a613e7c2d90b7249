"""Facilities in use: deposits, accepted debtors, closing."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.errors import Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.money import minor
from app.lending.access import facility
from app.lending.commands import CONTRACT, MOST_REPAYMENT
from app.lending.facilities.schemas import AcceptedDebtor
from app.parties.registry.service import party_in


async def pay_deposit(command: Command, facility_id: int, money: Any) -> Response:
    """Pays on a line's deposit, from the caller's own account."""
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=command.caller.acting(),
        spender=CONTRACT,
        amount=min(amount, MOST_REPAYMENT),
    )
    subject = {"facilityId": facility_id}
    wanted = Act("pay-deposit", CONTRACT, "payDeposit", [facility_id, amount], subject, (approval,))
    return await act(command, wanted)


async def accept_debtor(command: Command, facility_id: int, wanted: AcceptedDebtor) -> Response:
    """Whose debts may become collateral of a line's loans, at the lender's word.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender accepts debtors", name="not-lender")
    debtor = await party_in(gateway, wanted.debtorPartyId, field="debtorPartyId")
    arguments = [facility_id, debtor.account, wanted.accepted]
    subject = {"facilityId": facility_id}
    return await act(command, Act("accept-debtor", CONTRACT, "acceptDebtor", arguments, subject))


async def close(command: Command, facility_id: int) -> Response:
    """Closes a line on which nothing is owed; its deposit goes back."""
    await facility(command.gateway, command.caller, facility_id)
    subject = {"facilityId": facility_id}
    return await act(command, Act("close-facility", CONTRACT, "close", [facility_id], subject))
