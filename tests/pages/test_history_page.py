"""History without scripts: its order, whole files, and what the search leads to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection

from app.pages.views import audit
from app.storage import run
from tests.support.visitor import Visitor
from tests.support.world import World

FIRST, COUNT = 8_000_000_000_000_000, 1_100
COPIED = (
    "INSERT INTO events (position, block_number, block_hash, transaction_index, log_index, "
    "transaction_hash, timestamp, contract, name, arguments_json) "
    "SELECT ?, block_number, block_hash, transaction_index, log_index, transaction_hash, "
    "timestamp, contract, name, arguments_json FROM events WHERE name = 'PartyRegistered' "
    "ORDER BY position LIMIT 1"
)


@pytest.fixture
def auditor(world: World) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.sign_in("auditor")
        yield opened


@pytest.fixture
def many(world: World) -> Iterator[None]:
    """More events of one name than a page of the API has."""
    storage = world.server.gateway.storage

    def copied(connection: Connection) -> None:
        for place in range(COUNT):
            run(connection, COPIED, (FIRST + place,))

    storage.write_now(copied)
    yield
    storage.write_now(lambda c: run(c, "DELETE FROM events WHERE position >= ?", (FIRST,)))


def positions(text: str) -> list[int]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [int(row["position"]) for row in rows if row["position"].isdecimal()]


def sheet_of(auditor: Visitor, path: str) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(auditor.get(path).content))["history"]


def test_files_have_the_whole_history_that_was_chosen(
    auditor: Visitor, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/app/history?event=PartyRegistered"
    assert "A file has up to 10,000 events" in auditor.get(path).text
    whole = auditor.get(f"{path}&format=csv").text
    listed = positions(whole)
    assert len(listed) > COUNT
    assert listed == sorted(listed, reverse=True), "newest first, as the page shows them"
    assert "goes on" not in whole
    sheet = sheet_of(auditor, f"{path}&format=xlsx")
    assert sheet.max_row == 1 + len(listed)
    monkeypatch.setattr(audit, "FILE_EVENTS", COUNT // 2)
    seen: list[int] = []
    after = ""
    while True:
        text = auditor.get(f"{path}&format=csv{after}").text
        seen += positions(text)
        sheet = sheet_of(auditor, f"{path}&format=xlsx{after}")
        last = str(sheet.cell(sheet.max_row, 1).value)
        if "goes on" not in text:
            assert last == str(seen[-1])
            break
        assert last == f"The history goes on after position {seen[-1]}."
        assert text.splitlines()[-1] == last
        after = f"&after={seen[-1]}"
    assert seen == listed


def test_page_begins_with_the_newest_event_and_goes_both_ways(auditor: Visitor) -> None:
    auditor.world.confirmed(amount="77.00")
    page = auditor.get("/app/history").text
    assert "receivable confirmed" in page
    oldest = auditor.get("/app/history?sort=oldest").text
    assert "receivable confirmed" not in oldest
    assert 'rel="next"' in oldest
    assert "First page" not in oldest
    cursor = oldest.split("cursor=")[1].split('"')[0]
    assert "First page" in auditor.get(f"/app/history?sort=oldest&cursor={cursor}").text


def test_chinese_page_says_that_its_table_is_in_english(auditor: Visitor) -> None:
    assert "The table (CSV) is in English" not in auditor.get("/app/history").text
    auditor.http.headers["Accept-Language"] = "zh-CN"
    assert "表格（CSV）为英文" in auditor.get("/app/history").text


def test_search_leads_to_the_events_of_a_block_and_of_a_transaction(auditor: Visitor) -> None:
    receivable, _ = auditor.world.confirmed(amount="78.00")
    items = auditor.world["auditor"].get("/v1/history", receivable=receivable).body["items"]
    event = items[-1]
    number, digest = event["blockNumber"], event["transactionHash"]
    answer = auditor.get(f"/app/search?q=block+{number}")
    assert answer.headers["location"] == f"/app/history?kind=block&id={number}"
    shown = auditor.get(answer.headers["location"]).text
    assert "receivable confirmed" in shown
    link = f"/app/history?kind=transaction&amp;id={digest}"
    assert link in auditor.get(f"/app/search?q={digest}").text
    assert "receivable confirmed" in auditor.get(link.replace("&amp;", "&")).text
