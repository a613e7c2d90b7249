"""Bodies of verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.gateway.money import MoneyView
from app.gateway.path_types import BodyNumber
from app.gateway.read_as_of import AsOf
from app.gateway.rules import RuleWarning
from app.gateway.views import PartyView
from app.lending.filings.schemas import Filing
from app.lending.notices.schemas import Notice
from app.lending.participations.schemas import Participation
from app.trade.documents.schemas import DocumentPack


class Check(TypedDict):
    """One check and its evidence."""

    name: str
    holds: bool
    evidence: Mapping[str, Any]


PartiesOfChecks = Annotated[
    list[PartyView], Field(description="The parties whose accounts stand in the evidence.")
]


class ServiceFees(TypedDict):
    """The service fees of a loan; shares in parts per million."""

    flatFee: Annotated[MoneyView, Field(description="Of the draw.")]
    drawFee: Annotated[int, Field(description="Share of the draw.")]
    periodicFee: Annotated[
        int, Field(description="Share of the principal that runs, with each instalment.")
    ]
    due: Annotated[MoneyView, Field(description="Due and unpaid.")]
    notDue: Annotated[MoneyView, Field(description="Charged, and not due yet.")]


class OpenFindings(TypedDict):
    """What the cross-checks say of a receivable."""

    open: Annotated[int, Field(description="Findings about which nobody has decided.")]
    asOf: Annotated[
        AsOf, Field(description="The block as of which the checks ran; at most a minute old.")
    ]


class SecuredLoan(TypedDict):
    """The loan that a claim secures."""

    id: int
    lender: PartyView
    outstanding: MoneyView
    serviceFees: ServiceFees
    participations: Annotated[
        list[Participation] | None,
        Field(
            description="Of the reader; all of them for the lender and for who sees all; null: the "
            "reader has none."
        ),
    ]


@with_config(
    ConfigDict(
        json_schema_extra={
            "example": {
                "claimId": 1,
                "receivableId": 1,
                "holds": True,
                "checks": [{"name": "exists", "holds": True, "evidence": {"owner": "0x…"}}],
                "parties": [],
                "loan": None,
                "notice": None,
                "filings": [],
                "warnings": [],
                "findings": {"open": 0, "asOf": {"blockNumber": 42, "blockHash": "0x…"}},
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
    parties: PartiesOfChecks
    loan: Annotated[
        SecuredLoan | None,
        Field(
            description="The loan that the claim secures; null: there is none that you may read."
        ),
    ]
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
    findings: Annotated[
        OpenFindings | None,
        Field(
            description="Findings of the cross-checks about the receivable; `holds` does not "
            "depend on them; null: you may not see findings."
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
                "parties": [],
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
    parties: PartiesOfChecks
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
