"""Problems and warnings in the language that a caller prefers; codes are the same in each."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterable
from typing import Any

import httpx
import openpyxl
import pytest

from app.domain.watch.steps import STEPS
from app.gateway.languages import CHINESE, ENGLISH
from app.goods.stock.model import KINDS
from app.goods.stock.reader import COLUMNS, OPTIONAL
from tests.support.bank_files import entry, notification
from tests.support.bodies import Json
from tests.support.lending import lent
from tests.support.shown_text import latin_words
from tests.support.world import World

#: What the JSON parser says of the place of a fault; it speaks English alone.
_OF_THE_PARSER = ("Expecting property name enclosed in double quotes: line 1 column 2", "char")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def ask(
    world: World, path: str, *, language: str = "zh-CN", by: str = "supplier"
) -> httpx.Response:
    return world.http.get(path, headers=world[by].headers | {"Accept-Language": language})


def send(world: World, path: str, body: Any, *, by: str = "supplier") -> httpx.Response:
    headers = {"Accept-Language": "zh-CN", "Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    return world.http.post(path, json=body, headers=world[by].headers | headers)


def words(answer: httpx.Response) -> tuple[str, str, str]:
    problem: Json = answer.json()
    return problem["title"], problem["detail"], problem.get("fix", "")


@pytest.mark.parametrize(
    ("language", "expected", "detail"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE, "没有应收账款 999"),
        ("en", ENGLISH, "there is no receivable 999"),
        ("", ENGLISH, "there is no receivable 999"),
        ("fr", ENGLISH, "there is no receivable 999"),
    ],
)
def test_a_problem_speaks_the_language_that_its_caller_prefers(
    world: World, language: str, expected: str, detail: str
) -> None:
    answer = ask(world, "/v1/receivables/999", language=language)
    assert answer.status_code == 404
    assert answer.headers["content-language"] == expected
    assert answer.json()["detail"] == detail
    assert answer.json()["type"] == "urn:cession:problem:receivable-unknown"


def test_faults_of_fields_are_in_chinese_with_their_bounds(world: World) -> None:
    answer = ask(world, "/v1/claims?limit=0")
    assert answer.status_code == 422
    assert words(answer) == ("请求无效", "limit: 须不小于 1", "须不小于 1")
    assert answer.json()["errors"] == [{"field": "limit", "detail": "须不小于 1"}]
    missing = send(world, "/v1/offers", {}, by="bank")
    assert missing.json()["detail"].endswith("缺少该字段")


def test_a_refusal_of_the_contracts_is_in_chinese_and_its_operation_too(world: World) -> None:
    receivable, _ = world.confirmed()
    again = send(world, f"/v1/receivables/{receivable}/rejection", {}, by="buyer")
    assert again.status_code == 409, again.text
    assert again.json()["detail"] == (
        f"账本拒绝：应收账款 {receivable} 为“已确认”；在此状态下无法执行"
    )
    assert again.json()["contractError"]["name"] == "StateForbids"


def test_steps_of_the_watch_are_in_chinese_and_files_for_programs_in_english(world: World) -> None:
    lent(world)
    path = "/v1/watch/borrowers"
    chinese = {item["nextStep"] for item in ask(world, path, by="bank").json()["items"]}
    english = {
        item["nextStep"] for item in ask(world, path, by="bank", language="en").json()["items"]
    }
    assert english <= {str(step) for step in STEPS.values()}
    assert chinese and all(_CHINESE.search(step) for step in chinese)
    rows = csv.DictReader(io.StringIO(ask(world, f"{path}?format=csv", by="bank").text, newline=""))
    assert {row["nextStep"] for row in rows} == english


def english(texts: Iterable[str], *, names: Iterable[str] = ()) -> list[str]:
    """The texts that have an English word."""
    known = sorted({*names, *COLUMNS, *KINDS}, key=len, reverse=True)
    return [text for text in texts if latin_words(text, names=known)]


def upload(
    world: World, path: str, content: bytes, *, by: str, kind: str = "text/csv"
) -> httpx.Response:
    headers = {"Accept-Language": "zh-CN", "Idempotency-Key": uuid.uuid4().hex}
    return world.http.post(
        path, files={"file": ("file", content, kind)}, headers=world[by].headers | headers
    )


def test_what_is_wrong_in_each_line_of_a_stock_file_is_in_chinese(world: World) -> None:
    header = ",".join(COLUMNS).encode()
    lines = (
        *(b"0,,--,2026-13-01,7,1.0000001,k", b"2,M-2,L-1,2026-03-01,received,5"),
        *(b"3,M-3,L-1,2999-03-01,received,5,KGM", b"5,M\x07,L-1,2026-03-01,received,-5,KGM"),
    )
    for content in (
        *(b"\n".join((header, line)) for line in lines),
        b"number\n1\n",
        header,
        b"{",
        b'{"type": "EPCISDocument", "schemaVersion": "1.0"}',
        b"<EPCISDocument schemaVersion='3'/>",
    ):
        answer = upload(world, "/v1/stock-movements", content, by="warehouse")
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        texts = [item["detail"] for item in problem["errors"]]
        technical = ("JSON", "schemaVersion", *OPTIONAL, *_OF_THE_PARSER)
        assert not english((problem["detail"], problem["fix"], *texts), names=technical)
        assert all(_CHINESE.search(text) for text in texts)


def test_what_a_bank_file_lacks_is_in_chinese(world: World) -> None:
    batch = "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls/></NtryDtls>"
    for content in (
        notification(entry(), entry()),
        notification(entry(amount="0.001")),
        notification(entry(more=batch)),
    ):
        answer = upload(world, "/v1/bank-notifications", content, by="bank", kind="application/xml")
        assert answer.status_code == 422, answer.text
        detail = answer.json()["detail"]
        assert _CHINESE.search(detail)
        assert not english([detail], names=("AcctSvcrRef", "Amt", "Btch.NbOfTxs"))


def test_reasons_of_the_watch_are_in_chinese(world: World) -> None:
    body = ask(world, "/v1/watch/rules", by="bank").json()
    reasons = [item["reason"] for item in (*body["thresholds"], *body["events"])]
    assert len(reasons) > 15
    assert not english(reasons)
    assert all(_CHINESE.search(reason) for reason in reasons)


def test_a_spreadsheet_of_history_says_in_chinese_what_happened(world: World) -> None:
    _, loan, _ = lent(world)
    answer = ask(world, f"/v1/history?loan={loan}&format=xlsx", by="bank")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    places = [header.index(title) for title in ("事项", "参与方", "详情") if title in header]
    assert len(rows) > 1 and len(places) == 3, header
    texts = [str(row[place]) for row in rows for place in places if row[place]]
    parties = ask(world, "/v1/parties?limit=200", by="auditor").json()["items"]
    assert not english(texts, names=[*(party["name"] for party in parties), "Facilities"])
