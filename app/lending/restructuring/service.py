"""Waivers of penalty, interest and service fees, and write-offs of a part of the principal."""

from __future__ import annotations

from app.errors import BadInput, Forbidden
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.money import Money, minor
from app.lending.access import loan
from app.lending.commands import CONTRACT
from app.lending.restructuring.schemas import NewPartWriteOff, NewWaiver


async def waive(command: Command, loan_id: int, request: NewWaiver) -> Change:
    """The party whose money is lent gives up penalty, interest or service fees that are owed.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != (row.entruster or row.lender):
        raise Forbidden("only the party whose money is lent waives it", name="not-lender")
    currency = command.gateway.currency_at(row.currency)

    def amount(money: Money | None, field: str) -> int:
        return 0 if money is None else minor(money, field=field, currency=currency)

    penalty, interest = amount(request.penalty, "penalty"), amount(request.interest, "interest")
    fees = amount(request.fees, "fees")
    if not penalty and not interest and not fees:
        raise BadInput(
            "a waiver of nothing", field="penalty", fix="give penalty, interest, or both; or fees"
        )
    if fees and (penalty or interest):
        raise BadInput(
            "service fees are waived apart from penalty and interest",
            field="fees",
            fix="send a waiver with fees alone, and another one",
        )
    function, arguments = "waive", [loan_id, penalty, interest]
    if fees:
        function, arguments = "waiveServiceFees", [loan_id, fees]
    new_operation = NewOperation("waive", CONTRACT, function, arguments, {"loanId": loan_id})
    return await change_for(command, new_operation)


async def write_off_in_part(command: Command, loan_id: int, request: NewPartWriteOff) -> Change:
    """The lender records that it wrote off a part of the principal of a loan in default.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    currency = command.gateway.currency_at(row.currency)
    amount = minor(request.amount, field="amount", currency=currency)
    new_operation = NewOperation(
        *("write-off-loan-in-part", CONTRACT, "writeOffInPart", [loan_id, amount]),
        {"loanId": loan_id},
    )
    return await change_for(command, new_operation)
