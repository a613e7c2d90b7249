"""Campaigns through the API: contributions, releases, refunds; access and refusals."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app.chain.evm.events import DecodedEvent
from app.market.campaigns.projection import CampaignRow, CampaignsProjection, ClockRow
from app.market.campaigns.repository import CLOCK, COLUMNS
from app.market.campaigns.service import MAX_SECONDS_LOST, seconds_lost, status_of
from app.storage import create_storage, run
from tests.support.bodies import Json
from tests.support.campaigns import body, contribute, opened
from tests.support.world import World, cny, refused


def status(world: World, campaign: int) -> str:
    """The campaign as the gateway shows it."""
    return str(world["buyer"].get(f"/v1/campaigns/{campaign}").body["status"])


def test_a_campaign_that_meets_its_goal_is_released_by_its_reviewer(own_world: World) -> None:
    world = own_world
    campaign = opened(world)
    contribute(world, campaign, 10)
    assert status(world, campaign) == "funding"
    campaign_view = world["buyer"].get(f"/v1/campaigns/{campaign}").body
    assert (campaign_view["contributed"], campaign_view["ownContribution"]) == (
        cny("1000.00"),
        cny("1000.00"),
    )
    path = f"/v1/campaigns/{campaign}/releases"
    early = refused(world["bank"], path, {"milestone": 0, "statement": "done"})
    assert "StateForbids" in str(early)
    world.later(31 * 86_400)
    world.cash("vega", "1.00")
    assert status(world, campaign) == "met"
    for name in ("supplier", "buyer"):
        assert refused(world[name], path, {"milestone": 0, "statement": "done"})["status"] == 403
    assert "StateForbids" in str(refused(world["buyer"], f"/v1/campaigns/{campaign}/refunds"))
    before = float(world.balance("supplier"))
    accepted = {"milestone": 0, "statement": "mould accepted"}
    unnamed = refused(world["bank"], path, {"statement": "mould accepted"})
    assert (unnamed["status"], unnamed["field"]) == (422, "milestone")
    world["bank"].command(path, accepted)
    again = refused(world["bank"], path, accepted)
    assert (again["status"], again["field"]) == (409, "milestone")
    assert again["type"] == "urn:cession:problem:milestone-not-next"
    assert float(world.balance("supplier")) == pytest.approx(before + 400)
    world.later(90 * 86_400)
    world.cash("vega", "1.00")
    assert status(world, campaign) == "failed"
    held = float(world.balance("buyer"))
    world["buyer"].command(f"/v1/campaigns/{campaign}/refunds")
    assert float(world.balance("buyer")) == pytest.approx(held + 600)


def test_anyone_may_refund_a_missed_or_cancelled_campaign(own_world: World) -> None:
    world = own_world
    missed, cancelled = opened(world), opened(world)
    before = float(world.balance("buyer"))
    contribute(world, missed, 3)
    contribute(world, cancelled, 2)
    headers = world["castor"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    strange = world.http.delete(f"/v1/campaigns/{cancelled}", headers=headers)
    assert strange.status_code == 403
    headers = world["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=50"}
    assert world.http.delete(f"/v1/campaigns/{cancelled}", headers=headers).status_code == 200
    back = {"partyId": world.parties["buyer"]}
    world["castor"].command(f"/v1/campaigns/{cancelled}/refunds", back)
    world.later(31 * 86_400)
    world.cash("vega", "1.00")
    late = refused(
        world["buyer"], f"/v1/campaigns/{missed}/contributions", {"tier": 0, "places": 1}
    )
    assert "StateForbids" in str(late)
    world["castor"].command(f"/v1/campaigns/{missed}/refunds", back)
    assert float(world.balance("buyer")) == pytest.approx(before)
    again = refused(world["castor"], f"/v1/campaigns/{missed}/refunds", back)
    assert "NothingToRefund" in str(again)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": cny("0.00")}, "goal.amount"),
        ({"goal": {"amount": "1.00", "currency": "XXX"}}, "goal.currency"),
        ({"endsAt": "2099-01-01T00:00:00"}, "endsAt"),
        ({"reviewerPartyId": "nobody"}, "reviewerPartyId"),
        ({"tiers": []}, "tiers"),
        (
            {"tiers": [{"price": cny("0.00"), "places": 1, "description": "x"}]},
            "tiers.0.price.amount",
        ),
        ({"milestones": []}, "milestones"),
        (
            {"milestones": [{"part": 1, "lastDate": "2099-01-01", "description": "x"}]},
            "milestones",
        ),
    ],
)
def test_invalid_campaign_names_its_field(world: World, change: Json, field: str) -> None:
    problem = refused(world["supplier"], "/v1/campaigns", body(world, **change))
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_campaign_refuses_too_many_places_or_a_related_reviewer(world: World) -> None:
    campaign = opened(world)
    path = f"/v1/campaigns/{campaign}/contributions"
    assert "PlacesTaken" in str(refused(world["buyer"], path, {"tier": 0, "places": 21}))
    assert refused(world["buyer"], path, {"tier": 1, "places": 1})["field"] == "tier"
    own = body(world, reviewerPartyId=world.parties["supplier"])
    assert "ReviewerIsCreator" in str(refused(world["supplier"], "/v1/campaigns", own))


def test_related_refund_is_refused_for_an_unrelated_backer(world: World) -> None:
    campaign = opened(world)
    contribute(world, campaign, 1)
    path = f"/v1/campaigns/{campaign}/related-refunds"
    problem = refused(world["castor"], path, {"partyId": world.parties["buyer"]})
    assert "BackerUnrelated" in str(problem)


def test_the_creator_and_the_reviewer_cannot_fund(world: World) -> None:
    campaign = opened(world)
    for name in ("supplier", "bank"):
        path = f"/v1/campaigns/{campaign}/contributions"
        assert "BackerRelated" in str(refused(world[name], path, {"tier": 0, "places": 1}))


CURRENCY, ACCOUNT, OTHER = "0x" + "aa" * 20, "0x" + "11" * 20, "0x" + "22" * 20


def event(place: int, name: str, *, at: int, **arguments: Any) -> DecodedEvent:
    """An event of Campaigns at a time."""
    return DecodedEvent(
        name=name,
        contract="Campaigns",
        arguments=arguments,
        position=place,
        block_number=place,
        block_hash="0x" + "44" * 32,
        transaction_hash="0x" + "55" * 32,
        address="0x" + "66" * 20,
        transaction_index=0,
        log_index=place,
        timestamp=at,
    )


def test_campaign_rows_record_stopped_time_and_refunds(
    tmp_path: Path,
) -> None:
    terms = {
        **{"currency": CURRENCY, "goal": 100, "deadline": 2_000, "reviewer": OTHER},
        **{"category": 3, "documentRoot": "0x01", "legalTextHash": "0x02"},
    }
    stop = {"currency": CURRENCY}
    opening = {"creator": ACCOUNT, "terms": terms, "tiers": [], "milestones": []}
    funded = {"campaignId": 1, "backer": OTHER, "tier": 0, "places": 1}
    events = [
        event(1, "CurrencyStopped", at=900, stoppedAt=900, **stop),
        event(2, "CurrencyMoves", at=950, stoppedAt=900, daysLost=0, **stop),
        event(3, "CampaignOpened", at=1_000, campaignId=1, **opening),
        event(4, "CampaignFunded", at=1_001, amount=70, contributed=70, **funded),
        event(
            5,
            "RelatedBackerReturned",
            at=1_002,
            campaignId=1,
            backer=OTHER,
            amount=70,
            contributed=0,
        ),
        event(6, "LeftUnclaimed", at=1_002, party=OTHER, currency=CURRENCY, amount=70),
        event(7, "CurrencyStopped", at=1_900, stoppedAt=1_900, **stop),
    ]
    storage = create_storage(f"sqlite:///{tmp_path / 'campaigns.sqlite'}")
    storage.migrate()

    def told(connection: Connection) -> tuple[CampaignRow, ClockRow, int]:
        for item in events:
            CampaignsProjection().apply(connection, [item])
        row = CampaignRow(*run(connection, f"SELECT {COLUMNS} FROM campaigns").one())
        clock = ClockRow(*run(connection, f"SELECT {CLOCK} FROM campaign_clocks").one())
        total = run(connection, "SELECT sum(amount) FROM contributions").scalar()
        return row, clock, int(total or 0)

    try:
        row, clock, total = storage.write_now(told)
    finally:
        storage.close()
    assert (row.contributed, total, row.lost_before, row.category) == (0, 0, 50, 3)
    assert (clock.stopped_at, clock.lost_seconds) == (1_900, 50)
    assert seconds_lost(row, clock, now=1_900) == 0
    assert seconds_lost(row, clock, now=2_500) == 600
    assert seconds_lost(row, clock, now=10**9) == MAX_SECONDS_LOST
    assert status_of(row, lost=600, now=2_500, zone_offset=0) == "funding"
    assert status_of(row, lost=0, now=2_500, zone_offset=0) == "missed"


def test_backer_reads_the_history_of_a_campaign_without_other_backers(world: World) -> None:
    campaign = opened(world)
    contribute(world, campaign, 1)
    world.cash("castor", "200.00")
    contribute(world, campaign, 2, by="castor")

    def told(by: str) -> list[str]:
        items = world[by].get("/v1/history", campaign=campaign).body["items"]
        return [item["event"] for item in items]

    assert told("auditor") == ["CampaignOpened", "CampaignFunded", "CampaignFunded"]
    assert told("supplier") == told("auditor"), "the creator"
    assert told("bank") == told("auditor"), "the reviewer"
    assert told("buyer") == ["CampaignOpened", "CampaignFunded"]
    assert told("vega") == ["CampaignOpened"]
