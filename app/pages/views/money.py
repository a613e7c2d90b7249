"""Money on the ledger: balances, payments to others, what is unclaimed, and what falls due."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Part
from app.pages.formats import money
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column

router = APIRouter(include_in_schema=False)
PAYERS = ("supplier", "buyer", "financier")
NAVIGATION = (
    Entry(
        mark("Money"), "/app/money", (*PAYERS, "cash-issuer", "rater", "warehouse"), group="finance"
    ),
    Entry(mark("Due calendar"), "/app/due", ("buyer",), group="trade"),
)
BALANCES = (
    Column("currency", mark("Currency"), shows="text", at="balance.currency"),
    Column("balance", mark("Balance"), numeric=True, shows="money"),
    Column("account", mark("Account"), shows="hash"),
)
UNCLAIMED = (
    Column("contract", mark("Waits in"), shows="text"),
    Column("amount", mark("Amount"), numeric=True, shows="money"),
)
DAYS = (
    Column("date", mark("Day"), shows="day"),
    Column("count", mark("Debts"), numeric=True, shows="number"),
    Column("due", mark("Falls due"), numeric=True, shows="money"),
    Column("needed", mark("Needed up to then"), numeric=True, shows="money"),
    Column("missing", mark("Missing"), numeric=True, shows="money"),
)
CONTRACTS = (
    ("Receivables", mark("payment of receivables")),
    ("ClaimMarket", mark("purchase of claims")),
    ("Facilities", mark("loans")),
    ("RiskReserve", mark("reserves")),
    ("Campaigns", mark("campaigns")),
)


def _approval(_: Page, subject: Json, body: Json) -> Json:
    """An approval without limit is only what was ticked, never an amount that was left out."""
    if body.pop("unlimited", False):
        return {"contract": body.get("contract")}
    return {"amount": {"amount": "", "currency": subject["currency"]}} | body


async def _currency(_: Page, parameters: dict[str, Any]) -> Json:
    """The currency that the address names."""
    return {"currency": str(parameters["currency"])}


COMMANDS = (
    Command(
        path="/app/money/{currency}/transfers",
        source="/v1/cash/{currency}/transfers",
        title=mark("Pay a party"),
        says=mark("The money leaves your account at once."),
        button=mark("Pay now"),
        fields=(
            Field("toPartyId", mark("Payee"), "party"),
            Field("amount", mark("Amount"), "money", currency="currency"),
        ),
        final=mark("Only the recipient can pay it back."),
        subject=_currency,
        back="/app/money",
    ),
    Command(
        path="/app/money/{currency}/redemptions",
        source="/v1/cash/{currency}/redemptions",
        title=mark("Redeem money into a deposit"),
        says=mark("The money leaves the ledger; the issuer pays it into your ordinary account."),
        button=mark("Redeem"),
        fields=(Field("amount", mark("Amount"), "money", currency="currency"),),
        final=mark("Money comes back to the ledger only by a new issue."),
        subject=_currency,
        back="/app/money",
    ),
    Command(
        path="/app/money/{currency}/mint",
        source="/v1/cash/{currency}/mint",
        title=mark("Issue money"),
        says=mark("You issue money to a party against a deposit that the bank holds."),
        button=mark("Issue"),
        fields=(
            Field("toPartyId", mark("Payee"), "party"),
            Field("amount", mark("Amount"), "money", currency="currency"),
        ),
        final=mark("Only the party can redeem it."),
        subject=_currency,
        back="/app/money",
    ),
    Command(
        path="/app/money/{currency}/approvals",
        source="/v1/cash/{currency}/approvals",
        title=mark("Set how much a contract may take"),
        says=mark(
            "A contract of the ledger takes your money only when you ask for it, and only up "
            "to this amount."
        ),
        button=mark("Set"),
        fields=(
            Field("contract", mark("For"), "select", choices=CONTRACTS),
            Field(
                "amount",
                mark("Amount"),
                "money",
                currency="currency",
                required=False,
            ),
            Field("unlimited", mark("Without limit, whatever the amount says"), "check"),
        ),
        undo=mark("You can set another amount at any time; 0 takes it back."),
        subject=_currency,
        body=_approval,
        back="/app/money",
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/money")
async def shown(page: PageOf) -> Response:
    """Balances and unclaimed money."""
    return await _shown(page, Form())


async def _shown(page: Page, form: Form, *, status: int = 200) -> Response:
    balances = await page.api.get("/v1/cash")
    unclaimed = await page.api.get("/v1/unclaimed")
    currencies = sorted({item["balance"]["currency"] for item in balances["items"]})
    roles = set(page.person.roles)
    pays = bool(roles & set(PAYERS))
    fitting = (
        (pays, mark("Pay a party"), "transfers"),
        (pays, mark("Redeem money into a deposit"), "redemptions"),
        (pays, mark("Set how much a contract may take"), "approvals"),
        ("cash-issuer" in roles, mark("Issue money"), "mint"),
    )
    actions = [(label, name) for fits, label, name in fitting if fits]
    return await page.render(
        "money/money.html",
        status=status,
        balances=Part(mark("Balances"), BALANCES, balances["items"], mark("No money yet.")),
        unclaimed=unclaimed["items"],
        part=Part(mark("Unclaimed money"), UNCLAIMED, unclaimed["items"]),
        actions=actions,
        currencies=currencies or ["CNY"],
        form=form,
    )


@router.post("/app/money/unclaimed")
async def withdraw(page: PageOf, sent: SentOf) -> Response:
    """Withdraws unclaimed money of one contract and currency."""
    form = sent.form
    body = {"contract": form.value("contract"), "currency": form.value("currency")}
    try:
        answer = await page.api.post("/v1/unclaimed/withdrawals", body, key=form.key)
    except Problem as problem:
        rejected = await page.refused(form, problem)
        if rejected is not None:
            return page.redirect(rejected)
        return await _shown(page, form, status=problem.status)
    return await page.done(form, answer)


@router.get("/app/due")
async def due(page: PageOf) -> Response:
    """What falls due by day, against the money that is there; many debts are paid at once."""
    form = Form([("from", page.query("from")), ("to", page.query("to"))])
    answer: Json = {"currencies": []}
    owed: list[Json] = []
    try:
        answer = await page.api.get(
            "/v1/receivables/due-calendar", **{"from": page.query("from"), "to": page.query("to")}
        )
        owed = await _owed(page)
    except Problem as problem:
        form.refuse(problem)
    return await page.render(
        "money/due.html",
        form=form,
        currencies=[
            (item, Part(mark("By day"), DAYS, item["days"], mark("Nothing falls due.")))
            for item in answer["currencies"]
        ],
        owed=owed,
    )


@router.post("/app/due")
async def pay_many(page: PageOf, sent: SentOf) -> Response:
    """Pays the chosen debts whole, each by a command of its own."""
    form = sent.form
    owed = {str(item["id"]): item for item in await _owed(page)}
    results: list[tuple[Json, Json | None, Problem | None]] = []
    for number in dict.fromkeys(form.all("receivable")):
        item, problem = _as_shown(form, number, owed.get(number))
        answer: Json = {}
        if problem is None:
            path = f"/v1/receivables/{part(number)}/payments"
            body = {"amount": item["unpaid"]}
            try:
                answer = await page.api.post(path, body, key=f"{form.key}-{number}")
            except Problem as refused:
                problem = refused
        operation = answer.get("operation") if problem is None else problem.operation
        results.append((item, operation, problem))
    return await page.render("money/paid.html", results=results)


def _as_shown(form: Form, number: str, item: Json | None) -> tuple[Json, Problem | None]:
    """A debt with the amount that the page showed, and why it is not paid if that has changed."""
    amount, _, currency = form.value(f"unpaid.{number}").partition(" ")
    shown = {"id": number, "unpaid": {"amount": amount, "currency": currency}}
    if item is not None and item["unpaid"] == shown["unpaid"]:
        return shown, None
    if item is None:
        detail = t("It is no longer among the debts that you can pay.")
    else:
        detail = t("Meanwhile {amount} is unpaid.", amount=money(item["unpaid"]))
    return shown, Problem(
        {
            "status": 409,
            "title": t("The debt has changed"),
            "detail": detail,
            "fix": t("Look at it again, and pay what you see there."),
        }
    )


async def _owed(page: Page) -> list[Json]:
    """Debts of the person's party that are confirmed and unpaid."""
    items: list[Json] = []
    for status in ("confirmed", "disputed", "defaulted"):
        answer = await page.api.get(
            "/v1/receivables", debtorPartyId=page.person.party_id, status=status, limit=200
        )
        items += answer["items"]
    return sorted(items, key=lambda item: str(item["dueDate"]))
