"""Limits on a facility's draws: what each allows, what is used of it, and what is free.

The limits of tier, rule set and group count what the borrower owes over all facilities, to all
lenders. So a lender sees one sum of what its borrower owes elsewhere, as it must to hold the limit.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.money import currency_in
from app.domain.product_terms import ProductTerms
from app.lending import repository
from app.lending.evidence import trade
from app.lending.rows import FacilityRow
from app.parties.credit import repository as credit
from app.storage import run

_OWED = (
    "SELECT COALESCE(SUM(l.outstanding), 0) FROM loans l "
    "JOIN facilities f ON f.facility_id = l.facility_id "
    "JOIN accounts a ON a.account = f.borrower "
)


class DebtLimit(msgspec.Struct, frozen=True):
    """A limit and what is used of it, in minor units of the facility's currency.

    Attributes:
        kind: facility, trade, tier, rule-set or group.
    """

    kind: str
    limit: int
    used: int

    @property
    def free(self) -> int:
        """What may still be drawn under it."""
        return max(0, self.limit - self.used)


def limits(
    connection: Connection, row: FacilityRow, *, currency: str, today: int
) -> list[DebtLimit]:
    """The limits on a facility's draws that are in its own currency."""
    terms = repository.product_terms(connection, product_id=row.product_id, version=row.version)
    party_id = party_of(connection, row.borrower)
    rows = []
    if currency_in(terms["limitCurrency"]) is None:
        used = _lent_on(connection, row) if terms["revolving"] else row.drawn
        rows.append(DebtLimit("facility", row.credit_limit, used))
    traded = trade.limit_of(connection, row, today=today)
    if traded is not None:
        rows.append(DebtLimit("trade", traded[1].limit, _lent_on(connection, row)))
    tier = credit.of_party(connection, party_id) if row.on_tier else None
    if tier is not None and tier.tier and tier.currency == currency:
        rows.append(DebtLimit("tier", tier.credit_limit, _on_tier(connection, row, party_id)))
    return rows + _of_rule_set(connection, row, terms, party_id)


def _lent_on(connection: Connection, row: FacilityRow) -> int:
    """What is outstanding of all that was drawn on it, whoever holds the loans now."""
    query = "SELECT COALESCE(SUM(outstanding), 0) FROM facilities WHERE origin_id = ?"
    return row.outstanding + int(run(connection, query, (row.facility_id,)).scalar() or 0)


def in_default(connection: Connection, row: FacilityRow) -> bool:
    """Whether a loan of the borrower is in default, in whichever facility."""
    query = (
        "SELECT COUNT(*) FROM loans l JOIN accounts a ON a.account = l.borrower "
        "WHERE a.party_id = ? AND l.status IN ('Defaulted', 'WrittenOff')"
    )
    return bool(run(connection, query, (party_of(connection, row.borrower),)).scalar())


def _of_rule_set(
    connection: Connection, row: FacilityRow, terms: ProductTerms, party_id: int
) -> list[DebtLimit]:
    if row.rule_set is None:
        return []
    rows = []
    where, values = "WHERE f.rule_set = ? AND f.currency = ? ", (row.rule_set, row.currency)
    if terms["ruleSetLimit"]:
        owed = run(connection, _OWED + where + "AND a.party_id = ?", (*values, party_id)).scalar()
        rows.append(DebtLimit("rule-set", terms["ruleSetLimit"], int(owed or 0)))
    # As the ledger: the borrower's own group is the registry's, also before its debt has followed.
    query = "SELECT group_number FROM parties WHERE party_id = ?"
    group = run(connection, query, (party_id,)).scalar()
    if terms["groupLimit"] and group:
        members = (
            "AND (a.party_id = ? OR a.party_id IN (SELECT party_id FROM borrower_groups "
            "WHERE rule_set = ? AND currency = ? AND group_number = ?))"
        )
        keys = (*values, party_id, *values, group)
        owed = run(connection, _OWED + where + members, keys).scalar()
        rows.append(DebtLimit("group", terms["groupLimit"], int(owed or 0)))
    return rows


def _on_tier(connection: Connection, row: FacilityRow, party_id: int) -> int:
    query = _OWED + "WHERE f.on_tier = 1 AND f.currency = ? AND a.party_id = ?"
    return int(run(connection, query, (row.currency, party_id)).scalar() or 0)


def party_of(connection: Connection, account: str) -> int:
    """The party of an account: its number on the ledger."""
    query = "SELECT party_id FROM accounts WHERE account = ?"
    return int(run(connection, query, (account,)).scalar() or 0)
