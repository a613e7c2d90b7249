"""Entries as their lender sees them: with what goes back to the payer, and why one waits."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day, moment
from app.lending import commands
from app.lending import repository as lending
from app.lending.payments import repository
from app.lending.payments.held import why_held
from app.lending.payments.recorded import is_renounced, recorded
from app.lending.payments.repository import RECORDED, BankEntryRow, Overpaid
from app.lending.payments.schemas import BankEntry
from app.lending.rows import LEDGER_PARTS


def views(
    gateway: Gateway, connection: Connection, rows: Iterable[BankEntryRow], *, lender: str
) -> list[BankEntry]:
    """Entries of a lender as it sees them: what goes back, and which reversal waits for it."""
    return [
        repository.view(
            row,
            gateway.sealer,
            overpaid=_overpaid(gateway, connection, row, lender=lender),
            why_held=_why_held(gateway, connection, row, lender=lender),
            renounced=is_renounced(connection, row),
        )
        for row in rows
    ]


def _why_held(
    gateway: Gateway, connection: Connection, row: BankEntryRow, *, lender: str
) -> str | None:
    """Why the gateway leaves it to the lender to reverse what the bank took back."""
    is_open = row.reversed_by is not None and row.reversal_operation_id is None
    if not is_open or repository.state_of(row) != RECORDED:
        return None
    payment = recorded(connection, row)
    if payment is None or not payment.is_lent_by(lender):
        return None
    return why_held(gateway, connection, payment)


def _overpaid(
    gateway: Gateway, connection: Connection, row: BankEntryRow, *, lender: str
) -> Overpaid | None:
    state = repository.state_of(row)
    if state == RECORDED:
        taken = _taken(row, lender=lender)
    elif state == "reversed":
        return None
    else:
        taken = _payoff(gateway, connection, row, lender=lender)
    if taken is None or taken >= row.amount:
        return None
    return Overpaid(row.amount - taken, final=state == RECORDED)


def _taken(row: BankEntryRow, *, lender: str) -> int | None:
    """Minor units that the ledger took; None if the operation's result is not known."""
    if row.result_json is None:
        return None
    events = [
        event
        for event in json.loads(row.result_json)["events"]
        if event["contract"] == commands.CONTRACT
    ]
    restated = [event["arguments"] for event in events if event["name"] == "LoanRestated"]
    if restated:
        return row.amount - min(row.amount, int(restated[-1]["overpaid"]))
    payments = [event["arguments"] for event in events if event["name"] == "LoanRepaid"]
    own = [payment["parts"] for payment in payments if payment["payer"] == lender]
    return sum(int(parts[name]) for parts in own for name in LEDGER_PARTS) if own else None


def _payoff(
    gateway: Gateway, connection: Connection, row: BankEntryRow, *, lender: str
) -> int | None:
    """Minor units that repay the loan that the payer named; None if the lender lends no such."""
    loan_row = None if row.loan_id is None else lending.loan(connection, row.loan_id)
    if loan_row is None or lender != (loan_row.entruster or loan_row.lender):
        return None
    if gateway.currency_at(loan_row.currency) != row.currency:
        return None
    now, _ = moment(connection)
    loan = loan_row.state()
    loan.roll(loan_row.own_day(business_day(gateway, now)))
    return loan.payoff.total
