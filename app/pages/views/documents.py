"""Documents of a supplier: uploads, what was read beside the file, and what becomes of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.commands import Command, Field, add_commands
from app.pages.forms import Form, sent_before
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf
from app.pages.tables import Column, Listing, rows
from app.pages.views.receivables import credit_note_to_sign

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Documents"), "/app/documents", ("supplier",), group="trade"),)
LISTING = Listing(
    name="documents",
    source="/v1/documents",
    columns=(
        Column("number", mark("Number")),
        Column("kind", mark("Kind")),
        Column("buyer", mark("Buyer")),
        Column("payable", mark("Amount"), numeric=True),
        Column("issueDate", mark("Issued")),
        Column("dueDate", mark("Due")),
        Column("createdAt", mark("Uploaded")),
        Column("format", mark("Format"), extra=True),
        Column("root", mark("Root of the documents"), extra=True),
    ),
)
_TEXT_KINDS = ("xml", "json", "text")
_MAX_TEXT_BYTES = 200_000
_MAX_FILE_BYTES = 20_000_000
COMMANDS = (
    Command(
        path="/app/documents/{document_id}/receivable",
        source="/v1/receivables",
        title=mark("Ask the buyer to confirm the debt"),
        says=mark(
            "The ledger registers the invoice once and for all, and the buyer can then confirm it. "
            "After that you hold a claim which you can sell, split or use as collateral."
        ),
        button=mark("Ask the buyer"),
        fields=(
            Field(
                "dueDate",
                mark("Due day"),
                "day",
                required=False,
                hint=mark("Only if the invoice states none."),
            ),
            Field(
                "instalment",
                mark("Instalment"),
                "number",
                required=False,
                hint=mark("Its number, if the invoice is due in instalments."),
            ),
            Field(
                "graceDays",
                mark("Days of grace"),
                "number",
                required=False,
                hint=mark("Empty: 5 days."),
            ),
            Field(
                "lateRate",
                mark("Late charge a year (%)"),
                "rate",
                required=False,
                hint=mark("Such as 7.35. Empty: none."),
            ),
            Field(
                "disputeDays",
                mark("Days in which the buyer may dispute"),
                "number",
                required=False,
                hint=mark("From confirmation. Empty: 10 days."),
            ),
        ),
        subject="/v1/documents/{document_id}",
        summary="documents/summary.html",
        final=mark(
            "You can withdraw the request until the buyer confirms, but not file the invoice again."
        ),
        back="/app/documents/{document_id}",
        body=lambda page, subject, body: body | {"documentId": subject["id"]},
        then="/app/receivables/{receivableId}",
    ),
    Command(
        path="/app/documents/{document_id}/credit-note",
        source="/v1/receivables/{receivable_id}/credit-notes",
        title=mark("Reduce a receivable by this credit note"),
        says=mark("You sign the credit note; it applies once the buyer has signed it too."),
        button=mark("Sign the credit note"),
        fields=(Field("receivable_id", mark("Receivable"), "number"),),
        subject="/v1/documents/{document_id}",
        summary="documents/summary.html",
        final=mark("It burns your own claim first; you pay in for other holders."),
        back="/app/documents/{document_id}",
        body=lambda page, subject, body: {"documentId": subject["id"]},
        wallet_page=credit_note_to_sign,
        then="/app/receivables/{receivable_id}",
    ),
)


@router.get("/app/documents")
async def listed(page: PageOf) -> Response:
    """The supplier's documents."""
    return await page.render("documents/list.html", rows=await rows(page, LISTING))


@router.get("/app/documents/new")
async def new(page: PageOf) -> Response:
    """The form that uploads files."""
    return await page.render("documents/new.html", form=await page.form())


@router.post("/app/uploads/documents")
async def upload(page: PageOf, sent: SentOf) -> Response:
    """Uploads each file; the page names what was read of each, or what is wrong with it."""
    form, files = sent.form, sent.files.get("file") or []
    if not files:
        form.fault("file", t("Choose a file."))
        return await page.render("documents/new.html", status=422, form=form)
    stored: list[Json] = []
    refused: list[tuple[str, Problem]] = []
    for place, file in enumerate(files):
        name = file.filename or t("file")
        content = await file.read(_MAX_FILE_BYTES + 1)
        try:
            stored.append(
                await page.api.upload(
                    "/v1/documents",
                    name=name,
                    content=content,
                    media_type=file.content_type or "application/octet-stream",
                    key=f"{form.key}-{place}",
                )
            )
        except Problem as problem:
            refused.append((name, sent_before(problem, form.key)))
    if not refused and len(stored) == 1:
        return await page.done(form, {}, to=f"/app/documents/{stored[0]['id']}")
    return await page.render(
        "documents/new.html",
        status=422 if refused else 200,
        form=Form(),
        stored=stored,
        refused=refused,
    )


@router.get("/app/documents/{document_id}")
async def shown(document_id: str, page: PageOf) -> Response:
    """What was read of a document, beside the document itself."""
    return await _shown(page, document_id, await page.draft() or Form())


async def _shown(page: Page, document_id: str, form: Form, *, status: int = 200) -> Response:
    document = await page.api.get(f"/v1/documents/{part(document_id)}")
    content_type = str(document["contentType"]).lower()
    file_text = ""
    if any(kind in content_type for kind in _TEXT_KINDS):
        answer = await page.api.download(f"/v1/documents/{part(document_id)}/content")
        file_text = answer.content[:_MAX_TEXT_BYTES].decode(errors="replace")
    return await page.render(
        "documents/document.html",
        status=status,
        document=document,
        invoice=document["invoice"],
        file_text=file_text,
        is_pdf="pdf" in content_type,
        amount=_amount(document["invoice"]),
        fields=_fields(document["invoice"]),
        filed=await _filed(page, document),
        form=form,
    )


@router.get("/app/documents/{document_id}/file")
async def stored_file(document_id: str, page: PageOf) -> Response:
    """The file as it was uploaded: a PDF opens in the browser, anything else is saved."""
    path = f"/v1/documents/{part(document_id)}"
    document = await page.api.get(path)
    answer = await page.api.download(f"{path}/content")
    is_pdf = answer.content.startswith(b"%PDF-")
    return Response(
        answer.content,
        media_type="application/pdf" if is_pdf else "application/octet-stream",
        headers={
            "Content-Disposition": f"{'inline' if is_pdf else 'attachment'}; "
            f'filename="{document["id"]}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@router.post("/app/documents/{document_id}/disclosure")
async def disclose(document_id: str, page: PageOf, sent: SentOf) -> Response:
    """A file with the chosen fields, each with the proof that it is in the document."""
    path = f"/v1/documents/{part(document_id)}/disclosure"
    chosen = sent.form.all("fields")
    if not chosen:
        sent.form.fault("fields", t("Choose a field."))
        return await _shown(page, document_id, sent.form, status=422)
    try:
        answer = await page.api.send("POST", path, json={"fields": chosen})
        if answer.is_error:
            raise Problem(answer.json())
    except Problem as problem:
        sent.form.refuse(problem)
        return await _shown(page, document_id, sent.form, status=problem.status)
    headers = {"Content-Disposition": f'attachment; filename="disclosed-{part(document_id)}.json"'}
    return Response(answer.content, media_type="application/json", headers=headers)


async def _filed(page: Page, document: Json) -> list[Json]:
    """The receivables that were requested with this document."""
    try:
        debts = await page.api.every("/v1/receivables", text=document["invoice"]["number"])
    except Problem:  # a number by which nothing can be looked up
        return []
    return [item for item in debts if item["documentRoot"] == document["root"]]


def _amount(invoice: Json) -> Json:
    return {"amount": invoice["payableAmount"], "currency": invoice["currency"]}


def _fields(value: Any, path: str = "") -> list[str]:
    """Paths of all values of a document, as the disclosure names them."""
    if isinstance(value, dict):
        pairs = [(str(name), item) for name, item in value.items()]
    elif isinstance(value, list):
        pairs = [(str(place), item) for place, item in enumerate(value)]
    else:
        return [] if value is None else [path]
    return [name for key, item in pairs for name in _fields(item, f"{path}.{key}" if path else key)]


add_commands(router, COMMANDS)
