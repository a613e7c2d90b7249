"""Pays back what was posted on a loan and is not owed."""

from __future__ import annotations

from app.domain.money import decimal_text
from app.domain.texts import say
from app.errors import BadInput, NotFound
from app.gateway.approvals import Approval, cash_approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.money import Money, minor
from app.lending import access, commands
from app.lending.payments.recorded import bank_reference

REFUND = "refund-overpayment"
_NO_REFERENCE = "0x" + bytes(32).hex()


async def refund(command: Command, loan_id: int, money: Money, reference: str | None) -> Change:
    """Pays back to the borrower what was posted on a loan and is not owed.

    Args:
        reference: the bank's, if the money went back outside the ledger; None: it moves now.

    Raises:
        NotFound, BadInput.
    """
    gateway, lender = command.gateway, command.caller.acting()
    row = await access.loan(gateway, command.caller, loan_id)
    if lender != (row.entruster or row.lender):
        raise NotFound(
            say("this party does not lend loan {loan_id}", loan_id=loan_id), name="loan-unknown"
        )
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    overpaid = row.history().overpaid
    if amount > overpaid:
        raise BadInput(
            say(
                "{amount} {currency} are more than the {overpaid} that are not owed",
                amount=decimal_text(amount, currency=currency),
                currency=currency,
                overpaid=decimal_text(overpaid, currency=currency),
            ),
            name="refund-too-big",
            field="amount",
            fix="give at most what is overpaid",
        )
    approvals: tuple[Approval, ...] = ()
    if reference is None:
        approvals = (
            cash_approval(
                gateway,
                currency=currency,
                owner=lender,
                spender=commands.CONTRACT,
                amount=amount,
            ),
        )
    arguments = [loan_id, amount, _NO_REFERENCE if reference is None else bank_reference(reference)]
    new_operation = NewOperation(
        REFUND, commands.CONTRACT, "refundOverpayment", arguments, {"loanId": loan_id}, approvals
    )
    return await change_for(command, new_operation)
