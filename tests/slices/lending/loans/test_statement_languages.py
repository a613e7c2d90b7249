"""Files for people in the language that their reader asks for."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator

import httpx
import openpyxl
import pypdf
import pytest

from app.gateway.file_texts import amount, as_of, day, in_currency, rate
from app.gateway.languages import CHINESE, ENGLISH, current, preferred
from app.gateway.sheets import Money, Sheet, xlsx
from app.lending.classes.schemas import ClassReason
from app.lending.loans.statement_files import as_pdf, as_xlsx
from app.lending.loans.statement_words import class_words, terms_words
from tests.slices.lending.loans.test_statement_files import DAY, FOUNDRY, TERMS, statement
from tests.support.lending import lent
from tests.support.world import World


@pytest.fixture
def chinese() -> Iterator[None]:
    before = current.set(CHINESE)
    yield
    current.reset(before)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.usefixtures("chinese")
def test_a_chinese_statement_has_chinese_words_amounts_and_days() -> None:
    text = text_of(as_pdf(statement(owed=123_456_789 + 1_481_426, days=50)))
    for words in (
        "贷款 7 对账单",
        "借款人",
        FOUNDRY,
        "应付利息",
        "第 1 期到期",
        "各项数字的计算方法",
    ):
        assert words in text, words
    assert "自2026年12月26日起，20 天" in text
    assert re.search(r"￥\d,\d{3},\d{3}\.\d\d\n", text)
    assert "7.4323%" in text
    assert "第 1 页" in text
    assert not re.search(r"\d{4}-\d\d-\d\d", text)


@pytest.mark.usefixtures("chinese")
def test_a_chinese_statement_has_no_english_word() -> None:
    late = statement(owed=10_000_000, days=50)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(late)))
    cells = [cell for page in book for row in page.iter_rows(values_only=True) for cell in row]
    texts = [*book.sheetnames, *(cell for cell in cells if isinstance(cell, str))]
    texts.append(text_of(as_pdf(late)))
    names = re.compile(r"Bank of|\bCNY\b|2008/48/EC")
    english = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", names.sub("", text))}
    assert english == set()


@pytest.mark.usefixtures("chinese")
def test_numbers_and_days_of_a_chinese_spreadsheet_stay_numbers_and_days() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(statement(owed=123_456_789))))
    page = book["对账单"]
    assert page["O1"].value == "余额 (CNY)"
    assert (page["O2"].value, page["O2"].data_type) == (1_234_567.89, "n")
    assert page["O2"].number_format == "#,##0.00"
    assert page["A2"].is_date
    assert page["A2"].number_format == 'yyyy"年"m"月"d"日"'
    wide = openpyxl.load_workbook(io.BytesIO(xlsx([Sheet("a", ("a",), [[DAY]])])))["a"]
    assert wide.column_dimensions["A"].width >= 15, "room for the day"


def test_amounts_days_and_rates_are_written_by_language() -> None:
    money = Money(123_456_789, "CNY")
    assert (amount(money), day(DAY), rate(72_500)) == ("1,234,567.89 CNY", "2026-11-26", "7.25 %")
    assert (as_of(DAY, 9), rate(None)) == ("2026-11-26, block 9", "none")
    assert in_currency("principal", "CNY") == "principal (CNY)"
    before = current.set(CHINESE)
    try:
        written = (amount(money), day(DAY), rate(72_500))
        assert written == ("￥1,234,567.89", "2026年11月26日", "7.25%")
        assert amount(Money(-500, "USD")) == "-US$5.00"
        assert (as_of(DAY, 9), rate(None)) == ("2026年11月26日，区块 9", "无")
        assert in_currency("principal", "CNY") == "本金 (CNY)"
        assert (
            dict(terms_words(TERMS, last_due=DAY, currency="CNY"))["逾期罚息"]
            == "年利率的 1.5 倍，按本金计"
        )
        reason: ClassReason = {
            "reason": "overdue for 40 days, more than 30",
            "minimum": "special-mention",
            "source": "",
        }
        defaulted: ClassReason = {**reason, "reason": "defaulted"}
        shown = class_words(
            {
                "class": "special-mention",
                "ruleSet": "cn",
                "reasons": [reason, defaulted],
                "observedUntil": None,
            }
        )
        assert shown == "关注类: 逾期 40 天，超过 30 天; 宣布违约"
    finally:
        current.reset(before)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", ENGLISH),
        ("zh-Hans", CHINESE),
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("en;q=0.5, zh;q=0.7", CHINESE),
        ("fr, en-GB;q=0.8, zh;q=0.2", ENGLISH),
        ("zh;q=0, *", ENGLISH),
        ("fr", ENGLISH),
        ("zh;q=much", ENGLISH),
    ],
)
def test_the_language_is_the_one_that_the_reader_prefers(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def asked(world: World, path: str, language: str | None, **query: str | int) -> httpx.Response:
    """An answer to the bank in a language."""
    headers = dict(world["bank"].headers) | ({"Accept-Language": language} if language else {})
    answer = world.http.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_accept_language_chooses_the_language_of_files_and_of_nothing_else(world: World) -> None:
    facility, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/statement"
    for language, sent, title in (
        (CHINESE, "zh-CN,en;q=0.5", f"贷款 {loan} 对账单"),
        (ENGLISH, "en", f"Statement of loan {loan}"),
        (ENGLISH, None, f"Statement of loan {loan}"),
    ):
        answer = asked(world, path, sent, format="pdf")
        assert answer.headers["content-language"] == language
        assert title in text_of(answer.content)
    book = openpyxl.load_workbook(io.BytesIO(asked(world, path, CHINESE, format="xlsx").content))
    assert book.sheetnames == ["对账单", "欠款", "计算", "条款"]
    account = f"/v1/facilities/{facility}/statement"
    text = text_of(asked(world, account, CHINESE, format="pdf").content)
    assert f"授信协议 {facility} 对账单" in text
    assert re.search(r"￥[\d,]+\.\d\d", text)
    json = asked(world, path, CHINESE)
    assert json.json() == asked(world, path, ENGLISH).json()
    assert "content-language" not in json.headers


def test_csv_stays_in_english_and_spreadsheets_of_the_book_do_not(world: World) -> None:
    _, loan, _ = lent(world)
    answer = asked(world, "/v1/history", CHINESE, loan=loan, format="csv")
    assert answer.headers["content-language"] == ENGLISH
    (columns, first, *_) = csv.reader(io.StringIO(answer.text, newline=""))
    assert columns[:2] == ["position", "time (UTC)"]
    assert datetime.datetime.fromisoformat(first[1])
    for path, query, columns in (
        ("/v1/history", {"loan": loan}, ["序号", "时间（UTC）"]),
        ("/v1/portfolio/concentrations", {}, ["币种", "名称"]),
        ("/v1/watch/borrowers", {}, ["名称", "预警级别"]),
        ("/v1/bank-entries", {}, ["记账日", "附言"]),
    ):
        answer = asked(world, path, CHINESE, format="xlsx", **query)
        assert answer.headers["content-language"] == CHINESE, path
        page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert [cell.value for cell in page[1]][:2] == columns, path
