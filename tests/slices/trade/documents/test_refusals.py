"""Invalid documents are refused with the code, the field, and the fix."""

from __future__ import annotations

import datetime
import json
import subprocess
from typing import Any

import pytest

from app.trade.documents.checks import check_document, findings
from app.trade.documents.errors import DocumentError, DocumentTooLarge
from app.trade.documents.model import flatten, view
from app.trade.documents.pdf_attachment import NAMES
from app.trade.documents.reader import LIMIT_BYTES, read_document
from tests.support.documents import (
    CII,
    CREDIT_NOTE,
    JSON,
    TODAY,
    UBL,
    changed,
    factur_x,
    json_with,
    refusal,
)

LINES = [{"description": "Fire clay", "amount": "1002.500"}]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        (">8395.05<", ">8395.06<", "totals-mismatch", "payableAmount"),
        (">9395.05<", ">9395.04<", "totals-mismatch", "totals.taxInclusive"),
        (">7895.00</cbc:TaxE", ">7895.01</cbc:TaxE", "totals-mismatch", "totals.taxExclusive"),
        (">7958.00<", ">7958.01<", "totals-mismatch", "totals.lines"),
        (">158.00</cbc:Allow", ">158.01</cbc:Allow", "totals-mismatch", "totals.allowances"),
        (">95.00</cbc:Charge", ">95.01</cbc:Charge", "totals-mismatch", "totals.charges"),
        (">5460.00<", ">5460.01<", "totals-mismatch", "totals.lines"),
        (">1500.05</cbc:TaxAmount>\n    <cac", ">1500.06</cbc:TaxAmount>\n    <cac", None, None),
        (">8395.05<", ">8395.055<", "amount-invalid", "payableAmount"),
        (">8395.05<", ">8,395.05<", "number-invalid", "payableAmount"),
        (">8395.05<", ">8.39505e3<", "number-invalid", "payableAmount"),
        (">8395.05<", ">NaN<", "number-invalid", "payableAmount"),
        (">8395.05<", "><", "field-missing", "payableAmount"),
        (">8395.05<", "><b/>8395.05<", "field-invalid", "payableAmount"),
        (">EUR</cbc:Doc", ">EUX</cbc:Doc", "currency-mixed", None),
        ('"EUR">8395.05<', '"USD">8395.05<', "currency-mixed", "payableAmount"),
        (">2026-03-02<", ">2026-02-30<", "date-invalid", "issueDate"),
        (">2026-03-02<", ">02.03.2026<", "date-invalid", "issueDate"),
        (">2026-03-02<", ">1999-12-31<", "date-absurd", "issueDate"),
        (">2026-03-02<", ">2026-06-30<", "date-absurd", "issueDate"),
        (">2026-05-31<", ">1999-03-01<", "date-absurd", "dueDate"),
        (">2026-05-31<", ">2036-03-03<", "date-absurd", "dueDate"),
        ("HARBOUR67<", "HARBOUR76<", "identifier-invalid", "seller.id"),
        ("MA5FX0TE8J<", "MA5FX0TE8K<", "identifier-invalid", "buyer.id"),
        (">NP-2026/0815<", ">-/-<", "number-unusable", "number"),
        (">NP-2026/0815<", ">NP\u202e5180<", "text-unprintable", "number"),
        ('schemeID="', 'schemeID="\u200b', "text-unprintable", None),
        (">380<", ">381<", "kind-contradictory", "typeCode"),
        (">380<", ">325<", "type-code-invalid", "typeCode"),
        ("Invoice-2", "Invoice-3", "root-unknown", None),
        (">false<", ">maybe<", "field-invalid", "adjustments.0.charge"),
        (">19<", ">190<", "tax-rate-absurd", "taxes.0.rate"),
        (">19<", ">18<", "totals-mismatch", "taxes.0.amount"),
        ("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>", "line-repeated", "lines.1.number"),
        (">312.25<", ">-312.25<", "amount-negative", "lines.1.price"),
        (
            "<cbc:PayableAmount",
            '<cbc:PayableAmount currencyID="EUR">1.00</cbc:PayableAmount><cbc:PayableAmount',
            "field-repeated",
            "payableAmount",
        ),
        (
            "  <cac:PaymentTerms>",
            "<cac:PaymentTerms><cbc:PaymentDueDate>2026-06-30</cbc:PaymentDueDate>"
            "</cac:PaymentTerms><cac:PaymentTerms>",
            "due-date-several",
            "dueDate",
        ),
    ],
)
def test_invalid_ubl_invoice_is_refused_by_its_field(
    old: str, new: str, code: str | None, field: str | None
) -> None:
    error = refusal(changed(UBL, old, new))
    assert code is None or error.code == code, (error.code, error.detail)
    assert field is None or error.field == field
    assert error.detail


def test_an_unknown_currency_is_refused() -> None:
    assert refusal(changed(UBL, "EUR", "EUX")).code == "currency-unknown"
    assert refusal(changed(CII, "JPY", "JPX")).code == "currency-unknown"
    assert refusal(json_with(currency="KWX")).code == "currency-unknown"


@pytest.mark.parametrize(
    ("amount", "code"), [("0.000", "amount-zero"), ("-1002.500", "amount-negative")]
)
def test_zero_and_negative_amounts_are_refused(amount: str, code: str) -> None:
    lines = [{"description": "Fire clay", "amount": amount}]
    assert refusal(json_with(payableAmount=amount, lines=lines)).code == code


def test_an_invoice_with_nothing_left_to_pay_is_refused() -> None:
    content = changed(UBL, ">1000.00<", ">9395.05<")
    assert refusal(changed(content, ">8395.05<", ">0.00<")).code == "amount-zero"


def test_amount_above_the_maximum_is_refused() -> None:
    amount = "9000000000000000000.000"
    lines = [{"description": "Fire clay", "amount": amount}]
    assert refusal(json_with(payableAmount=amount, lines=lines)).code == "amount-too-large"


def test_a_cii_date_in_another_format_is_refused() -> None:
    assert refusal(changed(CII, '"102">20260115<', '"203">202601151200<')).field == "issueDate"
    assert refusal(changed(CII, ">20260316<", ">20261316<")).field == "dueDate"


def test_a_credit_note_root_with_an_invoices_code_is_refused() -> None:
    assert refusal(changed(CREDIT_NOTE, ">381<", ">380<")).code == "kind-contradictory"


def test_invoice_is_refused_when_seller_and_buyer_are_one() -> None:
    buyer = json.loads(JSON)["seller"]
    assert refusal(json_with(buyer=buyer)).code == "parties-same"


def test_hidden_character_is_refused_in_every_text_of_a_document() -> None:
    document = view(read_document(UBL)) | {"notes": [{"text": "thanks", "subject": "AAI"}]}
    document |= {"payee": {"name": "Payee", "id": "P-1", "scheme": "PRIVATE"}}
    free = []
    for path, text in flatten(document).items():
        hidden = json.loads(json.dumps(document))
        *parents, last = path.split(".")
        inner: Any = hidden
        for name in parents:
            inner = inner[int(name)] if isinstance(inner, list) else inner[name]
        if not isinstance(inner, dict) or not isinstance(inner[last], str) or path == "format":
            continue
        inner[last] = f"{text[:1]}\u202e{text[1:]}"
        error = refusal(json.dumps(hidden).encode())
        field = error.field or ""
        assert field.replace(".scheme", ".id") == path.replace(".scheme", ".id"), (path, field)
        assert "\u202e" not in f"{error.detail} {error.fix}", path
        if error.code == "text-unprintable":
            free.append(last)
    assert {"number", "name", "description", "text", "reason", "paymentTerms"} <= set(free), free


def test_refusal_lists_every_finding() -> None:
    content = changed(UBL, ">2026-05-31<", ">1999-03-01<")
    document = read_document(changed(content, ">8395.05<", ">8395.06<"))
    problems = findings(document, today=TODAY)
    assert {item.field for item in problems} == {"dueDate", "payableAmount"}
    with pytest.raises(DocumentError) as caught:
        check_document(document, today=TODAY)
    problem = caught.value.problem()
    assert problem["status"] == 422
    assert [finding["field"] for finding in problem["findings"]] == ["dueDate", "payableAmount"]


def test_the_mismatch_says_what_would_be_right() -> None:
    error = refusal(changed(UBL, ">8395.05<", ">8395.06<"))
    assert "8395.05" in str(error.fix)
    assert error.more["rule"] == "BR-CO-16"


def test_invoice_dated_tomorrow_is_accepted_and_next_week_refused() -> None:
    document = read_document(UBL)
    eve = document.issue_date - datetime.timedelta(days=1)
    check_document(document, today=eve)
    with pytest.raises(DocumentError):
        check_document(document, today=eve - datetime.timedelta(days=6))


# ------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    ("members", "code", "field"),
    [
        ({"payableAmount": 1002.5}, "type-wrong", "payableAmount"),
        ({"number": 118}, "type-wrong", "number"),
        ({"lines": "none"}, "type-wrong", "lines"),
        ({"lines": ["clay"]}, "type-wrong", "lines.0"),
        ({"lines": []}, "field-missing", "lines"),
        ({"lines": [{"description": "clay", "amount": 1}]}, "type-wrong", "lines.0.amount"),
        ({"lines": [{"amount": "1.000"}]}, "field-missing", "lines.0.description"),
        ({"seller": None}, "field-missing", "seller"),
        ({"seller": {"name": "  "}}, "field-missing", "seller.name"),
        ({"kind": "warehouse-receipt"}, "kind-invalid", "kind"),
        ({"total": "1.00"}, "field-unknown", "total"),
        ({"buyer": {"name": "B", "tax": "1"}}, "field-unknown", "buyer.tax"),
        ({"issueDate": "2026-2-1"}, "date-invalid", "issueDate"),
        ({"number": "x" * 5000}, "field-too-long", "number"),
        ({"number": "x" * 129}, "number-unusable", "number"),
    ],
)
def test_invalid_json_document_is_refused_by_its_field(
    members: dict[str, object], code: str, field: str
) -> None:
    content = json_with(**members)
    if members.get("seller", 1) is None:
        assert b"seller" not in content
    error = refusal(content)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"kind":"invoice","kind":"credit-note"}', "duplicate-key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate-key"),
        (b'{"kind":', "json-malformed"),
        (b'{"kind":NaN}', "json-malformed"),
        (b'{"kind":"\xff"}', "json-malformed"),
        (b"[" * 100_000, "json-too-deep"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, "json-too-deep"),
        (b"[" + b"0," * 1_000_001 + b"0]", "json-too-many-values"),
        (b"[]", "document-format-unknown"),
        (b'{"number":' + b"9" * 5000 + b"}", "field-missing"),
    ],
)
def test_malformed_json_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


# ------------------------------------------------------------------ hostile XML

BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize("trap", [BOMB, OUTSIDE, "<!DOCTYPE Invoice>"])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_a_document_type_is_refused_in_any_encoding(trap: str, encoding: str) -> None:
    text = UBL.decode().replace(DECLARATION, f'<?xml version="1.0" encoding="{encoding}"?>{trap}')
    text = text.replace("NP-2026/0815", "&c;")
    assert refusal(text.encode(encoding)).code == "xml-dtd"


@pytest.mark.parametrize("encoding", ["UTF-7", "EBCDIC-CP-US", "cp037", "UTF-32", "rot13", "zip"])
def test_an_encoding_that_could_hide_something_is_refused(encoding: str) -> None:
    assert refusal(changed(UBL, '"UTF-8"', f'"{encoding}"')).code == "xml-encoding"


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert refusal(changed(UBL, "NP-2026/0815", "&c;")).code == "xml-malformed"


def test_endless_nesting_is_refused() -> None:
    assert refusal(b"<a>" * 50 + b"</a>" * 50).code == "xml-too-deep"
    assert refusal(b"<a>" * 100_000 + b"</a>" * 100_000).code in {"xml-too-deep", "xml-malformed"}


def test_millions_of_elements_are_refused_before_they_are_parsed() -> None:
    assert refusal(b"<a>" + b"<b/>" * 2_000_001 + b"</a>").code == "xml-too-many-elements"


@pytest.mark.parametrize(
    "content",
    [UBL[:-20], b"<", b"<a", b"<?xml", b"<a></b>", b"<a>\x00</a>", b"<\xff\xfe>", UBL + b"<x/>"],
)
def test_broken_xml_is_refused(content: bytes) -> None:
    assert refusal(content).code in {"xml-malformed", "xml-encoding"}


@pytest.mark.parametrize("content", [b"<html/>", b"<Invoice/>", b"<a xmlns='urn:x'/>"])
def test_another_root_is_refused(content: bytes) -> None:
    assert refusal(content).code == "root-unknown"


@pytest.mark.parametrize("content", [b"", b"   ", b"number,amount\n1,2\n", b"PK\x05\x06"])
def test_unknown_format_is_refused(content: bytes) -> None:
    assert refusal(content).code == "document-format-unknown"


# ------------------------------------------------------------------ size, PDF


def test_twenty_megabytes_and_a_byte_are_refused_unparsed() -> None:
    with pytest.raises(DocumentTooLarge) as caught:
        read_document(b"<" * (LIMIT_BYTES + 1))
    assert caught.value.status == 413
    with pytest.raises(DocumentTooLarge):
        read_document(UBL, limit_bytes=len(UBL) - 1)
    assert read_document(UBL, limit_bytes=len(UBL)).number == "NP-2026/0815"


def test_size_limit_applies_to_the_unpacked_pdf() -> None:
    long = CII + b"<!--" + b" " * 1_000_000 + b"-->"
    content = factur_x({"factur-x.xml": long}, packed=True)
    assert len(content) < 100_000
    assert read_document(content, limit_bytes=len(long)).number == "HS-77120"
    with pytest.raises(DocumentTooLarge):
        read_document(content, limit_bytes=len(long) - 1)


def test_pdf_is_refused_when_it_unpacks_without_end() -> None:
    content = factur_x({"factur-x.xml": b" " * 100_000_000}, packed=True)
    assert len(content) < 1_000_000
    assert refusal(content).code == "pdf-bomb"


def test_a_pdf_of_many_large_attachments_is_stopped_at_the_second_invoice() -> None:
    many = {f"a{number}.txt": b"x" for number in range(20)}
    bombs = {name: bytes([65 + number]) * 19_000_000 for number, name in enumerate(NAMES)}
    assert refusal(factur_x(many | bombs, packed=True)).code == "pdf-several-invoices"


def test_pdf_is_read_in_a_process_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of PDFs gets an empty environment, and not for ever."""
    seen: dict[str, Any] = {}
    plain = subprocess.run

    def watched(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        seen.update(options)
        return plain(command, **options)

    monkeypatch.setenv("CESSION_MASTER_KEY", "secret")
    monkeypatch.setattr(subprocess, "run", watched)
    assert read_document(factur_x({"factur-x.xml": CII})).number == "HS-77120"
    assert seen["env"] == {}
    assert seen["timeout"] <= 120


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (factur_x({}), "pdf-without-invoice"),
        (factur_x({"invoice.txt": CII}), "pdf-without-invoice"),
        (factur_x({"factur-x.xml": CII, "xrechnung.xml": CII + b" "}), "pdf-several-invoices"),
        (factur_x({"factur-x.xml": UBL}), "root-unknown"),
        (factur_x({"factur-x.xml": CII[:-9]}), "xml-malformed"),
        (factur_x({"factur-x.xml": CII}, password="secret"), "pdf-malformed"),
        (b"%PDF-1.7\n", "pdf-malformed"),
        (factur_x({"factur-x.xml": CII})[:400], "pdf-malformed"),
    ],
)
def test_a_pdf_without_one_readable_invoice_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code
