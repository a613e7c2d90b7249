"""Proposals of facilities: a lender proposes, and every party that the terms name signs."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_of
from app.domain.catalogue import FUNDING
from app.domain.draw_terms import NO_FEES
from app.domain.loan import Style
from app.domain.money import currency_in, decimal_text
from app.domain.rate_examples import bounds, example_terms
from app.domain.texts import Text, say
from app.domain.total_cost import total_cost
from app.errors import BadInput, Conflict, NotFound
from app.gateway.approvals import Approval, cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import (
    NewOperation,
    change_after_approvals,
    change_for,
    in_custody,
)
from app.gateway.file_texts import percent
from app.gateway.gateway import Gateway
from app.gateway.ledger import call_many, require_new_risk
from app.gateway.money import minor
from app.gateway.read_as_of import deadline, today_of
from app.gateway.signing import SEND_SIGNATURE, Drafts, caller_signature, sign_in_custody
from app.lending.commands import CONTRACT
from app.lending.facilities import repository as stored
from app.lending.facilities import views
from app.lending.facilities.holds import end_events
from app.lending.facilities.repository import FacilityTerms, ProposalRow
from app.lending.facilities.schemas import NewProposal, Proposal
from app.lending.products.repository import ProductRow
from app.lending.products.service import product_in
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

PROPOSALS = Drafts("facility_proposals", "the facility")
MILLION = 1_000_000
PROBE = 10**12  # minor units, so that rounding does not show


async def propose(command: Command, request: NewProposal) -> Change:
    """Proposes a lender's facility; signs for the lender if the gateway holds its key.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    lender = caller.acting()
    await require_new_risk(gateway)
    product = await product_in(gateway, request.productId)
    if not product.open:
        raise Conflict(
            say("product {code} is closed for new facilities", code=product.code),
            name="product-closed",
            fix="choose an open product: GET /v1/products",
        )
    currency = gateway.currency_at(product.terms["currency"])
    limit_currency = currency_in(product.terms["limitCurrency"]) or currency
    borrower = await party_in(gateway, request.borrowerPartyId, field="borrowerPartyId")
    entruster = None
    if request.entrusterPartyId is not None:
        entruster = await party_in(gateway, request.entrusterPartyId, field="entrusterPartyId")
    deposit = 0
    if request.deposit is not None:
        deposit = minor(request.deposit, field="deposit", currency=currency, minimum=0)
    flat_fee = 0
    if request.flatFee is not None:
        flat_fee = minor(request.flatFee, field="flatFee", currency=currency, minimum=0)
    free_amount = 0
    if request.coolingOffAmount is not None:
        free_amount = minor(
            request.coolingOffAmount, field="coolingOffAmount", currency=currency, minimum=0
        )
    first_day = await today_of(gateway) if request.firstDate is None else day_of(request.firstDate)
    terms: FacilityTerms = {
        "productId": product.product_id,
        "version": product.version,
        "lender": lender,
        "borrower": borrower.account,
        "entruster": ZERO_ADDRESS if entruster is None else entruster.account,
        "annualRate": request.annualRate,
        "administrationFee": request.administrationFee,
        "limit": minor(request.limit, field="limit", currency=limit_currency),
        "deposit": deposit,
        "firstDay": first_day,
        "lastDay": day_of(request.lastDate),
        "coolingOffAmount": free_amount,
        "coolingOffHours": request.coolingOffHours,
        "endEvents": end_events(request.endEvents),
        "correctionDays": request.correctionDays,
        "spread": request.spread,
        "flatFee": flat_fee,
        "drawFee": request.drawFee,
        "periodicFee": request.periodicFee,
        "legalTextHash": product.terms["legalTextHash"],
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    _check_terms(product, terms, currency=currency, limit_currency=limit_currency)
    facility_terms = views.facility_terms(gateway, terms)
    digest = facility_terms.digest_text()
    row = ProposalRow(
        id=new_id(),
        lender=lender,
        borrower=borrower.account,
        entruster=None if entruster is None else entruster.account,
        currency=currency,
        limit_currency=limit_currency,
        terms=terms,
        lender_signature=await sign_in_custody(gateway, caller, facility_terms),
        borrower_signature=None,
        entruster_signature=None,
        operation_id=None,
    )
    approvals = [] if row.lender_signature is None else await _funding(gateway, row, lender)

    def write(connection: Connection) -> Answer:
        stored.add_proposal(connection, row, digest=digest)
        return Answer(view(gateway, connection, row), 201)

    return await change_after_approvals(command, approvals, write)


def _check_terms(
    product: ProductRow, terms: FacilityTerms, *, currency: str, limit_currency: str
) -> None:
    """Refuses terms that the ledger would refuse after all have signed.

    Args:
        currency, limit_currency: of the money that is lent, and of the limit.

    Raises:
        BadInput.
    """
    bounds = {
        "annualRate": (terms["annualRate"], product.terms["minRate"], product.terms["maxRate"]),
        "spread": (terms["spread"], product.floating["minSpread"], product.floating["maxSpread"]),
        "flatFee": (terms["flatFee"], 0, product.floating["maxFlatFee"]),
        "drawFee": (terms["drawFee"], 0, product.floating["maxDrawFee"]),
        "periodicFee": (terms["periodicFee"], 0, product.floating["maxPeriodicFee"]),
        "limit": (terms["limit"], 1, product.terms["borrowerLimit"]),
        "deposit": (terms["deposit"], 0, terms["limit"]),
        "lastDate": (terms["lastDay"], terms["firstDay"], 2**24 - 1),
    }
    for field, (value, minimum, maximum) in bounds.items():
        if not minimum <= value <= maximum:
            in_currency = limit_currency if field == "limit" else currency
            stated, first, last = (
                _in_words(field, each, currency=in_currency) for each in (value, minimum, maximum)
            )
            raise BadInput(
                say(
                    "{field} is {stated}; product {code} allows {first} to {last}",
                    field=field,
                    stated=stated,
                    code=product.code,
                    first=first,
                    last=last,
                ),
                name="term-out-of-range",
                field=field,
                fix="give a value in that range",
            )
    _check_cost(product, terms, currency=currency)
    if terms["coolingOffAmount"] and not terms["coolingOffHours"]:
        raise BadInput(
            "coolingOffAmount needs coolingOffHours",
            field="coolingOffHours",
            fix="say how many hours a larger draw waits, or leave coolingOffAmount out",
        )
    entrusted = FUNDING[product.terms["funding"]] == "entrusted"
    if entrusted != (terms["entruster"] != ZERO_ADDRESS):
        raise BadInput(
            say("product {code} needs an entruster", code=product.code)
            if entrusted
            else say("product {code} has no entruster", code=product.code),
            field="entrusterPartyId",
            fix="give entrusterPartyId" if entrusted else "leave entrusterPartyId out",
        )


def _check_cost(product: ProductRow, terms: FacilityTerms, *, currency: str) -> None:
    """Refuses fees with which not even the longest draw of the whole limit is below the cap.

    The ledger checks each draw by its own amount and days.

    Raises:
        BadInput.
    """
    cap, fees = product.floating["maxTotalCost"], views.fees_of(terms)
    if not cap or fees == NO_FEES:
        return
    in_other_currency = currency_in(product.terms["limitCurrency"]) is not None
    limit = product.terms["programmeLimit"] if in_other_currency else terms["limit"]
    costs = [
        total_cost(
            example_terms(product.terms, style, tenor, annual_rate=terms["annualRate"], fees=fees),
            principal=limit,
            cap=cap,
        )
        for style in Style
        if product.terms["styles"] >> style & 1
        for tenor in bounds(product.terms, style)
    ]
    if any(cost <= maximum for cost, maximum in costs):
        return
    cost, maximum = costs[-1]
    field = "flatFee" if fees.flat else "drawFee" if fees.draw else "periodicFee"
    raise BadInput(
        say(
            "interest and fees of every draw are above the cap on the total cost of {cap} "
            "parts per million a year: {cost} {currency}, and at most {maximum} are allowed",
            cap=cap,
            cost=decimal_text(cost, currency=currency),
            currency=currency,
            maximum=decimal_text(maximum, currency=currency),
        ),
        name="total-cost-above-cap",
        field=field,
        fix="lower the fees or annualRate",
    )


def _in_words(field: str, value: int, *, currency: str) -> Text:
    """A term as the caller gave it: a date, an amount or a rate."""
    match field:
        case "lastDate":
            return say("{day:day}", day=date_of(value))
        case "annualRate" | "spread" | "drawFee" | "periodicFee":
            return percent(value)
        case _:
            return f"{decimal_text(value, currency=currency)} {currency}"


async def _funding(gateway: Gateway, row: ProposalRow, account: str) -> list[Approval]:
    """Approvals that the funder gives: for draws, and for the reserve's share.

    An exact approval is for the limit, once. A limit in another currency counts at today's price.
    The lender approves any draw beyond that itself (POST /v1/cash/{currency}/approvals).
    """
    funder = row.entruster or row.lender
    if account != funder:
        return []
    amounts = {CONTRACT: row.terms["limit"], "RiskReserve": 0}
    if gateway.settings.approvals == "exact":
        product = await product_in(gateway, row.terms["productId"])
        if row.limit_currency != row.currency:
            amounts[CONTRACT] = await _at_todays_price(gateway, product, amounts[CONTRACT])
        share = product.terms["reserveShare"]
        amounts["RiskReserve"] = -(-amounts[CONTRACT] * share // MILLION)
        if not amounts["RiskReserve"]:
            del amounts["RiskReserve"]
    return [
        cash_approval(
            gateway,
            currency=row.currency,
            owner=account,
            spender=spender,
            amount=amount,
            standing=True,
        )
        for spender, amount in amounts.items()
    ]


async def _at_todays_price(gateway: Gateway, product: ProductRow, limit: int) -> int:
    """A limit in the product's currency at today's price; 0 without a valid price."""
    arguments = [product.terms["currency"], product.terms["limitCurrency"], PROBE]
    (answer,) = await call_many(gateway, [("PriceFeed", "convert", arguments)], lenient=True)
    return -(-limit * PROBE // int(answer)) if answer else 0


def view(gateway: Gateway, connection: Connection, row: ProposalRow) -> Proposal:
    """A proposal as callers see it."""
    names = parties.names(connection, set(row.signers().values()))
    terms = views.product_terms(connection, [row])
    return views.proposal(gateway, row, terms.get(row.product_key), names)


async def proposal(gateway: Gateway, caller: Caller, identifier: str) -> ProposalRow:
    """A proposal that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: stored.proposal(connection, identifier))
    if row is None or not (caller.sees_all or caller.account in row.signers().values()):
        raise NotFound(
            say("there is no proposal {identifier}", identifier=identifier), name="proposal-unknown"
        )
    return row


async def sign(command: Command, identifier: str, signature: str | None) -> Change:
    """Stores one party's signature; the last one agrees the facility on the ledger.

    Raises:
        NotFound, Forbidden, Conflict, BadInput, SignatureMismatch.
    """
    gateway, caller = command.gateway, command.caller
    await require_new_risk(gateway)
    row = await proposal(gateway, caller, identifier)
    account = caller.acting()
    position = PROPOSALS.position_of(account, row.signers())
    account_signature = await caller_signature(
        gateway,
        caller,
        views.facility_terms(gateway, row.terms),
        wallet_signature=signature,
        fix=SEND_SIGNATURE,
    )
    custody = await in_custody(gateway, caller)
    approvals = await _funding(gateway, row, account) if custody else []

    def store(connection: Connection) -> Proposal:
        signed_row = stored.sign_proposal(
            connection, identifier=identifier, position=position, signature=account_signature
        )
        return view(gateway, connection, signed_row)

    if set(row.missing()) - {position}:
        return await change_after_approvals(
            command, approvals, lambda connection: Answer(store(connection), 200)
        )
    setattr(row, f"{position}_signature", account_signature)
    arguments = [
        *(row.terms, row.lender_signature, row.borrower_signature),
        row.entruster_signature or "0x",
    ]
    subject = {"proposalId": row.id}
    new_operation = NewOperation("agree-facility", CONTRACT, "agree", arguments, subject, approvals)
    side_writes = PROPOSALS.claim(identifier, then=store)
    return await change_for(command, new_operation, side_writes=side_writes)


async def withdraw(command: Command, identifier: str) -> Change:
    """Withdraws the caller's signature on the ledger, whether or not it has signed yet.

    Raises:
        NotFound, Forbidden.
    """
    gateway = command.gateway
    row = await proposal(gateway, command.caller, identifier)
    return await PROPOSALS.withdraw_signature(
        command,
        views.facility_terms(gateway, row.terms),
        signers=row.signers(),
        subject={"proposalId": row.id},
    )
