"""Taxes, totals and credits of real documents."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from app.trade.documents.checks import check_document, findings
from app.trade.documents.model import view
from app.trade.documents.reader import read_document
from tests.support.documents import (
    CII,
    TODAY,
    UBL,
    changed,
    json_with,
    refusal,
)

UBL_TAXABLE = '<cbc:TaxableAmount currencyID="EUR">7895.00<'


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (
            changed(
                changed(UBL, UBL_TAXABLE, UBL_TAXABLE.replace("7895.00", "7500.05")),
                "<cac:TaxCategory>\n        <cbc:ID>S</cbc:ID>\n        <cbc:Percent>19<",
                "<cac:TaxCategory>\n        <cbc:ID>S</cbc:ID>\n        <cbc:Percent>20<",
            ),
            "taxes.0.taxable",
        ),
        (
            changed(
                changed(CII, ">128000</ram:BasisAmount>", ">64000</ram:BasisAmount>"),
                "<ram:RateApplicablePercent>10</ram:RateApplicablePercent>\n      </ram:App",
                "<ram:RateApplicablePercent>20</ram:RateApplicablePercent>\n      </ram:App",
            ),
            "taxes.0.taxable",
        ),
        (
            json_with(
                lines=[{"description": "clay", "amount": "900.000"}],
                taxes=[{"taxable": "800.000", "amount": "102.500"}],
            ),
            "taxes.0.taxable",
        ),
    ],
)
def test_a_breakdown_that_does_not_fit_the_lines_is_refused(content: bytes, field: str) -> None:
    error = refusal(content)
    assert (error.code, error.field) == ("totals-mismatch", field)
    assert error.more["rule"] == "BR-S-08"


def test_a_reverse_charge_keeps_its_rate_without_tax() -> None:
    line = {"description": "clay", "amount": "100.00", "taxCategory": "AE", "taxRate": "5"}
    taxes = [{"taxable": "100.00", "amount": "0.00", "category": "AE", "rate": "5"}]
    content = json_with(currency="AED", payableAmount="100.00", lines=[line], taxes=taxes)
    check_document(read_document(content), today=TODAY)
    taxed = [taxes[0] | {"category": "S"}]
    content = json_with(currency="AED", payableAmount="100.00", lines=[line], taxes=taxed)
    assert refusal(content).field == "taxes.0.amount"


@pytest.mark.parametrize("currency", ["XCG", "XAD"])
def test_new_currencies_are_known(currency: str) -> None:
    lines = [{"description": "clay", "amount": "100.00"}]
    content = json_with(currency=currency, payableAmount="100.00", lines=lines)
    check_document(read_document(content), today=TODAY)


@pytest.mark.parametrize("code", ["480", "471"])
def test_new_types_of_invoices_are_known(code: str) -> None:
    assert read_document(changed(UBL, ">380<", f">{code}<")).kind == "invoice"


# -- totals

MINIMUM = "urn:factur-x.eu:1p0:minimum"


def minimum(payable: str) -> bytes:
    """A Factur-X Minimum: no lines, no taxes, no place for what was paid before."""
    text = changed(CII, "urn:cen.eu:en16931:2017<", MINIMUM + "<").decode()
    for start, end in (
        ("    <ram:IncludedSupplyChainTradeLineItem>", "    <ram:ApplicableHeaderTradeAgreement>"),
        ("      <ram:ApplicableTradeTax>", "      <ram:SpecifiedTradePaymentTerms>"),
        ("        <ram:LineTotalAmount>", "        <ram:TaxBasisTotalAmount>"),
    ):
        text = text[: text.index(start)] + text[text.index(end) :]
    return text.replace(">140800</ram:Due", f">{payable}</ram:Due").encode()


def test_a_minimum_invoice_may_be_partly_paid() -> None:
    document = read_document(minimum("40800"))
    check_document(document, today=TODAY)
    assert document.payable_amount == 40_800
    assert refusal(minimum("140801")).code == "totals-mismatch"


XRECHNUNG = (
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
    "#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
)
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"


def test_payments_for_third_parties_are_payable_in_the_xrechnung_extension_alone() -> None:
    paid = '<cac:PrepaidPayment><cbc:PaidAmount currencyID="EUR">30.00</cbc:PaidAmount>'
    content = changed(UBL, "  <cac:TaxTotal>", f"{paid}</cac:PrepaidPayment><cac:TaxTotal>")
    check_document(read_document(content), today=TODAY)
    more = changed(changed(content, PEPPOL, XRECHNUNG), ">8395.05<", ">8425.05<")
    document = read_document(more)
    check_document(document, today=TODAY)
    assert (document.payable_amount, document.totals.third_party) == (842_505, 3_000)
    text = CII.decode().replace("urn:cen.eu:en16931:2017<", XRECHNUNG + "<")
    advance = "<ram:SpecifiedAdvancePayment><ram:PaidAmount>200</ram:PaidAmount>"
    text = text.replace(
        "    </ram:ApplicableHeaderTradeSettlement>",
        f"{advance}</ram:SpecifiedAdvancePayment></ram:ApplicableHeaderTradeSettlement>",
    ).replace(">140800</ram:Due", ">141000</ram:Due")
    document = read_document(text.encode())
    check_document(document, today=TODAY)
    assert document.payable_amount == 141_000


# -- credits


def negative(content: bytes) -> bytes:
    """The document with a minus before all sums and quantities."""
    text = content.decode()
    for amount in ("12800", "128000", "128000.00", "140800"):
        text = text.replace(f">{amount}</ram:", f">-{amount}</ram:")
    text = text.replace(">-12800</ram:ChargeAmount", ">12800</ram:ChargeAmount")
    return text.replace('"H87">10<', '"H87">-10<').encode()


def test_negative_invoice_is_read_as_a_credit_note() -> None:
    document = read_document(negative(CII))
    check_document(document, today=TODAY)
    assert (document.kind, document.negated, document.type_code) == ("credit-note", True, "380")
    plain = view(read_document(CII))
    shown = view(document)
    assert shown == plain | {"kind": "credit-note", "negated": True}
    again = view(read_document(json.dumps(shown).encode()))
    assert again == shown | {"format": "json"}


def test_negative_price_is_negated_when_the_quantity_is_positive() -> None:
    content = changed(negative(CII), '"H87">-10<', '"H87">10<')
    document = read_document(changed(content, ">12800</ram:Charge", ">-12800</ram:Charge"))
    check_document(document, today=TODAY)
    (line,) = document.lines
    assert line.amount == 128_000
    assert (line.quantity, line.price) == (Decimal(10), Decimal(12_800))


def test_credit_note_with_negative_amounts_is_refused_with_the_fix() -> None:
    content = changed(negative(CII), ">380<", ">381<")
    (error,) = findings(read_document(content), today=TODAY)
    assert (error.code, error.field) == ("amount-negative", "payableAmount")
    assert "without minus signs" in str(error.fix)
