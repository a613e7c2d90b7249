"""Offers: signed by funders, accepted by sellers, claim against cash in one transaction."""

from __future__ import annotations

import secrets
import time
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.signers import recover
from app.chain.evm.typed_data import Domain, market_domain, typed_data, typed_data_digest
from app.chain.outbox.operation import Operation, new_id
from app.chain.outbox.outbox import SignatureMismatch
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import cash_approval, missing, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command
from app.gateway.execution import Act, act, claim_once, enqueue_approval, in_custody
from app.gateway.gateway import Gateway
from app.gateway.ledger import require_new_risk
from app.gateway.money import minor, money_view
from app.gateway.naming import state_name
from app.gateway.read_as_of import DAY, moment
from app.gateway.views import party_view, time_view
from app.market.offers import repository
from app.market.offers.repository import OfferRow
from app.market.offers.schemas import NewOffer
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.receivables import repository as receivables
from app.trade.receivables.projection import ReceivableRow

CONTRACT = "ClaimMarket"
YEAR_DAYS, MILLION = 360, 1_000_000
NO_PAPERS = "0x" + "0" * 64


def domain(gateway: Gateway) -> Domain:
    """Where quotes count."""
    return market_domain(chain_id=gateway.chain_id, contract=gateway.contracts.address(CONTRACT))


def discounted_price_half_up(*, value: int, rate: int, days: int) -> int:
    """Value less simple discount for `days`, the discount rounded half up (minor units)."""
    unit = MILLION * YEAR_DAYS
    return value - (value * rate * days * 2 + unit) // (2 * unit)


async def make(command: Command, wanted: NewOffer) -> Response:
    """A funder's offer; signed at once when the gateway keeps the funder's key.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    funder = caller.acting()
    await require_new_risk(gateway)

    def find(connection: Connection) -> tuple[Any, ReceivableRow | None, int]:
        found = claims.by_id(connection, wanted.claimId)
        debt = None
        if found is not None:
            debt = receivables.by_id(connection, found.claim.receivable_id)
        return found, debt, moment(connection)[0]

    found, debt, now = await gateway.storage.read(find)
    if found is None or debt is None or found.claim.burned:
        raise NotFound(f"there is no claim {wanted.claimId}", name="claim-unknown")
    if found.claim.owner == funder:
        raise BadInput("the claim is the caller's own", field="claimId")
    if debt.status != "Confirmed":
        raise Conflict(
            f"the receivable is {state_name(debt.status)}: its claims are not for sale",
            name="not-saleable",
        )
    currency = gateway.currency_at(found.currency)
    value = minor(wanted.value, field="value", currency=currency)
    if value > found.claim.value:
        holds = money_view(found.claim.value, currency=currency)["amount"]
        raise BadInput(f"the claim holds {holds}", name="value-exceeds-claim", field="value.amount")
    price = _price(wanted, value=value, currency=currency, debt=debt, now=now, gateway=gateway)
    expires = max(now, int(time.time())) + wanted.validSeconds
    nonce = secrets.randbits(63)
    terms = {
        "funder": funder,
        "seller": found.claim.owner,
        "claimId": wanted.claimId,
        "value": value,
        "price": price,
        "recourse": wanted.recourse,
        "expiresAt": expires,
        "nonce": nonce,
        "legalTextHash": gateway.legal_text_hash,
    }
    digest = typed_data_digest(domain(gateway), "Quote", terms)
    custody = await in_custody(gateway, caller)
    signature = None
    if custody:
        signer = await gateway.key_work.run(gateway.keystore.signer, funder)
        signature = "0x" + signer.sign_hash(digest).hex()
    row = OfferRow(
        *(new_id(), funder, found.claim.owner, wanted.claimId, terms, signature),
        *("open" if custody else "prepared", expires, None, found.currency),
    )
    approval = cash_approval(
        gateway, currency=currency, owner=funder, spender=CONTRACT, amount=price, standing=True
    )
    lacking = await missing(gateway, [approval]) if custody else []

    def write(connection: Connection) -> Answer:
        for one in lacking:
            enqueue_approval(connection, command, one, signer=funder)
        repository.add(connection, row, nonce=nonce, digest="0x" + digest.hex())
        names = parties.names(connection, {row.funder, row.seller})
        return Answer(view(gateway, row, names=names, now=now), 201)

    return await command.carry_out(write)


def _price(
    wanted: NewOffer,
    *,
    value: int,
    currency: str,
    debt: ReceivableRow,
    now: int,
    gateway: Gateway,
) -> int:
    if (wanted.price is None) == (wanted.discountRate is None):
        raise BadInput("give either price or discountRate", field="price")
    if wanted.price is not None:
        return minor(wanted.price, field="price", currency=currency)
    assert wanted.discountRate is not None
    days = max(0, debt.due_day - (now + gateway.zone_offset) // DAY)
    price = discounted_price_half_up(value=value, rate=wanted.discountRate, days=days)
    if price <= 0:
        raise BadInput("nothing is left after the discount", field="discountRate")
    return price


async def offer(gateway: Gateway, caller: Caller, identifier: str) -> OfferRow:
    """An offer by the caller, to it, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in (row.funder, row.seller)):
        raise NotFound(f"there is no offer {identifier}", name="offer-unknown")
    return row


async def sign(gateway: Gateway, caller: Caller, identifier: str, signature: str) -> OfferRow:
    """Takes the funder's own signature.

    Raises:
        NotFound, Forbidden, SignatureMismatch, SignatureInvalid.
    """
    row = await offer(gateway, caller, identifier)
    if caller.account != row.funder:
        raise Forbidden("only the funder signs its offer", name="not-funder")
    digest = typed_data_digest(domain(gateway), "Quote", row.terms)
    signed_by = recover(digest, bytes.fromhex(signature[2:]))
    if signed_by != row.funder:
        raise SignatureMismatch(f"signed by {signed_by}, not by {row.funder}")
    await gateway.storage.write(
        lambda connection: repository.sign(
            connection, identifier=identifier, signature=signature.lower()
        )
    )
    return await offer(gateway, caller, identifier)


async def accept(command: Command, identifier: str, papers_root: str | None) -> Response:
    """The seller accepts: the claim goes to the funder and the price to the seller.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await offer(gateway, caller, identifier)
    if caller.acting() != row.seller:
        raise Forbidden("only the claim's holder accepts an offer for it", name="not-seller")
    _require_open(row)
    approvals = token_approvals(
        gateway, kind="claim", owner=row.seller, spender=CONTRACT, ids=[row.claim_id]
    )
    if row.terms["recourse"]:
        # A put-back takes the price back from the seller, who says so by accepting recourse.
        currency = gateway.currency_at(row.currency or "")
        approvals.append(
            cash_approval(
                gateway,
                currency=currency,
                owner=row.seller,
                spender=CONTRACT,
                amount=row.terms["price"],
                standing=True,
            )
        )

    def also(connection: Connection, operation: Operation) -> None:
        claim_once(
            connection,
            "quotes",
            identifier=identifier,
            operation_id=operation.id,
            what="the offer",
        )

    subject = {"offerId": identifier, "claimId": row.claim_id}
    arguments = [row.terms, row.signature, papers_root or NO_PAPERS]
    wanted = Act("accept-offer", CONTRACT, "accept", arguments, subject, approvals)
    return await act(command, wanted, also=also)


async def cancel(command: Command, identifier: str) -> Response:
    """The funder takes its offer back, on the ledger, since its signature is out.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await offer(command.gateway, command.caller, identifier)
    if command.caller.acting() != row.funder:
        raise Forbidden("only the funder cancels its offer", name="not-funder")
    if row.state in ("accepted", "cancelled"):
        raise Conflict(f"the offer is {row.state}", name="offer-closed")

    def also(connection: Connection, operation: Operation) -> None:
        claim_once(
            connection,
            "quotes",
            identifier=identifier,
            operation_id=operation.id,
            what="the offer",
        )

    subject = {"offerId": identifier, "claimId": row.claim_id}
    wanted = Act("cancel-offer", CONTRACT, "cancelQuote", [row.terms["nonce"]], subject)
    return await act(command, wanted, also=also)


def _require_open(row: OfferRow) -> None:
    if row.state == "prepared":
        raise Conflict("the funder has not signed the offer yet", name="offer-unsigned")
    if row.state != "open":
        raise Conflict(f"the offer is {row.state}", name="offer-closed")


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    claim_id: int | None,
    before: str | None,
    limit: int,
) -> dict[str, Any]:
    """Offers by or to the caller, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        if caller.account is None and not caller.sees_all:
            return {"items": [], "nextCursor": None}
        rows = repository.listed(
            connection,
            account=None if caller.sees_all else caller.account,
            claim_id=claim_id,
            before=before,
            limit=limit,
        )
        now, _ = moment(connection)
        names = parties.names(
            connection, {row.funder for row in rows} | {row.seller for row in rows}
        )
        items = [view(gateway, row, names=names, now=now) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return await gateway.storage.read(find)


async def seen(gateway: Gateway, row: OfferRow) -> dict[str, Any]:
    """An offer in JSON."""

    def find(connection: Connection) -> dict[str, Any]:
        names = parties.names(connection, {row.funder, row.seller})
        return view(gateway, row, names=names, now=moment(connection)[0])

    return await gateway.storage.read(find)


def view(
    gateway: Gateway, row: OfferRow, *, names: dict[str, tuple[str, str]], now: int
) -> dict[str, Any]:
    """An offer in JSON; `now` is the time of the newest block."""
    currency = gateway.currency_at(row.currency or "")
    state = row.state
    if state in ("open", "prepared") and now >= row.expires_at:
        state = "expired"
    return {
        "id": row.id,
        "state": state,
        "claimId": row.claim_id,
        "funder": party_view(row.funder, names),
        "seller": party_view(row.seller, names),
        "value": money_view(row.terms["value"], currency=currency),
        "price": money_view(row.terms["price"], currency=currency),
        "recourse": row.terms["recourse"],
        "expiresAt": time_view(row.expires_at),
        "operationId": row.operation_id,
        "signature": row.signature,
        "typedData": typed_data(domain(gateway), "Quote", row.terms),
    }
