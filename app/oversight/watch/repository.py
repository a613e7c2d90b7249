"""Reads what the watch needs from the read tables: loans and what they hang on, as of a block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import day_at
from app.domain.trade import month_at
from app.domain.watch.facts import (
    Debt,
    FacilityUse,
    Facts,
    PartyStanding,
    Standing,
    TierPoint,
    WatchedLoan,
)
from app.oversight.watch import goods, trade
from app.oversight.watch.lists import parts
from app.parties.credit import repository as credit
from app.storage import run

_UNKNOWN = 2**62  # numbers of parties from here on are the gateway's own


class Scope(msgspec.Struct, frozen=True):
    """Which loans are watched, and when.

    Attributes:
        lender: the account that holds them now; None: all loans.
        codes: code of each currency, by the address of its token.
        now: time of the newest block, in UTC seconds.
    """

    lender: str | None
    codes: Mapping[str, str]
    now: int
    zone_offset: int

    @property
    def today(self) -> int:
        """The ledger's day."""
        return day_at(self.now, zone_offset=self.zone_offset)

    def currency(self, address: str) -> str:
        """The code of a currency; its address if the gateway does not know it."""
        return self.codes.get(address, address)


class Loaded(msgspec.Struct):
    """The facts, and an account of each party to name it by."""

    facts: Facts
    account_of: dict[int, str]


class Parties:
    """Numbers of parties by account.

    An account that the ledger does not know stands for itself, under the same number each time.
    """

    def __init__(self, connection: Connection) -> None:
        query = "SELECT account, party_id FROM accounts ORDER BY removed DESC, account"
        self._party_of = {row.account: int(row.party_id) for row in run(connection, query)}

    def number(self, account: str) -> int:
        """The party of an account."""
        return self._party_of.setdefault(account, _UNKNOWN + int(account, 16) % _UNKNOWN)

    def accounts(self) -> dict[int, str]:
        """An account of each party, one in use if it has any."""
        return {party: account for account, party in self._party_of.items()}


def load(connection: Connection, scope: Scope) -> Loaded:
    """The loans of the scope that are not repaid, with all that their levels follow from."""
    parties = Parties(connection)
    claims = _items(connection, scope, "claim")
    lots_of_loan = goods.lots_of_loans(connection, _items(connection, scope, "warehouse-receipt"))
    debts, debt_of_claim = _debts(connection, scope, parties, claims)
    margins = goods.margins(connection)
    loans = []
    for row in _loans(connection, scope):
        called_day, cure_day, auctioned = margins.get(row.loan_id, (None, None, False))
        numbers = [
            debt_of_claim[claim] for claim in claims.get(row.loan_id, ()) if claim in debt_of_claim
        ]
        loans.append(
            WatchedLoan(
                number=row.loan_id,
                product=row.product_id,
                currency=scope.currency(row.currency),
                borrower=parties.number(row.borrower),
                outstanding=int(row.outstanding),
                days_late=max(0, _own_day(row, scope.today) - row.oldest_unpaid_day),
                standing=_standing(row),
                receivables=tuple(dict.fromkeys(numbers)),
                lots=tuple(lots_of_loan.get(row.loan_id, ())),
                called_day=called_day,
                cure_day=cure_day,
                auctioned=auctioned,
            )
        )
    borrowers = {loan.borrower for loan in loans}
    lots = goods.lots(
        connection, {lot for loan in loans for lot in loan.lots}, number_of=parties.number
    )
    pairs = {(lots[lot].item, loan.currency) for loan in loans for lot in loan.lots}
    standings, groups = _standings(connection)
    facts = Facts(
        today=scope.today,
        now=scope.now,
        month=month_at(scope.today),
        loans=tuple(loans),
        debts=debts,
        facilities=_facilities(connection, scope, parties),
        parties=standings,
        tiers=_tiers(connection, borrowers),
        trade=trade.series(connection, scope.lender, scope.codes, parties.number, scope.today),
        lots=lots,
        prices=goods.prices(connection, pairs, now=scope.now),
        groups=groups,
    )
    return Loaded(facts, parties.accounts())


def _where(scope: Scope, of: str = "") -> tuple[str, tuple[Any, ...]]:
    """The condition that a loan is watched."""
    where = f"{of}status <> 'Repaid'"
    if scope.lender is None:
        return where, ()
    return f"{where} AND {of}lender = ?", (scope.lender,)


def _loans(connection: Connection, scope: Scope) -> Iterator[Any]:
    where, values = _where(scope)
    return iter(
        run(
            connection,
            "SELECT loan_id, product_id, borrower, currency, status, outstanding, loss, "
            "oldest_unpaid_day, lost_days, stopped_day FROM loans "
            f"WHERE {where} ORDER BY loan_id",
            values,
        )
    )


def _own_day(row: Any, today: int) -> int:
    day = today if row.stopped_day is None else min(today, row.stopped_day)
    return int(day - row.lost_days)


def _standing(row: Any) -> Standing:
    if row.status == "WrittenOff" or row.loss:
        return Standing.LOST
    return Standing.DEFAULTED if row.status == "Defaulted" else Standing.RUNNING


def _items(connection: Connection, scope: Scope, kind: str) -> dict[int, list[int]]:
    """The claims or warehouse receipts that secure each loan, alone or with others."""
    where, values = _where(scope, "l.")
    rows = run(
        connection,
        "SELECT l.loan_id, l.collateral_id AS item_id FROM loans l "
        f"WHERE {where} AND l.collateral = ? AND l.collateral_id IS NOT NULL "
        "UNION SELECT l.loan_id, i.item_id FROM loans l "
        "JOIN collateral_items i ON i.loan_id = l.loan_id "
        f"WHERE {where} AND i.kind = ? AND i.removed_position IS NULL ORDER BY 1, 2",
        (*values, kind, *values, kind),
    )
    items: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        items[row.loan_id].append(row.item_id)
    return dict(items)


def _debts(
    connection: Connection, scope: Scope, parties: Parties, claims: Mapping[int, list[int]]
) -> tuple[dict[int, Debt], dict[int, int]]:
    """The debts behind the claims, and the debt of each claim."""
    debts: dict[int, Debt] = {}
    debt_of_claim: dict[int, int] = {}
    for marks, some in parts({claim for numbers in claims.values() for claim in numbers}):
        for row in run(
            connection,
            "SELECT c.claim_id, r.receivable_id, r.debtor, r.due_day, r.status, r.face_amount, "
            "r.credited, r.principal_paid, d.since, d.evidence_hash FROM claims c "
            "JOIN receivables r ON r.receivable_id = c.receivable_id "
            "LEFT JOIN disputes d ON d.receivable_id = r.receivable_id AND d.until IS NULL "
            f"WHERE c.claim_id IN ({marks})",
            some,
        ):
            debt_of_claim[row.claim_id] = row.receivable_id
            since = row.since
            debts[row.receivable_id] = Debt(
                receivable=row.receivable_id,
                debtor=parties.number(row.debtor),
                due_day=row.due_day,
                unpaid=int(row.face_amount - row.credited - row.principal_paid),
                defaulted=row.status in ("Defaulted", "WrittenOff"),
                disputed_day=(
                    None if since is None else day_at(since, zone_offset=scope.zone_offset)
                ),
                dispute_evidence=row.evidence_hash or "",
            )
    return debts, debt_of_claim


class _Revolving(msgspec.Struct):
    revolving: bool = False


def _facilities(connection: Connection, scope: Scope, parties: Parties) -> tuple[FacilityUse, ...]:
    """What is used of each open facility on which something is owed."""
    where, values = ("AND f.lender = ? ", (scope.lender,)) if scope.lender is not None else ("", ())
    rows = run(
        connection,
        "SELECT f.facility_id, f.borrower, f.credit_limit, f.limit_currency, f.outstanding, "
        "(SELECT coalesce(sum(o.outstanding), 0) FROM facilities o "
        "WHERE o.origin_id = f.facility_id) AS sold, v.terms_json FROM facilities f "
        "JOIN product_versions v ON v.product_id = f.product_id AND v.version = f.version "
        f"WHERE f.closed = 0 AND f.outstanding > 0 {where}ORDER BY f.facility_id",
        values,
    )
    return tuple(
        FacilityUse(
            facility=row.facility_id,
            borrower=parties.number(row.borrower),
            limit=None if row.limit_currency is not None else int(row.credit_limit),
            used=int(row.outstanding) + int(row.sold),
            revolving=msgspec.json.decode(row.terms_json, type=_Revolving).revolving,
        )
        for row in rows
    )


def _standings(connection: Connection) -> tuple[dict[int, PartyStanding], dict[int, int]]:
    """How each party is registered, and the group of each party in one."""
    standings, groups = {}, {}
    query = "SELECT party_id, frozen, held_until, valid_until, group_number FROM parties"
    for row in run(connection, query):
        party = int(row.party_id)
        standings[party] = PartyStanding(
            bool(row.frozen), int(row.held_until), int(row.valid_until or 0)
        )
        if row.group_number:
            groups[party] = int(row.group_number)
    return standings, groups


def _tiers(connection: Connection, parties: Collection[int]) -> dict[int, tuple[TierPoint, ...]]:
    return {
        party: tuple(
            TierPoint(change.at, change.tier, change.until, change.transaction_hash)
            for change in changes
        )
        for party, changes in credit.tier_changes(connection, parties).items()
    }
