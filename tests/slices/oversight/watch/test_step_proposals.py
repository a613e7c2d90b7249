"""Steps that the gateway proposes, on a real chain: two persons, and the lender's own signature."""

from __future__ import annotations

import secrets
import time

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from app.demo.client import Caller
from app.domain.rule_sets import WatchRule
from app.gateway.rules import rules_of_place
from app.oversight.watch import proposing
from tests.slices.oversight.watch.test_alerts import late_loan, rises, told
from tests.support.bodies import Json
from tests.support.lending import FAR, agreed_facility, product
from tests.support.wallets import sent, word
from tests.support.watch_proposals import stored
from tests.support.world import World, cny, refused

PATH = "/v1/watch/proposals"


def person(world: World, party: str) -> Caller:
    """Another person of a lender, with a key of its own."""
    path, label = f"/v1/parties/{world.parties[party]}/api-keys", f"second-{secrets.token_hex(3)}"
    answer = world["registrar"].post(path, {"roles": ["financier"], "label": label}).body
    if answer["waiting"]:
        world["operator"].post(f"{path}/{label}/confirmation", {"keyId": answer["id"]})
    return Caller(world.http, label, answer["apiKey"])


def kind(problem: Json) -> str:
    """The last part of a problem's type."""
    return str(problem["type"]).rpartition(":")[2]


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule set of the place lets the gateway propose the suspension at alarm."""
    steps = [{"level": "alarm", "step": "propose-suspension", "hours": 72}]
    rule = {"steps": steps, "source": "a test's own rule", "lawyer": False}
    rules = rules_of_place().model_copy(update={"watch": WatchRule.model_validate(rule)})
    monkeypatch.setattr(proposing, "rules_of", lambda _: rules)


def proposals(world: World, count: int) -> list[Json]:
    """The bank's proposals, once there are so many; newest first."""
    end = time.monotonic() + 180
    while True:
        items: list[Json] = world["bank"].get(PATH).body["items"]
        if len(items) == count:
            return items
        assert time.monotonic() < end, f"the proposals are {items}"
        time.sleep(0.2)


@pytest.mark.usefixtures("allowed")
def test_second_person_confirms_the_suspension_and_the_lender_signs_it(own_world: World) -> None:
    world = own_world
    other = agreed_facility(world)
    _, facility = late_loan(world)
    made = {item["facilityId"]: item for item in proposals(world, 2)}
    assert set(made) == {facility, other}
    (rise,) = [item for item in told(world, rises("borrower", "alarm")) if item["proposalIds"]]
    assert sorted(rise["proposalIds"]) == sorted(item["id"] for item in made.values())
    proposal = made[facility]
    assert (proposal["step"], proposal["state"], proposal["level"]) == (
        "suspend-draws",
        "proposed",
        "alarm",
    )
    assert (proposal["alertId"], proposal["ruleSet"]) == (rise["id"], "cn")
    assert proposal["source"] == "a test's own rule"
    assert proposal["lender"]["partyId"] == world.parties["bank"]
    assert proposal["borrower"]["partyId"] == world.parties["supplier"]
    assert proposal["decisions"] == []
    path = f"{PATH}/{proposal['id']}"
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["suspendedBy"] == []

    # Whose it is.
    for name in ("auditor", "operator", "regulator"):
        assert world[name].get(path).body == proposal
        assert len(world[name].get(PATH, state="proposed").body["items"]) == 2
        for step, body in (("confirmation", None), ("refusal", {"reason": "no"})):
            assert kind(refused(world[name], f"{path}/{step}", body)) == "role-missing"
    assert world["platform"].get(PATH).body["items"] == []
    for name, status in (("platform", 404), ("supplier", 403)):
        assert world.http.get(path, headers=world[name].headers).status_code == status
        assert refused(world[name], f"{path}/confirmation")["status"] == status
        assert refused(world[name], f"{path}/refusal", {"reason": "no"})["status"] == status

    # Two persons.
    second = person(world, "bank")
    for caller in (world["bank"], second):
        assert kind(refused(caller, f"{path}/confirmation")) == "acknowledgement-missing"
    seen = f"/v1/watch/alerts/{rise['id']}/acknowledgement"
    world["bank"].post(seen, {"note": "nobody answers the telephone"})
    assert kind(refused(world["bank"], f"{path}/confirmation")) == "acknowledger-confirms"
    assert world["bank"].get(path).body == proposal
    answer = second.post(f"{path}/confirmation").body
    assert answer["proposal"]["state"] == "confirmed"
    operation = answer["operation"]
    assert (operation["kind"], operation["subject"]) == (
        "suspend-draws",
        {"facilityId": facility},
    )
    done = world["bank"].get(f"/v1/operations/{operation['id']}", wait=50).body
    assert done["state"] in ("included", "final")
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["suspendedBy"] == ["lender"]
    confirmed = world["auditor"].get(path).body
    (decision,) = confirmed["decisions"]
    assert (decision["outcome"], decision["person"]) == ("confirmed", second.name)
    assert decision["operationId"] == operation["id"]
    assert kind(refused(second, f"{path}/confirmation")) == "under-way"
    assert kind(refused(world["bank"], f"{path}/refusal", {"reason": "no"})) == "proposal-decided"

    # A refusal, with its reason.
    path = f"{PATH}/{made[other]['id']}"
    assert refused(world["bank"], f"{path}/refusal", {"reason": ""})["field"] == "reason"
    answer = world["bank"].post(f"{path}/refusal", {"reason": "nothing is drawn there"}).body
    assert answer["state"] == "refused"
    (decision,) = answer["decisions"]
    assert (decision["outcome"], decision["reason"]) == ("refused", "nothing is drawn there")
    assert world["auditor"].get(path).body == answer
    assert kind(refused(second, f"{path}/confirmation")) == "proposal-decided"
    assert world["supplier"].get(f"/v1/facilities/{other}").body["suspendedBy"] == []
    assert [item["id"] for item in world["bank"].get(PATH, state="refused").body["items"]] == [
        made[other]["id"]
    ]


def test_nothing_is_proposed_without_a_rule(own_world: World) -> None:
    world = own_world
    late_loan(world)
    items = told(world, rises("borrower", "alarm"))
    assert [item["proposalIds"] for item in items] == [[]] * len(items)
    assert world["bank"].get(PATH).body["items"] == []


def test_lender_with_its_own_wallet_gets_the_call_to_sign(own_world: World) -> None:
    world = own_world
    wallet = Account.create()
    caller = lender_with(world, wallet)
    facility = facility_of(world, caller, wallet)
    later = int(time.time()) + 9_000
    identifier = stored(world, facility, wallet.address.lower(), expires_at=later)
    path = f"{PATH}/{identifier}"
    first = caller.post(f"{path}/confirmation").body
    assert first["operation"]["state"] == "prepared"
    assert first["typedData"]["message"]["from"].lower() == wallet.address.lower()
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["suspendedBy"] == []
    # Nothing was signed, so it may be confirmed again; the first call no longer counts.
    again = caller.post(f"{path}/confirmation")
    superseded = caller.get(f"/v1/operations/{first['operation']['id']}").body
    assert (superseded["state"], superseded["error"]["name"]) == ("rejected", "Superseded")
    assert sent(caller, again, wallet)["kind"] == "suspend-draws"
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["suspendedBy"] == ["lender"]
    outcomes = [item["outcome"] for item in caller.get(path).body["decisions"]]
    assert outcomes == ["confirmed", "confirmed"], "each stands in the record"
    assert kind(refused(caller, f"{path}/confirmation")) == "contract-refused"


def lender_with(world: World, wallet: LocalAccount) -> Caller:
    """A bank whose key the gateway never sees."""
    body = {
        "name": "Own wallet, lender",
        "legalId": {"scheme": "0088", "value": "9501101000094"},
        "roles": ["financier"],
        "account": wallet.address.lower(),
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]
    path = f"/v1/parties/{party['id']}/api-keys"
    key = world["registrar"].post(path, {"roles": ["financier"], "label": "own"}).body["apiKey"]
    return Caller(world.http, "own", key)


def facility_of(world: World, caller: Caller, wallet: LocalAccount) -> int:
    """A facility that the lender signs with its wallet, and the supplier in custody."""
    body = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    proposal = caller.post("/v1/facility-proposals", body).body
    path = f"/v1/facility-proposals/{proposal['id']}"
    signature = word(wallet, caller.get(path).body["typedData"])
    caller.post(f"{path}/signature", {"signature": signature})
    done = world["supplier"].command(f"{path}/signature").body
    return int(done["result"]["facilityId"])


def test_expired_proposal_is_confirmed_by_nobody(own_world: World) -> None:
    world = own_world
    facility = agreed_facility(world)
    party = world["auditor"].get(f"/v1/parties/{world.parties['bank']}").body
    soon = int(time.time()) + 3_600
    identifier = stored(world, facility, party["account"].lower(), expires_at=soon)
    world.later(3_700)
    end = time.monotonic() + 180
    while world["bank"].get(f"{PATH}/{identifier}").body["state"] != "expired":
        assert time.monotonic() < end, "it does not expire"
        time.sleep(0.2)
    (decision,) = world["bank"].get(f"{PATH}/{identifier}").body["decisions"]
    assert (decision["outcome"], decision["person"]) == ("expired", None)
    for step, body in (("confirmation", None), ("refusal", {"reason": "no"})):
        problem = refused(world["bank"], f"{PATH}/{identifier}/{step}", body)
        assert kind(problem) == "proposal-decided"
    assert world["supplier"].get(f"/v1/facilities/{facility}").body["suspendedBy"] == []


@pytest.mark.parametrize(
    ("query", "field"), [("?state=open", "state"), ("?cursor=x", "cursor"), ("?limit=0", "limit")]
)
def test_bad_parameters_are_refused_by_name(world: World, query: str, field: str) -> None:
    answer = world.http.get(PATH + query, headers=world["bank"].headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_unknown_proposal_is_not_found(world: World) -> None:
    path = f"{PATH}/01a20b01-b514-70dd-928c-b6cc4f15541b"
    assert world.http.get(path, headers=world["bank"].headers).status_code == 404
    for step, body in (("confirmation", None), ("refusal", {"reason": "no"})):
        assert kind(refused(world["bank"], f"{path}/{step}", body)) == "proposal-unknown"
