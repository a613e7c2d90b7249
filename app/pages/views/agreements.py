"""Agreements about loans: proposed by one side, signed by all, and carried out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, part
from app.pages.commands import Command, Field, add_commands
from app.pages.details import Detail, Fact, show
from app.pages.languages import mark
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf
from app.pages.signing import signing_context
from app.pages.tables import Column, Listing, rows
from app.pages.things import kind_name
from app.pages.words import STATUSES, position, status

router = APIRouter(include_in_schema=False)
SIDES = ("supplier", "buyer", "financier")
NAVIGATION = (Entry(mark("Agreements"), "/app/agreements", (*SIDES, "operator"), group="finance"),)
STATUSES["agreement"] = {
    "waiting": (mark("waits for signatures"), "wait"),
    "signed": (mark("signed by all"), "run"),
    "under-way": (mark("under way"), "run"),
    "agreed": (mark("agreed"), "good"),
    "withdrawn": (mark("withdrawn"), "plain"),
}
KINDS = {
    "extension": mark("More time for a loan"),
    "restructuring": mark("New terms of a loan"),
    "set-off": mark("A claim in place of money"),
    "settle-in-kind": mark("Goods in place of money"),
    "costs": mark("Costs of enforcement"),
    "correction": mark("Correction of a payment"),
    "loan-sale": mark("Sale of a loan"),
    "participation": mark("Participation in a loan"),
    "hedge": mark("Hedge of the price of goods"),
    "buy-back": mark("Buy-back undertaking"),
    "sharing": mark("Sharing of losses"),
    "sharing-end": mark("End of a sharing of losses"),
    "insurance": mark("Insurance of losses"),
}
STATUSES["agreement-kind"] = {name: (label, "plain") for name, label in KINDS.items()}
_OF_FACILITIES = ("buy-back", "insurance")
_OF_PRODUCTS = ("sharing", "sharing-end")
LISTING = Listing(
    name="agreements",
    source="/v1/agreements",
    title=mark("Agreements"),
    empty=(
        mark("No agreements yet"),
        mark(
            "Lender and borrower can agree on more time, new terms, a claim or goods in place of "
            "money. One side proposes it on the page of a loan; all sign the same text."
        ),
    ),
    columns=(
        Column("id", mark("Agreement"), shows="link agreement"),
        Column("kind", mark("Kind"), shows="status agreement-kind"),
        Column("about", mark("About"), shows="text"),
        Column("missing", mark("Signatures missing"), shows="positions"),
        Column("state", mark("Status"), shows="status agreement"),
    ),
)
_ONE = "/app/agreements/{agreement_id}"
_SOURCE = "/v1/agreements/{agreement_id}"
_LOAN = "/app/loans/{loan_id:int}"
_LOAN_SOURCE = "/v1/loans/{loan_id}"
_UNDO = mark("You can withdraw your signature until all have signed.")


def _proposal(name: str, title: str, says: str, *fields: Field) -> Command:
    """A command that proposes an agreement about a loan."""
    return Command(
        path=f"{_LOAN}/{name}",
        source=f"{_LOAN_SOURCE}/{name}",
        title=title,
        says=says,
        button=mark("Propose"),
        fields=fields,
        subject=_LOAN_SOURCE,
        summary="loans/summary.html",
        undo=_UNDO,
        back="/app/loans/{loan_id}",
        then="/app/agreements/{id}",
    )


def _money(name: str, label: str, *, required: bool = False, hint: str = "") -> Field:
    return Field(
        name, label, "money", hint=hint, currency="outstanding.currency", required=required
    )


COMMANDS = (
    _proposal(
        "extensions",
        mark("Propose more time"),
        mark("Lender and borrower sign; the loan then runs until the new day."),
        Field(
            "dueDate",
            mark("New due day"),
            "day",
            required=False,
            hint=mark("Of a loan that is repaid at once."),
        ),
        Field(
            "months",
            mark("Months"),
            "number",
            required=False,
            hint=mark("All months of the new schedule, for instalments."),
        ),
    ),
    _proposal(
        "restructurings",
        mark("Propose new terms"),
        mark("Lender and borrower sign; also for a loan in default."),
        Field(
            "style",
            mark("Repayment"),
            "select",
            choices=(
                ("bullet", mark("all at once, at the end")),
                ("equal-principal", mark("instalments with equal principal")),
                ("equal-instalment", mark("equal instalments")),
                ("interest-only", mark("interest only, principal at the end")),
            ),
        ),
        Field(
            "dueDate",
            mark("Due day"),
            "day",
            hint=mark("Of the first instalment, if there are several."),
        ),
        Field("annualRate", mark("Rate a year (%)"), "rate", initial="annualRate"),
        Field("periods", mark("Instalments"), "number", required=False),
        _money("forgivenPenalty", mark("Penalty that is forgiven")),
        _money("forgivenInterest", mark("Interest that is forgiven")),
        _money("forgivenPrincipal", mark("Principal that is forgiven")),
        _money("capitalisedInterest", mark("Interest that becomes principal")),
    ),
    _proposal(
        "set-offs",
        mark("Propose a claim in place of money"),
        mark("The borrower gives a claim at a value that both sides sign."),
        Field("claimId", mark("Claim"), "number"),
        _money("claimValue", mark("Face value of what is given"), required=True),
        _money("credit", mark("How much of the debt it pays"), required=True),
    ),
    _proposal(
        "settlements-in-kind",
        mark("Propose goods in place of money"),
        mark("The borrower gives goods at a value that both sides sign."),
        Field("warehouseReceiptId", mark("Warehouse receipt"), "number"),
        Field("quantity", mark("Quantity"), "quantity"),
        _money("credit", mark("How much of the debt it pays"), required=True),
    ),
    _proposal(
        "costs",
        mark("Ask for costs of enforcement"),
        mark("The borrower bears them once it has signed."),
        _money("amount", mark("Amount"), required=True),
        Field("evidence", mark("What they are"), "long", hint=mark("Its hash goes on the ledger.")),
    ),
    Command(
        path=f"{_ONE}/signature",
        source=f"{_SOURCE}/signature",
        title=mark("Sign the agreement"),
        says=mark(
            "The last signature carries it out, unless a lender or an operator must send it."
        ),
        button=mark("Sign"),
        subject=_SOURCE,
        summary="agreements/summary.html",
        signs="subject.typedData",
        final=mark("What all have signed binds all."),
        back=_ONE,
        then=_ONE,
    ),
    Command(
        path=f"{_ONE}/withdrawal",
        source=f"{_SOURCE}/withdrawal",
        title=mark("Withdraw your signature"),
        says=mark("The ledger never takes your signature under this text again."),
        button=mark("Withdraw"),
        subject=_SOURCE,
        summary="agreements/summary.html",
        final=mark("New terms need a new proposal."),
        back=_ONE,
    ),
    Command(
        path=f"{_ONE}/execution",
        source=f"{_SOURCE}/execution",
        title=mark("Carry the agreement out"),
        says=mark("All have signed; the ledger does what the text says."),
        button=mark("Carry out"),
        subject=_SOURCE,
        summary="agreements/summary.html",
        final=mark("What all have signed binds all."),
        back=_ONE,
    ),
)
add_commands(router, COMMANDS)


@router.get("/app/agreements")
async def listed(page: PageOf) -> Response:
    """Agreements that name the person's party."""
    listed = await rows(page, LISTING)
    for item in listed.items:
        item["about"] = f"{kind_name(_subject_of(item['kind']))} {item['subjectId']}"
    return await page.render("list.html", rows=listed, listing=LISTING, actions=())


@router.get(_ONE)
async def shown(agreement_id: str, page: PageOf) -> Response:
    """One agreement: its text, and who has still to sign."""
    item = await page.api.get(f"/v1/agreements/{part(agreement_id)}")
    kind = item["kind"]
    facts = (
        Fact(mark("About"), "subjectId", _about(kind)),
        Fact(mark("Signatures missing"), "missing", "positions"),
        Fact(mark("Operation"), "operationId", "link operation"),
        *(Fact(position(name), f"parties.{name}", "party") for name in item["parties"]),
    )
    detail = Detail(
        status("agreement-kind", kind),
        item,
        facts,
        status=("agreement", item["state"]),
        actions=_actions(page, item),
        include="agreements/text.html",
        context=await signing_context(page, item["typedData"], signer=""),
    )
    return await show(page, detail)


def _subject_of(kind: str) -> str:
    """What kind of thing an agreement is about."""
    if kind in _OF_PRODUCTS:
        return "product"
    return "facility" if kind in _OF_FACILITIES else "loan"


def _about(kind: str) -> str:
    """How the number is shown of what an agreement is about."""
    return "number" if kind in _OF_PRODUCTS else f"link {_subject_of(kind)}"


def _actions(page: Page, item: Json) -> list[tuple[str, str]]:
    own, base = page.person.party_id, f"/app/agreements/{part(item['id'])}"
    places = [name for name, party in item["parties"].items() if party["partyId"] == own]
    unsigned = any(name in item["missing"] for name in places)
    begun = item["state"] in ("under-way", "agreed", "withdrawn")
    # The last signature has carried out all others.
    sends = "lender" in places or "operator" in page.person.roles
    fitting = (
        (unsigned, mark("Sign the agreement"), "signature"),
        (sends and item["state"] == "signed", mark("Carry the agreement out"), "execution"),
        (bool(places), mark("Withdraw your signature"), "withdrawal"),
    )
    return [(label, f"{base}/{name}") for fits, label, name in fitting if fits and not begun]
