"""Orders and their deliveries: what a buyer confirms before the goods are made."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, part
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Detail, Fact, Part, show, show_list
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Orders"), "/app/orders", ("supplier", "buyer"), group="trade"),)
STATUSES["order"] = {
    "requested": (mark("waits for the buyer"), "wait"),
    "confirmed": (mark("confirmed"), "good"),
    "rejected": (mark("rejected"), "plain"),
    "withdrawn": (mark("withdrawn"), "plain"),
    "cancelled": (mark("cancelled"), "plain"),
    "invoiced": (mark("invoiced"), "good"),
}
STATUSES["delivery"] = {
    "waiting": (mark("waits for the buyer's signature"), "wait"),
    "signed": (mark("signed"), "run"),
    "under-way": (mark("under way"), "run"),
    "recorded": (mark("on the ledger"), "good"),
}
LISTING = Listing(
    name="orders",
    source="/v1/orders",
    title=mark("Orders"),
    empty=(
        mark("No orders yet"),
        mark("An order that its buyer has confirmed can secure a loan before delivery."),
    ),
    columns=(
        Column("id", mark("Order"), shows="link order"),
        Column("seller", mark("Seller"), shows="party"),
        Column("buyer", mark("Buyer"), shows="party"),
        Column("amount", mark("Amount"), numeric=True, shows="money"),
        Column("delivered", mark("Delivered"), numeric=True, shows="money"),
        Column("invoiced", mark("Invoiced"), numeric=True, shows="money"),
        Column("deliveryDate", mark("Delivery"), shows="day"),
        Column("status", mark("Status"), shows="status order"),
        Column("underLien", mark("Under a lien"), shows="yes", extra=True),
    ),
    filters=(
        Filter(
            "status",
            mark("Status"),
            choices=(
                ("", mark("any")),
                *((name, words) for name, (words, _) in STATUSES["order"].items()),
            ),
        ),
    ),
)
FACTS = (
    Fact(mark("Seller"), "seller", "party"),
    Fact(mark("Buyer"), "buyer", "party"),
    Fact(mark("Amount"), "amount", "money"),
    Fact(mark("Delivered"), "delivered", "money"),
    Fact(mark("Invoiced"), "invoiced", "money"),
    Fact(mark("Delivery"), "deliveryDate", "day"),
    Fact(mark("Loans on it until"), "expiryDate", "day"),
    Fact(mark("Under a lien"), "underLien", "yes"),
    Fact(mark("Root of the documents"), "documentRoot", "hash"),
)
DELIVERIES = (
    Column("lotId", mark("Lot"), shows="link lot"),
    Column("amount", mark("Amount"), numeric=True, shows="money"),
    Column("state", mark("Status"), shows="status delivery"),
    Column("signedUntil", mark("Signature until"), shows="instant"),
    Column("id", mark("Delivery"), shows="link delivery"),
)
_ONE = "/app/orders/{order_id:int}"
_SOURCE = "/v1/orders/{order_id}"
_SUMMARY = "orders/summary.html"
COMMANDS = (
    Command(
        path="/app/orders/new",
        source="/v1/orders",
        title=mark("Ask a buyer to confirm an order"),
        says=mark("Once the buyer has confirmed it, the order can secure a loan."),
        button=mark("Ask the buyer"),
        fields=(
            Field("buyerPartyId", mark("Buyer"), "party"),
            Field("number", mark("Number"), hint=mark("As in the buyer's own document.")),
            Field("amount", mark("Amount"), "money"),
            Field("deliveryDate", mark("Delivery"), "day"),
            Field("expiryDate", mark("Loans on it until"), "day"),
            Field("description", mark("What is ordered"), "long"),
        ),
        undo=mark("You can withdraw the request until the buyer confirms."),
        back="/app/orders",
        then="/app/orders/{orderId}",
    ),
    Command(
        path=f"{_ONE}/confirmation",
        source=f"{_SOURCE}/confirmation",
        title=mark("Confirm the order"),
        says=mark(
            "You state that you ordered these goods. You owe their price once they are "
            "delivered and invoiced."
        ),
        button=mark("Sign and confirm"),
        subject=_SOURCE,
        summary=_SUMMARY,
        signs="subject.typedData",
        final=mark("A lender may rely on it from now on."),
        back=_ONE,
    ),
    Command(
        path=f"{_ONE}/rejection",
        source=f"{_SOURCE}/rejection",
        title=mark("Reject the order"),
        says=mark("The seller sees your reason. Its hash goes on the ledger."),
        button=mark("Reject"),
        fields=(Field("reason", mark("Reason"), "long"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The seller may ask again with a corrected order."),
        back=_ONE,
    ),
    Command(
        path=f"{_ONE}/withdrawal",
        source=f"{_SOURCE}/withdrawal",
        title=mark("Withdraw the request"),
        says=mark("The buyer no longer sees it as something to confirm."),
        button=mark("Withdraw"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("You can ask again with a new order."),
        back=_ONE,
    ),
    Command(
        path=f"{_ONE}/deliveries",
        source=f"{_SOURCE}/deliveries",
        title=mark("State a delivery"),
        says=mark("You state which goods came into which lot; the buyer then signs for them."),
        button=mark("State the delivery"),
        fields=(
            Field("lotId", mark("Lot"), "number"),
            Field("amount", mark("Price of these goods"), "money", currency="amount.currency"),
            Field("evidence", mark("Delivery note"), "long", required=False),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("Nothing is on the ledger until the buyer has signed."),
        back=_ONE,
        then=_ONE,
    ),
    Command(
        path="/app/deliveries/{delivery_id}/signature",
        source="/v1/deliveries/{delivery_id}/signature",
        title=mark("Sign for the goods"),
        says=mark(
            "You state that you received these goods; your signature waits until the seller "
            "puts it on the ledger."
        ),
        button=mark("Sign"),
        subject="/v1/deliveries/{delivery_id}",
        summary="orders/delivery.html",
        signs="subject.typedData",
        final=mark("The goods count as delivered."),
        back="/app/deliveries/{delivery_id}",
        then="/app/deliveries/{delivery_id}",
    ),
    Command(
        path="/app/deliveries/{delivery_id}/execution",
        source="/v1/deliveries/{delivery_id}/execution",
        title=mark("Record the delivery"),
        says=mark("The ledger notes what the buyer signed for."),
        button=mark("Record"),
        subject="/v1/deliveries/{delivery_id}",
        summary="orders/delivery.html",
        final=mark("The goods count as delivered."),
        back="/app/deliveries/{delivery_id}",
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/orders")
async def listed(page: PageOf) -> Response:
    """The person's orders."""
    ask = [(mark("Ask a buyer to confirm an order"), "/app/orders/new")]
    return await show_list(page, LISTING, actions=ask if "supplier" in page.person.roles else [])


@router.get(_ONE)
async def shown(order_id: int, page: PageOf) -> Response:
    """One order with its deliveries."""
    item = await page.api.get(f"/v1/orders/{order_id}")
    deliveries = await page.api.get(f"/v1/orders/{order_id}/deliveries")
    detail = Detail(
        t("Order {id}", id=order_id),
        item,
        FACTS,
        status=("order", item["status"]),
        actions=_actions(page, item),
        parts=(
            Part(
                mark("Deliveries"),
                DELIVERIES,
                deliveries["items"],
                mark("Nothing was delivered yet."),
            ),
        ),
    )
    return await show(page, detail)


@router.get("/app/deliveries/{delivery_id}")
async def delivery(delivery_id: str, page: PageOf) -> Response:
    """One delivery, and whose turn it is."""
    item = await page.api.get(f"/v1/deliveries/{part(delivery_id)}")
    base = f"/app/deliveries/{part(delivery_id)}"
    sign = (mark("Sign for the goods"), f"{base}/signature")
    record = (mark("Record the delivery"), f"{base}/execution")
    roles = page.person.roles
    fitting = (
        (item["state"] == "waiting" and "buyer" in roles, sign),
        (item["state"] == "signed" and "supplier" in roles, record),
    )
    facts = (
        Fact(mark("Order"), "orderId", "link order"),
        Fact(mark("Lot"), "lotId", "link lot"),
        Fact(mark("Amount"), "amount", "money"),
        Fact(mark("Signature until"), "signedUntil", "instant"),
        Fact(mark("Root of the documents"), "documentRoot", "hash"),
    )
    detail = Detail(
        t("Delivery of order {id}", id=item["orderId"]),
        item,
        facts,
        status=("delivery", item["state"]),
        actions=[action for fits, action in fitting if fits],
    )
    return await show(page, detail)


def _actions(page: Page, item: Json) -> list[tuple[str, str]]:
    own, base = page.person.party_id, f"/app/orders/{item['id']}"
    buyer, seller = item["buyer"]["partyId"] == own, item["seller"]["partyId"] == own
    status = item["status"]
    fitting = (
        (buyer and status == "requested", mark("Confirm the order"), "confirmation"),
        (buyer and status == "requested", mark("Reject the order"), "rejection"),
        (seller and status == "requested", mark("Withdraw the request"), "withdrawal"),
        (seller and status == "confirmed", mark("State a delivery"), "deliveries"),
    )
    return [(label, f"{base}/{name}") for fits, label, name in fitting if fits]
