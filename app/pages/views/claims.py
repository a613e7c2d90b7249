"""Claims of a supplier or financier: the list, one claim with its chain, and split-and-assign."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.money import decimal_text, minor_units
from app.pages.api import Json, Problem
from app.pages.commands import parties
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.pasted import Unread, pasted_rows
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.typed import amounts

router = APIRouter(include_in_schema=False, prefix="/app/claims")
HOLDERS = ("supplier", "financier")
NAVIGATION = (Entry(mark("Claims"), "/app/claims", HOLDERS, group="trade"),)
MIN_ROWS, MAX_ROWS = 3, 200
_NOTHING: Json = {}  # to collect
_PATIENCE_SECONDS = 3  # for the chain, before the page goes without its figure
_SHOWN_LINES, _SHOWN_SIGNS = 10, 60  # of what could not be read
LISTING = Listing(
    name="claims",
    source="/v1/claims",
    columns=(
        Column("claim", mark("Claim"), sort=("oldest", "newest")),
        Column("receivable", mark("Receivable")),
        Column(
            "value",
            mark("Outstanding"),
            numeric=True,
            sort=("smallest", "largest"),
            sort_in="value.currency",
        ),
        Column("dueDate", mark("Due")),
        Column("lienholder", mark("Lienholder")),
        Column("depth", mark("Assignments"), numeric=True),
        Column("state", mark("State")),
        Column("collected", mark("Collected"), numeric=True, extra=True),
        Column("owner", mark("Holder"), extra=True),
        Column("documents", mark("Documents"), extra=True),
    ),
    sort="newest",
    filters=(
        Filter("text", mark("Invoice number")),
        Filter("currency", mark("Currency")),
        Filter("receivableId", mark("Receivable"), kind="number"),
        Filter(
            "status",
            mark("Debt"),
            choices=(
                ("", mark("any")),
                ("settled", mark("paid, to be collected")),
            ),
        ),
        Filter(
            "underMyLien",
            mark("Show"),
            choices=(("false", mark("my claims")), ("true", mark("claims under my lien"))),
            initial="false",
        ),
        Filter(
            "burned",
            mark("State"),
            choices=(
                ("false", mark("outstanding")),
                ("true", mark("collected or merged")),
            ),
            initial="false",
        ),
    ),
)


@router.get("")
async def listed(page: PageOf) -> Response:
    """The caller's claims."""
    return await page.render("claims/list.html", rows=await rows(page, LISTING))


@router.get("/{claim_id:int}")
async def shown(claim_id: int, page: PageOf) -> Response:
    """One claim, with its chain of assignment back to the seller."""
    return await _show(page, claim_id, Form())


async def _show(page: Page, claim_id: int, form: Form, *, status: int = 200) -> Response:
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    collects = await _collects(page, claim)
    money = await _to_collect(page, claim_id) if collects else None
    return await page.render(
        "claims/claim.html",
        status=status,
        claim=claim,
        form=form,
        collects=collects and money != _NOTHING,
        to_collect=money,
    )


async def _collects(page: Page, claim: Json) -> bool:
    """Whether the person may collect for the holder, and the debtor has paid something."""
    if claim["burned"] or not set(HOLDERS) & set(page.person.roles):
        return False
    debt = await page.api.get(f"/v1/receivables/{claim['receivableId']}")
    paid = (debt["principalPaid"], debt["lateChargePaid"])
    return any(minor_units(part["amount"], currency=part["currency"]) for part in paid)


async def _to_collect(page: Page, claim_id: int) -> Json | None:
    """Money that was paid on a claim and is not collected; None: the chain does not say in time."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            answer = await page.api.get(f"/v1/verification/claims/{claim_id}")
    except (Problem, TimeoutError):
        return None
    checks = {check["name"]: check["evidence"] for check in answer["checks"]}
    evidence = checks["entitlement"]
    parts = (evidence["collectablePrincipal"], evidence["collectableLateCharge"])
    currency = str(parts[0]["currency"])
    total = sum(minor_units(part["amount"], currency=currency) for part in parts)
    if not total:
        return _NOTHING
    return {"amount": decimal_text(total, currency=currency), "currency": currency}


@router.get("/{claim_id:int}/assignments")
async def new_assignments(claim_id: int, page: PageOf) -> Response:
    """The form that splits a claim and assigns its parts."""
    return await _assign(page, claim_id, await page.form())


@router.post("/{claim_id:int}/assignments")
async def assign(claim_id: int, page: PageOf, sent: SentOf) -> Response:
    """Assigns the parts, all of them or none; without a command the form only grows."""
    form = sent.form
    if form.value("do") == "paste":
        pasted = await _pasted(page, form)
        return await _assign(page, claim_id, pasted, status=422 if pasted.faulty else 200)
    if form.value("do") == "more":
        return await _assign(page, claim_id, form, more=MIN_ROWS)
    if form.value("pasted"):
        form.fault("pasted", t("Nothing was assigned: fill in the pasted lines, or delete them."))
        return await _assign(page, claim_id, form, status=422)
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    named = [row for row in form.rows("parts") if row.get("toPartyId") or row.get("amount")]
    if not named:
        form.fault("parts.0.toPartyId", t("Name at least one party and its amount."))
        return await _assign(page, claim_id, form, status=422)
    form.pairs = _pairs(named)
    body = {"parts": [_part(row, claim["value"]["currency"]) for row in named]}
    try:
        answer = await page.api.post(f"/v1/claims/{claim_id}/assignments", body, key=form.key)
    except Problem as problem:
        rejected = await page.refused(form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        return await _assign(page, claim_id, form, status=problem.status)
    return await page.done(form, answer)


async def _assign(
    page: Page, claim_id: int, form: Form, *, more: int = 0, status: int = 200
) -> Response:
    claim = await page.api.get(f"/v1/claims/{claim_id}")
    parts = form.rows("parts")
    minimum = min(MAX_ROWS, max(MIN_ROWS, len(parts) + more))
    context: dict[str, Any] = {"claim": claim, "parts": form.rows("parts", minimum=minimum)}
    items = [(id_, name) for id_, name in await parties(page) if id_ != claim["owner"]["partyId"]]
    return await page.render(
        "claims/assign.html", status=status, form=form, parties=items, **context
    )


def _part(row: dict[str, str], currency: str) -> Json:
    body: Json = {
        "toPartyId": row.get("toPartyId", ""),
        "amount": amounts(row, currency=currency),
    }
    return body | ({"documentRoot": row["documentRoot"]} if row.get("documentRoot") else {})


def _pairs(parts: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [
        (f"parts.{place}.{name}", value)
        for place, row in enumerate(parts)
        for name, value in row.items()
    ]


async def _pasted(page: Page, form: Form) -> Form:
    """The form with the parts of the pasted lines; what could not be read stays in the box."""
    known = {name: id_ for id_, name in await parties(page)}
    filled = [row for row in form.rows("parts") if row.get("toPartyId") or row.get("amount")]
    pasted = pasted_rows(form.value("pasted"), known, room=max(0, MAX_ROWS - len(filled)))
    grown = Form(
        [*_pairs(filled + pasted.rows), ("pasted", pasted.left)], key=form.key, place=form.place
    )
    words = []
    if pasted.unread:
        words.append(_unread(pasted.unread))
    elif not pasted.rows and not pasted.rest:
        words.append(t("Paste a party and an amount in each line."))
    if pasted.rest:
        words.append(
            t(
                "One form takes {count} parts. Cut the lines that are left in the box, assign "
                "these parts, and paste the others once they are assigned.",
                count=MAX_ROWS,
            )
        )
    if words:
        grown.fault("pasted", " ".join(words))
    return grown


def _unread(lines: list[Unread]) -> str:
    shown = [
        t("line {number}: “{line}”", number=line.number, line=line.text.strip()[:_SHOWN_SIGNS])
        for line in lines[:_SHOWN_LINES]
    ]
    more = len(lines) - len(shown)
    listed = "; ".join(shown) + (f"; +{more}" if more else "")
    return t(
        "These pasted lines could not be read and stay in the box: {lines}. "
        "Write a party and an amount in each, and fill them in again.",
        lines=listed,
    )


@router.post("/{claim_id:int}/collection")
async def collect(claim_id: int, page: PageOf, sent: SentOf) -> Response:
    """Collects what was paid on a claim."""
    try:
        answer = await page.api.post(f"/v1/claims/{claim_id}/collection", key=sent.form.key)
    except Problem as problem:
        rejected = await page.refused(sent.form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        return await _show(page, claim_id, sent.form, status=problem.status)
    return await page.done(sent.form, answer)
