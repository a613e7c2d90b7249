"""Amounts of lines and taxes with fractions of the minor unit, as PINT has them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from app.trade.documents.checks import findings
from app.trade.documents.model import view
from app.trade.documents.reader import read_document
from tests.support.documents import CII, TODAY, UBL, changed, json_with, refusal

# Two lines of 5460.00 and 2498.00 as parts of a cent; the sum stays 7958.00.
FINE = changed(changed(UBL, ">5460.00<", ">5459.9975<"), ">2498.00<", ">2497.9985<")


def several(content: bytes, *changes: tuple[str, str]) -> bytes:
    """The document with texts replaced."""
    for old, new in changes:
        content = changed(content, old, new)
    return content


def test_line_amounts_are_added_exactly_and_rounded_once() -> None:
    document = read_document(FINE)
    assert findings(document, today=TODAY) == []
    first, second = document.lines
    assert (first.amount, first.exact) == (5460_00, Decimal("545999.75"))
    assert (second.amount, second.exact) == (2498_00, Decimal("249799.85"))
    shown = view(document)
    assert [line["amount"] for line in shown["lines"]] == ["5459.9975", "2497.9985"]
    # Rounded line by line it would be 7958.00, exactly it is 7957.99.
    wrong = several(FINE, (">2497.9985<", ">2497.9955<"))
    error = refusal(wrong)
    assert (error.code, error.field) == ("totals-mismatch", "totals.lines")
    assert "7957.99" in str(error)


def test_taxes_and_allowances_may_have_fractions_of_the_minor_unit() -> None:
    document = read_document(
        several(
            UBL,
            (
                ">1500.05</cbc:TaxAmount>\n      <cac:TaxCategory>",
                ">1500.0475</cbc:TaxAmount>\n      <cac:TaxCategory>",
            ),
            (">7895.00</cbc:TaxableAmount>", ">7894.9996</cbc:TaxableAmount>"),
            ('<cbc:Amount currencyID="EUR">158.00<', '<cbc:Amount currencyID="EUR">157.9999<'),
        )
    )
    assert findings(document, today=TODAY) == []
    (tax,) = document.taxes
    assert (tax.amount, tax.exact) == (1500_05, Decimal("150004.75"))
    assert (tax.taxable, tax.taxable_exact) == (7895_00, Decimal("789499.96"))
    assert document.adjustments[0].exact == Decimal("15799.99")
    assert view(document)["taxes"][0]["amount"] == "1500.0475"


def test_a_currency_without_small_units_has_fine_amounts_too() -> None:
    line = CII.decode().replace("<ram:LineTotalAmount>128000<", "<ram:LineTotalAmount>127999.5<", 1)
    document = read_document(line.encode())
    assert findings(document, today=TODAY) == []
    assert (document.lines[0].amount, document.lines[0].exact) == (128_000, Decimal("127999.5"))


@pytest.mark.parametrize("content", [FINE, UBL])
def test_fine_amounts_come_back_from_their_json(content: bytes) -> None:
    shown = view(read_document(content))
    assert view(read_document(json.dumps(shown).encode())) == shown | {"format": "json"}


def test_trailing_zeros_are_no_fraction_of_the_minor_unit() -> None:
    (first, _) = read_document(changed(UBL, ">5460.00<", ">5460.0000<")).lines
    assert (first.amount, first.exact) == (5460_00, None)


def test_credit_note_negates_fine_amounts_exactly() -> None:
    document = read_document(
        several(
            FINE,
            (">5459.9975<", ">-5459.9975<"),
            (">2497.9985<", ">-2497.9985<"),
            (">7958.00<", ">-7958.00<"),
            (">7895.00</cbc:TaxableAmount>", ">-7895.00</cbc:TaxableAmount>"),
            (">7895.00</cbc:TaxExclusiveAmount>", ">-7895.00</cbc:TaxExclusiveAmount>"),
            (">1500.05<", ">-1500.05<"),
            (">9395.05<", ">-9395.05<"),
            (">158.00<", ">-158.00<"),
            (">95.00<", ">-95.00<"),
            (">1000.00</cbc:PrepaidAmount>", ">-1000.00</cbc:PrepaidAmount>"),
            (">8395.05<", ">-8395.05<"),
        )
    )
    assert (document.kind, document.negated) == ("credit-note", True)
    assert document.lines[0].exact == Decimal("545999.75")
    assert findings(document, today=TODAY) == []


def test_payable_amount_and_totals_never_have_fractions_of_the_minor_unit() -> None:
    error = refusal(json_with(payableAmount="1002.50001"))
    assert (error.code, error.field) == ("amount-invalid", "payableAmount")
    error = refusal(changed(UBL, ">7958.00<", ">7958.001<"))
    assert (error.code, error.field) == ("amount-invalid", "totals.lines")


# -- other ways of PINT


def test_a_margin_scheme_keeps_its_rate_and_shows_no_tax() -> None:
    content = several(
        UBL,
        ("<cbc:ID>S</cbc:ID>", "<cbc:ID>N</cbc:ID>"),
        (">1500.05<", ">0.00<"),
        (">9395.05<", ">7895.00<"),
        (">8395.05<", ">6895.00<"),
    )
    assert findings(read_document(content), today=TODAY) == []
    taxed = changed(content, "<cbc:ID>N</cbc:ID>", "<cbc:ID>S</cbc:ID>")
    assert refusal(taxed).field == "taxes.0.amount"


def test_an_invoice_of_a_seller_who_is_not_registered_charges_no_tax() -> None:
    plain = several(
        UBL, (">1500.05<", ">0.00<"), (">9395.05<", ">7895.00<"), (">8395.05<", ">6895.00<")
    )
    assert refusal(plain).field == "taxes.0.amount"
    start = plain.decode().index("<cbc:CustomizationID>") + len("<cbc:CustomizationID>")
    end = plain.decode().index("</cbc:CustomizationID>")
    profile = "urn:peppol:pint:nontaxinvoice-1@jp-1"
    content = (plain.decode()[:start] + profile + plain.decode()[end:]).encode()
    assert findings(read_document(content), today=TODAY) == []


def test_instalment_of_zero_is_ignored() -> None:
    text = UBL.decode()
    due = read_document(UBL).due_date
    terms = (
        '<cac:PaymentTerms><cbc:Amount currencyID="EUR">0.00</cbc:Amount>'
        f"<cbc:InstallmentDueDate>{due}</cbc:InstallmentDueDate></cac:PaymentTerms>"
    )
    place = text.index("  <cac:AllowanceCharge>")
    document = read_document((text[:place] + terms + text[place:]).encode())
    assert (document.due_date, document.instalments) == (due, ())
