"""What commands of lending share: the contract they call, the bound of a payment, plain steps."""

from __future__ import annotations

from starlette.responses import Response

from app.errors import Forbidden
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.lending.access import loan

CONTRACT = "Facilities"

MOST_REPAYMENT = 2**60 - 1


async def step(command: Command, loan_id: int, *, kind: str, function: str, side: str) -> Response:
    """Overdue (anyone near it), default, loss and write-off (the lender)."""
    row = await loan(command.gateway, command.caller, loan_id)
    if side == "lender" and command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    return await act(command, Act(kind, CONTRACT, function, [loan_id], {"loanId": loan_id}))
