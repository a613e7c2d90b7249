"""An auditor in a real browser: events, what changed, past states, and the tree of claims."""

from __future__ import annotations

from itertools import combinations

from playwright.sync_api import expect

from app.pages.api import Json
from app.pages.trees import HEIGHT, MAX_NODES, WIDTH, drawing, fitting
from app.storage import run
from app.storage.tables.trade import claims
from tests.support.desk import Desk
from tests.support.rows import put, row
from tests.support.world import cny


def test_auditor_filters_events_and_compares_two_blocks(desk: Desk) -> None:
    receivable, claim = desk.world.confirmed(amount="100.00")
    auditor = desk.world["auditor"]
    before = auditor.get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    part = desk.world.assigned(claim, "castor", "30.00")
    after = auditor.get(f"/v1/claims/{part}").body["asOf"]["blockNumber"]
    page = desk.signed_in("auditor")
    page.get_by_role("link", name="History", exact=True).click()
    page.get_by_label("Of", exact=True).select_option("Receivable")
    page.get_by_label("Id", exact=True).fill(str(receivable))
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**kind=receivable**")
    events = page.locator(".events strong").all_inner_texts()
    assert "receivable confirmed" in events
    assert "assigned" in events
    confirmed = page.locator(".events tbody tr", has_text="receivable confirmed")
    assert "Donghai Motors Co., Ltd." in confirmed.inner_text(), "who acted is named"
    assigned = page.locator(".events tbody tr", has=page.get_by_text("assigned", exact=True))
    assert "CN¥30.00" in assigned.inner_text()
    page.locator(".events summary").first.click()
    desk.check_accessibility(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="As a table (CSV)").click()
    assert saved.value.suggested_filename.endswith(".csv")
    page.get_by_label("Event", exact=True).fill("Assigned")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**event=Assigned**")
    assert set(page.locator(".events strong").all_inner_texts()) == {"assigned"}
    page.goto(f"/app/history/changes?kind=receivable&id={receivable}&from={before}&to={after}")
    row = page.locator("tbody tr", has_text=f"Claim {claim}: Outstanding")
    assert row.locator("td").all_inner_texts()[1:3] == ["CN¥100.00", "CN¥70.00"]
    desk.check_accessibility(page)
    page.get_by_label("After block or day").fill("yesterday")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("alert").wait_for()


def test_past_holders_and_the_tree_in_chinese(desk: Desk) -> None:
    receivable, claim = desk.world.confirmed(amount="100.00")
    before = desk.world["auditor"].get(f"/v1/claims/{claim}").body["asOf"]["blockNumber"]
    part = desk.world.assigned(claim, "castor", "40.00")
    desk.world.assigned(part, "vega", "15.00", by="castor")
    page = desk.signed_in("auditor", language="zh-CN", width=360, dark=True)
    page.goto(f"/app/history/receivables/{receivable}")
    expect(page.get_by_role("alert"), "nothing was asked yet, so nothing is wrong").to_have_count(0)
    page.goto(f"/app/history/receivables/{receivable}?block={before}")
    assert "￥100.00" in page.locator("tbody").inner_text()
    desk.check_width(page)
    desk.check_accessibility(page)
    page.get_by_role("link", name="债权树").click()
    boxes = page.locator(".tree svg a")
    expect(boxes).to_have_count(3)
    expect(page.locator(".tree path")).to_have_count(2)
    desk.check_width(page)
    desk.check_accessibility(page)
    page.goto("/app/history")
    desk.check_width(page)
    desk.check_accessibility(page)


def test_group_of_many_parts_leads_to_their_own_tree(desk: Desk) -> None:
    receivable, claim = desk.world.confirmed(amount="100.00")
    parts = [
        {"toPartyId": desk.world.parties["castor"], "amount": cny(f"{place}.00")}
        for place in range(1, 13)
    ]
    desk.world["supplier"].command(f"/v1/claims/{claim}/assignments", {"parts": parts})
    page = desk.signed_in("supplier")
    page.goto(f"/app/history/receivables/{receivable}/tree")
    expect(page.locator(".tree svg a")).to_have_count(10)  # the claim, 8 parts, and the group
    desk.check_accessibility(page)
    page.get_by_role("link", name="4 claims more").click()
    page.wait_for_url(f"**claim={claim}**")


FIRST, COUNT = 8_000_000_000, 999
OVERFLOW = """texts => texts.filter(text => {
    const box = text.parentNode.querySelector("rect").getBoundingClientRect();
    const own = text.getBoundingClientRect();
    return own.right > box.right || own.left < box.left;
}).map(text => text.textContent)"""


def test_a_tree_of_a_thousand_claims_opens_in_the_browser(desk: Desk) -> None:
    receivable, claim = desk.world.confirmed(amount="100.00")
    storage = desk.world.server.gateway.storage
    owner = desk.world["supplier"].get(f"/v1/claims/{claim}").body["owner"]["account"]

    def parts() -> list[tuple[object, ...]]:
        return [
            row(
                claims,
                claim_id=FIRST + place,
                receivable_id=receivable,
                owner=owner if place % 2 else f"0x{place:040x}",
                value=place + 1,
                parent_id=claim if place < 40 else FIRST + place // 40,
                depth=2 if place < 40 else 3,
            )
            for place in range(COUNT)
        ]

    put(storage, (claims, parts()))
    try:
        page = desk.signed_in("auditor", language="zh-CN")
        page.goto(f"/app/history/receivables/{receivable}/tree")
        boxes = page.locator(".tree svg a")
        groups = [
            int(text.split()[1]) for text in boxes.filter(has_text="另有").all_text_contents()
        ]
        assert boxes.count() - len(groups) <= MAX_NODES
        assert boxes.count() - len(groups) + sum(groups) == COUNT + 1
        assert page.locator(".tree svg text").evaluate_all(OVERFLOW) == []
        desk.check_accessibility(page)
    finally:
        storage.write_now(
            lambda c: run(
                c, "DELETE FROM claims WHERE claim_id >= ? AND claim_id < ?", (FIRST, FIRST + COUNT)
            )
        )


def nodes(*, count: int, branching: int) -> list[Json]:
    """Claims in which each was split into as many others."""
    return [
        {
            "claimId": number,
            "parentId": None if number == 1 else (number - 2) // branching + 1,
            "value": cny(f"{number}.00"),
            "collectedPrincipal": cny("0.00"),
        }
        for number in range(1, count + 1)
    ]


def test_a_thousand_claims_are_drawn_readably() -> None:
    for branching in (1, 3, 999):
        drawn = drawing(nodes(count=1_000, branching=branching))
        claims = [box.claim for box in drawn.boxes if box.claim is not None]
        hidden = sum(box.count for box in drawn.boxes if box.claim is None)
        assert len(claims) <= MAX_NODES
        assert len(claims) + hidden == 1_000, "each claim stands in the drawing once"
        for first, second in combinations(drawn.boxes, 2):
            apart = abs(first.x - second.x) >= WIDTH or abs(first.y - second.y) >= HEIGHT
            assert apart, (first, second)
        assert all(0 <= box.x <= drawn.width - WIDTH for box in drawn.boxes)
        assert all(0 <= box.y <= drawn.height - HEIGHT for box in drawn.boxes)
        assert len(drawn.lines) == len(drawn.boxes) - 1


def test_words_are_cut_to_the_width_of_their_box() -> None:
    assert fitting("11 · Donghai Motors") == "11 · Donghai Motors"
    assert fitting("11 · 东海汽车有限公司", columns=12) == "11 · 东海汽…"
    assert fitting("abcdef", columns=4) == "abc…"


def test_parts_that_are_worth_more_stand_by_themselves() -> None:
    drawn = drawing(nodes(count=50, branching=49))
    claims = {box.claim["claimId"] for box in drawn.boxes if box.claim is not None}
    assert claims == {1, *range(43, 51)}
