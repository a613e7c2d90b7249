"""The portfolio report over very many loans, on both databases."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

from app.domain.loan import Loan, LoanTerms, Style
from app.lending.loans import repository as report
from app.lending.rows import LoanRow
from app.storage import create_storage, insert_many
from app.storage.tables.lending import loans
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


def reported(url: str, *, count: int) -> float:
    """Seconds for ageing and maturities of all lenders together, over so many loans."""
    storage = create_storage(url)
    try:
        storage.migrate()
        chance = random.Random(20_261)
        for first in range(1, count + 1, AT_ONCE):
            rows = [
                tuple(getattr(row, name) for name in LoanRow.__struct_fields__)
                for row in (any_loan(chance, first + place) for place in range(AT_ONCE))
            ]
            storage.write_now(partial(insert_many, table=loans, rows=rows))
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


@contextlib.contextmanager
def stores(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses of an empty store of each kind."""
    server = contextlib.contextmanager(start_postgres)
    with server() as address:
        yield {
            "SQLite": f"sqlite:///{folder / 'portfolio.sqlite'}",
            "PostgreSQL": new_database(address, f"portfolio_{uuid4().hex}"),
        }
