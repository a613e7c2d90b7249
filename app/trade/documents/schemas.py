"""Bodies of documents."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.trade.documents.views import Invoice

HASH = r"^0x[0-9a-fA-F]{64}$"


class DocumentBody(TypedDict):
    """A document with its parsed content."""

    id: str
    kind: Annotated[str, Field(description="invoice or credit-note")]
    contentType: str
    fingerprint: Annotated[str, Field(description="Keyed hash of seller, buyer and number.")]
    root: Annotated[
        str, Field(description="Merkle root of its salted fields; it goes on the ledger.")
    ]
    invoice: Annotated[Invoice, Field(description="The parsed content.")]
    createdAt: str


class DocumentPage(TypedDict):
    """A page of documents, newest first."""

    items: list[DocumentBody]
    nextCursor: str | None


class DisclosureRequest(BaseModel):
    """The fields to disclose."""

    model_config = ConfigDict(extra="forbid")
    fields: list[str] = Field(
        min_length=1, max_length=500, examples=[["number", "payableAmount", "seller.name"]]
    )


class DisclosedField(BaseModel):
    """One field with the proof that it is in the document."""

    model_config = ConfigDict(extra="forbid")
    field: str = Field(max_length=200)
    value: str = Field(max_length=4000)
    salt: str = Field(pattern=HASH)
    proof: list[Annotated[str, Field(pattern=HASH)]] = Field(max_length=64)


class DocumentPack(BaseModel):
    """Fields of a document with their proofs; everything else stays secret."""

    model_config = ConfigDict(extra="forbid")
    root: str = Field(pattern=HASH)
    fields: list[DisclosedField] = Field(min_length=1, max_length=500)
