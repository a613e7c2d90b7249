"""Bodies of contracts and their interfaces."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class LedgerContract(BaseModel):
    """A contract of the ledger's deployment."""

    name: str = Field(description="Its name in the deployment.")
    kind: Literal["contract", "module", "library"] = Field(
        description="Callers call contracts; a module or a library runs on behalf of a contract."
    )
    address: str = Field(description="Its address, with the checksum of EIP-55.")
    abi: str = Field(description="Path of its interface in this API.")


class LedgerContracts(BaseModel):
    """The contracts of the ledger."""

    chainId: int = Field(description="Number of their chain (EIP-155).")
    items: list[LedgerContract]


class AbiItem(BaseModel):
    """One function, event, error or constructor, in the form of Solidity's compiler."""

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
    outputs: list[dict[str, Any]] = Field([], description="What a function returns.")
    stateMutability: str | None = Field(None, description="`view`: the function changes nothing.")
    anonymous: bool | None = Field(None, description="For an event: whether it has no topic.")
