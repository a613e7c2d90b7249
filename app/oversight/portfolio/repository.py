"""Reads a book of loans from the read tables: each loan with its life up to the newest block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import day_at, start_of
from app.domain.portfolio.book import BookLoan, Halt, Point, Standing
from app.lending.stops import Stop
from app.parties.credit import repository as credit
from app.parties.credit.repository import TierChange
from app.storage import run
from app.storage.tables.base import position_of

_UNKNOWN = 2**62  # numbers of parties from here on are the gateway's own
_DECLARED = {
    "defaulted": Standing.DEFAULTED,
    "loss": Standing.LOST,
    "written-off": Standing.LOST,
    "restructured": Standing.RUNNING,
}


class Book(msgspec.Struct):
    """Loans by currency (address of the token), and an account of each party to name it by."""

    loans: dict[str, list[BookLoan]]
    account_of: dict[int, str]


def book(
    connection: Connection, *, lender: str | None, zone_offset: int, tiers: bool = False
) -> Book:
    """The loans that a lender's account holds now, or all loans.

    Args:
        tiers: whether the tiers on the days of the draws are needed; they take the longest.
    """
    party_of, group_of = _parties(connection)
    debtors = _debtors(connection, lender)
    lives = _lives(connection, lender, zone_offset)
    where, values = ("WHERE lender = ? ", (lender,)) if lender is not None else ("", ())
    rows = run(
        connection,
        "SELECT loan_id, facility_id, product_id, borrower, currency, collateral, collateral_id, "
        "drawn, start_day, loss, stopped_day, stops_json, created_block FROM loans "
        f"{where}ORDER BY loan_id",
        values,
    ).all()
    for account in {row.borrower for row in rows} | set(debtors.values()):
        # An account that the registry does not know stands for itself.
        party_of.setdefault(account, _UNKNOWN + len(party_of))
    borrowers = {party_of[row.borrower] for row in rows} if tiers else set()
    changes = credit.tier_changes(connection, borrowers)
    loans: defaultdict[str, list[BookLoan]] = defaultdict(list)
    for row in rows:
        points, complete = lives[row.loan_id]
        borrower = party_of[row.borrower]
        debtor = debtors.get(row.collateral_id) if row.collateral == "claim" else None
        loans[row.currency].append(
            BookLoan(
                number=row.loan_id,
                facility=row.facility_id,
                product=row.product_id,
                borrower=borrower,
                group=group_of.get(borrower, 0),
                debtor=None if debtor is None else party_of[debtor],
                start_day=row.start_day,
                drawn=int(row.drawn),
                points=points,
                loss=int(row.loss),
                halts=_halts(row.stops_json, row.stopped_day),
                on_goods=row.collateral == "warehouse-receipt",
                complete=complete,
                tier=_tier(
                    changes.get(borrower, ()),
                    position=position_of(row.created_block + 1, 0),
                    at=start_of(row.start_day, zone_offset=zone_offset),
                ),
            )
        )
    return Book(dict(loans), {party: account for account, party in party_of.items()})


def _parties(connection: Connection) -> tuple[dict[str, int], dict[int, int]]:
    """The party of each account, an account in use last; the group of each party in one."""
    query = "SELECT account, party_id FROM accounts ORDER BY removed DESC, account"
    party_of = {row.account: int(row.party_id) for row in run(connection, query)}
    query = "SELECT party_id, group_number FROM parties WHERE group_number <> 0"
    group_of = {int(row.party_id): int(row.group_number) for row in run(connection, query)}
    return party_of, group_of


def _debtors(connection: Connection, lender: str | None) -> dict[int, str]:
    """The debtor's account, by claim that is the collateral of a loan of the book."""
    query = (
        "SELECT l.collateral_id, r.debtor FROM loans l "
        "JOIN claims c ON c.claim_id = l.collateral_id "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE l.collateral = 'claim'"
    )
    values: tuple[str, ...] = ()
    if lender is not None:
        query, values = query + " AND l.lender = ?", (lender,)
    return {row.collateral_id: row.debtor for row in run(connection, query, values)}


def _lives(
    connection: Connection, lender: str | None, zone_offset: int
) -> dict[int, tuple[list[Point], bool]]:
    """The points of each loan, one a day, and whether the age is known at each of them."""
    query = (
        "SELECT e.loan_id, e.kind, e.outstanding, e.oldest_unpaid_day, e.timestamp, "
        "CASE WHEN e.kind = 'restated' THEN e.details_json END AS details_json "
        "FROM loan_entries e "
    )
    values: tuple[str, ...] = ()
    if lender is not None:
        query += "JOIN loans l ON l.loan_id = e.loan_id WHERE l.lender = ? "
        values = (lender,)
    query += "ORDER BY e.loan_id, e.position"
    lives: dict[int, tuple[list[Point], bool]] = {}
    loan_id, standing, lost, complete = 0, Standing.RUNNING, False, True
    points: list[Point] = []
    for row in run(connection, query, values):
        if row.loan_id != loan_id:
            loan_id, standing, lost, complete, points = (
                *(row.loan_id, Standing.RUNNING, False, True),
                [],
            )
        standing = _DECLARED.get(row.kind, standing)
        lost = lost or row.kind == "loss"
        if row.details_json is not None:
            standing = _restated(row.details_json, lost)
        day = day_at(row.timestamp, zone_offset=zone_offset)
        point = Point(day, int(row.outstanding), row.oldest_unpaid_day, standing)
        complete = complete and row.oldest_unpaid_day > 0
        if points and points[-1].day == day:
            points[-1] = point
        else:
            points.append(point)
        lives[loan_id] = points, complete
    return lives


class _Restated(msgspec.Struct):
    status: str


def _restated(details: str, lost: bool) -> Standing:
    """What a loan is after a correction: one that is running again has no loss any more."""
    status = msgspec.json.decode(details, type=_Restated).status
    if status == "WrittenOff":
        return Standing.LOST
    if status == "Defaulted":
        return Standing.LOST if lost else Standing.DEFAULTED
    return Standing.RUNNING


def _halts(stops_json: str, stopped_day: int | None) -> tuple[Halt, ...]:
    if stops_json == "[]":
        return ()
    stops, days_lost, halts = msgspec.json.decode(stops_json, type=list[Stop]), 0, []
    for place, stop in enumerate(stops, 1):
        first = stop.own_day + days_lost
        lasts = stopped_day is not None and place == len(stops)
        halts.append(Halt(first, None if lasts else first + stop.days))
        days_lost += stop.days
    return tuple(halts)


def _tier(rows: Sequence[TierChange], *, position: int, at: int) -> int:
    """The tier in force before a position; 0: none, or it had expired."""
    last = None
    for row in rows:
        if row.position >= position:
            break
        last = row
    return last.tier if last is not None and last.until > at else 0


def bounded_facilities(connection: Connection, *, lender: str | None, limit: int) -> list[int]:
    """The newest facilities of a lender, or of all, under which trade bounds what is owed."""
    where, values = ("AND f.lender = ? ", (lender,)) if lender is not None else ("", ())
    rows = run(
        connection,
        "SELECT f.facility_id, v.evidence_json FROM facilities f JOIN product_versions v "
        "ON v.product_id = f.product_id AND v.version = f.version "
        f"WHERE f.outstanding > 0 AND v.evidence_json <> '{{}}' {where}"
        "ORDER BY f.facility_id DESC",
        values,
    )
    bounded = (row.facility_id for row in rows if msgspec.json.decode(row.evidence_json)["basis"])
    return list(islice(bounded, limit))
