"""What lending commands share: the contract, the largest payment, and plain steps."""

from __future__ import annotations

from app.errors import Forbidden
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.lending.access import loan

CONTRACT = "Facilities"

MAX_REPAYMENT = 2**60 - 1


async def step(command: Command, loan_id: int, *, kind: str, function: str, side: str) -> Change:
    """Sends a call that takes only the loan.

    Args:
        side: `lender` when only the lender or the entruster may send it, `any` for all who see
            the loan.

    Raises:
        NotFound, Forbidden.
    """
    row = await loan(command.gateway, command.caller, loan_id)
    if side == "lender" and command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    return await change_for(
        command, NewOperation(kind, CONTRACT, function, [loan_id], {"loanId": loan_id})
    )
