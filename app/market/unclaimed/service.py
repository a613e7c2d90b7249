"""What waits for a party, and its withdrawal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.market.unclaimed import repository
from app.market.unclaimed.projection import owner_of
from app.market.unclaimed.repository import Waiting
from app.market.unclaimed.schemas import Withdrawal


async def listed(gateway: Gateway, caller: Caller) -> dict[str, Any]:
    """What waits for the caller's party; for everybody's where the caller sees all."""

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        rows: list[Waiting] = []
        if caller.sees_all:
            rows = repository.waiting(connection, owner=None)
        elif caller.account is not None:
            rows = repository.waiting(connection, owner=owner_of(connection, caller.account))
        return {"items": [_view(gateway, row) for row in rows], "asOf": as_of}

    return await gateway.storage.read(find)


async def withdraw(command: Command, wanted: Withdrawal) -> Response:
    """To the caller's own account, all that waits there for its party.

    Raises:
        NotFound: nothing does.
    """
    gateway, account = command.gateway, command.caller.acting()

    def find(connection: Connection) -> Waiting | None:
        rows = repository.waiting(connection, owner=owner_of(connection, account))
        for row in rows:
            named = (row.contract, gateway.currency_at(row.currency))
            if named == (wanted.contract, wanted.currency):
                return row
        return None

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(
            f"nothing in {wanted.currency} waits in {wanted.contract}", name="nothing-unclaimed"
        )
    arguments = [account, row.currency]
    subject = {"contract": row.contract}
    return await act(
        command, Act("withdraw-unclaimed", row.contract, "releaseKept", arguments, subject)
    )


def _view(gateway: Gateway, row: Waiting) -> dict[str, Any]:
    of_party = row.owner.isdecimal()
    currency = gateway.currency_at(row.currency)
    return {
        "contract": row.contract,
        "ledgerPartyId": int(row.owner) if of_party else None,
        "account": None if of_party else row.owner,
        "amount": money_view(row.amount, currency=currency),
    }
