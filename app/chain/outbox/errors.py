"""Errors of the outbox.

OutboxError
├── OperationUnknown    no operation has this id
├── OperationClosed     the operation is past the state in which it can be signed
├── SignatureMismatch   the signature is not the signer's signature over the intent
├── RanBeforeRestore    the chain has carried out the operation; the store has lost it
└── IntentRefused       the chain would refuse the intent now
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.chain.evm.contracts import ContractError
from app.chain.outbox.nonces import UnknownExecution

if TYPE_CHECKING:
    from app.chain.outbox.outbox import Call


class OutboxError(Exception):
    """A command cannot enter the outbox, or a signature does not match an operation."""


class OperationUnknown(OutboxError):
    """No operation has this id."""


class OperationClosed(OutboxError):
    """The operation is past the state in which it can be signed."""


class SignatureMismatch(OutboxError):
    """The signature is valid, but not the signer's signature over the operation's intent."""


class RanBeforeRestore(OutboxError):
    """The chain has carried out this operation; the store lost it when it was restored."""

    def __init__(self, execution: UnknownExecution) -> None:
        super().__init__(
            f"the command ran in transaction {execution.transaction_hash} of block "
            f"{execution.block_number}, before the store was restored from a backup"
        )
        self.execution = execution


class IntentRefused(OutboxError):
    """The chain would refuse the intent to call `call` now; `error` says why."""

    def __init__(self, error: ContractError, *, call: Call) -> None:
        super().__init__(str(error))
        self.error = error
        self.call = call
