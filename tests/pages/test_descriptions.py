"""What a wallet signs is in whole, once, and in Chinese on the pages."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest

from app.chain.evm.signed_structs import STRUCTS
from app.clear_signing.reading import read_call, read_message
from app.clear_signing.rendering import Known, Thing, describe
from app.clear_signing.texts import all_texts
from app.clear_signing.values import Names
from app.oversight.signing.service import view
from app.pages import descriptions
from app.pages.languages import CHINESE, ENGLISH, current, t
from app.pages.rendering import environment
from app.pages.signing import flat
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.desk import Desk
from tests.support.lending import lent
from tests.support.signing import (
    BANK,
    SUPPLIER,
    calldata,
    contracts,
    ledger,
    names_on,
    signed_functions,
    typed,
)

CONTRACTS = contracts()
LEDGER = ledger(CONTRACTS)
CURRENCIES = {
    Thing(kind, 1): "CNY"
    for kind in ("loan", "facility", "product", "limit", "claim", "receivable", "order", "campaign")
}
KNOWN = Known(names_on(CONTRACTS), CURRENCIES)
HOSTILE = '<img src=x onerror=alert(1)> {deadline} {0.__class__} "&'


@pytest.fixture(params=[ENGLISH, CHINESE])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    token = current.set(request.param)
    yield request.param
    current.reset(token)


def described(document: Any, known: Known = KNOWN) -> Json:
    """The answer of the API for typed data."""
    return dict(json.loads(json.dumps(view(describe(read_message(document, LEDGER), known)))))


def everything() -> Iterator[Json]:
    """A description of each message and of each call that a party may sign."""
    for name in STRUCTS:
        yield described(typed(name))
    for contract, item in signed_functions(CONTRACTS):
        address = CONTRACTS.address("SettlementToken:CNY" if "Token" in contract else contract)
        reading = read_call(address, "0x" + calldata(item).hex(), LEDGER)
        yield dict(json.loads(json.dumps(view(describe(reading, KNOWN)))))


def page_of(document: Any, description: Json | None) -> str:
    """The part of the page that shows a message, as HTML."""
    template = environment().from_string(
        '{% import "parts/kit.html" as kit with context %}{% include "parts/described.html" %}'
    )
    return template.render(
        described=description, typed_data=document, fields=list(flat(document["message"])), zone=0
    )


def places_in(template: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def test_sentences_have_all_their_values_once(language: str) -> None:
    checked = 0
    for description in everything():
        text = description["sentence"]
        sentence = descriptions.sentence(description)
        assert not re.search(r"\{[\w.]+\}", sentence), sentence
        rows = {row["path"]: row for row in description["rows"]}
        assert places_in(t(text["template"])) == places_in(text["template"])
        for path in places_in(text["template"]):
            assert descriptions.value(rows[path]) in sentence
            checked += "." in path
    assert checked > 20, "no sentence names its values with dots"


def test_all_texts_of_descriptions_are_in_chinese() -> None:
    token = current.set(CHINESE)
    try:
        # Names that are the same in both languages.
        same = {text for text in all_texts() if t(text) == text}
    finally:
        current.reset(token)
    assert same <= {"Gas"}


def fact_of(row: Json) -> str:
    """What the page shows of a row; beside the name of a party stands its account."""
    value, raw = descriptions.value(row), str(row["raw"])
    is_named = row["kind"] == "party" and raw not in value.lower()
    return f"{value} {raw[:8]}…{raw[-6:]}" if is_named else value


def test_page_shows_every_row_once_with_labels_in_the_language(language: str) -> None:
    for name in STRUCTS:
        document = typed(name)
        description = described(document)
        shown = page_of(document, description).partition(t("The message as the wallet gets it"))[0]
        facts = Counter(
            (html.unescape(term), html.unescape(re.sub("</?(?:bdi|code)[^>]*>", "", value)))
            for term, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", shown, re.DOTALL)
        )
        expected: Counter[tuple[str, str]] = Counter()
        for row in description["rows"]:
            if row["call"] is None:
                expected[descriptions.label(row), fact_of(row)] += 1
        for hidden in description["hidden"]:
            expected[t(hidden["label"]), f"{t(hidden['reason'])} {hidden['raw']}"] += 1
        for inner in (row["call"] for row in description["rows"] if row["call"]):
            for row in inner["rows"]:
                expected[descriptions.label(row), fact_of(row)] += 1
        assert facts == expected, name


def test_call_within_a_message_is_in_words(language: str) -> None:
    document = typed("Intent")
    page = html.unescape(page_of(document, described(document)))
    call = next(row["call"] for row in described(document)["rows"] if row["call"])
    assert descriptions.sentence(call) in page
    assert t("Approve that cash is taken") in page


def test_markup_and_braces_in_values_are_text(language: str) -> None:
    known = Known(Names({BANK: HOSTILE, SUPPLIER: HOSTILE}, KNOWN.names.contracts), CURRENCIES)
    document = typed("SaleTerms")
    description = described(document, known)
    page = page_of(document, description)
    assert HOSTILE in html.unescape(page)
    assert "<img" not in page
    assert HOSTILE in descriptions.sentence(description)


def test_words_of_a_stranger_are_shown_as_they_are(language: str) -> None:
    document: Json = json.loads(json.dumps(typed("SharingEnd")))
    document["message"]["<b>Amount</b>"] = HOSTILE
    description = described(document)
    assert description["warnings"]
    page = page_of(document, description)
    assert "<b>" not in page and "<img" not in page
    assert "<b>Amount</b>" in html.unescape(page)
    assert all(
        descriptions.warning(description, text) in html.unescape(page)
        for text in description["warnings"]
    )


def test_amounts_days_times_and_choices_are_by_locale() -> None:
    due = value_of("ReceivableTerms", "dueDay")
    assert due == ("16 Feb 2026", "2026年2月16日")
    assert value_of("ReceivableTerms", "faceAmount") == ("CN¥0.01", "￥0.01")
    assert value_of("SharingEnd", "deadline") == (
        "17 Mar 2030 17:46:40 UTC",
        "2030年3月17日 17:46:40 UTC",
    )
    assert value_of("Restructuring", "style") == ("equal principal", "等额本金")
    # A posting of 1.23 that counts from day 20,500 and was recorded a day later.
    word = 123 << 56 | 20_501 << 32 | 20_500 << 8
    assert value_of("Correction", "posting", word) == (
        "CN¥1.23, counted from 16 Feb 2026, recorded on 17 Feb 2026",
        "￥1.23，起息日 2026年2月16日，记录日 2026年2月17日",
    )


def value_of(name: str, path: str, value: int | None = None) -> tuple[str, str]:
    """A field's value in English and in Chinese."""
    description = described(typed(name, None if value is None else {path: value}))
    row = next(row for row in description["rows"] if row["path"] == path)
    shown = []
    for language in (ENGLISH, CHINESE):
        token = current.set(language)
        shown.append(descriptions.value(row))
        current.reset(token)
    return shown[0], shown[1]


def test_party_reads_in_chinese_what_it_signs(desk: Desk) -> None:
    _, loan, _ = lent(desk.world)
    draft = desk.world["supplier"].post(f"/v1/loans/{loan}/extensions", {"dueDate": day(90)})
    lender = desk.signed_in("bank", language="zh-CN", width=360)
    lender.goto(f"/app/agreements/{draft.body['id']}")
    lender.get_by_role("link", name="签署协议").click()
    lender.locator("#to-sign").wait_for()
    assert lender.locator("#to-sign").inner_text() == "贷款展期"
    text = lender.locator("section.card").inner_text()
    assert f"贷款 {loan} 展期" in text
    assert "新到期日" in text and "{" not in text.partition("钱包收到")[0]
    desk.check_accessibility(lender)
    desk.check_width(lender)
