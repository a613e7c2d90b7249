"""Bodies of what the operator watches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.gateway.access_log import Kind
from app.gateway.read_as_of import AsOf
from app.gateway.views import PartyView


class RelayAccountView(TypedDict):
    """An account that pays the fees of transactions."""

    address: str
    ours: Annotated[bool, Field(description="Whether this gateway has its key.")]
    balanceWei: Annotated[str, Field(description="Its balance, decimal.")]
    nextNonce: Annotated[int, Field(description="The nonce of its next transaction, as stored.")]
    confirmedNonce: Annotated[int, Field(description="Its next nonce by the newest block.")]
    pending: Annotated[int, Field(description="Stored transactions that are in no block yet.")]


class RelayAccounts(TypedDict):
    """The relay accounts of the store."""

    items: list[RelayAccountView]
    asOf: AsOf


class ApiKeyView(TypedDict):
    """An API key without the key itself."""

    id: Annotated[
        str,
        Field(
            description="Covers key and roles, and tells nothing of it; whoever confirms or "
            "revokes the key names it."
        ),
    ]
    label: Annotated[str, Field(description="The key's name.")]
    roles: list[str]
    partyId: Annotated[str | None, Field(description="Its party; null: it is an official's.")]
    partyName: Annotated[str | None, Field(description="The party's name; null: no party has it.")]
    party: Annotated[
        PartyView | None, Field(description="Its party with its account; null: no party has it.")
    ]
    state: Annotated[
        Literal["active", "waiting", "expired", "revoked"],
        Field(description="`waiting`: a second person must confirm it."),
    ]
    createdAt: Annotated[str, Field(description="When it was made, UTC.")]
    expiresAt: Annotated[str | None, Field(description="When it ends, UTC; null: never.")]
    revokedAt: Annotated[str | None, Field(description="When it was revoked; null: it was not.")]
    lastUsedAt: Annotated[
        str | None,
        Field(
            description="The minute of its last use, known a minute later; null: it was never used."
        ),
    ]


class ApiKeyPage(TypedDict):
    """A page of API keys, newest first."""

    items: list[ApiKeyView]
    nextCursor: Annotated[
        int | None, Field(description="Of the next page; null: this is the last one.")
    ]


class Access(TypedDict):
    """Someone saw something of another party's."""

    number: Annotated[int, Field(description="Its place in the log, from 1, without gaps.")]
    at: str
    person: Annotated[str, Field(description="The label of the caller's key.")]
    partyId: Annotated[str | None, Field(description="The caller's party; null: an official.")]
    partyName: Annotated[str | None, Field(description="The name of the caller's party.")]
    party: Annotated[PartyView | None, Field(description="The caller's party with its account.")]
    kind: Annotated[Kind, Field(description="What was shown.")]
    subjectKind: Annotated[str, Field(description="`answer`: a file, named by its path.")]
    subjectId: Annotated[str, Field(description="Its number, its UUID or its path.")]
    ownerPartyId: Annotated[
        str | None, Field(description="Whose it is; null: it is not one party's.")
    ]
    previousHash: Annotated[str, Field(description="The hash of the row before it.")]
    hash: Annotated[str, Field(description="The row's keyed hash, which covers the one before.")]


class AccessPage(TypedDict):
    """A page of the log of who saw what, newest first."""

    items: list[Access]
    nextCursor: int | None
    intact: Annotated[
        bool, Field(description="Whether every row here has its hash, and that of the row before.")
    ]
