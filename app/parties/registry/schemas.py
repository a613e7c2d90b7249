"""Bodies of parties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Whole
from app.gateway.read_as_of import AsOf

LedgerRole = Literal[
    "supplier", "buyer", "financier", "warehouse", "platform", "rater", "appraiser", "auditor"
]
# Roles that a registrar may assign. Officials get their keys at the gateway: `cession key`.
KeyRole = Literal["supplier", "buyer", "financier", "rater", "appraiser", "warehouse"]
ADDRESS = r"^0x[0-9a-fA-F]{40}$"
KEY_ID = r"^[0-9a-f]{32}$"


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
    """A party to register."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Linghu Castings Co., Ltd.",
                "legalId": {"scheme": "USCC", "value": "91330106MA2CE1550K"},
                "roles": ["supplier"],
            }
        },
    )
    name: str = Field(min_length=1, max_length=200, examples=["Linghu Castings Co., Ltd."])
    legalId: LegalId
    roles: list[LedgerRole] = Field(min_length=1, examples=[["supplier"]])
    account: str | None = Field(
        None,
        pattern=ADDRESS,
        description="The party's own wallet; if left out, the gateway makes a key for the party.",
    )
    validUntil: Whole | None = Field(
        None, ge=1, le=2**40, description="UTC seconds; if left out: five years from now."
    )


class NewKey(BaseModel):
    """An API key to make for a party."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"roles": ["supplier"], "label": "erp"}}
    )
    roles: list[KeyRole] = Field(min_length=1)
    label: str = Field(
        pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Name of the key, by which it is revoked."
    )


class KeyConfirmation(BaseModel):
    """The waiting key that a second person confirms, exactly as it was listed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"keyId": "5f0c2b7d9e314a6880d1c3f2a4b59e67"}}
    )
    keyId: str = Field(
        pattern=KEY_ID,
        description="`id` in `GET /v1/api-keys`: it covers the roles. If another key waits under "
        "the label, nothing happens.",
    )


class NewRoles(BaseModel):
    """A party's new roles."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"roles": ["supplier", "buyer"], "rolesBefore": ["supplier"]}
        },
    )
    roles: list[LedgerRole] = Field(max_length=50)
    rolesBefore: list[LedgerRole] = Field(
        max_length=50,
        description="`roles` of the party as the person saw them: if it has others on the ledger "
        "by now, nothing happens.",
    )


class NewValidity(BaseModel):
    """When a party's registration ends: later at once, earlier with 30 days' notice."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"validUntil": 1953592990, "validUntilBefore": 1795826590}},
    )
    validUntil: Whole = Field(ge=0, le=2**40, description="UTC seconds, exclusive.")
    validUntilBefore: Whole = Field(
        ge=0,
        le=2**64 - 1,
        description="`validUntil` of the party as the person saw it: if the ledger has another "
        "time by now, nothing happens.",
    )


class Alike(TypedDict):
    """A party whose name looks like another's."""

    partyId: str
    name: str


class LegalIdView(TypedDict):
    """Identifier of a legal entity."""

    scheme: Annotated[
        str,
        Field(
            description="LEI, USCC (unified social credit code), VAT, or an ISO 6523 code.",
            examples=["USCC"],
        ),
    ]
    value: Annotated[
        str, Field(description="The identifier itself.", examples=["91330106MA2CE1550K"])
    ]


class Party(TypedDict):
    """A party, from the directory and the ledger."""

    id: str
    name: str
    confusableWith: Annotated[
        list[Alike],
        Field(
            description="Other parties whose names look like this one (UTS 39): tell them apart by "
            "their accounts."
        ),
    ]
    legalId: Annotated[
        LegalIdView | None,
        Field(
            description="Only for the party, the registrar, auditors, the operator and regulators."
        ),
    ]
    account: str
    custody: Annotated[bool, Field(description="Whether the gateway holds its key.")]
    roles: list[str]
    ledgerPartyId: Annotated[
        int | None, Field(description="null until a block includes its registration.")
    ]
    validUntil: str | None
    frozen: bool
    heldUntil: Annotated[
        str | None,
        Field(description="End of its last interim hold; until then it is treated as frozen."),
    ]
    identityHash: str


class PartyPage(TypedDict):
    """A page of parties, in the order of registration."""

    items: list[Party]
    nextCursor: str | None
    asOf: AsOf


class KeyAnswer(TypedDict):
    """A new key; this answer shows it only once."""

    apiKey: str
    id: Annotated[
        str,
        Field(description="Names the key where a second person confirms it, or revokes it."),
    ]
    roles: Sequence[str]
    label: str
    waiting: Annotated[
        bool,
        Field(
            description="true: a second person must confirm the key; the party already had a key."
        ),
    ]


class PartyResult(TypedDict):
    """What an answer says of the party that a command registers."""

    party: Party


class PartyAnswer(CommandAnswer, PartyResult):
    """The party and the operation that registers it."""
