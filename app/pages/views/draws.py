"""Draws: what the product takes, and what the loan costs on each day, before anything is drawn."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Field, body_of
from app.pages.formats import money, number, quantity
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.things import kind_name
from app.pages.words import STYLES

router = APIRouter(include_in_schema=False)
NAVIGATION: tuple[Entry, ...] = ()
GOODS = "warehouse-receipt"
KINDS = {
    "tax-certificate": mark("tax certificate"),
    "customs-declaration": mark("customs declaration"),
    "bill-of-lading": mark("bill of lading"),
    "order": mark("confirmed order"),
    "delivery": mark("recorded delivery"),
}
AFTER_PREPAYMENT = {
    "pay-ahead": mark("counts for the next instalment"),
    "shorten-term": mark("the last instalments fall away"),
    "lower-instalment": mark("the instalments get smaller"),
}
_AMOUNT = Field("amount", mark("Amount"), "money", currency="limit.currency")
_STYLE = Field("style", mark("Repayment"), "select")
_TENOR = Field("tenor", mark("Tenor"), "number")
_COLLATERAL = Field("collateralId", mark("Collateral"), "number", required=False)
_INSTALMENTS = (
    Field("dueDayOfMonth", mark("Day of the month on which instalments fall due"), "number"),
    Field("afterPrepayment", mark("What an early repayment does"), "select"),
)
_REPAID = Field("repaidOn", mark("Repaid whole on"), "day", required=False)
_ONE = "/app/facilities/{facility_id:int}/draws"
_MAX_COLLATERAL = 100  # of a choice
_ITEM = re.compile(r"(warehouse-receipt|claim):([0-9]{1,15})")


@router.get(_ONE)
async def new_draw(facility_id: int, page: PageOf) -> Response:
    """The form to draw; it shows the cost before anything is drawn."""
    return await _draw(page, facility_id, await page.form())


@router.post(_ONE)
async def draw(facility_id: int, page: PageOf, sent: SentOf) -> Response:
    """Shows what the draw costs day by day, or draws."""
    form = sent.form
    facility = await page.api.get(f"/v1/facilities/{facility_id}")
    product = await page.api.get(f"/v1/products/{facility['productId']}")
    asks = form.value("do") == "quote"
    body = _body(form, facility, product, asks=asks)
    if form.faulty:
        return await _draw(page, facility_id, form, status=422)
    try:
        if asks:
            quote = await page.api.post(f"/v1/facilities/{facility_id}/quotes", body, wait=0)
            return await _draw(page, facility_id, form, quote=quote)
        answer = await page.api.post(f"/v1/facilities/{facility_id}/draws", body, key=form.key)
    except Problem as problem:
        rejected = None if asks else await page.refused(form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        form.refuse(problem)
        return await _draw(page, facility_id, form, status=problem.status)
    return await page.done(form, answer)


def _body(form: Form, facility: Json, product: Json, *, asks: bool) -> Json:
    """The API's body of a draw, with what the product takes; what cannot be read is noted."""
    fields = [_AMOUNT, _STYLE, _TENOR]
    if product["months"]:
        fields += _INSTALMENTS
    if product["collateral"] in ("claim", "order"):
        fields.append(_COLLATERAL)
    if asks:
        fields.append(_REPAID)
    body = body_of(fields, form, facility)
    if product["collateral"] == GOODS:
        body["items"] = _items(form)
    return body


def _items(form: Form) -> list[Json]:
    """The warehouse receipts and claims that were ticked, and those typed by number."""
    typed = re.split(r"[\s,;，；、]+", form.value("others"))
    named = form.all("items") + [f"{GOODS}:{text}" for text in typed if text]
    items: list[Json] = []
    for text in dict.fromkeys(named):
        match = _ITEM.fullmatch(text)
        if match is None:
            form.fault("others", t("Type numbers of warehouse receipts, separated by commas."))
        else:
            items.append({"kind": match[1], "id": int(match[2])})
    return items


async def _draw(
    page: Page, facility_id: int, form: Form, *, quote: Json | None = None, status: int = 200
) -> Response:
    facility = await page.api.get(f"/v1/facilities/{facility_id}")
    product = await page.api.get(f"/v1/products/{facility['productId']}")
    collateral = await _collateral(page, facility, product)
    return await page.render(
        "draws/draw.html",
        status=status,
        form=form,
        facility=facility,
        subject=facility,
        product=product,
        quote=quote,
        styles=[(name, t(STYLES[name])) for name in product["styles"]],
        tenor=_tenor(product),
        after_prepayment=[(name, t(words)) for name, words in AFTER_PREPAYMENT.items()],
        kind=kind_name(product["collateral"]),
        collateral=collateral[:_MAX_COLLATERAL],
        more=len(collateral) > _MAX_COLLATERAL,
        names=KINDS,
        needs=await needed_documents(page, facility_id, product),
    )


def _tenor(product: Json) -> str:
    """Which tenors the product's styles take, in words."""
    words = []
    if "bullet" in product["styles"]:
        days = {"first": number(product["minDays"]), "last": number(product["maxDays"])}
        words.append(t("Days if all at once: {first} to {last}.", **days))
    if product["months"]:
        months = ", ".join(number(months) for months in product["months"])
        words.append(t("Months for instalments: {months}.", months=months))
    if "billing-cycle" in product["styles"]:
        words.append(t("0 for a bill."))
    return " ".join(words)


async def needed_documents(page: Page, facility_id: int, product: Json) -> list[Json]:
    """The documents that the next draw needs: one of `kinds` each, and whether it is there."""
    if not product["documents"]:
        return []
    submitted = await page.api.every(f"/v1/facilities/{facility_id}/documents")
    offered = [item for item in submitted if item["offered"]]
    needs: list[Json] = []
    for kinds in product["documents"]:
        fitting = [item for item in offered if item["kind"] in kinds]
        accepted = [item for item in fitting if item["acceptedBy"] is not None]
        state = "missing" if not fitting else "ready"
        if fitting and product["documentsAccepted"] and not accepted:
            state = "waits"
        needs.append({"kinds": kinds, "state": state})
    return needs


async def _collateral(page: Page, facility: Json, product: Json) -> list[Json]:
    """What of the person's own may secure a draw, as a value and words; some more than are shown.

    Free claims or confirmed orders; for a loan on goods warehouse receipts, and free claims beside
    them if they count.
    """
    currency = facility["limit"]["currency"]
    if product["collateral"] == "claim":
        return await _claims(page, currency)
    if product["collateral"] == "order":
        return await _orders(page, currency)
    if product["collateral"] != GOODS:
        return []
    receipts = await _receipts(page)
    claims = await _claims(page, currency) if product["advanceRate"] else []
    return receipts + [item | {"value": f"claim:{item['value']}"} for item in claims]


async def _claims(page: Page, currency: str) -> list[Json]:
    pages = page.api.pages("/v1/claims", burned="false", currency=currency, sort="largest")
    return await _usable(
        pages,
        lambda item: item["lienholder"] is None,
        lambda item: (str(item["id"]), f"{kind_name('claim')} {item['id']}", money(item["value"])),
    )


async def _orders(page: Page, currency: str) -> list[Json]:
    own = page.person.party_id
    return await _usable(
        page.api.pages("/v1/orders", status="confirmed"),
        lambda item: (
            not item["underLien"]
            and item["amount"]["currency"] == currency
            and item["seller"]["partyId"] == own
        ),
        lambda item: (str(item["id"]), f"{kind_name('order')} {item['id']}", money(item["amount"])),
    )


async def _receipts(page: Page) -> list[Json]:
    own = page.person.party_id
    return await _usable(
        page.api.pages("/v1/warehouse-receipts", releaseRequested="false"),
        lambda item: (
            item["lienholder"] is None and item["ended"] is None and item["owner"]["partyId"] == own
        ),
        lambda item: (
            f"{GOODS}:{item['id']}",
            f"{kind_name(GOODS)} {item['id']}",
            f"{quantity(item['quantity'])} {item['unit']}",
            f"{kind_name('lot')} {item['lotId']}",
        ),
    )


async def _usable(pages: Any, fits: Any, words: Any) -> list[Json]:
    """Items that fit, as a value and words, until there are more than a choice shows."""
    usable: list[Json] = []
    async for answer in pages:
        for item in answer["items"]:
            if fits(item):
                value, *shown = words(item)
                usable.append({"value": value, "words": " · ".join(shown)})
        if len(usable) > _MAX_COLLATERAL:
            break
    return usable
