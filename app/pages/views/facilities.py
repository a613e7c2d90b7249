"""Facilities: a lender proposes, both sign, and the borrower sees the cost before it draws."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, part
from app.pages.commands import Command, Field, add_commands
from app.pages.forms import Form
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Listing, rows
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False)
SIDES = ("supplier", "buyer", "financier")
NAVIGATION = (
    Entry(mark("Facilities"), "/app/facilities", SIDES, group="finance"),
    Entry(mark("Proposals"), "/app/facility-proposals", SIDES, group="finance"),
)
STATUSES["facility-proposal"] = {
    "waiting": (mark("waits for signatures"), "wait"),
    "under-way": (mark("under way"), "run"),
    "agreed": (mark("agreed"), "good"),
}
FACILITIES = Listing(
    name="facilities",
    source="/v1/facilities",
    columns=(
        Column("facility", mark("Facility")),
        Column("lender", mark("Lender")),
        Column("borrower", mark("Borrower")),
        Column("limit", mark("Limit"), numeric=True),
        Column("outstanding", mark("Outstanding"), numeric=True),
        Column("annualRate", mark("Rate a year"), numeric=True),
        Column("lastDate", mark("Draws until")),
        Column("status", mark("Status")),
        Column("product", mark("Product"), numeric=True, extra=True),
        Column("deposit", mark("Deposit"), numeric=True, extra=True),
    ),
)
PROPOSALS = Listing(
    name="facility-proposals",
    source="/v1/facility-proposals",
    columns=(
        Column("proposal", mark("Proposal")),
        Column("lender", mark("Lender")),
        Column("borrower", mark("Borrower"), extra=True),
        Column("limit", mark("Limit"), numeric=True),
        Column("annualRate", mark("Rate a year"), numeric=True),
        Column("lastDate", mark("Draws until")),
        Column("missing", mark("Signatures missing")),
        Column("state", mark("Status")),
    ),
)
_ONE = "/app/facilities/{facility_id:int}"
_SOURCE = "/v1/facilities/{facility_id}"
_PAGE = "/app/facilities/{facility_id}"
_SUMMARY = "facilities/summary.html"
_PROPOSAL = "/app/facility-proposals/{proposal_id}"
_PROPOSED = "/v1/facility-proposals/{proposal_id}"


async def _products(page: Page, _: Json) -> list[tuple[str, str]]:
    """Products that are open, by number and code, with their currency."""
    answer = await page.api.get("/v1/products")
    return [
        (str(item["id"]), f"{item['id']} · {item['code']} ({item['currency']})")
        for item in answer["items"]
        if item["open"]
    ]


COMMANDS = (
    Command(
        path="/app/facility-proposals/new",
        source="/v1/facility-proposals",
        title=mark("Propose a facility"),
        says=mark(
            "You promise to lend up to the limit under a product. Nothing runs until the borrower "
            "has signed the same terms."
        ),
        button=mark("Propose"),
        fields=(
            Field("productId", mark("Product"), "select", choices=_products, numbered=True),
            Field("borrowerPartyId", mark("Borrower"), "party"),
            Field(
                "entrusterPartyId",
                mark("Entruster"),
                "party",
                required=False,
                hint=mark("The party whose money is lent, for an entrusted loan."),
            ),
            Field("limit", mark("Limit"), "money"),
            Field(
                "annualRate",
                mark("Rate a year (%)"),
                "rate",
                hint=mark("Such as 7.2. Of a floating rate the highest one."),
            ),
            Field(
                "spread",
                mark("Spread over the reference (%)"),
                "rate",
                required=False,
            ),
            Field(
                "drawFee",
                mark("Service fee of a draw (%)"),
                "rate",
                maximum=200_000,
                required=False,
            ),
            Field(
                "periodicFee",
                mark("Service fee with each instalment (%)"),
                "rate",
                maximum=200_000,
                required=False,
            ),
            Field(
                "firstDate", mark("Draws from"), "day", required=False, hint=mark("Empty: today.")
            ),
            Field("lastDate", mark("Draws until"), "day"),
            Field(
                "coolingOffHours",
                mark("Hours before a large draw"),
                "number",
                required=False,
                hint=mark("Empty: no draw has to be announced."),
            ),
        ),
        undo=mark("You can withdraw your signature until the facility is agreed."),
        back="/app/facility-proposals",
        then="/app/facility-proposals/{id}",
    ),
    Command(
        path=f"{_PROPOSAL}/signature",
        source=f"{_PROPOSED}/signature",
        title=mark("Sign the facility"),
        says=mark("The last signature agrees the facility on the ledger."),
        button=mark("Sign"),
        subject=_PROPOSED,
        summary="facilities/proposal_summary.html",
        signs="subject.typedData",
        final=mark("An agreed facility binds both sides until it is closed."),
        back=_PROPOSAL,
    ),
    Command(
        path=f"{_PROPOSAL}/withdrawal",
        source=f"{_PROPOSED}/withdrawal",
        title=mark("Withdraw your signature"),
        says=mark("The ledger never takes this signature again; the facility cannot use it."),
        button=mark("Withdraw"),
        subject=_PROPOSED,
        summary="facilities/proposal_summary.html",
        final=mark("New terms need a new proposal."),
        back=_PROPOSAL,
    ),
    Command(
        path=f"{_ONE}/suspension",
        source=f"{_SOURCE}/suspension",
        title=mark("Suspend draws"),
        says=mark("Nobody can draw from now on. Loans run on."),
        button=mark("Suspend draws"),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can resume draws at any time."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/resumption",
        source=f"{_SOURCE}/suspension",
        method="DELETE",
        title=mark("Resume draws"),
        says=mark("The borrower can draw again, within the limits."),
        button=mark("Resume draws"),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can suspend draws at any time."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/debtors",
        source=f"{_SOURCE}/debtors",
        title=mark("Accept a debtor"),
        says=mark("Debts of this party may then secure loans of the facility."),
        button=mark("Accept"),
        fields=(Field("debtorPartyId", mark("Debtor"), "party"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can stop accepting it; loans that run keep their collateral."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/deposits",
        source=f"{_SOURCE}/deposits",
        title=mark("Pay the deposit"),
        says=mark("The deposit secures the loans; it comes back when the facility is closed."),
        button=mark("Pay the deposit"),
        fields=(
            Field(
                "amount",
                mark("Amount"),
                "money",
                currency="deposit.currency",
                initial="deposit.amount",
            ),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("It stays on the ledger while something is owed."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/announced-draw",
        source=f"{_SOURCE}/announced-draw",
        title=mark("Announce a large draw"),
        says=mark("It can be drawn after the hours that the terms name."),
        button=mark("Announce"),
        fields=(Field("amount", mark("Amount"), "money", currency="limit.currency"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("Each side can stop it before it is drawn."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/closure",
        source=_SOURCE,
        method="DELETE",
        title=mark("Close the facility"),
        says=mark("Nothing may be owed on it. Its deposit goes back to the borrower."),
        button=mark("Close"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("Nobody can draw on a closed facility."),
        back=_PAGE,
    ),
)

add_commands(router, COMMANDS)  # `new` before any proposal's id


@router.get("/app/facilities")
async def listed(page: PageOf) -> Response:
    """The person's facilities."""
    return await page.render("facilities/list.html", rows=await rows(page, FACILITIES))


@router.get("/app/facility-proposals")
async def proposals(page: PageOf) -> Response:
    """Proposals that wait for signatures, or were agreed."""
    return await page.render("facilities/proposals.html", rows=await rows(page, PROPOSALS))


@router.get(_PROPOSAL)
async def proposal(proposal_id: str, page: PageOf) -> Response:
    """One proposal: its terms, what they cost, and who has still to sign."""
    item = await page.api.get(f"/v1/facility-proposals/{part(proposal_id)}")
    return await page.render("facilities/proposal.html", proposal=item, form=Form())


@router.get(_ONE)
async def shown(facility_id: int, page: PageOf) -> Response:
    """One facility: limits, rates, debtors, and what each side can do."""
    facility = await page.api.get(f"/v1/facilities/{facility_id}")
    loans = await page.api.get("/v1/loans", facilityId=facility_id, limit=200)
    product = await page.api.get(f"/v1/products/{facility['productId']}")
    today = (await page.as_of()).day(page.gateway.zone_offset)
    return await page.render(
        "facilities/facility.html",
        facility=facility,
        loans=loans["items"],
        actions=_actions(page, facility, product, today),
        form=Form(),
    )


def _actions(page: Page, facility: Json, product: Json, today: str) -> list[tuple[str, str]]:
    """The commands that fit the state and the person's side: label and path."""
    own, closed = page.person.party_id, facility["closed"]
    lender = facility["lender"]["partyId"] == own
    borrower = facility["borrower"]["partyId"] == own
    suspended = "lender" in facility["suspendedBy"]
    ended = facility["lastDate"] < today
    needs_deposit = facility["deposit"]["amount"] != facility["depositHeld"]["amount"]
    attested = product["trade"] is not None or product["documentsAccepted"]
    has_documents = bool(product["documents"]) or attested
    fitting = (
        (borrower and not ended, mark("Draw"), "draws"),
        (
            borrower and bool(facility["coolingOffHours"]),
            mark("Announce a large draw"),
            "announced-draw",
        ),
        (borrower and needs_deposit, mark("Pay the deposit"), "deposits"),
        ((lender or borrower) and has_documents, mark("Documents"), "documents"),
        (lender and attested, mark("Name who attests the trade"), "attester"),
        (lender and not suspended, mark("Suspend draws"), "suspension"),
        (lender and suspended, mark("Resume draws"), "resumption"),
        (lender, mark("Accept a debtor"), "debtors"),
        (lender or borrower, mark("Close the facility"), "closure"),
    )
    base = f"/app/facilities/{facility['id']}"
    return [(label, f"{base}/{name}") for fits, label, name in fitting if fits and not closed]
