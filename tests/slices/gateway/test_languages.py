"""Problems and warnings in the language that a caller prefers; codes are the same in each."""

from __future__ import annotations

import csv
import io
import re
import uuid
from typing import Any

import httpx
import pytest

from app.domain.watch.steps import STEPS
from app.gateway.languages import CHINESE, ENGLISH
from tests.support.bodies import Json
from tests.support.lending import lent
from tests.support.world import World

_CHINESE = re.compile("[\u4e00-\u9fff]")


def ask(
    world: World, path: str, *, language: str = "zh-CN", by: str = "supplier"
) -> httpx.Response:
    return world.http.get(path, headers=world[by].headers | {"Accept-Language": language})


def send(world: World, path: str, body: Any, *, by: str = "supplier") -> httpx.Response:
    headers = {"Accept-Language": "zh-CN", "Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=10"}
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
