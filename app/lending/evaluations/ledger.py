"""What the ledger itself says of a party, as of the newest block that the read tables have.

Each figure is of the last year, or of three years for defaults. A figure without a single fact
behind it is unknown: it is left out, and never zero. Amounts count in one currency only.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import SECONDS_PER_DAY, day_at, start_of
from app.domain.catalogue import MILLION
from app.domain.scoring.values import percent_text
from app.storage import run

YEAR = 365
_OWED = ("Running", "Defaulted", "WrittenOff")


class Figure(msgspec.Struct, frozen=True):
    """A figure of a party.

    Attributes:
        value: as evidence writes it: a whole number, or a share like 12.5%.
        basis: the facts that were counted, in words.
    """

    feature: str
    value: int | str
    basis: str


class Subject(msgspec.Struct, frozen=True):
    """Whose figures, and as of when.

    Attributes:
        accounts: of the party, removed ones too.
        token: address of the currency's settlement token, lower case.
        timestamp: of the block, UTC seconds.
    """

    accounts: tuple[str, ...]
    token: str
    timestamp: int
    zone_offset: int

    @property
    def today(self) -> int:
        """The day of the block."""
        return self.day_at(self.timestamp)

    def day_at(self, seconds: int) -> int:
        """The ledger's business day at a time."""
        return day_at(seconds, zone_offset=self.zone_offset)

    def since(self, years: int) -> int:
        """UTC seconds from which facts count."""
        return self.timestamp - years * YEAR * SECONDS_PER_DAY

    @property
    def marks(self) -> str:
        """Placeholders for the accounts."""
        return ", ".join("?" * len(self.accounts))


def accounts_of(connection: Connection, ledger_party_id: int) -> tuple[str, ...]:
    """All accounts that a party has or had."""
    query = "SELECT account FROM accounts WHERE party_id = ? ORDER BY account"
    return tuple(row.account for row in run(connection, query, (ledger_party_id,)))


def figures(connection: Connection, subject: Subject) -> list[Figure]:
    """All figures that are known, by the names that the shipped scorecard gives them."""
    if not subject.accounts:
        return []
    all_figures = (
        _days_paid_late(connection, subject),
        _defaults(connection, subject),
        *_sales(connection, subject),
        _limit_use(connection, subject),
    )
    return [figure for figure in all_figures if figure is not None]


def _days_paid_late(connection: Connection, subject: Subject) -> Figure | None:
    """Days late on average, weighted by amount: of what was paid, and of what is overdue."""
    late = [
        *_debts_paid(connection, subject),
        *_debts_overdue(connection, subject),
        *_instalments_paid(connection, subject),
        *_loans_overdue(connection, subject),
    ]
    weight = sum(amount for amount, _ in late)
    if weight == 0:
        return None
    total = sum(amount * days for amount, days in late)
    return Figure(
        "days-paid-late",
        _half_up(total, weight),
        f"{_number(len(late), 'payment')} made or overdue in a year",
    )


def _debts_paid(connection: Connection, subject: Subject) -> list[tuple[int, int]]:
    query = (
        "SELECT p.principal, p.timestamp, r.due_day FROM payments p "
        "JOIN receivables r ON r.receivable_id = p.receivable_id "
        f"WHERE r.debtor IN ({subject.marks}) AND r.currency = ? AND p.timestamp >= ?"
    )
    rows = run(connection, query, (*subject.accounts, subject.token, subject.since(1)))
    return [
        (int(row.principal), max(0, subject.day_at(row.timestamp) - row.due_day)) for row in rows
    ]


def _debts_overdue(connection: Connection, subject: Subject) -> list[tuple[int, int]]:
    """What the party owes and has not paid, of debts that it confirmed and does not dispute."""
    query = (
        "SELECT face_amount - credited - principal_paid AS unpaid, due_day FROM receivables "
        f"WHERE debtor IN ({subject.marks}) AND currency = ? AND due_day < ? "
        "AND status IN ('Confirmed', 'Defaulted', 'WrittenOff')"
    )
    rows = run(connection, query, (*subject.accounts, subject.token, subject.today))
    return [(int(row.unpaid), subject.today - row.due_day) for row in rows if row.unpaid > 0]


def _instalments_paid(connection: Connection, subject: Subject) -> list[tuple[int, int]]:
    """Repayments of loans, each late by the age of what was unpaid before it."""
    query = (
        "SELECT e.loan_id, e.kind, e.day, e.principal + e.interest AS amount, e.timestamp, "
        "e.oldest_unpaid_day FROM loan_entries e JOIN loans l ON l.loan_id = e.loan_id "
        f"WHERE l.borrower IN ({subject.marks}) AND l.currency = ? ORDER BY e.position"
    )
    before: dict[int, int] = {}
    late = []
    for row in run(connection, query, (*subject.accounts, subject.token)):
        due_day = before.get(row.loan_id, 0)
        # 0: the entry is older than what says how old its loan's unpaid instalment was.
        if row.kind == "repaid" and row.timestamp >= subject.since(1) and due_day > 0:
            late.append((int(row.amount), max(0, row.day - due_day)))
        before[row.loan_id] = row.oldest_unpaid_day
    return late


def _loans_overdue(connection: Connection, subject: Subject) -> list[tuple[int, int]]:
    """Loans with an unpaid instalment that is due: all that is outstanding counts as late."""
    marks = ", ".join("?" * len(_OWED))
    query = (
        "SELECT outstanding, oldest_unpaid_day, lost_days, stopped_day FROM loans "
        f"WHERE borrower IN ({subject.marks}) AND currency = ? AND status IN ({marks})"
    )
    late = []
    for row in run(connection, query, (*subject.accounts, subject.token, *_OWED)):
        today = subject.today if row.stopped_day is None else min(subject.today, row.stopped_day)
        days = today - row.lost_days - row.oldest_unpaid_day
        if row.oldest_unpaid_day > 0 and days > 0 and row.outstanding > 0:
            late.append((int(row.outstanding), days))
    return late


def _defaults(connection: Connection, subject: Subject) -> Figure | None:
    """Debts and loans declared in default in three years; unknown without any debt or loan."""
    debts = run(
        connection,
        f"SELECT count(*) FROM receivables WHERE debtor IN ({subject.marks}) "
        "AND confirmed_at IS NOT NULL",
        subject.accounts,
    ).scalar()
    loans = run(
        connection,
        f"SELECT count(*) FROM loans WHERE borrower IN ({subject.marks})",
        subject.accounts,
    ).scalar()
    if not debts and not loans:
        return None
    declared = run(
        connection,
        "SELECT count(DISTINCT e.receivable_id) FROM events e "
        "JOIN receivables r ON r.receivable_id = e.receivable_id "
        f"WHERE e.name = 'ReceivableDefaulted' AND r.debtor IN ({subject.marks}) "
        "AND e.timestamp >= ?",
        (*subject.accounts, subject.since(3)),
    ).scalar()
    defaulted = run(
        connection,
        "SELECT count(DISTINCT e.loan_id) FROM loan_entries e "
        "JOIN loans l ON l.loan_id = e.loan_id "
        f"WHERE e.kind = 'defaulted' AND l.borrower IN ({subject.marks}) AND e.timestamp >= ?",
        (*subject.accounts, subject.since(3)),
    ).scalar()
    basis = f"{_number(debts, 'debt')} and {_number(loans, 'loan')}, three years"
    return Figure("defaults", int(declared) + int(defaulted), basis)


def _sales(connection: Connection, subject: Subject) -> list[Figure]:
    """Disputes by number; credit notes and the largest buyer by amount."""
    query = (
        "SELECT r.receivable_id, r.debtor, r.currency, r.face_amount, r.credited, "
        "coalesce(a.party_id, 0) AS party_id, EXISTS (SELECT 1 FROM disputes d "
        "WHERE d.receivable_id = r.receivable_id) AS disputed FROM receivables r "
        "LEFT JOIN accounts a ON a.account = r.debtor "
        f"WHERE r.seller IN ({subject.marks}) AND r.confirmed_at >= ?"
    )
    rows = run(connection, query, (*subject.accounts, subject.since(1))).all()
    if not rows:
        return []
    disputed = sum(1 for row in rows if row.disputed)
    basis = f"{_number(len(rows), 'invoice')} confirmed in a year"
    results = [Figure("disputed-share", _share(disputed, len(rows)), basis)]
    counted = [row for row in rows if row.currency == subject.token]
    total = sum(int(row.face_amount) for row in counted)
    if total == 0:
        return results
    basis = f"{_number(len(counted), 'invoice')} confirmed in a year, by amount"
    credited = sum(int(row.credited) for row in counted)
    by_buyer: Counter[Any] = Counter()
    for row in counted:
        by_buyer[row.party_id or row.debtor] += int(row.face_amount)
    return [
        *results,
        Figure("credit-note-share", _share(credited, total), basis),
        Figure("largest-buyer-share", _share(max(by_buyer.values()), total), basis),
    ]


def invoiced_in(connection: Connection, subject: Subject, first_day: int, last_day: int) -> int:
    """What the party invoiced in a period: invoices that buyers confirmed, less credit notes.

    Returns minor units of the subject's currency; invoices include taxes.
    """
    if not subject.accounts:
        return 0
    query = (
        "SELECT face_amount - credited AS amount FROM receivables "
        f"WHERE seller IN ({subject.marks}) AND currency = ? "
        "AND confirmed_at >= ? AND confirmed_at < ?"
    )
    first, end = (
        start_of(day, zone_offset=subject.zone_offset) for day in (first_day, last_day + 1)
    )
    rows = run(connection, query, (*subject.accounts, subject.token, first, end))
    return sum(int(row.amount) for row in rows)


def _limit_use(connection: Connection, subject: Subject) -> Figure | None:
    """What is outstanding under open facilities, in their limits."""
    query = (
        "SELECT outstanding, credit_limit FROM facilities "
        f"WHERE borrower IN ({subject.marks}) AND currency = ? AND limit_currency IS NULL "
        "AND closed = 0 AND last_day >= ?"
    )
    rows = run(connection, query, (*subject.accounts, subject.token, subject.today)).all()
    limits = sum(int(row.credit_limit) for row in rows)
    if limits == 0:
        return None
    used = sum(int(row.outstanding) for row in rows)
    return Figure("limit-use", _share(used, limits), _number(len(rows), "open facility"))


def _share(part: int, whole: int) -> str:
    """A share of at most all, half up to parts per million."""
    return percent_text(min(MILLION, _half_up(part * MILLION, whole)))


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)


def _number(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"
