"""Credit cases on the pages: a rater opens, the party consents, the steps follow, a tier stands."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, get_args

import pytest

from app.gateway.signing import terms_for
from app.lending.evaluations.schemas import FileKindName
from app.pages.views.credit_evidence import FILES
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.desk import Desk
from tests.support.evaluations import (
    PATH,
    ROOT,
    decided,
    month_ago,
    opened,
    sales_table,
    second_person,
    thin_file,
)
from tests.support.visitor import Visitor, form_of, value_of
from tests.support.wallets import location_number, own_wallet, signed_operation
from tests.support.world import World, ended


@pytest.fixture
def rater(world: World) -> Iterator[Visitor]:
    with Visitor(world) as visitor:
        visitor.sign_in("rater")
        yield visitor


@pytest.fixture
def second(world: World) -> Iterator[Visitor]:
    """A second person of the rater."""
    world.callers["second-rater"] = second_person(world)
    with Visitor(world) as visitor:
        visitor.sign_in("second-rater")
        yield visitor


def new_party(world: World, role: str) -> tuple[str, Any]:
    """A party that no other test knows, by its name in the world, and its wallet."""
    number = location_number()
    wallet, world.callers[number] = own_wallet(world, role=role, api_role=role, legal_id=number)
    return number, wallet


def stepped(visitor: Visitor, path: str, fields: Mapping[str, str], *, status: int = 303) -> str:
    """What the page answers to the form of a step: where it goes, or what it says."""
    text, key = form_of(visitor, path)
    shown = {"stepsTaken": value_of(text, "stepsTaken") or ""}
    answer = visitor.post(path, {"_key": key, **shown, **fields})
    assert answer.status_code == status, answer.text
    return str(answer.headers.get("location") or answer.text)


FAULT = '<p class="fault"'


def uploaded(
    visitor: Visitor,
    case: str,
    fields: Mapping[str, str],
    files: Mapping[str, bytes] | None = None,
    *,
    status: int = 303,
) -> str:
    """What the page answers to the evidence of a case: where it goes, or what it says."""
    text, key = form_of(visitor, f"/app/credit/{case}/identification")
    token = re.findall(r'name="_csrf" value="([^"]+)"', text)[0]
    shown = {"_csrf": token, "_key": key, "stepsTaken": value_of(text, "stepsTaken") or ""}
    answer = visitor.http.post(
        f"/app/uploads/credit-evidence/{case}",
        data={**shown, **fields},
        files={name: (f"{name}.csv", content) for name, content in (files or {"": b""}).items()},
        headers={"Origin": visitor.origin},
    )
    assert answer.status_code == status, answer.text
    return str(answer.headers.get("location") or answer.text)


def written(item: Json) -> str:
    """An item of evidence as a line of the form."""
    value = item["value"]
    if isinstance(value, Mapping):
        value = f"{value['amount']} {value['currency']}"
    cells = [item["feature"], value, f'"{item["source"]}, as a copy"', item["asOf"], item["hash"]]
    return ",".join(map(str, cells))


def test_a_case_goes_from_typed_evidence_to_a_tier_on_the_ledger(
    rater: Visitor, second: Visitor
) -> None:
    world = rater.world
    subject, _ = new_party(world, "supplier")
    number = opened(world, subject)
    base = f"/app/credit/{number}"
    lines = "\n".join(written(item) for item in thin_file(world, subject))
    heading = "feature,value,source,asOf,hash\n"
    said = uploaded(rater, number, {"items": lines + "\n\nnothing"}, status=422)
    assert "Line 10 does not have 5 cells." in said
    uploaded(rater, number, {"items": heading + lines})
    stepped(rater, f"{base}/analysis", {"note": "a thin file"})
    stepped(rater, f"{base}/quantification", {"note": ""})
    stepped(rater, f"{base}/decision", {})
    assert f"{base}/attestation" not in rater.get(base).text
    assert rater.get(f"{base}/pack").status_code == 409
    stepped(second, f"{base}/confirmation", {"outcome": "confirmed"})

    case = world["rater"].get(PATH + base.removeprefix("/app/credit")).body
    (identified,) = (step for step in case["steps"] if step["step"] == "identify")
    assert identified["inputs"]["items"][0]["source"] == "file of the party, as a copy"
    assert (case["result"]["tier"], case["attested"]) == (3, False)
    shown = rater.get(base).text
    assert f'href="{base}/pack"' in shown
    pack = rater.get(f"{base}/pack")
    assert pack.headers["content-disposition"].startswith("attachment;")
    assert pack.json() == world["rater"].get(f"{PATH}/{case['id']}/pack").body
    assert f'href="{base}/attestation"' in shown
    text, _ = form_of(rater, f"{base}/attestation")
    assert 'id="to-sign"' in text and "CN¥50,000.00" in text
    operation = stepped(rater, f"{base}/attestation", {}).rpartition("/")[2]
    ended(world["rater"], operation)
    assert world["rater"].get(f"/v1/credit/{world.parties[subject]}").body["tier"] == 3
    assert f"{base}/attestation" not in rater.get(base).text
    with Visitor(world) as party:
        party.sign_in(subject)
        page = party.get(base).text
        assert f"{base}/attestation" not in page and f"{base}/pack" not in page
        assert party.get(f"{base}/attestation").status_code == 403
        assert party.get(f"{base}/pack").status_code == 403


def test_the_form_takes_every_kind_of_file() -> None:
    assert list(FILES) == list(get_args(FileKindName))


def test_files_are_evidence_byte_by_byte_and_problems_stand_at_their_fields(
    rater: Visitor,
) -> None:
    world = rater.world
    subject = world["auditor"].get(f"/v1/parties/{world.parties['vega']}").body
    card = (ROOT / "scorecards" / "statements.yaml").read_text()
    case = opened(world, "vega", card=card)
    tax = (
        "company,certificate,periodFrom,periodTo,issued,status,arrears,currency\r\n"
        f"{subject['legalId']['value']},税务-118,{day(-400)},{day(-40)},{day(-9)},A,,\r\n"
    ).encode()
    sales = b"month,sales,returns\n2026-02,182000.00,4100.00\n"
    assert uploaded(rater, case, {}, {"tax": tax, "salesFile": sales}, status=422).count(FAULT) == 1
    said = uploaded(
        rater, case, {"source": "the party"}, {"tax": tax, "feedback": b"nothing"}, status=422
    )
    assert 'id="feedback-fault"' in said and 'id="tax-fault"' not in said
    assert value_of(said, "source") == "the party", "nothing typed is lost"
    latin = uploaded(rater, case, {}, {"tax": "税".encode("gbk")}, status=422)
    assert "UTF-8" in latin and 'id="tax-fault"' in latin
    item = f"yearly-sales,x,a file,{day(-1)},0x{'a1' * 32}"
    wrong = uploaded(rater, case, {"items": f"\n{item}\n\n{item[:-1]}"}, status=422)
    assert "Line 4: " in wrong and 'id="items-fault"' in wrong
    tax = codecs.BOM_UTF8 + tax  # as Excel saves it
    uploaded(rater, case, {"source": "the party"}, {"tax": tax})
    step = world["rater"].get(f"{PATH}/{case}").body["steps"][-1]
    items = step["inputs"]["items"]
    assert items
    assert {item["hash"] for item in items} == {"0x" + hashlib.sha256(tax).hexdigest()}
    assert all(item["source"].startswith("the party: ") for item in items)


def test_a_platforms_table_is_evidence_with_a_source_of_its_own(rater: Visitor) -> None:
    world = rater.world
    case = opened(world, "vega", tradingSince=month_ago(9) + "-01")
    table = sales_table(world)["content"].encode()
    sent = {"salesSource": "report of the platform", "fromLedger": "true"}
    uploaded(rater, case, sent, {"salesFile": table})
    step = world["rater"].get(f"{PATH}/{case}").body["steps"][-1]
    ours = {item["feature"]: item for item in step["inputs"]["items"]}
    assert step["inputs"]["fromLedger"] is True
    assert ours["yearly-sales"]["hash"] == "0x" + hashlib.sha256(table).hexdigest()
    assert ours["yearly-sales"]["source"].startswith("report of the platform")


def test_a_rater_with_its_own_wallet_signs_the_attestation(world: World) -> None:
    subject, _ = new_party(world, "supplier")
    name, wallet = new_party(world, "rater")
    caller, other = world[name], second_person(world, name)
    world.callers["rater"], shared = caller, world.callers["rater"]
    try:
        identifier = decided(world, subject)
    finally:
        world.callers["rater"] = shared
    case = f"{PATH}/{identifier}"
    other.post(f"{case}/confirmation", {"outcome": "confirmed", "stepsTaken": 5})
    typed = caller.get(f"{case}/pack").body["attestation"]["typedData"]
    terms = terms_for(
        world.server.gateway, "CreditRegistry", typed["primaryType"], typed["message"]
    )
    path = f"/app/credit/{identifier}/attestation"
    with Visitor(world) as own:
        own.sign_in(name)
        text, key = form_of(own, path)
        shown = re.search(r'data-typed-data="([^"]*)"', text)
        assert shown is not None and json.loads(unescape(shown[1])) == typed
        signature = "0x" + wallet.sign_hash(terms.digest()).hex()
        answer = own.post(path, {"_key": key, "signature": signature})
    operation = f"/v1/operations/{answer.headers['location'].rpartition('/')[2]}"
    prepared = {"operation": caller.get(operation).body}
    prepared |= caller.get(f"{operation}/typed-data").body
    signed_operation(world, wallet, caller, prepared)
    assert caller.get(case).body["attested"] is True


def test_party_consents_before_the_rater_takes_a_step(desk: Desk) -> None:
    rater = desk.signed_in("rater")
    rater.goto("/app/credit")
    rater.get_by_role("link", name="Open a credit case").click()
    rater.get_by_label("Party", exact=True).select_option("Vega Coatings Co., Ltd.")
    rater.get_by_label("Purpose").fill("limit for purchase credit")
    rater.get_by_label("Scorecard").fill((ROOT / "scorecards" / "trade.yaml").read_text())
    rater.get_by_role("button", name="Open the case").click()
    rater.get_by_role("heading", name="Credit case of Vega").wait_for()
    address = rater.url
    desk.check_accessibility(rater)

    vega = desk.signed_in("vega", language="zh-CN", width=360, dark=True)
    vega.goto(address)
    desk.check_width(vega)
    desk.check_accessibility(vega)
    vega.locator(".actions a").first.click()
    vega.locator("form[data-once] button.btn-primary").click()
    vega.wait_for_url(address)

    rater.goto(address)
    rater.get_by_role("link", name="Take the next step").click()
    rater.get_by_label("Add what the ledger knows").check()
    rater.get_by_role("button", name="Take the step").click()
    rater.wait_for_url(address)
    case = desk.world["rater"].get(f"/v1/credit/evaluations/{address.rpartition('/')[2]}").body
    assert case["nextStep"] == "analyse"
