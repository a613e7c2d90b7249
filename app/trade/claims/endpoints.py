"""/v1/claims"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Day, Number, QueryNumber
from app.gateway.problems import PROBLEMS
from app.gateway.read_as_of import Limit
from app.gateway.sorted_pages import (
    AmountFilter,
    CountItems,
    CurrencyFilter,
    NumberFilter,
    PageCursor,
    SortOf,
    page_of,
)
from app.gateway.views import json_response
from app.trade.claims import service, tree
from app.trade.claims.schemas import (
    AssignmentTree,
    ClaimDetails,
    ClaimLien,
    ClaimPage,
    Collections,
    Merge,
    NewAssignments,
)
from app.trade.receivables.filters import DebtQuery, Status, debts_of

router = APIRouter(prefix="/v1/claims", tags=["claims"], responses=PROBLEMS)
trees = APIRouter(prefix="/v1/receivables", tags=["receivables"], responses=PROBLEMS)
Holder = Annotated[Caller, allow("supplier", "financier")]


@router.get("", response_model=ClaimPage)
async def list_claims(
    gateway: GatewayOf,
    caller: CallerOf,
    receivableId: QueryNumber = None,
    underMyLien: bool = False,
    burned: Annotated[bool | None, Query(description="Collected in full, or merged.")] = False,
    status: Annotated[Status | None, Query(description="Of the receivable.")] = None,
    debtorPartyId: str | None = None,
    dueFrom: Day | None = None,
    dueTo: Annotated[Day | None, Query(description="Inclusive.")] = None,
    currency: CurrencyFilter = None,
    amountFrom: AmountFilter = None,
    amountTo: AmountFilter = None,
    text: NumberFilter = None,
    sort: SortOf = "newest",
    total: CountItems = False,
    cursor: PageCursor = None,
    limit: Limit = 50,
) -> Response:
    """The caller's claims, newest first; with `receivableId`, all claims on that debt."""
    debts = await debts_of(
        gateway,
        DebtQuery(
            status=status,
            debtor_party_id=debtorPartyId,
            due_from=dueFrom,
            due_to=dueTo,
            currency=currency,
            amount_from=amountFrom,
            amount_to=amountTo,
            text=text,
        ),
    )
    keys = {"due": "due_day", "amount": "value"}
    part = page_of(
        sort,
        cursor,
        number="claim_id",
        keys=keys,
        currency=currency,
        limit=limit,
        count=total,
    )
    return json_response(
        await service.page(
            gateway,
            caller,
            debts,
            part,
            receivable_id=receivableId,
            under_my_lien=underMyLien,
            burned=burned,
        )
    )


@router.post("/collections", status_code=202, response_model=CommandAnswer)
async def collect_many(body: Collections, _: Holder, request: Idempotent) -> Response:
    """Collects on several claims in one transaction, each for its holder."""
    return await request.carry_out(service.collect, body.claimIds)


@router.get("/{claim_id}", response_model=ClaimDetails)
async def get_claim(claim_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One claim, with its chain of assignment back to the seller."""
    return json_response(await service.details(gateway, caller, claim_id))


@router.post("/{claim_id}/assignments", status_code=202, response_model=CommandAnswer)
async def assign_claim(
    claim_id: Number, body: NewAssignments, _: Holder, request: Idempotent
) -> Response:
    """Splits a claim and assigns the parts, all of them or none."""
    return await request.carry_out(service.assign, claim_id, body.parts)


@router.post("/{claim_id}/merge", status_code=202, response_model=CommandAnswer)
async def merge_claim(claim_id: Number, body: Merge, _: Holder, request: Idempotent) -> Response:
    """Merges a claim into another of the caller's claims on the same receivable."""
    return await request.carry_out(service.merge, claim_id, body.intoClaimId)


@router.post("/{claim_id}/collection", status_code=202, response_model=CommandAnswer)
async def collect_claim(claim_id: Number, _: Holder, request: Idempotent) -> Response:
    """Collects what was paid on a claim, for its holder."""
    return await request.carry_out(service.collect, [claim_id])


@router.post("/{claim_id}/lien", status_code=202, response_model=CommandAnswer)
async def encumber_claim(
    claim_id: Number, body: ClaimLien, _: Holder, request: Idempotent
) -> Response:
    """Puts a lien on a claim: then only the lienholder can move it."""
    return await request.carry_out(service.encumber, claim_id, body.lienholderPartyId)


@router.post("/{claim_id}/release", status_code=202, response_model=CommandAnswer)
async def release_claim(claim_id: Number, _: Holder, request: Idempotent) -> Response:
    """The lienholder releases its lien on a claim."""
    return await request.carry_out(service.release, claim_id)


@router.post("/{claim_id}/put-back", status_code=202, response_model=CommandAnswer)
async def put_back_claim(claim_id: Number, _: Holder, request: Idempotent) -> Response:
    """Puts a claim bought with recourse back to its seller after the debt has defaulted."""
    return await request.carry_out(service.put_back, claim_id)


@trees.get("/{receivable_id}/tree", response_model=AssignmentTree)
async def get_assignment_tree(
    receivable_id: Number, gateway: GatewayOf, caller: CallerOf
) -> Response:
    """All claims ever issued on a receivable as nodes, their assignments as edges; bounded."""
    return json_response(await tree.tree(gateway, caller, receivable_id))
