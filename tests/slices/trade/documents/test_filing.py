"""Filing documents through the gateway: owners, earlier filings, debtors."""

from __future__ import annotations

import datetime
import io
import json
import secrets
import zipfile
from typing import Any

import pytest

from app.trade.documents import service
from app.trade.documents.errors import DocumentError
from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.documents import SAMPLES, json_with
from tests.support.world import World, cny, invoice, refused

DAYS = (30, 120)


def in_instalments(*amounts: str, **more: Any) -> Json:
    """An invoice over the sum of these, due by instalments a month and four months from now."""
    today = ledger_today()
    parts = [
        {"amount": amount, "dueDate": (today + datetime.timedelta(days=days)).isoformat()}
        for amount, days in zip(amounts, DAYS, strict=True)
    ]
    total = f"{sum(float(amount) for amount in amounts):.2f}"
    return invoice(amount=total, **more) | {"dueDate": None, "instalments": parts}


def filed(world: World, document: Json, **terms: Any) -> int:
    """A receivable of an invoice; its id."""
    body = {"documentId": world.upload(document)["id"], **terms}
    return int(world["supplier"].command("/v1/receivables", body).body["result"]["receivableId"])


def upload_refused(world: World, document: Json) -> Json:
    """The problem document that an upload must return."""
    content = json.dumps(document).encode()
    files = {"file": ("invoice.json", content, "application/json")}
    headers = {**world["supplier"].headers, "Idempotency-Key": secrets.token_hex(8)}
    answer = world.http.post("/v1/documents", files=files, headers=headers)
    assert answer.status_code >= 400, answer.text
    return dict(answer.json())


def test_a_document_may_be_issued_up_to_the_day_after_the_ledgers_today(world: World) -> None:
    """At 20:00 UTC the ledger, eight hours ahead, has the next day already."""
    gateway = world.server.gateway
    now = datetime.datetime(2099, 6, 1, 20, tzinfo=datetime.UTC)

    def read(issue_date: str) -> None:
        content = json_with(issueDate=issue_date, dueDate="2099-09-01")
        service.read(
            gateway, content, content_type="application/json", ledger_time=int(now.timestamp())
        )

    read("2099-06-03")
    with pytest.raises(DocumentError, match="issueDate is 2099-06-04"):
        read("2099-06-04")


# -- instalments (03)


def test_each_instalment_is_a_receivable_of_its_own(world: World) -> None:
    document = in_instalments("600.00", "400.00")
    uploaded = world.upload(document)
    body = {"documentId": uploaded["id"]}
    for more in ({}, {"instalment": 3}, {"instalment": 1, "dueDate": "2099-01-01"}):
        problem = refused(world["supplier"], "/v1/receivables", body | more)
        assert problem["field"] in ("instalment", "dueDate")
    numbers = [
        int(
            world["supplier"]
            .command("/v1/receivables", body | {"instalment": number})
            .body["result"]["receivableId"]
        )
        for number in (1, 2)
    ]
    for number, part in zip(numbers, document["instalments"], strict=True):
        receivable_view = world["buyer"].get(f"/v1/receivables/{number}").body
        assert (receivable_view["faceAmount"], receivable_view["dueDate"]) == (
            cny(part["amount"]),
            part["dueDate"],
        )
        assert receivable_view["document"]["differs"] == []
        assert receivable_view["document"]["instalment"] == numbers.index(number) + 1
        answer = world["buyer"].command(f"/v1/receivables/{number}/confirmation")
        claim = answer.body["result"]["claimIds"][0]
        assert world["auditor"].get(f"/v1/verification/claims/{claim}").body["holds"] is True
    again = refused(world["supplier"], "/v1/receivables", body | {"instalment": 1})
    assert "FingerprintUsed" in str(again)
    whole = document | {"instalments": None, "dueDate": document["instalments"][0]["dueDate"]}
    assert upload_refused(world, whole)["status"] == 409


def test_an_invoice_filed_as_a_whole_is_not_filed_by_instalments(world: World) -> None:
    parts = in_instalments("600.00", "400.00")
    whole = parts | {"instalments": None, "dueDate": parts["instalments"][0]["dueDate"]}
    document = world.upload(parts)
    filed(world, whole)
    body = {"documentId": document["id"], "instalment": 2}
    problem = refused(world["supplier"], "/v1/receivables", body)
    assert (problem["status"], problem["field"]) == (409, "documentId")


def test_an_invoice_due_as_a_whole_has_no_instalment(world: World) -> None:
    body = {"documentId": world.upload(invoice())["id"], "instalment": 1}
    assert refused(world["supplier"], "/v1/receivables", body)["field"] == "instalment"


# -- assignments (30, 31)


@pytest.mark.parametrize(
    "more",
    [
        {"typeCode": "393"},
        {"payee": {"name": "Example Factor SA"}},
        {"notes": [{"subject": "ACC", "text": "assigned to Example Factor SA"}]},
    ],
)
def test_document_assigned_to_another_is_stored_and_never_filed(world: World, more: Json) -> None:
    document = world.upload(invoice(**more))
    assert document["invoice"]["assignment"]["basis"]
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": document["id"]})
    assert (problem["status"], problem["field"]) == (422, "documentId")
    assert problem["type"].endswith("document-assigned")


# -- corrections (33)


def corrective(number: str, **more: Any) -> Json:
    """An invoice that takes the place of the one with this number."""
    return invoice(typeCode="384", references=[{"kind": "invoice", "number": number}], **more)


def test_corrective_invoice_is_refused_while_its_original_is_filed(world: World) -> None:
    original = invoice()
    first = filed(world, original)
    document = world.upload(corrective(original["number"]))
    body = {"documentId": document["id"]}
    problem = refused(world["supplier"], "/v1/receivables", body)
    assert (problem["status"], problem["field"]) == (409, "documentId")
    assert f"receivable {first}" in problem["detail"]
    world["buyer"].command(f"/v1/receivables/{first}/rejection", {"reason": "a wrong price"})
    second = world["supplier"].command("/v1/receivables", body).body["result"]["receivableId"]
    assert second != first


def test_original_is_refused_while_its_correction_is_filed(world: World) -> None:
    original = invoice()
    document = world.upload(original)
    filed(world, corrective(original["number"].replace("-", "/")))
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": document["id"]})
    assert (problem["status"], problem["type"].split(":")[-1]) == (409, "original-registered")


def test_a_corrective_invoice_that_names_no_original_is_refused(world: World) -> None:
    problem = upload_refused(world, invoice(typeCode="384"))
    assert (problem["status"], problem["field"]) == (422, "references")


# -- Chinese electronic invoices


def test_a_chinese_invoice_in_an_ofd_becomes_a_receivable(world: World) -> None:
    today = ledger_today()
    number = "26332" + str(secrets.randbelow(10**15)).rjust(15, "0")
    text = (SAMPLES / "fapiao.xml").read_text(encoding="utf-8")
    text = text.replace("26332000000000000017", number).replace("2026-04-17", today.isoformat())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("OFD.xml", '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>')
        archive.writestr("Doc_0/Attachs/original_invoice.xml", text)
    document = (
        world["supplier"]
        .upload(
            "/v1/documents",
            name="invoice.ofd",
            content=target.getvalue(),
            media_type="application/ofd",
        )
        .body
    )
    assert (document["invoice"]["format"], document["invoice"]["number"]) == ("fapiao", number)
    due = (today + datetime.timedelta(days=60)).isoformat()
    body = {"documentId": document["id"], "dueDate": due}
    filed_as = world["supplier"].command("/v1/receivables", body).body["result"]["receivableId"]
    receivable_view = world["buyer"].get(f"/v1/receivables/{filed_as}").body
    assert (receivable_view["faceAmount"], receivable_view["dueDate"]) == (cny("9585.00"), due)
    assert receivable_view["document"]["differs"] == []


# -- numbers (53)


def test_numbers_with_marks_in_other_places_are_two_invoices(world: World) -> None:
    start = secrets.token_hex(4).upper()
    first = filed(world, invoice(number=f"{start} 2026-1-11"))
    assert filed(world, invoice(number=f"{start} 2026-11-1")) != first
    problem = upload_refused(world, invoice(number=f"{start} 2026/1/11"))
    assert (problem["status"], problem["receivableId"]) == (409, first)


# -- identifiers (54)


def test_any_identifier_of_seller_and_buyer_may_be_the_registered_one(world: World) -> None:
    document = invoice()
    for side in ("seller", "buyer"):
        own = document[side]["id"]
        spaced = f"{own[:4]} {own[4:]}"
        document[side] |= {
            "id": f"HRB {side}",
            "scheme": "0204",
            "otherIds": [{"id": spaced, "scheme": "USCC"}],
        }
    number = filed(world, document)
    receivable_view = world["buyer"].get(f"/v1/receivables/{number}").body
    assert receivable_view["document"]["differs"] == []
    # The same invoice with its identifiers in another order is the same invoice.
    for side in ("seller", "buyer"):
        document[side] = invoice()[side]
    assert upload_refused(world, document)["receivableId"] == number


def test_a_seller_with_none_of_the_partys_identifiers_is_refused(world: World) -> None:
    document = invoice()
    document["seller"] |= {"id": "HRB 1", "scheme": "0204"}
    problem = upload_refused(world, document)
    assert (problem["status"], problem["field"]) == (422, "seller.id")


# -- forms (20, 21, 35)

UPLOADS = [
    ("supplier", "/v1/documents"),
    ("bank", "/v1/bank-notifications"),
    ("warehouse", "/v1/stock-movements"),
    ("auditor", "/v1/cross-checks/tax-records"),
    ("auditor", "/v1/cross-checks/registry-records"),
]


@pytest.mark.parametrize(("who", "path"), UPLOADS)
def test_a_form_without_a_file_is_refused_by_its_field(world: World, who: str, path: str) -> None:
    bodies: tuple[dict[str, Any], ...] = ({"data": {"file": "x"}}, {"content": b"x"}, {"data": {}})
    for options in bodies:
        headers = {**world[who].headers, "Idempotency-Key": secrets.token_hex(8)}
        answer = world.http.post(path, headers=headers, **options)
        assert answer.status_code == 422, (options, answer.text)
    headers = {**world[who].headers, "Idempotency-Key": secrets.token_hex(8)}
    headers["Content-Type"] = "Multipart/Form-Data; boundary=x"
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--x--\r\n'
    answer = world.http.post(path, headers=headers, content=body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(("who", "path"), UPLOADS)
@pytest.mark.parametrize("names", [("file", "file"), ("file", "file2")])
def test_second_file_in_a_form_is_refused(
    world: World, who: str, path: str, names: tuple[str, str]
) -> None:
    files = [(name, ("a.json", b"{}", "application/json")) for name in names]
    headers = {**world[who].headers, "Idempotency-Key": secrets.token_hex(8)}
    answer = world.http.post(path, files=files, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, names[1])


def test_half_a_pair_of_surrogates_is_refused_wherever_text_is_taken(world: World) -> None:
    content = json.dumps(invoice()).replace("castings", "cast\\ud800ings").encode()
    headers = {**world["supplier"].headers, "Idempotency-Key": secrets.token_hex(8)}
    files = {"file": ("a.json", content, "application/json")}
    answer = world.http.post("/v1/documents", files=files, headers=headers)
    assert answer.status_code == 422, answer.text
    number, _ = world.confirmed()
    for who, path, body in (
        ("buyer", f"/v1/receivables/{number}/dispute", '{"statement": "A\\ud800B"}'),
        ("registrar", "/v1/parties", '{"name": "A\\ud800B", "legalId": {"scheme": "LEI"}}'),
        ("auditor", "/v1/verification/packs", '{"root": "\\ud800", "fields": []}'),
    ):
        headers = {**world[who].headers, "Idempotency-Key": secrets.token_hex(8)}
        headers["Content-Type"] = "application/json"
        answer = world.http.post(path, content=body.encode(), headers=headers)
        assert 400 <= answer.status_code < 500, (path, answer.text)
