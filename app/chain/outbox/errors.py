"""What the outbox refuses.

OutboxError
├── OperationUnknown    there is no such operation
├── OperationClosed     it is past the state in which it can be signed
├── SignatureMismatch   the signature is not the signer's over its intent
├── RanBeforeRestore    the chain has carried it out, and the store has lost it
└── IntentRefused       the chain would refuse it as things stand
"""

from __future__ import annotations

from app.chain.evm.contracts import ContractError
from app.chain.outbox.nonces import UnknownExecution


class OutboxError(Exception):
    """A command cannot enter the outbox, or a signature does not fit it."""


class OperationUnknown(OutboxError):
    """There is no such operation."""


class OperationClosed(OutboxError):
    """The operation is past the state in which it can be signed."""


class SignatureMismatch(OutboxError):
    """The signature is sound but not by the operation's signer over its intent."""


class RanBeforeRestore(OutboxError):
    """The chain has carried out this operation; the store lost it when it was restored."""

    def __init__(self, execution: UnknownExecution) -> None:
        super().__init__(
            f"the command ran in transaction {execution.transaction_hash} of block "
            f"{execution.block_number}, before the store was restored from a backup"
        )
        self.execution = execution


class IntentRefused(OutboxError):
    """The chain would refuse the intent as things stand; `error` says why."""

    def __init__(self, error: ContractError) -> None:
        super().__init__(str(error))
        self.error = error
