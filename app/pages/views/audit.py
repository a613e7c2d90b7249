"""What an auditor asks: the events of anything, its state at a past block, and what changed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, passed_on
from app.pages.details import Part
from app.pages.formats import money
from app.pages.forms import Form, with_query
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column
from app.pages.trees import Drawing, drawing
from app.pages.words import figure, status

router = APIRouter(include_in_schema=False, prefix="/app/history")
NAVIGATION = (
    Entry(mark("History"), "/app/history", group="oversight"),
    Entry(mark("What changed"), "/app/history/changes", group="oversight"),
)
#: What history is of: the API's parameter, and its name.
KINDS = {
    "receivable": mark("Receivable"),
    "claim": mark("Claim"),
    "loan": mark("Loan"),
    "facility": mark("Facility"),
    "order": mark("Order"),
    "lot": mark("Lot"),
    "warehouseReceipt": mark("Warehouse receipt"),
    "campaign": mark("Campaign"),
    "party": mark("Party"),
    "block": mark("Block"),
    "transaction": mark("Transaction"),
}
#: The API's parameters of a kind, where they are not its name.
PARAMETERS = {"block": ("fromBlock", "toBlock")}
SORTS = {"newest": mark("newest"), "oldest": mark("oldest")}
FILE_EVENTS = 10_000  # as many as the API writes into a file
CHANGING = ("receivable", "claim", "loan", "facility", "party")
FIGURES = (
    Column("name", mark("Figure"), shows="text"),
    Column("before", mark("Before"), numeric=True, shows="text"),
    Column("after", mark("After"), numeric=True, shows="text"),
    Column("changed", mark("Changed"), shows="yes"),
)
HOLDERS = (
    Column("claimId", mark("Claim"), shows="link claim"),
    Column("owner", mark("Holder"), shows="party"),
    Column("value", mark("Outstanding"), numeric=True, shows="money"),
)
NODES = (
    Column("claimId", mark("Claim"), shows="link claim"),
    Column("parentId", mark("Split from"), shows="link claim"),
    Column("owner", mark("Holder"), shows="party"),
    Column("value", mark("Outstanding"), numeric=True, shows="money"),
    Column("status", mark("Status"), shows="words"),
    Column("createdBlock", mark("Block"), numeric=True, shows="number"),
)
#: Figures of a thing, as `/v1/history/changes` names them.
FIGURE_WORDS = {
    "status": mark("Status"),
    "principalPaid": mark("Paid"),
    "lateChargePaid": mark("Late charge paid"),
    "credited": mark("Credited"),
    "redeemed": mark("Collected by holders"),
    "outstanding": mark("Outstanding"),
    "lastEntry": mark("Last event of the loan"),
    "borrower": mark("Borrower"),
    "loansWithDebt": mark("Loans with debt"),
    "value": mark("Outstanding"),
    "owner": mark("Holder"),
    "lienholder": mark("Lienholder"),
    "burned": mark("Ended"),
}
_NAME = re.compile(r"(?:^|; )[^:;]+: (.+?)(?=; [^:;]+: |$)")
_OF_CLAIM = re.compile(r"claims\.([0-9]+)\.(value|owner)")
_AMOUNT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})")
_LISTED = 200
_FORMATS = ("csv", "xlsx")
_FILTERS = ("contract", "event", "fromDate", "asOf")
_CSV_GOES_ON = "The history goes on after position {position}.\r\n"


def _question(page: PageOf) -> tuple[Form, dict[str, Any]]:
    """What the address names, and the API's parameters."""
    names = ("kind", "id", *_FILTERS, "sort", "after", "from", "to", "block", "day")
    form = Form([(name, page.query(name)) for name in names])
    kind = form.value("kind") if form.value("kind") in KINDS else ""
    if not kind or not form.value("id"):
        return form, {}
    return form, dict.fromkeys(PARAMETERS.get(kind, (kind,)), form.value("id"))


@dataclass(frozen=True)
class EventWords:
    """Whom an event names, and its amount, as the files of the history state them."""

    parties: str
    amount: Json | None


def _in_words(table: str) -> dict[int, EventWords]:
    """The words for each event of a file, by the event's position."""
    return {
        int(row["position"]): EventWords(
            ", ".join(dict.fromkeys(_NAME.findall(row["parties"]))),
            {"amount": row["amount"], "currency": row["currency"]} if row["amount"] else None,
        )
        for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    }


def _figure(item: Json) -> Json:
    """A figure with its name, its amounts and its status in words."""
    of_claim = _OF_CLAIM.fullmatch(item["name"])
    name = of_claim[2] if of_claim else item["name"]
    words = t(FIGURE_WORDS[name]) if name in FIGURE_WORDS else figure(name)
    label = t("Claim {id}: {figure}", id=of_claim[1], figure=words) if of_claim else words
    values = {side: item[side] and _value(name, item[side]) for side in ("before", "after")}
    return item | values | {"name": label}


def _value(name: str, text: str) -> str:
    if name == "status":
        return status("receivable", text)
    amount = _AMOUNT.fullmatch(text)
    return text if amount is None else money({"amount": amount[1], "currency": amount[2]})


@router.get("")
async def events(page: PageOf) -> Response:
    """Events, the newest first unless the address says otherwise, with filters; also as a file."""
    form, parameters = _question(page)
    parameters |= {name: form.value(name) for name in _FILTERS if form.value(name)}
    parameters["sort"] = form.value("sort") if form.value("sort") in SORTS else next(iter(SORTS))
    ending, cursor = page.query("format"), page.query("cursor") or form.value("after")
    if ending in _FORMATS:
        return await _file(page, ending, parameters | {"cursor": form.value("after")})
    history: Json = {"items": [], "nextCursor": None}
    in_words: dict[int, EventWords] = {}
    try:
        history = await page.api.get("/v1/history", limit=100, cursor=cursor, **parameters)
        table = await page.api.download(
            "/v1/history", format="csv", limit=100, cursor=cursor, **parameters
        )
        in_words = _in_words(table.text)
    except Problem as problem:
        form.refuse(problem)
    here = with_query(
        "/app/history",
        **{name: page.query(name) or None for name in ("kind", "id", *_FILTERS, "sort", "after")},
    )
    following = history.get("nextCursor")
    return await page.render(
        "audit/history.html",
        form=form,
        kinds=KINDS.items(),
        items=history["items"],
        in_words=in_words,
        here=here,
        sorts=SORTS.items(),
        file_events=FILE_EVENTS,
        backward=here if page.query("cursor") else None,
        onward=None if following is None else with_query(here, cursor=str(following)),
    )


async def _file(page: Page, ending: str, parameters: dict[str, Any]) -> Response:
    """The whole history that was chosen, or as much as a file has; its last row says which."""
    answer = await page.api.download("/v1/history", format=ending, limit=FILE_EVENTS, **parameters)
    response, following = passed_on(answer), answer.headers.get("x-next-cursor")
    if ending != "csv" or following is None:  # a spreadsheet of the API says so itself
        return response
    response.body = bytes(response.body) + _CSV_GOES_ON.format(position=following).encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


@router.get("/changes")
async def changes(page: PageOf) -> Response:
    """What changed of one thing between two blocks or days: figures before and after, events."""
    form, parameters = _question(page)
    answer: Json | None = None
    if parameters and form.value("from") and form.value("to"):
        try:
            answer = await page.api.get(
                "/v1/history/changes",
                **{"from": form.value("from"), "to": form.value("to")},
                **parameters,
            )
        except Problem as problem:
            form.refuse(problem)
    return await page.render(
        "audit/changes.html",
        form=form,
        kinds=[(name, KINDS[name]) for name in CHANGING],
        answer=answer,
        in_words={},
        part=None
        if answer is None
        else Part(mark("Figures"), FIGURES, [_figure(item) for item in answer["figures"]]),
    )


@router.get("/receivables/{receivable_id:int}")
async def past(receivable_id: int, page: PageOf) -> Response:
    """A receivable, and who held what of it, as of a past block or day."""
    form, answer = _question(page)[0], None
    if form.value("block") or form.value("day"):
        try:
            answer = await page.api.get(
                f"/v1/history/receivables/{receivable_id}/balances",
                block=form.value("block"),
                asOf=form.value("day"),
            )
        except Problem as problem:
            form.refuse(problem)
    return await page.render(
        "audit/past.html",
        form=form,
        receivable_id=receivable_id,
        answer=answer,
        part=None if answer is None else Part(mark("Holders"), HOLDERS, answer["claims"]),
    )


@router.get("/receivables/{receivable_id:int}/tree")
async def tree(receivable_id: int, page: PageOf) -> Response:
    """Every claim ever issued on a receivable, as a graph and as a table."""
    answer = await page.api.get(f"/v1/receivables/{receivable_id}/tree")
    top = page.query("claim")
    drawn: Drawing = drawing(
        answer["nodes"], top=int(top) if re.fullmatch(r"[0-9]{1,19}", top) else None
    )
    return await page.render(
        "audit/tree.html",
        receivable_id=receivable_id,
        answer=answer,
        drawn=drawn,
        part=Part(mark("Claims"), NODES, answer["nodes"][:_LISTED]),
        listed=_LISTED,
    )
