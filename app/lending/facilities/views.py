"""Proposals and facilities as callers see them."""

from __future__ import annotations

from typing import Any

from app.chain.evm.typed_data import Domain, facilities_domain, typed_data
from app.domain.calendar import date_of
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.signing import draft_state
from app.gateway.views import Names, party_view
from app.lending.facilities.repository import ProposalRow
from app.lending.rows import FacilityRow


def domain(gateway: Gateway) -> Domain:
    """The EIP-712 domain of signatures about facilities and loans."""
    return facilities_domain(
        chain_id=gateway.chain_id, contract=gateway.contracts.address("Facilities")
    )


def proposal(gateway: Gateway, row: ProposalRow, names: Names) -> dict[str, Any]:
    """A proposal with the typed data to sign."""
    terms = row.terms
    return {
        "id": row.id,
        "state": draft_state(row.operation_state, done="agreed"),
        "missing": row.missing(),
        "productId": terms["productId"],
        "version": terms["version"],
        **{role: party_view(account, names) for role, account in row.signers().items()},
        "annualRate": terms["annualRate"],
        "administrationFee": terms["administrationFee"],
        "limit": money_view(terms["limit"], currency=row.limit_currency),
        "deposit": money_view(terms["deposit"], currency=row.currency),
        "firstDate": date_of(terms["firstDay"]).isoformat(),
        "lastDate": date_of(terms["lastDay"]).isoformat(),
        "operationId": row.operation_id,
        "typedData": typed_data(domain(gateway), "FacilityTerms", terms),
    }


def facility(gateway: Gateway, row: FacilityRow, names: Names) -> dict[str, Any]:
    """A facility."""
    currency = gateway.currency_at(row.currency)

    def money(amount: int) -> dict[str, Any]:
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
        "administrationFee": row.administration_fee,
        "limit": money_view(row.credit_limit, currency=row.limit_currency or currency),
        "outstanding": money(row.outstanding),
        "drawn": money(row.drawn),
        "deposit": money(row.deposit),
        "depositHeld": money(row.deposit_held),
        "firstDate": date_of(row.first_day).isoformat(),
        "lastDate": date_of(row.last_day).isoformat(),
        "legalTextHash": row.legal_text_hash,
        "closed": bool(row.closed),
    }
