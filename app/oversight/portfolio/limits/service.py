"""The limits of the rule sets that a lender comes under, each with its figure as of a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from app.domain.portfolio.limits import (
    BoughtClaim,
    Exposure,
    LoanFacts,
    OwnFigures,
    exposure,
    judge_ratio,
)
from app.domain.rule_sets import DEBT_LIMITS, Rules
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import with_token
from app.gateway.rules import rules_of, rules_of_place
from app.lending import repository as lending
from app.oversight.portfolio.limits import repository, statements, views
from app.oversight.portfolio.limits.repository import Debt, OwnFundsRow
from app.oversight.portfolio.limits.schemas import LegalLimits, LimitView
from app.oversight.portfolio.loading import LoadedBook, Scope, load
from app.oversight.portfolio.stress import reserve_held
from app.parties.registry import repository as parties


class _OfRules(msgspec.Struct):
    """A rule set with the loans that come under it, and the largest debts under it."""

    rules: Rules
    loans: list[LoanFacts]
    debts: dict[str, list[Debt]]


class _Read(msgspec.Struct):
    """What one transaction reads beside the book."""

    sets: list[_OfRules]
    bought: dict[str, list[BoughtClaim]]
    statements: dict[str, OwnFundsRow]


async def limits(gateway: Gateway, caller: Caller, scope: Scope) -> LegalLimits:
    """Each limit of the rule sets that a lender's loans come under.

    Raises:
        Forbidden, BadInput.
    """
    if scope.currency is not None:
        with_token(gateway, scope.currency, field="currency")
    party_id = _lender(caller, scope.lender_party_id)
    book = await load(gateway, caller, Scope(party_id))
    account = book.lender or ""
    read = await gateway.storage.read(lambda connection: _read(connection, account, party_id))
    bought = {gateway.currency_at(address): claims for address, claims in read.bought.items()}
    currencies = sorted(
        {code for code, loans in book.loans.items() if any(loan.last.outstanding for loan in loans)}
        | set(bought)
    )
    exposures = {code: await _exposure(gateway, book, bought, code) for code in currencies}
    own = {code: statements.figures(gateway, row) for code, row in read.statements.items()}
    rows: list[views.Row] = []
    for of_rules in read.sets:
        rows += views.of_terms(of_rules.rules, of_rules.loans)
        for term in DEBT_LIMITS:
            largest = {gateway.currency_at(debt.currency): debt for debt in of_rules.debts[term]}
            rows += views.of_debts(of_rules.rules, term, largest)
        rows += _ratios(of_rules.rules, exposures, own, today=book.today)
    accounts = {book.account_of.get(row.key or 0, "") for row in rows}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    items: list[LimitView] = [
        views.view(row, names=names, account_of=book.account_of)
        for row in rows
        if scope.currency is None or row.currency in (None, scope.currency)
    ]
    return {
        "lenderPartyId": party_id,
        "limits": items,
        "ownFunds": [statements.view(gateway, row) for row in read.statements.values()],
        "asOf": book.as_of,
    }


def _lender(caller: Caller, party_id: str | None) -> str:
    """The party whose limits these are: one lender, as the ratios are of one.

    Raises:
        Forbidden, BadInput.
    """
    if not caller.sees_all:
        statements.require_own(caller, party_id)
        party_id = caller.party_id
    if party_id is None:
        raise BadInput(
            "limits are of one lender",
            name="lender-missing",
            field="lenderPartyId",
            fix="give the id of a lender, from GET /v1/parties",
        )
    return party_id


def _read(connection: Connection, account: str, party_id: str) -> _Read:
    sets: dict[str, _OfRules] = {}
    known: dict[tuple[int, int], Rules | None] = {}

    def of_rules(rules: Rules) -> _OfRules:
        if rules.name not in sets:
            sets[rules.name] = _OfRules(rules, [], _debts(connection, account, rules))
        return sets[rules.name]

    for loan in repository.open_loans(connection, account):
        key = loan.product_id, loan.version
        if key not in known:
            terms = lending.product_terms(connection, product_id=key[0], version=key[1])
            known[key] = rules_of(terms)
        rules = known[key]
        if rules is not None:
            of_rules(rules).loans.append(loan.facts)
    if not sets:
        of_rules(rules_of_place())
    return _Read(
        [sets[name] for name in sorted(sets)],
        repository.bought_claims(connection, account),
        repository.in_force(connection, party_id),
    )


def _debts(connection: Connection, account: str, rules: Rules) -> dict[str, list[Debt]]:
    return {
        "borrower_limit": repository.largest_debts(connection, account, rule_set=rules.name),
        "group_limit": repository.largest_group_debts(connection, account, rule_set=rules.name),
    }


async def _exposure(
    gateway: Gateway, book: LoadedBook, bought: Mapping[str, Sequence[BoughtClaim]], currency: str
) -> Exposure:
    loans = book.loans.get(currency, [])
    product_ids = sorted({loan.product for loan in loans})
    held = await reserve_held(gateway, book, currency, product_ids) if product_ids else {}
    return await gateway.documents.run(
        exposure,
        loans,
        bought.get(currency, ()),
        reserve=sum(balance for balance, _ in held.values()),
        today=book.today,
    )


def _ratios(
    rules: Rules, exposures: Mapping[str, Exposure], own: Mapping[str, OwnFigures], *, today: int
) -> list[views.Row]:
    """The ratios of the lender's kind in each currency in which it lent.

    While no statement says what kind of lender it is, those of all kinds are shown.
    """
    if rules.lenders is None:
        return []
    newest = max(own.values(), key=lambda figures: figures.day, default=None)
    rows = []
    for ratio in rules.lenders.ratios:
        if newest is not None and ratio.lender != newest.lender:
            continue
        for currency, figures in exposures.items():
            if ratio.currency not in (None, currency):
                continue
            judged = judge_ratio(
                ratio.bound,
                figures,
                own.get(currency),
                kind_known=newest is not None,
                alone=len(exposures) == 1,
                first_day=today - rules.lenders.statement_days,
            )
            rows.append(views.of_ratio(rules, ratio, judged, currency=currency))
        if not exposures:
            rows.append(views.nothing_lent(rules, ratio))
    return rows
