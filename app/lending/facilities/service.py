"""Facilities in use: deposits, accepted debtors, and closing."""

from __future__ import annotations

from app.errors import Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.money import Money, minor
from app.lending.access import facility
from app.lending.commands import CONTRACT, MAX_REPAYMENT
from app.lending.facilities.schemas import AcceptedDebtor
from app.parties.registry.service import party_in


async def pay_deposit(command: Command, facility_id: int, money: Money) -> Change:
    """Pays a facility's deposit from the caller's own account."""
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=command.caller.acting(),
        spender=CONTRACT,
        amount=min(amount, MAX_REPAYMENT),
    )
    subject = {"facilityId": facility_id}
    new_operation = NewOperation(
        "pay-deposit", CONTRACT, "payDeposit", [facility_id, amount], subject, (approval,)
    )
    return await change_for(command, new_operation)


async def accept_debtor(command: Command, facility_id: int, request: AcceptedDebtor) -> Change:
    """The lender accepts or refuses a debtor's debts as collateral of a facility's loans.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender accepts debtors", name="not-lender")
    debtor = await party_in(gateway, request.debtorPartyId, field="debtorPartyId")
    arguments = [facility_id, debtor.account, request.accepted]
    subject = {"facilityId": facility_id}
    return await change_for(
        command, NewOperation("accept-debtor", CONTRACT, "acceptDebtor", arguments, subject)
    )


async def close(command: Command, facility_id: int) -> Change:
    """Closes a facility on which nothing is owed; its deposit goes back to the borrower."""
    await facility(command.gateway, command.caller, facility_id)
    subject = {"facilityId": facility_id}
    return await change_for(
        command, NewOperation("close-facility", CONTRACT, "close", [facility_id], subject)
    )
