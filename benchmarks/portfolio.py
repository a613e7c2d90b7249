"""The portfolio report over very many loans, on both databases."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.portfolio import concentration as names_owed
from app.domain.portfolio.limits import exposure
from app.domain.portfolio.losses import expected_losses, severity_of
from app.domain.portfolio.reserve import reserve_need
from app.domain.portfolio.rolling import month_ends, roll_rates
from app.domain.portfolio.stress import Shocks, largest_names, stressed
from app.domain.portfolio.vintages import vintages
from app.domain.watch.assessing import watched
from app.lending.loans import repository as report
from app.lending.rows import LoanRow
from app.oversight.portfolio.repository import book
from app.oversight.watch.repository import Scope, load
from app.storage import Storage, create_storage, insert_many
from app.storage.tables.base import position_of
from app.storage.tables.lending import loan_entries, loans
from tests.support.postgres import new_database, start_postgres

TODAY = 21_000
LENDERS = 20
CURRENCIES = 3
AT_ONCE = 5_000


def any_loan(chance: random.Random, number: int) -> LoanRow:
    """A loan of a random lender, age and amount."""
    start = TODAY - chance.randrange(400)
    terms = LoanTerms(
        style=Style.BULLET,
        start_day=start,
        due_day=start + chance.randrange(30, 360),
        annual_rate=chance.randrange(30_000, 180_000),
    )
    amount = chance.randrange(1_000_00, 1_000_000_00)
    row = LoanRow(
        loan_id=number,
        facility_id=number % 5_000 + 1,
        product_id=number % 9 + 1,
        lender=f"0x{chance.randrange(LENDERS):040x}",
        borrower=f"0x{chance.randrange(1 << 30):040x}",
        entruster=None,
        currency=f"0x{chance.randrange(CURRENCIES):040x}",
        status=chance.choice(["Running"] * 8 + ["Repaid", "Defaulted"]),
        collateral="none",
        collateral_id=None,
        drawn=amount,
        outstanding=amount,
        start_day=start,
        last_due_day=0,
        oldest_unpaid_day=0,
        marked_overdue=0,
        loss=0,
        loss_absorbed=0,
        lost_days=0,
        stopped_day=None,
        stops_json="[]",
        history_json="{}",
        written_off=0,
        restructured_json="null",
        floating_json=None,
        next_reset_day=None,
        state_json="",
        created_block=number,
        changed_block=number,
    )
    row.keep(Loan.opened(terms, principal=amount))
    return row


def fill(storage: Storage, *, count: int) -> None:
    """Stores so many loans; each has an entry of its draw, and one of what it is now."""
    chance = random.Random(20_261)
    for first in range(1, count + 1, AT_ONCE):
        batch = [any_loan(chance, first + place) for place in range(AT_ONCE)]
        rows = [tuple(getattr(row, name) for name in LoanRow.__struct_fields__) for row in batch]
        storage.write_now(partial(insert_many, table=loans, rows=rows))
        entries = [entry for row in batch for entry in entries_of(chance, row)]
        storage.write_now(partial(insert_many, table=loan_entries, rows=entries))


def entries_of(chance: random.Random, row: LoanRow) -> list[tuple[Any, ...]]:
    """What happened to a loan: the draw, and a payment or a default some days later."""
    kind = "defaulted" if row.status == "Defaulted" else "repaid"
    left = 0 if row.status == "Repaid" else row.outstanding
    later = min(TODAY, row.start_day + chance.randrange(1, 200))
    return [
        _entry(row, 0, "drawn", row.start_day, row.drawn),
        _entry(row, 1, kind, later, left),
    ]


def _entry(row: LoanRow, place: int, kind: str, day: int, outstanding: int) -> tuple[Any, ...]:
    fields = {column.name: 0 for column in loan_entries.columns} | {
        "position": position_of(row.loan_id, place),
        "loan_id": row.loan_id,
        "kind": kind,
        "day": day,
        "payer": None,
        "outstanding": outstanding,
        "details_json": "{}",
        "transaction_hash": "0x",
        "timestamp": start_of(day, zone_offset=ZONE_OFFSET_SECONDS),
        "facility_id": row.facility_id,
        "from_facility_id": None,
        "oldest_unpaid_day": row.oldest_unpaid_day,
    }
    return tuple(fields.values())


def reported(url: str, *, count: int) -> float:
    """Seconds for ageing and maturities of all lenders together, over so many loans."""
    storage = create_storage(url)
    try:
        storage.migrate()
        fill(storage, count=count)
        began = time.perf_counter()
        found = storage.read_now(
            lambda connection: (
                report.ageing(connection, account=None, today=TODAY),
                report.maturities(connection, account=None, today=TODAY),
            )
        )
        seconds = time.perf_counter() - began
        assert sum(line.loans for part in found for line in part) > count
        return seconds
    finally:
        storage.close()


def figured(url: str, *, count: int) -> float:
    """Seconds for reading the loans that `reported` stored, and for all figures of them."""
    storage = create_storage(url)
    try:
        began = time.perf_counter()
        loaded = storage.read_now(
            partial(book, lender=None, zone_offset=ZONE_OFFSET_SECONDS, tiers=True)
        )
        for items in loaded.loans.values():
            roll_rates(items, month_ends(TODAY, 12))
            vintages(items, overdue_days=30, max_months=24, today=TODAY)
            severity = severity_of(items, assumed=450_000, today=TODAY)
            expected_losses(
                *(items, lambda loan: loan.product), severity=severity, min_loans=30, today=TODAY
            )
            names_owed.concentration(items, names_owed.group_of, today=TODAY)
            reserve_need(items, reserve_share=5_000, held=0, today=TODAY)
            exposure(items, (), reserve=0, today=TODAY)
            shocks = Shocks(
                loss_severity=450_000,
                parties=largest_names(items, 5, today=TODAY),
                delay_days=30,
            )
            stressed(items, shocks, trade={}, today=TODAY)
        seconds = time.perf_counter() - began
        assert sum(len(items) for items in loaded.loans.values()) == count
        return seconds
    finally:
        storage.close()


def warned(url: str, *, count: int) -> float:
    """Seconds for the warning levels of everything behind the loans that `reported` stored."""
    storage = create_storage(url)
    scope = Scope(
        lender=None,
        codes={},
        now=start_of(TODAY, zone_offset=ZONE_OFFSET_SECONDS),
        zone_offset=ZONE_OFFSET_SECONDS,
    )
    try:
        began = time.perf_counter()
        levels = watched(storage.read_now(partial(load, scope=scope)).facts)
        seconds = time.perf_counter() - began
        assert count // 2 < len(levels.portfolio.loans) < count, "those that are not repaid"
        return seconds
    finally:
        storage.close()


@contextlib.contextmanager
def stores(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses of an empty store of each kind."""
    server = contextlib.contextmanager(start_postgres)
    with server() as address:
        yield {
            "SQLite": f"sqlite:///{folder / 'portfolio.sqlite'}",
            "PostgreSQL": new_database(address, f"portfolio_{uuid4().hex}"),
        }
