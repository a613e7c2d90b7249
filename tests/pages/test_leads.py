"""What pages lead to: of an operation, of the search, and by a code that is scanned."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.support.campaigns import opened
from tests.support.visitor import Visitor
from tests.support.world import World

QUIET_MODULES = 4  # ISO/IEC 18004
SVG = "{http://www.w3.org/2000/svg}"


def test_operation_about_a_party_leads_to_the_party(world: World) -> None:
    operations = world["registrar"].get("/v1/operations", limit=50).body["items"]
    operation = next(item for item in operations if "partyId" in (item["result"] or {}))
    with Visitor(world) as registrar:
        registrar.sign_in("registrar")
        page = registrar.get(f"/app/operations/{operation['id']}").text
        about = page.split('id="about"')[1]
        links = re.findall(r'href="(/app/parties/[^"]+)"', about)
        assert links == [f"/app/parties/{operation['subject']['party']}"]
        assert registrar.get(links[0]).status_code == 200


def test_search_leads_to_the_events_of_a_campaign(world: World) -> None:
    campaign = opened(world)
    with Visitor(world) as auditor:
        auditor.sign_in("auditor")
        answer = auditor.get(f"/app/search?q=campaign+{campaign}")
        assert answer.headers["location"] == f"/app/history?kind=campaign&id={campaign}"
        assert "campaign opened" in auditor.get(answer.headers["location"]).text


def test_code_of_a_verification_has_a_white_ground_with_its_quiet_zone(world: World) -> None:
    _, claim = world.confirmed(amount="10.00")
    with Visitor(world) as bank:
        bank.sign_in("bank")
        image = ElementTree.fromstring(bank.get(f"/app/verify/qr?kind=claim&id={claim}").text)
    rectangles = [item.attrib for item in image.iter(f"{SVG}rect")]
    ground, *modules = [item for item in rectangles if "fill: rgb(" in item.get("style", "")]
    assert "rgb(100%,100%,100%)" in ground["style"]
    assert all("rgb(0%,0%,0%)" in item["style"] for item in modules)
    size = min(float(item["height"]) for item in modules)
    for side, length in (("x", "width"), ("y", "height")):
        first = min(float(item[side]) for item in modules)
        last = max(float(item[side]) + float(item[length]) for item in modules)
        before = first - float(ground[side])
        behind = float(ground[side]) + float(ground[length]) - last
        assert min(before, behind) > (QUIET_MODULES - 0.01) * size
