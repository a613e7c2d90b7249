"""Operations that the gateway begins by itself: each once, and again if it failed.

The origin of such an operation is its purpose and the number of the attempt. So all gateways on one
store, before and after a restart, begin each attempt at most once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.signers import LocalSigner
from app.chain.outbox.intents import operation_hash
from app.chain.outbox.operation import DONE, Operation
from app.chain.outbox.outbox import GATEWAY, Call, Origin, enqueue
from app.chain.outbox.restored import why_held
from app.gateway.gateway import Gateway
from app.storage import run

FIRST_PAUSE, MAX_PAUSE = 60.0, 86_400.0  # seconds between two attempts; each pause is four times
_PAUSE_GROWS = 4
_OWN_ACCOUNT = "own_account"


def begin(
    connection: Connection,
    purpose: str,
    call: Call,
    *,
    attempts: int | None = None,
    then: Callable[[Connection, Operation], None] | None = None,
) -> Operation | None:
    """Begins the next attempt of a purpose.

    Args:
        purpose: names what the operation is for, and is never used for anything else.
        attempts: maximum number; None: as many as it takes.
        then: what else this transaction writes.

    Returns:
        None if an attempt is under way or ended a short while ago, if there were enough of them, or
        if the store is held after a restore.

    Raises:
        RanBeforeRestore: the chain has carried out the attempt; the store lost it.
        RowConflict: another gateway on the store has begun it.
    """
    if why_held(connection) is not None:
        return None
    place = 0
    while (last := _attempt(connection, purpose, place)) is not None:
        place += 1
        if attempts is not None and place >= attempts:
            return None
        pause = min(FIRST_PAUSE * _PAUSE_GROWS ** (place - 1), MAX_PAUSE)
        if last.state not in DONE or time.time() < last.created_at + pause:
            return None
    operation = enqueue(connection, call, origin=Origin(GATEWAY, purpose, place))
    if then is not None:
        then(connection, operation)
    return operation


async def own_account(gateway: Gateway) -> str:
    """The gateway's own account, for calls that anyone may make; its key is in the keystore."""
    address = await gateway.storage.read(_own_account)
    if address is not None:
        return address
    signer = LocalSigner.generate()
    document = await gateway.key_work.run(gateway.keystore.encrypted, signer)

    def store(connection: Connection) -> str:
        run(
            connection,
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            (_OWN_ACCOUNT, signer.address.encode()),
        )
        stored = _own_account(connection)
        if stored == signer.address:  # no other gateway on the store was first
            gateway.keystore.store(connection, signer, document=document, label=GATEWAY)
        assert stored is not None
        return stored

    return await gateway.storage.write(store)


def _own_account(connection: Connection) -> str | None:
    value = run(connection, "SELECT value FROM settings WHERE name = ?", (_OWN_ACCOUNT,)).scalar()
    return None if value is None else bytes(value).decode()


def _attempt(connection: Connection, purpose: str, place: int) -> Any:
    digest = "0x" + operation_hash(GATEWAY, purpose, place=place).hex()
    query = "SELECT state, created_at FROM operations WHERE hash = ?"
    return run(connection, query, (digest,)).first()
