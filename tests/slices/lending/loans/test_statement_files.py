"""Files for people: what a spreadsheet, a CSV reader and a printer make of them."""

from __future__ import annotations

import csv
import datetime
import io
import re
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import openpyxl
import pypdf
import pypdfium2
import pytest
from pypdf.generic import DictionaryObject

from app.domain.calendar import day_of
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.statement import Event, Line
from app.domain.statement import statement as loan_statement
from app.gateway import prints
from app.gateway.downloads import disposition, file_name
from app.gateway.money import MoneyView
from app.gateway.sheets import Cell, Money, Sheet, csv_text, xlsx
from app.lending.facilities import statement_files as account_files
from app.lending.facilities.schemas import AccountStatement, Bill, Facility
from app.lending.loans.statement import LoanAccount, exact_text
from app.lending.loans.statement_files import Statement, as_pdf, as_xlsx
from app.lending.loans.statement_words import line_words, terms_words
from tests.support.sheets import pairs

DAY = datetime.date(2026, 11, 26)
FOUNDRY = "令狐铸造（深圳）有限公司"
TERMS = LoanTerms(
    style=Style.BULLET, start_day=day_of(DAY), due_day=day_of(DAY) + 30, annual_rate=72_000
)


def statement(
    *,
    borrower: str = FOUNDRY,
    currency: str = "CNY",
    owed: int = 123_456,
    days: int = 5,
) -> Statement:
    """A loan that was drawn and repaid in part, so many days after the draw."""
    loan = Loan.opened(TERMS, principal=owed)
    loan.roll(day_of(DAY) + 5)
    parts, _ = loan.pay(56)
    events = [Event("repaid", day_of(DAY) + 5, parts=parts)]
    account = loan_statement(TERMS, principal=owed, events=events, today=day_of(DAY) + days)
    return Statement(
        loan_id=7,
        parties=[("lender", "Bank of 홍길동"), ("borrower", borrower)],
        account=LoanAccount(
            currency=currency,
            day=day_of(DAY) + days,
            drawn_terms=TERMS,
            statement=account,
            overdue_since=account.overdue_since or None,
            days_past_due=max(days - 30, 0),
            effective_rate=74_323,
        ),
        last_due=DAY + datetime.timedelta(days=30),
        block=99,
    )


def opened(*rows: list[Cell], columns: tuple[str, ...] = ("a", "b")) -> Any:
    """The first sheet of a workbook with these rows, as a spreadsheet reads it."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx([Sheet("data", columns, rows)])))
    return book["data"]


def ink(text: str) -> frozenset[int]:
    """Where a text is dark as PDFium prints it, by the font that travels in the PDF."""
    data = prints.pdf(title="", facts=[("", "")], notes=[], columns=[text], rows=[], words=[0])
    page = pypdfium2.PdfDocument(data)[0]
    pixels = page.render(scale=2, grayscale=True).to_numpy().ravel()
    return frozenset((pixels < 128).nonzero()[0].tolist())


# ------------------------------------------------------------------ pages


def test_a_statements_names_read_back_from_its_pdf_with_the_font_inside() -> None:
    reader = pypdf.PdfReader(io.BytesIO(as_pdf(statement())))
    text = reader.pages[0].extract_text()
    for word in (FOUNDRY, "홍길동", "Statement of loan 7", "1,234.56", "2026-12-26", "7.2 %"):
        assert word in text
    assert "interest runs" in text
    resources = reader.pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    fonts = resources["/Font"]
    assert isinstance(fonts, DictionaryObject)
    used = [font.get_object() for font in fonts.values()]
    ours = [font for font in used if "WenQuanYi" in font["/BaseFont"]]
    assert ours
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in ours)


def test_characters_print_as_themselves_and_not_as_boxes_or_gaps() -> None:
    blank = ink("")
    printed = {letter: ink(letter) - blank for letter in "令狐铸限龘株サ홍Łж"}
    assert all(len(places) > 10 for places in printed.values())
    assert len(set(printed.values())) == len(printed)


def test_a_character_that_the_font_lacks_is_written_as_its_number() -> None:
    assert prints.printable("ไ令 ok") == "[U+0E44]令 ok"
    assert prints.printable("𠮷\n") == "[U+20BB7][U+000A]"
    text = pypdf.PdfReader(io.BytesIO(as_pdf(statement(borrower="ไ & <b>令")))).pages[0]
    assert "[U+0E44] & <b>令" in text.extract_text()


def test_the_files_say_how_each_figure_of_an_overdue_loan_is_computed() -> None:
    late = statement(owed=10_000_000, days=50)
    loan = late.account.statement.loan
    assert (loan.payoff.penalty, loan.payoff.interest) == (600_00, 599_44), "20 and 30 days"
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(late)))
    assert book.sheetnames == ["statement", "owed", "figures", "terms"]
    (run,) = [
        row for row in book["statement"].iter_rows(values_only=True) if row[1] == "penalty runs"
    ]
    assert run[2:6] == (datetime.datetime(2026, 12, 26), 100_000, 20, 2_000_000)
    owed = [row[2:9] for row in book["owed"].iter_rows(min_row=2, values_only=True)]
    assert owed[-2:] == [(0, 600, 599.44, 100_000, 0, 0, 101_199.44)] * 2
    rows = list(book["figures"].iter_rows(min_row=2, values_only=True))
    penalty = [row for row in rows if row[1] == "penalty"]
    assert {row[2]: (row[3], row[4]) for row in penalty} == {
        "sum of overdue days": (200_000_000, "minor units x days"),
        "annual rate": (72_000, "millionths"),
        "penalty multiple": (1_500_000, "millionths"),
        "days of a year": (360, "days"),
        "penalty paid before": (0, "CNY"),
    }
    assert penalty[0][5:9] == (600, 600, 0, 600)
    assert [type(value) for value in penalty[0][5:9]] == [int] * 4, "numbers, not texts"
    terms = pairs(book["terms"])
    assert terms["due and unpaid"] == "since 2026-12-26, 20 days"
    assert terms["effective annual rate as drawn"] == "7.4323 %"
    assert (terms["due"], terms["repays the loan"]) == ("101,199.44", "101,199.44")
    pages = pypdf.PdfReader(io.BytesIO(as_pdf(late))).pages
    text = "".join(page.extract_text() for page in pages)
    for words in (
        "penalty runs",
        "How each figure is computed",
        "sum of overdue days",
        "200000000",
        "600.0000000000",
        "since 2026-12-26, 20 days",
        "7.4323 %",
        "repays the loan",
        "101,199.44",
    ):
        assert words in text, words


def test_an_exact_amount_has_eight_digits_more_than_its_currency() -> None:
    assert exact_text(Fraction(2, 3), currency="CNY") == "0.0066666666"
    assert exact_text(Fraction(1000, 3), currency="JPY") == "333.33333333"
    assert exact_text(Fraction(5), currency="KWD") == "0.00500000000"


def test_a_long_statement_has_its_header_and_a_number_on_each_page() -> None:
    long = statement()
    lines = long.account.statement.lines
    lines.extend(lines[:1] * 90)
    pages = pypdf.PdfReader(io.BytesIO(as_pdf(long))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert "outstanding" in text
        assert f"page {number}" in text


# ------------------------------------------------------------------ spreadsheets


@pytest.mark.parametrize(
    ("currency", "owed", "shown", "number_format"),
    [
        ("CNY", 123_456, 1234.56, "#,##0.00"),
        ("JPY", 123_456, 123_456, "#,##0"),
        ("KWD", 123_456, 123.456, "#,##0.000"),
    ],
)
def test_amounts_are_numbers_with_the_digits_of_their_currency(
    currency: str, owed: int, shown: float, number_format: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(statement(currency=currency, owed=owed))))
    cell = book["statement"]["O2"]
    assert (cell.value, cell.data_type, cell.number_format) == (shown, "n", number_format)
    assert book["statement"]["O1"].value == f"outstanding ({currency})"


def test_amount_too_large_for_a_spreadsheet_is_exact_text() -> None:
    sheet = opened([Money(999_999_999_999_999, "CNY"), Money(9_000_000_000_000_000_001, "CNY")])
    assert (sheet["A2"].value, sheet["A2"].data_type) == (9999999999999.99, "n")
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("90000000000000000.01", "s")
    assert sheet["B2"].alignment.horizontal == "right"


def test_days_and_times_are_dates_of_the_spreadsheet() -> None:
    east = datetime.timezone(datetime.timedelta(hours=8))
    sheet = opened([DAY, datetime.datetime(2026, 11, 26, 8, 30, tzinfo=east)])
    assert (sheet["A2"].value.date(), sheet["A2"].number_format) == (DAY, "yyyy-mm-dd")
    assert sheet["B2"].value == datetime.datetime(2026, 11, 26, 0, 30)
    assert sheet["B2"].is_date


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_names() -> None:
    sheet = opened([FOUNDRY, "x" * 300])
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.auto_filter.ref == "A1:B2"
    assert sheet.column_dimensions["A"].width >= 2 * len(FOUNDRY)
    assert sheet.column_dimensions["B"].width == 60


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_starts_a_formula(text: str) -> None:
    cell = opened([text, ""])["A2"]
    assert cell.data_type != "f"
    assert cell.quotePrefix
    (_, row) = csv.reader(io.StringIO(csv_text(Sheet("data", ("a",), [[text]])), newline=""))
    assert row == ["'" + text]


@pytest.mark.parametrize(
    ("text", "written"),
    [("a;=1+1", "a;'=1+1"), ("a,-1|@x", "a,'-1|'@x"), ("a\t+1", "a\t'+1"), ("a=1; b", "a=1; b")],
)
def test_no_part_of_a_cell_starts_a_formula(text: str, written: str) -> None:
    (_, row) = csv.reader(io.StringIO(csv_text(Sheet("data", ("a",), [[text]])), newline=""))
    assert row == [written]


def test_csv_reads_back_with_amounts_days_and_what_needs_quotes() -> None:
    rows: list[list[Cell]] = [
        [Money(-123_456, "CNY"), DAY, None, 7, f'{FOUNDRY}, "the\nfoundry"'],
        [Money(5, "XXX"), datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), "", 0, "x"],
    ]
    text = csv_text(Sheet("data", ("amount", "day", "none", "count", "name"), rows))
    assert text.endswith("\r\n")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[1] == ["-1234.56", "2026-11-26", "", "7", f'{FOUNDRY}, "the\nfoundry"']
    assert read[2] == ["5", "2026-01-02T00:00:00Z", "", "0", "x"]


def money(amount: str, currency: str = "CNY") -> MoneyView:
    return {"amount": amount, "currency": currency}


def test_an_account_shows_bills_and_limits_in_another_currency() -> None:
    facility: Facility = {
        "id": 3,
        "originId": None,
        "productId": 1,
        "version": 1,
        "lender": {"partyId": None, "name": None, "account": "0xAb", "confusable": False},
        "borrower": {"partyId": None, "name": FOUNDRY, "account": "0xAb", "confusable": False},
        "entruster": None,
        "annualRate": 72_500,
        "effectiveAnnualRates": [
            {"style": "bullet", "tenor": 1, "effectiveAnnualRate": 76_253},
            {"style": "interest-only", "tenor": 3, "effectiveAnnualRate": None},
        ],
        "administrationFee": 0,
        "flatFee": money("0.00"),
        "drawFee": 0,
        "periodicFee": 0,
        "limit": money("9000", "JPY"),
        "outstanding": money("1400.00"),
        "drawn": money("1500.00"),
        "deposit": money("0.00"),
        "depositHeld": money("0.00"),
        "firstDate": "2026-01-01",
        "lastDate": "2027-01-01",
        "coolingOffAmount": money("0.00"),
        "coolingOffHours": 0,
        "endEvents": [],
        "suspendedBy": [],
        "announcedDraw": None,
        "correctionDays": 30,
        "spread": 0,
        "legalTextHash": "0x",
        "closed": False,
    }
    bill: Bill = {
        "dueDate": "2026-12-31",
        "loanIds": [4, 9],
        "billed": money("1500.00"),
        "owed": money("1400.00"),
    }
    account: AccountStatement = {
        "facility": facility,
        "bills": [bill],
        "entries": [],
        "asOf": {"blockNumber": 12, "blockHash": "0x"},
    }
    book = openpyxl.load_workbook(io.BytesIO(account_files.as_xlsx(account, DAY)))
    (bill_row,) = book["bills"].iter_rows(min_row=2, values_only=True)
    assert bill_row == (datetime.datetime(2026, 12, 31), "4, 9", 1500, 1400)
    terms = pairs(book["terms"])
    assert terms["lender"] == "0xAb"
    assert (terms["limit"], terms["outstanding"]) == ("9,000 JPY", "1,400.00 CNY")
    assert terms["annual rate"] == "7.25 %"
    assert terms["effective annual rate, bullet, 1 day"] == "7.6253 %"
    assert terms["effective annual rate, interest-only, 3 months"] == "none"
    text = pypdf.PdfReader(io.BytesIO(account_files.as_pdf(account, DAY))).pages[0].extract_text()
    assert FOUNDRY in text
    assert "Bill due on 2026-12-31: 1,500.00 CNY billed, 1,400.00 CNY owed; loans 4, 9." in text
    assert account_files.name_of(account, DAY, "pdf") == (
        "facility-3-statement-令狐铸造（深圳）有限公司-2026-11-26.pdf"
    )


# ------------------------------------------------------------------ words


def test_terms_and_lines_are_written_in_words() -> None:
    said = dict(terms_words(TERMS, last_due=DAY, currency="CNY"))
    assert said["first day"] == "2026-11-26, without interest"
    assert said["penalty when late"] == "1.5 times the annual rate, on principal"
    assert said["fee for early repayment"] == "0 %"
    assert line_words(Line("due", 1, number=3)) == "instalment 3 due"
    text_of_terms = " ".join(f"{name} {text}" for name, text in said.items())
    assert not re.search(r"[a-z][A-Z]|_|\b\d{5}\b", text_of_terms)


# ------------------------------------------------------------------ names of files


def test_file_name_has_subject_owner_and_date() -> None:
    assert file_name("loan", 3, "statement", "", day=DAY, ending="pdf") == (
        "loan-3-statement-2026-11-26.pdf"
    )
    strange = file_name("history", '../a\\b:"c"\r\nx; y%.', day=None, ending="csv")
    assert strange == "history-a-b-c-x-y.csv"
    assert len(file_name("party", "x" * 500, day=DAY, ending="csv")) < 90


def test_a_name_beyond_ascii_goes_as_utf8_with_a_plain_one_beside_it() -> None:
    assert disposition("a-2026.pdf") == 'attachment; filename="a-2026.pdf"'
    name = file_name("loan", 3, "statement", FOUNDRY, day=DAY, ending="pdf")
    header = disposition(name)
    assert header.isascii()
    plain, _, coded = header.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="loan-3-statement-2026-11-26.pdf"'
    assert unquote(coded) == name
