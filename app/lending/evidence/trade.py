"""Reported trade, and the limit of a facility that follows proved trade."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.domain.product_terms import DECLARATIONS, EvidenceTerms
from app.domain.texts import say, text_of
from app.domain.trade import TradeLimit, month_at, month_number, month_text, trade_limit, window
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import minor, money_view, with_token
from app.gateway.read_as_of import moment, today_of
from app.gateway.views import Names, party_view, time_view
from app.lending import repository as lending
from app.lending.commands import CONTRACT
from app.lending.evidence import repository
from app.lending.evidence.repository import ReportRow
from app.lending.evidence.schemas import (
    NewTradeReport,
    Trade,
    TradeReportPage,
    TradeReportView,
)
from app.lending.rows import FacilityRow
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in


async def report(command: Command, request: NewTradeReport) -> Change:
    """A platform reports a merchant's trade of a month, or corrects its report.

    Raises:
        BadInput.
    """
    gateway = command.gateway
    merchant = await party_in(gateway, request.merchantPartyId, field="merchantPartyId")
    month = _month(request.month, today=await today_of(gateway))
    currency = with_token(gateway, request.amount.currency, field="amount.currency")
    arguments = {
        "merchant": merchant.account,
        "currency": gateway.contracts.address(CASH_PREFIX + currency),
        "month": month,
        "amount": minor(request.amount, field="amount", minimum=0),
        "returned": minor(request.returned, field="returned", currency=currency, minimum=0),
    }
    return await change_for(
        command,
        NewOperation(
            "report-trade", CONTRACT, "reportTrade", [arguments], {"merchant": merchant.id}
        ),
    )


def _month(text: str, *, today: int) -> int:
    try:
        month = month_number(text)
    except ValueError as error:
        raise BadInput(text_of(error), field="month", fix="give a month like 2026-10") from error
    if month >= month_at(today):
        raise BadInput(
            say("the month {text} is not over", text=text),
            name="month-not-over",
            field="month",
            fix=say(
                "report {today:day} or an earlier month", today=month_text(month_at(today) - 1)
            ),
        )
    return month


async def page(
    gateway: Gateway, caller: Caller, *, before: int | None, limit: int
) -> TradeReportPage:
    """Reports by or of the caller, or all for those who see all; newest first."""

    def find(connection: Connection) -> TradeReportPage:
        _, as_of = moment(connection)
        party_id = None
        if not caller.sees_all:
            party_id = repository.party_of(connection, caller.account or "") or -1
        rows = repository.reports(connection, party_id=party_id, before=before, limit=limit)
        ids = {row.platform_party for row in rows} | {row.merchant_party for row in rows}
        accounts = repository.accounts_of(connection, sorted(ids))
        names = parties.names(connection, set(accounts.values()))
        items = [_view(gateway, row, accounts, names) for row in rows]
        following = rows[-1].position if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


def _view(
    gateway: Gateway, row: ReportRow, accounts: dict[int, str], names: Names
) -> TradeReportView:
    currency = gateway.currency_at(row.currency)
    return {
        "platform": party_view(accounts[row.platform_party], names),
        "merchant": party_view(accounts[row.merchant_party], names),
        "month": month_text(row.month),
        "amount": money_view(row.amount, currency=currency),
        "returned": money_view(row.returned, currency=currency),
        "revision": row.revision,
        "transactionHash": row.transaction_hash,
        "at": time_view(row.timestamp),
    }


def limit_of(
    connection: Connection, row: FacilityRow, *, today: int
) -> tuple[EvidenceTerms, TradeLimit] | None:
    """What may be owed under a facility by its trade; None if no trade bounds it."""
    evidence = lending.evidence_terms(connection, product_id=row.product_id, version=row.version)
    if not evidence["basis"]:
        return None
    if evidence["basis"] == DECLARATIONS:
        trade = repository.declared(connection, row.facility_id)
    else:
        trade = repository.reported(connection, row, window(evidence, today=today))
    return evidence, trade_limit(evidence, trade, today=today)


def view(connection: Connection, row: FacilityRow, *, currency: str, today: int) -> Trade | None:
    """The trade that bounds what may be owed under a facility; None if none does."""
    limited = limit_of(connection, row, today=today)
    if limited is None:
        return None
    evidence, limit = limited
    named = repository.attester(connection, row.facility_id)
    account = row.lender if named is None else named[1]

    def money(amount: int) -> Any:
        return money_view(amount, currency=currency)

    return {
        "basis": "declarations" if evidence["basis"] == DECLARATIONS else "reports",
        "attester": party_view(account, parties.names(connection, {account})),
        "months": [
            {
                "month": month_text(month.month),
                "amount": money(month.amount),
                "returned": money(month.returned),
            }
            for month in limit.months
        ],
        "traded": money(limit.traded),
        "share": evidence["share"],
        "measure": "mean" if evidence["mean"] else "sum",
        "limit": money(limit.limit),
    }
