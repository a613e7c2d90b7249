"""Which reversals the gateway leaves to the lender: those that lessen what others promised."""

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

    By as much as a correction raises the principal, nobody else bears a loss, and the seller need
    not buy back. So only the lender can want it: it may settle the payment otherwise. After a
    recorded loss it lessens nothing (docs/explanation/decisions/0050-corrections-after-a-loss.md).
    """
    row = payment.row
    lost = [] if row.loss else _lost(connection, row)
    if not lost or not _raises(gateway, connection, payment):
        return None
    return (
        f"its principal would rise, and {' and '.join(lost)}; reverse it yourself "
        "(POST /v1/bank-entries/{id}/reversal), or let the borrower pay again"
    )


def _lost(connection: Connection, row: LoanRow) -> list[str]:
    """What the lender would lose by a higher principal."""
    is_borne = lending.was_shared(connection, row.product_id) or lending.was_insured(
        connection, row.facility_id
    )
    promises = {
        "you would bear a loss of so much yourself": is_borne,
        "the seller's duty would be for so much less": lending.has_duty(connection, row.loan_id),
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
