"""Bodies of parties."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.gateway.operations.schemas import CommandAnswer

LedgerRole = Literal[
    "seller", "debtor", "funder", "warehouse", "operator", "rater", "appraiser", "auditor"
]
# What a registrar may hand out. Officials' keys are made where the gateway runs: `cession key`.
KeyRole = Literal["supplier", "buyer", "bank", "rater", "appraiser", "warehouse"]
ROLE_BITS: dict[str, int] = {
    "seller": 1,
    "debtor": 2,
    "funder": 4,
    "warehouse": 8,
    "operator": 16,
    "rater": 32,
    "appraiser": 64,
    "auditor": 128,
}
ADDRESS = r"^0x[0-9a-fA-F]{40}$"


def role_names(bits: int) -> list[str]:
    """Names of the roles in a bit set."""
    return [name for name, bit in ROLE_BITS.items() if bits & bit]


class LegalId(BaseModel):
    """Identifier of a legal entity; its check digits are checked."""

    model_config = ConfigDict(extra="forbid")
    scheme: str = Field(
        pattern=r"^[A-Z0-9]{2,12}$",
        description="LEI, USCC (unified social credit code), VAT, or an ISO 6523 code.",
        examples=["USCC"],
    )
    value: str = Field(max_length=80, examples=["91330106MA2CE1550K"])


class NewParty(BaseModel):
    """A party to be registered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Linghu Castings Co., Ltd.",
                "legalId": {"scheme": "USCC", "value": "91330106MA2CE1550K"},
                "roles": ["seller"],
            }
        },
    )
    name: str = Field(min_length=1, max_length=200, examples=["Linghu Castings Co., Ltd."])
    legalId: LegalId
    roles: list[LedgerRole] = Field(min_length=1, examples=[["seller"]])
    account: str | None = Field(
        None,
        pattern=ADDRESS,
        description="The party's own wallet; without it the gateway keeps a key for the party.",
    )
    validUntil: int | None = Field(
        None, ge=1, le=2**40, description="UTC seconds; five years from now when left out."
    )


class NewKey(BaseModel):
    """An API key to be made for a party."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"roles": ["supplier"], "label": "erp"}}
    )
    roles: list[KeyRole] = Field(min_length=1)
    label: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Names the key; to end it.")


class NewRoles(BaseModel):
    """A party's roles from now on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"roles": ["seller", "debtor"]}}
    )
    roles: list[LedgerRole]


class NewValidity(BaseModel):
    """Until when a party's registration holds: later at once, earlier with 30 days' notice."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"validUntil": 1953592990}}
    )
    validUntil: int = Field(ge=0, le=2**40, description="UTC seconds, exclusive.")


class Alike(BaseModel):
    """A party whose name looks like another's."""

    partyId: str
    name: str


class Party(BaseModel):
    """A party: what the directory and the ledger know of it."""

    id: str
    name: str
    confusableWith: list[Alike] | None = Field(
        None,
        description="Other parties whose names a reader may take for this one (UTS 39); for "
        "registrar and those who audit.",
    )
    legalId: LegalId | None = Field(None, description="For itself, registrar, and those who audit.")
    account: str
    custody: bool = Field(description="Whether the gateway keeps its key.")
    roles: list[str]
    ledgerPartyId: int | None = Field(None, description="None until its registration is included.")
    validUntil: str | None = None
    frozen: bool = False
    heldUntil: str | None = Field(
        None, description="End of its last interim hold; as frozen until then."
    )
    identityHash: str


class PartyPage(BaseModel):
    """A page of parties, by name."""

    items: list[Party]
    nextCursor: str | None = None
    asOf: dict[str, Any]


class KeyAnswer(BaseModel):
    """A new key; it is shown this once."""

    apiKey: str
    roles: list[str]
    label: str
    waiting: bool = Field(
        description="Opens nothing until a second person confirms it: the party already had a key."
    )


class PartyAnswer(CommandAnswer):
    """The party and the operation that registers it."""

    party: Party
