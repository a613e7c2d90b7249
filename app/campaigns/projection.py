"""Campaigns and pledges out of the events of Campaigns."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.projection import DecodedEvent
from app.storage import insert_many
from app.storage.financing_tables import campaign_pledges, campaigns
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
    created_block: int
    changed_block: int


class CampaignsProjection:
    """Fills `campaigns` and `campaign_pledges`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [campaigns, campaign_pledges]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        ours = [event for event in events if event.contract == CONTRACT]
        rows = Rows(connection, campaigns, CampaignRow)
        rows.load({event.arguments["campaignId"] for event in ours})
        pledges = []
        for event in ours:
            given = event.arguments
            if event.name == "CampaignOpened":
                rows.add(_opened(event, given))
                continue
            row = rows.get(given["campaignId"])
            row.changed_block = event.block_number
            if event.name == "CampaignFunded":
                row.pledged = given["pledged"]
                pledges.append(_pledge(event, given["tier"], given["places"], given["amount"]))
            elif event.name == "BackerRefunded":
                row.refunded += given["amount"]
                pledges.append(_pledge(event, None, 0, -given["amount"]))
            elif event.name == "MilestoneReleased":
                row.released += given["amount"]
                row.milestones_released = given["milestone"] + 1
            elif event.name == "CampaignCancelled":
                row.cancelled = 1
        rows.write()
        insert_many(connection, campaign_pledges, pledges)


def _opened(event: DecodedEvent, given: dict[str, Any]) -> CampaignRow:
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
        created_block=block,
        changed_block=block,
    )


def _pledge(event: DecodedEvent, tier: int | None, places: int, amount: int) -> tuple[Any, ...]:
    given = event.arguments
    return (
        *(event.position, given["campaignId"], given["backer"], tier, places, amount),
        *(event.transaction_hash, event.timestamp, event.block_number),
    )
