"""Documents that draws need: the borrower uploads and submits them, the lender accepts them.

With the trade that bounds a facility: who attests it, and what a platform reports of it.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands, filled
from app.pages.details import show_list
from app.pages.formats import money
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column, Listing
from app.pages.views.draws import KINDS, needed_documents

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Reported trade"), "/app/trade-reports", ("financier",), group="finance"),)
TRADE = Listing(
    name="trade-reports",
    source="/v1/trade-reports",
    title=mark("Reported trade"),
    empty=(
        mark("No reports of trade"),
        mark("A platform reports what a merchant sold in a month; a share of it may be owed."),
    ),
    columns=(
        Column("merchant", mark("Merchant"), shows="party"),
        Column("month", mark("Month"), shows="verbatim"),
        Column("amount", mark("Sold"), numeric=True, shows="money"),
        Column("returned", mark("Returned"), numeric=True, shows="money"),
        Column("revision", mark("Revision"), numeric=True, shows="number"),
        Column("platform", mark("Platform"), shows="party"),
        Column("at", mark("At"), shows="instant"),
    ),
)
_UNKNOWN = 404
_FACILITY = "/app/facilities/{facility_id}"
_ONE = "/app/facilities/{facility_id:int}"
_PAGE = "/app/facilities/{facility_id}/documents"
_SOURCE = "/v1/facilities/{facility_id}"


async def _with_owner(page: Page, parameters: dict[str, Any]) -> Json:
    """A facility, with the party itself: its documents bear its name and id."""
    facility = await page.api.get(filled(_SOURCE, parameters))
    if page.person.party_id is None:
        title = t("Only a party uploads documents of its trade")
        raise Problem({"status": 403, "title": title})
    own = await page.api.get(f"/v1/parties/{part(page.person.party_id)}")
    return facility | {"own": own, "zero": "0.00"}


async def _orders(page: Page, facility: Json) -> list[tuple[str, str]]:
    """The party's confirmed orders, in which it sells or buys."""
    return [
        (str(item["id"]), f"{t('Order')} {item['id']} · {money(item['amount'])}")
        for item in await page.api.every("/v1/orders", status="confirmed")
    ]


def _upload(kind: str, title: str, *fields: Field) -> Command:
    """The form that uploads a document of a kind."""
    return Command(
        path=f"{_ONE}/documents/new/{kind}",
        source="/v1/draw-documents",
        title=title,
        says=mark("The gateway checks and encrypts it. Then submit it to the facility."),
        button=mark("Upload"),
        fields=fields,
        subject=_with_owner,
        summary="facilities/summary.html",
        fixed=(("kind", kind),),
        back=_PAGE,
        then=_PAGE,
    )


_UPLOADS = (
    _upload(
        "tax-certificate",
        mark("Upload a tax certificate"),
        Field("number", mark("Number")),
        Field("authority", mark("Tax authority")),
        Field("taxpayerName", mark("Taxpayer"), initial="own.name"),
        Field("taxpayerId", mark("Taxpayer's id"), initial="own.legalId.value"),
        Field("periodFrom", mark("First day of the taxes' period"), "day"),
        Field("periodTo", mark("Last day of the taxes' period"), "day"),
        Field("issuedDate", mark("Issued on"), "day"),
        Field("paid", mark("Taxes paid"), "money", currency="limit.currency"),
        Field("arrears", mark("Taxes overdue"), "money", currency="limit.currency", initial="zero"),
    ),
    _upload(
        "customs-declaration",
        mark("Upload a customs declaration"),
        Field("number", mark("Number"), hint=mark("Its 18 digits.")),
        Field("exporterName", mark("Exporter"), initial="own.name"),
        Field("exporterId", mark("Exporter's id"), initial="own.legalId.value"),
        Field("consigneeName", mark("Consignee abroad")),
        Field("amount", mark("Value of the goods"), "money"),
        Field("declaredDate", mark("Declared on"), "day"),
    ),
    _upload(
        "bill-of-lading",
        mark("Upload a bill of lading"),
        Field("number", mark("Number")),
        Field("issuerName", mark("Carrier that issued it")),
        Field("shipperName", mark("Shipper"), initial="own.name"),
        Field("shipperId", mark("Shipper's id"), initial="own.legalId.value"),
        Field("goods", mark("Goods on board"), "long"),
        Field("shippedDate", mark("Shipped on"), "day"),
    ),
    _upload(
        "order",
        mark("Name an order"),
        Field("orderId", mark("Order"), "select", choices=_orders, numbered=True),
    ),
    _upload(
        "delivery",
        mark("Name a delivery"),
        Field("orderId", mark("Order"), "select", choices=_orders, numbered=True),
        Field(
            "lotId",
            mark("Lot"),
            "number",
            hint=mark("The lot into which the goods came; the page of the order has its number."),
        ),
    ),
)
_LABELS = {field.name: field.label for command in _UPLOADS for field in command.fields}
COMMANDS = (
    *_UPLOADS,
    Command(
        path=f"{_ONE}/attester",
        source=f"{_SOURCE}/attester",
        title=mark("Name who attests the trade"),
        says=mark("This party accepts documents beside you, and its reports of trade count."),
        button=mark("Name it"),
        fields=(
            Field("partyId", mark("Party"), "party", required=False, hint=mark("Empty: nobody.")),
        ),
        subject=_SOURCE,
        summary="facilities/summary.html",
        body=lambda page, subject, body: {"partyId": body.get("partyId")},
        undo=mark("You can name another party later."),
        back=_FACILITY,
    ),
    Command(
        path="/app/trade-reports/new",
        source="/v1/trade-reports",
        title=mark("Report a merchant's trade"),
        says=mark("A month that is over. A later report of the same month corrects it."),
        button=mark("Report"),
        fields=(
            Field("merchantPartyId", mark("Merchant"), "party"),
            Field("month", mark("Month"), hint=mark("Like 2026-10.")),
            Field("amount", mark("Sold"), "money"),
            Field("returned", mark("Returned"), "money"),
        ),
        final=mark("The report stays on the ledger, with every correction."),
        back="/app/trade-reports",
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/trade-reports")
async def reports(page: PageOf) -> Response:
    """Reports of trade by or of the person."""
    actions = ((mark("Report a merchant's trade"), "/app/trade-reports/new"),)
    return await show_list(page, TRADE, actions=actions)


@router.get(f"{_ONE}/documents")
async def listed(facility_id: int, page: PageOf) -> Response:
    """The documents of a facility, and those of the borrower that it can submit."""
    return await _listed(page, facility_id, Form())


@router.post(f"{_ONE}/documents")
async def submit(facility_id: int, page: PageOf, sent: SentOf) -> Response:
    """The borrower submits a document that it has uploaded."""
    body = {"documentIds": [sent.form.value("documentId")]}
    return await _sent(page, facility_id, sent.form, "", body)


@router.post(f"{_ONE}/documents/{{fingerprint}}/acceptance")
async def accept(facility_id: int, fingerprint: str, page: PageOf, sent: SentOf) -> Response:
    """The lender or its attester accepts a document as genuine."""
    path, body = f"/{part(fingerprint)}/acceptance", {"root": sent.form.value("root")}
    return await _sent(page, facility_id, sent.form, path, body)


async def _sent(page: Page, facility_id: int, form: Form, path: str, body: Json) -> Response:
    source = f"/v1/facilities/{facility_id}/documents"
    try:
        answer = await page.api.post(f"{source}{path}", body, key=form.key)
    except Problem as problem:
        rejected = await page.refused(form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        return await _listed(page, facility_id, form, status=problem.status)
    prepared = (answer.get("operation") or {}).get("state") == "prepared"
    to = None if prepared else filled(_PAGE, {"facility_id": facility_id})
    return await page.done(form, answer, to=to)


async def _listed(page: Page, facility_id: int, form: Form, *, status: int = 200) -> Response:
    submitted = await page.api.every(f"/v1/facilities/{facility_id}/documents")
    try:
        facility = await page.api.get(f"/v1/facilities/{facility_id}")
    except Problem as problem:
        if problem.status != _UNKNOWN:
            raise
        facility = None  # the attester sees the documents alone
    own = page.person.party_id
    draws = facility is not None and facility["borrower"]["partyId"] == own
    kinds: list[str] = []
    uploaded: list[Json] = []
    needs: list[Json] = []
    if facility is not None and draws:
        product = await page.api.get(f"/v1/products/{facility['productId']}")
        needs = await needed_documents(page, facility_id, product)
        kinds = _kinds(product)
        known = {item["fingerprint"] for item in submitted}
        uploaded = [
            item
            for item in await page.api.every("/v1/draw-documents")
            if item["kind"] in kinds and item["fingerprint"] not in known
        ]
    return await page.render(
        "draw_documents/list.html",
        status=status,
        facility_id=facility_id,
        draws=draws,
        accepts=facility is None or (not draws and "financier" in page.person.roles),
        submitted=submitted,
        uploaded=uploaded,
        needs=needs,
        kinds=kinds,
        names=KINDS,
        labels=_LABELS,
        form=form,
        fresh=Form,
    )


def _kinds(product: Json) -> list[str]:
    """Kinds of documents that the product's draws, or the trade that bounds them, take."""
    kinds = [kind for needed in product["documents"] for kind in needed]
    trade = product["trade"] or {}
    if trade.get("basis") == "declarations":
        kinds.append("customs-declaration")
    return list(dict.fromkeys(kinds))
