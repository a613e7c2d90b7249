"""Campaigns and pledges out of the events of Campaigns."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.financing_tables import campaign_clocks, campaign_pledges, campaigns
from app.storage.rows import Rows

CONTRACT = "Campaigns"


class CampaignRow(msgspec.Struct):
    """A campaign; its fields are the table's columns."""

    campaign_id: int
    creator: str
    currency: str
    goal: int
    deadline: int
    reviewer: str
    details_json: str
    pledged: int
    released: int
    refunded: int
    milestones_released: int
    cancelled: int
    lost_before: int
    created_block: int
    changed_block: int


class ClockRow(msgspec.Struct):
    """How long a currency stood still, as Campaigns counts it.

    Attributes:
        stopped_at: UTC seconds since when it stands; 0 while it moves.
        lost_seconds: in stops that have ended.
    """

    currency: str
    stopped_at: int
    lost_seconds: int
    changed_block: int


class CampaignsProjection:
    """Fills `campaigns`, `campaign_pledges` and `campaign_clocks`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [campaigns, campaign_pledges, campaign_clocks]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        ours = [event for event in events if event.contract == CONTRACT]
        rows = Rows(connection, campaigns, CampaignRow)
        rows.load({event.arguments["campaignId"] for event in ours if _of_campaign(event)})
        clocks = Rows(connection, campaign_clocks, ClockRow)
        clocks.load({currency for event in ours if (currency := _currency(event)) is not None})
        pledges: list[tuple[Any, ...]] = []
        for event in ours:
            if event.name == "CampaignOpened":
                clock = clocks.find(event.arguments["terms"]["currency"])
                rows.add(_opened(event, lost=0 if clock is None else clock.lost_seconds))
            elif event.name in ("CurrencyStopped", "CurrencyMoves"):
                _turn(clocks, event)
            elif _of_campaign(event):
                _change(rows.get(event.arguments["campaignId"]), event, pledges)
        rows.write()
        clocks.write()
        insert_many(connection, campaign_pledges, pledges)


def _of_campaign(event: DecodedEvent) -> bool:
    return "campaignId" in event.arguments


def _currency(event: DecodedEvent) -> str | None:
    """The currency whose clock an event reads or changes."""
    if event.name == "CampaignOpened":
        return str(event.arguments["terms"]["currency"])
    if event.name in ("CurrencyStopped", "CurrencyMoves"):
        return str(event.arguments["currency"])
    return None


def _turn(clocks: Rows[ClockRow], event: DecodedEvent) -> None:
    given = event.arguments
    clock = clocks.find(given["currency"]) or clocks.add(ClockRow(given["currency"], 0, 0, 0))
    clock.changed_block = event.block_number
    if event.name == "CurrencyStopped":
        clock.stopped_at = given["stoppedAt"]
    else:
        clock.stopped_at = 0
        clock.lost_seconds += event.timestamp - given["stoppedAt"]


def _change(row: CampaignRow, event: DecodedEvent, pledges: list[tuple[Any, ...]]) -> None:
    given = event.arguments
    row.changed_block = event.block_number
    if event.name == "CampaignFunded":
        row.pledged = given["pledged"]
        pledges.append(_pledge(event, given["tier"], given["places"], given["amount"]))
    elif event.name == "BackerRefunded":
        row.refunded += given["amount"]
        pledges.append(_pledge(event, None, 0, -given["amount"]))
    elif event.name == "RelatedBackerReturned":
        row.pledged = given["pledged"]
        pledges.append(_pledge(event, None, 0, -given["amount"]))
    elif event.name == "MilestoneReleased":
        row.released += given["amount"]
        row.milestones_released = given["milestone"] + 1
    elif event.name == "CampaignCancelled":
        row.cancelled = 1


def _opened(event: DecodedEvent, *, lost: int) -> CampaignRow:
    given = event.arguments
    terms, block = given["terms"], event.block_number
    details = {
        "tiers": given["tiers"],
        "milestones": given["milestones"],
        "documentRoot": terms["documentRoot"],
        "legalTextHash": terms["legalTextHash"],
    }
    return CampaignRow(
        campaign_id=given["campaignId"],
        creator=given["creator"],
        currency=terms["currency"],
        goal=terms["goal"],
        deadline=terms["deadline"],
        reviewer=terms["reviewer"],
        details_json=msgspec.json.encode(details).decode(),
        pledged=0,
        released=0,
        refunded=0,
        milestones_released=0,
        cancelled=0,
        lost_before=lost,
        created_block=block,
        changed_block=block,
    )


def _pledge(event: DecodedEvent, tier: int | None, places: int, amount: int) -> tuple[Any, ...]:
    given = event.arguments
    return (
        *(event.position, given["campaignId"], given["backer"], tier, places, amount),
        *(event.transaction_hash, event.timestamp, event.block_number),
    )
