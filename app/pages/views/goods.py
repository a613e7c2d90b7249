"""Goods in warehouses: lots and their stock, warehouse receipts, releases and counts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Detail, Fact, Part, show, show_list
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column, Filter, Listing
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False)
HOLDERS = ("supplier", "buyer", "financier", "warehouse")
NAVIGATION = (
    Entry(mark("Lots"), "/app/lots", HOLDERS, group="goods"),
    Entry(mark("Warehouse receipts"), "/app/warehouse-receipts", HOLDERS, group="goods"),
    Entry(mark("Stock"), "/app/stock", ("warehouse", "auditor", "operator"), group="goods"),
)
STATUSES["condition"] = {
    "sound": (mark("sound"), "good"),
    "reduced": (mark("reduced"), "wait"),
    "unfit": (mark("unfit"), "bad"),
}
YES_OR_NO = (("", mark("any")), ("true", mark("yes")), ("false", mark("no")))
LOTS = Listing(
    name="lots",
    source="/v1/lots",
    title=mark("Lots"),
    empty=(
        mark("No lots yet"),
        mark(
            "A lot is goods that a warehouse has taken in. The warehouse issues it with one "
            "warehouse receipt for its depositor."
        ),
    ),
    columns=(
        Column("id", mark("Lot"), shows="link lot"),
        Column("depositor", mark("Depositor"), shows="party"),
        Column("grade", mark("Grade"), shows="verbatim"),
        Column("outstanding", mark("Outstanding"), numeric=True, shows="quantity"),
        Column("counted", mark("Counted"), numeric=True, shows="quantity"),
        Column("countedOn", mark("Counted on"), shows="day"),
        Column("condition", mark("Condition"), shows="status condition"),
        Column("short", mark("Short"), shows="yes"),
        Column("expiryDate", mark("Expires on"), shows="day"),
        Column("warehouse", mark("Warehouse"), shows="party", extra=True),
        Column("issued", mark("Issued quantity"), numeric=True, shows="quantity", extra=True),
        Column("released", mark("Handed over"), numeric=True, shows="quantity", extra=True),
    ),
    filters=(Filter("short", mark("Short"), choices=YES_OR_NO),),
)
RECEIPTS = Listing(
    name="warehouse-receipts",
    source="/v1/warehouse-receipts",
    title=mark("Warehouse receipts"),
    empty=(
        mark("No warehouse receipts yet"),
        mark(
            "A warehouse receipt stands for goods in a warehouse. Its holder may split it, "
            "assign it, use it as collateral, or ask for the goods."
        ),
    ),
    columns=(
        Column("id", mark("Warehouse receipt"), shows="link warehouse-receipt"),
        Column("lotId", mark("Lot"), shows="link lot"),
        Column("owner", mark("Holder"), shows="party"),
        Column("quantity", mark("Quantity"), numeric=True, shows="quantity"),
        Column("grade", mark("Grade"), shows="verbatim"),
        Column("lienholder", mark("Lienholder"), shows="party"),
        Column("releaseRequested", mark("Release requested"), shows="yes"),
        Column("ended", mark("Ended"), shows="words"),
        Column("warehouse", mark("Warehouse"), shows="party", extra=True),
        Column("depth", mark("Assignments"), numeric=True, shows="number", extra=True),
    ),
    filters=(
        Filter("lotId", mark("Lot"), kind="number"),
        Filter("releaseRequested", mark("Release requested"), choices=YES_OR_NO),
        Filter(
            "ended",
            mark("Ended"),
            choices=(("false", mark("no")), ("true", mark("yes"))),
            initial="false",
        ),
    ),
)
DIFFERENCES = Listing(
    name="stock-differences",
    source="/v1/stock-differences",
    title=mark("Stock"),
    empty=(
        mark("No differences"),
        mark(
            "Upload the movements of your stock: the gateway counts each lot on the ledger, and "
            "shows here where stock and warehouse receipts differ."
        ),
    ),
    columns=(
        Column("lotId", mark("Lot"), shows="link lot"),
        Column("asOfDate", mark("Day"), shows="day"),
        Column("stock", mark("Stock"), numeric=True, shows="number"),
        Column("outstanding", mark("Warehouse receipts"), numeric=True, shows="number"),
        Column("difference", mark("Difference"), numeric=True, shows="number"),
        Column("kind", mark("Kind"), shows="words"),
        Column("open", mark("Open"), shows="yes"),
        Column("closedAt", mark("Closed"), shows="instant", extra=True),
    ),
    filters=(
        Filter("lotId", mark("Lot"), kind="number"),
        Filter("open", mark("Open"), choices=YES_OR_NO),
    ),
)
LOT_FACTS = (
    Fact(mark("Warehouse"), "warehouse", "party"),
    Fact(mark("Depositor"), "depositor", "party"),
    Fact(mark("Grade"), "grade"),
    Fact(mark("Issued quantity"), "issued", "quantity"),
    Fact(mark("Outstanding"), "outstanding", "quantity"),
    Fact(mark("Handed over"), "released", "quantity"),
    Fact(mark("Lost or worthless"), "impaired", "quantity"),
    Fact(mark("Counted"), "counted", "quantity"),
    Fact(mark("Counted on"), "countedOn", "day"),
    Fact(mark("Stored on"), "storedDate", "day"),
    Fact(mark("Expires on"), "expiryDate", "day"),
    Fact(mark("Negotiable"), "negotiable", "yes"),
    Fact(mark("Order"), "orderId", "link order"),
    Fact(mark("First warehouse receipt"), "firstWarehouseReceiptId", "link warehouse-receipt"),
    Fact(mark("Root of the documents"), "documentRoot", "hash"),
)
RECEIPT_FACTS = (
    Fact(mark("Lot"), "lotId", "link lot"),
    Fact(mark("Holder"), "owner", "party"),
    Fact(mark("Warehouse"), "warehouse", "party"),
    Fact(mark("Quantity"), "quantity", "quantity"),
    Fact(mark("Grade"), "grade"),
    Fact(mark("Lienholder"), "lienholder", "party"),
    Fact(mark("Release requested"), "releaseRequested", "yes"),
    Fact(mark("Negotiable"), "negotiable", "yes"),
    Fact(mark("May pass to"), "acknowledgedTo", "party"),
    Fact(mark("Ended"), "ended", "words"),
    Fact(mark("Root of the documents"), "documentRoot", "hash"),
)
EVENTS = (
    Column("at", mark("At"), shows="instant"),
    Column("kind", mark("Event"), shows="words"),
    Column("warehouseReceiptId", mark("Warehouse receipt"), shows="link warehouse-receipt"),
    Column("quantity", mark("Quantity"), numeric=True, shows="quantity"),
    Column("condition", mark("Condition"), shows="status condition"),
    Column("asOfDate", mark("Day of the count"), shows="day"),
)
LINEAGE = (
    Column("warehouseReceiptId", mark("Warehouse receipt"), shows="link warehouse-receipt"),
    Column("from", mark("From"), shows="party", at="assignment.from"),
    Column("to", mark("To"), shows="party", at="assignment.to"),
    Column("quantity", mark("Quantity"), numeric=True, shows="quantity", at="assignment.quantity"),
    Column("at", mark("At"), shows="instant", at="assignment.at"),
)
#: Terms of what a warehouse states, by the names that its documents have for them.
STATED = {
    "title": mark("Title"),
    "lotNumber": mark("Number of the lot"),
    "issueDate": mark("Day of issue"),
    "warehouse.name": mark("Warehouse"),
    "warehouse.id": mark("Warehouse's id"),
    "depositor.name": mark("Depositor"),
    "depositor.id": mark("Depositor's id"),
    "transfer": mark("Transfer"),
    "sku": mark("Code of the goods"),
    "grade": mark("Grade"),
    "unit": mark("Unit"),
    "quantity": mark("Quantity"),
    "storedDate": mark("Stored on"),
    "expiryDate": mark("Expires on"),
    "orderId": mark("Order"),
    "goodsDescription": mark("Kind and apparent condition"),
    "packages": mark("Packages"),
    "storagePlace": mark("Where they are stored"),
    "issuePlace": mark("Place of issue"),
    "warehouseAddress": mark("Warehouse's place of business"),
    "charges": mark("Storage and other charges"),
    "insurance": mark("Insurance"),
    "commingled": mark("Stored together with like goods of others"),
}
_RECEIPT = "/app/warehouse-receipts/{receipt_id:int}"
_SOURCE = "/v1/warehouse-receipts/{receipt_id}"
_PAGE = "/app/warehouse-receipts/{receipt_id}"
_SUMMARY = "goods/receipt.html"
_REPORT = Field(
    "report", mark("Report"), "long", required=False, hint=mark("Its hash goes on the ledger.")
)


def _statement(_: Page, __: Json, body: Json) -> Json:
    statement = body.setdefault("statement", {})
    statement["commingled"] = bool(statement.get("commingled"))
    return body


COMMANDS = (
    Command(
        path="/app/lots/new",
        source="/v1/lots",
        title=mark("Issue a lot"),
        says=mark(
            "You state that you have taken the goods in. The depositor gets one warehouse "
            "receipt for all of them."
        ),
        button=mark("Issue the lot"),
        fields=(
            Field("lotNumber", mark("Your number of the lot")),
            Field("depositorPartyId", mark("Depositor"), "party"),
            Field("sku", mark("Code of the goods"), hint=mark("Such as a GTIN.")),
            Field("grade", mark("Grade"), required=False),
            Field("unit", mark("Unit"), hint=mark("Code of UN/ECE recommendation 20: KGM, H87, …")),
            Field("quantity", mark("Quantity"), "quantity"),
            Field("storedDate", mark("Stored on"), "day"),
            Field("expiryDate", mark("Last day on which the goods are good"), "day"),
            Field(
                "orderId",
                mark("Order"),
                "number",
                required=False,
                hint=mark("The order under which they came."),
            ),
            Field("statement.goodsDescription", mark("Kind and apparent condition")),
            Field(
                "statement.packages",
                mark("Packages"),
                hint=mark("Number and kind; “in bulk” if there are none."),
            ),
            Field("statement.storagePlace", mark("Where they are stored")),
            Field("statement.issuePlace", mark("Place of issue")),
            Field("statement.warehouseAddress", mark("Your place of business")),
            Field("statement.charges", mark("Storage and other charges")),
            Field(
                "statement.insurance",
                mark("Insurance"),
                hint=mark("Insurer, policy and sum; or that there is none."),
            ),
            Field(
                "statement.commingled", mark("Stored together with like goods of others"), "check"
            ),
        ),
        final=mark("A lot on the ledger is there for good; you can report loss and inspections."),
        back="/app/lots",
        body=_statement,
    ),
    Command(
        path="/app/lots/{lot_id:int}/inspections",
        source="/v1/lots/{lot_id}/inspections",
        title=mark("Report an inspection"),
        says=mark("Lenders and holders see the condition at once."),
        button=mark("Report"),
        fields=(
            Field(
                "condition",
                mark("Condition"),
                "select",
                choices=tuple((name, words) for name, (words, _) in STATUSES["condition"].items()),
            ),
            _REPORT,
        ),
        subject="/v1/lots/{lot_id}",
        summary="goods/lot.html",
        undo=mark("A later inspection may find another condition."),
        back="/app/lots/{lot_id}",
    ),
    Command(
        path=f"{_RECEIPT}/releases",
        source=f"{_SOURCE}/releases",
        title=mark("Ask for the goods"),
        says=mark("The warehouse hands them over to you; a part is split off first."),
        button=mark("Ask for the goods"),
        fields=(
            Field(
                "quantity",
                mark("Quantity"),
                "quantity",
                required=False,
                hint=mark("Empty: all of the goods."),
            ),
            _REPORT,
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can withdraw the request until the goods are handed over."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/withdrawal",
        source=f"{_SOURCE}/withdrawal",
        title=mark("No longer ask for the goods"),
        says=mark("The goods stay in the warehouse."),
        button=mark("Withdraw the request"),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can ask again at any time."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/hand-over",
        source=f"{_SOURCE}/hand-over",
        title=mark("Hand the goods over"),
        says=mark("You state that the holder has received the goods. The warehouse receipt ends."),
        button=mark("Handed over"),
        fields=(
            _REPORT,
            Field("quantity", mark("Quantity"), "shown", initial="quantity"),
            Field("holderAccount", mark("Holder"), "shown", initial="owner.account"),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The warehouse receipt no longer exists afterwards."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/impairments",
        source=f"{_SOURCE}/impairments",
        title=mark("Report goods as lost or worthless"),
        says=mark("The quantity is taken off the warehouse receipt."),
        button=mark("Report"),
        fields=(Field("quantity", mark("Quantity"), "quantity"), _REPORT),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The holder and its lender see it at once."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/acknowledgement",
        source=f"{_SOURCE}/acknowledgement",
        title=mark("Let it pass to a party"),
        says=mark(
            "A warehouse receipt that is not negotiable passes only with your consent, once."
        ),
        button=mark("Acknowledge"),
        fields=(Field("toPartyId", mark("Party"), "party"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("A later acknowledgement replaces it while it has not been used."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/assignments",
        source=f"{_SOURCE}/assignments",
        title=mark("Assign goods"),
        says=mark("A part is split off first; what you do not assign stays yours."),
        button=mark("Assign"),
        fields=(
            Field("toPartyId", mark("Recipient"), "party"),
            Field("quantity", mark("Quantity"), "quantity", initial="quantity"),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The recipient holds the goods as soon as the ledger has it."),
        back=_PAGE,
        body=lambda page, subject, body: {"parts": [body]},
    ),
    Command(
        path=f"{_RECEIPT}/lien",
        source=f"{_SOURCE}/lien",
        title=mark("Put a lien on it"),
        says=mark("Only the lienholder can move it until the lien is released."),
        button=mark("Put the lien"),
        fields=(Field("lienholderPartyId", mark("Lienholder"), "party"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("Only the lienholder can release it."),
        back=_PAGE,
    ),
    Command(
        path=f"{_RECEIPT}/release-of-lien",
        source=f"{_SOURCE}/lien",
        method="DELETE",
        title=mark("Release the lien"),
        says=mark("The holder can move the goods again."),
        button=mark("Release the lien"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("Only the holder can put a new lien."),
        back=_PAGE,
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/lots")
async def lots(page: PageOf) -> Response:
    """Lots that the person stores, deposited, or has a share of."""
    issue = [(mark("Issue a lot"), "/app/lots/new")] if "warehouse" in page.person.roles else []
    return await show_list(page, LOTS, actions=issue)


@router.get("/app/lots/{lot_id:int}")
async def lot(lot_id: int, page: PageOf) -> Response:
    """One lot: terms, stock, what its warehouse receipt states, what happened."""
    item = await page.api.get(f"/v1/lots/{lot_id}")
    own = item["warehouse"]["partyId"] == page.person.party_id
    actions = [(mark("Report an inspection"), f"/app/lots/{lot_id}/inspections")] if own else []
    detail = Detail(
        t("Lot {id}", id=lot_id),
        item,
        LOT_FACTS,
        status=("condition", item["condition"]),
        actions=actions,
        include="goods/documents.html",
        context={"stated": STATED},
        parts=(Part(mark("What happened"), EVENTS, item["entries"], mark("Nothing yet.")),),
    )
    return await show(page, detail)


@router.get("/app/warehouse-receipts")
async def receipts(page: PageOf) -> Response:
    """Warehouse receipts that the person holds, has a lien on, or issued."""
    return await show_list(page, RECEIPTS)


@router.get(_RECEIPT)
async def receipt(receipt_id: int, page: PageOf) -> Response:
    """One warehouse receipt: goods, holder, lien, chain of assignment."""
    item = await page.api.get(f"/v1/warehouse-receipts/{receipt_id}")
    detail = Detail(
        t("Warehouse receipt {id}", id=receipt_id),
        item,
        RECEIPT_FACTS,
        status=("condition", item["lot"]["condition"]),
        actions=_actions(page, item),
        include="goods/documents.html",
        context={"stated": STATED},
        parts=(Part(mark("Chain of assignment"), LINEAGE, item["lineage"], mark("Nothing yet.")),),
    )
    return await show(page, detail)


@router.get("/app/stock")
async def stock(page: PageOf) -> Response:
    """Lots whose stock and warehouse receipts differed."""
    send = [(mark("Upload movements"), "/app/stock/new")]
    actions = send if "warehouse" in page.person.roles else []
    return await show_list(page, DIFFERENCES, actions=actions)


@router.get("/app/stock/new")
async def new_movements(page: PageOf) -> Response:
    """The form that uploads movements of stock."""
    return await page.render("goods/movements.html", form=await page.form())


@router.post("/app/uploads/stock-movements")
async def send_movements(page: PageOf, sent: SentOf) -> Response:
    """Stores the movements of a file, all or none, and counts the lots on the ledger."""
    form, files = sent.form, sent.files.get("file") or []
    if not files:
        form.fault("file", t("Choose a file."))
        return await page.render("goods/movements.html", status=422, form=form)
    content = await files[0].read()
    fields = {"asOf": form.value("asOf")} if form.value("asOf") else {}
    try:
        answer = await page.api.upload(
            "/v1/stock-movements",
            name=files[0].filename or "movements",
            content=content,
            media_type=files[0].content_type or "text/csv",
            fields=fields,
            key=form.key,
        )
    except Problem as problem:
        form.refuse(problem)
        return await page.render("goods/movements.html", status=problem.status, form=form)
    return await page.render("goods/movements.html", form=Form(), answer=answer)


def _actions(page: Page, item: Json) -> list[tuple[str, str]]:
    """The commands that fit the state and the person's side: label and path."""
    own, base = page.person.party_id, f"/app/warehouse-receipts/{item['id']}"
    if item["ended"]:
        return []
    holder = item["owner"]["partyId"] == own
    stores = item["warehouse"]["partyId"] == own
    lien = item["lienholder"] is not None and not item["releaseRequested"]
    lienholder = lien and item["lienholder"]["partyId"] == own
    requested = item["releaseRequested"]
    fitting = (
        (stores and requested, "hand-over"),
        (holder and not lien and not requested, "releases"),
        (holder and not lien and not requested, "assignments"),
        (holder and not lien and not requested, "lien"),
        (holder and requested, "withdrawal"),
        (lienholder, "release-of-lien"),
        (stores and not item["negotiable"], "acknowledgement"),
        (stores, "impairments"),
    )
    titles = {command.path.rpartition("/")[2]: command.title for command in COMMANDS}
    verify = (mark("Verify"), f"/app/verify?kind=warehouse-receipt&id={item['id']}")
    return [*((titles[name], f"{base}/{name}") for fits, name in fitting if fits), verify]
