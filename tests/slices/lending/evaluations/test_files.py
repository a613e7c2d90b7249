"""Files of a party as evidence: of the party itself, in time, not of the rater's owner."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import Any

import pytest

from app.domain.scoring.evidence_files import FILE_KINDS
from app.domain.scoring.file_rows import MAX_BYTES
from app.lending.evaluations.pack_check import Expected, read_pack, verify_credit_pack
from tests.support.bodies import Json
from tests.support.days import day
from tests.support.evaluations import (
    PATH,
    ROOT,
    identified,
    item,
    opened,
    second_person,
    thin_file,
)
from tests.support.evidence_files import moved
from tests.support.officials import official_sends
from tests.support.world import IDS, World, cny, refused

CARD = (ROOT / "scorecards" / "statements.yaml").read_text()
RATER = IDS["rater"]


def file_of(
    world: World, kind: str, *, party: str = "vega", as_of: int = -1, **changed: Any
) -> Json:
    """A sample about a party, its newest day moved to so many days from today."""
    content = moved(kind, company=IDS[party][1], day=day(as_of))
    return {
        "kind": kind,
        "content": content,
        "partyId": world.parties[party],
        "source": "handed in by the party",
        **changed,
    }


def all_files(world: World) -> list[Json]:
    return [file_of(world, kind) for kind in FILE_KINDS]


def case_of(world: World, party: str = "vega", **changed: Any) -> str:
    """A case under the card that asks for files."""
    return opened(world, party, card=CARD, tradingSince=None, **changed)


def problem_with(world: World, *files: Json, **more: Any) -> Json:
    """The problem of a new case with these files; no step is taken."""
    identifier = case_of(world)
    body = {"fromLedger": False, "files": list(files), **more}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert world["rater"].get(f"{PATH}/{identifier}").body["nextStep"] == "identify"
    return problem


def name_of(problem: Json) -> str:
    return str(problem["type"]).rpartition(":")[2]


def told(problem: Json) -> tuple[int, str, str]:
    """Status, name and field of a problem."""
    assert problem["fix"]
    return problem["status"], name_of(problem), problem["field"]


# -- what files become


def test_each_figure_becomes_an_item_with_source_day_hash_and_consent(world: World) -> None:
    identifier = case_of(world)
    files = all_files(world)
    case = identified(world, identifier, [], files=files)
    step = case["steps"][-1]
    items = {each["feature"]: each for each in step["inputs"]["items"]}
    assert {name: items[name]["value"] for name in sorted(items)} == {
        "complaint-share": "1.1765%",
        "current-ratio": "150%",
        "debt-share": "50%",
        "feedback-partners": 3,
        "late-deliveries": "4.5455%",
        "net-margin": "4.77%",
        "old-stock-share": "29.0238%",
        "ownership": "confirmed",
        "partner-score": "88.3333%",
        "profit-to-interest": "500%",
        "receivable-days": 61,
        "registration-months": items["registration-months"]["value"],
        "registration-state": "active",
        "revenue-change": "25%",
        "short-deliveries": "1.8182%",
        "stock-days": 102,
        "tax-arrears": cny("0.00"),
        "tax-standing": "A",
    }
    assert items["registration-months"]["value"] in (45, 46), "months differ in length"
    stock = items["stock-days"]
    assert stock["asOf"] == day(-1)
    assert stock["party"] == world.parties["vega"]
    assert stock["source"] == "handed in by the party: 4 lots of stock"
    assert stock["consent"]["withdrawn"] is None
    assert "TG-61-118" in items["tax-standing"]["source"]
    for file, shown in zip(files, step["result"]["files"], strict=True):
        digest = "0x" + hashlib.sha256(str(file["content"]).encode()).hexdigest()
        assert (shown["kind"], shown["hash"]) == (file["kind"], digest)
        assert {items[name]["hash"] for name in shown["known"]} == {digest}
    not_in_card = {each["kind"]: each["notInCard"] for each in step["result"]["files"]}
    assert not_in_card["stock"] == ["stock-value"], "the card does not ask for it"
    assert step["result"]["known"] == [name for name in step["result"]["known"] if name in items]


def test_what_a_file_does_not_say_is_unknown_and_not_zero(world: World) -> None:
    identifier = case_of(world)
    header, _grade, arrears = str(file_of(world, "tax")["content"]).splitlines()
    file = file_of(world, "tax", content=f"{header}\n{arrears}")
    result = identified(world, identifier, [], files=[file])["steps"][-1]["result"]
    assert result["known"] == ["tax-arrears"]
    assert "tax-standing" in result["unknown"]
    assert result["files"][0]["unknown"] == ["tax-standing"]


def test_a_thin_file_names_the_files_that_help_and_the_best_one_first(world: World) -> None:
    identifier = case_of(world)
    result = identified(world, identifier, [])["steps"][-1]["result"]
    files = {each["document"]: each["files"] for each in result["missing"]}
    assert files == {
        "ledger": [],
        "platform-sales": ["sales"],
        "tax-certificate": ["tax"],
        "business-register": ["registration"],
        "stock-list": ["stock"],
        "partner-feedback": ["feedback"],
        "financial-statements": ["statements"],
    }
    helps = [each["confidence"] for each in result["missing"]]
    assert helps == sorted(helps, reverse=True)
    other = case_of(world)
    less = identified(world, other, [], files=[file_of(world, "statements")])
    after = less["steps"][-1]["result"]
    assert after["confidence"] > result["confidence"] == 0
    assert "financial-statements" not in {each["document"] for each in after["missing"]}


def test_files_lift_a_thin_file_to_a_better_tier_and_its_pack_holds(world: World) -> None:
    identifier, other = opened(world, card=CARD), second_person(world)
    items = [each for each in thin_file(world) if each["feature"] != "registration-months"]
    identified(world, identifier, items, files=all_files(world))
    for command in ("analysis", "quantification"):
        case = world["rater"].post(f"{PATH}/{identifier}/{command}", {}).body
    result = case["steps"][-1]["result"]
    # 146 of 164 weights are known; 1,234,567.89 x 20 % x 9 / 24 x (1 - 8.5 %), down to a thousand
    assert (result["points"], result["confidence"]) == (1185, 890_243)
    assert (result["tier"], result["limit"]) == (2, cny("84000.00"))
    world["rater"].post(f"{PATH}/{identifier}/decision", {})
    body = {"outcome": "confirmed", "stepsTaken": 5}
    case = other.post(f"{PATH}/{identifier}/confirmation", body).body
    missing = world["vega"].get(f"{PATH}/{identifier}").body["result"]["missing"]
    assert [each["document"] for each in missing] == ["ledger", "platform-sales"]
    assert missing[1]["files"] == ["sales"], "the party learns which file would help"
    pack = world["rater"].get(f"{PATH}/{identifier}/pack").body
    verified = verify_credit_pack(read_pack(json.dumps(pack).encode()), Expected())
    assert [check.name for check in verified.checks if not check.holds] == ["signature"]


def test_the_trade_card_takes_what_it_asks_for(world: World) -> None:
    identifier = opened(world, tradingSince=None)
    result = identified(world, identifier, [], files=all_files(world))["steps"][-1]["result"]
    assert result["known"] == ["tax-standing", "registration-months", "ownership"]
    assert next(each for each in result["files"] if each["kind"] == "stock")["known"] == []


# -- what is refused


@pytest.mark.parametrize("kind", sorted(FILE_KINDS))
def test_evidence_of_another_party_is_refused(world: World, kind: str) -> None:
    other = file_of(world, kind, party="castor", partyId=world.parties["vega"])
    problem = problem_with(world, other)
    assert told(problem) == (422, "of-another-party", "files.0.content")
    assert IDS["castor"][1] in problem["detail"]
    mine = file_of(world, kind)
    problem = problem_with(world, mine, file_of(world, kind, partyId=world.parties["castor"]))
    assert problem["status"] == 422
    assert {"of-another-party", "contradictory"} >= {each["name"] for each in problem["problems"]}
    problem = problem_with(world, mine | {"partyId": world.parties["castor"]})
    assert told(problem) == (422, "of-another-party", "files.0.partyId")


@pytest.mark.parametrize(
    ("kind", "days", "name"),
    [
        *((kind, 3, "in-the-future") for kind in ("stock", "feedback", "tax", "registration")),
        ("statements", 93, "in-the-future"),  # its last period ends 90 days before the others
        ("stock", -92, "stale"),
        ("feedback", -182, "stale"),
        ("tax", -402, "stale"),
        ("registration", -182, "stale"),
        ("statements", -412, "stale"),
    ],
)
def test_a_file_of_tomorrow_and_a_stale_one_are_refused(
    world: World, kind: str, days: int, name: str
) -> None:
    problem = problem_with(world, file_of(world, kind, as_of=days))
    assert told(problem) == (422, name, "files.0")


def test_two_files_about_one_figure_are_refused(world: World) -> None:
    stock = file_of(world, "stock")
    problem = problem_with(world, stock, stock)
    assert told(problem) == (422, "contradictory", "files.1")
    problem = problem_with(world, file_of(world, "tax"), items=[item(world, "tax-standing", "C")])
    assert told(problem) == (422, "contradictory", "files.0")


def test_a_value_that_the_card_does_not_know_is_refused(world: World) -> None:
    tax = file_of(world, "tax")
    content = str(tax["content"]).replace(",A,,", ",Z,,")
    problem = problem_with(world, tax | {"content": content})
    assert told(problem) == (422, "value-invalid", "files.0")


def test_a_wrong_cell_is_told_by_file_row_and_column(world: World) -> None:
    files = all_files(world)
    place = [file["kind"] for file in files].index("statements")
    content = str(files[place]["content"]).replace("equity,750000.00", "equity,750000.01")
    files[place] = files[place] | {"content": content}
    problem = problem_with(world, *files)
    assert told(problem) == (422, "sheet-unbalanced", f"files.{place}.content")
    assert problem["detail"].startswith("statements file, row 24, column amount: total-assets is")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "gossip"}, "files.0.kind"),
        ({"content": ""}, "files.0.content"),
        ({"content": "x" * (MAX_BYTES + 1)}, "files.0.content"),
        ({"source": ""}, "files.0.source"),
        ({"source": "x" * 201}, "files.0.source"),
        ({"hash": "0x" + "00" * 32}, "files.0.hash"),
        ({"consent": None}, "files.0.consent"),
    ],
)
def test_an_invalid_file_names_its_field(world: World, change: Json, field: str) -> None:
    problem = problem_with(world, file_of(world, "stock") | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_more_than_ten_files_are_refused(world: World) -> None:
    problem = problem_with(world, *[file_of(world, "stock")] * 11)
    assert (problem["status"], problem["field"]) == (422, "files")


# -- what is reported


def test_stock_and_balance_sheet_of_one_day_that_disagree_are_reported(world: World) -> None:
    # The last period of the statements ends 90 days before the newest day of the samples.
    stock, statements = file_of(world, "stock", as_of=-80), file_of(world, "statements", as_of=10)
    step = identified(world, case_of(world), [], files=[stock, statements])["steps"][-1]
    assert step["result"]["disagreements"] == [
        {
            "about": "stock",
            "from": day(-80),
            "to": day(-80),
            "amounts": {"files.0": cny("37900.00"), "files.1": cny("350000.00")},
        }
    ]
    agreeing = stock | {
        "content": f"{str(stock['content']).splitlines()[0]}\n"
        f"{IDS['vega'][1]},{day(-80)},ALL,1,350000.00,CNY,,"
    }
    files = [agreeing, statements]
    step = identified(world, case_of(world), [], files=files)["steps"][-1]
    assert step["result"]["disagreements"] == []


def test_revenue_below_what_the_ledger_shows_is_reported(world: World) -> None:
    world.confirmed(by="pollux", amount="3000.00")
    today = day(0)

    def disagreements(revenue: str, **more: Any) -> list[Json]:
        content = (
            "company,currency,periodFrom,periodTo,item,amount\n"
            f"{IDS['pollux'][1]},CNY,{day(-300)},{today},revenue,{revenue}"
        )
        file = file_of(world, "statements", party="pollux", content=content)
        case = identified(world, case_of(world, "pollux"), [], files=[file], **more)
        result: list[Json] = case["steps"][-1]["result"]["disagreements"]
        return result

    (disagreement,) = disagreements("1.00", fromLedger=True)
    assert disagreement["about"] == "revenue"
    assert (disagreement["from"], disagreement["to"]) == (day(-300), today)
    assert disagreement["amounts"]["files.0"] == cny("1.00")
    assert float(disagreement["amounts"]["fromLedger"]["amount"]) >= 3000
    assert disagreements("900000000.00", fromLedger=True) == []
    assert disagreements("1.00") == [], "the ledger was not asked"


# -- a rater judges neither itself, nor its owner, nor a company that it owns


def registration(world: World, *rows: str) -> Json:
    """An extract about the party with these rows; `{day}` stands for its day."""
    file = file_of(world, "registration")
    head = str(file["content"]).splitlines()[:2]
    return file | {"content": "\n".join((*head, *(row.format(day=day(-1)) for row in rows)))}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"owner,{RATER[1]},Some Name,{{day}},,,0.01%,register", "an owner of the company"),
        (f"controller,{RATER[1].lower()},Some Name,{{day}},,,,stated", "a controller"),
        (f"holding,{RATER[1]},Some Name,{{day}},,,5%,", "a company that it owns a part of"),
        (f'owner,,"{RATER[0].upper()}",{{day}},,,60%,', "an owner of the company"),
        (f"owner,{RATER[1][:6]}/{RATER[1][6:]},Some Name,{{day}},,,60%,", "an owner"),
        (f'owner,X1,"{RATER[0]}",{{day}},,,60%,', "an owner of the company"),
        (f'controller,{IDS["bank"][1]},"{RATER[0]}",{{day}},,,,', "a controller"),
    ],
)
def test_a_rater_that_the_register_relates_to_the_party_is_refused(
    world: World, row: str, words: str
) -> None:
    problem = problem_with(world, file_of(world, "stock"), registration(world, row))
    assert told(problem) == (422, "rater-is-rated", "files.1.content")
    assert f"row 3 names {words}" in problem["detail"]


def test_a_file_about_the_rater_itself_is_refused(world: World) -> None:
    own = file_of(world, "tax", party="rater", partyId=world.parties["vega"])
    problem = problem_with(world, own)
    assert told(problem) == (422, "rater-is-rated", "files.0.content")


def test_other_owners_are_no_obstacle(world: World) -> None:
    owner = f"owner,{IDS['bank'][1]},{IDS['bank'][0].split(',')[0]},{{day}},,,100%,register"
    case = identified(world, case_of(world), [], files=[registration(world, owner)])
    assert "ownership" in case["steps"][-1]["result"]["known"]


def test_an_owner_under_one_control_with_the_rater_is_refused(own_world: World) -> None:
    world = own_world
    for name in ("rater", "bank"):
        party = world["auditor"].get(f"/v1/parties/{world.parties[name]}").body
        number = int(party["ledgerPartyId"])
        official_sends(world, "registrar", "PartyRegistry", "setGroup", [number, 7])
    world.later(1)
    bank, legal_id = IDS["bank"]
    for owner in (
        f"owner,{legal_id},Some Name,{{day}},,,40%,register",
        f"owner,{legal_id[:9]}-{legal_id[9:]},Some Name,{{day}},,,40%,register",
        f'owner,,"{bank}",{{day}},,,40%,register',
    ):
        problem = problem_with(world, registration(world, owner))
        assert told(problem) == (422, "rater-is-rated", "files.0.content"), owner
        assert "under one control with it" in problem["detail"]


def test_an_extract_under_the_party_s_number_and_the_rater_s_name_is_refused(world: World) -> None:
    file = registration(world)
    header, own = str(file["content"]).splitlines()
    (name,) = (cell for cell in next(csv.reader([own])) if "Lishan" in cell)
    file |= {"content": f"{header}\n{own}".replace(name, RATER[0])}
    problem = problem_with(world, file)
    assert told(problem) == (422, "rater-is-rated", "files.0.content")
    assert "row 2 names the company itself" in problem["detail"]


# -- who may hand in files, and who sees them


def test_only_the_rater_of_the_case_hands_in_files(world: World) -> None:
    identifier = case_of(world)
    path = f"{PATH}/{identifier}/identification"
    body = {"fromLedger": False, "files": all_files(world)}
    others = set(world.callers) - {"rater"}
    assert others > {"vega", "bank", "buyer", "warehouse", "auditor", "operator", "regulator"}
    for name in sorted(others):
        assert refused(world[name], path, body)["status"] == 403, name
    assert refused(second_person(world, "altair"), path, body)["status"] == 404
    second_person(world).post(path, body)


def test_nothing_of_a_file_is_read_without_consent(world: World) -> None:
    identifier = case_of(world, consent=False)
    body = {"fromLedger": False, "files": [file_of(world, "stock")]}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert (problem["status"], name_of(problem)) == (409, "consent-missing")
    world["vega"].post(f"{PATH}/{identifier}/consent", {})
    world["vega"].post(f"{PATH}/{identifier}/consent/withdrawal")
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert (problem["status"], name_of(problem)) == (409, "consent-withdrawn")


def test_the_subject_and_strangers_see_nothing_of_the_files(world: World) -> None:
    identifier = case_of(world)
    identified(world, identifier, [], files=all_files(world))
    path = f"{PATH}/{identifier}"
    assert "stock-days" not in str(world["vega"].get(path).body)
    assert "stock-days" in str(world["auditor"].get(path).body)
    for name in ("castor", "bank", "buyer", "registrar"):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == 404, name
