"""Offers: funders sign, sellers accept, and one transaction exchanges the claim for cash."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_HASH
from app.chain.outbox.operation import new_id
from app.domain.calendar import day_at
from app.domain.discount import discount_rate_half_up, price_half_up, yield_half_up
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import Approval, cash_approval, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import NewOperation, change_after_approvals, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import require_new_risk
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import business_day, moment
from app.gateway.rules import require_tenor, rules_of_place
from app.gateway.signing import (
    Drafts,
    Terms,
    draft_view,
    require_signature,
    sign_in_custody,
    terms_for,
)
from app.gateway.views import Names, party_view, time_view
from app.market.offers import repository
from app.market.offers.repository import OfferRow, Quote, State
from app.market.offers.schemas import NewOffer, Offer, OfferPage
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.claims.repository import ClaimWithCurrency
from app.trade.receivables import repository as receivables
from app.trade.receivables.projection import ReceivableRow

CONTRACT = "ClaimMarket"
OFFERS = Drafts("quotes", "the offer")
MAX_STANDING = 10  # offers of one funder for one claim: open, or without its signature


async def make(command: Command, request: NewOffer) -> Change:
    """Creates a funder's offer; signs it if the gateway holds the funder's key.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    funder = caller.acting()
    await require_new_risk(gateway)

    def find(connection: Connection) -> tuple[ClaimWithCurrency | None, ReceivableRow | None, int]:
        claim_row = claims.by_id(connection, request.claimId)
        receivable = None
        if claim_row is not None:
            receivable = receivables.by_id(connection, claim_row.claim.receivable_id)
        return claim_row, receivable, moment(connection)[0]

    claim_row, receivable, now = await gateway.storage.read(find)
    if claim_row is None or receivable is None or claim_row.claim.burned:
        raise NotFound(
            say("there is no claim {claim_id}", claim_id=request.claimId), name="claim-unknown"
        )
    if claim_row.claim.owner == funder:
        raise BadInput(
            "the caller already holds the claim", field="claimId", fix="choose another claim"
        )
    if receivable.status != "Confirmed":
        raise Conflict(
            say(
                "the receivable is {status:words}, so its claims are not for sale",
                status=state_name(receivable.status),
            ),
            name="not-saleable",
            fix="wait until the debt is confirmed and without a dispute",
        )
    days = receivable.due_day - business_day(gateway, gateway.earliest(now))
    what = say("claim {claim} is due in {left:days}", claim=request.claimId, left=days)
    require_tenor(rules_of_place(), days=days, field="claimId", what=what)
    currency = gateway.currency_at(claim_row.currency)
    value = minor(request.value, field="value", currency=currency)
    if value > claim_row.claim.value:
        holds = money_view(claim_row.claim.value, currency=currency)["amount"]
        raise BadInput(
            say(
                "value is {amount}; claim {claim_id} holds {holds}",
                amount=request.value.amount,
                claim_id=request.claimId,
                holds=holds,
            ),
            name="value-exceeds-claim",
            field="value.amount",
            fix=say("give at most {holds}", holds=holds),
        )
    price = _price(
        request, value=value, currency=currency, receivable=receivable, now=now, gateway=gateway
    )
    expires = gateway.earliest(now) + request.validSeconds
    nonce = secrets.randbits(63)
    quote: Quote = {
        "funder": funder,
        "seller": claim_row.claim.owner,
        "claimId": request.claimId,
        "value": value,
        "price": price,
        "recourse": request.recourse,
        "expiresAt": expires,
        "nonce": nonce,
        "legalTextHash": gateway.legal_text_hash,
    }
    terms = _terms(gateway, quote)
    digest = terms.digest_text()
    signature = await sign_in_custody(gateway, caller, terms)
    row = OfferRow(
        id=new_id(),
        funder=funder,
        seller=claim_row.claim.owner,
        claim_id=request.claimId,
        terms=quote,
        signature=signature,
        state="prepared" if signature is None else "open",
        expires_at=expires,
        operation_id=None,
        currency=claim_row.currency,
        due_day=receivable.due_day,
        held=claim_row.claim.value,
    )
    approval = _cash_approval(gateway, owner=funder, currency=currency, price=price)

    def write(connection: Connection) -> Answer:
        newest = moment(connection)[0]
        _require_room(connection, row, now=newest)
        row.quote_request_id = repository.request_answered(
            connection, row, now=gateway.earliest(newest)
        )
        repository.add(connection, row, nonce=nonce, digest=digest)
        names = parties.names(connection, {row.funder, row.seller})
        return Answer(view(gateway, row, names=names, now=now), 201)

    approvals = [] if signature is None else [approval]
    return await change_after_approvals(command, approvals, write)


def _require_room(connection: Connection, row: OfferRow, *, now: int) -> None:
    standing = repository.standing_count(
        connection, funder=row.funder, claim_id=row.claim_id, now=now
    )
    if standing >= MAX_STANDING:
        raise Conflict(
            say(
                "{count} offers of the caller for claim {claim_id} are open or not yet signed",
                count=standing,
                claim_id=row.claim_id,
            ),
            name="offers-full",
            fix="cancel one first, or wait until one expires",
        )


def _price(
    request: NewOffer,
    *,
    value: int,
    currency: str,
    receivable: ReceivableRow,
    now: int,
    gateway: Gateway,
) -> int:
    if (request.price is None) == (request.discountRate is None):
        raise BadInput(
            "an offer takes either price or discountRate", field="price", fix="give one of the two"
        )
    if request.price is not None:
        return minor(request.price, field="price", currency=currency)
    assert request.discountRate is not None
    days = max(0, receivable.due_day - business_day(gateway, now))
    price = price_half_up(value, annual_rate=request.discountRate, days=days)
    if price <= 0:
        raise BadInput(
            "the discount takes the whole value", field="discountRate", fix="give a lower rate"
        )
    return price


async def offer(gateway: Gateway, caller: Caller, identifier: str) -> OfferRow:
    """An offer that the caller made or received, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in _sides(row)):
        raise NotFound(
            say("there is no offer {identifier}", identifier=identifier), name="offer-unknown"
        )
    return row


def _sides(row: OfferRow) -> tuple[str, ...]:
    """Who sees an offer: without its signature it is a draft, which the seller never received."""
    return (row.funder,) if row.signature is None else (row.funder, row.seller)


async def sign(gateway: Gateway, caller: Caller, identifier: str, signature: str) -> OfferRow:
    """Stores the funder's own signature.

    Raises:
        NotFound, Forbidden, Conflict, SignatureMismatch, SignatureInvalid.
    """
    row = await offer(gateway, caller, identifier)
    if caller.account != row.funder:
        raise Forbidden("only the funder signs its offer", name="not-funder")
    if row.state == "prepared":
        _require_held(gateway, row)
    await require_signature(gateway, _terms(gateway, row.terms), signature, signer=row.funder)
    await gateway.storage.write(
        lambda connection: repository.sign(
            connection, identifier=identifier, signature=signature.lower()
        )
    )
    return await offer(gateway, caller, identifier)


async def accept(command: Command, identifier: str, document_root: str | None) -> Change:
    """The seller accepts: the claim goes to the funder and the price to the seller.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await offer(gateway, caller, identifier)
    if caller.acting() != row.seller:
        raise Forbidden("only the claim's holder accepts an offer for it", name="not-seller")
    _require_open(row)
    _require_held(gateway, row)
    approvals = token_approvals(
        gateway, kind="claim", owner=row.seller, spender=CONTRACT, ids=[row.claim_id]
    )
    currency, price = gateway.currency_at(row.currency or ""), row.terms["price"]
    if row.terms["recourse"]:
        # By accepting recourse the seller agrees that a put-back takes the price from it.
        approvals.append(_cash_approval(gateway, owner=row.seller, currency=currency, price=price))
    funders = _cash_approval(gateway, owner=row.funder, currency=currency, price=price)

    subject = {"offerId": identifier, "claimId": row.claim_id}
    arguments = [row.terms, row.signature, document_root or ZERO_HASH]
    new_operation = NewOperation(
        *("accept-offer", CONTRACT, "accept", arguments, subject, approvals),
        promised=[(row.funder, funders)],
    )
    return await change_for(command, new_operation, side_writes=OFFERS.claim(identifier))


async def cancel(command: Command, identifier: str) -> Change:
    """The funder cancels its offer on the ledger, because others may hold its signature.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await offer(command.gateway, command.caller, identifier)
    if command.caller.acting() != row.funder:
        raise Forbidden("only the funder cancels its offer", name="not-funder")
    if row.state in ("accepted", "cancelled"):
        raise Conflict(say("the offer is {state}", state=row.state), name="offer-closed")

    subject = {"offerId": identifier, "claimId": row.claim_id}
    new_operation = NewOperation(
        "cancel-offer", CONTRACT, "cancelQuote", [row.terms["nonce"]], subject
    )
    return await change_for(command, new_operation, side_writes=OFFERS.claim(identifier))


def _cash_approval(gateway: Gateway, *, owner: str, currency: str, price: int) -> Approval:
    return cash_approval(
        gateway, currency=currency, owner=owner, spender=CONTRACT, amount=price, standing=True
    )


def _require_open(row: OfferRow) -> None:
    if row.state != "open":
        raise Conflict(
            say("the offer is {state}", state=row.state),
            name="offer-closed",
            fix="ask for a new offer",
        )


def _exceeds_claim(row: OfferRow) -> bool:
    """Whether the claim has lost value since: by collections, parts that were assigned, credits."""
    return row.held is not None and row.terms["value"] > row.held


def _require_held(gateway: Gateway, row: OfferRow) -> None:
    """Refuses to sign what the ledger would refuse.

    Raises:
        Conflict.
    """
    if not _exceeds_claim(row):
        return
    currency = gateway.currency_at(row.currency or "")
    holds = money_view(row.held or 0, currency=currency)["amount"]
    raise Conflict(
        say(
            "the offer is for {amount}; claim {claim_id} holds {holds}",
            amount=money_view(row.terms["value"], currency=currency)["amount"],
            claim_id=row.claim_id,
            holds=holds,
        ),
        name="offer-exceeds-claim",
        fix=say("agree on a new offer, for {holds} or less", holds=holds),
    )


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    claim_id: int | None,
    quote_request_id: str | None,
    state: State | None,
    before: str | None,
    limit: int,
) -> OfferPage:
    """The caller's offers, made or received signed, newest first."""

    def find(connection: Connection) -> OfferPage:
        if caller.account is None and not caller.sees_all:
            return {"items": [], "nextCursor": None}
        now, _ = moment(connection)
        rows = repository.offers(
            connection,
            account=None if caller.sees_all else caller.account,
            claim_id=claim_id,
            quote_request_id=quote_request_id,
            state=state,
            now=now,
            before=before,
            limit=limit,
        )
        names = parties.names(
            connection, {row.funder for row in rows} | {row.seller for row in rows}
        )
        items = [view(gateway, row, names=names, now=now) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def offer_view(gateway: Gateway, row: OfferRow) -> Offer:
    """An offer in JSON, as of the newest block."""

    def find(connection: Connection) -> Offer:
        names = parties.names(connection, {row.funder, row.seller})
        return view(gateway, row, names=names, now=moment(connection)[0])

    return await gateway.storage.read(find)


def view(gateway: Gateway, row: OfferRow, *, names: Names, now: int) -> Offer:
    """An offer in JSON; `now` is the time of the newest block."""
    currency = gateway.currency_at(row.currency or "")
    state = row.state
    if state in ("open", "prepared") and now >= row.expires_at:
        state = "expired"
    value, price = row.terms["value"], row.terms["price"]
    days = _days_to_due(gateway, row, state=state, now=now)
    return {
        **draft_view(row, _terms(gateway, row.terms), state=state),
        "claimId": row.claim_id,
        "funder": party_view(row.funder, names),
        "seller": party_view(row.seller, names),
        "value": money_view(value, currency=currency),
        "price": money_view(price, currency=currency),
        "discount": money_view(value - price, currency=currency),
        "daysToDue": days,
        "discountRate": None
        if days is None
        else discount_rate_half_up(value, price=price, days=days),
        "yieldRate": None if days is None else yield_half_up(value, price=price, days=days),
        "recourse": row.terms["recourse"],
        "expiresAt": time_view(row.expires_at),
        "exceedsClaim": state in ("open", "prepared") and _exceeds_claim(row),
        "signature": row.signature,
        "quoteRequestId": row.quote_request_id,
    }


def _days_to_due(gateway: Gateway, row: OfferRow, *, state: str, now: int) -> int | None:
    """Days from the sale, or from now while the offer can be accepted, to the due day."""
    at = row.sold_at if row.sold_at is not None else now
    if row.due_day is None or (row.sold_at is None and state in ("cancelled", "expired")):
        return None
    return row.due_day - day_at(at, zone_offset=gateway.zone_offset)


def _terms(gateway: Gateway, quote: Quote) -> Terms:
    return terms_for(gateway, CONTRACT, "Quote", quote)
