"""The due date is the day on which all is owed, not a discount's last day or an instalment's."""

from __future__ import annotations

import datetime
import json

import pytest

from app.trade.documents.checks import check_document
from app.trade.documents.errors import DocumentError
from app.trade.documents.model import Instalment, view
from app.trade.documents.reader import read_document
from tests.support.documents import CII, TODAY, UBL, changed, json_with, refusal

MAY, AUGUST = datetime.date(2026, 5, 31), datetime.date(2026, 8, 31)
UBL_DUE = "  <cbc:DueDate>2026-05-31</cbc:DueDate>\n"
UBL_TERMS = "  <cac:PaymentTerms>\n    <cbc:Note>90 days net</cbc:Note>\n  </cac:PaymentTerms>\n"
CII_TERMS = CII.decode()[
    CII.decode().index("<ram:SpecifiedTradePaymentTerms>") : CII.decode().index(
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    )
]
DISCOUNT = "<ram:ApplicableTradePaymentDiscountTerms><ram:CalculationPercent>2"
DISCOUNT += "</ram:CalculationPercent></ram:ApplicableTradePaymentDiscountTerms>"


def ubl(*terms: str, due: str = "") -> bytes:
    """The UBL sample with these payment terms alone, and this due date."""
    content = changed(UBL, UBL_DUE, due and f"<cbc:DueDate>{due}</cbc:DueDate>")
    text = "".join(f"<cac:PaymentTerms>{term}</cac:PaymentTerms>" for term in terms)
    return changed(content, UBL_TERMS, text)


def cii(*terms: str) -> bytes:
    """The CII sample with these payment terms alone."""
    text = "".join(
        f"<ram:SpecifiedTradePaymentTerms>{term}</ram:SpecifiedTradePaymentTerms>" for term in terms
    )
    return changed(CII, CII_TERMS, text)


def on(day: str) -> str:
    """A due date of CII."""
    inner = f'<udt:DateTimeString format="102">{day}</udt:DateTimeString>'
    return f"<ram:DueDateDateTime>{inner}</ram:DueDateDateTime>"


def part(amount: str, day: str) -> str:
    """An instalment of UBL as PINT writes it (ibt-176, ibt-177)."""
    return (
        f'<cbc:Amount currencyID="EUR">{amount}</cbc:Amount>'
        f"<cbc:InstallmentDueDate>{day}</cbc:InstallmentDueDate>"
    )


# -- discounts (01, 02, 51)


@pytest.mark.parametrize(
    "content",
    [
        cii(on("20260215") + DISCOUNT),
        ubl(
            "<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent>"
            "<cbc:PaymentDueDate>2026-03-16</cbc:PaymentDueDate>"
        ),
        ubl(
            '<cbc:SettlementDiscountAmount currencyID="EUR">100.00</cbc:SettlementDiscountAmount>'
            "<cbc:PaymentDueDate>2026-03-16</cbc:PaymentDueDate>"
        ),
        ubl(
            "<cbc:PaymentDueDate>2026-03-16</cbc:PaymentDueDate><cac:SettlementPeriod>"
            "<cbc:EndDate>2026-03-16</cbc:EndDate></cac:SettlementPeriod>"
        ),
        ubl("<cbc:PaymentDueDate>2026-03-16</cbc:PaymentDueDate>"),
    ],
)
def test_last_day_of_a_discount_is_not_taken_as_due_date(content: bytes) -> None:
    document = read_document(content)
    check_document(document, today=TODAY)
    assert (document.due_date, document.instalments) == (None, ())


def test_net_term_is_the_due_date_beside_a_discount() -> None:
    document = read_document(cii(on("20260215") + DISCOUNT, on("20260316")))
    assert document.due_date == datetime.date(2026, 3, 16)
    discount = "<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent>"
    discount += "<cbc:PaymentDueDate>2026-03-16</cbc:PaymentDueDate>"
    assert read_document(ubl(discount, due="2026-05-31")).due_date == MAY


def test_discount_of_zero_is_ignored() -> None:
    plain = "<cbc:SettlementDiscountPercent>0</cbc:SettlementDiscountPercent>"
    plain += "<cbc:PaymentDueDate>2026-06-30</cbc:PaymentDueDate>"
    assert refusal(ubl(plain, due="2026-05-31")).code == "due-date-several"


# -- instalments (03)


def test_instalments_are_read_as_a_schedule() -> None:
    content = ubl(part("4000.00", "2026-05-31"), part("4395.05", "2026-08-31"), due="2026-05-31")
    document = read_document(content)
    check_document(document, today=TODAY)
    assert document.due_date is None
    assert document.instalments == (
        Instalment(amount=400_000, due_date=MAY),
        Instalment(amount=439_505, due_date=AUGUST),
    )
    again = view(read_document(json.dumps(view(document)).encode()))
    assert again == view(document) | {"format": "json"}


def test_instalments_by_percentage_add_up_to_the_cent() -> None:
    third = "<cbc:PaymentPercent>{}</cbc:PaymentPercent><cbc:PaymentDueDate>{}</cbc:PaymentDueDate>"
    terms = [third.format("33.3", "2026-05-31"), third.format("33.3", "2026-06-30")]
    document = read_document(ubl(*terms, third.format("33.4", "2026-08-31")))
    assert sum(instalment.amount for instalment in document.instalments) == document.payable_amount
    assert [instalment.amount for instalment in document.instalments] == [279_555, 279_555, 280_395]


def test_part_payments_of_cii_are_read_as_a_schedule() -> None:
    part_amount = "<ram:PartialPaymentAmount>{}</ram:PartialPaymentAmount>"
    document = read_document(
        cii(
            part_amount.format("100000") + on("20260316"),
            part_amount.format("40800") + on("20260416"),
        )
    )
    check_document(document, today=TODAY)
    assert document.due_date is None
    assert [part_amount.amount for part_amount in document.instalments] == [100_000, 40_800]


def test_parts_on_one_day_are_one_debt() -> None:
    content = ubl(part("4000.00", "2026-05-31"), part("4395.05", "2026-05-31"))
    document = read_document(content)
    assert (document.due_date, document.instalments) == (MAY, ())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ubl(part("4000.00", "2026-05-31"), due="2026-05-31"), "instalments-mismatch"),
        (ubl(part("4000.00", "2026-05-31"), part("1.00", "2026-08-31")), "instalments-mismatch"),
        (
            ubl(part("8395.05", "2026-08-31"), '<cbc:Amount currencyID="EUR">1.00</cbc:Amount>'),
            "instalment-undated",
        ),
        (
            ubl(part("8396.05", "2026-05-31"), part("-1.00", "2026-08-31")),
            "instalment-amount-invalid",
        ),
        (
            ubl(part("4000.00", "2026-05-31"), part("4395.05", "2026-08-31"), due="2026-06-30"),
            "due-date-several",
        ),
        (
            cii("<ram:PartialPaymentAmount>70400</ram:PartialPaymentAmount>" + on("20260316")),
            "instalments-mismatch",
        ),
        (
            json_with(dueDate=None, instalments=[{"amount": "1.000", "dueDate": "2026-05-31"}]),
            "totals-mismatch",
        ),
        (
            json_with(instalments=[{"amount": "1002.500", "dueDate": "2026-05-31"}]),
            "instalments-invalid",
        ),
    ],
)
def test_invalid_schedule_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


# -- forms of dates (05)


@pytest.mark.parametrize(
    "inner",
    [
        "<udt:DateTime>2026-03-16T00:00:00</udt:DateTime>",
        "<udt:DateTime>2026-03-16T23:59:59+09:00</udt:DateTime>",
        '<udt:DateString format="102">20260316</udt:DateString>',
    ],
)
def test_a_date_of_cii_in_another_of_its_forms_is_read(inner: str) -> None:
    document = read_document(cii(f"<ram:DueDateDateTime>{inner}</ram:DueDateDateTime>"))
    assert document.due_date == datetime.date(2026, 3, 16)
    old = '<udt:DateTimeString format="102">20260115</udt:DateTimeString>'
    issued = read_document(changed(CII, old, inner)).issue_date
    assert issued == datetime.date(2026, 3, 16)


@pytest.mark.parametrize(
    "inner",
    [
        "2026-03-16",
        "<udt:DateTime>16.03.2026</udt:DateTime>",
        "<udt:Day>2026-03-16</udt:Day>",
        '<udt:DateTimeString format="610">202603</udt:DateTimeString>',
        "<udt:DateTime>2026-03-16</udt:DateTime><udt:DateTime>2026-03-17</udt:DateTime>",
    ],
)
def test_unreadable_date_is_refused_and_never_dropped(inner: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(cii(f"<ram:DueDateDateTime>{inner}</ram:DueDateDateTime>"))
    assert (caught.value.code, caught.value.field) == ("date-invalid", "dueDate")


def test_a_due_date_before_the_issue_is_taken() -> None:
    document = read_document(changed(UBL, ">2026-05-31<", ">2026-03-01<"))
    check_document(document, today=TODAY)
    assert document.due_date == datetime.date(2026, 3, 1)
