"""The lender closes hedges that no longer count."""

from __future__ import annotations

from app.domain.texts import say
from app.errors import Forbidden, NotFound
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.lending import access
from app.lending.commands import CONTRACT
from app.lending.hedges import repository


async def close(command: Command, loan_id: int, hash_text: str) -> Change:
    """The lender closes a hedge: it counts for the margin no more, which is checked.

    Raises:
        NotFound, Forbidden.
    """
    row = await access.loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    name = hash_text.lower()
    hedges = await command.gateway.storage.read(
        lambda connection: repository.of_loan(connection, loan_id)
    )
    if not any(hedge.contract_hash == name and hedge.closed_position is None for hedge in hedges):
        raise NotFound(
            say("loan {loan_id} has no open hedge {name}", loan_id=loan_id, name=name),
            name="hedge-unknown",
        )
    subject = {"loanId": loan_id, "contractHash": name}
    return await change_for(
        command, NewOperation("close-hedge", CONTRACT, "closeHedge", [loan_id, name], subject)
    )
