"""History for people: as CSV and as a spreadsheet, with names, decimals and dates."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import openpyxl
import pytest

from app.domain.calendar import day_of
from app.domain.money import DIGITS
from app.oversight.history.kinds import (
    BYTES,
    DAY,
    KINDS,
    MONEY,
    PERCENT,
    QUANTITY,
    TEXT,
    TIME,
    kind_of,
)
from app.oversight.history.repository import EventRow
from app.oversight.history.words import Description, Known, describe, words_of
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn
from tests.support.names import body
from tests.support.sheets import date_in
from tests.support.world import World, cny

PATH = "/v1/history"
ROOT = Path(__file__).resolve().parents[4]
WHO, OTHER, TOKEN = ("0x" + digit * 40 for digit in "ab7")
SIZES = {
    MONEY: {"uint64", "uint96", "uint256"},
    QUANTITY: {"uint96", "uint256"},
    DAY: {"uint24", "uint32"},
    TIME: {"uint40", "uint48", "uint64"},
    PERCENT: {"uint24", "uint32"},
    TEXT: {"bytes32", "bytes16", "bytes3", "string"},
    BYTES: {"bytes"},
}


def read(world: World, by: str = "auditor", **query: Any) -> list[dict[str, str]]:
    """The CSV as a reader of CSV takes it."""
    text = world[by].text(PATH, format="csv", limit=1000, **query)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_event(rows: list[Json], name: str) -> Json:
    return next(row for row in rows if row["event"] == name)


def told(
    name: str, arguments: dict[str, Any], *, contract: str = "Facilities", currency: Any = "CNY"
) -> Description:
    """An event in words, where `WHO` is a foundry and the token is the yuan's."""
    row = EventRow(1, 1, "0x", "0x", 0, 0, contract, name, arguments)
    names = {TOKEN: "SettlementToken:CNY"}
    known = Known({WHO: "令狐铸造"}, {5: "Castor"}, {1: (currency, "EUR")}, names.get)
    return describe(row, known)


# ------------------------------------------------------------------ the whole way


def test_a_debts_csv_has_names_decimals_and_dates(world: World) -> None:
    receivable, claim = world.confirmed(amount="1000.00")
    world.assigned(claim, "castor", "12.34")
    world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("400.50")})
    rows = read(world, receivable=receivable)
    items = world["auditor"].get(PATH, receivable=receivable, limit=1000).body["items"]
    assert [(int(row["position"]), row["event"]) for row in rows] == [
        (item["position"], item["event"]) for item in items
    ]
    request_rows = of_event(rows, "ReceivableRequested")
    assert (request_rows["what"], request_rows["amount"], request_rows["currency"]) == (
        *("receivable requested", "1000.00"),
        "CNY",
    )
    assert "seller: Linghu Castings Co., Ltd." in request_rows["parties"]
    terms = of_event(items, "ReceivableRequested")["arguments"]["terms"]
    due = datetime.date(1970, 1, 1) + datetime.timedelta(days=terms["dueDay"])
    assert f"due day: {due.isoformat()}" in request_rows["details"]
    assert str(terms["dueDay"]) not in request_rows["details"]
    assert "face amount: 1000.00 CNY" in request_rows["details"]
    paid = of_event(rows, "PaymentReceived")
    assert (paid["amount"], paid["currency"]) == ("400.50", "CNY")
    assert "unpaid: 599.50 CNY" in paid["details"]
    passed = of_event(rows, "Assigned")
    assert (passed["amount"], passed["currency"]) == ("12.34", "CNY")
    for row in rows:
        assert not re.search(r"0x[0-9a-f]{6}(?![0-9a-f]{58})", row["parties"] + row["details"])
        at = datetime.datetime.fromisoformat(row["time (UTC)"])
        assert at.tzinfo is not None


def test_a_loans_spreadsheet_has_numbers_and_times_as_such(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    world["bank"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    answer = world.http.get(
        PATH, params={"loan": loan, "format": "xlsx"}, headers=world["bank"].headers
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["history"]
    assert sheet.freeze_panes == "A2"
    names = [cell.value for cell in sheet[1]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=2)]
    by_event = {row["event"].value: row for row in rows}
    assert by_event["LoanDrawn"]["amount"].value == 500
    assert by_event["LoanDrawn"]["amount"].number_format == "#,##0.00"
    assert "style: bullet" in str(by_event["LoanDrawn"]["details"].value)
    assert by_event["LoanRepaid"]["amount"].value == 500
    assert by_event["LoanRepaid"]["currency"].value == "CNY"
    assert date_in(by_event["LoanDrawn"]["time (UTC)"])
    day = date_in(by_event["LoanEnded"]["time (UTC)"])
    name = answer.headers["content-disposition"]
    assert name.startswith(f'attachment; filename="history-loan-{loan}-')
    assert name.endswith('.xlsx"')
    assert 0 <= day_of(datetime.date.fromisoformat(name[-16:-6])) - day_of(day) <= 1


def test_a_partys_file_is_named_after_it_in_its_own_letters(world: World) -> None:
    foundry = f"令狐铸造-{uuid.uuid4().hex[:6]}"
    party = world["registrar"].command("/v1/parties", body(foundry)).body["party"]["id"]
    answer = world.http.get(
        PATH, params={"party": party, "format": "csv"}, headers=world["auditor"].headers
    )
    header = answer.headers["content-disposition"]
    plain, _, coded = header.partition("; filename*=UTF-8''")
    assert re.fullmatch(
        r'attachment; filename="history-party-[-a-f0-9]+-\d{4}-\d\d-\d\d\.csv"', plain
    )
    assert unquote(coded).startswith(f"history-party-{foundry}-")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    registered = of_event(
        list(csv.DictReader(io.StringIO(answer.text, newline=""))), "PartyRegistered"
    )
    assert f"party: {foundry}" in registered["parties"]
    assert f"account: {foundry}" in registered["parties"]


def test_pages_of_files_follow_each_other(world: World) -> None:
    receivable, _ = world.confirmed()
    whole = read(world, receivable=receivable)
    hashes: list[str] = []
    answer: httpx.Response | None = None
    while answer is None or "x-next-cursor" in answer.headers:
        query: dict[str, str | int] = {"receivable": receivable, "format": "xlsx", "limit": 2}
        if answer is not None:
            query["cursor"] = answer.headers["x-next-cursor"]
        answer = world.http.get(PATH, params=query, headers=world["auditor"].headers)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["history"]
        column = [str(cell.value) for cell in sheet["A"][1:]]
        if "x-next-cursor" in answer.headers:
            following = answer.headers["x-next-cursor"]
            assert column.pop() == f"The history goes on after position {following}."
        hashes += column
    assert hashes == [row["position"] for row in whole]
    assert "-after-" in answer.headers["content-disposition"]


def test_an_empty_history_is_a_table_without_rows(world: World) -> None:
    receivable, _ = world.confirmed()
    text = world["auditor"].text(
        PATH, receivable=receivable, event="ReceivableDefaulted", format="csv"
    )
    assert text.startswith("position,time (UTC),block,contract,event,what,parties,amount,currency")
    assert text.count("\r\n") == 1


def test_history_of_a_whole_ledger_has_no_unexplained_number(world: World) -> None:
    rows = read(world)
    assert rows
    for row in rows:
        if row["currency"]:
            digits = DIGITS[row["currency"]]
            assert len(row["amount"].partition(".")[2]) == digits, row
        assert not re.search(r"minor units(?! of 0x)", row["details"]), row


# ------------------------------------------------------------------ words


def arguments_of(item: Json, above: str = "") -> Iterator[tuple[str, str]]:
    parts: list[Json] = item.get("components") or item.get("inputs") or []
    for part in parts:
        if "components" in part:
            yield from arguments_of(part, f"{above}{part['name']}.")
        else:
            yield f"{above}{part['name']}", part["type"].removesuffix("[]")


def test_each_number_of_each_event_has_a_kind_that_its_type_can_carry() -> None:
    missing, wrong, used = set(), set(), set()
    for path in sorted((ROOT / "build" / "contracts").glob("*.json")):
        contract = path.stem.removeprefix("I")
        for item in json.loads(path.read_text())["abi"]:
            if item["type"] != "event":
                continue
            for name, solidity in arguments_of(item):
                kind = kind_of(contract, item["name"], name)
                last = name.rpartition(".")[2]
                used |= {f"{item['name']}.{name}", f"{contract}.{last}", name, last}
                if not solidity.startswith("uint"):
                    continue
                if kind is None:
                    missing.add((item["name"], name, solidity))
                elif solidity not in SIZES.get(kind, {solidity}):
                    wrong.add((item["name"], name, solidity, kind))
    assert missing == set()
    assert wrong == set()
    assert set(KINDS) - used == set(), "names that no event has"


def test_values_are_written_by_kind() -> None:
    terms = {
        "currency": TOKEN,
        "limit": 100,
        "annualRate": 72_000,
        "lastDay": 20_783,
        "deadline": 0,
        "legalTextHash": "0x" + "5" * 64,
        "revolving": True,
    }
    details = told(
        "FacilityAgreed", {"facilityId": 3, "lender": WHO, "borrower": OTHER, "terms": terms}
    )
    assert details.what == "facility agreed"
    assert details.details.split("; ") == [
        "facility: 3",
        "lender: 令狐铸造",
        "borrower: 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB",
        "currency: CNY",
        "limit: 1.00 EUR",
        "annual rate: 7.2%",
        "last day: 2026-11-26",
        "deadline: 1970-01-01T00:00:00Z",
        f"legal text hash: 0x{'5' * 64}",
        "revolving: yes",
    ]
    assert (
        details.parties == "lender: 令狐铸造; borrower: 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "amount"),
    [
        ("PaymentReceived", {"receivableId": 1, "principal": 100, "lateCharge": 7}, "1.07"),
        ("LoanRepaid", {"parts": {"costs": 1, "interest": 2, "fee": 4}, "outstanding": 50}, "0.07"),
        ("LoanDefaulted", {"loanId": 1, "outstanding": 123_456, "day": 5}, "1234.56"),
        ("Approval", {"value": 2**256 - 1}, "None"),
        ("LoanEnded", {"loanId": 1, "day": 5}, "None"),
    ],
)
def test_an_events_amount_is_its_payment_or_its_first_sum(
    name: str, arguments: dict[str, Any], amount: str
) -> None:
    assert str(told(name, arguments).amount) == amount


def test_goods_are_quantities_and_unknown_tokens_make_no_amount() -> None:
    counted = told("StockCounted", {"counted": 1500, "outstanding": 2000}, currency=None)
    assert (counted.details, counted.amount) == ("counted: 1.500; outstanding: 2.000", None)
    reduced = told("CollateralReduced", {"kind": 3, "id": 4, "value": 1500})
    assert reduced.details == "kind: warehouse receipt; id: 4; value: 1.500"
    strange = told("LoanDefaulted", {"outstanding": 5}, currency=TOKEN)
    assert (strange.amount, strange.details) == (None, f"outstanding: 5 minor units of {TOKEN}")
    assert told("Approval", {"value": 2**256 - 1}).details == "value: without limit"


def test_names_are_written_in_words() -> None:
    assert words_of("LateChargeRemainderPaid") == "late charge remainder paid"
    assert words_of("_fromTokenId") == "from token"
    assert words_of("EIP712DomainChanged") == "EIP712 domain changed"
    assert words_of("id") == "id"
    assert told("RolesSet", {"partyId": 5, "roles": 3}).details == (
        "party: Castor; roles: supplier and buyer"
    )
