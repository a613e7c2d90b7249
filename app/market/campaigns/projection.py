"""Projects the events of Campaigns into campaigns, contributions and clocks."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import insert_many
from app.storage.rows import Rows
from app.storage.tables.market import campaign_clocks, campaigns, contributions

CONTRACT = "Campaigns"


class CampaignRow(msgspec.Struct):
    """A campaign; its fields are the table's columns.

    Attributes:
        category: place in `CATEGORIES`.
    """

    campaign_id: int
    creator: str
    currency: str
    goal: int
    deadline: int
    reviewer: str
    category: int
    details_json: str
    contributed: int
    released: int
    refunded: int
    milestones_released: int
    cancelled: int
    lost_before: int
    created_block: int
    changed_block: int


class ClockRow(msgspec.Struct):
    """How long a currency was stopped, as Campaigns counts it.

    Attributes:
        stopped_at: when the current stop began (UTC seconds); 0 while the currency moves.
        lost_seconds: seconds in stops that have ended.
    """

    currency: str
    stopped_at: int
    lost_seconds: int
    changed_block: int


class CampaignsProjection:
    """Fills `campaigns`, `contributions` and `campaign_clocks`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [campaigns, contributions, campaign_clocks]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        own_events = [event for event in events if event.contract == CONTRACT]
        rows = Rows(connection, campaigns, CampaignRow)
        rows.load({event.arguments["campaignId"] for event in own_events if _has_campaign(event)})
        clocks = Rows(connection, campaign_clocks, ClockRow)
        clocks.load(
            {currency for event in own_events if (currency := _currency(event)) is not None}
        )
        new_contributions: list[tuple[Any, ...]] = []
        for event in own_events:
            if event.name == "CampaignOpened":
                clock = clocks.find(event.arguments["terms"]["currency"])
                rows.add(_new_campaign(event, lost=0 if clock is None else clock.lost_seconds))
            elif event.name in ("CurrencyStopped", "CurrencyMoves"):
                _change_clock(clocks, event)
            elif _has_campaign(event):
                _change(rows.get(event.arguments["campaignId"]), event, new_contributions)
        rows.write()
        clocks.write()
        insert_many(connection, contributions, new_contributions)


def _has_campaign(event: DecodedEvent) -> bool:
    return "campaignId" in event.arguments


def _currency(event: DecodedEvent) -> str | None:
    """The currency whose clock an event reads or changes."""
    if event.name == "CampaignOpened":
        return str(event.arguments["terms"]["currency"])
    if event.name in ("CurrencyStopped", "CurrencyMoves"):
        return str(event.arguments["currency"])
    return None


def _change_clock(clocks: Rows[ClockRow], event: DecodedEvent) -> None:
    arguments = event.arguments
    clock = clocks.find(arguments["currency"]) or clocks.add(
        ClockRow(arguments["currency"], 0, 0, 0)
    )
    clock.changed_block = event.block_number
    if event.name == "CurrencyStopped":
        clock.stopped_at = arguments["stoppedAt"]
    else:
        clock.stopped_at = 0
        clock.lost_seconds += event.timestamp - arguments["stoppedAt"]


def _change(row: CampaignRow, event: DecodedEvent, contributions: list[tuple[Any, ...]]) -> None:
    arguments = event.arguments
    row.changed_block = event.block_number
    if event.name == "CampaignFunded":
        row.contributed = arguments["contributed"]
        contributions.append(
            _contribution(event, arguments["tier"], arguments["places"], arguments["amount"])
        )
    elif event.name == "BackerRefunded":
        row.refunded += arguments["amount"]
        contributions.append(_contribution(event, None, 0, -arguments["amount"]))
    elif event.name == "RelatedBackerReturned":
        row.contributed = arguments["contributed"]
        contributions.append(_contribution(event, None, 0, -arguments["amount"]))
    elif event.name == "MilestoneReleased":
        row.released += arguments["amount"]
        row.milestones_released = arguments["milestone"] + 1
    elif event.name == "CampaignCancelled":
        row.cancelled = 1


def _new_campaign(event: DecodedEvent, *, lost: int) -> CampaignRow:
    arguments = event.arguments
    terms, block = arguments["terms"], event.block_number
    details = {
        "tiers": arguments["tiers"],
        "milestones": arguments["milestones"],
        "documentRoot": terms["documentRoot"],
        "legalTextHash": terms["legalTextHash"],
    }
    return CampaignRow(
        campaign_id=arguments["campaignId"],
        creator=arguments["creator"],
        currency=terms["currency"],
        goal=terms["goal"],
        deadline=terms["deadline"],
        reviewer=terms["reviewer"],
        category=terms["category"],
        details_json=msgspec.json.encode(details).decode(),
        contributed=0,
        released=0,
        refunded=0,
        milestones_released=0,
        cancelled=0,
        lost_before=lost,
        created_block=block,
        changed_block=block,
    )


def _contribution(
    event: DecodedEvent, tier: int | None, places: int, amount: int
) -> tuple[Any, ...]:
    arguments = event.arguments
    return (
        *(event.position, arguments["campaignId"], arguments["backer"], tier, places, amount),
        *(event.transaction_hash, event.timestamp, event.block_number),
    )
