"""Loans: the book with its maturities, one loan with its schedule, and what each side can do."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, passed_on
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Part
from app.pages.forms import Form, with_query
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.typed import plain_number
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False)
SIDES = ("supplier", "buyer", "financier")
NAVIGATION = (
    Entry(mark("Loans"), "/app/loans", (*SIDES, "auditor"), group="finance"),
    Entry(mark("Margin calls"), "/app/margin-calls", SIDES, group="finance"),
)
STATUSES["loan"] = {
    "running": (mark("running"), "good"),
    "past-due": (mark("past due"), "bad"),
    "defaulted": (mark("in default"), "bad"),
    "written-off": (mark("written off"), "bad"),
    "repaid": (mark("repaid"), "plain"),
}
LATE = "past-due"  # of a running loan; the ledger has no such status
LISTING = Listing(
    name="loans",
    source="/v1/loans",
    columns=(
        Column("loan", mark("Loan")),
        Column("borrower", mark("Borrower")),
        Column("lender", mark("Lender"), extra=True),
        Column("outstanding", mark("Outstanding"), numeric=True),
        Column("due", mark("Due today"), numeric=True),
        Column("annualRate", mark("Rate a year"), numeric=True),
        Column("lastDueDate", mark("Last due day")),
        Column("daysPastDue", mark("Days past due"), numeric=True),
        Column("status", mark("Status")),
        Column("facility", mark("Facility"), extra=True),
        Column("drawn", mark("Drawn"), numeric=True, extra=True),
        Column("startDate", mark("Drawn on"), extra=True),
    ),
    filters=(
        Filter(
            "status",
            mark("Status"),
            choices=(
                ("", mark("any")),
                *((name, words) for name, (words, _) in STATUSES["loan"].items() if name != LATE),
            ),
        ),
        Filter("facilityId", mark("Facility"), kind="number"),
    ),
)
#: A borrower knows who borrows; it looks for the lender.
BORROWED = replace(
    LISTING,
    columns=tuple(
        replace(column, extra=not column.extra) if column.name in ("borrower", "lender") else column
        for column in LISTING.columns
    ),
)
CALLS = Listing(
    name="margin-calls",
    source="/v1/margin-calls",
    columns=(
        Column("loan", mark("Loan")),
        Column("borrower", mark("Borrower")),
        Column("debt", mark("Debt"), numeric=True),
        Column("lendable", mark("Collateral counts for"), numeric=True),
        Column("level", mark("Collateral over debt"), numeric=True),
        Column("callLevel", mark("Call at"), numeric=True),
        Column("liquidationLevel", mark("Liquidation at"), numeric=True),
        Column("lastDate", mark("To cure until")),
    ),
    filters=(
        Filter(
            "near",
            mark("Show"),
            choices=(
                ("false", mark("open calls")),
                ("true", mark("open calls and loans near one")),
            ),
            initial="false",
        ),
    ),
)
COVERAGE = (
    Column("at", mark("At"), shows="instant"),
    Column("blockNumber", mark("Block"), numeric=True, shows="number"),
    Column("outstanding", mark("Principal"), numeric=True, shows="money"),
    Column("debt", mark("What would have ended it"), numeric=True, shows="money"),
    Column("counted", mark("Collateral counts for"), numeric=True, shows="money"),
    Column("market", mark("Market value"), numeric=True, shows="money"),
    Column("level", mark("Counted collateral over debt"), numeric=True, shows="rate"),
    Column("priced", mark("All prices fresh"), shows="yes"),
)
_ONE = "/app/loans/{loan_id:int}"
_SOURCE = "/v1/loans/{loan_id}"
_PAGE = "/app/loans/{loan_id}"
_SUMMARY = "loans/summary.html"


def _plain(name: str, title: str, says: str, button: str, final: str) -> Command:
    """A command of a loan without fields."""
    return Command(
        path=f"{_ONE}/{name}",
        source=f"{_SOURCE}/{name}",
        title=title,
        says=says,
        button=button,
        subject=_SOURCE,
        summary=_SUMMARY,
        final=final,
        back=_PAGE,
    )


COMMANDS = (
    Command(
        path=f"{_ONE}/repayments",
        source=f"{_SOURCE}/repayments",
        title=mark("Repay"),
        says=mark(
            "The payment covers costs, penalty and interest first, then principal, the oldest "
            "first. The ledger takes no more than what is owed."
        ),
        button=mark("Repay"),
        fields=(
            Field(
                "amount",
                mark("Amount"),
                "money",
                currency="outstanding.currency",
                initial="due.total.amount",
            ),
        ),
        subject=_SOURCE,
        summary="loans/owed.html",
        final=mark("The money goes to the lender."),
        back=_PAGE,
    ),
    _plain(
        "overdue",
        mark("Mark as overdue"),
        mark("The facility lends no new money while the loan is overdue."),
        mark("Mark as overdue"),
        mark("Only a payment of what is due ends the mark."),
    ),
    _plain(
        "default",
        mark("Declare the default"),
        mark("The whole debt falls due at once."),
        mark("Declare the default"),
        mark("Lender and borrower can still agree on new terms."),
    ),
    _plain(
        "margin-check",
        mark("Check the collateral"),
        mark(
            "The ledger starts a margin call if the collateral is below its level, or ends a "
            "cured one."
        ),
        mark("Check now"),
        mark("An open call runs until it is cured or its last day has passed."),
    ),
    _plain(
        "liquidation",
        mark("Open an auction of the goods"),
        mark("The price falls with time from above the market; every financier can bid."),
        mark("Open the auction"),
        mark("Goods that are sold do not come back."),
    ),
    _plain(
        "loss",
        mark("Record the loss"),
        mark("The collateral is exhausted; sharers, reserve and insurer then owe their parts."),
        mark("Record the loss"),
        mark("Later recoveries go to those who bore the loss."),
    ),
    _plain(
        "write-off",
        mark("Write the loan off"),
        mark("The borrower still owes it."),
        mark("Write off"),
        mark("Later payments still count."),
    ),
    _plain(
        "rate-reset",
        mark("Reset the rate"),
        mark("The rate follows its reference from the loan's reset day on."),
        mark("Reset the rate"),
        mark("The next reset follows on its day."),
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/loans")
async def listed(page: PageOf) -> Response:
    """The person's loans; a lender's also by age and maturity."""
    listing, book = BORROWED, None
    if {"financier", "auditor", "operator", "regulator"} & set(page.person.roles):
        listing, book = LISTING, await page.api.get("/v1/portfolio")
    return await page.render("loans/list.html", rows=await rows(page, listing), book=book)


@router.get("/app/margin-calls")
async def margin_calls(page: PageOf) -> Response:
    """Loans with an open margin call, or near one."""
    return await page.render("loans/margin_calls.html", rows=await rows(page, CALLS))


@router.get(_ONE)
async def shown(loan_id: int, page: PageOf) -> Response:
    """One loan: what is owed today or on another day, its schedule, and what happened."""
    loan = await page.api.get(f"/v1/loans/{loan_id}")
    day, amount = page.query("date"), page.query("amount")
    form, what_if, quote = Form([("date", day), ("amount", amount)]), None, None
    try:
        if amount:
            path = f"/v1/loans/{loan_id}/repayments"
            quote = await page.api.get(path, amount=plain_number(amount), date=day or None)
        elif day:
            what_if = await page.api.get(f"/v1/loans/{loan_id}/statement", date=day)
    except Problem as problem:
        form.refuse(problem)
    return await page.render(
        "loans/loan.html",
        loan=loan,
        what_if=what_if,
        quote=quote,
        form=form,
        actions=_actions(page, loan),
        parts=PARTS,
    )


@router.get(f"{_ONE}/coverage")
async def coverage(loan_id: int, page: PageOf) -> Response:
    """Collateral over debt of a loan on goods over time: a chart, and a table beside it."""
    path = f"/v1/loans/{loan_id}/coverage-history"
    history = await page.api.get(path, cursor=page.query("cursor"))
    earlier = history["nextCursor"]
    return await page.render(
        "loans/coverage.html",
        loan_id=loan_id,
        history=history,
        points=[point for point in reversed(history["items"]) if point["level"] is not None],
        part=Part(mark("Coverage"), COVERAGE, history["items"]),
        earlier=None if earlier is None else with_query(page.place, cursor=str(earlier)),
    )


@router.get(f"{_ONE}/statement")
async def statement(loan_id: int, page: PageOf) -> Response:
    """The loan's statement as a file."""
    ending = "xlsx" if page.query("format") == "xlsx" else "pdf"
    path = f"/v1/loans/{loan_id}/statement"
    return passed_on(await page.api.download(path, format=ending, date=page.query("date")))


PARTS = (
    ("costs", mark("Costs")),
    ("penalty", mark("Penalty")),
    ("interest", mark("Interest")),
    ("principal", mark("Principal")),
    ("fee", mark("Fee for early repayment")),
    ("service", mark("Service fees")),
    ("total", mark("In all")),
)


def _actions(page: Page, loan: Json) -> list[tuple[str, str]]:
    """The commands that fit the status and the person's side: label and path."""
    own, status = page.person.party_id, loan["status"]
    lender = loan["lender"]["partyId"] == own
    borrower = loan["borrower"]["partyId"] == own
    on_goods = "items" in loan["collateral"]
    late = loan["daysPastDue"] > 0
    owed = status != "repaid"
    fitting = (
        (borrower and owed, "repayments"),
        (lender and late and not loan["markedOverdue"] and status == "running", "overdue"),
        (lender and late and status == "running", "default"),
        ((lender or borrower) and on_goods and owed, "margin-check"),
        (lender and on_goods and owed, "liquidation"),
        (lender and status == "defaulted", "loss"),
        (lender and status == "defaulted", "write-off"),
        ((lender or borrower) and bool(loan["floating"]) and owed, "rate-reset"),
    )
    titles = {command.path.rpartition("/")[2]: command.title for command in COMMANDS}
    base = f"/app/loans/{loan['id']}"
    actions = [(titles[name], f"{base}/{name}") for fits, name in fitting if fits]
    if (lender or borrower) and owed:
        actions += [
            (mark("Propose more time"), f"{base}/extensions"),
            (mark("Propose new terms"), f"{base}/restructurings"),
            (mark("Propose a claim in place of money"), f"{base}/set-offs"),
        ]
    if (lender or borrower) and owed and on_goods:
        actions.append((mark("Propose goods in place of money"), f"{base}/settlements-in-kind"))
    if lender and owed:
        actions.append((mark("Ask for costs of enforcement"), f"{base}/costs"))
    return actions
