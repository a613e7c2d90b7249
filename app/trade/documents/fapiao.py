"""Chinese electronic invoices, in yuan.

They are the fully digitalised one (数电票, root `EInvoice`) and the electronic VAT invoice of 2019
(root `eInvoice`, in OFD files).

There is no public schema; the reader follows the files of the tax office. It finds elements by
their local names, because issuers use different namespaces.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from app.domain.texts import say
from app.trade.documents import values
from app.trade.documents.capitals import cents_in_words
from app.trade.documents.errors import FieldInvalid, FieldMissing, mismatch
from app.trade.documents.model import INVOICE, Document, Line, Note, Party, Reference, Tax, Totals
from app.trade.documents.parties import TAX, identifier
from app.trade.documents.xml import Element, Reader

CURRENCY = "CNY"
ROOTS = frozenset(("EInvoice", "eInvoice"))
_NUMBER = re.compile(r"[0-9]{20}")
_OLD_NUMBER, _OLD_CODE = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{10}|[0-9]{12}")
_DAY = re.compile(r"([0-9]{4})(?:-|/|年)?([0-9]{1,2})(?:-|/|月)?([0-9]{1,2})日?(?:[ T].*)?")
# How the remark of a red-letter invoice names the invoice that it takes back.
_ORIGINAL = re.compile(
    r"(?:被红冲蓝字(?:数电|电子)?(?:发?票)?|对应正数发票|对应蓝字发票)"
    r"(?:代码[:：]?\s*(?P<code>[0-9]{10,12})\s*)?号码[:：]?\s*(?P<number>[0-9]{8,20})"
)
_ASSIGNED = re.compile(r"(?:应收账款|债权)[^。;；]{0,40}(?:转让|质押)|保理")
_MARKS = frozenset(("", "*", "**", "***", "—", "-"))


class _Reader(Reader):
    """A reader whose paths are local names, in any namespace."""

    def elements(self, parent: Element | None, path: str) -> list[Element]:
        return super().elements(parent, "/".join(f"{{*}}{name}" for name in path.split("/")))


def read_fapiao(root: Element) -> Document:
    """Reads an invoice of either kind. A red-letter invoice keeps the negative sums of its file.

    Raises:
        DocumentError.
    """
    reader = _Reader({})
    reader.currency = CURRENCY
    local = str(root.tag).rpartition("}")[2]
    document = _digitalised(reader, root) if local == "EInvoice" else _vat_invoice(reader, root)
    _require_words(reader, root, document.payable_amount)
    return document


def _digitalised(reader: _Reader, root: Element) -> Document:
    number = reader.needed_text(root, "TaxSupervisionInfo/InvoiceNumber", field="number")
    heading = reader.text(root, "Header/EIid", field="number")
    if _NUMBER.fullmatch(number) is None or heading not in (None, number):
        raise FieldInvalid(
            say(
                "number is {number}, and {heading} in the header",
                number=repr(number[:40]),
                heading=repr(str(heading)[:40]),
            ),
            name="number-invalid",
            field="number",
            fix="send the file as the tax office gave it: both have the same number of 20 digits",
        )
    data = reader.needed(root, "EInvoiceData", field="payableAmount")
    basic = reader.needed(data, "BasicInformation", field="payableAmount")
    issued = reader.text(root, "TaxSupervisionInfo/IssueTime", field="issueDate")
    issued = issued or reader.needed_text(basic, "RequestTime", field="issueDate")
    remark = reader.text(data, "AdditionalInformation/Remark", field="notes.0.text")
    original = reader.text(
        data, "SpecificInformation/RedEInvoice/OriginalInvoiceCode", field="references.0.number"
    )
    lines, taxes = _lines(
        reader, reader.elements(data, "IssuItemInformation"), rate="TaxRate", tax="ComTaxAm"
    )
    total = _needed_amount(reader, basic, "TotalTax-includedAmount", field="payableAmount")
    red = reader.text(root, "Header/InherentLabel/InIssuType/LabelCode", field="typeCode") == "N"
    return _document(
        _Heading(
            number=number, code=None, issued=issued, remark=remark, red=red, original=original
        ),
        seller=_party(reader, data, "SellerInformation/Seller", id_name="IdNum", field="seller"),
        buyer=_party(reader, data, "BuyerInformation/Buyer", id_name="IdNum", field="buyer"),
        lines=lines,
        taxes=taxes,
        sums=_Sums(
            exclusive=_needed_amount(
                reader, basic, "TotalAmWithoutTax", field="totals.taxExclusive"
            ),
            tax=_amount(reader, basic, "TotalTaxAm", field="totals.tax") or 0,
            total=total,
        ),
    )


def _vat_invoice(reader: _Reader, root: Element) -> Document:
    code = reader.text(root, "InvoiceCode", field="code")
    number = reader.needed_text(root, "InvoiceNo", field="number")
    has_code = _OLD_NUMBER.fullmatch(number) is not None and code is not None
    if (has_code and not _OLD_CODE.fullmatch(code or "")) or not (
        has_code or _NUMBER.fullmatch(number)
    ):
        raise FieldInvalid(
            say(
                "number is {number}, code {code}",
                number=repr(number[:40]),
                code=repr(str(code)[:40]),
            ),
            name="number-invalid",
            field="number",
            fix="send the file as it was issued: a code of 10 or 12 digits and a number of 8, or a "
            "number of 20",
        )
    lines, taxes = _lines(
        reader, reader.elements(root, "GoodsInfos/GoodsInfo"), rate="TaxScheme", tax="TaxAmount"
    )
    original = "".join(
        reader.text(root, name, field="references.0.number") or ""
        for name in ("OriginalInvoiceCode", "OriginalInvoiceNo")
    )
    return _document(
        _Heading(
            number=f"{code}{number}" if has_code else number,
            code=code if has_code else None,
            issued=reader.needed_text(root, "IssueDate", field="issueDate"),
            remark=reader.text(root, "Note", field="notes.0.text"),
            red=reader.text(root, "TypeCode", field="typeCode") == "1",
            original=original or None,
        ),
        seller=_party(reader, root, "Seller/Seller", id_name="TaxID", field="seller"),
        buyer=_party(reader, root, "Buyer/Buyer", id_name="TaxID", field="buyer"),
        lines=lines,
        taxes=taxes,
        sums=_Sums(
            exclusive=_needed_amount(
                reader, root, "TaxExclusiveTotalAmount", field="totals.taxExclusive"
            ),
            tax=_amount(reader, root, "TaxTotalAmount", field="totals.tax") or 0,
            total=_needed_amount(reader, root, "TaxInclusiveTotalAmount", field="payableAmount"),
        ),
    )


class _Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above and below the lines.

    Attributes:
        red: it is a red-letter invoice, which takes back another one.
        original: number of the invoice that it takes back, if it has a field of its own.
    """

    number: str
    code: str | None
    issued: str
    remark: str | None
    red: bool
    original: str | None


class _Sums(msgspec.Struct, frozen=True, kw_only=True):
    """The totals, in fen."""

    exclusive: int
    tax: int
    total: int


def _document(
    heading: _Heading,
    *,
    seller: Party,
    buyer: Party,
    lines: tuple[Line, ...],
    taxes: tuple[Tax, ...],
    sums: _Sums,
) -> Document:
    if heading.red and sums.total >= 0:
        raise FieldInvalid(
            "the invoice is a red-letter one, but its total is not negative",
            name="red-letter-invalid",
            field="payableAmount",
            fix="send the file as the tax office gave it",
        )
    remark = heading.remark
    original_number = heading.original or _original_in(remark)
    subject = "ACC" if remark is not None and _ASSIGNED.search(remark) else None
    return Document(
        format="fapiao",
        kind=INVOICE,
        number=heading.number,
        code=heading.code,
        issue_date=_day(heading.issued),
        currency=CURRENCY,
        payable_amount=sums.total,
        seller=seller,
        buyer=buyer,
        type_code="380",
        lines=lines,
        taxes=taxes,
        totals=Totals(
            lines=sums.exclusive,
            tax_exclusive=sums.exclusive,
            tax=sums.tax,
            tax_inclusive=sums.total,
        ),
        references=()
        if original_number is None
        else (Reference(kind="invoice", number=original_number),),
        notes=() if remark is None else (Note(text=remark, subject=subject),),
    )


def _original_in(remark: str | None) -> str | None:
    match = None if remark is None else _ORIGINAL.search(remark)
    return None if match is None else (match["code"] or "") + match["number"]


def _party(reader: _Reader, data: Element, path: str, *, id_name: str, field: str) -> Party:
    name = reader.needed_text(data, f"{path}Name", field=f"{field}.name")
    value = reader.text(data, f"{path}{id_name}", field=f"{field}.id")
    tax_id = None
    if value is not None and value not in _MARKS:
        tax_id = identifier(value, scheme=None, otherwise=TAX, country="CN")
    return Party(name=name, country="CN", identifiers=() if tax_id is None else (tax_id,))


def _lines(
    reader: _Reader, items: Sequence[Element], *, rate: str, tax: str
) -> tuple[tuple[Line, ...], tuple[Tax, ...]]:
    """The lines, and their sums by tax rate. A discount is a negative line."""
    lines: list[Line] = []
    sums: dict[tuple[str | None, Decimal | None], tuple[int, int]] = {}
    for place, item in enumerate(items):
        field = f"lines.{place}"
        amount = _needed_amount(reader, item, "Amount", field=f"{field}.amount")
        category, percent = _rate(reader.text(item, rate, field=f"{field}.taxRate"), field=field)
        line_tax = _amount(reader, item, tax, field=f"taxes.{place}.amount") or 0
        is_vat_invoice = rate == "TaxScheme"
        name = reader.text(
            item, "Item" if is_vat_invoice else "ItemName", field=f"{field}.description"
        )
        model = reader.text(
            item, "Specification" if is_vat_invoice else "SpecMod", field=f"{field}.description"
        )
        lines.append(
            Line(
                number=str(place + 1),
                description=" ".join(part for part in (name, model) if part) or "-",
                amount=amount,
                quantity=_number(reader, item, "Quantity", field=f"{field}.quantity"),
                unit=reader.text(
                    item,
                    "MeasurementDimension" if is_vat_invoice else "MeaUnits",
                    field=f"{field}.unit",
                ),
                price=_number(
                    reader, item, "Price" if is_vat_invoice else "UnPrice", field=f"{field}.price"
                ),
                tax_category=category,
                tax_rate=percent,
            )
        )
        taxable, sum_of_tax = sums.get((category, percent), (0, 0))
        sums[category, percent] = taxable + amount, sum_of_tax + line_tax
    taxes = tuple(
        Tax(taxable=taxable, amount=line_tax, category=category, rate=percent)
        for (category, percent), (taxable, line_tax) in sums.items()
    )
    return tuple(lines), taxes


def _rate(text: str | None, *, field: str) -> tuple[str | None, Decimal | None]:
    """Category (UNTDID 5305) and percentage: `0.13` and `13%` are 13; `***` is none."""
    plain = (text or "").replace(" ", "")
    if plain in _MARKS:
        return None, None
    if plain in ("免税", "免征增值税"):
        return "E", Decimal(0)
    if plain in ("不征税", "不征增值税"):
        return "O", None
    number = values.decimal(plain.removesuffix("%"), field=f"{field}.taxRate")
    percent = number * 100 if not plain.endswith("%") and 0 < number < 1 else number
    return ("Z" if percent == 0 else "S"), percent.normalize() + 0


def _needed_amount(reader: _Reader, parent: Element, path: str, *, field: str) -> int:
    amount = _amount(reader, parent, path, field=field)
    if amount is None:
        raise FieldMissing(
            say("{field} is missing", field=field), field=field, fix=say("give {path}", path=path)
        )
    return amount


def _amount(reader: _Reader, parent: Element, path: str, *, field: str) -> int | None:
    """An amount in fen. Issuers separate thousands with commas, and write stars for no amount."""
    text = reader.text(parent, path, field=field)
    plain = (text or "").lstrip("¥￥").replace(",", "")
    return None if plain in _MARKS else values.amount(plain, field=field, currency=CURRENCY)


def _number(reader: _Reader, parent: Element, path: str, *, field: str) -> Decimal | None:
    text = reader.text(parent, path, field=field)
    plain = (text or "").replace(",", "")
    return None if plain in _MARKS else values.decimal(plain, field=field)


def _day(text: str) -> datetime.date:
    match = _DAY.fullmatch(text)
    plain = text if match is None else "-".join(part.zfill(2) for part in match.groups())
    return values.day(plain, field="issueDate")


def _require_words(reader: _Reader, root: Element, total: int) -> None:
    """The total in words must equal the total in digits; unreadable words are ignored."""
    for path in (
        "EInvoiceData/BasicInformation/TotalTax-includedAmountInChinese",
        "TaxInclusiveTotalAmountWithWords",
    ):
        words = reader.text(root, path, field="payableAmount")
        worded_total = None if words is None else cents_in_words(words)
        if worded_total is not None and abs(worded_total) != abs(total):
            raise mismatch(
                "payableAmount",
                total,
                worded_total,
                "in words it is",
                rule="words",
                currency=CURRENCY,
            )
