"""Bodies of the stop of new risk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

ApprovalKind = Literal["cash", "all", "token", "value"]


class NewStop(BaseModel):
    """Why new risk is stopped. The hash goes on the ledger; this gateway stores the text."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"reason": "INC-7: collection pays one claim twice"}},
    )
    reason: str = Field(min_length=1, max_length=500)


class NewResumption(BaseModel):
    """The stop to end; its hash makes sure that nobody ends an unknown stop."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reasonHash": "0x" + "1f" * 32}}
    )
    reasonHash: str = Field(pattern="^0x[0-9a-f]{64}$")


class NewRisk(TypedDict):
    """Whether the ledger accepts new risk, as the chain says now."""

    state: Literal["open", "stopped"]
    reasonHash: str | None
    reason: Annotated[str | None, Field(description="The text, where this gateway sent the stop.")]
    resumptionProposedBy: Annotated[
        str | None, Field(description="The first of the two officials who resume it.")
    ]


class ApprovalView(TypedDict):
    """An open approval of one account."""

    account: str
    contract: Annotated[str, Field(description="The contract of the cash or of the tokens.")]
    spender: Annotated[
        str,
        Field(
            description="Who may move them: the name of a contract of the ledger, or an address."
        ),
    ]
    kind: Annotated[
        ApprovalKind,
        Field(
            description="`cash`; `all` tokens or orders of the account; one `token`; "
            "or the `value` of a part of one."
        ),
    ]
    tokenId: Annotated[
        int | None, Field(description="The token's number; null for `cash` and `all`.")
    ]
    amount: Annotated[
        str | None,
        Field(
            description="The approved cash or value in the smallest units, or `unlimited`; "
            "null for `all` and `token`."
        ),
    ]


class Approvals(TypedDict):
    """Open approvals of one account, as the chain says now."""

    items: list[ApprovalView]
