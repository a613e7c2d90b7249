"""Lists and searches over 100,000 claims and receivables, on both databases.

An index finds each page, and all pages together are the whole list in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from app.gateway.sorted_pages import Page, Sort, page_of
from app.oversight.search import repository as search
from app.parties.registry import repository as parties
from app.storage import Storage, create_storage, insert_many, run
from app.storage.tables.chain import events
from app.storage.tables.parties import parties_directory
from app.storage.tables.trade import assignments, claims, document_numbers, receivables
from app.trade.claims import repository as claim_rows
from app.trade.documents import repository as documents
from app.trade.receivables import repository as receivable_rows
from app.trade.receivables.repository import Filters
from tests.support.postgres import new_database
from tests.support.rows import row

COUNT = 100_000
HELD = 500  # each debt of this number is held by a fund
SELLER, BUYER, BANK, FUND, OTHER = (f"0x{number:040x}" for number in range(1, 6))
CNY, USD = "0x" + "c" * 40, "0x" + "d" * 40
SORTS: tuple[Sort, ...] = (
    *("newest", "oldest", "due-soonest", "due-latest", "largest", "smallest"),
)


def _receivable(number: int) -> tuple[Any, ...]:
    return row(
        receivables,
        receivable_id=number,
        seller=SELLER if number % 4 else OTHER,
        debtor=BUYER if number % 3 else OTHER,
        currency=CNY if number % 5 else USD,
        face_amount=number * 7919 % 99_991 + 1,
        due_day=20_000 + number * 31 % 700,
        fingerprint=f"0x{number:064x}",
        document_root=f"0x{number + COUNT:064x}",
        status="Confirmed" if number % 10 else "Settled",
    )


def _claim(number: int) -> tuple[Any, ...]:
    return row(
        claims,
        claim_id=number,
        receivable_id=number,
        owner=BANK if number % 2 else FUND if number % HELD == 0 else SELLER,
        value=number * 104_729 % 99_991,
        lienholder=OTHER if number % 50 == 1 else None,
        burned=int(number % 9 == 0),
        due_day=20_000 + number * 31 % 700,
        currency=CNY if number % 5 else USD,
    )


def _fill(connection: Connection) -> None:
    numbers = range(1, COUNT + 1)
    insert_many(connection, receivables, [_receivable(number) for number in numbers])
    insert_many(connection, claims, [_claim(number) for number in numbers])
    insert_many(
        connection,
        assignments,
        [
            row(
                assignments,
                position=n,
                to_claim_id=n,
                from_owner=f"0x{n:040x}" if n % HELD else OTHER,
                to_owner=f"0x{n:040x}" if n % HELD else FUND,
            )
            for n in range(10, COUNT + 1, 10)
        ],
    )
    insert_many(
        connection,
        events,
        [
            row(events, position=n, transaction_hash=f"0x{n:064x}", arguments_json="{}")
            for n in numbers
        ],
    )
    insert_many(
        connection,
        document_numbers,
        [(f"t{n % 1000}", f"0x{n + COUNT:064x}", "owner", str(n)) for n in numbers],
    )
    insert_many(
        connection,
        parties_directory,
        [
            row(
                parties_directory,
                id=str(n),
                name=f"Firm {n}",
                account=f"0x{n + 9:040x}",
                identity_hash=f"0x{n:064x}",
                name_skeleton="",
                name_folded=f"firm {n}",
                legal_id_encrypted=b"",
            )
            for n in range(1, 20_001)
        ],
    )
    if connection.dialect.name == "postgresql":  # by itself, later; SQLite plans without figures
        run(connection, "ANALYZE")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storage]:
    """A store with 100,000 claims, for this module."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('long')}/gateway.db"
    else:
        url = new_database(request.getfixturevalue("postgres_server"), f"long_{uuid4().hex}")
    store = create_storage(url)
    store.migrate()
    store.write_now(_fill)
    yield store
    store.close()


class Plans:
    """A connection's stand-in: it runs each statement, and notes which tables it reads whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self.lines: list[str] = []
        self.scans: list[str] = []

    def exec_driver_sql(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        """As the connection does it."""
        explain = "EXPLAIN QUERY PLAN " if self.dialect.name == "sqlite" else "EXPLAIN "
        plan = self._connection.exec_driver_sql(explain + statement, values).all()
        lines = [str(line[-1]).strip() for line in plan]
        self.lines += lines
        if self.dialect.name != "sqlite":
            self.scans += [line for line in lines if "Seq Scan on " in line]
        elif " LIMIT ?" not in statement or "USE TEMP B-TREE FOR ORDER BY" in lines:
            self.scans += [line for line in lines if _reads_whole_table(line)]
        # Without a sort, SQLite walks the table by its key, in the list's order, up to the limit.
        return self._connection.exec_driver_sql(statement, values)


_ALIASES = frozenset(("c", "r", "a", "e", "d", "n", "s", "claims", "receivables", "events"))
LARGE = (
    *("receivables", "claims", "assignments", "events", "document_numbers"),
    "parties_directory",
)


def _reads_whole_table(line: str) -> bool:
    words = line.split()
    return words[0] == "SCAN" and words[1] in _ALIASES and "USING" not in words


def large_scans(storage: Storage, query: Callable[[Any], Any]) -> list[str]:
    """Large tables that a query reads whole."""

    def read(connection: Connection) -> list[str]:
        plans = Plans(connection)
        query(plans)
        return plans.scans

    scans = storage.read_now(read)
    return [line for line in scans if " on " not in line or any(f" on {n} " in line for n in LARGE)]


def page(sort: Sort, cursor: str | None = None, *, of: str, limit: int = 50) -> Page:
    number, amount = ("claim_id", "value") if of == "claims" else ("receivable_id", "face_amount")
    keys = {"due": "due_day", "amount": amount}
    return page_of(sort, cursor, number=number, keys=keys, currency="CNY", limit=limit, count=False)


CLAIMS = (
    claim_rows.Filters(debts=Filters(currency=CNY)),
    claim_rows.Filters(owner=BANK, debts=Filters(currency=CNY)),
    claim_rows.Filters(lienholder=OTHER, debts=Filters(currency=CNY)),
    claim_rows.Filters(owner=BANK, debts=Filters(currency=CNY, due_from=20_100, due_to=20_101)),
    claim_rows.Filters(owner=BANK, debts=Filters(currency=CNY, amount_from=500, amount_to=600)),
    claim_rows.Filters(debts=Filters(currency=CNY, token="t7")),
)
RECEIVABLES = (
    Filters(currency=CNY),
    Filters(currency=CNY, due_from=20_100, due_to=20_101),
    Filters(currency=CNY, amount_from=500, amount_to=600),
    Filters(currency=CNY, debtor=BUYER),
    Filters(debtor=BUYER, currency=CNY, unpaid=True),
    Filters(currency=CNY, token="t7"),
)


@pytest.mark.parametrize("sort", SORTS)
def test_an_index_finds_each_page_of_claims(full: Storage, sort: Sort) -> None:
    for filters in CLAIMS:
        for cursor in (None, "50000" if sort in ("newest", "oldest") else "20300.50000"):
            part = page(sort, cursor, of="claims")
            scans = large_scans(full, partial(claim_rows.listed, filters=filters, page=part))
            assert scans == [], (filters, cursor)
    for filters in CLAIMS[1:]:
        assert large_scans(full, partial(claim_rows.count, filters=filters)) == [], filters


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("whose", [None, BUYER, FUND], ids=["all", "debtor", "holder"])
def test_an_index_finds_each_page_of_receivables(
    full: Storage, sort: Sort, whose: str | None
) -> None:
    for filters in RECEIVABLES:
        for cursor in (None, "50000" if sort in ("newest", "oldest") else "20300.50000"):
            part = page(sort, cursor, of="receivables")
            scans = large_scans(
                full,
                partial(receivable_rows.listed, filters=filters, page=part, visible_to=whose),
            )
            assert scans == [], (filters, cursor)


def test_an_index_finds_what_a_search_names(full: Storage) -> None:
    digest = f"0x{77:064x}"
    queries = (
        lambda c: search.numbered_receivables(c, "t7", account=None, limit=20),
        lambda c: search.numbered_receivables(c, "t7", account=SELLER, limit=20),
        lambda c: documents.by_number(c, "t7", owner="owner", limit=20),
        lambda c: documents.by_number(c, "t7", owner=None, limit=20),
        lambda c: documents.by_hash(c, digest, limit=20),
        lambda c: search.hashed(c, digest, limit=20),
        lambda c: search.block_of_transaction(c, digest, accounts=None),
        lambda c: search.block_of_transaction(c, digest, accounts=[SELLER]),
        lambda c: search.operations_of(c, digest, limit=20),
        lambda c: search.block(c, digest=digest),
        lambda c: parties.by_name(c, "FIRM 77", limit=20),
        lambda c: parties.by_any_account(c, SELLER),
        lambda c: receivable_rows.may_see(c, receivable_id=77, account=BANK),
    )
    for query in queries:
        assert large_scans(full, query) == []


def test_a_number_is_sought_among_documents_not_among_all_debts_of_the_seller(
    full: Storage,
) -> None:
    def read(connection: Connection) -> list[str]:
        plans: Any = Plans(connection)
        search.numbered_receivables(plans, "t7", account=SELLER, limit=20)
        return list(plans.lines)

    lines = full.read_now(read)
    assert any("ix_receivables_document_root" in line for line in lines), lines
    assert not any("ix_receivables_seller" in line for line in lines), lines


def test_the_check_of_plans_can_fail(full: Storage) -> None:
    scans = large_scans(full, lambda c: run(c, "SELECT claim_id FROM claims c WHERE c.depth = 9"))
    assert len(scans) == 1


@pytest.mark.parametrize("sort", SORTS)
def test_all_pages_together_are_the_list_in_its_order(full: Storage, sort: Sort) -> None:
    filters = claim_rows.Filters(owner=BANK, debts=Filters(currency=USD))

    def pages(connection: Connection) -> list[tuple[int, int, int]]:
        rows, cursor = [], None
        while True:
            part = page(sort, cursor, of="claims", limit=200)
            more = claim_rows.listed(connection, filters, part)
            rows += [(item.claim_id, item.due_day, item.value) for item in more]
            following = part.following(more)
            if following is None:
                return rows
            cursor = str(following)

    place = {"new": 0, "old": 0, "due": 1, "lar": 2, "sma": 2}[sort[:3]]
    descending = sort in ("newest", "due-latest", "largest")
    listed = full.read_now(pages)
    expected = [
        (number, 20_000 + number * 31 % 700, number * 104_729 % 99_991)
        for number in range(5, COUNT + 1, 5)
        if number % 2 and number % 9
    ]
    assert listed == sorted(expected, key=lambda item: (item[place], item[0]), reverse=descending)


def test_a_party_lists_each_debt_once_that_it_owes_sold_or_holds(full: Storage) -> None:
    def numbers(whose: str | None, filters: Filters) -> list[int]:
        part = page("due-soonest", of="receivables", limit=200_000)
        return full.read_now(
            lambda c: [
                item.receivable_id
                for item in receivable_rows.listed(c, filters, part, visible_to=whose)
            ]
        )

    usd = Filters(currency=USD)
    of_all = [n for n in range(5, COUNT + 1, 5)]
    assert sorted(numbers(None, usd)) == of_all
    assert sorted(numbers(BANK, usd)) == [n for n in of_all if n % 2]
    assert sorted(numbers(FUND, usd)) == [n for n in of_all if n % HELD == 0]
    sold = [n for n in of_all if n % 4 or (n % 2 == 0 and n % HELD)]
    assert sorted(numbers(SELLER, usd)) == sold, "as seller or as holder"
    debts = {n for n in of_all if n % 3 == 0 or n % 4 == 0 or n % 50 == 1 or n % HELD == 0}
    assert numbers(OTHER, usd) == sorted(debts, key=lambda n: (20_000 + n * 31 % 700, n))
    assert numbers("", usd) == []


def test_a_count_stops_at_its_bound(full: Storage) -> None:
    def count(filters: Filters, whose: str | None) -> dict[str, Any]:
        return dict(full.read_now(lambda c: receivable_rows.count(c, filters, visible_to=whose)))

    assert count(Filters(), None) == {"count": 1000, "more": True}
    assert count(Filters(), SELLER) == {"count": 1000, "more": True}
    narrow = Filters(due_from=20_100, due_to=20_100, status="Settled")
    expected = sum(n * 31 % 700 == 100 for n in range(10, COUNT + 1, 10))
    assert 0 < expected < 1000
    assert count(narrow, None) == {"count": expected, "more": False}
    of_claims = claim_rows.Filters(owner=BANK)
    assert full.read_now(lambda c: claim_rows.count(c, of_claims))["more"]
