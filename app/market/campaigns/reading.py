"""Counts, sums and success rates of campaigns, by category and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.market.campaigns import repository
from app.market.campaigns.projection import CampaignRow
from app.market.campaigns.schemas import (
    CATEGORIES,
    CampaignCategories,
    CampaignFigures,
    CategoryFigures,
)
from app.market.campaigns.service import MILLION, seconds_lost, status_of


class Tally:
    """Campaigns by status, and sums of their money by currency."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.goals: Counter[str] = Counter()
        self.contributed: Counter[str] = Counter()

    def add(self, row: CampaignRow, *, status: str, currency: str) -> None:
        """Counts a campaign."""
        self.statuses[status] += 1
        self.goals[currency] += row.goal
        self.contributed[currency] += row.contributed

    def figures(self) -> CampaignFigures:
        """The figures in JSON."""
        return {
            "funding": self.statuses["funding"],
            "met": self.statuses["met"],
            "missed": self.statuses["missed"],
            "failed": self.statuses["failed"],
            "completed": self.statuses["completed"],
            "cancelled": self.statuses["cancelled"],
            "successRate": success_rate_down(self.statuses),
            "sums": [
                {
                    "goals": money_view(self.goals[currency], currency=currency),
                    "contributed": money_view(self.contributed[currency], currency=currency),
                }
                for currency in sorted(self.goals)
            ],
        }


def success_rate_down(statuses: Mapping[str, int]) -> int | None:
    """Met and completed campaigns in all that are no longer open, in parts per million.

    A cancelled campaign is over and did not succeed, as on the ledger: otherwise a creator that
    expects to miss its goal could cancel to keep the rate high.
    """
    over = sum(number for status, number in statuses.items() if status != "funding")
    succeeded = statuses.get("met", 0) + statuses.get("completed", 0)
    return succeeded * MILLION // over if over else None


async def by_category(gateway: Gateway) -> CampaignCategories:
    """The figures of every category, and of all together, as of the newest block."""

    def find(connection: Connection) -> CampaignCategories:
        now, as_of = moment(connection)
        clocks = repository.every_clock(connection)
        total, tallies = Tally(), [Tally() for _ in CATEGORIES]
        for row in repository.every(connection):
            lost = seconds_lost(row, clocks.get(row.currency), now=now)
            status = status_of(row, lost=lost, now=now, zone_offset=gateway.zone_offset)
            currency = gateway.currency_at(row.currency)
            for tally in (total, tallies[row.category]):
                tally.add(row, status=status, currency=currency)
        items: list[CategoryFigures] = [
            {"category": category, **tally.figures()}
            for category, tally in zip(CATEGORIES, tallies, strict=True)
        ]
        return {"items": items, "total": total.figures(), "asOf": as_of}

    return await gateway.storage.read(find)
