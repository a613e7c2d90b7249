"""Court orders and holds: one regulator issues or holds, another one executes or confirms."""

from __future__ import annotations

import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.quantity import QuantityInvalid, thousandths
from app.pages.api import Json, Problem
from app.pages.commands import Choices, Command, Field, add_commands
from app.pages.languages import mark, t
from app.pages.named import named
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Listing, rows
from app.pages.words import STATUSES, status

router = APIRouter(include_in_schema=False, prefix="/app/court")
VIEWERS = ("regulator", "auditor", "operator")
NAVIGATION = (
    Entry(mark("Court orders"), "/app/court", VIEWERS, group="oversight"),
    Entry(mark("Holds"), "/app/court/holds", VIEWERS, group="oversight"),
)
STATUSES["court-order"] = {
    "issued": (mark("waits for another regulator"), "wait"),
    "executed": (mark("executed"), "good"),
    "cancelled": (mark("cancelled"), "plain"),
    "lapsed": (mark("lapsed"), "plain"),
}
STATUSES["court-kind"] = {
    "freeze": (mark("freezes a party"), "bad"),
    "unfreeze": (mark("ends a freeze"), "plain"),
    "forced-transfer": (mark("moves claims or goods"), "bad"),
    "forced-withdrawal": (mark("moves unclaimed money"), "bad"),
    "forced-cash-transfer": (mark("moves cash"), "bad"),
    "costs": (mark("charges costs of enforcement"), "bad"),
    "appoint-regulator": (mark("appoints a regulator"), "plain"),
    "dismiss-regulator": (mark("dismisses a regulator"), "bad"),
}
STATUSES["hold"] = {
    "waiting": (mark("held, waits for another regulator"), "wait"),
    "confirmed": (mark("held for an order"), "bad"),
    "over": (mark("over"), "plain"),
}
ORDERS = Listing(
    name="court-orders",
    source="/v1/orders-of-court",
    title=mark("Court orders"),
    empty=(
        mark("No court orders"),
        mark(
            "A regulator issues an order with the hash of the court's document. Everybody may "
            "read it while it waits; then another regulator executes it."
        ),
    ),
    columns=(
        Column("id", mark("Court order"), shows="link court-order"),
        Column("kind", mark("What it does"), shows="status court-kind", at="effect.kind"),
        Column("party", mark("Concerns"), shows="party", at="effect.party"),
        Column("toParty", mark("To"), shows="party", at="effect.toParty"),
        Column("value", mark("Amount"), numeric=True, shows="money", at="effect.value"),
        Column("state", mark("State"), shows="status court-order"),
        Column("notBefore", mark("Earliest execution"), shows="instant"),
        Column("lapsesAt", mark("Lapses"), shows="instant", extra=True),
        Column("issuer", mark("Issued by"), shows="hash", extra=True),
        Column("orderHash", mark("Hash of the court's document"), shows="hash", extra=True),
    ),
)
HOLDS = Listing(
    name="holds",
    source="/v1/holds",
    title=mark("Holds"),
    empty=(
        mark("No party was ever held"),
        mark("A regulator can hold a party at once, before it moves anything."),
    ),
    columns=(
        Column("party", mark("Party")),
        Column("status", mark("State"), shows="status hold"),
        Column("until", mark("Until"), shows="instant"),
        Column("orderId", mark("Court order"), shows="link court-order"),
        Column("act", mark("What you can do")),
        Column("regulator", mark("Held by"), shows="hash"),
        Column("orderHash", mark("Hash of the court's document"), shows="hash", extra=True),
    ),
)
_ORDER, _SOURCE = "/{court_order_id:int}", "/v1/orders-of-court/{court_order_id}"
_BACK = "/app/court/{court_order_id}"
_HOLD, _HOLD_SOURCE = "/holds/{held_party_id}", "/v1/holds/{held_party_id}"
_HASH = Field(
    "orderHash",
    mark("Hash of the court's document"),
    hint=mark("0x and 64 hexadecimal digits. Everybody compares the document with it."),
)
_PARTY = Field("partyId", mark("Party"), "party")
_FROM, _TO = Field("partyId", mark("From"), "party"), Field("toPartyId", mark("To"), "party")
_AMOUNT = Field("value", mark("Amount"), "money")
_ACCOUNT = Field("account", mark("The regulator's account"), hint=mark("0x and 40 digits."))
_CONTRACTS = (
    ("Receivables", mark("payments of debts")),
    ("Facilities", mark("loans and deposits")),
    ("RiskReserve", mark("the reserve")),
    ("Campaigns", mark("campaigns")),
    ("ClaimMarket", mark("sales of claims")),
)


def _issue(name: str, kind: str, title: str, says: str, *fields: Field, **more: Any) -> Command:
    """A command that issues an order of one kind."""
    return Command(
        path=f"/new/{name}",
        source="/v1/orders-of-court",
        title=title,
        says=says,
        button=mark("Issue the order"),
        fields=(*fields, _HASH),
        fixed=(("kind", kind),),
        undo=mark(
            "Everybody can read the order at once. After the delay another regulator can execute "
            "it; until it does, you can cancel it alone."
        ),
        back="/app/court/new",
        **more,
    )


def _thousandths(_: Page, __: Json, body: Json) -> Json:
    """The body with its quantity as the API takes it; what cannot be read stays for the API."""
    try:
        quantity = thousandths(str(body.get("quantity", "")))
    except QuantityInvalid:
        return body
    return body | {"quantity": quantity}


async def _hold(page: Page, parameters: dict[str, Any]) -> Json:
    """The last hold of the party that the address names, and the orders that may confirm it.

    Raises:
        Problem: the party was never held.
    """
    for item in await _all(page, "/v1/holds"):
        if item["partyId"] == parameters["held_party_id"]:
            orders = await _all(page, "/v1/orders-of-court")
            same = [x for x in orders if x["orderHash"] == item["orderHash"]]
            return _shown(item) | {"orders": [x for x in same if x["state"] == "issued"]}
    raise Problem({"status": 404, "title": t("Not found")})


async def _all(page: Page, path: str) -> list[Json]:
    """All items of one of the lists, page by page."""
    return await page.api.every(path)


async def _orders(_: Page, subject: Json) -> Choices:
    return [(str(order["id"]), _named(order)) for order in subject["orders"]]


def _named(order: Json) -> str:
    """An order in a choice: its number, and what it does to whom."""
    effect = order["effect"] or {}
    words = status("court-kind", effect["kind"]) if effect else t("a call in bytes")
    party = effect.get("party")
    about = named(party) if party else ""
    return t("Court order {id}: {words} {about}", id=order["id"], words=words, about=about).strip()


def _shown(hold: Json) -> Json:
    """A hold with its status."""
    waits = "waiting" if hold["orderId"] is None else "confirmed"
    return hold | {"status": waits if hold["inForce"] else "over"}


COMMANDS = (
    _issue(
        "freeze",
        "freeze",
        mark("Freeze a party"),
        mark("While a party is frozen it can neither move nor receive claims and goods."),
        _PARTY,
    ),
    _issue(
        "unfreeze",
        "unfreeze",
        mark("End a freeze"),
        mark("The party can act again."),
        _PARTY,
    ),
    _issue(
        "claim",
        "forced-transfer",
        mark("Move one claim"),
        mark("The claim goes to another party, whoever holds it when the order is executed."),
        Field("claimId", mark("Claim"), "number"),
        _TO,
        Field("value", mark("Amount"), "money", required=False, hint=mark("Empty: all of it.")),
    ),
    _issue(
        "holdings",
        "forced-transfer",
        mark("Move claims that a party holds"),
        mark(
            "The order takes the claims on a receivable that the party holds when it is executed, "
            "however they were split. What is missing then stays open until the order lapses."
        ),
        _FROM,
        Field("receivableId", mark("Receivable"), "number"),
        _AMOUNT,
        _TO,
    ),
    _issue(
        "goods",
        "forced-transfer",
        mark("Move goods that a party holds"),
        mark(
            "The order takes the warehouse receipts of a lot that the party holds when it is "
            "executed. What is missing then stays open until the order lapses."
        ),
        _FROM,
        Field("lotId", mark("Lot"), "number"),
        Field("quantity", mark("Quantity"), "quantity", hint=mark("In the unit of the lot.")),
        _TO,
        body=_thousandths,
    ),
    _issue(
        "unclaimed",
        "forced-withdrawal",
        mark("Move unclaimed money"),
        mark("Money that could not be paid out to the party goes to another one."),
        Field("contract", mark("Where it waits"), "select", choices=_CONTRACTS),
        _FROM,
        _AMOUNT,
        _TO,
    ),
    _issue(
        "cash",
        "forced-cash-transfer",
        mark("Move cash"),
        mark("Only where the terms of the currency's issuer give a court that power."),
        _FROM,
        _AMOUNT,
        _TO,
    ),
    _issue(
        "costs",
        "costs",
        mark("Charge costs of enforcement"),
        mark("The borrower of the loan then owes them without having signed for them."),
        Field("loanId", mark("Loan"), "number"),
        _AMOUNT,
    ),
    _issue(
        "appointment",
        "appoint-regulator",
        mark("Appoint a regulator"),
        mark("The account can then issue, execute and cancel orders, and hold parties."),
        _ACCOUNT,
    ),
    _issue(
        "dismissal",
        "dismiss-regulator",
        mark("Dismiss a regulator"),
        mark("Nobody can execute its open orders any more. Two regulators must remain."),
        _ACCOUNT,
    ),
    Command(
        path=f"{_ORDER}/execution",
        source=f"{_SOURCE}/execution",
        title=mark("Execute the order"),
        says=mark(
            "You are the second regulator: compare the court's document with the hash, and what "
            "it says with what stands above. If you issued the order, another one executes it."
        ),
        button=mark("Execute the order"),
        fields=(
            Field("left", mark("Still to be taken"), "shown", initial="action.left", numbered=True),
        ),
        subject=_SOURCE,
        summary="court/summary.html",
        final=mark("It happens at once; only another order can take it back."),
        back=_BACK,
    ),
    Command(
        path=f"{_ORDER}/cancellation",
        source=f"{_SOURCE}/cancellation",
        title=mark("Cancel the order"),
        says=mark(
            "The issuer cancels the order alone. Of other regulators two are needed: the first "
            "objects, and the second cancels."
        ),
        button=mark("Cancel the order"),
        subject=_SOURCE,
        summary="court/summary.html",
        final=mark("A cancelled order is never executed; a new one has a delay of its own."),
        back=_BACK,
    ),
    Command(
        path="/holds/new",
        source="/v1/holds",
        title=mark("Hold a party"),
        says=mark(
            "The party is as good as frozen at once, for 72 hours; longer if another regulator "
            "confirms it for an order with the same hash."
        ),
        button=mark("Hold the party"),
        fields=(_PARTY, _HASH),
        undo=mark(
            "You can end it while nobody has confirmed it. You cannot hold the party again until "
            "30 days after the end."
        ),
        back="/app/court/holds",
        then="/app/court/holds",
    ),
    Command(
        path=f"{_HOLD}/confirmation",
        source=f"{_HOLD_SOURCE}/confirmation",
        title=mark("Confirm the hold"),
        says=mark(
            "You are the second regulator. The party stays held until the order is decided or "
            "lapses, and at most 90 days from the beginning."
        ),
        button=mark("Confirm the hold"),
        fields=(
            Field(
                "orderId",
                mark("For the order"),
                "select",
                choices=_orders,
                numbered=True,
                hint=mark("Only orders that wait and have the hash of the hold."),
            ),
        ),
        subject=_hold,
        summary="court/hold.html",
        final=mark("Nobody ends a hold that is confirmed before its order is decided."),
        back="/app/court/holds",
        then="/app/court/holds",
    ),
    Command(
        path=f"{_HOLD}/end",
        source=f"{_HOLD_SOURCE}/end",
        title=mark("End the hold"),
        says=mark("The party can act again at once. Only who held it ends a hold."),
        button=mark("End the hold"),
        subject=_hold,
        summary="court/hold.html",
        final=mark("You cannot hold the party again for 30 days; another regulator can."),
        back="/app/court/holds",
        then="/app/court/holds",
    ),
)
add_commands(router, COMMANDS)
_KINDS = [command for command in COMMANDS if command.source == ORDERS.source]


@router.get("")
async def orders(page: PageOf) -> Response:
    """Court orders, newest first."""
    actions = [(mark("Issue an order"), "/app/court/new")] if _is_regulator(page) else []
    return await page.render(
        "list.html", rows=await rows(page, ORDERS), listing=ORDERS, actions=actions
    )


@router.get("/new")
async def kinds(page: PageOf) -> Response:
    """What an order may do: each leads to its form."""
    return await page.render("court/kinds.html", kinds=_KINDS)


@router.get("/holds")
async def holds(page: PageOf) -> Response:
    """The last hold of each party, and what a regulator can do about it."""
    listed = await rows(page, HOLDS)
    listed.items = [_shown(item) for item in listed.items]
    return await page.render(
        "court/holds.html", rows=listed, is_regulator=_is_regulator(page), own=_own(page)
    )


@router.get(_ORDER)
async def shown(court_order_id: int, page: PageOf) -> Response:
    """One order: what it does, who takes part, and what a regulator can do now."""
    order = await page.api.get(f"/v1/orders-of-court/{court_order_id}")
    held = await _all(page, "/v1/holds")
    return await page.render(
        "court/order.html",
        order=order,
        holds=[_shown(x) for x in held if x["orderHash"] == order["orderHash"] and x["inForce"]],
        is_regulator=_is_regulator(page),
        own=_own(page),
        is_due=_seconds(order["notBefore"]) <= await page.now(),
    )


def _is_regulator(page: Page) -> bool:
    return "regulator" in page.person.roles


def _own(page: Page) -> str:
    """The account with which the person acts, in small letters."""
    return (page.person.account or "").lower()


def _seconds(instant: str) -> float:
    return datetime.datetime.fromisoformat(instant).timestamp()
