"""What a person confirms is what the page has shown, whatever has changed since."""

from __future__ import annotations

import inspect
import re
import secrets
import uuid
from typing import Any

from app.pages.commands import Command
from app.pages.views import AREAS
from tests.pages.test_sessions import visitor
from tests.support import evaluations
from tests.support.desk import Desk
from tests.support.goods import issued, part_of
from tests.support.lending import attested
from tests.support.names import body
from tests.support.prices import listed
from tests.support.registry import live_key, revoked, set_roles, set_validity
from tests.support.visitor import Visitor, value_of
from tests.support.world import caught_up, cny

__all__ = ["visitor"]

# Of a subject these never change: ids, and what the page's own address names.
NEVER_CHANGES = {"id", "currency", "item"}
# What never changes of one command's subject: the terms of a note that the address names, and the
# attestation of a confirmed case.
NEVER_CHANGE_OF = {
    "/v1/receivables/{receivable_id}/credit-notes": {"note"},
    "/v1/credit": {"attestation"},
}
_COMMANDS: list[Command] = [
    command for area in AREAS for command in getattr(area, "COMMANDS", ()) if command.body
]


class _Watched(dict[str, Any]):
    """A subject that notes what is read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return _Watched()

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]


def test_no_command_takes_from_its_subject_what_may_have_changed() -> None:
    assert len(_COMMANDS) > 5
    for command in _COMMANDS:
        assert command.body is not None
        assert not inspect.iscoroutinefunction(command.body)
        subject = _Watched()
        command.body(None, subject, {})  # type: ignore[arg-type]  # none of them asks the page
        fixed = NEVER_CHANGES | NEVER_CHANGE_OF.get(command.source, set())
        assert subject.read <= fixed, (command.path, subject.read)


def test_what_is_shown_stands_in_the_subject_of_its_command() -> None:
    commands = [command for area in AREAS for command in getattr(area, "COMMANDS", ())]
    shown = [
        (command, field)
        for command in commands
        for field in command.fields
        if field.kind == "shown"
    ]
    assert shown
    for command, field in shown:
        assert field.initial, command.path
        assert command.subject, command.path
        assert command.summary, "the page shows what is confirmed"


def test_new_risk_does_not_resume_for_a_reason_that_was_not_shown(visitor: Visitor) -> None:
    world = visitor.world
    path = "/app/risk/new-risk/resumption"
    stop = {"reason": "R1: a drill"}
    world["regulator"].command("/v1/new-risk/stops", stop)
    caught_up(world)
    try:
        visitor.sign_in("operator")
        page = visitor.http.get(path, follow_redirects=True).text
        first = world["operator"].get("/v1/new-risk").body["reasonHash"]
        assert "R1: a drill" in page
        assert value_of(page, "reasonHash") == first
        key = value_of(page, "_key") or ""
        other = "0x" + "2f" * 32
        token = visitor.token(path)
        answer = visitor.post(path, {"_key": key, "reasonHash": other}, token=token)
        assert answer.status_code == 409
        assert value_of(answer.text, "reasonHash") == first, "the page shows what is so now"
        nothing = visitor.post(path, {"_key": secrets.token_hex(8)}, token=token)
        assert nothing.status_code == 422
        assert world["operator"].get("/v1/new-risk").body["resumptionProposedBy"] is None
        sent = {"_key": secrets.token_hex(8), "reasonHash": first}
        assert visitor.post(path, sent, token=token).status_code == 303
    finally:
        hashed = world["operator"].get("/v1/new-risk").body["reasonHash"]
        if world["operator"].get("/v1/new-risk").body["resumptionProposedBy"] is None:
            world["operator"].command("/v1/new-risk/resumptions", {"reasonHash": hashed})
        world["regulator"].command("/v1/new-risk/resumptions", {"reasonHash": hashed})


def test_a_party_confirms_the_key_that_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    party, label = world.parties["vega"], f"erp-{secrets.token_hex(3)}"
    source = f"/v1/parties/{party}/api-keys"
    path = f"/app/running/keys/{party}/{label}/confirmation"
    body = {"roles": ["supplier"], "label": label}
    new_key = world["registrar"].post(source, body).body
    visitor.sign_in("vega")
    assert f'href="{path}"' in visitor.http.get("/app/running/keys").text
    page = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(page, name) or "" for name in ("_key", "keyId")}
    assert sent["keyId"] == new_key["id"]

    revoked(world, party, label)
    roles = ["buyer", "financier", "supplier"]
    stronger = world["registrar"].post(source, body | {"roles": roles}).body
    token = visitor.token("/app")
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    assert value_of(answer.text, "keyId") == stronger["id"], "the page shows what waits now"
    headers = {"X-API-Key": stronger["apiKey"]}
    assert world.http.get("/v1/claims", headers=headers).status_code == 401

    again = {name: value_of(answer.text, name) or "" for name in sent}
    answer = visitor.post(path, again, token=token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/running/keys")
    assert world.http.get("/v1/claims", headers=headers).status_code == 200
    assert visitor.http.get(path).status_code == 404, "none waits any more"
    visitor.sign_in("registrar")
    assert f'href="{path}"' not in visitor.http.get("/app/running/keys").text


def test_a_registrar_revokes_the_key_that_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    party, label = world.parties["vega"], f"till-{secrets.token_hex(3)}"
    source, path = f"/v1/parties/{party}/api-keys", f"/app/parties/{party}/keys/{label}/revocation"
    new_key = world["registrar"].post(source, {"roles": ["supplier"], "label": label}).body
    visitor.sign_in("registrar")
    page = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(page, name) or "" for name in ("_key", "keyId")}
    assert sent["keyId"] == new_key["id"]

    revoked(world, party, label)
    other = world["registrar"].post(source, {"roles": ["buyer"], "label": label}).body
    token = visitor.token("/app")
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    assert value_of(answer.text, "keyId") == other["id"], "the page shows which has the label now"
    assert live_key(world, party, label) == other["id"]

    again = {name: value_of(answer.text, name) or "" for name in sent}
    assert visitor.post(path, again, token=token).status_code == 303
    assert visitor.http.get(path).status_code == 404, "none is left to revoke"


def test_a_registrar_brings_no_role_back_that_somebody_took_away(visitor: Visitor) -> None:
    world = visitor.world
    added = world["registrar"].command("/v1/parties", body(f"Zaniah {uuid.uuid4().hex[:6]}"))
    party = added.body["party"]["id"]
    source, path = f"/v1/parties/{party}", f"/app/parties/{party}/roles"
    set_roles(world, party, ["supplier", "rater"])
    visitor.sign_in("registrar")
    page = visitor.http.get(path, follow_redirects=True).text
    names = ("_key", "rolesBefore")
    sent = {name: value_of(page, name) or "" for name in names}
    ticked = {f"roles.{role}": "true" for role in ("supplier", "rater")}
    assert ticks(page) == ticked.keys()

    set_roles(world, party, ["supplier"])
    token = visitor.token("/app")
    answer = visitor.post(path, sent | ticked | {"roles.buyer": "true"}, token=token)
    assert answer.status_code == 409
    assert ticks(answer.text) == {"roles.supplier"}, "the page ticks what is so now"
    assert world["registrar"].get(source).body["roles"] == ["supplier"]

    again = {name: value_of(answer.text, name) or "" for name in names}
    again |= {f"roles.{role}": "true" for role in ("supplier", "buyer")}
    assert visitor.post(path, again, token=token).status_code == 303
    assert world["registrar"].get(source).body["roles"] == ["supplier", "buyer"]


def test_a_registrar_changes_the_validity_that_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    added = world["registrar"].command("/v1/parties", body(f"Syrma {uuid.uuid4().hex[:6]}"))
    party = added.body["party"]["id"]
    source, path = f"/v1/parties/{party}", f"/app/parties/{party}/validity"
    visitor.sign_in("registrar")
    page = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(page, name) or "" for name in ("_key", "validUntilBefore")}
    later = int(sent["validUntilBefore"]) + 86_400
    set_validity(world, party, later)
    token = visitor.token("/app")
    answer = visitor.post(path, sent | {"validUntil": "2045-01-31"}, token=token)
    assert answer.status_code == 409
    assert value_of(answer.text, "validUntilBefore") == str(later)
    assert value_of(answer.text, "validUntil") == "2045-01-31", "what was typed stays"
    assert world["registrar"].get(source).body["validUntil"] == str(later)
    again = {name: value_of(answer.text, name) or "" for name in (*sent, "validUntil")}
    assert visitor.post(path, again, token=token).status_code == 303
    assert int(world["registrar"].get(source).body["validUntil"]) > later


def ticks(page: str) -> set[str]:
    """The names of the boxes that are ticked."""
    return set(re.findall(r'<input [^>]*name="([^"]+)"[^>]*type="checkbox"[^>]* checked', page))


def test_an_appraiser_withdraws_the_price_that_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    listed(world, "JPY")
    yen = {"item": "JPY", "currency": "CNY", "price": "0.048"}
    path = "/app/prices/withdrawal/JPY/CNY"
    world["first-appraiser"].command("/v1/prices", {"prices": [yen]})
    caught_up(world)
    visitor.sign_in("first-appraiser")
    assert visitor.get("/app/prices/withdrawal?item=JPY+CNY").headers["location"] == path
    page = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(page, name) or "" for name in ("_key", "priceHash")}

    changed = {"prices": [yen | {"price": "0.050", "haircut": 100_000}]}
    world.later(60)
    world.requested()
    world["first-appraiser"].command("/v1/prices", changed)
    caught_up(world)
    token = visitor.token("/app")
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    (waits,) = world["bank"].get("/v1/prices/waiting", item="JPY").body["items"]
    assert value_of(answer.text, "priceHash") == waits["priceHash"] != sent["priceHash"]

    again = {name: value_of(answer.text, name) or "" for name in sent}
    assert visitor.post(path, again, token=token).status_code == 303
    assert world["bank"].get("/v1/prices/waiting", item="JPY").body["items"] == []


def test_a_rater_takes_the_step_that_follows_what_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    case = evaluations.quantified(world)
    path, source = f"/app/credit/{case}/decision", f"{evaluations.PATH}/{case}"
    visitor.sign_in("rater")
    page = visitor.http.get(path, follow_redirects=True).text
    sent = {name: value_of(page, name) or "" for name in ("_key", "stepsTaken")}
    assert sent["stepsTaken"] == "4"

    world["rater"].post(f"{source}/decision", {"stepsTaken": 4})
    body = {"outcome": "returned", "stepsTaken": 5, "returnTo": "identify", "reason": "too few"}
    evaluations.second_person(world).post(f"{source}/confirmation", body)
    evaluations.identified(world, case, evaluations.thin_file(world, return_share="9%"))
    for name, taken in (("analysis", 7), ("quantification", 8)):
        world["rater"].post(f"{source}/{name}", {"stepsTaken": taken})
    token = visitor.token("/app")
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    assert value_of(answer.text, "stepsTaken") == "9", "the page shows what is so now"
    assert world["rater"].get(source).body["nextStep"] == "decide"

    again = {name: value_of(answer.text, name) or "" for name in sent}
    assert visitor.post(path, again, token=token).status_code == 303
    assert world["rater"].get(source).body["nextStep"] == "confirm"


def test_a_warehouse_hands_over_what_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    _, receipt = issued(world)
    source = f"/v1/warehouse-receipts/{receipt}"
    path = f"/app/warehouse-receipts/{receipt}/hand-over"
    world["supplier"].command(f"{source}/releases")
    caught_up(world)
    visitor.sign_in("warehouse")
    page = visitor.http.get(path, follow_redirects=True).text
    names = ("_key", "quantity", "holderAccount")
    sent = {name: value_of(page, name) or "" for name in names}
    assert sent["quantity"] == "1000.000"

    world["supplier"].command(f"{source}/withdrawal")
    part_of(world, receipt, "castor", "999")
    world["supplier"].command(f"{source}/releases")
    caught_up(world)
    token = visitor.token(path)
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    assert value_of(answer.text, "quantity") == "1.000", "the page shows what is so now"
    assert world["warehouse"].get(source).body["ended"] is None

    again = {name: value_of(answer.text, name) or "" for name in names}
    assert visitor.post(path, again, token=token).status_code == 303
    assert world["warehouse"].get(source).body["ended"] == "released"


def test_changed_and_missing_debts_are_named_and_not_paid(desk: Desk) -> None:
    world = desk.world
    changed, _ = world.confirmed(amount="500.00")
    missing, _ = world.confirmed(amount="400.00")
    stays, _ = world.confirmed(amount="300.00")
    page = desk.signed_in("buyer")
    page.goto("/app/due")
    for number in (changed, missing, stays):
        page.get_by_label(f"Pay receivable {number}", exact=True).check()
    for number, amount in ((changed, "100.00"), (missing, "400.00")):
        world["buyer"].command(f"/v1/receivables/{number}/payments", {"amount": cny(amount)})
    page.get_by_role("button", name="Pay what is ticked").click()
    page.get_by_role("heading", name="Payments").wait_for()
    for number, words in (
        (changed, "Meanwhile CN¥400.00"),
        (missing, "not paid"),
        (stays, "paid"),
    ):
        line = page.locator("main li", has_text=f"Receivable {number} ").inner_text()
        assert words in line
    unpaid = world["buyer"].get(f"/v1/receivables/{changed}").body["unpaid"]
    assert unpaid["amount"] == "400.00"
    assert world["buyer"].get(f"/v1/receivables/{stays}").body["unpaid"]["amount"] == "0.00"


def test_a_rater_revokes_the_attestation_that_its_page_has_shown(visitor: Visitor) -> None:
    world = visitor.world
    source = f"/v1/credit/{world.parties['altair']}"
    path = f"/app/credit/of/{world.parties['altair']}/revocation"
    attested(world, party="altair", tier=2)
    seen = world["rater"].get(source).body
    visitor.sign_in("rater")
    page = visitor.http.get(path, follow_redirects=True).text
    shown = page.split("<h1")[1].split("<form")[0]
    assert world["auditor"].get(f"/v1/parties/{world.parties['altair']}").body["name"] in shown
    assert seen["rater"] in shown
    assert "<dd>2</dd>" in shown, "the tier"
    sent = {name: value_of(page, name) or "" for name in ("_key", "issuedAt")}
    sent["reason"] = "accounts were not true"
    assert sent["issuedAt"] == seen["issuedAt"]

    attested(world, party="altair", tier=3)
    caught_up(world)
    token = visitor.token("/app")
    answer = visitor.post(path, sent, token=token)
    assert answer.status_code == 409
    stands = world["rater"].get(source).body
    assert stands["tier"] == 3
    assert value_of(answer.text, "issuedAt") == stands["issuedAt"] != seen["issuedAt"]
    assert "<dd>3</dd>" in answer.text, "the page shows what is so now"

    again = sent | {name: value_of(answer.text, name) or "" for name in ("_key", "issuedAt")}
    assert visitor.post(path, again, token=token).status_code == 303
    assert world["rater"].get(source).body["tier"] is None
    page = visitor.http.get(path, follow_redirects=True).text
    assert "No attestation is in force" in page
