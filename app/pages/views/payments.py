"""Payments outside the ledger: what the bank reports, what a lender records, and pay-out files."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Problem, part
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Detail, Fact, show, show_list
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import PageOf, SentOf
from app.pages.tables import Column, Listing
from app.pages.typed import Unreadable, whole
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Bank payments"), "/app/bank-entries", ("financier",), group="finance"),)
STATUSES["entry"] = {
    "waiting": (mark("not recorded"), "wait"),
    "under-way": (mark("under way"), "run"),
    "recorded": (mark("recorded"), "good"),
    "reversed": (mark("reversed"), "plain"),
    "renounced": (mark("renounced, to be recorded anew"), "wait"),
}
LISTING = Listing(
    name="bank-entries",
    source="/v1/bank-entries",
    title=mark("Bank payments"),
    empty=(
        mark("No payments yet"),
        mark(
            "Upload the notification of your bank (camt.053 or camt.054): each payment that names "
            "a loan can then be recorded on the ledger, once."
        ),
    ),
    columns=(
        Column("bookedOn", mark("Booked"), shows="day"),
        Column("reference", mark("Reference"), shows="verbatim"),
        Column("payerName", mark("Payer"), shows="verbatim"),
        Column("amount", mark("Amount"), numeric=True, shows="money"),
        Column("loanId", mark("Loan"), shows="link loan"),
        Column("state", mark("Status"), shows="status entry"),
        Column("id", mark("Entry"), shows="link bank-entry"),
        Column("endToEndId", mark("Payer's reference"), shows="verbatim", extra=True),
        Column("valueDate", mark("Value date"), shows="day", extra=True),
    ),
)
_ONE = "/app/bank-entries/{entry_id}"
_SOURCE = "/v1/bank-entries/{entry_id}"
COMMANDS = (
    Command(
        path=f"{_ONE}/repayment",
        source=f"{_SOURCE}/repayment",
        title=mark("Record the repayment"),
        says=mark("The loan counts the payment as of its value date."),
        button=mark("Record"),
        fields=(
            Field(
                "loanId",
                mark("Loan"),
                "number",
                required=False,
                hint=mark("Empty: the loan that the payment names."),
            ),
            Field("valueDate", mark("Value date"), "day", required=False),
        ),
        undo=mark("You can reverse it within the days that the facility names."),
        back="/app/bank-entries",
    ),
    Command(
        path=f"{_ONE}/reversal",
        source=f"{_SOURCE}/reversal",
        title=mark("Reverse the repayment"),
        says=mark("The loan is as if the payment had never come. The borrower sees it."),
        button=mark("Reverse"),
        fields=(Field("reason", mark("Reason"), "long"),),
        final=mark("A new recording is a new payment."),
        back="/app/bank-entries",
    ),
    Command(
        path=f"{_ONE}/move",
        source=f"{_SOURCE}/move",
        title=mark("Move the repayment"),
        says=mark("To another loan of the borrower, or to another value date."),
        button=mark("Move"),
        fields=(
            Field("loanId", mark("Loan"), "number", required=False),
            Field("valueDate", mark("Value date"), "day", required=False),
            Field("reason", mark("Reason"), "long"),
        ),
        final=mark("The borrower sees both."),
        back="/app/bank-entries",
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/bank-entries")
async def listed(page: PageOf) -> Response:
    """Payments that the bank reported, newest first."""
    actions = [
        (mark("Upload a notification"), "/app/bank-entries/new"),
        (mark("Make a pay-out file"), "/app/pay-outs"),
    ]
    return await show_list(page, LISTING, actions=actions)


@router.get("/app/bank-entries/new")
async def new(page: PageOf) -> Response:
    """The form that uploads a notification."""
    return await page.render("payments/notification.html", form=await page.form())


@router.post("/app/uploads/bank-notifications")
async def upload(page: PageOf, sent: SentOf) -> Response:
    """Stores the payments of a notification; each bank reference once."""
    form, files = sent.form, sent.files.get("file") or []
    if not files:
        form.fault("file", t("Choose a file."))
        return await page.render("payments/notification.html", status=422, form=form)
    try:
        answer = await page.api.upload(
            "/v1/bank-notifications",
            name=files[0].filename or "camt.xml",
            content=await files[0].read(),
            media_type=files[0].content_type or "application/xml",
            key=form.key,
        )
    except Problem as problem:
        form.refuse(problem)
        return await page.render("payments/notification.html", status=problem.status, form=form)
    return await page.render("payments/notification.html", form=Form(), answer=answer)


@router.get(_ONE)
async def shown(entry_id: str, page: PageOf) -> Response:
    """One payment, and what can be done with it."""
    item = await page.api.get(f"/v1/bank-entries/{part(entry_id)}")
    base = f"/app/bank-entries/{part(entry_id)}"
    recorded = item["state"] == "recorded"
    fitting = (
        (not recorded and item["state"] != "under-way", mark("Record the repayment"), "repayment"),
        (recorded, mark("Reverse the repayment"), "reversal"),
        (recorded, mark("Move the repayment"), "move"),
    )
    facts = (
        Fact(mark("Reference"), "reference"),
        Fact(mark("Amount"), "amount", "money"),
        Fact(mark("Booked"), "bookedOn", "day"),
        Fact(mark("Value date"), "valueDate", "day"),
        Fact(mark("Loan"), "loanId", "link loan"),
        Fact(mark("Payer"), "payerName"),
        Fact(mark("Payer's account"), "payerAccount"),
        Fact(mark("Payer's reference"), "endToEndId"),
        Fact(mark("Paid too much"), "overpaid.amount", "money"),
    )
    detail = Detail(
        t("Payment {reference}", reference=item["reference"]),
        item,
        facts,
        status=("entry", item["state"]),
        actions=[(label, f"{base}/{name}") for fits, label, name in fitting if fits],
    )
    return await show(page, detail)


@router.get("/app/pay-outs")
async def new_pay_out(page: PageOf) -> Response:
    """The form that makes a file with which the bank pays out loans."""
    return await page.render("payments/pay_out.html", form=await page.form())


@router.post("/app/pay-outs")
async def pay_out(page: PageOf, sent: SentOf) -> Response:
    """A pain.001 file that pays out loans through the lender's bank, each loan once."""
    form = sent.form
    named = [row for row in form.rows("payOuts") if row.get("loanId") or row.get("account")]
    form.pairs = [pair for pair in form.pairs if not pair[0].startswith("payOuts.")] + [
        (f"payOuts.{place}.{name}", value)
        for place, row in enumerate(named)
        for name, value in row.items()
    ]
    pay_outs = [
        {"loanId": _loan(form, place, row), "account": row.get("account", "")}
        for place, row in enumerate(named)
    ]
    if form.faulty:
        return await page.render("payments/pay_out.html", status=422, form=form)
    body = {
        "account": form.value("account"),
        "executionDate": form.value("executionDate"),
        "payOuts": pay_outs,
    }
    headers = {"Idempotency-Key": form.key}
    answer = await page.api.send("POST", "/v1/pay-outs", json=body, headers=headers)
    if answer.is_error:
        form.refuse(Problem(answer.json()))
        return await page.render("payments/pay_out.html", status=answer.status_code, form=form)
    named_as = answer.headers.get("content-disposition", 'attachment; filename="pay-outs.xml"')
    return Response(
        answer.content, media_type="application/xml", headers={"Content-Disposition": named_as}
    )


def _loan(form: Form, place: int, row: dict[str, str]) -> int:
    """The number of a row's loan; 0, and a note at its field, if it cannot be read."""
    try:
        return whole(row.get("loanId", ""))
    except Unreadable as error:
        form.fault(f"payOuts.{place}.loanId", str(error))
        return 0
