"""Chinese electronic invoices: plain XML, OFD, red-letter invoices, and hostile archives."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from decimal import Decimal

import pytest

from app.trade.documents.archive import MAX_ENTRIES, carried_invoice
from app.trade.documents.capitals import cents_in_words
from app.trade.documents.checks import findings
from app.trade.documents.errors import DocumentError
from app.trade.documents.model import Identifier, Reference, Tax, view
from app.trade.documents.reader import is_pdf, read_document
from tests.support.documents import SAMPLES, TODAY, UBL, changed, refusal

BLUE = (SAMPLES / "fapiao.xml").read_bytes()
RED = (SAMPLES / "fapiao-red-letter.xml").read_bytes()
OLD = (SAMPLES / "fapiao-2019.xml").read_bytes()
PLACES = (
    b'<?xml version="1.0"?>\n<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">'
    b'<fp:InvoiceNo><fp:ObjectRef PageRef="1">64</fp:ObjectRef></fp:InvoiceNo></eInvoice>'
)


def archived(**entries: bytes) -> bytes:
    """An archive; two underscores stand for a slash, one for a dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


def ofd(**more: bytes) -> bytes:
    """An OFD file with the pages' own XML and these entries."""
    pages = b'<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>'
    return archived(OFD_xml=pages, Doc__Tags__CustomTag_xml=PLACES, **more)


def refused(data: bytes) -> str:
    """The code with which bytes are refused."""
    with pytest.raises(DocumentError) as caught:
        read_document(data)
    return caught.value.code


# -- what is read


def test_a_digitalised_invoice_is_read() -> None:
    document = read_document(BLUE)
    assert findings(document, today=TODAY) == []
    assert (document.format, document.kind, document.currency) == ("fapiao", "invoice", "CNY")
    assert (document.number, document.code) == ("26332000000000000017", None)
    assert document.issue_date == datetime.date(2026, 4, 17)
    assert document.due_date is None
    assert document.payable_amount == 9585_00
    assert document.totals.tax_exclusive == 8500_00
    assert document.totals.tax == 1085_00
    assert document.seller.name == "杭州灵湖铸件有限公司"
    assert document.seller.identifiers == (Identifier("91330106MA2CE1550K", "USCC"),)
    assert document.buyer.identifiers == (Identifier("91310115MA1K4D3304", "USCC"),)
    first, discount, _ = document.lines
    assert (first.quantity, first.unit, first.price) == (Decimal(1000), "件", Decimal("8.85"))
    assert (discount.amount, discount.quantity) == (-850_00, None)
    assert document.taxes == (
        Tax(taxable=8000_00, amount=1040_00, category="S", rate=Decimal(13)),
        Tax(taxable=500_00, amount=45_00, category="S", rate=Decimal(9)),
    )
    assert document.notes[0].text == "合同号：PO-2026-17"


def test_red_letter_invoice_is_a_credit_note_for_its_original() -> None:
    document = read_document(RED)
    assert findings(document, today=TODAY) == []
    assert (document.kind, document.negated) == ("credit-note", True)
    assert document.payable_amount == 1000_05
    assert document.lines[0].quantity == 100
    assert document.references == (Reference(kind="invoice", number="26332000000000000017"),)
    # The remark alone says it in some files.
    text = RED.decode()
    start, end = text.index("    <SpecificInformation>"), text.index("    <AdditionalInformation>")
    assert read_document((text[:start] + text[end:]).encode()).references == document.references


def test_an_invoice_of_2019_has_a_code_that_its_number_begins_with() -> None:
    document = read_document(OLD)
    assert findings(document, today=TODAY) == []
    assert (document.number, document.code) == ("03300190031121010038", "033001900311")
    assert (document.payable_amount, document.totals.tax) == (113_00, 13_00)
    assert document.issue_date == datetime.date(2026, 4, 17)
    assert document.lines[0].description == "*金属制品*铸件 HT250"
    other = read_document(changed(OLD, "033001900311", "033001900411"))
    assert other.number != document.number


def test_a_red_letter_invoice_of_2019_names_code_and_number_of_its_original() -> None:
    text = OLD.decode().replace("<fp:TypeCode>0<", "<fp:TypeCode>1<")
    for amount in ("113.00", "100.00", "13.00"):
        text = text.replace(f">{amount}<", f">-{amount}<")
    text = text.replace(">10<", ">-10<", 1).replace(">-10<", ">10<", 1)
    text = text.replace("<fp:Quantity>10<", "<fp:Quantity>-10<")
    note = "对应正数发票代码:033001900311号码:21010037"
    text = text.replace("合同号：PO-2026-17", note)
    document = read_document(text.encode())
    assert findings(document, today=TODAY) == []
    assert document.kind == "credit-note"
    assert document.references == (Reference(kind="invoice", number="03300190031121010037"),)


@pytest.mark.parametrize("content", [BLUE, RED, OLD])
def test_view_of_a_chinese_invoice_reads_back(content: bytes) -> None:
    shown = view(read_document(content))
    assert view(read_document(json.dumps(shown).encode())) == shown | {"format": "json"}


def test_an_issuers_namespace_does_not_matter() -> None:
    inside = changed(BLUE, "<EInvoice>", '<EInvoice xmlns="urn:some:issuer">')
    assert view(read_document(inside)) == view(read_document(BLUE))


@pytest.mark.parametrize(
    ("text", "category", "rate"),
    [
        ("0.13", "S", Decimal(13)),
        ("13%", "S", Decimal(13)),
        ("0.015", "S", Decimal("1.5")),
        ("0", "Z", Decimal(0)),
        ("免税", "E", Decimal(0)),
        ("不征税", "O", None),
        ("***", None, None),
        ("", None, None),
    ],
)
def test_a_rate_is_read_as_it_is_written(
    text: str, category: str | None, rate: Decimal | None
) -> None:
    first = read_document(changed(BLUE, "<TaxRate>0.09<", f"<TaxRate>{text}<")).lines[2]
    assert (first.tax_category, first.tax_rate) == (category, rate)


def test_tax_that_is_rounded_line_by_line_is_taken() -> None:
    text = BLUE.decode()
    start, end = text.index("    <IssuItemInformation>"), text.index("    <AdditionalInformation>")
    item = (
        "<IssuItemInformation><ItemName>x</ItemName><Amount>0.30</Amount><TaxRate>0.13</TaxRate>"
        "<ComTaxAm>0.04</ComTaxAm></IssuItemInformation>"
    )
    text = text[:start] + item * 1_500 + text[end:]
    for old, new in (("8500.00", "450.00"), ("1085.00", "60.00"), ("9585.00", "510.00")):
        text = text.replace(f">{old}<", f">{new}<")
    text = text.replace("玖仟伍佰捌拾伍圆整", "伍佰壹拾圆整")
    assert findings(read_document(text.encode()), today=TODAY) == []


# -- invalid invoices


@pytest.mark.parametrize(
    ("content", "old", "new", "code", "field"),
    [
        (BLUE, "1550K", "1550L", "identifier-invalid", "seller.id"),
        (BLUE, "4D3304", "4D3305", "identifier-invalid", "buyer.id"),
        (BLUE, "<EIid>2633", "<EIid>2533", "number-invalid", "number"),
        (BLUE, "26332000000000000017", "2633200000000000001", "number-invalid", "number"),
        (BLUE, ">9585.00<", ">9586.00<", "totals-mismatch", "payableAmount"),
        (BLUE, "捌拾伍圆", "捌拾陆圆", "totals-mismatch", "payableAmount"),
        (BLUE, ">8500.00<", ">8600.00<", "totals-mismatch", "totals.lines"),
        (BLUE, ">1085.00<", ">1084.00<", "totals-mismatch", "totals.tax"),
        (BLUE, ">8500.00<", ">85oo.00<", "number-invalid", "totals.taxExclusive"),
        (BLUE, ">9585.00<", "><", "field-missing", "payableAmount"),
        (BLUE, "<IssueTime>2026-04-17<", "<IssueTime>2026-04-31<", "date-invalid", "issueDate"),
        (BLUE, "<LabelCode>Y<", "<LabelCode>N<", "red-letter-invalid", "payableAmount"),
        (OLD, "21010038", "2101003", "number-invalid", "number"),
        (OLD, "033001900311", "0330019", "number-invalid", "number"),
    ],
)
def test_invalid_chinese_invoice_is_refused(
    content: bytes, old: str, new: str, code: str, field: str
) -> None:
    error = refusal(changed(content, old, new))
    assert (error.code, error.field) == (code, field)


def test_remark_on_an_assigned_debt_counts_as_an_assignment() -> None:
    remark = "本发票项下应收账款已转让给示例保理有限公司"
    shown = view(read_document(changed(BLUE, "合同号：PO-2026-17", remark)))
    assert shown["assignment"] == {"basis": ["note"]}
    assert "assignment" not in view(read_document(BLUE))


@pytest.mark.parametrize(
    ("words", "cents"),
    [
        ("壹佰零陆圆整", 106_00),
        ("（负数）壹仟圆零伍分", -1000_05),
        ("拾伍元叁角整", 15_30),
        ("伍角陆分", 56),
        ("叁拾万零贰佰圆贰角正", 300_200_20),
        ("壹亿贰仟万圆整", 120_000_000_00),
        ("壹万亿零壹圆整", None),
        ("零圆整", 0),
        ("伍佰百圆", None),
        ("壹贰圆", None),
        ("一百元", None),
        ("", None),
        ("整", None),
    ],
)
def test_sums_in_capital_numerals_are_read_or_ignored(words: str, cents: int | None) -> None:
    assert cents_in_words(words) == cents


# -- archives


@pytest.mark.parametrize("name", ["Doc_0/Attachs/original_invoice.xml", "x.XML"])
@pytest.mark.parametrize("content", [BLUE, OLD])
def test_the_invoice_in_an_ofd_is_read_as_its_xml_is(content: bytes, name: str) -> None:
    data = ofd()
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, content)
    whole = target.getvalue()
    for content_type in ("application/ofd", "application/zip", "application/octet-stream"):
        assert view(read_document(whole, content_type=content_type)) == view(read_document(content))
    assert not is_pdf(whole)


def test_the_same_invoice_twice_in_an_archive_is_one() -> None:
    assert carried_invoice(ofd(a_xml=BLUE, b_xml=BLUE), limit_bytes=10**6) == BLUE


def test_archives_without_one_invoice_are_refused() -> None:
    assert refused(ofd()) == "archive-without-invoice"
    assert refused(archived(a_txt=BLUE)) == "archive-without-invoice"
    assert refused(archived(a_xml=UBL)) == "archive-without-invoice"
    assert refused(ofd(a_xml=BLUE, b_xml=RED)) == "archive-several-invoices"
    assert refused(ofd(a_xml=BLUE)[:-30]) == "archive-malformed"
    assert refused(b"PK\x03\x04" + b"x" * 100) == "archive-malformed"
    with pytest.raises(DocumentError) as caught:
        read_document(ofd(a_xml=BLUE), content_type="application/pdf")
    assert caught.value.code == "content-type-mismatch"


def test_archive_is_refused_when_it_unpacks_beyond_the_size_limit() -> None:
    bomb = archived(a_xml=b"<EInvoice>" + b" " * 30_000_000)
    assert len(bomb) < 100_000
    assert refused(bomb) == "archive-bomb"
    # Many small ones are one large one.
    assert refused(archived(**{f"a{n}_xml": b" " * 1_000_000 for n in range(25)})) == "archive-bomb"
    # Entries that are no XML are never unpacked.
    data = archived(a_xml=BLUE, b_bin=b" " * 30_000_000)
    assert read_document(data).number == "26332000000000000017"


def test_archive_with_false_sizes_is_refused_beyond_the_size_limit() -> None:
    data = bytearray(archived(a_xml=b"<EInvoice>" + b" " * 30_000_000))
    place = data.index(b"PK\x01\x02") + 24  # the size that the directory states
    data[place : place + 4] = (100).to_bytes(4, "little")
    assert refused(bytes(data)) in ("archive-malformed", "archive-bomb", "xml-malformed")


def test_an_archive_of_too_many_entries_is_refused_before_it_is_opened() -> None:
    names = {f"a{number}_txt": b"" for number in range(MAX_ENTRIES + 1)}
    assert refused(archived(**names)) == "archive-bomb"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_compression_are_refused(method: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("a.xml", BLUE)
    assert refused(target.getvalue()) == "archive-malformed"


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(archived(a_xml=BLUE))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    assert refused(bytes(data)) == "archive-malformed"
