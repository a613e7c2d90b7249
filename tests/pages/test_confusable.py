"""Parties whose names look alike are told apart by their accounts wherever a person decides."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from app import pages
from app.pages.named import named
from tests.pages.test_sessions import visitor
from tests.support import evaluations
from tests.support.bodies import Json
from tests.support.desk import Desk
from tests.support.names import alike
from tests.support.visitor import Visitor
from tests.support.world import World, caught_up

__all__ = ["visitor"]

PAGES = Path(pages.__file__).parent
TEMPLATES = PAGES / "templates"
#: Names that are no party's, by template; "": in each of them.
OTHER_NAMES = {
    "": {"column", "field", "filter", "problem", "slider", "view"},
    "documents": {"invoice.buyer", "invoice.seller", "item.invoice.buyer"},  # as the file has them
    "operations": {"operation.error"},
    "parts": {"item.field", "rows.listing", "typed_data.domain"},
    "prices": {"subject"},  # goods
    "running": {"check"},
    "sign_in": {"login"},  # of the demo
    "verification": {"item"},  # a check
}
#: Pages of one party itself, and the macro that all others use.
SHOW_NAMES = {"parties", "parts/kit.html"}
_NAME_OF = re.compile(r"([\w.]+)\.(?:name|partyName)\b")
_NAME_IN_PYTHON = re.compile(
    r"""(\w+)(?:\["name"\]|\.get\("name"\))|at="(\w+)\.name"|"partyName\""""
)
#: Names in Python that are no party's, or that no decision rests on, by file.
OTHER_NAMES_IN_PYTHON = {
    "named.py": {"party"},
    "sign_in.py": {"party"},  # the person's own
    "trees.py": {"owner"},  # the whole name is in the title
    "views/audit.py": {"item"},  # a figure
    "views/claims.py": {"check"},
    "views/offers.py": {"check"},
    "views/verification.py": {"check"},
}


def test_no_template_shows_the_name_of_a_party_by_itself() -> None:
    bare = []
    for file in sorted(TEMPLATES.rglob("*.html")):
        place = file.relative_to(TEMPLATES).as_posix()
        folder = place.partition("/")[0]
        if {place, folder} & SHOW_NAMES:
            continue
        allowed = OTHER_NAMES[""] | OTHER_NAMES.get(folder, set())
        names = {match[1] for match in _NAME_OF.finditer(file.read_text())}
        bare += [f"{place}: {path}.name" for path in sorted(names - allowed)]
    assert not bare, "show a party with kit.party(v), or with v|named in plain text"


def test_no_page_takes_the_name_of_a_party_by_itself() -> None:
    bare = []
    for file in sorted(PAGES.rglob("*.py")):
        place = file.relative_to(PAGES).as_posix()
        names = {
            match[1] or match[2] or match[0] for match in _NAME_IN_PYTHON.finditer(file.read_text())
        }
        allowed = OTHER_NAMES_IN_PYTHON.get(place, set())
        bare += [f"{place}: {path}" for path in sorted(names - allowed)]
    assert not bare, "show a party with named(v), or in a column that shows a party"


@pytest.mark.parametrize("mark", [{"confusable": True}, {"confusableWith": [{"name": "Deneb"}]}])
def test_the_whole_account_stands_beside_a_name_that_looks_like_another(mark: Json) -> None:
    account = "0x" + "Ab" * 20
    party = {"name": "Deneb", "account": account}
    assert named(party | mark) == f"Deneb ({account})"
    assert named(party | dict.fromkeys(mark, False)) == "Deneb"
    assert named(party | mark | {"name": None}) == account


def _shown(visitor: Visitor, path: str) -> str:
    """A page as it is read, from its heading on."""
    answer = visitor.http.get(path, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text.split("<h1")[1]


def _assert_told_apart(shown: str, party: Json) -> None:
    """The name and the whole account stand together, and not the account in a title alone."""
    assert re.search(
        rf"{re.escape(party['name'])}</bdi> <code class=\"account\">{party['account']}</code>",
        shown,
    )


def test_parties_are_told_apart_in_what_one_reads_and_in_choices(visitor: Visitor) -> None:
    world = visitor.world
    party = alike(world, "supplier", "financier")
    world.parties[party["name"]] = party["id"]
    _, claim = world.confirmed(amount="30.00")
    part = world.assigned(claim, party["name"], "10.00")
    owner = world["auditor"].get(f"/v1/claims/{part}").body["owner"]
    assert owner["confusable"]
    assert not world["auditor"].get(f"/v1/claims/{claim}").body["owner"]["confusable"]
    visitor.sign_in("auditor")
    _assert_told_apart(_shown(visitor, f"/app/claims/{part}"), party)
    visitor.sign_in("supplier")
    page = _shown(visitor, f"/app/quote-requests/for/{claim}")
    assert f"{party['name']} ({party['account']})" in page


def _rater(world: World) -> Json:
    """A rater whose name another party's looks like, with a key."""
    party = alike(world, "rater")
    path = f"/v1/parties/{party['id']}/api-keys"
    key = world["registrar"].post(path, {"roles": ["rater"], "label": "first"}).body
    world.callers[party["name"]] = type(world["rater"])(world.http, "first", key["apiKey"])
    return party


def test_a_party_sees_to_which_rater_it_consents(desk: Desk) -> None:
    world = desk.world
    rater = _rater(world)
    body = {
        "partyId": world.parties["vega"],
        "purpose": "limit for purchase credit",
        "card": (evaluations.ROOT / "scorecards" / "trade.yaml").read_text(),
    }
    case = world[rater["name"]].post(evaluations.PATH, body).body
    expected = {
        "partyId": rater["id"],
        "name": rater["name"],
        "account": rater["account"],
        "confusable": True,
    }
    assert case["rater"] == expected
    (listed,) = world[rater["name"]].get(evaluations.PATH).body["items"]
    assert listed["rater"] == expected and not listed["party"]["confusable"]
    page = desk.signed_in("vega", width=320)
    for path in ("", f"/{case['id']}", f"/{case['id']}/consent"):
        page.goto(f"/app/credit{path}")
        assert rater["account"] in page.locator("main").inner_text()
        desk.check_width(page)
        desk.check_accessibility(page)
    page = desk.signed_in("auditor", width=320)
    page.goto(f"/app/credit/of/{rater['id']}")
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text() == f"Credit tier of {rater['name']} {rater['account']}"
    desk.check_width(page)


def test_a_regulator_sees_which_party_it_holds(visitor: Visitor) -> None:
    world = visitor.world
    party = alike(world, "supplier")
    order_hash = "0x" + secrets.token_hex(32)
    world["regulator"].command("/v1/holds", {"partyId": party["id"], "orderHash": order_hash})
    freeze = {"kind": "freeze", "partyId": party["id"], "orderHash": order_hash}
    issued = world["regulator"].command("/v1/orders-of-court", freeze).body
    order = issued["result"]["events"][0]["arguments"]["orderId"]
    caught_up(world)
    try:
        visitor.sign_in("second-regulator")
        for path in (f"/app/court/holds/{party['id']}/confirmation", f"/app/court/{order}"):
            _assert_told_apart(_shown(visitor, path), party)
        page = _shown(visitor, f"/app/court/holds/{party['id']}/confirmation")
        assert f"{party['name']} ({party['account']})</option>" in page
        _assert_told_apart(_shown(visitor, "/app/court/holds"), party)
        visitor.sign_in("regulator")
        _assert_told_apart(_shown(visitor, f"/app/court/holds/{party['id']}/end"), party)
        held = world["auditor"].get("/v1/holds", limit=200).body["items"]
        (hold,) = [item for item in held if item["partyId"] == party["id"]]
        assert (hold["account"], hold["confusable"]) == (party["account"], True)
    finally:
        world["regulator"].command(f"/v1/holds/{party['id']}/end")
        world["regulator"].command(f"/v1/orders-of-court/{order}/cancellation")


def test_an_operator_sees_whose_key_it_confirms(visitor: Visitor) -> None:
    world = visitor.world
    party = alike(world, "supplier")
    source, label = f"/v1/parties/{party['id']}/api-keys", f"erp-{secrets.token_hex(3)}"
    for name in ("first", label):
        world["registrar"].post(source, {"roles": ["supplier"], "label": name})
    visitor.sign_in("operator")
    path = f"/app/running/keys/{party['id']}/{label}/confirmation"
    _assert_told_apart(_shown(visitor, path), party)
    _assert_told_apart(_shown(visitor, "/app/running/keys"), party)
    for key in world["operator"].get("/v1/api-keys", partyId=party["id"]).body["items"]:
        assert key["party"]["account"] == party["account"]
