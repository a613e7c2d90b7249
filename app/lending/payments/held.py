"""Which reversals the gateway leaves to the lender: those that would end what others promised."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain import postings
from app.domain.postings import HistoryInvalid
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending import repository as lending
from app.lending.payments.recorded import Recorded
from app.lending.rows import LoanRow


def why_held(gateway: Gateway, connection: Connection, payment: Recorded) -> str | None:
    """Why the gateway does not reverse a payment by itself; None if it does.

    A correction that raises the principal ends sharing, insurance and the seller's duty for the
    whole loan, so only the lender can want it: it may settle the payment otherwise. After a
    recorded loss it ends nothing (docs/explanation/decisions/0050-corrections-after-a-loss.md).
    """
    row = payment.row
    ended = [] if row.loss else _ended(connection, row)
    if not ended or not _raises(gateway, connection, payment):
        return None
    return (
        f"its principal would rise, which ends {' and '.join(ended)} for the whole loan; "
        "reverse it yourself (POST /v1/bank-entries/{id}/reversal), or let the borrower pay again"
    )


def _ended(connection: Connection, row: LoanRow) -> list[str]:
    """What a higher principal ends on a loan."""
    promises = {
        "the sharing of losses": lending.was_shared(connection, row.product_id),
        "the insurance": lending.was_insured(connection, row.facility_id),
        "the seller's duty to buy back": lending.has_duty(connection, row.loan_id),
    }
    return [name for name, is_promised in promises.items() if is_promised]


def _raises(gateway: Gateway, connection: Connection, payment: Recorded) -> bool:
    """Whether the loan would have more principal without the payment."""
    row, history = payment.row, payment.row.history()
    today = row.own_day(business_day(gateway, moment(connection)[0]))
    try:
        rest = postings.without(history.postings, payment.posting)
        outcome = postings.run(row.first_state(history), rest, today=today)
    except HistoryInvalid:
        return True
    return outcome.loan.outstanding > row.outstanding
