"""Proposals and facilities as callers see them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.draw_terms import DrawFees
from app.domain.product_terms import ProductTerms
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.signing import Terms, draft_state, draft_view, terms_for
from app.gateway.views import Names, party_view, time_view
from app.lending.commands import CONTRACT
from app.lending.facilities.holds import END_EVENTS, SIDES, names_in
from app.lending.facilities.limits import DebtLimit
from app.lending.facilities.repository import FacilityTerms, ProposalRow
from app.lending.facilities.schemas import AnnouncedDraw, Facility, Proposal
from app.lending.facilities.schemas import DebtLimit as DebtLimitView
from app.lending.products import repository as products
from app.lending.products.views import warnings_of
from app.lending.rows import FacilityRow
from app.lending.views import effective_rates


def facility_terms(gateway: Gateway, terms: FacilityTerms) -> Terms:
    """What the parties to a facility sign."""
    return terms_for(gateway, CONTRACT, "FacilityTerms", terms)


def fees_of(terms: FacilityTerms) -> DrawFees:
    """The service fees of proposed terms."""
    return DrawFees(terms["flatFee"], terms["drawFee"], terms["periodicFee"])


def product_terms(
    connection: Connection, rows: Iterable[FacilityRow | ProposalRow]
) -> dict[tuple[int, int], ProductTerms]:
    """The terms of the products of facilities or proposals, by product and version.

    A product that the index has not reached (again) is missing.
    """
    known = {}
    for product_id, version in {row.product_key for row in rows}:
        product = products.product(connection, product_id, version=version)
        if product is not None:
            known[product_id, version] = product.terms
    return known


def proposal(
    gateway: Gateway, row: ProposalRow, product: ProductTerms | None, names: Names
) -> Proposal:
    """A proposal with the typed data to sign, and what the rule set says of its product."""
    terms = row.terms
    state = draft_state(row.operation_state, done="agreed")
    draft = draft_view(row, facility_terms(gateway, terms), state=state)
    body: Proposal = {
        "id": draft["id"],
        "state": draft["state"],
        "operationId": draft["operationId"],
        "typedData": draft["typedData"],
        "missing": row.missing(),
        "productId": terms["productId"],
        "version": terms["version"],
        "lender": party_view(row.lender, names),
        "borrower": party_view(row.borrower, names),
        "annualRate": terms["annualRate"],
        "spread": terms["spread"],
        "flatFee": money_view(terms["flatFee"], currency=row.currency),
        "drawFee": terms["drawFee"],
        "periodicFee": terms["periodicFee"],
        "effectiveAnnualRates": []
        if product is None
        else effective_rates(
            product, annual_rate=terms["annualRate"], limit=terms["limit"], fees=fees_of(terms)
        ),
        "administrationFee": terms["administrationFee"],
        "limit": money_view(terms["limit"], currency=row.limit_currency),
        "deposit": money_view(terms["deposit"], currency=row.currency),
        "firstDate": date_of(terms["firstDay"]).isoformat(),
        "lastDate": date_of(terms["lastDay"]).isoformat(),
        "coolingOffAmount": money_view(terms["coolingOffAmount"], currency=row.currency),
        "coolingOffHours": terms["coolingOffHours"],
        "endEvents": names_in(terms["endEvents"], END_EVENTS),
        "correctionDays": terms["correctionDays"],
        "warnings": [] if product is None else warnings_of(product),
    }
    if row.entruster is not None:
        body["entruster"] = party_view(row.entruster, names)
    return body


def facility(gateway: Gateway, row: FacilityRow, product: ProductTerms, names: Names) -> Facility:
    """A facility."""
    currency = gateway.currency_at(row.currency)

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    entruster = None if row.entruster is None else party_view(row.entruster, names)
    return {
        "id": row.facility_id,
        "productId": row.product_id,
        "version": row.version,
        "lender": party_view(row.lender, names),
        "borrower": party_view(row.borrower, names),
        "entruster": entruster,
        "annualRate": row.annual_rate,
        "spread": row.spread,
        "flatFee": money(row.flat_fee),
        "drawFee": row.draw_fee,
        "periodicFee": row.periodic_fee,
        "effectiveAnnualRates": effective_rates(
            product, annual_rate=row.annual_rate, limit=row.credit_limit, fees=row.fees
        ),
        "administrationFee": row.administration_fee,
        "limit": money_view(row.credit_limit, currency=row.limit_currency or currency),
        "outstanding": money(row.outstanding),
        "drawn": money(row.drawn),
        "deposit": money(row.deposit),
        "depositHeld": money(row.deposit_held),
        "firstDate": date_of(row.first_day).isoformat(),
        "lastDate": date_of(row.last_day).isoformat(),
        "coolingOffAmount": money(row.cooling_off_amount),
        "coolingOffHours": row.cooling_off_hours,
        "endEvents": names_in(row.end_events, END_EVENTS),
        "suspendedBy": names_in(row.suspended_by, SIDES),
        "announcedDraw": _announced(row, currency),
        "correctionDays": row.correction_days,
        "legalTextHash": row.legal_text_hash,
        "closed": bool(row.closed),
        "originId": row.origin_id,
    }


def debt_limit(limit: DebtLimit, *, currency: str) -> DebtLimitView:
    """A limit with what is used and what is free."""
    return {
        "kind": limit.kind,
        "limit": money_view(limit.limit, currency=currency),
        "used": money_view(limit.used, currency=currency),
        "free": money_view(limit.free, currency=currency),
    }


def _announced(row: FacilityRow, currency: str) -> AnnouncedDraw | None:
    if not row.announced_amount:
        return None
    return {
        "amount": money_view(row.announced_amount, currency=currency),
        "drawableFrom": time_view(row.drawable_from),
        "drawableUntil": time_view(row.drawable_until),
    }
