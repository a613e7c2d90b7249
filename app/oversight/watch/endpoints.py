"""/v1/watch/…: warning levels, alerts about them, and steps that the gateway proposes"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.domain.watch.model import SubjectKind
from app.gateway.callers import Caller, allow
from app.gateway.downloads import CSV, XLSX, file_name, spoken
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.languages import SPEAKS
from app.gateway.path_types import MAX, Number, Written
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.sheets import csv_text, xlsx
from app.gateway.views import json_response
from app.oversight.watch import alerts, files, proposals, service, views, webhooks
from app.oversight.watch.alert_schemas import (
    Alert,
    AlertPage,
    NewAcknowledgement,
    ProposalState,
    StepConfirmation,
    StepProposal,
    StepProposalPage,
    StepRefusal,
)
from app.oversight.watch.alerts import AlertQuery
from app.oversight.watch.schemas import (
    Assessment,
    Assessments,
    LevelName,
    NewWebhook,
    PortfolioAssessment,
    WatchRules,
)
from app.oversight.watch.webhook_schemas import WebhookDeliveryPage, WebhookList, WebhookWithSecret

router = APIRouter(prefix="/v1/watch", tags=["risk"], responses=PROBLEMS, dependencies=[SPEAKS])
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
LenderRole = Annotated[Caller, allow("financier")]
Lender = Annotated[
    str | None,
    Query(
        max_length=36,
        description="The party whose loans are watched; by default the caller's own, and all loans "
        "for auditors, operators and regulators.",
    ),
]
MinLevel = Annotated[LevelName, Query(description="Only those at this level or a worse one.")]
FileKind = Literal["json", "csv", "xlsx"]
Kind = Annotated[
    FileKind,
    Query(description="json; csv, a table of the levels; xlsx, with a table of the signals too."),
]
FILES = contents(CSV, XLSX)
Offset = Annotated[
    Written, Query(ge=0, le=1_000_000, description="So many of the worst are left out.")
]


async def _answer(
    gateway: Gateway,
    body: Assessments | PortfolioAssessment,
    *,
    items: Sequence[Assessment],
    kind: FileKind,
    name: str,
) -> Response:
    """The levels in the format of the request."""
    if kind == "json":
        return json_response(body)
    block = f"block {body['asOf']['blockNumber']}"
    title, sheets = file_name("watch", name, block, day=None, ending=kind), files.sheets(items)
    if kind == "csv":
        return spoken(csv_text(sheets[0]), kind=CSV, name=title)
    return spoken(await gateway.documents.run(xlsx, sheets), kind=XLSX, name=title)


@router.get("/borrowers", response_model=Assessments, responses=FILES)
async def list_watched_borrowers(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
    format: Kind = "json",
) -> Response:
    """Warning levels of the borrowers of loans that are not repaid, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "borrowers",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return await _answer(gateway, body, items=body["items"], kind=format, name="borrowers")


@router.get("/debtors", response_model=Assessments, responses=FILES)
async def list_watched_debtors(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
    format: Kind = "json",
) -> Response:
    """Warning levels of the debtors of claims that secure such loans, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "debtors",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return await _answer(gateway, body, items=body["items"], kind=format, name="debtors")


@router.get("/products", response_model=Assessments, responses=FILES)
async def list_watched_products(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    minLevel: MinLevel = "clear",
    limit: Limit = 50,
    offset: Offset = 0,
    format: Kind = "json",
) -> Response:
    """Warning levels of the products under which such loans run, the worst first."""
    body = await service.listed(
        gateway,
        caller,
        "products",
        lender_party_id=lenderPartyId,
        min_level=minLevel,
        limit=limit,
        offset=offset,
    )
    return await _answer(gateway, body, items=body["items"], kind=format, name="products")


@router.get("/portfolio", response_model=PortfolioAssessment, responses=FILES)
async def get_watched_portfolio(
    gateway: GatewayOf, caller: Viewer, lenderPartyId: Lender = None, format: Kind = "json"
) -> Response:
    """The warning level of all such loans together."""
    body = await service.portfolio(gateway, caller, lender_party_id=lenderPartyId)
    items = [body["portfolio"]]
    return await _answer(gateway, body, items=items, kind=format, name="portfolio")


@router.get("/rules", response_model=WatchRules)
async def get_watch_rules(_: Viewer) -> Response:
    """The thresholds from which warning levels follow, each with its reason."""
    return json_response(views.rules())


@router.get("/alerts", response_model=AlertPage)
async def list_alerts(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    partyId: Annotated[
        str | None, Query(max_length=36, description="Those about this borrower or debtor.")
    ] = None,
    subject: Annotated[SubjectKind | None, Query(description="Those about such a subject.")] = None,
    productId: Annotated[
        Written | None, Query(ge=1, le=MAX, description="Those about this product.")
    ] = None,
    minLevel: Annotated[
        LevelName,
        Query(description="Those whose level was or is at this level or a worse one."),
    ] = "clear",
    acknowledged: Annotated[
        bool | None, Query(description="Whether somebody has acknowledged them.")
    ] = None,
    after: Annotated[
        Written | None,
        Query(ge=0, le=MAX, description="The last alert that is known; later ones are listed."),
    ] = None,
    limit: Limit = 50,
) -> Response:
    """Levels that rose or fell, and signals that began or ended, the oldest first."""
    query = AlertQuery(
        lender_party_id=lenderPartyId,
        party_id=partyId,
        subject=subject,
        product_id=productId,
        min_level=minLevel,
        acknowledged=acknowledged,
    )
    return json_response(await alerts.page(gateway, caller, query, after=after, limit=limit))


@router.get("/alerts/{alert_id}", response_model=Alert)
async def get_alert(alert_id: Number, gateway: GatewayOf, caller: Viewer) -> Response:
    """One alert."""
    return json_response(await alerts.alert(gateway, caller, alert_id))


@router.post("/alerts/{alert_id}/acknowledgement", status_code=201, response_model=Alert)
async def acknowledge_alert(
    alert_id: Number, body: NewAcknowledgement, _: LenderRole, request: Idempotent
) -> Response:
    """A person of the lender has seen an alert; who, when and the note stand in the record."""
    return await request.carry_out(alerts.acknowledge, alert_id, body.note)


@router.get("/proposals", response_model=StepProposalPage)
async def list_step_proposals(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    state: Annotated[ProposalState | None, Query(description="Those in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Steps that the gateway proposed to lenders, newest first."""
    body = await proposals.page(
        gateway, caller, lender_party_id=lenderPartyId, state=state, before=cursor, limit=limit
    )
    return json_response(body)


@router.get("/proposals/{step_proposal_id}", response_model=StepProposal)
async def get_step_proposal(step_proposal_id: str, gateway: GatewayOf, caller: Viewer) -> Response:
    """One proposed step, with who decided what about it."""
    return json_response(await proposals.proposal(gateway, caller, step_proposal_id))


@router.post(
    "/proposals/{step_proposal_id}/confirmation", status_code=202, response_model=StepConfirmation
)
async def confirm_step(step_proposal_id: str, _: LenderRole, request: Idempotent) -> Response:
    """A second person of the lender confirms: draws of the facility are suspended.

    The first person is whoever acknowledged the alert.
    """
    return await request.carry_out(proposals.confirm, step_proposal_id)


@router.post("/proposals/{step_proposal_id}/refusal", response_model=StepProposal)
async def refuse_step(
    step_proposal_id: str, body: StepRefusal, _: LenderRole, request: Idempotent
) -> Response:
    """A person of the lender refuses the step; the reason stands in the record."""
    return await request.carry_out(proposals.refuse, step_proposal_id, body.reason)


@router.post("/webhooks", status_code=201, response_model=WebhookWithSecret)
async def make_webhook(body: NewWebhook, _: LenderRole, request: Idempotent) -> Response:
    """The gateway sends the caller's alerts to this address from now on, signed.

    The first answer has the secret; it cannot be read again.
    """
    return await request.carry_out(webhooks.make, body)


@router.get("/webhooks", response_model=WebhookList)
async def list_webhooks(gateway: GatewayOf, caller: LenderRole) -> Response:
    """The caller's webhooks, the oldest first."""
    return json_response(await webhooks.listed(gateway, caller))


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: str, gateway: GatewayOf, caller: LenderRole) -> Response:
    """Deletes a webhook; what waits for it is not sent."""
    await webhooks.delete(gateway, caller, webhook_id)
    return Response(status_code=204)


@router.get("/webhooks/{webhook_id}/deliveries", response_model=WebhookDeliveryPage)
async def list_webhook_deliveries(
    webhook_id: str,
    gateway: GatewayOf,
    caller: LenderRole,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What was sent to a webhook, or waits to be, newest first."""
    body = await webhooks.deliveries(gateway, caller, webhook_id, before=cursor, limit=limit)
    return json_response(body)
