"""Receivables: what the buyer confirms and pays, and what the supplier requested."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands, filled
from app.pages.formats import day, money
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.tables import Column, Filter, Listing, rows
from app.pages.words import STATUSES

router = APIRouter(include_in_schema=False, prefix="/app/receivables")
NAVIGATION = (Entry(mark("Receivables"), "/app/receivables", group="trade"),)
STATUSES["receivable"] = {
    "requested": (mark("waits for the buyer"), "wait"),
    "confirmed": (mark("confirmed"), "good"),
    "disputed": (mark("disputed"), "bad"),
    "defaulted": (mark("in default"), "bad"),
    "settled": (mark("settled"), "plain"),
    "written-off": (mark("written off"), "bad"),
    "rejected": (mark("rejected"), "plain"),
    "withdrawn": (mark("withdrawn"), "plain"),
}
STATUSES["credit-note"] = {
    "waiting": (mark("waits for the buyer"), "wait"),
    "expired": (mark("expired"), "plain"),
    "under-way": (mark("under way"), "run"),
    "applied": (mark("applied"), "good"),
}
LISTING = Listing(
    name="receivables",
    source="/v1/receivables",
    columns=(
        Column("receivable", mark("Receivable")),
        Column("seller", mark("Seller")),
        Column("debtor", mark("Debtor")),
        Column("faceAmount", mark("Face amount"), numeric=True),
        Column("unpaid", mark("Unpaid"), numeric=True),
        Column("dueDate", mark("Due")),
        Column("status", mark("Status")),
        Column("principalPaid", mark("Paid"), numeric=True, extra=True),
        Column("confirmedAt", mark("Confirmed"), extra=True),
    ),
    filters=(
        Filter(
            "status",
            mark("Status"),
            choices=(
                ("", mark("any")),
                *((name, words) for name, (words, _) in STATUSES["receivable"].items()),
            ),
        ),
        Filter("dueFrom", mark("Due from"), kind="date"),
        Filter("dueTo", mark("Due to"), kind="date"),
        Filter(
            "creditNoteWaits",
            mark("Credit note"),
            choices=(("", mark("any")), ("true", mark("waits for the buyer"))),
        ),
    ),
)
_ONE = "/{receivable_id:int}"
_SOURCE = "/v1/receivables/{receivable_id}"
_PAGE = "/app/receivables/{receivable_id}"
_SUMMARY = "receivables/summary.html"
_NOTE = "/credit-notes/{credit_note_id}/confirmation"
_NOTE_TO_SIGN = "/credit-notes/of/{note_document_id}/{claim_id:int}/{deadline:int}"
_MAX_NOTES = 100  # of a choice
_UNKNOWN, _CONFLICT = 404, 409


async def _with_invoice(page: Page, parameters: dict[str, Any]) -> Json:
    """A receivable with its invoice, where the gateway has it and the person may see it."""
    receivable = await page.api.get(filled(_SOURCE, parameters))
    document_id = (receivable.get("document") or {}).get("documentId")
    invoice: Json | None = None
    if document_id:
        try:
            invoice = await page.api.get(f"/v1/documents/{part(document_id)}")
        except Problem:
            invoice = None
    return receivable | {"invoice": invoice}


async def _with_note(page: Page, parameters: dict[str, Any]) -> Json:
    """A receivable with a credit note of it, and the document that the note applies.

    Raises:
        Problem: there is no such credit note.
    """
    receivable = await page.api.get(filled(_SOURCE, parameters))
    identifier = parameters["credit_note_id"]
    for note in await _notes(page, receivable["id"]):
        if note["id"] == identifier:
            document_id = note["documentId"]
            document = await page.api.get(f"/v1/documents/{document_id}") if document_id else None
            return receivable | {"note": note, "credit": document}
    raise Problem({"status": _UNKNOWN, "title": t("There is no such credit note")})


async def credit_note_to_sign(page: Page, parameters: dict[str, Any], body: Json) -> str:
    """Where the supplier's own wallet signs an uploaded credit note.

    Raises:
        Problem: the API refuses the terms.
    """
    number, document_id = part(parameters["receivable_id"]), body["documentId"]
    terms = await page.api.get(
        f"/v1/receivables/{number}/credit-notes/terms", documentId=document_id
    )
    known = parameters | {
        "note_document_id": document_id,
        "claim_id": terms["claimId"],
        "deadline": terms["deadline"],
    }
    return filled(f"{_PAGE}{_NOTE_TO_SIGN}", known)


async def _with_note_to_sign(page: Page, parameters: dict[str, Any]) -> Json:
    """A receivable with the terms of an uploaded credit note, and the document.

    The address names claim and deadline, and others can make such an address: only the claim that
    the gateway would choose now, and a deadline no later than its own, are shown and signed.

    Raises:
        Problem: the API refuses the terms, or they are not the usual ones.
    """
    receivable = await page.api.get(filled(_SOURCE, parameters))
    source = f"{filled(_SOURCE, parameters)}/credit-notes/terms"
    document_id, deadline = parameters["note_document_id"], parameters["deadline"]
    note = await page.api.get(source, documentId=document_id)
    in_time = await page.now() < deadline <= note["deadline"]
    if note["claimId"] != parameters["claim_id"] or not in_time:
        raise Problem(
            {
                "status": _CONFLICT,
                "title": t("These are not the terms of the credit note now"),
                "detail": t("Another claim would bear it, or the time to sign is over."),
                "fix": t("start again from the receivable"),
            }
        )
    note = await page.api.get(
        source, documentId=document_id, claimId=note["claimId"], deadline=deadline
    )
    document = await page.api.get(f"/v1/documents/{part(note['documentId'])}")
    return receivable | {"note": note, "credit": document}


async def _notes(page: Page, receivable_id: int) -> list[Json]:
    """Credit notes of a receivable; those that nobody can sign any more are `expired`."""
    answer = await page.api.get(f"/v1/receivables/{receivable_id}/credit-notes")
    notes: list[Json] = answer["items"]
    now = await page.now()
    for note in notes:
        if note["state"] == "waiting" and int(note["typedData"]["message"]["deadline"]) <= now:
            note["state"] = "expired"
    return notes


async def _uploaded_notes(page: Page, receivable: Json) -> list[tuple[str, str]]:
    """The supplier's uploaded credit notes in the debt's currency, newest first."""
    usable: list[tuple[str, str]] = []
    async for answer in page.api.pages("/v1/documents", kind="credit-note"):
        for item in answer["items"]:
            invoice, currency = item["invoice"], item["invoice"]["currency"]
            if currency == receivable["currency"]:
                amount = money({"amount": invoice["payableAmount"], "currency": currency})
                words = (invoice["number"], amount, day(invoice["issueDate"]))
                usable.append((item["id"], " · ".join(words)))
        if len(usable) >= _MAX_NOTES:
            break
    return usable[:_MAX_NOTES]


COMMANDS = (
    Command(
        path=f"{_ONE}/confirmation",
        source=f"{_SOURCE}/confirmation",
        title=mark("Confirm the debt"),
        says=mark(
            "You confirm that you owe this amount on the due day. The claim goes to the seller, "
            "who may sell it; you then pay whoever holds it."
        ),
        button=mark("Sign and confirm"),
        subject=_with_invoice,
        summary=_SUMMARY,
        beside="receivables/invoice.html",
        signs=f"{_SOURCE}/confirmation",
        final=mark("Afterwards only a dispute within its days, or a credit note, changes it."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/rejection",
        source=f"{_SOURCE}/rejection",
        title=mark("Reject the request"),
        says=mark("The seller sees your reason. Its hash goes on the ledger."),
        button=mark("Reject"),
        fields=(Field("reason", mark("Reason"), "long"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The seller may file a corrected invoice."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/withdrawal",
        source=f"{_SOURCE}/withdrawal",
        title=mark("Withdraw the request"),
        says=mark("The buyer no longer sees it as something to confirm."),
        button=mark("Withdraw"),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The invoice cannot be filed a second time."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/dispute",
        source=f"{_SOURCE}/dispute",
        title=mark("Dispute the debt"),
        says=mark(
            "Sales of the claims and new liens stop at once. Payment goes on. The hash of your "
            "statement goes on the ledger."
        ),
        button=mark("Dispute"),
        fields=(Field("statement", mark("What is wrong"), "long"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        undo=mark("You can end your dispute later."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/dispute-end",
        source=f"{_SOURCE}/dispute-end",
        title=mark("End the dispute"),
        says=mark("Sales and liens are possible again."),
        button=mark("End the dispute"),
        fields=(Field("statement", mark("How it was settled"), "long"),),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("A new dispute is possible only within the days for it."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/credit-notes",
        source=f"{_SOURCE}/credit-notes",
        title=mark("Reduce it by a credit note"),
        says=mark("You sign the credit note; it applies once the buyer has signed it too."),
        button=mark("Sign the credit note"),
        fields=(
            Field(
                "documentId",
                mark("Credit note"),
                "select",
                choices=_uploaded_notes,
                hint=mark("Upload it among the documents first."),
            ),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        wallet_page=credit_note_to_sign,
        final=mark("It burns your own claim first; you pay in for other holders."),
        back=_PAGE,
        then=_PAGE,
    ),
    Command(
        path=f"{_ONE}{_NOTE_TO_SIGN}",
        source=f"{_SOURCE}/credit-notes",
        title=mark("Sign the credit note"),
        says=mark("You sign the credit note; it applies once the buyer has signed it too."),
        button=mark("Sign the credit note"),
        subject=_with_note_to_sign,
        summary=_SUMMARY,
        beside="receivables/credit_note.html",
        signs="subject.note.typedData",
        final=mark(
            "It burns your own claim first; you pay in for other holders, from money that you "
            "have approved for it (Money)."
        ),
        back=_PAGE,
        body=lambda page, subject, body: {
            name: subject["note"][name] for name in ("documentId", "claimId", "deadline")
        },
        then=_PAGE,
    ),
    Command(
        path=f"{_ONE}{_NOTE}",
        source=f"{_SOURCE}{_NOTE}",
        title=mark("Sign the credit note"),
        says=mark("You sign it too. You then owe less, at the seller's expense."),
        button=mark("Sign and apply"),
        subject=_with_note,
        summary=_SUMMARY,
        beside="receivables/credit_note.html",
        signs="subject.note.typedData",
        final=mark("What it takes off the debt cannot be put back."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/payments",
        source=f"{_SOURCE}/payments",
        title=mark("Pay"),
        says=mark(
            "The payment covers the late charge first, then principal. The ledger takes no more "
            "than what is due."
        ),
        button=mark("Pay now"),
        fields=(
            Field("amount", mark("Amount"), "money", currency="currency", initial="unpaid.amount"),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The holders of the claims receive the money."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/default",
        source=f"{_SOURCE}/default",
        title=mark("Declare the default"),
        says=mark("The days of grace are over and the debt is not paid."),
        button=mark("Declare the default"),
        fields=(
            Field(
                "claimId",
                mark("Claim by which you act"),
                "number",
                hint=mark("Empty: your largest claim."),
                required=False,
            ),
        ),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("The debt stays owed."),
        back=_PAGE,
    ),
    Command(
        path=f"{_ONE}/write-off",
        source=f"{_SOURCE}/write-off",
        title=mark("Write the debt off"),
        says=mark("You no longer expect the money. The debt stays owed."),
        button=mark("Write off"),
        fields=(Field("claimId", mark("Claim by which you act"), "number", required=False),),
        subject=_SOURCE,
        summary=_SUMMARY,
        final=mark("Later payments still reach the holders."),
        back=_PAGE,
    ),
)


@router.get("")
async def listed(page: PageOf) -> Response:
    """Receivables that the person may see."""
    return await page.render("receivables/list.html", rows=await rows(page, LISTING))


@router.get(_ONE)
async def shown(receivable_id: int, page: PageOf) -> Response:
    """One receivable: terms, payments, credit notes, disputes, and what can be done."""
    receivable = await page.api.get(f"/v1/receivables/{receivable_id}")
    notes = [
        note for note in await _notes(page, receivable_id) if note["state"] != "applied"
    ]  # the receivable has those with what they took off
    return await page.render(
        "receivables/receivable.html",
        receivable=receivable,
        notes=notes,
        signs_notes=_is(receivable["debtor"], page.person.party_id),
        actions=_actions(page, receivable, notes),
        form=Form(),
    )


def _actions(page: Page, receivable: Json, notes: list[Json]) -> list[tuple[str, str]]:
    """The commands that fit the status and the person's side: label and path."""
    own = page.person.party_id
    status = receivable["status"]
    buyer = _is(receivable["debtor"], own)
    seller = _is(receivable["seller"], own)
    owed = status in ("confirmed", "disputed", "defaulted", "written-off")
    # One that the ledger refused still waits for another try: after those that nobody tried.
    untried = sorted(notes, key=lambda note: note["operationId"] is not None)
    waiting = [note["id"] for note in untried if note["state"] == "waiting"]
    sign = _NOTE.removeprefix("/")
    offered = (
        (buyer and bool(waiting), sign),
        (buyer and status == "requested", "confirmation"),
        (buyer and status == "requested", "rejection"),
        (seller and status == "requested", "withdrawal"),
        (buyer and owed, "payments"),
        (buyer and status == "confirmed", "dispute"),
        (buyer and status == "disputed", "dispute-end"),
        (seller and owed, "credit-notes"),
        (not buyer and bool(receivable["overdue"]) and status == "confirmed", "default"),
        (not buyer and status == "defaulted", "write-off"),
    )
    titles = {command.path.removeprefix(f"{_ONE}/"): command.title for command in COMMANDS}
    ids = {"credit_note_id": waiting[0] if waiting else ""}
    base = f"/app/receivables/{receivable['id']}"
    return [(titles[name], f"{base}/{filled(name, ids)}") for fits, name in offered if fits]


def _is(party: object, party_id: str | None) -> bool:
    return isinstance(party, dict) and party_id is not None and party.get("partyId") == party_id


add_commands(router, COMMANDS)
