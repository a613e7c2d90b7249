"""What the gateway answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, cast

State = Literal["prepared", "accepted", "submitted", "included", "final", "rejected"]
UNDER_WAY = ("accepted", "submitted")


class Operation(TypedDict):
    """What a party asked the ledger to do, with its state; the gateway's description has all."""

    id: str
    kind: str
    state: State
    signer: str
    custody: bool
    transactionHash: str | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None


@dataclass
class Answer:
    """An answer.

    Attributes:
        body: the JSON; after a command that was waited for, with the members of its operation.
        milliseconds: how long the caller waited.
        status: the HTTP status.
        replayed: the gateway had answered this idempotency key before.
    """

    body: dict[str, Any]
    milliseconds: float
    status: int = 200
    replayed: bool = False

    @property
    def operation(self) -> Operation | None:
        """The command's operation; None: the command needs none, or nothing was commanded."""
        return operation_in(self.body)

    @property
    def result(self) -> dict[str, Any]:
        """The events of the operation, and the ids of what it created; empty before its end."""
        operation = self.operation
        return {} if operation is None else operation["result"] or {}


def operation_in(body: Mapping[str, Any]) -> Operation | None:
    """The operation in the answer to a command; signatures are answered with a bare operation."""
    if "operation" in body:
        return cast("Operation | None", body["operation"])
    names_one = {"id", "state", "transactionHash"} <= body.keys()
    return cast("Operation", body) if names_one else None
