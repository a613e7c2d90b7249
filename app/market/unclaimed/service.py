"""Reads and withdraws unclaimed money."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.market.unclaimed import repository
from app.market.unclaimed.projection import owner_of
from app.market.unclaimed.repository import UnclaimedRow
from app.market.unclaimed.schemas import Unclaimed, UnclaimedList, Withdrawal


async def unclaimed(gateway: Gateway, caller: Caller) -> UnclaimedList:
    """Unclaimed money of the caller's party; of all parties for a caller who sees all."""

    def find(connection: Connection) -> UnclaimedList:
        _, as_of = moment(connection)
        rows: list[UnclaimedRow] = []
        if caller.sees_all:
            rows = repository.unclaimed(connection, owner=None)
        elif caller.account is not None:
            rows = repository.unclaimed(connection, owner=owner_of(connection, caller.account))
        return {"items": [_view(gateway, row) for row in rows], "asOf": as_of}

    return await gateway.storage.read(find)


async def withdraw(command: Command, request: Withdrawal) -> Change:
    """Withdraws its party's unclaimed money in one contract to the caller's own account.

    Raises:
        NotFound: the party has none there.
    """
    gateway, account = command.gateway, command.caller.acting()

    def find(connection: Connection) -> UnclaimedRow | None:
        rows = repository.unclaimed(connection, owner=owner_of(connection, account))
        for row in rows:
            place = (row.contract, gateway.currency_at(row.currency))
            if place == (request.contract, request.currency):
                return row
        return None

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(
            say(
                "the party has no unclaimed {currency} in {contract}",
                currency=request.currency,
                contract=request.contract,
            ),
            name="nothing-unclaimed",
            fix="look at GET /v1/unclaimed",
        )
    arguments = [account, row.currency]
    subject = {"contract": row.contract}
    return await change_for(
        command,
        NewOperation("withdraw-unclaimed", row.contract, "withdrawUnclaimed", arguments, subject),
    )


def _view(gateway: Gateway, row: UnclaimedRow) -> Unclaimed:
    of_party = row.owner.isdecimal()
    currency = gateway.currency_at(row.currency)
    return {
        "contract": row.contract,
        "ledgerPartyId": int(row.owner) if of_party else None,
        "account": None if of_party else row.owner,
        "amount": money_view(row.amount, currency=currency),
    }
