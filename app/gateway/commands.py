"""Commands: what a service knows of one, and the change that the service answers with.

A service decides and commits nothing. `app.gateway.idempotency` writes the change and stores its
answer, in one database transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.intents import operation_hash
from app.chain.outbox.operation import Operation
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway


class Answer(msgspec.Struct):
    """What a command answers.

    Attributes:
        operation: the operation in the body that the caller may wait for.
        shown_once: values of the body that only the first answer shows; they are not stored.
            An answer with an operation has none.
    """

    body: Mapping[str, Any]
    status: int = 202
    operation: Operation | None = None
    shown_once: Mapping[str, Any] = {}


class Change(msgspec.Struct, frozen=True):
    """What a command writes.

    Attributes:
        write: checks what must hold at that moment, writes, and returns the answer. The database
            may roll back and run it again, so it touches nothing but its connection.
    """

    write: Callable[[Connection], Answer]


class Command:
    """One command by one caller under one idempotency key."""

    def __init__(self, *, gateway: Gateway, caller: Caller, key: str) -> None:
        self.gateway = gateway
        self.caller = caller
        self.owner = caller.owner
        self.key = key
        self._places = 0

    @property
    def owners(self) -> tuple[str, ...]:
        """Under which owners the command may be stored; before 0025 a label was the owner."""
        label = self.caller.label
        return (self.owner,) if self.caller.party_id or self.owner == label else (self.owner, label)

    @property
    def first_hashes(self) -> tuple[str, ...]:
        """The hash of the command's first operation, as the chain has it, for each owner."""
        return tuple("0x" + operation_hash(owner, self.key).hex() for owner in self.owners)

    def next_place(self) -> int:
        """The place of the command's next operation, from 0."""
        self._places += 1
        return self._places - 1

    def restart_places(self) -> None:
        """Counts places from 0 again, before a change is written anew."""
        self._places = 0
