"""What a purchase on a bill would cost in instalments."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.catalogue import MAX_PERIODS
from app.domain.effective_rate import rate_of_terms
from app.domain.loan import Loan, Style
from app.domain.postings import PostingKind
from app.domain.product_terms import ProductTerms
from app.domain.schedule import schedule
from app.domain.texts import say
from app.errors import BadInput, Conflict
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import AsOf, ledger_day, moment
from app.lending import access, repository
from app.lending.loans import views
from app.lending.loans.due_days import on_business_days
from app.lending.loans.schemas import InstalmentQuote
from app.lending.rows import LoanRow


class _State(msgspec.Struct):
    """What the read tables say as of a block."""

    today: int
    as_of: AsOf
    product: ProductTerms


def recorded_on(row: LoanRow) -> int:
    """Minor units that are recorded on a purchase outside the ledger.

    Instalments begin a new history, beyond which no recorded payment is ever corrected, so the
    borrower renounces them.
    """
    return sum(
        posting.amount for posting in row.history().postings if posting.kind is PostingKind.RECORDED
    )


async def quote(gateway: Gateway, caller: Caller, loan_id: int, *, months: int) -> InstalmentQuote:
    """What falls due when, if the purchase is turned into instalments today.

    Raises:
        NotFound, Conflict, BadInput, ChainError.
    """
    row = await access.loan(gateway, caller, loan_id)

    def find(connection: Connection) -> _State:
        _, as_of = moment(connection)
        facility = repository.facility(connection, row.facility_id)
        assert facility is not None
        terms = repository.product_terms(
            connection, product_id=facility.product_id, version=facility.version
        )
        return _State(ledger_day(gateway, connection), as_of, terms)

    state = await gateway.storage.read(find)
    loan = row.state()
    loan.roll(row.own_day(state.today))
    if row.status != "Running" or loan.terms.style is not Style.BILLING_CYCLE or loan.period:
        raise Conflict(
            say(
                "loan {loan_id} is no purchase on a bill that is still to be paid", loan_id=loan_id
            ),
            name="no-open-bill",
            fix="choose a running purchase whose bill is not past its due day",
        )
    recorded = recorded_on(row)
    principal = min(loan.balance + recorded, row.drawn)
    allowed = [month for month in range(MAX_PERIODS + 1) if state.product["months"] >> month & 1]
    if months not in allowed:
        raise BadInput(
            say(
                "months is {months}; the product allows {str}",
                months=months,
                str=" or ".join(map(str, allowed)) or "none",
            ),
            name="term-out-of-range",
            field="months",
            fix="give one of these numbers",
        )
    terms = replace(
        loan.terms,
        style=Style.EQUAL_INSTALMENT,
        start_day=loan.terms.due_day_of(1),
        due_day=0,
        periods=months,
        same_day_interest=False,
        shifts=(),
    )
    terms = await on_business_days(gateway, state.product, terms)
    due = schedule(Loan.opened(terms, principal=principal))
    currency = gateway.currency_at(row.currency)
    interest = sum(item.parts.interest for item in due)
    return {
        "loanId": loan_id,
        "firstDate": date_of(row.calendar_day(terms.start_day, state.today)).isoformat(),
        "amount": money_view(principal, currency=currency),
        "renounced": money_view(recorded, currency=currency),
        "annualRate": terms.annual_rate,
        "effectiveAnnualRate": rate_of_terms(terms, principal=principal),
        "schedule": [
            views.instalment(item, row.calendar_day(item.day, state.today), currency=currency)
            for item in due
        ],
        "totalInterest": money_view(interest, currency=currency),
        "totalRepaid": money_view(principal + interest, currency=currency),
        "asOf": state.as_of,
    }
