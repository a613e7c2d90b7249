"""Repayments, instalments, and the lender's portfolio."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.money import decimal_text
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import Money, minor
from app.gateway.read_as_of import business_day, moment
from app.lending.access import loan
from app.lending.collateral import views as collateral
from app.lending.commands import CONTRACT, MAX_REPAYMENT
from app.lending.loans import repository as report
from app.lending.loans import views
from app.lending.loans.instalment_quotes import recorded_on
from app.lending.loans.schemas import Instalments, Portfolio


async def repay(command: Command, loan_id: int, money: Money) -> Change:
    """Pays on a loan from the caller's own account; the ledger takes at most what is owed."""
    gateway = command.gateway
    row = await loan(gateway, command.caller, loan_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    amount = min(amount, MAX_REPAYMENT)
    approval = cash_approval(
        gateway, currency=currency, owner=payer, spender=CONTRACT, amount=amount
    )
    arguments = [loan_id, amount]
    subject = {"loanId": loan_id}
    return await change_for(
        command, NewOperation("repay-loan", CONTRACT, "repay", arguments, subject, (approval,))
    )


async def repay_many(command: Command, loan_ids: list[int], money: Money) -> Change:
    """Pays on several loans, in this order, from the caller's own account.

    Raises:
        BadInput: a loan is named twice, or the loans have several currencies.
    """
    gateway = command.gateway
    if len(set(loan_ids)) < len(loan_ids):
        raise BadInput("loanIds names a loan twice", field="loanIds", fix="name each loan once")
    rows = [await loan(gateway, command.caller, loan_id) for loan_id in loan_ids]
    if len({row.currency for row in rows}) > 1:
        raise BadInput(
            "the loans have several currencies",
            field="loanIds",
            fix="send one request for each currency",
        )
    currency = gateway.currency_at(rows[0].currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=command.caller.acting(),
        spender=CONTRACT,
        amount=min(amount, MAX_REPAYMENT),
    )
    arguments = [loan_ids, min(amount, MAX_REPAYMENT)]
    subject = {"loanIds": loan_ids}
    new_operation = NewOperation(
        "repay-loans", CONTRACT, "repayMany", arguments, subject, (approval,)
    )
    return await change_for(command, new_operation)


async def in_instalments(command: Command, loan_id: int, request: Instalments) -> Change:
    """The borrower turns a purchase on a bill into instalments.

    Raises:
        NotFound, Forbidden, BadInput.
        Conflict: more is recorded outside the ledger than the borrower renounces.
    """
    gateway = command.gateway
    row = await loan(gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower chooses instalments", name="not-borrower")
    currency = gateway.currency_at(row.currency)
    renounced = 0
    if request.renounced is not None:
        renounced = minor(request.renounced, field="renounced", currency=currency, minimum=0)
    recorded = recorded_on(row)
    if recorded > renounced:
        text = decimal_text(recorded, currency=currency)
        raise Conflict(
            say(
                "payments of {text} {currency} from outside the ledger are recorded on loan "
                "{loan_id}, and in instalments they could never be corrected",
                text=text,
                currency=currency,
                loan_id=loan_id,
            ),
            name="payments-recorded",
            field="renounced",
            fix=say(
                "renounce {text} {currency}, and owe it again; the lender records anew what came",
                text=text,
                currency=currency,
            ),
        )
    arguments = [[loan_id], request.months, min(renounced, MAX_REPAYMENT)]
    new_operation = NewOperation(
        "pay-in-instalments", CONTRACT, "payInInstalments", arguments, {"loanId": loan_id}
    )
    return await change_for(command, new_operation)


async def portfolio(gateway: Gateway, caller: Caller) -> Portfolio:
    """What is lent (by the caller, or by all), by age and by maturity."""
    account = None if caller.sees_all else caller.acting()
    goods = await collateral.portfolio(gateway, account)

    def find(connection: Connection) -> Portfolio:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        ages = report.ageing(connection, account=account, today=today)
        ladder = report.maturities(connection, account=account, today=today)
        return {
            "ageing": views.sums(gateway, ages, views.AGES),
            "maturities": views.sums(gateway, ladder, views.MATURITIES),
            "goods": goods,
            "asOf": as_of,
        }

    return await gateway.storage.read(find)
