"""Evaluations in the store: steps that nobody takes twice, and what the ledger shows of a party."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, Double, Integer, LargeBinary, SmallInteger, Table

from app.domain.calendar import SECONDS_PER_DAY, start_of
from app.domain.evaluation import Consent, Step
from app.lending.evaluations import repository
from app.lending.evaluations.ledger import Subject, accounts_of, figures, invoiced_in
from app.lending.evaluations.repository import EvaluationRow, StepRow
from app.parties.registry import repository as directory
from app.storage import RowConflict, Storage, run
from app.storage.tables.chain import events
from app.storage.tables.lending import facilities, loan_entries, loans
from app.storage.tables.parties import accounts, parties, parties_directory
from app.storage.tables.trade import disputes, payments, receivables

TOKEN, OTHER_TOKEN = "0xcny", "0xusd"
TODAY = 20_500
NOW = start_of(TODAY) + 3600
CASE = EvaluationRow("e1", "r", "s", "identify", None, None, None, None, 1.0)


def fill(connection: Connection, table: Table, **values: Any) -> None:
    """A row, with nothing and zero in the columns that are not named."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name in values or column.nullable:
            continue
        if isinstance(column.type, (BigInteger, Integer, SmallInteger, Double)):
            row[column.name] = 0
        else:
            row[column.name] = b"" if isinstance(column.type, LargeBinary) else ""
    row |= values
    marks = ", ".join("?" * len(row))
    names = ", ".join(row)
    run(connection, f"INSERT INTO {table.name} ({names}) VALUES ({marks})", tuple(row.values()))


def receivable(connection: Connection, number: int, **values: Any) -> None:
    """A confirmed receivable of 1,000.00 by the subject, confirmed ten days ago."""
    usual = {
        "receivable_id": number,
        "seller": "0xsubject",
        "debtor": "0xbuyer",
        "currency": TOKEN,
        "face_amount": 100_000,
        "due_day": TODAY + 30,
        "status": "Confirmed",
        "confirmed_at": NOW - 10 * SECONDS_PER_DAY,
        "fingerprint": f"f{number}",
    }
    fill(connection, receivables, **(usual | values))


def known(storage: Storage) -> dict[str, int | str]:
    """The figures of the subject, by feature."""
    subject = Subject(("0xsubject", "0xolder"), TOKEN, NOW, 8 * 3600)
    return {
        figure.feature: figure.value
        for figure in storage.read_now(lambda connection: figures(connection, subject))
    }


# -- cases


def step(identifier: str, number: int) -> StepRow:
    return StepRow(identifier, "e1", number, "identify", "li", 2.0, b"x")


def test_a_case_is_stored_with_its_steps(storage: Storage) -> None:
    storage.write_now(lambda connection: repository.add(connection, CASE))
    storage.write_now(
        lambda connection: repository.add_step(connection, step("s1", 1), next_step=Step.ANALYSE)
    )
    storage.write_now(
        lambda connection: repository.set_consent(connection, "e1", Consent(5, None, 7))
    )
    storage.write_now(lambda connection: repository.set_root(connection, "e1", "0xroot"))
    row = storage.read_now(lambda connection: repository.by_id(connection, "e1"))
    assert row is not None
    assert (row.next, row.consent, row.evidence_root) == (
        Step.ANALYSE,
        Consent(5, None, 7),
        "0xroot",
    )
    assert storage.read_now(lambda connection: repository.steps(connection, "e1")) == [
        step("s1", 1)
    ]
    storage.write_now(
        lambda connection: repository.add_step(connection, step("s2", 2), next_step=None)
    )
    row = storage.read_now(lambda connection: repository.by_id(connection, "e1"))
    assert row is not None
    assert row.next is None


def test_two_persons_do_not_take_one_step(storage: Storage) -> None:
    storage.write_now(lambda connection: repository.add(connection, CASE))
    for new in (step("s1", 1), step("s2", 2)):
        storage.write_now(partial(repository.add_step, row=new, next_step=None))
    with pytest.raises(RowConflict):
        storage.write_now(
            lambda connection: repository.add_step(connection, step("s3", 2), next_step=None)
        )


def test_lists_are_of_one_party_and_newest_first(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        for identifier, rater, subject in (("a", "r", "s"), ("b", "r", "t"), ("c", "q", "s")):
            repository.add(
                connection,
                EvaluationRow(identifier, rater, subject, None, None, None, None, None, 1.0),
            )

    storage.write_now(write)

    def listed(**query: Any) -> list[str]:
        asked = {"party": None, "confirmed": None, "before": None, "limit": 9} | query
        return [
            row.id
            for row in storage.read_now(lambda connection: repository.listed(connection, **asked))
        ]

    assert listed() == ["c", "b", "a"]
    assert listed(party="s") == ["c", "a"]
    assert listed(party="r") == ["b", "a"]
    assert listed(before="c", limit=1) == ["b"]


def test_parties_of_one_group_are_under_one_control(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        for number, group in ((1, 0), (2, 0), (3, 9), (4, 9)):
            fill(
                connection,
                parties,
                party_id=number,
                identity_hash=f"h{number}",
                group_number=group,
            )
            fill(
                connection,
                parties_directory,
                id=f"p{number}",
                identity_hash=f"h{number}",
                account=f"0x{number}",
            )

    storage.write_now(write)

    def related(first: str, second: str) -> bool:
        return storage.read_now(
            lambda connection: repository.under_one_control(connection, first, second)
        )

    def controlled(identifier: str) -> list[str]:
        rows = storage.read_now(
            lambda connection: directory.under_control_with(connection, identifier)
        )
        return [each.id for each in rows]

    assert (controlled("p1"), controlled("p3"), controlled("nobody")) == (["p1"], ["p3", "p4"], [])
    assert related("p1", "p1")
    assert related("p3", "p4")
    assert not related("p1", "p2"), "no group is no common group"
    assert not related("p1", "p3")
    assert not related("p1", "nobody")


# -- figures of the ledger


def test_nothing_is_known_of_a_party_without_facts(storage: Storage) -> None:
    assert known(storage) == {}
    empty = Subject((), TOKEN, NOW, 8 * 3600)
    assert storage.read_now(lambda connection: figures(connection, empty)) == []


def test_all_accounts_of_a_party_count(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        for account, party, removed in (("0xa", 1, 0), ("0xb", 1, 1), ("0xc", 2, 0)):
            fill(connection, accounts, account=account, party_id=party, removed=removed)

    storage.write_now(write)
    assert storage.read_now(lambda connection: accounts_of(connection, 1)) == ("0xa", "0xb")


def test_sales_show_disputes_credit_notes_and_the_largest_buyer(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        for account, party in (("0xbuyer", 1), ("0xbuyer2", 1), ("0xthird", 2)):
            fill(connection, accounts, account=account, party_id=party)
        receivable(connection, 1, credited=7_500)
        receivable(connection, 2, seller="0xolder", debtor="0xbuyer2")
        receivable(connection, 3, debtor="0xthird")
        receivable(connection, 4, currency=OTHER_TOKEN, debtor="0xthird", face_amount=10**9)
        receivable(connection, 5, confirmed_at=NOW - 366 * SECONDS_PER_DAY, debtor="0xthird")
        receivable(connection, 6, confirmed_at=None, status="Requested")
        receivable(connection, 7, seller="0xother")
        for place, number in enumerate((1, 1, 5, 7)):
            fill(connection, disputes, position=place, receivable_id=number)

    storage.write_now(write)
    assert known(storage) == {
        "disputed-share": "25%",  # one of four, in whatever currency
        "credit-note-share": "2.5%",
        "largest-buyer-share": "66.6667%",  # two accounts of one buyer
    }


def test_sales_in_another_currency_leave_shares_by_amount_unknown(storage: Storage) -> None:
    storage.write_now(lambda connection: receivable(connection, 1, currency=OTHER_TOKEN))
    assert known(storage) == {"disputed-share": "0%"}


def test_days_late_are_weighted_by_amount(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        debt = {"seller": "0xother", "debtor": "0xsubject"}
        receivable(connection, 1, **debt, due_day=TODAY - 20, principal_paid=100_000)
        receivable(connection, 2, **debt, due_day=TODAY - 10, principal_paid=60_000)
        receivable(connection, 3, **debt, due_day=TODAY - 50, status="Disputed")
        receivable(connection, 4, **debt, due_day=TODAY)
        for place, (number, principal, day) in enumerate(
            ((1, 100_000, TODAY - 15), (2, 60_000, TODAY - 12), (1, 5_000, TODAY - 400))
        ):
            fill(
                connection,
                payments,
                position=place,
                receivable_id=number,
                principal=principal,
                timestamp=start_of(day),
            )

    storage.write_now(write)
    # (100,000 x 5 + 60,000 x 0 + 40,000 x 10) / 200,000 = 4.5, half up
    assert known(storage) == {"days-paid-late": 5, "defaults": 0}


def test_repayments_of_loans_are_late_by_what_was_unpaid_before(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        fill(
            connection,
            loans,
            loan_id=1,
            borrower="0xsubject",
            currency=TOKEN,
            status="Running",
            outstanding=50_000,
            oldest_unpaid_day=TODAY - 2,
        )
        rows = (
            ("drawn", TODAY - 60, 0, TODAY - 30),
            ("repaid", TODAY - 26, 30_000, TODAY - 10),
            ("repaid", TODAY - 12, 20_000, TODAY - 2),
        )
        for place, (kind, day, principal, oldest) in enumerate(rows):
            fill(
                connection,
                loan_entries,
                position=place,
                loan_id=1,
                kind=kind,
                day=day,
                principal=principal,
                timestamp=start_of(day),
                oldest_unpaid_day=oldest,
            )

    storage.write_now(write)
    # (30,000 x 4 + 20,000 x 0 + 50,000 x 2) / 100,000 = 2.2
    assert known(storage) == {"days-paid-late": 2, "defaults": 0}


def test_defaults_of_three_years_count_once_each(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        debt = {"seller": "0xother", "debtor": "0xsubject", "due_day": TODAY + 1}
        for number, age in ((1, 10), (2, 4 * 365), (3, 10)):
            receivable(connection, number, **(debt if number < 3 else {"seller": "0xother"}))
            fill(
                connection,
                events,
                position=number,
                name="ReceivableDefaulted",
                receivable_id=number,
                timestamp=NOW - age * SECONDS_PER_DAY,
            )
        fill(
            connection,
            loans,
            loan_id=1,
            borrower="0xsubject",
            currency=OTHER_TOKEN,
            status="Defaulted",
        )
        for place in (1, 2):
            fill(
                connection,
                loan_entries,
                position=place,
                loan_id=1,
                kind="defaulted",
                timestamp=NOW - 5,
            )

    storage.write_now(write)
    assert known(storage)["defaults"] == 2


def test_use_of_limits_is_of_open_facilities_in_the_currency(storage: Storage) -> None:
    def write(connection: Connection) -> None:
        usual = {
            "borrower": "0xsubject",
            "currency": TOKEN,
            "last_day": TODAY,
            "credit_limit": 300_000,
            "outstanding": 100_000,
        }
        others: list[dict[str, Any]] = [
            {},
            {"credit_limit": 100_000, "outstanding": 0},
            {"closed": 1},
            {"last_day": TODAY - 1},
            {"currency": OTHER_TOKEN},
            {"limit_currency": OTHER_TOKEN},
            {"borrower": "0xother"},
        ]
        for number, change in enumerate(others):
            fill(connection, facilities, facility_id=number, **(usual | change))

    storage.write_now(write)
    assert known(storage) == {"limit-use": "25%"}


def test_invoices_of_a_period_are_those_confirmed_in_it_less_credit_notes(storage: Storage) -> None:
    first, last = TODAY - 30, TODAY - 11

    def write(connection: Connection) -> None:
        receivable(connection, 1, confirmed_at=start_of(first), credited=25_000)
        receivable(connection, 2, confirmed_at=start_of(last + 1) - 1, seller="0xolder")
        receivable(connection, 3, confirmed_at=start_of(first) - 1)
        receivable(connection, 4, confirmed_at=start_of(last + 1))
        receivable(connection, 5, confirmed_at=start_of(last), currency=OTHER_TOKEN)
        receivable(connection, 6, confirmed_at=start_of(last), seller="0xother")
        receivable(connection, 7, confirmed_at=None, status="Requested")

    storage.write_now(write)
    subject = Subject(("0xsubject", "0xolder"), TOKEN, NOW, 8 * 3600)

    def invoiced(of: Subject) -> int:
        return storage.read_now(lambda connection: invoiced_in(connection, of, first, last))

    assert invoiced(subject) == 175_000
    assert invoiced(Subject((), TOKEN, NOW, 8 * 3600)) == 0
