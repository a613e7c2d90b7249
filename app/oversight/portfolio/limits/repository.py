"""Queries of lenders' own figures, and of what the limits of a rule set look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.loan import SCHEDULES
from app.domain.portfolio.limits import BoughtClaim, LoanFacts
from app.storage import record_of, run

_UNPAID = ("Confirmed", "Disputed", "Defaulted")


class OwnFundsRow(msgspec.Struct, frozen=True):
    """A statement as stored; its figures and its source are encrypted.

    Attributes:
        party: id in the directory of parties.
        person: the label of the key that stated it.
    """

    id: str
    party: str
    lender_kind: str
    currency: str
    day: int
    person: str
    created_at: float
    sealed: bytes


_FIELDS = OwnFundsRow.__struct_fields__
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM own_funds "


def add(connection: Connection, row: OwnFundsRow) -> None:
    """Stores a statement; nothing changes an earlier one."""
    marks = ", ".join("?" * len(_FIELDS))
    run(
        connection,
        f"INSERT INTO own_funds ({', '.join(_FIELDS)}) VALUES ({marks})",
        msgspec.structs.astuple(row),
    )


def listed(
    connection: Connection, *, party: str | None, before: str | None, limit: int
) -> list[OwnFundsRow]:
    """Statements of a lender, the newest first; None: of all."""
    wheres, values = ["id < ?"] if before is not None else [], [before] if before else []
    if party is not None:
        wheres.append("party = ?")
        values.append(party)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY id DESC LIMIT ?", (*values, limit))
    return [_row(row) for row in rows]


def in_force(connection: Connection, party: str) -> dict[str, OwnFundsRow]:
    """By currency the statement that counts: of the last day, and of one day the last one."""
    rows = run(
        connection,
        _SELECT + "WHERE party = ? AND id = (SELECT o.id FROM own_funds o WHERE "
        "o.party = own_funds.party AND o.currency = own_funds.currency "
        "ORDER BY o.day DESC, o.id DESC LIMIT 1) ORDER BY currency",
        (party,),
    )
    return {row.currency: _row(row) for row in rows}


def _row(row: Any) -> OwnFundsRow:
    return record_of(OwnFundsRow, row, sealed=bytes(row.sealed))


def bought_claims(connection: Connection, lender: str) -> dict[str, list[BoughtClaim]]:
    """By currency (address of the token), what is unpaid of the claims that a lender bought."""
    marks = ", ".join("?" * len(_UNPAID))
    bought: defaultdict[str, list[BoughtClaim]] = defaultdict(list)
    for row in run(
        connection,
        "SELECT r.currency, a.party_id, c.value, r.face_amount, r.credited, r.principal_paid "
        "FROM claims c JOIN receivables r ON r.receivable_id = c.receivable_id "
        "JOIN accounts a ON a.account = r.debtor "
        "WHERE c.owner = ? AND c.burned = 0 AND r.seller <> c.owner AND r.debtor <> c.owner "
        f"AND r.status IN ({marks}) ORDER BY c.claim_id",
        (lender, *_UNPAID),
    ):
        unpaid = int(row.face_amount - row.credited - row.principal_paid)
        face = int(row.face_amount)
        # The claim's part of what is unpaid of its debt, rounded up: a lender owns no less.
        amount = -(-unpaid * int(row.value) // face) if face else 0
        if amount > 0:
            bought[row.currency].append(BoughtClaim(int(row.party_id), amount))
    return dict(bought)


class _Terms(msgspec.Struct):
    """What the limits look at of a loan's terms."""

    style: int
    annual_rate: int
    start_day: int
    due_day: int = 0
    periods: int = 1
    months_per_period: int = 1
    day_count: int = 360
    penalty_multiple: int = 1_500_000


class _State(msgspec.Struct):
    terms: _Terms


class _Goods(msgspec.Struct, rename="camel"):
    hedge_share: int = 0


class OpenLoan(msgspec.Struct, frozen=True):
    """A loan that is not repaid, with the version of its product."""

    product_id: int
    version: int
    facts: LoanFacts


def open_loans(connection: Connection, lender: str) -> Iterator[OpenLoan]:
    """A lender's loans that are not repaid."""
    shares: dict[tuple[int, int], int] = {}
    decoder = msgspec.json.Decoder(_State)
    for row in run(
        connection,
        "SELECT l.loan_id, l.state_json, l.last_due_day, f.product_id, f.version, v.goods_json "
        "FROM loans l JOIN facilities f ON f.facility_id = l.facility_id "
        "JOIN product_versions v ON v.product_id = f.product_id AND v.version = f.version "
        "WHERE l.lender = ? AND l.status <> 'Repaid' ORDER BY l.loan_id",
        (lender,),
    ):
        key = row.product_id, row.version
        if key not in shares:
            shares[key] = msgspec.json.decode(row.goods_json, type=_Goods).hedge_share
        terms = decoder.decode(row.state_json).terms
        scheduled = terms.style in SCHEDULES
        facts = LoanFacts(
            number=row.loan_id,
            annual_rate=terms.annual_rate,
            penalty=terms.penalty_multiple,
            day_count=terms.day_count,
            tenor_days=None if scheduled else row.last_due_day - terms.start_day,
            months=terms.periods * terms.months_per_period if scheduled else None,
            hedge_share=shares[key],
        )
        yield OpenLoan(row.product_id, row.version, facts)


class Debt(msgspec.Struct, frozen=True):
    """What a borrower, or a group, owes under a rule set in a currency, to all lenders.

    Attributes:
        number: of the party, or of the group.
    """

    currency: str
    number: int
    amount: int


_OF_LENDER = (
    "SELECT b.party_id FROM loans o JOIN accounts b ON b.account = o.borrower "
    "WHERE o.lender = ? AND o.status <> 'Repaid'"
)


def largest_debts(connection: Connection, lender: str, *, rule_set: str) -> list[Debt]:
    """In each currency the largest debt of a borrower of the lender, under a rule set."""
    rows = run(
        connection,
        "SELECT f.currency, a.party_id AS number, SUM(l.outstanding) AS amount FROM loans l "
        "JOIN facilities f ON f.facility_id = l.facility_id "
        "JOIN accounts a ON a.account = f.borrower "
        f"WHERE f.rule_set = ? AND a.party_id IN ({_OF_LENDER}) "
        "GROUP BY f.currency, a.party_id",
        (rule_set, lender),
    )
    return _largest(rows)


def largest_group_debts(connection: Connection, lender: str, *, rule_set: str) -> list[Debt]:
    """In each currency the largest debt of a group with a borrower of the lender.

    A debt counts under the group in which the ledger has it (`borrower_groups`).
    """
    rows = run(
        connection,
        "SELECT f.currency, g.group_number AS number, SUM(l.outstanding) AS amount FROM loans l "
        "JOIN facilities f ON f.facility_id = l.facility_id "
        "JOIN accounts a ON a.account = f.borrower "
        "JOIN borrower_groups g ON g.party_id = a.party_id AND g.rule_set = f.rule_set "
        "AND g.currency = f.currency "
        "WHERE f.rule_set = ? AND g.group_number IN (SELECT h.group_number FROM borrower_groups h "
        f"WHERE h.rule_set = ? AND h.group_number <> 0 AND h.party_id IN ({_OF_LENDER})) "
        "GROUP BY f.currency, g.group_number",
        (rule_set, rule_set, lender),
    )
    return _largest(rows)


def _largest(rows: Any) -> list[Debt]:
    largest: dict[str, Debt] = {}
    for row in rows:
        debt = Debt(row.currency, int(row.number), int(row.amount or 0))
        known = largest.get(debt.currency)
        if debt.amount and (
            known is None or (-debt.amount, debt.number) < (-known.amount, known.number)
        ):
            largest[debt.currency] = debt
    return [largest[currency] for currency in sorted(largest)]
