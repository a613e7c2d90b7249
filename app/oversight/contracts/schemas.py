"""Bodies of contracts and their interfaces."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.chain.evm import abi

ContractKind = Literal["contract", "module", "library"]


class LedgerContract(TypedDict):
    """A contract of the ledger's deployment."""

    name: Annotated[str, Field(description="Its name in the deployment.")]
    kind: Annotated[
        ContractKind,
        Field(
            description="Callers call contracts; "
            "a module or a library runs on behalf of a contract."
        ),
    ]
    address: Annotated[str, Field(description="Its address, with the checksum of EIP-55.")]
    abi: Annotated[str, Field(description="Path of its interface in this API.")]


class ClearSigning(TypedDict):
    """A contract's descriptors for clear signing, in the form of ERC-7730."""

    messages: Annotated[
        dict[str, Any] | None,
        Field(description="Of typed data (EIP-712) for it; null: parties sign none."),
    ]
    calls: Annotated[
        dict[str, Any] | None, Field(description="Of calls of it; null: parties sign none.")
    ]


class LedgerContracts(TypedDict):
    """The contracts of the ledger."""

    chainId: Annotated[int, Field(description="Number of their chain (EIP-155).")]
    items: list[LedgerContract]


@with_config(
    ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "error",
                "name": "TokenUnknown",
                "inputs": [{"name": "tokenId", "type": "uint256", "internalType": "uint256"}],
            }
        },
    )
)
class AbiItem(abi.AbiItem):
    """One function, event, error or constructor, in the form of Solidity's compiler."""
