"""Who may see an operation, and how a wallet's signature reaches it."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.evm.typed_data import TypedData
from app.chain.outbox.operation import PREPARED, Operation
from app.chain.outbox.outbox import OperationClosed, OperationUnknown
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.operations import repository
from app.gateway.operations.schemas import OperationSummary
from app.gateway.read_as_of import moment
from app.gateway.views import time_view


def may_see(caller: Caller, operation: Operation) -> bool:
    """Whether the operation is the caller's own, or the caller sees all."""
    if caller.sees_all or (caller.account is not None and caller.account == operation.signer):
        return True
    return caller.party_id is not None and caller.party_id == operation.party_id


async def operation(
    gateway: Gateway, caller: Caller, identifier: str, *, wait: float = 0
) -> Operation:
    """The operation, after waiting for its end when asked to.

    Raises:
        OperationUnknown: there is none, or the caller may not see it.
    """
    stored = await gateway.operations.get(identifier)
    if not may_see(caller, stored):
        raise OperationUnknown(identifier)
    return await gateway.operations.wait(identifier, wait) if wait > 0 else stored


async def typed_data(gateway: Gateway, caller: Caller, identifier: str) -> TypedData:
    """What the wallet signs for a prepared operation.

    Raises:
        OperationUnknown: there is none, or the caller may not see it.
        OperationClosed: it waits for no signature.
    """
    prepared = await operation(gateway, caller, identifier)
    if prepared.state != PREPARED:
        raise OperationClosed(f"operation {identifier} waits for no signature")
    return gateway.operations.typed_data(prepared)


async def listed(
    gateway: Gateway, caller: Caller, *, state: str | None, before: str | None, limit: int
) -> list[Operation]:
    """Operations that the caller may see, newest first."""
    party_id = None if caller.sees_all else caller.party_id
    signer = None if caller.sees_all or party_id is not None else caller.account
    if not caller.sees_all and party_id is None and signer is None:
        return []
    return await gateway.storage.read(
        lambda connection: repository.operations(
            connection, party_id=party_id, signer=signer, state=state, before=before, limit=limit
        )
    )


async def sign(
    gateway: Gateway, caller: Caller, identifier: str, signature: str, *, wait: float = 0
) -> Operation:
    """Takes a wallet's signature over a prepared operation of the caller's.

    Args:
        wait: seconds to wait for its end.
    """
    await operation(gateway, caller, identifier)
    signed = await gateway.operations.submit_signature(identifier, signature)
    return await gateway.operations.wait(identifier, wait) if wait > 0 else signed


async def summary(gateway: Gateway) -> OperationSummary:
    """How many operations are in each state, and since when the oldest of them waits."""

    def find(connection: Connection) -> OperationSummary:
        return {
            "states": [
                {
                    "state": state,
                    "count": min(number, repository.COUNTED),
                    "more": number > repository.COUNTED,
                    "oldestAt": time_view(repository.oldest(connection, state)),
                }
                for state, number in repository.counted(connection).items()
            ],
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)
