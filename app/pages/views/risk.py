"""Risk: what is lent by age, vintages, concentration, reserves, a stress test, and the watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Part
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import PageOf
from app.pages.tables import Column
from app.pages.typed import Unreadable, share, whole
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/risk")
VIEWERS = ("financier", "auditor", "operator", "regulator")
NAVIGATION = (
    Entry(mark("Risk"), "/app/risk", VIEWERS, group="oversight"),
    Entry(mark("Watch list"), "/app/risk/watch", VIEWERS, group="oversight"),
    Entry(mark("Stress test"), "/app/risk/stress", VIEWERS, group="oversight"),
)
STATUSES["level"] = {
    "clear": (mark("nothing to watch"), "good"),
    "watch": (mark("watch"), "wait"),
    "warning": (mark("warning"), "wait"),
    "alarm": (mark("alarm"), "bad"),
}
STATUSES["bucket"] = {
    "current": (mark("current"), "good"),
    "overdue-to-thirty-days": (mark("overdue to 30 days"), "wait"),
    "overdue-to-sixty-days": (mark("overdue to 60 days"), "wait"),
    "overdue-to-ninety-days": (mark("overdue to 90 days"), "bad"),
    "overdue-over-ninety-days": (mark("overdue over 90 days"), "bad"),
    "defaulted": (mark("in default"), "bad"),
    "lost": (mark("lost"), "bad"),
    "repaid": (mark("repaid"), "plain"),
}
STATUSES["shock"] = {
    "prices": (mark("goods are worth less"), "plain"),
    "defaults": (mark("the largest names default"), "plain"),
    "delay": (mark("nobody pays for some days"), "plain"),
    "sales": (mark("borrowers sell less"), "plain"),
    "together": (mark("all together"), "bad"),
}
STATUSES["new-risk"] = {
    "open": (mark("new risk is accepted"), "good"),
    "stopped": (mark("new risk is stopped"), "bad"),
}
AGEING = (
    Column("class", mark("Days"), shows="words"),
    Column("loans", mark("Loans"), numeric=True, shows="number"),
    Column("outstanding", mark("Outstanding"), numeric=True, shows="money"),
)
GOODS = (
    Column("currency", mark("Currency"), shows="text"),
    Column("loans", mark("Loans"), numeric=True, shows="number"),
    Column("debt", mark("Debt"), numeric=True, shows="money"),
    Column("lendable", mark("Collateral counts for"), numeric=True, shows="money"),
    Column("market", mark("Market value"), numeric=True, shows="money"),
    Column("level", mark("Collateral over debt"), numeric=True, shows="rate"),
    Column("openCalls", mark("Open margin calls"), numeric=True, shows="number"),
    Column("openAuctions", mark("Open auctions"), numeric=True, shows="number"),
    Column("notPriced", mark("Without a fresh price"), numeric=True, shows="number"),
)
NAMES = (
    Column("amount", mark("Outstanding"), numeric=True, shows="money"),
    Column("share", mark("Share"), numeric=True, shows="rate"),
)
#: Concentration: what names each row, by what it is broken down.
_PARTY_NAMES = (Column("party", mark("Name"), shows="party"), *NAMES)
_NAMES_BY = {
    "borrower": _PARTY_NAMES,
    "debtor": _PARTY_NAMES,
    "group": (Column("group", mark("Group"), shows="text"), *_PARTY_NAMES),
    "product": (Column("product", mark("Product"), shows="text"), *NAMES),
}
RESERVES = (
    Column("product", mark("Product"), shows="text"),
    Column("outstanding", mark("Outstanding"), numeric=True, shows="money"),
    Column("byVolume", mark("By volume"), numeric=True, shows="money"),
    Column("byHistory", mark("By past losses"), numeric=True, shows="money"),
    Column("needed", mark("Needed"), numeric=True, shows="money"),
    Column("held", mark("Held"), numeric=True, shows="money"),
    Column("shortfall", mark("Shortfall"), numeric=True, shows="money"),
)
LOSSES = (
    Column("tier", mark("Credit tier"), numeric=True, shows="text"),
    Column("loans", mark("Loans"), numeric=True, shows="number"),
    Column("exposure", mark("Principal"), numeric=True, shows="money"),
    Column("inDefault", mark("In default"), numeric=True, shows="money"),
    Column("defaultRate", mark("Default rate of a year"), numeric=True, shows="rate"),
    Column("expectedLoss", mark("Expected loss"), numeric=True, shows="money"),
    Column("expectedLossUpper", mark("Upper bound"), numeric=True, shows="money"),
)
EFFECTS = (
    Column("shock", mark("Shock"), shows="status shock"),
    Column("loans", mark("Loans that lose"), numeric=True, shows="number"),
    Column("exposure", mark("Their principal"), numeric=True, shows="money"),
    Column("loss", mark("Loss"), numeric=True, shows="money"),
    Column("unknown", mark("Too little known"), numeric=True, shows="money"),
)
SHIFTS = (
    Column("bucket", mark("Overdue by"), shows="status bucket"),
    Column("today", mark("Today"), numeric=True, shows="money"),
    Column("afterDelay", mark("After the delay"), numeric=True, shows="money"),
)
BREAKS = ("borrower", "group", "debtor", "product")
BREAK_WORDS = {
    "borrower": mark("borrower"),
    "group": mark("group"),
    "debtor": mark("debtor"),
    "product": mark("product"),
}
_MAX_PAGES, _SHOWN_ALERTS = 50, 100
COMMANDS = (
    Command(
        path="/new-risk/stop",
        source="/v1/new-risk/stops",
        title=mark("Stop new risk"),
        says=mark(
            "No new loan, lien or sale from now on. Payment, collection, repayment and "
            "release continue."
        ),
        button=mark("Stop new risk"),
        fields=(Field("reason", mark("Reason"), "long"),),
        undo=mark("Two officials together let new risk resume."),
        back="/app/risk",
    ),
    Command(
        path="/new-risk/resumption",
        source="/v1/new-risk/resumptions",
        title=mark("Resume new risk"),
        says=mark("The first official proposes it; another official resumes it."),
        button=mark("Resume"),
        fields=(Field("reasonHash", mark("Hash of the reason"), "shown", initial="reasonHash"),),
        subject="/v1/new-risk",
        summary="risk/stop.html",
        undo=mark("Each official can stop new risk again at once."),
        back="/app/risk",
    ),
    Command(
        path="/watch/alerts/{alert_id}/acknowledgement",
        source="/v1/watch/alerts/{alert_id}/acknowledgement",
        title=mark("You have seen the alert"),
        says=mark("Who, when and the note stand in the record."),
        button=mark("Seen"),
        fields=(Field("note", mark("What you did about it"), "long"),),
        final=mark("It stays in the record."),
        back="/app/risk/watch",
        then="/app/risk/watch",
    ),
)
add_commands(router, COMMANDS)


@dataclass(frozen=True)
class Slider:
    """One shock of the stress test, as a slider shows it."""

    name: str
    label: str
    maximum: int
    unit: str


SLIDERS = (
    Slider("pricesDown", mark("Goods are worth less by (%)"), 100, "percent"),
    Slider("salesDown", mark("Borrowers sell less by (%)"), 100, "percent"),
    Slider("delayDays", mark("Nobody pays for (days)"), 365, "number"),
    Slider("largest", mark("So many of the largest names default"), 20, "number"),
    Slider("lossSeverity", mark("Of a default is lost (%)"), 100, "percent"),
)


@router.get("")
async def shown(page: PageOf) -> Response:
    """The book: by days past due and to maturity, goods, concentration, reserves, losses."""
    by = page.query("by") if page.query("by") in BREAKS else "borrower"
    book = await page.api.get("/v1/portfolio")
    names = await page.api.get("/v1/portfolio/concentrations", by=by, largest=20)
    reserves = await page.api.get("/v1/portfolio/reserves")
    losses = await page.api.get("/v1/portfolio/expected-losses")
    vintages = await page.api.get("/v1/portfolio/vintages")
    risk = await page.api.get("/v1/new-risk")
    products = await page.api.get("/v1/products")
    codes = {item["id"]: item["code"] for item in products["items"]}
    parts = [
        Part(mark("By days past due"), AGEING, book["ageing"], mark("Nothing is lent.")),
        Part(mark("By days to maturity"), AGEING, book["maturities"]),
        Part(mark("Loans on goods"), GOODS, book["goods"]),
        Part(mark("Reserves"), RESERVES, _named(reserves["products"], codes)),
        Part(mark("Expected losses in a year"), LOSSES, _tiers(_of_all(losses, "groups"))),
    ]
    return await page.render(
        "risk/book.html",
        parts=parts,
        names=[
            (
                item,
                Part(
                    _in(mark("Concentration in {currency}"), item),
                    _NAMES_BY[by],
                    _named(item["names"], codes),
                ),
            )
            for item in names["currencies"]
        ],
        vintages=[_vintages(item) for item in vintages["currencies"] if item["vintages"]],
        by=by,
        breaks=BREAK_WORDS.items(),
        risk=risk,
        officials={"operator", "regulator"} & set(page.person.roles),
    )


@router.get("/stress")
async def stress(page: PageOf) -> Response:
    """A stress test of the book as it is, with a slider for each shock."""
    form = Form([(slider.name, page.query(slider.name)) for slider in SLIDERS])
    shocks = {slider.name: _value(slider, form) for slider in SLIDERS}
    tested = any(form.value(slider.name) for slider in SLIDERS)
    answer: Json = {"currencies": []}
    if tested and not form.faulty:
        try:
            answer = await page.api.get("/v1/portfolio/stress-test", **shocks)
        except Problem as problem:
            form.refuse(problem)
    tests = [
        (
            item,
            (
                Part(
                    _in(mark("What each shock costs in {currency}"), item), EFFECTS, item["effects"]
                ),
                Part(
                    _in(mark("Overdue in {currency}, today and after the delay"), item),
                    SHIFTS,
                    item["buckets"],
                ),
            ),
        )
        for item in answer["currencies"]
    ]
    return await page.render(
        "risk/stress.html", form=form, sliders=SLIDERS, tests=tests, tested=tested
    )


@router.get("/watch")
async def watch(page: PageOf) -> Response:
    """Borrowers and debtors with their warning level, its reasons and the next step."""
    about = page.query("about") if page.query("about") in ("borrowers", "debtors") else "borrowers"
    answer = await page.api.get(f"/v1/watch/{about}", limit=100)
    whole = await page.api.get("/v1/watch/portfolio")
    acknowledged = page.query("alerts") == "acknowledged"
    return await page.render(
        "risk/watch.html",
        about=about,
        items=answer["items"],
        levels=answer["levels"],
        whole=whole["portfolio"],
        alerts=await _alerts(page, acknowledged=acknowledged),
        acknowledged=acknowledged,
        may_acknowledge="financier" in page.person.roles,
    )


async def _alerts(page: PageOf, *, acknowledged: bool) -> list[Json]:
    """The newest alerts that somebody has acknowledged, or that nobody has, newest first.

    The API lists the oldest first, for those who follow it.
    """
    newest: list[Json] = []
    after: int | None = None
    for _ in range(_MAX_PAGES):
        answer = await page.api.get(
            "/v1/watch/alerts", acknowledged=str(acknowledged).lower(), after=after, limit=100
        )
        newest = (newest + answer["items"])[-_SHOWN_ALERTS:]
        after = answer["nextCursor"]
        if after is None:
            break
    return newest[::-1]


def _named(items: Sequence[Json], codes: dict[int, str]) -> list[Json]:
    """Items with the code of their product beside its number."""
    return [
        item
        | {
            "product": None
            if item.get("productId") is None
            else f"{item['productId']} · {codes.get(item['productId'], '')}"
        }
        for item in items
    ]


def _in(title: str, item: Json) -> str:
    """A title with its currency: two parts of a page have two names."""
    return t(title, currency=item["currency"])


def _of_all(answer: Json, name: str) -> list[Json]:
    return [item for currency in answer["currencies"] for item in currency[name]]


def _tiers(groups: Sequence[Json]) -> list[Json]:
    """Groups with their credit tier; the API writes 0 where there is none."""
    return [
        group | {"tier": str(group["tier"]) if group["tier"] else t("none")} for group in groups
    ]


def _value(slider: Slider, form: Form) -> str:
    """The API's value of a slider; none, and a note at it, of what is not a number.

    Per cent become parts per million.
    """
    text = form.value(slider.name)
    try:
        if not text:
            return ""
        return str(share(text) if slider.unit == "percent" else whole(text))
    except Unreadable as error:
        form.fault(slider.name, str(error))
        return ""


def _vintages(item: Json) -> dict[str, Any]:
    """Quarters and ages of a currency's vintages, for a table of shares."""
    curves: Sequence[Json] = item["vintages"]
    ages = sorted({age["months"] for curve in curves for age in curve["ages"]})
    rows = [(curve, {age["months"]: age for age in curve["ages"]}) for curve in curves]
    return {
        "title": t("Vintages in {currency}", currency=item["currency"]),
        "ages": ages,
        "rows": rows,
    }
