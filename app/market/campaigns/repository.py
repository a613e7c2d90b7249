"""Queries of campaigns, contributions and the clocks of their currencies."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from app.market.campaigns.projection import CampaignRow, ClockRow
from app.storage import record_of, run

COLUMNS = ", ".join(field.name for field in msgspec.structs.fields(CampaignRow))
CLOCK = ", ".join(field.name for field in msgspec.structs.fields(ClockRow))
_NEWEST = 2**62  # past every campaign


class TierDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A tier as the ledger records it; `kind` is its place in `KINDS`."""

    price: int
    places: int
    kind: int
    description_hash: str


class MilestoneDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A milestone as the ledger records it; `part` is in parts per million."""

    part: int
    last_day: int
    description_hash: str


class CampaignDetails(msgspec.Struct, frozen=True, rename="camel"):
    """What never changes about a campaign: the column `details_json`."""

    tiers: list[TierDetails]
    milestones: list[MilestoneDetails]
    document_root: str
    legal_text_hash: str


_decode_details = msgspec.json.Decoder(CampaignDetails).decode


def details_of(row: CampaignRow) -> CampaignDetails:
    """The tiers, the milestones and the documents of a campaign."""
    return _decode_details(row.details_json)


def by_id(connection: Connection, campaign_id: int) -> CampaignRow | None:
    """A campaign."""
    query = f"SELECT {COLUMNS} FROM campaigns WHERE campaign_id = ?"
    row = run(connection, query, (campaign_id,)).first()
    return None if row is None else record_of(CampaignRow, row)


def listed(
    connection: Connection, *, category: int | None, before: int | None, limit: int
) -> list[CampaignRow]:
    """Newest first; only those of a category, if one is named."""
    condition, values = "campaign_id < ?", [before or _NEWEST]
    if category is not None:
        condition, values = f"category = ? AND {condition}", [category, *values]
    query = f"SELECT {COLUMNS} FROM campaigns WHERE {condition} ORDER BY campaign_id DESC LIMIT ?"
    rows = run(connection, query, (*values, limit))
    return [record_of(CampaignRow, row) for row in rows]


def every(connection: Connection) -> Iterator[CampaignRow]:
    """All campaigns, in no order."""
    rows = run(connection, f"SELECT {COLUMNS} FROM campaigns")
    return (record_of(CampaignRow, row) for row in rows)


def clocks(connection: Connection, currencies: set[str]) -> dict[str, ClockRow]:
    """The clocks of these currencies; a currency that never stopped has none."""
    if not currencies:
        return {}
    marks = ", ".join("?" * len(currencies))
    query = f"SELECT {CLOCK} FROM campaign_clocks WHERE currency IN ({marks})"
    rows = run(connection, query, tuple(currencies))
    return {row.currency: record_of(ClockRow, row) for row in rows}


def every_clock(connection: Connection) -> dict[str, ClockRow]:
    """The clocks of all currencies that ever stopped."""
    rows = run(connection, f"SELECT {CLOCK} FROM campaign_clocks")
    return {row.currency: record_of(ClockRow, row) for row in rows}


def contribution_of(connection: Connection, campaign_id: int, *, account: str | None) -> int:
    """Contributions of an account's party to a campaign, less refunds."""
    amount = run(
        connection,
        "SELECT coalesce(sum(amount), 0) FROM contributions "
        "WHERE campaign_id = ? AND (backer = ? OR backer IN (SELECT other.account FROM "
        "accounts mine JOIN accounts other ON other.party_id = mine.party_id "
        "WHERE mine.account = ?))",
        (campaign_id, account or "", account or ""),
    ).scalar()
    return int(amount or 0)
