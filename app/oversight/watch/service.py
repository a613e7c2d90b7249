"""Warning levels of what a caller may see, as of the newest block."""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy import Connection

from app.domain.watch.assessing import Assessment, Watched, watched
from app.domain.watch.model import Level
from app.gateway.callers import Caller
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.read_as_of import AsOf, moment
from app.lending.access import lender_of
from app.oversight.watch import repository, views
from app.oversight.watch.repository import Scope
from app.oversight.watch.schemas import LEVEL_NAMES, Assessments, LevelName, PortfolioAssessment
from app.parties.registry import repository as parties

Listed = Literal["borrowers", "debtors", "products"]


class _Outcome(msgspec.Struct):
    levels: Watched
    account_of: dict[int, str]
    as_of: AsOf


async def _watched(gateway: Gateway, caller: Caller, lender_party_id: str | None) -> _Outcome:
    """The levels of everything in the caller's scope, read in one transaction.

    Raises:
        Forbidden, BadInput.
    """
    lender = await lender_of(gateway, caller, lender_party_id)
    codes = {gateway.contracts.address(CASH_PREFIX + code): code for code in gateway.currencies()}

    def find(connection: Connection) -> tuple[repository.Loaded, AsOf]:
        now, as_of = moment(connection)
        scope = Scope(lender=lender, codes=codes, now=now, zone_offset=gateway.zone_offset)
        return repository.load(connection, scope), as_of

    loaded, as_of = await gateway.storage.read(find)
    levels = await gateway.documents.run(watched, loaded.facts)
    return _Outcome(levels, loaded.account_of, as_of)


async def listed(
    gateway: Gateway,
    caller: Caller,
    listing: Listed,
    *,
    lender_party_id: str | None,
    min_level: LevelName,
    limit: int,
    offset: int,
) -> Assessments:
    """The borrowers, debtors or products at a level or above, the worst first.

    Raises:
        Forbidden, BadInput.
    """
    outcome = await _watched(gateway, caller, lender_party_id)
    items: tuple[Assessment, ...] = getattr(outcome.levels, listing)
    lowest = Level(LEVEL_NAMES.index(min_level))
    shown = [item for item in items if item.level >= lowest][offset : offset + limit]
    accounts = {
        outcome.account_of[item.key] for item in shown if item.subject in ("borrower", "debtor")
    }
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    return {
        "items": [
            views.assessment(item, names=names, account_of=outcome.account_of) for item in shown
        ],
        "levels": views.levels(items),
        "asOf": outcome.as_of,
    }


async def portfolio(
    gateway: Gateway, caller: Caller, *, lender_party_id: str | None
) -> PortfolioAssessment:
    """All loans together.

    Raises:
        Forbidden, BadInput.
    """
    outcome = await _watched(gateway, caller, lender_party_id)
    item = outcome.levels.portfolio
    return {
        "portfolio": views.assessment(item, names={}, account_of=outcome.account_of),
        "asOf": outcome.as_of,
    }
