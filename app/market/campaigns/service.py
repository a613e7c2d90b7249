"""Commands and views of campaigns."""

from __future__ import annotations

from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.domain.calendar import date_of, day_at, day_of
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import cash_approval
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
from app.gateway.money import MoneyView, minor, money_view, with_token
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view, time_view
from app.market.campaigns import repository
from app.market.campaigns.projection import CampaignRow, ClockRow
from app.market.campaigns.repository import details_of
from app.market.campaigns.schemas import (
    CATEGORIES,
    Campaign,
    CampaignPage,
    Category,
    NewCampaign,
    Release,
    TierKind,
)
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

CONTRACT = "Campaigns"
KINDS: tuple[TierKind, ...] = ("reward", "share")
MILLION = 1_000_000
MAX_SECONDS_LOST = 366 * 86_400  # as in Campaigns


def _hash(text: str) -> str:
    return "0x" + keccak(text.encode()).hex()


async def open_campaign(command: Command, request: NewCampaign) -> Change:
    """Opens a campaign.

    Raises:
        BadInput, Conflict.
    """
    gateway = command.gateway
    command.caller.acting()
    currency = with_token(gateway, request.goal.currency, field="goal.currency")
    if request.endsAt.tzinfo is None:
        raise BadInput(
            "endsAt has no time zone", field="endsAt", fix="write it with Z or an offset"
        )
    if sum(milestone.part for milestone in request.milestones) != MILLION:
        raise BadInput(
            "the parts of the milestones do not sum to 1000000",
            field="milestones",
            fix="change the parts so that they do",
        )
    reviewer = await party_in(gateway, request.reviewerPartyId, field="reviewerPartyId")
    tiers = [
        {
            "price": minor(tier.price, field=f"tiers.{index}.price", currency=currency),
            "places": tier.places,
            "kind": KINDS.index(tier.kind),
            "descriptionHash": _hash(tier.description),
        }
        for index, tier in enumerate(request.tiers)
    ]
    milestones = [
        {
            "part": milestone.part,
            "lastDay": day_of(milestone.lastDate),
            "descriptionHash": _hash(milestone.description),
        }
        for milestone in request.milestones
    ]
    terms = {
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "goal": minor(request.goal, field="goal", currency=currency),
        "deadline": int(request.endsAt.timestamp()),
        "reviewer": reviewer.account,
        "category": CATEGORIES.index(request.category),
        "documentRoot": _hash(request.description),
        "legalTextHash": gateway.legal_text_hash,
    }
    subject = {"goal": terms["goal"], "currency": currency}
    return await change_for(
        command,
        NewOperation("open-campaign", CONTRACT, "open", [terms, tiers, milestones], subject),
    )


async def campaign(gateway: Gateway, campaign_id: int) -> CampaignRow:
    """A campaign; every caller may read all campaigns.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, campaign_id))
    if row is None:
        raise NotFound(
            say("there is no campaign {campaign_id}", campaign_id=campaign_id),
            name="campaign-unknown",
        )
    return row


async def contribute(command: Command, campaign_id: int, *, tier: int, places: int) -> Change:
    """Contributes the caller's own money for places in a tier.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await campaign(gateway, campaign_id)
    currency = gateway.currency_at(row.currency)
    if currency not in gateway.currencies():
        raise Conflict(
            say(
                "this gateway does not know the currency of campaign {campaign_id}",
                campaign_id=campaign_id,
            ),
            name="currency-unknown",
            fix="tell the operator: the gateway's deployment record lacks the currency",
        )
    backer = command.caller.acting()
    prices = [item.price for item in details_of(row).tiers]
    if tier >= len(prices):
        raise BadInput(
            say("tier is {tier}; the campaign has {prices} tiers", tier=tier, prices=len(prices)),
            field="tier",
            fix="count from 0",
        )
    approval = cash_approval(
        gateway, currency=currency, owner=backer, spender=CONTRACT, amount=prices[tier] * places
    )
    arguments = [campaign_id, tier, places]
    subject = {"campaignId": campaign_id}
    return await change_for(
        command, NewOperation("fund-campaign", CONTRACT, "fund", arguments, subject, (approval,))
    )


async def cancel(command: Command, campaign_id: int) -> Change:
    """The creator cancels; all contributions go back.

    Raises:
        NotFound, Forbidden.
    """
    row = await campaign(command.gateway, campaign_id)
    if not await _is_of_same_party(command, row.creator):
        raise Forbidden("only the creator cancels its campaign", name="not-creator")
    subject = {"campaignId": campaign_id}
    return await change_for(
        command, NewOperation("cancel-campaign", CONTRACT, "cancel", [campaign_id], subject)
    )


async def release(command: Command, campaign_id: int, request: Release) -> Change:
    """The reviewer releases the next milestone.

    Raises:
        NotFound, Forbidden.
        Conflict: another milestone is next.
    """
    row = await campaign(command.gateway, campaign_id)
    if not await _is_of_same_party(command, row.reviewer):
        raise Forbidden("only the reviewer releases a milestone", name="not-reviewer")
    on_ledger = await call(command.gateway, CONTRACT, "campaign", [campaign_id])
    following = int(on_ledger["milestonesReleased"])
    if request.milestone != following:
        raise Conflict(
            say(
                "milestone {following} of campaign {campaign_id} is next, not {milestone}",
                following=following,
                campaign_id=campaign_id,
                milestone=request.milestone,
            ),
            name="milestone-not-next",
            field="milestone",
            fix="look at the campaign again: GET /v1/campaigns/{campaignId}",
        )
    arguments = [campaign_id, _hash(request.statement)]
    subject = {"campaignId": campaign_id}
    return await change_for(
        command, NewOperation("release-milestone", CONTRACT, "release", arguments, subject)
    )


async def return_related(command: Command, campaign_id: int, party_id: str) -> Change:
    """Returns the money of a backer related to creator or reviewer; it no longer counts."""
    gateway = command.gateway
    await campaign(gateway, campaign_id)
    backer = (await party_in(gateway, party_id, field="partyId")).account
    subject = {"campaignId": campaign_id}
    new_operation = NewOperation(
        "return-related-backer", CONTRACT, "returnRelated", [campaign_id, backer], subject
    )
    return await change_for(command, new_operation)


async def _is_of_same_party(command: Command, account: str) -> bool:
    """Whether the caller's account is this one or another of the same party."""
    caller = command.caller.acting()
    return await command.gateway.storage.read(
        lambda connection: parties.of_one_party(connection, caller, account)
    )


async def refund(command: Command, campaign_id: int, party_id: str | None) -> Change:
    """Returns a contribution to its backer; nobody has to allow it."""
    gateway = command.gateway
    await campaign(gateway, campaign_id)
    backer = command.caller.account
    if party_id is not None:
        backer = (await party_in(gateway, party_id, field="partyId")).account
    subject = {"campaignId": campaign_id}
    new_operation = NewOperation(
        "refund-backer", CONTRACT, "refund", [campaign_id, backer], subject
    )
    return await change_for(command, new_operation)


def seconds_lost(row: CampaignRow, clock: ClockRow | None, *, now: int) -> int:
    """Seconds in which the currency was stopped since the campaign opened, up to the maximum."""
    if clock is None:
        return 0
    lost = clock.lost_seconds - row.lost_before
    if clock.stopped_at:
        lost += max(0, now - clock.stopped_at)
    return min(lost, MAX_SECONDS_LOST)


def status_of(row: CampaignRow, *, lost: int, now: int, zone_offset: int) -> str:
    """The status in the contract at this time; `lost` seconds do not count."""
    now -= lost
    if row.cancelled:
        return "cancelled"
    if now < row.deadline:
        return "funding"
    if row.contributed < row.goal:
        return "missed"
    steps = details_of(row).milestones
    if row.milestones_released == len(steps):
        return "completed"
    late = day_at(now, zone_offset=zone_offset) > steps[row.milestones_released].last_day
    return "failed" if late else "met"


def view(
    gateway: Gateway,
    row: CampaignRow,
    names: Names,
    *,
    clock: ClockRow | None,
    now: int,
) -> Campaign:
    """A campaign in JSON."""
    currency = gateway.currency_at(row.currency)

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    details = details_of(row)
    lost = seconds_lost(row, clock, now=now)
    return {
        "id": row.campaign_id,
        "status": status_of(row, lost=lost, now=now, zone_offset=gateway.zone_offset),
        "creator": party_view(row.creator, names),
        "reviewer": party_view(row.reviewer, names),
        "category": CATEGORIES[row.category],
        "goal": money(row.goal),
        "contributed": money(row.contributed),
        "released": money(row.released),
        "refunded": money(row.refunded),
        "endsAt": time_view(row.deadline + (lost if row.deadline + lost > now else 0)),
        "tiers": [
            {
                "price": money(tier.price),
                "places": tier.places,
                "kind": KINDS[tier.kind],
                "descriptionHash": tier.description_hash,
            }
            for tier in details.tiers
        ],
        "milestones": [
            {
                "part": milestone.part,
                "lastDate": date_of(milestone.last_day).isoformat(),
                "descriptionHash": milestone.description_hash,
                "released": index < row.milestones_released,
            }
            for index, milestone in enumerate(details.milestones)
        ],
        "documentRoot": details.document_root,
    }


async def page(
    gateway: Gateway, *, category: Category | None, before: int | None, limit: int
) -> CampaignPage:
    """Campaigns, newest first; only those of a category, if one is named."""
    place = None if category is None else CATEGORIES.index(category)

    def find(connection: Connection) -> CampaignPage:
        now, as_of = moment(connection)
        rows = repository.listed(connection, category=place, before=before, limit=limit)
        accounts = {row.creator for row in rows} | {row.reviewer for row in rows}
        names = parties.names(connection, accounts)
        following = rows[-1].campaign_id if len(rows) == limit else None
        clocks = repository.clocks(connection, {row.currency for row in rows})
        items = [view(gateway, row, names, clock=clocks.get(row.currency), now=now) for row in rows]
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def campaign_view(gateway: Gateway, campaign_id: int, *, account: str | None) -> Campaign:
    """A campaign, with the caller's contributions less refunds."""
    row = await campaign(gateway, campaign_id)

    def find(connection: Connection) -> Campaign:
        now, as_of = moment(connection)
        names = parties.names(connection, {row.creator, row.reviewer})
        amount = repository.contribution_of(connection, campaign_id, account=account)
        clock = repository.clocks(connection, {row.currency}).get(row.currency)
        return {
            **view(gateway, row, names, clock=clock, now=now),
            "ownContribution": money_view(amount, currency=gateway.currency_at(row.currency)),
            "asOf": as_of,
        }

    return await gateway.storage.read(find)
