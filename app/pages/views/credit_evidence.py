"""The second step of a credit case: evidence line by line, a platform's table, and files.

Files are sent as they are, because the evidence has the hash of their bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.pages.api import Json, Problem, part
from app.pages.forms import Form
from app.pages.languages import mark, t
from app.pages.page import Page, PageOf, Sent, SentOf
from app.pages.pasted import table_rows
from app.pages.typed import Unreadable, plain_number, whole

router = APIRouter(include_in_schema=False)
NAVIGATION = ()
COLUMNS = ("feature", "value", "source", "asOf", "hash")
#: Kinds of files of the party, as the API calls them.
FILES = {
    "stock": mark("Stock"),
    "feedback": mark("Feedback of partners"),
    "tax": mark("Tax standing"),
    "registration": mark("Registration and owners"),
    "statements": mark("Financial statements"),
}
_SALES, _SALES_SOURCE, _SOURCE = "salesFile", "salesSource", "source"
_HANDED_IN = "handed in by the party"  # in the evidence, which is in English
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_MONEY = re.compile(r"(?P<amount>[^A-Z]*[0-9]) ?(?P<currency>[A-Z]{3})")


@dataclass
class _Evidence:
    """What was typed and chosen.

    Attributes:
        lines: the number of each item's line.
        kinds: of the files, in their order.
    """

    body: Json
    lines: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


@router.get("/app/credit/{evaluation_id}/identification")
async def new(evaluation_id: str, page: PageOf) -> Response:
    """The form of the evidence."""
    form = await page.form(initial={"fromLedger": "true"})
    case = await page.api.get(f"/v1/credit/evaluations/{part(evaluation_id)}")
    return await _show(page, case, form)


@router.post("/app/uploads/credit-evidence/{evaluation_id}")
async def send(evaluation_id: str, page: PageOf, sent: SentOf) -> Response:
    """Takes the second step with the evidence."""
    source = f"/v1/credit/evaluations/{part(evaluation_id)}"
    case = await page.api.get(source)
    evidence = await _evidence(sent, case["party"]["partyId"])
    if sent.form.faulty:
        return await _show(page, case, sent.form, status=422)
    try:
        answer = await page.api.post(f"{source}/identification", evidence.body, key=sent.form.key)
    except Problem as problem:
        _at_fields(problem, evidence)
        sent.form.refuse(problem)
        return await _show(page, await page.api.get(source), sent.form, status=problem.status)
    return await page.done(sent.form, answer, to=f"/app/credit/{part(evaluation_id)}")


async def _show(page: Page, case: Json, form: Form, *, status: int = 200) -> Response:
    return await page.render(
        "credit/evidence.html",
        status=status,
        subject=case,
        form=form,
        files=FILES,
        action=f"/app/uploads/credit-evidence/{part(case['id'])}",
    )


async def _evidence(sent: Sent, party_id: str) -> _Evidence:
    """The step's body; what cannot be read is noted at its field."""
    form, about = sent.form, {"partyId": party_id}
    evidence = _Evidence({"fromLedger": form.checked("fromLedger")})
    try:
        evidence.body["stepsTaken"] = whole(form.value("stepsTaken"))
    except Unreadable as error:
        form.fault("stepsTaken", str(error))
    try:
        table = table_rows(next(iter(form.all("items")), ""), COLUMNS)
        evidence.body["items"] = [
            row | about | {"value": _value(row["value"])} for row in table.rows
        ]
        evidence.lines = table.lines
    except Unreadable as error:
        form.fault("items", str(error))
    if (sales := await _text(sent, _SALES)) is not None:
        if not form.value(_SALES_SOURCE):
            form.fault(_SALES_SOURCE, t("Fill this in."))
        evidence.body[_SALES] = {"content": sales, "source": form.value(_SALES_SOURCE), **about}
    of_files = about | {"source": form.value(_SOURCE) or _HANDED_IN}
    contents = {kind: await _text(sent, kind) for kind in FILES}
    evidence.kinds = [kind for kind, content in contents.items() if content is not None]
    evidence.body["files"] = [
        {"kind": kind, "content": contents[kind], **of_files} for kind in evidence.kinds
    ]
    return evidence


async def _text(sent: Sent, name: str) -> str | None:
    """A chosen file as it is; None: none was chosen, or it is noted that it cannot be read."""
    files: list[UploadFile] = sent.files.get(name) or []
    if not files:
        return None
    content = await files[0].read()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        sent.form.fault(name, t("The file is not in UTF-8. Save it as CSV in UTF-8."))
        return None


def _value(text: str) -> Any:
    """An item's value as the API takes it: unknown, a whole number, an amount, or what is typed."""
    if _WHOLE.fullmatch(text):
        return int(text)
    money = _MONEY.fullmatch(text)
    if money is None:
        return text or None
    return {"amount": plain_number(money["amount"]), "currency": money["currency"]}


def _at_fields(problem: Problem, evidence: _Evidence) -> None:
    """Puts what is wrong at the fields of the form, in place of those of the API."""
    labels = {"items": t("Evidence, an item in each line"), _SALES: t("Sales and returns by month")}
    problem.call_fields(labels | {"files": t("Files of the party")})
    errors: dict[str, str] = {}
    for name, words in problem.errors.items():
        first, _, rest = name.partition(".")
        number, _, last = rest.partition(".")
        if first == "items" and number.isdecimal():
            line = evidence.lines[int(number)]
            words = t("Line {number}: {problem}", number=line, problem=words)  # noqa: PLW2901
        elif first == "files" and number.isdecimal():
            first = _SOURCE if last == "source" else evidence.kinds[int(number)]
        elif name == f"{_SALES}.source":
            first = _SALES_SOURCE
        errors.setdefault(first, words)
    problem.errors = errors
