"""Requests to quote: a supplier asks financiers for offers, a bank answers with one or declines."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.calendar import date_of, day_at, day_of, start_of
from app.domain.discount import discount_rate_half_up, price_half_up, yield_half_up
from app.domain.money import AmountInvalid, decimal_text, minor_units
from app.domain.repayment import WHOLE
from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands, parties
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.typed import Unreadable, amounts, share, whole
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/quote-requests")
NAVIGATION = (
    Entry(
        mark("Requests to quote"),
        "/app/quote-requests",
        ("supplier", "financier"),
        group="finance",
    ),
)
STATUSES["quote-request"] = {
    "open": (mark("waits for offers"), "wait"),
    "answered": (mark("answered"), "good"),
    "withdrawn": (mark("withdrawn"), "plain"),
    "expired": (mark("expired"), "plain"),
    "sold": (mark("sold"), "plain"),
    "ended": (mark("ended"), "plain"),
}
END_REASONS = {
    "assigned": mark("The claim belongs to somebody else now."),
    "encumbered": mark("The claim is under lien."),
    "disputed": mark("The debtor disputes the debt."),
    "paid": mark("The debtor has paid, or nothing is left to sell."),
    "changed": mark("The claim or its debt has changed since."),
}
LISTING = Listing(
    name="quote-requests",
    source="/v1/quote-requests",
    columns=(
        Column("request", mark("Request")),
        Column("claim", mark("Claim")),
        Column("debtor", mark("Debtor"), shows="party"),
        Column("dueDate", mark("Due"), shows="day"),
        Column("value", mark("Face value"), numeric=True, shows="money"),
        Column("daysToDue", mark("Days left"), numeric=True, shows="number"),
        Column("expiresAt", mark("Until"), shows="instant"),
        Column("state", mark("State"), shows="status quote-request"),
        Column("answers", mark("Offers"), numeric=True, shows="number"),
        Column("seller", mark("Seller"), shows="party", extra=True),
        Column("createdAt", mark("Sent"), shows="instant", extra=True),
    ),
    filters=(
        Filter(
            "state",
            mark("State"),
            choices=(
                ("current", mark("open")),
                ("any", mark("any")),
                *((name, words) for name, (words, _) in STATUSES["quote-request"].items()),
            ),
            initial="current",
        ),
        Filter("claimId", mark("Claim"), kind="number"),
    ),
)
_ONE = "/{request_id}"
_SOURCE = "/v1/quote-requests/{request_id}"
_PAGE = "/app/quote-requests/{request_id}"
_SUMMARY = "quote_requests/summary.html"
_FINANCIER_ROLES = ("financier", "platform")
_INITIAL_DAYS = 7
_OPEN = ("open", "answered")
COMMANDS = (
    Command(
        path=f"{_ONE}/withdrawal",
        source=f"{_SOURCE}/withdrawal",
        title=mark("Withdraw the request to quote"),
        says=mark("Financiers see that you no longer ask. Offers that they signed stay open."),
        button=mark("Withdraw the request to quote"),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can ask again."),
        back=_PAGE,
        then=_PAGE,
    ),
    Command(
        path=f"{_ONE}/decline",
        source=f"{_SOURCE}/decline",
        title=mark("Decline to quote"),
        says=mark("The seller sees your reason; other financiers do not."),
        button=mark("Decline"),
        fields=(Field("reason", mark("Reason"), "long"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can still make an offer while the request is open."),
        back=_PAGE,
        then=_PAGE,
    ),
)


@dataclass(frozen=True)
class Figures:
    """What an offer costs the seller and yields the bank; rates in parts per million a year."""

    price: Json
    discount: Json
    discount_rate: int | None
    yield_rate: int | None
    days: int


@router.get("")
async def listed(page: PageOf) -> Response:
    """Requests of the person's party, and those to it."""
    return await page.render("quote_requests/list.html", rows=await rows(page, LISTING))


# ------------------------------------------------------------------ the seller asks


@router.get("/for/{claim_id:int}")
async def new_request(claim_id: int, page: PageOf) -> Response:
    """The form that asks financiers for offers for a claim."""
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    until = date_of(await _today(page) + _INITIAL_DAYS).isoformat()
    form = await page.form(initial={"value": claim["value"]["amount"], "until": until})
    return await _ask(page, claim, form)


@router.post("/for/{claim_id:int}")
async def ask(claim_id: int, page: PageOf, sent: SentOf) -> Response:
    """Asks the financiers that were chosen, or all."""
    form = sent.form
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    body: Json = {"claimId": claim_id, "allFinanciers": form.checked("allFinanciers")}
    body["value"] = amounts({"amount": form.value("value")}, currency=claim["value"]["currency"])
    if chosen := form.all("financierPartyIds"):
        body["financierPartyIds"] = chosen
    if form.value("note"):
        body["note"] = form.value("note").replace("\r\n", "\n")
    until = _end_of(page, form.value("until"))
    if until is None:
        form.fault("until", t("Fill this in."))
        return await _ask(page, claim, form, status=422)
    try:
        answer = await page.api.post("/v1/quote-requests", body | {"until": until}, key=form.key)
    except Problem as problem:
        form.refuse(problem)
        return await _ask(page, claim, form, status=problem.status)
    return await page.done(form, answer, to=f"/app/offers/compare/{claim_id}")


async def _ask(page: Page, claim: Json, form: Form, *, status: int = 200) -> Response:
    return await page.render(
        "quote_requests/ask.html",
        status=status,
        claim=claim,
        form=form,
        financiers=await _financiers(page),
    )


async def _financiers(page: Page) -> list[tuple[str, str]]:
    """Parties that may be asked: all financiers of the ledger but the person's own party."""
    every = await parties(page, *_FINANCIER_ROLES)
    return [(party, name) for party, name in every if party != page.person.party_id]


async def _today(page: Page) -> int:
    """The ledger's business day of the newest block, or that of the clock if it is later."""
    now = page.gateway.earliest((await page.as_of()).timestamp)
    return day_at(now, zone_offset=page.gateway.zone_offset)


def _end_of(page: Page, text: str) -> str | None:
    """The end of a day of the ledger's zone as an instant; None: it is no day."""
    try:
        day = day_of(datetime.date.fromisoformat(text))
        end = start_of(day + 1, zone_offset=page.gateway.zone_offset)
        return datetime.datetime.fromtimestamp(end, datetime.UTC).isoformat()
    except ValueError:  # also of a day whose end no date has
        return None


# ------------------------------------------------------------------ the financier answers


@router.get(_ONE)
async def shown(request_id: str, page: PageOf) -> Response:
    """One request, and what can be done with it."""
    request = await page.api.get(f"/v1/quote-requests/{part(request_id)}")
    own, is_open = is_seller(page, request), request["state"] in _OPEN
    financier = not own and "financier" in page.person.roles
    base = f"/app/quote-requests/{part(request_id)}"
    fitting = (
        (own, mark("Offers for it"), f"/app/offers/compare/{request['claimId']}"),
        (own and is_open, mark("Withdraw the request to quote"), f"{base}/withdrawal"),
        (financier and is_open, mark("Answer with an offer"), f"{base}/offer"),
        (
            financier,
            mark("Verify the claim"),
            f"/app/verify?kind=claim&id={request['claimId']}",
        ),
        (financier and is_open and not request["answers"], mark("Decline"), f"{base}/decline"),
    )
    offers = await page.api.every("/v1/offers", quoteRequestId=request["id"])
    return await page.render(
        "quote_requests/request.html",
        request=request,
        actions=[(label, path) for fits, label, path in fitting if fits],
        offers=offers,
        end_reasons=END_REASONS,
    )


@router.get(f"{_ONE}/offer")
async def new_offer(request_id: str, page: PageOf) -> Response:
    """The form in which a bank answers with a price or a rate."""
    return await _answer(page, request_id, await page.form())


@router.get(f"{_ONE}/figures")
async def live_figures(request_id: str, page: PageOf) -> Response:
    """What the typed price or rate comes to: a part of the form, while the bank types."""
    request = await page.api.get(f"/v1/quote-requests/{part(request_id)}")
    names = ("price", "rate", "value")
    form = Form([(name, page.query(name)) for name in names])
    figures = figures_of(request, form)
    return await page.render("quote_requests/figures.html", form=form, figures=figures)


@router.post(f"{_ONE}/offer")
async def offer(request_id: str, page: PageOf, sent: SentOf) -> Response:
    """Makes the offer; without a command the form only shows its figures."""
    form = sent.form
    request = await page.api.get(f"/v1/quote-requests/{part(request_id)}")
    figures = figures_of(request, form)
    if form.value("do") == "figures":
        return await _answer(page, request_id, form)
    if figures is None and not form.faulty:
        form.fault("price", t("Type a price or a rate."))
    if not form.value("value") and not form.faulty:
        form.fault("price", t("Look at the face value, and send the form again."))
    if request["state"] not in _OPEN:
        form.fault("price", t("The request is no longer open."))
    hours = 0
    try:
        hours = whole(form.value("hours") or "1")
    except Unreadable as error:
        form.fault("hours", str(error))
    if form.faulty:
        return await _answer(page, request_id, form, status=422)
    body: Json = {
        "claimId": request["claimId"],
        "value": {**request["value"], "amount": form.value("value")},  # what the bank saw
        "recourse": form.checked("recourse"),
        "validSeconds": hours * 3600,
    }
    if form.value("price"):
        body["price"] = amounts({"amount": form.value("price")}, currency=_currency(request))
    else:
        body["discountRate"] = _discount_rate(form.value("rate"))
    try:
        answer = await page.api.post("/v1/offers", body, key=form.key)
    except Problem as problem:
        _at_fields_of_this_form(problem)
        form.refuse(problem)
        return await _answer(page, request_id, form, status=problem.status)
    return await page.done(form, answer, to=f"/app/offers/{part(answer['id'])}")


async def _answer(page: Page, request_id: str, form: Form, *, status: int = 200) -> Response:
    request = await page.api.get(f"/v1/quote-requests/{part(request_id)}")
    return await page.render(
        "quote_requests/offer.html",
        status=status,
        request=request,
        form=form,
        figures=figures_of(request, form),
    )


def figures_of(request: Json, form: Form) -> Figures | None:
    """The price of the typed rate, or the rate of the typed price; None: nothing fits.

    Notes in the form what is wrong with the fields. The figures are those that the offer will
    have, as long as the ledger's day stays the same.
    """
    currency, days = _currency(request), request["daysToDue"]
    face = minor_units(request["value"]["amount"], currency=currency)
    price_text, rate_text = form.value("price"), form.value("rate")
    if form.value("value") not in ("", request["value"]["amount"]):
        form.fault("price", t("The face value has changed since you looked: see it above."))
        return None
    if price_text and rate_text:
        form.fault("price", t("Type either a price or a rate."))
        return None
    if price_text:
        typed = amounts({"amount": price_text}, currency=currency)["amount"]
        try:
            price = minor_units(typed, currency=currency)
        except AmountInvalid:
            price = 0
        if not 0 < price <= face:
            form.fault("price", t("Type an amount above zero, up to the face value."))
            return None
    elif rate_text:
        try:
            rate = _discount_rate(rate_text)
        except Unreadable as error:
            form.fault("rate", str(error))
            return None
        price = price_half_up(face, annual_rate=rate, days=max(0, days))
        if price <= 0:
            form.fault("rate", t("The discount takes the whole value."))
            return None
    else:
        return None
    return Figures(
        price={"amount": decimal_text(price, currency=currency), "currency": currency},
        discount={"amount": decimal_text(face - price, currency=currency), "currency": currency},
        discount_rate=discount_rate_half_up(face, price=price, days=days),
        yield_rate=yield_half_up(face, price=price, days=days),
        days=days,
    )


def _discount_rate(text: str) -> int:
    """A typed discount in parts per million a year.

    Raises:
        Unreadable.
    """
    rate = share(text, maximum=WHOLE)
    if rate < 0:
        raise Unreadable(t("Write 0 % or more."))
    return rate


def _currency(request: Json) -> str:
    return str(request["value"]["currency"])


def _at_fields_of_this_form(problem: Problem) -> None:
    """Puts what the API says of the rate and of the value at this form's fields."""
    if "discountRate" in problem.errors:
        problem.errors["rate"] = problem.errors.pop("discountRate")
    if problem.errors.pop("value.amount", None) is not None:
        problem.errors["price"] = t("The claim holds less now: look at the face value again.")


def is_seller(page: Page, request: Json) -> bool:
    """Whether the person's party made the request."""
    return bool(request["seller"]["partyId"] == page.person.party_id)


add_commands(router, COMMANDS)
