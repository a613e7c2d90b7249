"""Bodies of credit tiers."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.money import Money, MoneyView
from app.gateway.path_types import SIGNATURE, SIGNATURE_LENGTH, Day, Whole
from app.gateway.read_as_of import AsOf

HASH = r"^0x[0-9a-fA-F]{64}$"


class NewAttestation(BaseModel):
    """A rater's attestation of a party: its tier, and the maximum that it should owe."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "partyId": "01a20b01-b514-70dd-928c-b6cc4f15541b",
                "tier": 2,
                "limit": {"amount": "2000000.00", "currency": "CNY"},
                "tradingSince": "2024-01-15",
                "modelVersion": "scorecard 3.1",
                "evidenceRoot": "0x" + "11" * 32,
                "validDays": 180,
            }
        },
    )
    partyId: str
    tier: Whole = Field(ge=1, le=5, description="1 is the best.")
    limit: Money = Field(
        description="The maximum that it should owe to all lenders under products that require a "
        "tier, in its home currency."
    )
    tradingSince: Day
    modelVersion: str = Field(min_length=1, max_length=200, description="Its hash goes on chain.")
    evidenceRoot: str = Field(pattern=HASH, description="Merkle root of the evidence.")
    validDays: Whole = Field(180, ge=1, le=3660)
    issuedAt: Whole | None = Field(
        None, ge=1, le=2**40 - 1, description="UTC seconds; for a wallet that signs itself."
    )
    signature: str | None = Field(None, pattern=SIGNATURE, max_length=SIGNATURE_LENGTH)


class Revocation(BaseModel):
    """The attestation that the rater saw, and the reason, whose hash goes on the ledger."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "issuedAt": "2026-10-01T08:00:00.000Z",
                "reason": "accounts were not true",
            }
        },
    )
    issuedAt: AwareDatetime = Field(
        description="`issuedAt` of the attestation in force: if another one stands by now, nothing "
        "happens."
    )
    reason: str = Field("", max_length=4000)


class Credit(TypedDict):
    """A party's tier on the ledger, with its attestation if one is in force."""

    partyId: str
    tier: Annotated[int | None, Field(description="null: no attestation is in force.")]
    limit: NotRequired[
        Annotated[
            MoneyView,
            Field(description="The maximum that it should owe under products that require a tier."),
        ]
    ]
    rater: NotRequired[Annotated[str, Field(description="The rater's address on the ledger.")]]
    tradingSince: NotRequired[str]
    modelVersionHash: NotRequired[
        Annotated[str, Field(description="Hash of the version of the rater's model.")]
    ]
    evidenceRoot: NotRequired[Annotated[str, Field(description="Merkle root of the evidence.")]]
    issuedAt: NotRequired[
        Annotated[str, Field(description="The time from which the attestation is valid, UTC.")]
    ]
    expiresAt: NotRequired[str]
    asOf: AsOf
