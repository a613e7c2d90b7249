"""What holders do with claims, and claims as callers may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import BadInput, Forbidden, NotFound
from app.gateway.approvals import token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import moment
from app.gateway.views import party_view, time_view
from app.parties.registry import repository as party_repository
from app.parties.registry import service as parties
from app.trade.claims import repository
from app.trade.claims.repository import ClaimSeen
from app.trade.claims.schemas import Part
from app.trade.receivables.reading import near

CONTRACT = "Receivables"
NO_PAPERS = "0x" + "0" * 64


async def claim(gateway: Gateway, caller: Caller, claim_id: int) -> ClaimSeen:
    """A claim that the caller may see: whoever has or had to do with its receivable.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> ClaimSeen | None:
        found = repository.by_id(connection, claim_id)
        if found is None or not near(connection, caller, found.claim.receivable_id):
            return None
        return found

    found = await gateway.storage.read(find)
    if found is None:
        raise NotFound(f"there is no claim {claim_id}", name="claim-unknown")
    return found


async def own_claim(command: Command, claim_id: int) -> ClaimSeen:
    """A claim that the caller holds.

    Raises:
        NotFound, Forbidden.
    """
    found = await claim(command.gateway, command.caller, claim_id)
    if command.caller.acting() != found.claim.owner:
        raise Forbidden(f"claim {claim_id} is held by another party", name="not-holder")
    return found


async def assign(command: Command, claim_id: int, parts: list[Part]) -> Response:
    """Passes parts (or the whole, to one) on, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    found = await claim(gateway, command.caller, claim_id)
    held = found.claim
    if command.caller.acting() not in (held.owner, held.lienholder):
        raise Forbidden(f"claim {claim_id} is held by another party", name="not-holder")
    currency = gateway.currency_at(found.currency)
    given: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        field = f"parts.{place}"
        to = await parties.party_in(gateway, part.toPartyId, field=f"{field}.toPartyId")
        if to.account == held.owner:
            raise BadInput("a claim is not passed on to its holder", field=f"{field}.toPartyId")
        amount = minor(part.amount, field=f"{field}.amount", currency=currency)
        papers = part.papersRoot or NO_PAPERS
        given.append({"to": to.account, "value": amount, "papersRoot": papers})
    total = sum(int(part["value"]) for part in given)
    if total > held.value:
        holds = money_view(held.value, currency=currency)["amount"]
        sums = money_view(total, currency=currency)["amount"]
        raise BadInput(
            f"the parts sum to {sums}, claim {claim_id} holds {holds}",
            name="parts-exceed-claim",
            field="parts",
            fix=f"let the parts sum to at most {holds}",
        )
    subject = {"claimId": claim_id, "receivableId": held.receivable_id}
    if len(given) == 1:
        only = given[0]
        arguments = [claim_id, only["to"], only["value"], only["papersRoot"]]
        return await act(command, Act("assign", CONTRACT, "assign", arguments, subject))
    return await act(command, Act("assign", CONTRACT, "assignMany", [claim_id, given], subject))


async def merge(command: Command, claim_id: int, into: int) -> Response:
    """Merges one claim of the caller's into another."""
    found = await own_claim(command, claim_id)
    other = await own_claim(command, into)
    if other.claim.receivable_id != found.claim.receivable_id or into == claim_id:
        raise BadInput(
            "both claims must be different ones on the same receivable", field="intoClaimId"
        )
    subject = {"claimId": claim_id, "intoClaimId": into}
    return await act(command, Act("merge", CONTRACT, "merge", [claim_id, into], subject))


async def collect(command: Command, claim_ids: list[int]) -> Response:
    """Pays out what was paid on claims, to their holders; anyone near the debt may ask for it."""
    for claim_id in claim_ids:
        await claim(command.gateway, command.caller, claim_id)
    if len(claim_ids) == 1:
        subject: dict[str, Any] = {"claimId": claim_ids[0]}
        return await act(command, Act("collect", CONTRACT, "collect", claim_ids, subject))
    subject = {"claimIds": claim_ids}
    return await act(command, Act("collect", CONTRACT, "collectMany", [claim_ids], subject))


async def pledge(command: Command, claim_id: int, lienholder_id: str) -> Response:
    """Puts a lien on a claim of the caller's."""
    await own_claim(command, claim_id)
    to = await parties.party_in(command.gateway, lienholder_id, field="lienholderPartyId")
    subject = {"claimId": claim_id, "lienholder": to.id}
    return await act(command, Act("pledge", CONTRACT, "encumber", [claim_id, to.account], subject))


async def release(command: Command, claim_id: int) -> Response:
    """The lienholder lets a claim go."""
    found = await claim(command.gateway, command.caller, claim_id)
    if found.claim.lienholder != command.caller.acting():
        raise Forbidden(f"the caller has no lien on claim {claim_id}", name="not-lienholder")
    subject = {"claimId": claim_id}
    return await act(command, Act("release", CONTRACT, "release", [claim_id], subject))


async def put_back(command: Command, claim_id: int) -> Response:
    """Puts a claim bought with recourse back to the one who sold it, after a default."""
    found = await own_claim(command, claim_id)
    holder = command.caller.acting()
    approvals = token_approvals(
        command.gateway, kind="claim", owner=holder, spender="ClaimMarket", ids=[claim_id]
    )
    subject = {"claimId": claim_id, "receivableId": found.claim.receivable_id}
    wanted = Act("put-back", "ClaimMarket", "putBack", [claim_id], subject, approvals)
    return await act(command, wanted)


def view(
    gateway: Gateway, found: ClaimSeen, *, names: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """A claim in JSON."""
    row, currency = found.claim, gateway.currency_at(found.currency)
    lien = None if row.lienholder is None else party_view(row.lienholder, names)
    return {
        "id": row.claim_id,
        "receivableId": row.receivable_id,
        "owner": party_view(row.owner, names),
        "value": money_view(row.value, currency=currency),
        "parentId": row.parent_id,
        "depth": row.depth,
        "lienholder": lien,
        "burned": bool(row.burned),
        "collectedPrincipal": money_view(row.collected_principal, currency=currency),
        "collectedLateCharge": money_view(row.collected_late_charge, currency=currency),
        "papersRoot": row.papers_root,
    }


async def seen(gateway: Gateway, caller: Caller, claim_id: int) -> dict[str, Any]:
    """A claim with its chain of assignment.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> dict[str, Any] | None:
        found = repository.by_id(connection, claim_id)
        if found is None or not near(connection, caller, found.claim.receivable_id):
            return None
        steps = repository.lineage(connection, claim_id)
        accounts = {found.claim.owner, found.claim.lienholder or found.claim.owner}
        for step in steps:
            accounts |= {step["from_owner"], step["to_owner"]} - {None}
        names = party_repository.names(connection, accounts)
        currency = gateway.currency_at(found.currency)
        chain = [_step(step, names, currency) for step in steps]
        _, as_of = moment(connection)
        return view(gateway, found, names=names) | {"lineage": chain, "asOf": as_of}

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(f"there is no claim {claim_id}", name="claim-unknown")
    return body


def _step(step: dict[str, Any], names: dict[str, tuple[str, str]], currency: str) -> dict[str, Any]:
    found: dict[str, Any] = {"claimId": step["claim_id"], "parentId": step["parent_id"]}
    if step["from_owner"] is None:
        return found | {"assignment": None}
    return found | {
        "assignment": {
            "fromClaimId": step["from_claim_id"],
            "from": party_view(step["from_owner"], names),
            "to": party_view(step["to_owner"], names),
            "value": money_view(step["value"], currency=currency),
            "papersRoot": step["papers_root"],
            "courtOrderHash": step["court_order_hash"],
            "transactionHash": step["transaction_hash"],
            "at": time_view(step["timestamp"]),
        }
    }


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    receivable_id: int | None,
    pledged_to_me: bool,
    burned: bool | None,
    before: int | None,
    limit: int,
) -> dict[str, Any]:
    """The caller's claims, or those pledged to it; all claims for those who see all.

    With a receivable that the caller is or was near, all claims on it.
    """

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        nothing: dict[str, Any] = {"items": [], "nextCursor": None, "asOf": as_of}
        filters: dict[str, Any] = {"receivable_id": receivable_id}
        if receivable_id is not None:
            if not near(connection, caller, receivable_id):
                return nothing
        elif caller.account is None and not caller.sees_all:
            return nothing
        elif pledged_to_me:
            filters["lienholder"] = caller.account
        elif not caller.sees_all:
            filters["owner"] = caller.account
        rows = repository.listed(connection, burned=burned, before=before, limit=limit, **filters)
        accounts = {row.claim.owner for row in rows}
        accounts |= {row.claim.lienholder for row in rows if row.claim.lienholder}
        names = party_repository.names(connection, accounts)
        items = [view(gateway, row, names=names) for row in rows]
        following = rows[-1].claim.claim_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)
