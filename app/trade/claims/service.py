"""Operations on claims, and claims as callers may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.hashing import ZERO_HASH
from app.domain.calendar import date_of
from app.domain.texts import say
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.approvals import token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import moment
from app.gateway.sorted_pages import Page
from app.gateway.views import Names, party_view
from app.parties.registry import repository as party_repository
from app.parties.registry import service as parties
from app.trade.claims import repository
from app.trade.claims.lineage import LineageStep, accounts_of, assignment_view
from app.trade.claims.repository import ClaimWithCurrency
from app.trade.claims.schemas import Claim, ClaimDetails, ClaimPage, ClaimStep, Part
from app.trade.receivables.reading import near
from app.trade.receivables.repository import Filters as Debts

CONTRACT = "Receivables"


class TokenPart(TypedDict):
    """A part of a token and who receives it: the struct Part of ISplittableToken."""

    to: str
    value: int
    documentRoot: str


def assign_operation(
    parts: Sequence[TokenPart],
    *,
    kind: str,
    contract: str,
    token_id: int,
    subject: Mapping[str, Any],
) -> NewOperation:
    """The operation that assigns the parts of a token: one call, whatever their number."""
    if len(parts) == 1:
        part = parts[0]
        arguments = [token_id, part["to"], part["value"], part["documentRoot"]]
        return NewOperation(kind, contract, "assign", arguments, subject)
    return NewOperation(kind, contract, "assignMany", [token_id, parts], subject)


async def claim(gateway: Gateway, caller: Caller, claim_id: int) -> ClaimWithCurrency:
    """A claim that the caller may see, because it may see its receivable.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> ClaimWithCurrency | None:
        claim_with_currency = repository.by_id(connection, claim_id)
        if claim_with_currency is None or not near(
            connection, caller, claim_with_currency.claim.receivable_id
        ):
            return None
        return claim_with_currency

    claim_with_currency = await gateway.storage.read(find)
    if claim_with_currency is None:
        raise NotFound(say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown")
    return claim_with_currency


async def own_claim(command: Command, claim_id: int) -> ClaimWithCurrency:
    """A claim that the caller holds.

    Raises:
        NotFound, Forbidden.
    """
    claim_with_currency = await claim(command.gateway, command.caller, claim_id)
    if command.caller.acting() != claim_with_currency.claim.owner:
        raise Forbidden(
            say("claim {claim_id} is held by another party", claim_id=claim_id),
            name="not-holder",
            fix="let its holder do it",
        )
    return claim_with_currency


async def assign(command: Command, claim_id: int, parts: list[Part]) -> Change:
    """Assigns parts, or the whole to one party, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    claim_with_currency = await claim(gateway, command.caller, claim_id)
    row = claim_with_currency.claim
    if command.caller.acting() not in (row.owner, row.lienholder):
        raise Forbidden(
            say("claim {claim_id} is held by another party", claim_id=claim_id),
            name="not-holder",
            fix="let its holder do it",
        )
    currency = gateway.currency_at(claim_with_currency.currency)
    assignments: list[TokenPart] = []
    for place, part in enumerate(parts):
        field = f"parts.{place}"
        to = await parties.party_in(gateway, part.toPartyId, field=f"{field}.toPartyId")
        if to.account == row.owner:
            raise BadInput(
                "the party holds the claim already",
                field=f"{field}.toPartyId",
                fix="name another party",
            )
        amount = minor(part.amount, field=f"{field}.amount", currency=currency)
        documents = part.documentRoot or ZERO_HASH
        assignments.append({"to": to.account, "value": amount, "documentRoot": documents})
    total = sum(part["value"] for part in assignments)
    if total > row.value:
        holds = money_view(row.value, currency=currency)["amount"]
        sums = money_view(total, currency=currency)["amount"]
        raise BadInput(
            say(
                "the parts sum to {sums}, claim {claim_id} holds {holds}",
                sums=sums,
                claim_id=claim_id,
                holds=holds,
            ),
            name="parts-exceed-claim",
            field="parts",
            fix=say("let the parts sum to at most {holds}", holds=holds),
        )
    subject = {"claimId": claim_id, "receivableId": row.receivable_id}
    new_operation = assign_operation(
        assignments, kind="assign", contract=CONTRACT, token_id=claim_id, subject=subject
    )
    return await change_for(command, new_operation)


async def merge(command: Command, claim_id: int, into: int) -> Change:
    """Merges one claim of the caller's into another."""
    claim_with_currency = await own_claim(command, claim_id)
    target = await own_claim(command, into)
    if target.claim.receivable_id != claim_with_currency.claim.receivable_id or into == claim_id:
        raise BadInput(
            say(
                "claims {claim_id} and {into} are one, or on different receivables",
                claim_id=claim_id,
                into=into,
            ),
            field="intoClaimId",
            fix="name two claims on one receivable",
        )
    subject = {"claimId": claim_id, "intoClaimId": into}
    return await change_for(
        command, NewOperation("merge", CONTRACT, "merge", [claim_id, into], subject)
    )


async def collect(command: Command, claim_ids: list[int]) -> Change:
    """Pays out what was paid on claims to their holders; anyone who sees the debt may ask."""
    for claim_id in claim_ids:
        await claim(command.gateway, command.caller, claim_id)
    if len(claim_ids) == 1:
        new_operation = NewOperation(
            "collect", CONTRACT, "collect", claim_ids, {"claimId": claim_ids[0]}
        )
    else:
        new_operation = NewOperation(
            "collect", CONTRACT, "collectMany", [claim_ids], {"claimIds": claim_ids}
        )
    return await change_for(command, new_operation)


async def encumber(command: Command, claim_id: int, lienholder_id: str) -> Change:
    """Puts a lien on a claim of the caller's."""
    await own_claim(command, claim_id)
    lienholder = await parties.party_in(command.gateway, lienholder_id, field="lienholderPartyId")
    subject = {"claimId": claim_id, "lienholder": lienholder.id}
    return await change_for(
        command,
        NewOperation(
            "encumber-claim", CONTRACT, "encumber", [claim_id, lienholder.account], subject
        ),
    )


async def release(command: Command, claim_id: int) -> Change:
    """The lienholder releases its lien on a claim."""
    claim_with_currency = await claim(command.gateway, command.caller, claim_id)
    if claim_with_currency.claim.lienholder != command.caller.acting():
        raise Forbidden(
            say("the caller has no lien on claim {claim_id}", claim_id=claim_id),
            name="not-lienholder",
            fix="let the lienholder release it",
        )
    subject = {"claimId": claim_id}
    return await change_for(
        command, NewOperation("release", CONTRACT, "release", [claim_id], subject)
    )


async def put_back(command: Command, claim_id: int) -> Change:
    """Puts a claim bought with recourse back to the party that sold it, after a default."""
    claim_with_currency = await own_claim(command, claim_id)
    holder = command.caller.acting()
    approvals = token_approvals(
        command.gateway, kind="claim", owner=holder, spender="ClaimMarket", ids=[claim_id]
    )
    subject = {"claimId": claim_id, "receivableId": claim_with_currency.claim.receivable_id}
    new_operation = NewOperation(
        "put-back", "ClaimMarket", "putBack", [claim_id], subject, approvals
    )
    return await change_for(command, new_operation)


def view(gateway: Gateway, claim_with_currency: ClaimWithCurrency, *, names: Names) -> Claim:
    """A claim in JSON."""
    row, currency = claim_with_currency.claim, gateway.currency_at(claim_with_currency.currency)
    lienholder = None if row.lienholder is None else party_view(row.lienholder, names)
    return {
        "id": row.claim_id,
        "receivableId": row.receivable_id,
        "owner": party_view(row.owner, names),
        "value": money_view(row.value, currency=currency),
        "parentId": row.parent_id,
        "depth": row.depth,
        "lienholder": lienholder,
        "burned": bool(row.burned),
        "collectedPrincipal": money_view(row.collected_principal, currency=currency),
        "collectedLateCharge": money_view(row.collected_late_charge, currency=currency),
        "documentRoot": row.document_root,
        "dueDate": date_of(row.due_day).isoformat(),
    }


async def details(gateway: Gateway, caller: Caller, claim_id: int) -> ClaimDetails:
    """A claim with its chain of assignment.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> ClaimDetails | None:
        claim_with_currency = repository.by_id(connection, claim_id)
        if claim_with_currency is None or not near(
            connection, caller, claim_with_currency.claim.receivable_id
        ):
            return None
        steps = repository.lineage(connection, claim_id)
        accounts = {
            claim_with_currency.claim.owner,
            claim_with_currency.claim.lienholder or claim_with_currency.claim.owner,
        }
        names = party_repository.names(connection, accounts | accounts_of(steps))
        currency = gateway.currency_at(claim_with_currency.currency)
        _, as_of = moment(connection)
        return {
            **view(gateway, claim_with_currency, names=names),
            "lineage": [_step(step, names, currency) for step in steps],
            "asOf": as_of,
        }

    body = await gateway.storage.read(find)
    if body is None:
        raise NotFound(say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown")
    return body


def _step(step: LineageStep, names: Names, currency: str) -> ClaimStep:
    assignment = step.assignment
    return {
        "claimId": step.token_id,
        "parentId": step.parent_id,
        "assignment": None
        if assignment is None
        else {
            **assignment_view(assignment, names),
            "fromClaimId": assignment.from_token_id,
            "value": money_view(assignment.amount, currency=currency),
        },
    }


async def page(
    gateway: Gateway,
    caller: Caller,
    debts: Debts,
    part: Page,
    *,
    receivable_id: int | None,
    under_my_lien: bool,
    burned: bool | None,
) -> ClaimPage:
    """The caller's claims, or those that it has a lien on; all claims for those who see all.

    With a receivable that the caller may see, all claims on it.
    """

    def find(connection: Connection) -> ClaimPage:
        _, as_of = moment(connection)
        empty_page: ClaimPage = {"items": [], "nextCursor": None, "asOf": as_of}
        owner, lienholder = None, None
        if receivable_id is not None:
            if not near(connection, caller, receivable_id):
                return empty_page
        elif caller.account is None and not caller.sees_all:
            return empty_page
        elif under_my_lien:
            lienholder = caller.account
        elif not caller.sees_all:
            owner = caller.account
        filters = repository.Filters(
            owner=owner,
            lienholder=lienholder,
            receivable_id=receivable_id,
            burned=burned,
            debts=debts,
            side=None if caller.sees_all else caller.account or "",
        )
        rows = repository.listed(connection, filters, part)
        accounts = {row.owner for row in rows}
        accounts |= {row.lienholder for row in rows if row.lienholder}
        names = party_repository.names(connection, accounts)
        items = [view(gateway, ClaimWithCurrency(row, row.currency), names=names) for row in rows]
        body: ClaimPage = {"items": items, "nextCursor": part.following(rows), "asOf": as_of}
        if part.count:
            body["total"] = repository.count(connection, filters)
        return body

    return await gateway.storage.read(find)
