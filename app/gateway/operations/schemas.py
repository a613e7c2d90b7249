"""Bodies of operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.chain.evm.typed_data import TypedData
from app.chain.outbox.operation import State
from app.gateway.read_as_of import AsOf


class Block(TypedDict):
    """A block's number and hash."""

    blockNumber: int
    blockHash: str | None


class OperationErrorBody(TypedDict):
    """Why it was rejected: a contract's own error, or the gateway's (contract "")."""

    name: str
    message: str
    arguments: Mapping[str, Any]
    contract: str
    fix: str


class Retry(TypedDict):
    """What to do about a rejected operation; it is never sent again by itself."""

    safe: Annotated[
        bool,
        Field(description="Whether it can never run any more, so that nothing happens twice."),
    ]
    notBefore: Annotated[
        str | None,
        Field(description="Until then it may still run, UTC; null: it is safe, or not known."),
    ]
    words: Annotated[str, Field(description="What to do.")]


class Operation(TypedDict):
    """A command on its way: prepared → accepted → submitted → included → final, or rejected."""

    id: Annotated[str, Field(description="UUIDv7")]
    kind: str
    state: State
    subject: Mapping[str, Any]
    contract: str
    function: str
    signer: Annotated[str, Field(description="Address whose signature the ledger sees.")]
    custody: bool
    transactionHash: str | None
    block: Block | None
    gasUsed: Annotated[
        int | None,
        Field(description="Gas of the whole transaction, which may carry other operations too."),
    ]
    error: OperationErrorBody | None
    retry: Annotated[
        Retry | None,
        Field(description="For a rejected one: whether the command may be given anew; else null."),
    ]
    result: Annotated[
        Mapping[str, Any] | None, Field(description="Its events, and the ids in them.")
    ]
    createdAt: str
    submittedAt: str | None
    includedAt: str | None
    finalAt: str | None


class CommandAnswer(TypedDict):
    """The answer to every command."""

    operation: Operation
    typedData: NotRequired[
        Annotated[
            TypedData,
            Field(
                description="EIP-712 typed data for the caller's own wallet "
                "(eth_signTypedData_v4), where the gateway has no custody."
            ),
        ]
    ]
    precedingOperationIds: NotRequired[
        Annotated[
            list[str],
            Field(
                description="Operations that run first, in this order: parts of a loan's history "
                "that one transaction cannot take."
            ),
        ]
    ]


class OperationPage(TypedDict):
    """A page of operations, newest first."""

    items: list[Operation]
    nextCursor: str | None


class TypedDataAnswer(TypedDict):
    """What the caller's own wallet signs."""

    typedData: Annotated[
        TypedData,
        Field(description="EIP-712 typed data of the prepared operation (eth_signTypedData_v4)."),
    ]


class SignatureBody(BaseModel):
    """A wallet's signature over the typed data of a prepared operation."""

    model_config = ConfigDict(extra="forbid")
    signature: str = Field(
        pattern=r"^0x([0-9a-fA-F]{2})+$",
        max_length=16_386,
        description="65 bytes from a key, or what the wallet's contract accepts (ERC-1271).",
        examples=["0x" + "ab" * 65],
    )


class StateCount(TypedDict):
    """How many operations are in a state."""

    state: State
    count: Annotated[int, Field(description="10,000 at most.")]
    more: Annotated[bool, Field(description="Whether there are more than were counted.")]
    oldestAt: Annotated[
        str | None, Field(description="When the oldest of them was accepted; null: there is none.")
    ]


class OperationSummary(TypedDict):
    """The queue of operations by state."""

    states: list[StateCount]
    asOf: AsOf
