"""What a bank asks of a claim or warehouse receipt: every check, as of one block."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import msgspec
from fastapi import APIRouter
from reportlab.graphics import renderSVG
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import white
from starlette.responses import Response

from app.pages.api import Json, Problem
from app.pages.commands import Field, body_of
from app.pages.forms import Form, with_query
from app.pages.languages import mark, t
from app.pages.navigation import Entry
from app.pages.page import Page, PageOf, SentOf, own_origin

router = APIRouter(include_in_schema=False)
NAVIGATION = (Entry(mark("Verify"), "/app/verify", group="oversight"),)
KINDS = {"claim": mark("Claim"), "warehouse-receipt": mark("Warehouse receipt")}
_SOURCES = {
    "claim": "/v1/verification/claims/",
    "warehouse-receipt": "/v1/verification/warehouse-receipts/",
}
_QR_POINTS = 160
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_CLAIM = Field("claimId", mark("Claim that they are said to be of"), "number", required=False)
_MAX_PACK_BYTES = 2_000_000
#: What each question of a bank is, and the checks that answer it.
VERDICTS = (
    (mark("Documents"), ("documents-match", "document-not-assigned", "root-unique", "legal-text")),
    (mark("Issue"), ("exists", "terms", "fingerprint-unique", "condition", "not-expired")),
    (mark("Confirmation"), ("debtor-signature", "stock-counted", "warehouse-standing")),
    (mark("Holder"), ("assignment-chain", "owner-valid", "recourse")),
    (mark("Liens"), ("free-of-liens", "no-release-pending")),
    (mark("Disputes"), ("not-disputed", "no-court-order")),
    (
        mark("Payments"),
        ("performing", "credit-notes-accounted-for", "entitlement", "price-in-force"),
    ),
    (mark("Registration"), ("parties-in-good-standing", "warehouse-valid")),
)
CHECKS = {
    "assignment-chain": mark("The chain of assignment has no gap"),
    "condition": mark("The goods are in good condition"),
    "confirmed": mark("The debtor has confirmed the debt"),
    "credit-notes-accounted-for": mark("All credit notes are counted"),
    "currency-matches": mark("The currency is that of the ledger"),
    "claim": mark("The claim passes every check"),
    "debtor-signature": mark("The debtor signed these terms"),
    "document-not-assigned": mark("The invoice names no assignment to somebody else"),
    "documents-match": mark("The documents say what the ledger says"),
    "entitlement": mark("What can be collected fits the claim"),
    "exists": mark("It exists and has a value"),
    "face-amount-matches": mark("The amount is that of the ledger"),
    "fingerprint-unique": mark("The document was registered once"),
    "free-of-liens": mark("Nobody has a lien"),
    "legal-text": mark("The legal text is the one in force"),
    "no-court-order": mark("No order of a court is open"),
    "no-release-pending": mark("No release of the goods is requested"),
    "not-disputed": mark("The debtor does not dispute it"),
    "not-expired": mark("The lot has not expired"),
    "on-ledger": mark("A receivable on the ledger has this root"),
    "owner-valid": mark("The holder is registered and not frozen"),
    "parties-in-good-standing": mark("Seller, debtor and holder are registered and not frozen"),
    "performing": mark("It is not overdue and not in default"),
    "price-in-force": mark("A price for the goods is in force"),
    "recourse": mark("Recourse to the assignor, as it stands"),
    "root-unique": mark("No other receivable has the same documents"),
    "stock-counted": mark("The stock was counted and is there"),
    "terms": mark("The terms have the hash that the ledger stores"),
    "warehouse-standing": mark("The warehouse has no short lots and is not stopped"),
    "warehouse-valid": mark("The warehouse is registered and not frozen"),
}
EVIDENCE = {
    "account": mark("Account"),
    "alike": mark("Receivables over the same amount"),
    "amount": mark("Amount"),
    "assignment": mark("Assignment that the invoice states"),
    "assignor": mark("Assignor"),
    "at": mark("At"),
    "blockNumber": mark("Block"),
    "claimId": mark("Claim"),
    "collectableLateCharge": mark("Late charge to collect"),
    "collectablePrincipal": mark("Principal to collect"),
    "condition": mark("Condition"),
    "counted": mark("Counted"),
    "countedOn": mark("Counted on"),
    "courtOrderHash": mark("Hash of the court order"),
    "credited": mark("Credited"),
    "currency": mark("Currency"),
    "debtor": mark("Debtor"),
    "depositor": mark("Depositor"),
    "depth": mark("Assignments"),
    "differs": mark("Differs in"),
    "digest": mark("Signed digest"),
    "disputes": mark("Disputes"),
    "documentId": mark("Document"),
    "documentRoot": mark("Root of the documents"),
    "documents": mark("In the documents"),
    "dueDay": mark("Due day"),
    "ended": mark("Ended"),
    "evidenceHash": mark("Hash of the statement"),
    "expiryDate": mark("Expires on"),
    "faceAmount": mark("Face amount"),
    "failed": mark("Checks that fail"),
    "fingerprint": mark("Fingerprint of the invoice"),
    "from": mark("From"),
    "graceDays": mark("Days of grace"),
    "haircut": mark("Haircut"),
    "instalment": mark("Instalment"),
    "item": mark("Item"),
    "lateChargeDue": mark("Late charge due"),
    "lateRate": mark("Late charge a year"),
    "ledger": mark("On the ledger"),
    "legalTextHash": mark("Hash of the legal text"),
    "lienholder": mark("Lienholder"),
    "listedIn": mark("Listed in"),
    "lotId": mark("Lot"),
    "newLiensStopped": mark("New liens stopped"),
    "notes": mark("Credit notes"),
    "orderHash": mark("Hash of the order"),
    "orderId": mark("Order of court"),
    "orders": mark("Open orders of court"),
    "outstanding": mark("Outstanding"),
    "overdue": mark("Overdue"),
    "owner": mark("Holder"),
    "paid": mark("Paid"),
    "price": mark("Price"),
    "prices": mark("Prices in force"),
    "quantity": mark("Quantity"),
    "receivableId": mark("Receivable"),
    "receivableIds": mark("Receivables"),
    "rootClaimId": mark("First claim"),
    "rootWarehouseReceiptId": mark("First warehouse receipt"),
    "seller": mark("Seller"),
    "shortLots": mark("Short lots"),
    "signature": mark("Signature"),
    "signer": mark("Signed by"),
    "since": mark("Since"),
    "status": mark("Status"),
    "steps": mark("Steps"),
    "stored": mark("Stored here"),
    "termsHash": mark("Hash of the terms"),
    "to": mark("To"),
    "transactionHash": mark("Transaction"),
    "unit": mark("Unit"),
    "unpaid": mark("Unpaid"),
    "until": mark("Until"),
    "valid": mark("Valid"),
    "value": mark("Value"),
    "warehouse": mark("Warehouse"),
    "warehouseReceiptId": mark("Warehouse receipt"),
}


@dataclass(frozen=True)
class Verdict:
    """The answer to one question, with the checks behind it."""

    title: str
    holds: bool
    checks: list[Json]


@router.get("/app/verify")
async def verify(page: PageOf) -> Response:
    """Every check of the claim or warehouse receipt that the address names, or the question."""
    if (stored := await page.draft()) is not None:
        return await _question(page, stored)
    kind, number = _named(page.query("kind"), page.query("id"))
    if kind is None:
        return await _question(page, Form([("id", page.query("id"))]), wrong=bool(page.query("id")))
    try:
        answer = await page.api.get(f"{_SOURCES[kind]}{number}")
    except Problem as problem:
        form = Form([("id", number), ("kind", kind)])
        form.refuse(problem)
        return await _question(page, form, status=problem.status)
    return await page.render(
        "verification/verdicts.html",
        kind=kind,
        number=number,
        answer=answer,
        verdicts=verdicts(answer["checks"]),
        check_words=CHECKS,
        evidence_words=EVIDENCE,
        evidence_parties={party["account"].lower(): party for party in answer["parties"]},
        link=_link(page, kind, number),
    )


@router.get("/app/verify/qr")
async def code(page: PageOf) -> Response:
    """The address of a verification as a QR code (SVG), to print beside the claim."""
    kind, number = _named(page.query("kind"), page.query("id"))
    if kind is None:
        return page.redirect("/app/verify")
    await page.api.get(f"{_SOURCES[kind]}{number}")  # of what is there, and the person may see
    image = await page.gateway.documents.run(_drawn, _link(page, kind, number))
    return Response(image, media_type="image/svg+xml")


@lru_cache(maxsize=256)
def _drawn(link: str) -> str:
    widget = QrCodeWidget(link, barLevel="M", barBorder=4)
    left, low, right, high = widget.getBounds()
    scale = (_QR_POINTS / (right - left), 0, 0, _QR_POINTS / (high - low), 0, 0)
    drawing = Drawing(_QR_POINTS, _QR_POINTS, transform=scale)
    ground = Rect(left, low, right - left, high - low)
    ground.fillColor, ground.strokeColor = white, None
    drawing.add(ground)
    drawing.add(widget)
    image: str = renderSVG.drawToString(drawing)
    return image


@router.post("/app/uploads/disclosed-documents")
async def disclosed(page: PageOf, sent: SentOf) -> Response:
    """Whether the fields of a disclosed pack are in a document behind a receivable."""
    form = sent.form
    pack: Json = {}
    files = sent.files.get("pack") or []
    content = await files[0].read(_MAX_PACK_BYTES + 1) if files else b""
    try:
        pack = msgspec.json.decode(content, type=dict) if content else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        form.fault("pack", t("This file is not a pack of disclosed fields (JSON)."))
    if not files:
        form.fault("pack", t("Choose the file that you received."))
    elif len(content) > _MAX_PACK_BYTES:
        form.fault("pack", t("The file is larger than 2 MB."))
    body: Json = {name: pack[name] for name in ("root", "fields") if name in pack}
    body |= body_of((_CLAIM,), form, {})
    if form.faulty:
        return await _question(page, form, status=422)
    try:
        answer = await page.api.post("/v1/verification/documents", body, wait=0)
    except Problem as problem:
        form.refuse(problem)
        return await _question(page, form, status=problem.status)
    return await page.render(
        "verification/documents.html",
        answer=answer,
        fields=[check for check in answer["checks"] if check["name"].startswith("field:")],
        others=[check for check in answer["checks"] if not check["name"].startswith("field:")],
        check_words=CHECKS,
        evidence_words=EVIDENCE,
        evidence_parties={},
    )


def verdicts(checks: list[Json]) -> list[Verdict]:
    """The questions that these checks answer; a check that no question names has its own."""
    by_name = {str(check["name"]): check for check in checks}
    answered = [
        (title, [by_name.pop(name) for name in names if name in by_name])
        for title, names in VERDICTS
    ]
    answered += [(name, [check]) for name, check in by_name.items()]
    return [
        Verdict(t(title), all(check["holds"] for check in listed), listed)
        for title, listed in answered
        if listed
    ]


def _named(kind: str, text: str) -> tuple[str | None, str]:
    """The kind and number that were typed or scanned: a number, or an address of this page."""
    text = text.strip()
    if "verify?" in text:
        query = parse_qs(urlsplit(text).query)
        kind, text = query.get("kind", [""])[0], query.get("id", [""])[0]
    number = text.removeprefix("#").strip()
    return (kind or "claim" if kind in ("", *KINDS) and _is_number(number) else None), number


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _link(page: Page, kind: str, number: str) -> str:
    return own_origin(page) + with_query("/app/verify", kind=kind, id=number)


async def _question(page: Page, form: Form, *, wrong: bool = False, status: int = 200) -> Response:
    if wrong:
        form.fault("id", t("Type the number of a claim or warehouse receipt, or scan its code."))
        status = 422
    return await page.render(
        "verification/question.html", status=status, form=form, kinds=KINDS.items()
    )
