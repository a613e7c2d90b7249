"""/v1/facility-proposals, /v1/facilities"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.downloads import PDF, XLSX, spoken
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.languages import SPEAKS
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.views import json_response
from app.lending.facilities import holds, proposals, quotes, reading, service
from app.lending.facilities.quote_schemas import DrawQuote, QuoteRequest
from app.lending.facilities.schemas import (
    AcceptedDebtor,
    AccountStatement,
    FacilityDetails,
    FacilityPage,
    LargeDraw,
    NewProposal,
    Proposal,
    ProposalPage,
    ProposalSignature,
)
from app.lending.loans.schemas import Repayment

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("financier")]
Party = Annotated[Caller, allow("supplier", "buyer", "financier")]


@router.post("/facility-proposals", status_code=201, response_model=Proposal)
async def propose_facility(body: NewProposal, _: Lender, request: Idempotent) -> Response:
    """A lender proposes a facility under a product; borrower and entruster sign the same terms."""
    return await request.carry_out(proposals.propose, body)


@router.get("/facility-proposals", response_model=ProposalPage)
async def list_proposals(
    gateway: GatewayOf, caller: CallerOf, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Proposals that wait for signatures or were agreed, newest first."""
    return json_response(await reading.proposal_page(gateway, caller, before=cursor, limit=limit))


@router.get("/facility-proposals/{proposal_id}", response_model=Proposal)
async def get_proposal(proposal_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One proposal, with the typed data to sign."""
    return json_response(await reading.proposal_details(gateway, caller, proposal_id))


@router.post("/facility-proposals/{proposal_id}/signature", response_model=Proposal)
async def sign_proposal(
    proposal_id: str, _: Party, request: Idempotent, body: ProposalSignature | None = None
) -> Response:
    """Signs a proposal; the last signature agrees the facility on the ledger."""
    return await request.carry_out(
        proposals.sign, proposal_id, None if body is None else body.signature
    )


@router.post(
    "/facility-proposals/{proposal_id}/withdrawal", status_code=202, response_model=CommandAnswer
)
async def withdraw_proposal_signature(proposal_id: str, _: Party, request: Idempotent) -> Response:
    """Withdraws the caller's signature on the ledger for good; the facility cannot use it."""
    return await request.carry_out(proposals.withdraw, proposal_id)


@router.get("/facilities", response_model=FacilityPage)
async def list_facilities(
    gateway: GatewayOf, caller: CallerOf, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """The caller's facilities, newest first."""
    return json_response(await reading.page(gateway, caller, before=cursor, limit=limit))


@router.get("/facilities/{facility_id}", response_model=FacilityDetails)
async def get_facility(facility_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One facility."""
    return json_response(await reading.details(gateway, caller, facility_id))


@router.get(
    "/facilities/{facility_id}/statement",
    response_model=AccountStatement,
    responses=contents(XLSX, PDF),
    dependencies=[SPEAKS],
)
async def get_account(
    facility_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
) -> Response:
    """The statement of a facility: its limit, its bills, and each movement of money."""
    if format == "json":
        return json_response(await reading.statement(gateway, caller, facility_id))
    content, name = await reading.statement_file(gateway, caller, facility_id, ending=format)
    return spoken(content, kind=XLSX if format == "xlsx" else PDF, name=name)


@router.post("/facilities/{facility_id}/quotes", response_model=DrawQuote)
async def quote_draw(
    facility_id: Number, body: QuoteRequest, _: Party, caller: CallerOf, gateway: GatewayOf
) -> Response:
    """What a draw of today would cost, to the cent, and what would stop it. Nothing is stored.

    A draw of the same day with the same body is repaid exactly by this schedule.
    """
    return json_response(await quotes.quote(gateway, caller, facility_id, body))


@router.post("/facilities/{facility_id}/debtors", status_code=202, response_model=CommandAnswer)
async def accept_debtor(
    facility_id: Number, body: AcceptedDebtor, _: Party, request: Idempotent
) -> Response:
    """The lender accepts a debtor; its debts may then secure the facility's loans.

    If goods leave an older loan for such a debt, and the rest is not enough, the lender bears of
    that loan's loss as much as the debt makes up for.
    """
    return await request.carry_out(service.accept_debtor, facility_id, body)


@router.post("/facilities/{facility_id}/deposits", status_code=202, response_model=CommandAnswer)
async def pay_deposit(
    facility_id: Number, body: Repayment, _: Party, request: Idempotent
) -> Response:
    """Pays the deposit that a facility asks for."""
    return await request.carry_out(service.pay_deposit, facility_id, body.amount)


@router.delete("/facilities/{facility_id}", status_code=202, response_model=CommandAnswer)
async def close_facility(facility_id: Number, _: Party, request: Idempotent) -> Response:
    """Closes a facility on which nothing is owed; its deposit goes back to the borrower."""
    return await request.carry_out(service.close, facility_id)


@router.post("/facilities/{facility_id}/suspension", status_code=202, response_model=CommandAnswer)
async def suspend_draws(facility_id: Number, _: Party, request: Idempotent) -> Response:
    """The lender or the entruster suspends draws at once; loans run on."""
    return await request.carry_out(holds.suspend, facility_id)


@router.delete(
    "/facilities/{facility_id}/suspension", status_code=202, response_model=CommandAnswer
)
async def resume_draws(facility_id: Number, _: Party, request: Idempotent) -> Response:
    """The side that suspended draws resumes them; or the lender renews an ended commitment."""
    return await request.carry_out(holds.resume, facility_id)


@router.post(
    "/facilities/{facility_id}/announced-draw", status_code=202, response_model=CommandAnswer
)
async def announce_draw(
    facility_id: Number, body: LargeDraw, _: Party, request: Idempotent
) -> Response:
    """The borrower announces a large draw; it waits for the hours that the terms name."""
    return await request.carry_out(holds.announce, facility_id, body.amount)


@router.delete(
    "/facilities/{facility_id}/announced-draw", status_code=202, response_model=CommandAnswer
)
async def stop_draw(facility_id: Number, _: Party, request: Idempotent) -> Response:
    """Lender, entruster or borrower stops the announced draw before it is drawn."""
    return await request.carry_out(holds.stop, facility_id)


@router.post(
    "/facilities/{facility_id}/announced-draw/signature",
    status_code=202,
    response_model=CommandAnswer,
)
async def allow_draw(
    facility_id: Number, body: LargeDraw, _: Party, request: Idempotent
) -> Response:
    """The lender's second signature: the announced draw of this amount is possible at once."""
    return await request.carry_out(holds.allow, facility_id, body.amount)


@router.post("/facilities/{facility_id}/group", status_code=202, response_model=CommandAnswer)
async def follow_group(facility_id: Number, _: Party, request: Idempotent) -> Response:
    """Counts the borrower's debt for its group of today, after a registrar changed the group.

    Until then, draws of the group's other members do not count it. The gateway does this by itself
    where it signs for a lender of the borrower.
    """
    return await request.carry_out(holds.follow_group, facility_id)
