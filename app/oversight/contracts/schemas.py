"""Bodies of contracts and their interfaces."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class LedgerContract(BaseModel):
    """A contract of the ledger's deployment."""

    name: str = Field(description="Its name in the deployment.")
    kind: Literal["contract", "module", "library"] = Field(
        description="A module and a library run in the name of a contract; nobody calls them."
    )
    address: str = Field(description="Where it stands, with the checksum of EIP-55.")
    abi: str = Field(description="Path of its interface in this API.")


class LedgerContracts(BaseModel):
    """The contracts of the ledger."""

    chainId: int = Field(description="The chain that they stand on (EIP-155).")
    items: list[LedgerContract]


class AbiItem(BaseModel):
    """One function, event, error or constructor, as Solidity's compiler writes it."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "error",
                "name": "TokenUnknown",
                "inputs": [{"name": "tokenId", "type": "uint256", "internalType": "uint256"}],
            }
        },
    )
    type: str = Field(description="`function`, `event`, `error` or `constructor`.")
    name: str | None = Field(None, description="None for a constructor.")
    inputs: list[dict[str, Any]] = Field([], description="Parameters, with name and type.")
    outputs: list[dict[str, Any]] = Field([], description="What a function answers.")
    stateMutability: str | None = Field(None, description="`view` where nothing changes.")
    anonymous: bool | None = Field(None, description="Of an event: whether it has no topic.")
