"""A book of loans as the store has it: lives, halts, tiers, debtors and groups."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.portfolio.book import BookLoan, Halt, Standing
from app.oversight.portfolio import repository
from app.storage import Storage, create_storage, insert_many, run
from app.storage.migrations import upgrade
from app.storage.tables.base import position_of
from app.storage.tables.chain import event_subjects, events
from app.storage.tables.lending import facilities, loan_entries, loans, product_versions
from app.storage.tables.parties import accounts, parties
from app.storage.tables.trade import claims, receivables
from tests.support.book import on
from tests.support.rows import row

BANK, FUND, VEGA, LYRA, ACME = (f"0x{number:040x}" for number in range(1, 6))
CNY, USD = "0x" + "c" * 40, "0x" + "d" * 40


def loan(number: int, **values: Any) -> tuple[Any, ...]:
    fields = {"facility_id": 4, "product_id": 2, "lender": BANK, "borrower": VEGA, "currency": CNY}
    fields |= {"collateral": "none", "drawn": 1_000, "start_day": on("2026-01-10")}
    return row(loans, loan_id=number, **fields | {"stops_json": "[]", "created_block": 50} | values)


def entry(number: int, place: int, kind: str, day: str, **values: Any) -> tuple[Any, ...]:
    fields = {"oldest_unpaid_day": on("2026-03-01"), "details_json": "{}", "outstanding": 1_000}
    noon = start_of(on(day), zone_offset=ZONE_OFFSET_SECONDS) + 43_200
    return row(
        loan_entries,
        position=number * 100 + place,
        loan_id=number,
        kind=kind,
        timestamp=noon,
        **fields | values,
    )


def stored(storage: Storage, **rows: list[tuple[Any, ...]]) -> None:
    tables = {
        table.name: table
        for table in (
            *(loans, loan_entries, accounts, parties, claims, receivables, events),
            *(event_subjects, facilities, product_versions),
        )
    }

    def write(connection: Connection) -> None:
        for name, values in rows.items():
            insert_many(connection, tables[name], values)

    storage.write_now(write)


def book(storage: Storage, lender: str | None = BANK, **options: Any) -> dict[str, list[BookLoan]]:
    return storage.read_now(
        lambda connection: repository.book(
            connection, lender=lender, zone_offset=ZONE_OFFSET_SECONDS, **options
        )
    ).loans


def test_life_has_a_point_for_each_day_and_what_was_declared(storage: Storage) -> None:
    stored(
        storage,
        loans=[loan(1, loss=700)],
        loan_entries=[
            entry(1, 0, "drawn", "2026-01-10"),
            entry(1, 1, "repaid", "2026-03-05", outstanding=900),
            entry(1, 2, "repaid", "2026-03-05", outstanding=700),
            entry(1, 3, "overdue", "2026-03-20", outstanding=700),
            entry(1, 4, "defaulted", "2026-04-20", outstanding=700),
            entry(1, 5, "loss", "2026-06-20", outstanding=700),
        ],
    )
    ((one,),) = book(storage).values()
    assert [(point.day, point.outstanding, point.standing) for point in one.points] == [
        (on("2026-01-10"), 1_000, Standing.RUNNING),
        (on("2026-03-05"), 700, Standing.RUNNING),
        (on("2026-03-20"), 700, Standing.RUNNING),
        (on("2026-04-20"), 700, Standing.DEFAULTED),
        (on("2026-06-20"), 700, Standing.LOST),
    ]
    assert (one.loss, one.complete, one.drawn) == (700, True, 1_000)


def test_correction_and_restructuring_change_what_was_declared(storage: Storage) -> None:
    def restated(number: int, status: str) -> tuple[Any, ...]:
        details = json.dumps({"status": status, "overpaid": 0})
        return entry(number, 5, "restated", "2026-07-01", details_json=details)

    declared = ("defaulted", "defaulted", "defaulted", "written-off", "defaulted")
    statuses = ("Running", "Defaulted", "WrittenOff", "Running", None)
    rows = []
    for number, (kind, status) in enumerate(zip(declared, statuses, strict=True), 1):
        rows += [entry(number, 0, "drawn", "2026-01-10"), entry(number, 1, kind, "2026-05-01")]
        if status is None:
            rows.append(entry(number, 2, "restructured", "2026-06-01"))
        else:
            rows.append(restated(number, status))
    stored(storage, loans=[loan(number) for number in range(1, 6)], loan_entries=rows)
    (book_loans,) = book(storage).values()
    assert [one.last.standing for one in book_loans] == [
        *(Standing.RUNNING, Standing.DEFAULTED, Standing.LOST, Standing.RUNNING, Standing.RUNNING)
    ]


def test_loss_stays_after_a_correction_that_leaves_it_in_default(storage: Storage) -> None:
    rows = [
        entry(1, 0, "drawn", "2026-01-10"),
        entry(1, 1, "loss", "2026-05-01"),
        entry(1, 2, "restated", "2026-07-01", details_json='{"status": "Defaulted"}'),
    ]
    stored(storage, loans=[loan(1)], loan_entries=rows)
    ((one,),) = book(storage).values()
    assert one.last.standing is Standing.LOST


def test_lender_gets_its_own_loans_and_the_others_all_by_currency(storage: Storage) -> None:
    stored(
        storage,
        loans=[
            loan(1),
            loan(2, lender=FUND),
            loan(3, currency=USD),
            loan(4, borrower=BANK, lender=FUND),
        ],
        loan_entries=[entry(number, 0, "drawn", "2026-01-10") for number in range(1, 5)],
    )

    def numbers(lender: str | None) -> dict[str, list[int]]:
        loans = book(storage, lender)
        return {currency: [one.number for one in items] for currency, items in loans.items()}

    assert numbers(BANK) == {CNY: [1], USD: [3]}, "not what it borrowed"
    assert numbers(FUND) == {CNY: [2, 4]}
    assert numbers(VEGA) == {}
    assert numbers(None) == {CNY: [1, 2, 4], USD: [3]}


def test_entry_older_than_the_column_makes_a_loan_incomplete(storage: Storage) -> None:
    rows = [
        entry(1, 0, "drawn", "2026-01-10", oldest_unpaid_day=0),
        entry(1, 1, "repaid", "2026-02-10"),
        entry(2, 0, "drawn", "2026-01-10"),
    ]
    stored(storage, loans=[loan(1), loan(2)], loan_entries=rows)
    (book_loans,) = book(storage).values()
    assert [one.complete for one in book_loans] == [False, True]


def test_stops_of_the_currency_become_halts_in_calendar_days(storage: Storage) -> None:
    first = on("2026-02-01")
    stops = f"[[{first},10],[{first + 20},0]]"
    stored(
        storage,
        loans=[loan(1, stops_json=stops, lost_days=10, stopped_day=first + 30), loan(2)],
        loan_entries=[entry(number, 0, "drawn", "2026-01-10") for number in (1, 2)],
    )
    stopped, moving = book(storage)[CNY]
    assert stopped.halts == (Halt(first, first + 10), Halt(first + 30, None))
    assert moving.halts == ()


def test_parties_groups_and_debtors(storage: Storage) -> None:
    stored(
        storage,
        loans=[loan(1, collateral="claim", collateral_id=8), loan(2, borrower=LYRA)],
        loan_entries=[entry(number, 0, "drawn", "2026-01-10") for number in (1, 2)],
        accounts=[(VEGA, 11, 0, 1, 1), (LYRA, 12, 0, 1, 1), (ACME, 13, 0, 1, 1)],
        parties=[
            row(parties, party_id=11, identity_hash="0x11", group_number=5),
            row(parties, party_id=12, identity_hash="0x12"),
        ],
        claims=[row(claims, claim_id=8, receivable_id=3, owner=VEGA)],
        receivables=[row(receivables, receivable_id=3, debtor=ACME)],
    )
    of_claim, other = book(storage)[CNY]
    assert (of_claim.borrower, of_claim.group, of_claim.debtor) == (11, 5, 13)
    assert (other.borrower, other.group, other.debtor) == (12, 0, None)


def test_tier_is_the_one_in_force_at_the_draw(storage: Storage) -> None:
    at = position_of(40, 0), position_of(60, 0)
    late = start_of(on("2027-01-01"))

    def attested(position: int, tier: int, expires: int) -> tuple[Any, ...]:
        attestation = {"partyId": 11, "tier": tier, "expiresAt": expires}
        return row(
            events,
            position=position,
            contract="CreditRegistry",
            name="CreditAttested",
            arguments_json=json.dumps({"partyId": 11, "attestation": attestation}),
        )

    revoked = row(
        events,
        position=position_of(65, 0),
        contract="CreditRegistry",
        name="CreditRevoked",
        arguments_json=json.dumps({"partyId": 11}),
    )
    stored(
        storage,
        loans=[
            loan(1, created_block=30),  # before the first attestation
            loan(2, created_block=50),
            loan(3, created_block=60),  # in the block of the attestation
            loan(4, created_block=70),  # revoked by then
            loan(5, created_block=50, start_day=on("2027-02-01")),  # expired by then
            loan(6, created_block=50, borrower=LYRA),
        ],
        loan_entries=[entry(number, 0, "drawn", "2026-01-10") for number in range(1, 7)],
        accounts=[(VEGA, 11, 0, 1, 1), (LYRA, 12, 0, 1, 1)],
        events=[attested(at[0], 3, late), attested(at[1], 2, late), revoked],
        event_subjects=[("party:11", position) for position in (*at, position_of(65, 0))],
    )
    assert [one.tier for one in book(storage, tiers=True)[CNY]] == [0, 3, 2, 0, 0, 0]
    assert {one.tier for one in book(storage)[CNY]} == {0}, "nobody asked"


def test_facilities_that_trade_bounds(storage: Storage) -> None:
    def facility(number: int, product: int, lender: str = BANK, owed: int = 5) -> tuple[Any, ...]:
        return row(
            facilities,
            facility_id=number,
            product_id=product,
            version=1,
            lender=lender,
            outstanding=owed,
        )

    def product(number: int, evidence: str) -> tuple[Any, ...]:
        return row(product_versions, product_id=number, version=1, evidence_json=evidence)

    stored(
        storage,
        facilities=[
            *(facility(1, 1), facility(2, 2), facility(3, 3), facility(4, 1, FUND)),
            facility(5, 1, owed=0),
        ],
        product_versions=[product(1, '{"basis": 2}'), product(2, '{"basis": 0}'), product(3, "{}")],
    )

    def bounded(lender: str | None, limit: int = 9) -> list[int]:
        return storage.read_now(
            lambda c: repository.bounded_facilities(c, lender=lender, limit=limit)
        )

    assert bounded(BANK) == [1]
    assert bounded(None) == [4, 1]
    assert bounded(None, limit=1) == [4]


def test_older_store_gets_the_age_after_the_newest_entry_of_each_loan(storage_url: str) -> None:
    store = create_storage(storage_url)
    upgrade(store.writer, revision="0014")
    columns = [column.name for column in loan_entries.columns]
    without = [name for name in columns if name != "oldest_unpaid_day"]
    rows = [entry(1, 0, "drawn", "2026-01-10"), entry(1, 1, "repaid", "2026-02-10")]
    rows.append(entry(2, 0, "drawn", "2026-01-10"))

    def write(connection: Connection) -> None:
        insert_many(connection, loans, [loan(1, oldest_unpaid_day=77), loan(2)])
        marks = ", ".join("?" for _ in without)
        for values in rows:
            statement = f"INSERT INTO loan_entries ({', '.join(without)}) VALUES ({marks})"
            run(connection, statement, tuple(values[columns.index(name)] for name in without))

    store.write_now(write)
    store.migrate()
    query = "SELECT oldest_unpaid_day FROM loan_entries ORDER BY position"
    ages = store.read_now(lambda connection: [row[0] for row in run(connection, query)])
    store.close()
    assert ages == [0, 77, 0]
