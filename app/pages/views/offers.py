"""Offers for claims: a bank makes them at a price or a rate, a supplier compares and accepts."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, part
from app.pages.commands import Command, Field, add_commands
from app.pages.forms import Form
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.views.quote_requests import END_REASONS
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/offers")
NAVIGATION = (Entry(mark("Offers"), "/app/offers", ("supplier", "financier"), group="finance"),)
STATUSES["offer"] = {
    "prepared": (mark("waits for the financier's signature"), "wait"),
    "open": (mark("open to accept"), "good"),
    "accepted": (mark("accepted"), "plain"),
    "cancelled": (mark("cancelled"), "plain"),
    "expired": (mark("expired"), "plain"),
}
LISTING = Listing(
    name="offers",
    source="/v1/offers",
    columns=(
        Column("offer", mark("Offer")),
        Column("claim", mark("Claim"), extra=True),
        Column("funder", mark("Financier")),
        Column("value", mark("Face value"), numeric=True),
        Column("price", mark("Price"), numeric=True),
        Column("cost", mark("Cost"), numeric=True),
        Column("rate", mark("Rate a year"), numeric=True),
        Column("recourse", mark("Recourse")),
        Column("expiresAt", mark("Open until")),
        Column("state", mark("Status")),
        Column("seller", mark("Seller"), extra=True),
    ),
    filters=(
        Filter(
            "state",
            mark("Status"),
            choices=(
                ("", mark("any")),
                *((name, words) for name, (words, _) in STATUSES["offer"].items()),
            ),
        ),
        Filter("claimId", mark("Claim"), kind="number"),
    ),
)
_YIELD = Column("yield", mark("Your yield a year"), numeric=True)
# What a bank sees: its own yield beside what the offer costs the seller.
BANKS_LISTING = replace(LISTING, columns=(*LISTING.columns[:7], _YIELD, *LISTING.columns[7:]))
_ONE = "/{offer_id}"
_SOURCE = "/v1/offers/{offer_id}"
_PAGE = "/app/offers/{offer_id}"
_SUMMARY = "offers/summary.html"


async def _verified(page: Page, parameters: dict[str, Any]) -> Json:
    """The claim as its verification shows it: a bank need not hold it to make an offer."""
    number = parameters["claim_id"]
    answer = await page.api.get(f"/v1/verification/claims/{number}")
    exists = next(check for check in answer["checks"] if check["name"] == "exists")
    return {
        "id": number,
        "value": exists["evidence"]["value"],
        "receivableId": answer["receivableId"],
        "holds": answer["holds"],
    }


def _new_offer(_: Page, subject: Json, body: Json) -> Json:
    return body | {"claimId": subject["id"], "validSeconds": body.pop("hours", 1) * 3600}


COMMANDS = (
    Command(
        path="/for/{claim_id:int}",
        source="/v1/offers",
        title=mark("Offer to buy a claim"),
        says=mark(
            "State a price, or a yearly rate of discount on the days to the due day. The holder "
            "can accept until the offer ends; the ledger then exchanges claim and money at once."
        ),
        button=mark("Make the offer"),
        fields=(
            Field(
                "value",
                mark("Part of the claim"),
                "money",
                currency="value.currency",
                initial="value.amount",
            ),
            Field(
                "price",
                mark("Price"),
                "money",
                currency="value.currency",
                required=False,
                hint=mark("Either a price or a rate."),
            ),
            Field(
                "discountRate",
                mark("Discount a year (%)"),
                "rate",
                required=False,
                hint=mark("Of a year of 360 days, such as 4.35."),
            ),
            Field("recourse", mark("With recourse: a claim in default can be put back"), "check"),
            Field(
                "hours",
                mark("Open for (hours)"),
                "number",
                required=False,
                hint=mark("Empty: one hour."),
            ),
        ),
        subject=_verified,
        summary="offers/claim.html",
        undo=mark("You can cancel the offer until the holder has accepted it."),
        back="/app/verify?kind=claim&id={claim_id}",
        body=_new_offer,
        then="/app/offers/{id}",
    ),
    Command(
        path=f"{_ONE}/acceptance",
        source=f"{_SOURCE}/acceptance",
        title=mark("Accept the offer"),
        says=mark(
            "The claim goes to the financier, and its price comes to you, in one transaction."
        ),
        button=mark("Accept and sell"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The claim is then the financier's."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/cancellation",
        source=_SOURCE,
        method="DELETE",
        title=mark("Cancel the offer"),
        says=mark("Nobody can accept it afterwards."),
        button=mark("Cancel the offer"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("You can make a new offer."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/signature",
        source=f"{_SOURCE}/signature",
        title=mark("Sign the offer"),
        says=mark("The holder can accept the offer once your wallet has signed it."),
        button=mark("Sign"),
        subject=_SOURCE,
        summary=_SUMMARY,
        signs="subject.typedData",
        undo=mark("You can cancel the offer until the holder has accepted it."),
        back=_PAGE,
    ),
)


@router.get("")
async def listed(page: PageOf) -> Response:
    """Offers made or received."""
    listing = BANKS_LISTING if "financier" in page.person.roles else LISTING
    return await page.render("offers/list.html", rows=await rows(page, listing))


@router.get("/compare/{claim_id:int}")
async def compared(claim_id: int, page: PageOf) -> Response:
    """The open offers for a claim side by side, and the request that some of them answer."""
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    receivable = await page.api.get(f"/v1/receivables/{claim['receivableId']}")
    offers = await page.api.every("/v1/offers", claimId=claim_id, state="open")
    offers.sort(key=_cheapness)
    requests = await page.api.get("/v1/quote-requests", claimId=claim_id, limit=1)
    request = None
    if requests["items"]:
        request = await page.api.get(f"/v1/quote-requests/{part(requests['items'][0]['id'])}")
    return await page.render(
        "offers/compare.html",
        claim=claim,
        receivable=receivable,
        offers=offers,
        request=request,
        end_reasons=END_REASONS,
    )


@router.get(_ONE)
async def shown(offer_id: str, page: PageOf) -> Response:
    """One offer, and what can be done with it."""
    offer = await page.api.get(f"/v1/offers/{part(offer_id)}")
    own, state = page.person.party_id, offer["state"]
    funder, seller = offer["funder"]["partyId"] == own, offer["seller"]["partyId"] == own
    base, fits_claim = f"/app/offers/{part(offer_id)}", not offer["exceedsClaim"]
    fitting = (
        (seller and state == "open" and fits_claim, mark("Accept the offer"), "acceptance"),
        (funder and state == "prepared" and fits_claim, mark("Sign the offer"), "signature"),
        (funder and state in ("open", "prepared"), mark("Cancel the offer"), "cancellation"),
    )
    actions = [(label, f"{base}/{name}") for fits, label, name in fitting if fits]
    return await page.render("offers/offer.html", offer=offer, actions=actions, form=Form())


def _cheapness(offer: Json) -> int:
    """By the rate a year; offers without one, and those that nobody can accept, come last."""
    rate = offer["discountRate"]
    return sys.maxsize if rate is None or offer["exceedsClaim"] else int(rate)


add_commands(router, COMMANDS)
