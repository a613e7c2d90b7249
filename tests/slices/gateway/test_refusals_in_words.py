"""A refusal has amounts in their currency, parties by name, and terms in words, wherever it is."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

from app.gateway import formats
from app.gateway.languages import CHINESE, ENGLISH, NAME, ct, current
from app.gateway.naming import plain
from tests.support.bodies import Json
from tests.support.lending import lent
from tests.support.world import World

CONTRACTS = Path(__file__).parents[3] / "contracts"
#: Names that a contract's error carries: of a term, a field or a limit.
_CARRIED = re.compile(
    r'(?:OutOfRange|FieldMissing|LimitExceeded|_within|_requireMax|_require\w*)\("([A-Za-z]{2,})"'
)


def unpaid(world: World, language: str) -> Json:
    """The problem document of a transfer of more than the supplier has."""
    body = {
        "toPartyId": world.parties["buyer"],
        "amount": {"amount": "99999999.50", "currency": "CNY"},
    }
    headers = {
        "Accept-Language": language,
        "Idempotency-Key": uuid.uuid4().hex,
        "Prefer": "wait=50",
    }
    answer = world.http.post(
        "/v1/cash/CNY/transfers", json=body, headers=world["supplier"].headers | headers
    )
    assert answer.status_code == 409, answer.text
    problem: Json = answer.json()
    return problem


@pytest.mark.parametrize(
    ("language", "amount"), [("en", "99,999,999.50 CNY"), ("zh-CN", "99,999,999.50")]
)
@pytest.mark.parametrize("by", ["supplier", "auditor"])
def test_an_operation_says_later_too_which_party_lacks_how_much_money(
    world: World, language: str, amount: str, by: str
) -> None:
    problem = unpaid(world, language)
    name = world["supplier"].get(f"/v1/parties/{world.parties['supplier']}").body["name"]
    operation = problem["operation"]["id"]
    headers = world[by].headers | {"Accept-Language": language}
    later = world.http.get(f"/v1/operations/{operation}", headers=headers).json()
    listed = world.http.get("/v1/operations?state=rejected&limit=1", headers=headers).json()
    (first,) = listed["items"]
    for words in (problem["detail"], later["error"]["message"], first["error"]["message"]):
        assert amount in words and name in words, words
        assert "minor units" not in words and "最小单位" not in words and "0x" not in words
    account = later["error"]["arguments"]["sender"]
    assert account.startswith("0x"), "programs still get the account"


def test_a_refusal_without_money_in_its_request_has_the_currency_of_its_thing(
    world: World,
) -> None:
    facility, _, _ = lent(world, "500.00")
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    path = f"/v1/facilities/{facility}"
    answer = world.http.delete(path, headers=world["bank"].headers | headers)
    assert answer.json()["detail"] == (
        f"the ledger refuses: loans of 500.00 CNY under facility {facility} are not repaid yet"
    )


def test_every_term_that_an_error_of_the_contracts_names_has_chinese_words() -> None:
    named = {
        name for file in CONTRACTS.rglob("*.sol") for name in _CARRIED.findall(file.read_text())
    }
    assert {"limit", "tradeLimit", "attestedLimit", "flatFee"} <= named
    spoken = current.set(CHINESE)
    try:
        without = sorted(name for name in named if ct(NAME, plain(name)) == plain(name))
    finally:
        current.reset(spoken)
    assert without == []


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_amounts_that_no_ledger_has_are_written_all_the_same(language: str) -> None:
    # The code of a receiver can answer with any error, and any numbers in it.
    spoken = current.set(language)
    try:
        text = formats.money({"amount": f"{2**256 - 1}.99", "currency": "CNY"})
    finally:
        current.reset(spoken)
    assert text.endswith(".99") and text.replace(",", "")[:-3].endswith(str(2**256 - 1))
