"""The loan that a claim secures, as far as its reader may see it: service fees, participations."""

from __future__ import annotations

from sqlalchemy import Connection

from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import MoneyView, money_view
from app.gateway.read_as_of import business_day
from app.gateway.views import party_view
from app.lending import access
from app.lending import repository as lending
from app.lending.participations.schemas import Participation
from app.lending.participations.service import view
from app.lending.rows import LoanRow
from app.lending.shares import shares_of
from app.oversight.verification.schemas import SecuredLoan, ServiceFees
from app.parties.registry import repository as parties


def secured_loan(
    gateway: Gateway, connection: Connection, caller: Caller, claim_id: int, *, timestamp: int
) -> SecuredLoan | None:
    """The loan as of a block's time; None: the claim secures none that the caller may read."""
    row = lending.loan_of_claim(connection, claim_id)
    if row is None or not access.may_read(connection, caller, row):
        return None
    shares = shares_of(connection, row, caller)
    rows = [] if shares is None else shares.rows
    names = parties.names(connection, {row.lender} | {share.participant for share in rows})
    participations: list[Participation] | None = None
    if shares is not None:
        totals = {row.loan_id: shares.proceeds}
        participations = [view(gateway, share, names, totals) for share in rows]
    return {
        "id": row.loan_id,
        "lender": party_view(row.lender, names),
        "outstanding": money_view(row.outstanding, currency=gateway.currency_at(row.currency)),
        "serviceFees": _service_fees(gateway, row, timestamp=timestamp),
        "participations": participations,
    }


def _service_fees(gateway: Gateway, row: LoanRow, *, timestamp: int) -> ServiceFees:
    currency, loan = gateway.currency_at(row.currency), row.state()
    loan.roll(row.own_day(business_day(gateway, timestamp)))
    due = loan.amount_due.service

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    return {
        "flatFee": money(loan.terms.flat_fee),
        "drawFee": loan.terms.draw_fee,
        "periodicFee": loan.terms.periodic_fee,
        "due": money(due),
        "notDue": money(loan.payoff.service - due),
    }
