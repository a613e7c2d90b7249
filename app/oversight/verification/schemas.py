"""Bodies of verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.gateway.path_types import BodyNumber
from app.gateway.read_as_of import AsOf
from app.gateway.rules import RuleWarning
from app.lending.filings.schemas import Filing
from app.lending.notices.schemas import Notice
from app.trade.documents.schemas import DocumentPack


class Check(TypedDict):
    """One check and its evidence."""

    name: str
    holds: bool
    evidence: Mapping[str, Any]


@with_config(
    ConfigDict(
        json_schema_extra={
            "example": {
                "claimId": 1,
                "receivableId": 1,
                "holds": True,
                "checks": [{"name": "exists", "holds": True, "evidence": {"owner": "0x…"}}],
                "notice": None,
                "filings": [],
                "warnings": [],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
)
class Verification(TypedDict):
    """Every check that a bank makes of a claim."""

    claimId: int
    receivableId: int
    holds: Annotated[bool, Field(description="Whether every check passes.")]
    checks: list[Check]
    notice: Annotated[
        Notice | None, Field(description="The last notice to the debtor; null: there is none.")
    ]
    filings: Annotated[
        list[Filing],
        Field(description="Filings of the claim, or of the loan that it secures, newest first."),
    ]
    warnings: Annotated[
        list[RuleWarning],
        Field(
            description="What the rule set asks of notice, filing and tenor and is not so; "
            "`holds` does not depend on them."
        ),
    ]
    asOf: AsOf


@with_config(
    ConfigDict(
        json_schema_extra={
            "example": {
                "warehouseReceiptId": 1,
                "lotId": 1,
                "holds": True,
                "checks": [{"name": "stock-counted", "holds": True, "evidence": {"counted": "…"}}],
                "asOf": {"blockNumber": 42, "blockHash": "0x…"},
            }
        }
    )
)
class WarehouseReceiptVerification(TypedDict):
    """Every check that a bank makes of a warehouse receipt."""

    warehouseReceiptId: int
    lotId: int
    holds: Annotated[bool, Field(description="Whether every check passes.")]
    checks: list[Check]
    asOf: AsOf


class PackQuestion(DocumentPack):
    """A pack of disclosed fields, and the claim whose document it is said to be."""

    claimId: BodyNumber | None = None


class PackVerification(TypedDict):
    """Whether the fields are in a document behind a receivable."""

    root: str
    holds: bool
    receivableIds: list[int]
    checks: list[Check]
    asOf: AsOf
