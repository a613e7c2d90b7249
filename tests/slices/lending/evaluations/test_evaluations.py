"""Evaluations through the API: six steps, two persons, consent, evidence, and who sees what."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from app.lending.evaluations.pack_check import Expected, read_pack, verify_credit_pack
from tests.support.bodies import Json
from tests.support.days import day, ledger_today
from tests.support.evaluations import (
    PATH,
    THIN,
    decided,
    identified,
    item,
    month_ago,
    opened,
    quantified,
    sales_table,
    second_person,
    thin_file,
)
from tests.support.world import World, cny, refused

BODIES: dict[str, Json] = {
    "identification": {"items": [], "fromLedger": False},
    "analysis": {"note": ""},
    "quantification": {"note": ""},
    "decision": {},
    "confirmation": {"outcome": "confirmed", "stepsTaken": 5},
}
STEPS = dict(zip(("identify", "analyse", "quantify", "decide", "confirm"), BODIES, strict=True))


def name_of(problem: Json) -> str:
    return str(problem["type"]).rpartition(":")[2]


def checks_of(world: World, identifier: str) -> dict[str, tuple[bool, str]]:
    """The checks of a case's pack, which is not signed yet."""
    pack = world["rater"].get(f"{PATH}/{identifier}/pack").body
    verified = verify_credit_pack(read_pack(json.dumps(pack).encode()), Expected())
    return {check.name: (check.holds, check.detail) for check in verified.checks}


# -- the six steps


def test_six_steps_lead_to_the_root_that_the_rater_signs(world: World) -> None:
    rater, other = world["rater"], second_person(world)
    identifier = opened(world, "castor", consent=False)
    path = f"{PATH}/{identifier}"
    case = rater.get(path).body
    assert (case["nextStep"], case["consent"], case["result"]) == ("identify", None, None)
    assert case["steps"][0]["result"]["card"]["name"] == "trade"
    assert "card" not in case["steps"][0]["inputs"]

    world["castor"].post(f"{path}/consent", {"until": day(30)})
    case = identified(world, identifier, thin_file(world, "castor"))
    result = case["steps"][-1]["result"]
    assert result["confidence"] == THIN["confidence"]
    assert "tax-standing" in result["unknown"]
    assert "yearly-sales" in result["known"]
    helps = [missing["confidence"] for missing in result["missing"]]
    assert helps == sorted(helps, reverse=True)
    assert helps[0] > 0

    case = rater.post(f"{path}/analysis", {"note": "sales are seasonal"}).body
    features = {part["feature"]: part for part in case["steps"][-1]["result"]["features"]}
    assert features["tax-standing"]["value"] is None
    assert features["tax-standing"]["points"] == 15, "unknown has points of its own"
    case = rater.post(f"{path}/quantification", {}).body
    result = case["steps"][-1]["result"]
    assert {name: result[name] for name in THIN} == THIN
    case = rater.post(f"{path}/decision", {}).body
    assert case["steps"][-1]["result"]["overridden"] is False
    assert (case["nextStep"], case["result"]) == ("confirm", None)

    case = other.post(f"{path}/confirmation", {"outcome": "confirmed", "stepsTaken": 5}).body
    assert case["nextStep"] is None
    assert [step["step"] for step in case["steps"]] == ["scope", *STEPS]
    assert {step["person"] for step in case["steps"][:-1]} == {"demo"}
    assert case["steps"][-1]["person"] == other.name
    root = case["result"]["evidenceRoot"]
    assert (case["result"]["tier"], case["result"]["limit"]) == (3, THIN["limit"])
    assert case["attested"] is False

    checks = checks_of(world, identifier)
    assert [name for name, (holds, _) in checks.items() if not holds] == ["signature"]
    attestation = case["steps"][-1]["result"]["attestation"]
    rater.command("/v1/credit", attestation)
    credit = rater.get(f"/v1/credit/{world.parties['castor']}").body
    assert (credit["evidenceRoot"], credit["tier"]) == (root, 3)
    assert rater.get(path).body["attested"] is True


def test_steps_are_taken_in_their_order_only(world: World) -> None:
    rater, other = world["rater"], second_person(world)
    identifier = opened(world)
    for place, (step, command) in enumerate(STEPS.items()):
        for later in list(BODIES)[place + 1 :]:
            problem = refused(rater, f"{PATH}/{identifier}/{later}", BODIES[later])
            assert (problem["status"], name_of(problem)) == (409, "step-out-of-order")
            assert step in problem["detail"]
        caller = other if step == "confirm" else rater
        body = BODIES[command]
        if step == "identify":
            body = body | {"items": thin_file(world)}
        caller.post(f"{PATH}/{identifier}/{command}", body)
        again = refused(caller, f"{PATH}/{identifier}/{command}", body)
        assert name_of(again) == "step-out-of-order", "no step is taken twice"


def test_who_decides_does_not_confirm(world: World) -> None:
    identifier = decided(world)
    path = f"{PATH}/{identifier}/confirmation"
    for outcome in ("confirmed", "returned"):
        body = {"outcome": outcome, "stepsTaken": 5, "reason": "x"}
        problem = refused(world["rater"], path, body)
        assert (problem["status"], name_of(problem)) == (409, "decider-confirms")
    assert world["rater"].get(f"{PATH}/{identifier}").body["nextStep"] == "confirm"
    second_person(world).post(path, {"outcome": "confirmed", "stepsTaken": 5})


def test_an_override_needs_a_reason_and_stands_in_record_and_pack(world: World) -> None:
    identifier = quantified(world)
    path = f"{PATH}/{identifier}/decision"
    override = {"tier": 4, "limit": cny("20000.00")}
    for reason in (None, "  "):
        problem = refused(world["rater"], path, override | {"reason": reason})
        assert (problem["status"], problem["field"]) == (422, "reason"), problem
    reason = "its largest buyer closes a plant"
    case = world["rater"].post(path, override | {"reason": reason}).body
    step = case["steps"][-1]
    assert step["inputs"]["reason"] == reason
    assert (step["result"]["computedTier"], step["result"]["tier"]) == (3, 4)
    assert step["result"]["computedLimit"] == THIN["limit"]
    other = second_person(world)
    body = {"outcome": "confirmed", "stepsTaken": 5}
    case = other.post(f"{PATH}/{identifier}/confirmation", body).body
    assert case["result"]["overridden"] is True
    assert (case["result"]["tier"], case["result"]["limit"]) == (4, cny("20000.00"))
    checks = checks_of(world, identifier)
    assert [name for name, (holds, _) in checks.items() if not holds] == ["signature"]
    assert reason in checks["override"][1]
    attestation = case["steps"][-1]["result"]["attestation"]
    assert (attestation["tier"], attestation["limit"]) == (4, cny("20000.00"))


def test_a_tier_of_its_own_gets_the_limit_of_the_formula(world: World) -> None:
    identifier = quantified(world)
    body = {"tier": 4, "reason": "a new owner"}
    case = world["rater"].post(f"{PATH}/{identifier}/decision", body).body
    # 1,234,567.89 x 6 % x 9 / 24 x (1 - 8.5 %), rounded down to a thousand
    assert case["steps"][-1]["result"]["limit"] == cny("25000.00")


def test_what_the_card_gives_needs_no_reason(world: World) -> None:
    identifier = quantified(world)
    body = {"tier": 3, "limit": THIN["limit"]}
    case = world["rater"].post(f"{PATH}/{identifier}/decision", body).body
    assert case["steps"][-1]["result"]["overridden"] is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tier": 0}, "tier"),
        ({"tier": 6}, "tier"),
        ({"limit": {"amount": "1.00", "currency": "USD"}}, "limit.currency"),
        ({"limit": cny("5000000.01")}, "limit.amount"),
        ({"limit": cny("90000000000000.00"), "tier": 1}, "limit.amount"),
        ({"limit": cny("0.01"), "tier": 5}, "limit.amount"),
        ({"limit": cny("-1.00")}, "limit.amount"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_invalid_decision_names_its_field(world: World, change: Json, field: str) -> None:
    identifier = quantified(world)
    body = {"reason": "so"} | change
    problem = refused(world["rater"], f"{PATH}/{identifier}/decision", body)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_the_greatest_limit_of_the_card_is_decided_and_verified(world: World) -> None:
    identifier = quantified(world)
    override = {"tier": 1, "limit": cny("5000000.00"), "reason": "its bank stands in"}
    world["rater"].post(f"{PATH}/{identifier}/decision", override)
    other = second_person(world)
    other.post(f"{PATH}/{identifier}/confirmation", {"outcome": "confirmed", "stepsTaken": 5})
    checks = checks_of(world, identifier)
    assert [name for name, (holds, _) in checks.items() if not holds] == ["signature"]


def test_a_returned_case_goes_on_from_an_earlier_step(world: World) -> None:
    identifier, other = decided(world), second_person(world)
    path = f"{PATH}/{identifier}/confirmation"
    silent = refused(other, path, {"outcome": "returned", "stepsTaken": 5})
    assert (silent["status"], silent["field"]) == (422, "reason")
    both = refused(other, path, {"outcome": "confirmed", "stepsTaken": 5, "returnTo": "decide"})
    assert (both["status"], both["field"]) == (422, "returnTo")
    reason = "the tax office is missing"
    body = {"outcome": "returned", "stepsTaken": 5, "returnTo": "identify", "reason": reason}
    assert other.post(path, body).body["nextStep"] == "identify"
    better = [*thin_file(world), item(world, "tax-standing", "A")]
    case = identified(world, identifier, better)
    assert [step["step"] for step in case["steps"]][-2:] == ["confirm", "identify"]
    for command in ("analysis", "quantification", "decision"):
        world["rater"].post(f"{PATH}/{identifier}/{command}", {})
    stale = refused(other, path, {"outcome": "confirmed", "stepsTaken": 5})
    assert (stale["status"], name_of(stale), stale["field"]) == (
        409,
        "evaluation-changed",
        "stepsTaken",
    )
    case = other.post(path, {"outcome": "confirmed", "stepsTaken": 10}).body
    assert case["result"]["confidence"] > int(str(THIN["confidence"]))
    assert len(case["steps"]) == 11, "what was done before stays in the record"


# -- evidence


@pytest.mark.parametrize(
    ("change", "name", "field"),
    [
        ({"asOf": day(5)}, "in-the-future", "items.0.asOf"),
        ({"asOf": day(-500)}, "stale", "items.0.asOf"),
        ({"partyId": "another"}, "of-another-party", "items.0.partyId"),
        ({"feature": "mood"}, "feature-unknown", "items.0.feature"),
        ({"value": "Z"}, "value-invalid", "items.0.value"),
        ({"value": 3}, "value-invalid", "items.0.value"),
        ({"hash": "0x12"}, "bad-input", "items.0.hash"),
        ({"source": ""}, "bad-input", "items.0.source"),
        ({"asOf": "yesterday"}, "bad-input", "items.0.asOf"),
        ({"consent": None}, "bad-input", "items.0.consent"),
    ],
)
def test_bad_evidence_names_its_field(world: World, change: Json, name: str, field: str) -> None:
    identifier = opened(world)
    body = {"items": [item(world, "tax-standing", "A") | change], "fromLedger": False}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert (problem["status"], name_of(problem), problem["field"]) == (422, name, field), problem
    assert world["rater"].get(f"{PATH}/{identifier}").body["nextStep"] == "identify"


@pytest.mark.parametrize(
    "value", ["NaN", "-Infinity", "1e400", "9" * 5000, "1" + "0" * 4000, "[" * 100_000, '{"a":' * 9]
)
def test_a_number_or_depth_that_no_evidence_has_is_refused(world: World, value: str) -> None:
    identifier = opened(world)
    text = json.dumps({"items": [item(world, "months-of-trade", "@")], "fromLedger": False})
    answer = world.http.post(
        f"{PATH}/{identifier}/identification",
        content=text.replace('"@"', value),
        headers={
            **world["rater"].headers,
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(8),
        },
    )
    assert answer.status_code in (400, 422), answer.text[:500]
    assert answer.json()["detail"]


def test_evidence_that_contradicts_itself_is_refused(world: World) -> None:
    identifier = opened(world)
    items = [item(world, "tax-standing", value) for value in ("A", "C")]
    body = {"items": items, "fromLedger": False}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert (name_of(problem), problem["field"]) == ("contradictory", "items.1.feature")


def test_months_of_trade_and_scope_agree(world: World) -> None:
    identifier = opened(world, tradingSince=day(-600))
    body = {"items": thin_file(world), "fromLedger": False}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert (problem["status"], name_of(problem)) == (409, "evidence-disagrees")
    assert "trading-since" in problem["detail"]


@pytest.mark.parametrize("step", ["identification", "analysis", "quantification", "decision"])
def test_a_step_names_the_case_that_was_seen(world: World, step: str) -> None:
    identifier = opened(world)
    for taken, name in enumerate(BODIES, start=1):
        body = BODIES[name] if name != "identification" else {"items": thin_file(world)}
        if name == step:
            path = f"{PATH}/{identifier}/{step}"
            for other in (taken - 1, taken + 1):
                problem = refused(world["rater"], path, body | {"stepsTaken": other})
                assert (problem["status"], problem["field"]) == (409, "stepsTaken")
                assert name_of(problem) == "evaluation-changed"
            assert world["rater"].get(f"{PATH}/{identifier}").body["stepsTaken"] == taken
            world["rater"].post(path, body | {"stepsTaken": taken})
            return
        world["rater"].post(f"{PATH}/{identifier}/{name}", body)


def test_an_empty_file_is_unknown_and_not_zero(world: World) -> None:
    identifier = opened(world, tradingSince=None)
    case = identified(world, identifier, [])
    result = case["steps"][-1]["result"]
    assert (result["known"], result["confidence"]) == ([], 0)
    assert result["missing"][0]["document"] == "ledger", "it would help most"
    for command in ("analysis", "quantification", "decision"):
        world["rater"].post(f"{PATH}/{identifier}/{command}", {})
    other = second_person(world)
    body = {"outcome": "confirmed", "stepsTaken": 5}
    case = other.post(f"{PATH}/{identifier}/confirmation", body).body
    assert (case["result"]["tier"], case["result"]["limit"]) == (5, cny("0.00"))
    assert case["result"]["mainReasons"]
    assert case["steps"][-1]["result"]["attestation"] is None, "a limit of nothing is not attested"


def test_the_ledger_shows_what_it_knows_as_of_a_block(own_world: World) -> None:
    world = own_world
    identifier = opened(world, "supplier", tradingSince=None)
    case = identified(world, identifier, [], fromLedger=True)
    assert case["steps"][-1]["result"]["ledger"] == [], "nothing happened yet: all is unknown"
    first, _ = world.confirmed(amount="3000.00")
    world.confirmed(amount="1000.00")
    world["buyer"].command(f"/v1/receivables/{first}/dispute", {"statement": "wrong goods"})
    identifier = opened(world, "supplier", tradingSince=None)
    case = identified(world, identifier, [], fromLedger=True)
    items = {each["feature"]: each for each in case["steps"][-1]["inputs"]["items"]}
    assert {name: each["value"] for name, each in items.items()} == {
        "disputed-share": "50%",
        "credit-note-share": "0%",
        "largest-buyer-share": "100%",
    }
    share = items["disputed-share"]
    assert share["hash"].startswith("0x")
    assert "2 invoices" in share["source"]
    assert share["consent"]["withdrawn"] is None
    other = item(world, "disputed-share", "0%", party="supplier")
    identifier = opened(world, "supplier", tradingSince=None)
    body = {"items": [other], "fromLedger": True}
    problem = refused(world["rater"], f"{PATH}/{identifier}/identification", body)
    assert name_of(problem) == "contradictory", "the ledger is not overruled by a file"


def test_a_platforms_table_shows_sales_and_returns(world: World) -> None:
    today = ledger_today()
    identifier = opened(world, tradingSince=month_ago(9) + "-01")
    case = identified(world, identifier, [], salesFile=sales_table(world))
    items = {each["feature"]: each for each in case["steps"][-1]["inputs"]["items"]}
    assert {name: each["value"] for name, each in items.items()} == {
        "months-of-trade": 9,
        "yearly-sales": cny("1800000.00"),
        "return-share": "1%",
    }
    assert "sales-trend" in case["steps"][-1]["result"]["unknown"], "it needs two years"
    assert {each["asOf"] for each in items.values()} == {today.replace(day=1).isoformat()}


def test_a_wrong_table_of_sales_names_its_field(world: World) -> None:
    identifier = opened(world)
    path = f"{PATH}/{identifier}/identification"
    table = sales_table(world)
    old = "month,sales,returns\n2020-01,1.00,0.00"
    coming = f"month,sales,returns\n{day(40)[:7]},1.00,0.00"
    for change, name, field in (
        ({"content": "month,sales\n"}, "columns-invalid", "salesFile.content"),
        ({"content": old}, "stale", "salesFile"),
        ({"content": coming}, "in-the-future", "salesFile"),
        ({"partyId": world.parties["castor"]}, "of-another-party", "salesFile.partyId"),
    ):
        body = {"fromLedger": False, "salesFile": table | change}
        problem = refused(world["rater"], path, body)
        assert (name_of(problem), problem["field"]) == (name, field), problem
    body = {
        "fromLedger": False,
        "salesFile": table,
        "items": [item(world, "return-share", "0%")],
    }
    problem = refused(world["rater"], path, body)
    assert (name_of(problem), problem["field"]) == ("contradictory", "salesFile")


# -- consent


def test_nothing_is_done_without_consent(world: World) -> None:
    identifier = opened(world, consent=False)
    path = f"{PATH}/{identifier}"
    body = {"items": thin_file(world), "fromLedger": False}
    problem = refused(world["rater"], f"{path}/identification", body)
    assert (problem["status"], name_of(problem)) == (409, "consent-missing")
    none = refused(world["vega"], f"{path}/consent/withdrawal")
    assert (none["status"], name_of(none)) == (409, "consent-missing")
    past = refused(world["vega"], f"{path}/consent", {"until": day(-3)})
    assert (past["status"], past["field"]) == (422, "until")
    world["vega"].post(f"{path}/consent", {"until": day(3)})
    identified(world, identifier, thin_file(world))


def test_withdrawn_consent_stops_steps_and_pack_until_it_is_given_anew(world: World) -> None:
    identifier, other = decided(world), second_person(world)
    path = f"{PATH}/{identifier}"
    case = world["vega"].post(f"{path}/consent/withdrawal").body
    assert case["consent"]["withdrawn"] is not None
    problem = refused(other, f"{path}/confirmation", {"outcome": "confirmed", "stepsTaken": 5})
    assert (problem["status"], name_of(problem)) == (409, "consent-withdrawn")
    world["vega"].post(f"{path}/consent", {})
    other.post(f"{path}/confirmation", {"outcome": "confirmed", "stepsTaken": 5})
    assert world.http.get(f"{path}/pack", headers=other.headers).status_code == 200
    world["vega"].post(f"{path}/consent/withdrawal")
    assert world.http.get(f"{path}/pack", headers=other.headers).status_code == 409


# -- scope


@pytest.mark.parametrize(
    ("change", "name", "field"),
    [
        ({"partyId": "nobody"}, "party-unknown", "partyId"),
        ({"tradingSince": day(9)}, "in-the-future", "tradingSince"),
        ({"tradingSince": "1969-12-31"}, "too-early", "tradingSince"),
        ({"card": "name: x"}, "card-invalid", "card"),
        ({"card": "name: !!bool foo\n"}, "card-invalid", "card"),
        ({"card": "name: !!timestamp foo\n"}, "card-invalid", "card"),
        ({"card": "name: " + "9" * 5000 + "\n"}, "card-invalid", "card"),
        ({"card": 'name: "\\UFFFFFFFF"\n'}, "card-invalid", "card"),
        ({"card": '"\\ud800": 1\n'}, "card-invalid", "card"),
        ({"card": "a: 1" + ":1" * 400 + ".5\n"}, "card-invalid", "card"),
        ({"card": "a: " + "[" * 100_000}, "card-invalid", "card"),
        ({"card": "#" * 131_073}, "bad-input", "card"),
        ({"card": ""}, "bad-input", "card"),
        ({"purpose": ""}, "bad-input", "purpose"),
        ({"colour": "red"}, "bad-input", "colour"),
    ],
)
def test_invalid_scope_names_its_field(world: World, change: Json, name: str, field: str) -> None:
    body: dict[str, Any] = {
        "partyId": world.parties["vega"],
        "purpose": "limit",
        "card": "name: trade",
        **change,
    }
    problem = refused(world["rater"], PATH, body)
    assert problem["status"] == 422
    assert (name_of(problem), problem["field"]) == (name, field), problem


def test_a_rater_does_not_judge_itself(world: World) -> None:
    body = {"partyId": world.parties["rater"], "purpose": "limit", "card": "name: trade"}
    problem = refused(world["rater"], PATH, body)
    assert (problem["status"], name_of(problem)) == (422, "rater-is-rated")


# -- whose it is


def test_the_subject_sees_the_result_and_no_working(world: World) -> None:
    identifier = decided(world)
    path = f"{PATH}/{identifier}"
    case = world["vega"].get(path).body
    assert [set(step) for step in case["steps"]] == [{"step", "takenAt"}] * 5
    assert (case["nextStep"], case["result"]) == ("confirm", None)
    second_person(world).post(f"{path}/confirmation", {"outcome": "confirmed", "stepsTaken": 5})
    case = world["vega"].get(path).body
    assert case["result"]["tier"] == 3
    assert case["result"]["missing"], "it learns which documents would help"
    assert "inputs" not in str(case)


def test_only_the_rater_works_and_only_the_subject_consents(world: World) -> None:
    identifier = decided(world)
    path = f"{PATH}/{identifier}"
    for name, status in (
        *(("rater", 200), ("vega", 200), ("auditor", 200), ("operator", 200)),
        *(("castor", 404), ("bank", 404), ("buyer", 404), ("registrar", 404)),
    ):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == status, name
    assert "person" in world["auditor"].get(path).body["steps"][0]
    for name in ("vega", "castor", "bank", "auditor", "operator", "registrar"):
        for command, body in BODIES.items():
            problem = refused(world[name], f"{path}/{command}", body)
            assert problem["status"] == 403, f"{name} {command}"
        answer = world.http.get(f"{path}/pack", headers=world[name].headers)
        assert answer.status_code == 403, name
    for name, status in (("castor", 404), ("bank", 404), ("rater", 403), ("auditor", 403)):
        for consent in ("consent", "consent/withdrawal"):
            problem = refused(world[name], f"{path}/{consent}", {})
            assert problem["status"] == status, f"{name} {consent}"


def test_another_rater_does_not_see_the_case(world: World) -> None:
    identifier = decided(world)
    path = f"{PATH}/{identifier}"
    other = second_person(world, "altair")  # a supplier whose key may rate
    assert world.http.get(path, headers=other.headers).status_code == 404
    for command, body in BODIES.items():
        assert refused(other, f"{path}/{command}", body)["status"] == 404, command
    assert world.http.get(f"{path}/pack", headers=other.headers).status_code == 404


def test_lists_are_filtered_by_whether_a_case_is_confirmed(world: World) -> None:
    done = decided(world)
    path, body = f"{PATH}/{done}/confirmation", {"outcome": "confirmed", "stepsTaken": 5}
    second_person(world).post(path, body)
    under_way = opened(world)
    for name in ("rater", "vega", "auditor"):
        for confirmed, identifier, other in ((True, done, under_way), (False, under_way, done)):
            page = world[name].get(PATH, confirmed=confirmed, limit=200).body["items"]
            listed = [each["id"] for each in page]
            assert identifier in listed, (name, confirmed)
            assert other not in listed, (name, confirmed)
            assert all((each["nextStep"] is None) == confirmed for each in page)
    for name in ("pollux", "bank", "registrar"):
        page = world[name].get(PATH, confirmed=False).body["items"]
        assert under_way not in [each["id"] for each in page], name


def test_lists_show_only_cases_of_the_caller(world: World) -> None:
    identifier = opened(world)

    def listed(name: str) -> list[str]:
        return [each["id"] for each in world[name].get(PATH, limit=5).body["items"]]

    for name in ("rater", "vega", "auditor"):
        assert listed(name)[0] == identifier, name
    for name in ("pollux", "bank", "registrar"):
        assert identifier not in listed(name), name
    page = world["rater"].get(PATH, limit=1).body
    following = world["rater"].get(PATH, limit=1, cursor=page["nextCursor"]).body
    assert following["items"][0]["id"] < identifier


def test_the_pack_waits_for_the_confirmation(world: World) -> None:
    identifier = decided(world)
    answer = world.http.get(f"{PATH}/{identifier}/pack", headers=world["rater"].headers)
    assert (answer.status_code, name_of(answer.json())) == (409, "evaluation-open")
