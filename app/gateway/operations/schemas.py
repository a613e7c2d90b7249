"""Bodies of operations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["prepared", "accepted", "submitted", "included", "final", "rejected"]


class Block(BaseModel):
    """A block's number and hash."""

    blockNumber: int
    blockHash: str


class OperationErrorBody(BaseModel):
    """Why it was rejected: a contract's own error, or the gateway's (contract "")."""

    name: str
    message: str
    arguments: dict[str, Any] = {}
    contract: str = ""
    fix: str = ""


class Operation(BaseModel):
    """A command on its way: prepared → accepted → submitted → included → final, or rejected."""

    id: str = Field(description="UUIDv7")
    kind: str
    state: State
    subject: dict[str, Any]
    contract: str
    function: str
    signer: str = Field(description="Address whose signature the ledger sees.")
    custody: bool
    transactionHash: str | None = None
    block: Block | None = None
    gasUsed: int | None = Field(
        None, description="Gas of the whole transaction, which may carry other operations too."
    )
    error: OperationErrorBody | None = None
    result: dict[str, Any] | None = Field(None, description="Its events, and the ids in them.")
    createdAt: str
    submittedAt: str | None = None
    includedAt: str | None = None
    finalAt: str | None = None


class CommandAnswer(BaseModel):
    """The answer to every command."""

    model_config = ConfigDict(extra="allow")
    operation: Operation
    typedData: dict[str, Any] | None = Field(
        None,
        description="EIP-712 typed data for the caller's own wallet (eth_signTypedData_v4), "
        "where the gateway has no custody.",
    )


class OperationPage(BaseModel):
    """A page of operations, newest first."""

    items: list[Operation]
    nextCursor: str | None = None


class SignatureBody(BaseModel):
    """A wallet's signature over the typed data of a prepared operation."""

    model_config = ConfigDict(extra="forbid")
    signature: str = Field(
        pattern=r"^0x([0-9a-fA-F]{2})+$",
        max_length=16_386,
        description="65 bytes from a key, or what the wallet's contract accepts (ERC-1271).",
        examples=["0x" + "ab" * 65],
    )
