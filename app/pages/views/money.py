"""Money on the ledger: balances, payments to others, what is unclaimed, and what falls due."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.money import minor_units
from app.pages.api import WAIT_SECONDS, Json, Problem
from app.pages.chosen import Debt, chosen, sums, value_of
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Part
from app.pages.formats import money, number
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column

router = APIRouter(include_in_schema=False)
PAYERS = ("supplier", "buyer", "financier")
OWED_ON_PAGE, MAX_PAID = 100, 200
UNDER_WAY = ("accepted", "submitted")
Results = list[tuple[Debt, Json | None, Problem | None]]
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
    Column("contract", mark("Waits in"), shows="code"),
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
    typed = [(name, page.query(name)) for name in ("from", "to", "cursor")]
    return await _due(page, await page.draft() or Form(typed))


async def _due(page: Page, form: Form, *, status: int = 200) -> Response:
    answer: Json = {"currencies": []}
    owed: Json = {"items": [], "nextCursor": None}
    try:
        answer = await page.api.get(
            "/v1/receivables/due-calendar", **{name: form.value(name) for name in ("from", "to")}
        )
        owed = await page.api.get(
            "/v1/receivables",
            debtorPartyId=page.person.party_id,
            unpaid=True,
            sort="due-soonest",
            cursor=form.value("cursor"),
            limit=OWED_ON_PAGE,
        )
    except Problem as problem:
        form.refuse(problem)
    picked = chosen(form.all("receivable"))
    here = {item["id"] for item in owed["items"]}
    return await page.render(
        "money/due.html",
        status=status,
        form=form,
        currencies=[
            (item, Part(mark("By day"), DAYS, item["days"], mark("Nothing falls due.")))
            for item in answer["currencies"]
        ],
        owed=owed,
        value_of=value_of,
        ticked={debt.id for debt in picked},
        elsewhere=[debt for debt in picked if debt.id not in here],
        count=len(picked),
        sums=sums(picked),
    )


@router.post("/app/due")
async def pay_many(page: PageOf, sent: SentOf) -> Response:
    """Pays the chosen debts, each by a command of its own; or shows more debts to choose from."""
    form = sent.form
    debts, turn = chosen(form.all("receivable")), form.value("turn")
    if turn:
        form.pairs = [pair for pair in form.pairs if pair[0] not in ("turn", "cursor")]
        form.pairs += [("cursor", "" if turn == "first" else turn)]
        return await _due(page, form)
    if len(debts) > MAX_PAID:
        words = t("You chose {count} debts.", count=number(len(debts)))
        fix = t("Choose {count} at most, pay them, and then choose others.", count=number(MAX_PAID))
        title = t("Too many debts at once")
        form.refuse(Problem({"status": 422, "title": title, "detail": words, "fix": fix}))
        return await _due(page, form, status=422)
    results: Results = []
    left: list[Debt] = []
    first = None
    for place, debt in enumerate(debts):
        path, key = f"/v1/receivables/{debt.id}", f"{form.key}-{debt.id}"
        try:
            _require_as_shown(debt, await page.api.get(path))
            body = {"amount": debt.unpaid}
            answer = await page.api.post(f"{path}/payments", body, key=key, wait=0)
            if answer.get("repeat"):
                left = debts[place:]
                first = await page.first(_only(form, left), answer["operation"])
                break
            results.append((debt, answer.get("operation"), None))
        except Problem as problem:
            results.append((debt, problem.operation, problem))
    results = await _ended(page, results)
    return await page.render("money/paid.html", results=results, left=left, first=first)


def _only(form: Form, debts: list[Debt]) -> Form:
    """The form with only these debts chosen."""
    pairs = [(name, value) for name, value in form.pairs if name != "receivable"]
    return Form(pairs + [("receivable", debt.value) for debt in debts], place=form.place)


async def _ended(page: Page, results: Results) -> Results:
    """The same payments after a while for all of them together, as their operations are then."""
    clock = asyncio.get_running_loop().time
    until = clock() + WAIT_SECONDS
    ended: Results = []
    for debt, operation, problem in results:
        now = operation
        if operation is not None and problem is None and operation["state"] in UNDER_WAY:
            with contextlib.suppress(Problem):  # its page says what became of it
                left = max(0.0, until - clock())
                now = await page.api.get(f"/v1/operations/{operation['id']}", wait=left)
        ended.append((debt, now, problem))
    return ended


def _require_as_shown(debt: Debt, item: Json) -> None:
    """Refuses to pay a debt of which another amount is unpaid than the person saw.

    Of one that is paid the API says so, or repeats its answer if this form has paid it.

    Raises:
        Problem.
    """
    unpaid = item["unpaid"]
    if unpaid == debt.unpaid or not minor_units(unpaid["amount"], currency=unpaid["currency"]):
        return
    raise Problem(
        {
            "status": 409,
            "title": t("The debt has changed"),
            "detail": t("Meanwhile {amount} is unpaid.", amount=money(unpaid)),
            "fix": t("Look at it again, and pay what you see there."),
        }
    )
