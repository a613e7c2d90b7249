"""What the limits of a rule set read from the store: loans, claims that were bought, statements."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from app.domain.portfolio.limits import BoughtClaim, LoanFacts
from app.oversight.portfolio.limits import repository
from app.oversight.portfolio.limits.repository import Debt, OwnFundsRow
from app.storage import Storage
from app.storage.tables.lending import borrower_groups, facilities, loans, product_versions
from app.storage.tables.parties import accounts
from app.storage.tables.trade import claims, receivables
from tests.support.rows import put, row

BANK, FUND, VEGA, LYRA, ACME, ACME_TOO = (f"0x{number:040x}" for number in range(1, 7))
CNY, USD = "0x" + "c" * 40, "0x" + "d" * 40
NUMBERS = {BANK: 11, FUND: 12, VEGA: 13, LYRA: 14, ACME: 15, ACME_TOO: 15}
Read = TypeVar("Read")


def read(storage: Storage, query: Callable[[Connection], Read]) -> Read:
    return storage.read_now(query)


def known(storage: Storage) -> None:
    put(
        storage,
        (accounts, [row(accounts, account=key, party_id=value) for key, value in NUMBERS.items()]),
        (
            product_versions,
            [
                row(
                    product_versions,
                    product_id=2,
                    version=version,
                    terms_json="{}",
                    goods_json=json.dumps({"hedgeShare": 250_000} if version == 2 else {}),
                    floating_json="{}",
                    evidence_json="{}",
                )
                for version in (1, 2)
            ],
        ),
    )


def facility(number: int, *, borrower: str = VEGA, **values: Any) -> tuple[Any, ...]:
    fields: dict[str, Any] = {"product_id": 2, "version": 1, "lender": BANK, "currency": CNY}
    return row(facilities, facility_id=number, borrower=borrower, **fields | values)


def loan(number: int, **values: Any) -> tuple[Any, ...]:
    terms = {"style": 0, "start_day": 20_000, "due_day": 20_090, "annual_rate": 72_000}
    terms |= values.pop("terms", {})
    fields: dict[str, Any] = {"product_id": 2, "lender": BANK, "borrower": VEGA, "currency": CNY}
    fields |= {"facility_id": 4, "status": "Running", "collateral": "none"}
    fields |= {"outstanding": 1_000, "last_due_day": 20_090, "start_day": 20_000}
    fields |= {"stops_json": "[]", "history_json": "{}", "restructured_json": "null"}
    return row(loans, loan_id=number, state_json=json.dumps({"terms": terms}), **fields | values)


def test_open_loans_have_what_the_limits_look_at(storage: Storage) -> None:
    known(storage)
    schedule = {"style": 1, "periods": 4, "months_per_period": 3, "penalty_multiple": 1_300_000}
    put(
        storage,
        (facilities, [facility(4), facility(5, version=2)]),
        (
            loans,
            [
                loan(1, last_due_day=20_120),
                loan(2, facility_id=5, terms=schedule),
                loan(3, status="Repaid"),
                loan(4, lender=FUND),
            ],
        ),
    )
    found = read(storage, lambda connection: list(repository.open_loans(connection, BANK)))
    assert [(item.product_id, item.version) for item in found] == [(2, 1), (2, 2)]
    bullet = LoanFacts(
        number=1,
        annual_rate=72_000,
        penalty=1_500_000,
        day_count=360,
        tenor_days=120,
        months=None,
        hedge_share=0,
    )
    assert found[0].facts == bullet, "with its extension"
    facts = found[1].facts
    assert (facts.months, facts.tenor_days, facts.penalty) == (12, None, 1_300_000)
    assert facts.hedge_share == 250_000


def claim(number: int, receivable: int, **values: Any) -> tuple[Any, ...]:
    fields: dict[str, Any] = {"owner": BANK, "value": 1_000}
    return row(claims, claim_id=number, receivable_id=receivable, **fields | values)


def receivable(number: int, **values: Any) -> tuple[Any, ...]:
    fields: dict[str, Any] = {"seller": VEGA, "debtor": ACME, "currency": CNY}
    fields |= {"face_amount": 1_000, "status": "Confirmed", "fingerprint": f"f{number}"}
    return row(receivables, receivable_id=number, **fields | values)


def test_bought_claims_count_with_what_is_unpaid_of_them(storage: Storage) -> None:
    known(storage)
    put(
        storage,
        (
            receivables,
            [
                receivable(1, principal_paid=100, credited=100),
                receivable(2, debtor=ACME_TOO, currency=USD, status="Defaulted"),
                receivable(3, status="Paid"),
                receivable(4, status="WrittenOff"),
                receivable(5, seller=BANK),
                receivable(6, face_amount=1_000, principal_paid=1),
                receivable(7),
            ],
        ),
        (
            claims,
            [
                claim(1, 1),
                claim(2, 2),
                claim(3, 3),
                claim(4, 4),
                claim(5, 5),
                claim(6, 6, value=333),
                claim(7, 7, owner=VEGA, lienholder=BANK),
                claim(8, 7, burned=1),
            ],
        ),
    )
    found = read(storage, lambda connection: repository.bought_claims(connection, BANK))
    assert found == {
        CNY: [BoughtClaim(15, 800), BoughtClaim(15, 333)],
        USD: [BoughtClaim(15, 1_000)],
    }


def test_debts_under_a_rule_set_count_all_lenders_and_only_own_borrowers(storage: Storage) -> None:
    known(storage)
    put(
        storage,
        (
            facilities,
            [
                facility(4, rule_set="cn"),
                facility(5, rule_set="cn", lender=FUND),
                facility(6, rule_set="cn", lender=FUND, borrower=LYRA),
                facility(7, rule_set="intl"),
                facility(8, rule_set="cn", currency=USD),
            ],
        ),
        (
            loans,
            [
                loan(1, outstanding=100),
                loan(2, facility_id=5, lender=FUND, outstanding=50),
                loan(3, facility_id=6, lender=FUND, borrower=LYRA, outstanding=900),
                loan(4, facility_id=7, outstanding=4_000),
                loan(5, facility_id=8, currency=USD, outstanding=7),
            ],
        ),
        (
            borrower_groups,
            [
                row(borrower_groups, party_id=13, rule_set="cn", currency=CNY, group_number=3),
                row(borrower_groups, party_id=14, rule_set="cn", currency=CNY, group_number=3),
            ],
        ),
    )

    def largest(lender: str) -> list[Debt]:
        return read(
            storage,
            lambda connection: repository.largest_debts(connection, lender, rule_set="cn"),
        )

    def of_groups(lender: str) -> list[Debt]:
        return read(
            storage,
            lambda connection: repository.largest_group_debts(connection, lender, rule_set="cn"),
        )

    assert largest(BANK) == [Debt(CNY, 13, 150), Debt(USD, 13, 7)]
    assert largest(FUND) == [Debt(CNY, 14, 900), Debt(USD, 13, 7)]
    assert of_groups(BANK) == of_groups(FUND) == [Debt(CNY, 3, 1_050)]
    assert largest(LYRA) == of_groups(LYRA) == []


def statement(identifier: str, **values: Any) -> OwnFundsRow:
    fields: dict[str, Any] = {
        "party": "p",
        "lender_kind": "bank",
        "currency": "CNY",
        "day": 20_000,
        "person": "key",
        "created_at": 1.0,
        "sealed": b"sealed",
    }
    return OwnFundsRow(id=identifier, **fields | values)


def test_the_last_statement_of_the_last_day_counts_by_currency(storage: Storage) -> None:
    rows = [
        statement("1"),
        statement("2", day=20_100),
        statement("3", day=20_100, lender_kind="factor"),
        statement("4", day=20_050),
        statement("5", currency="USD"),
        statement("6", party="q", day=20_200),
    ]

    def write(connection: Connection) -> None:
        for item in rows:
            repository.add(connection, item)

    storage.write_now(write)
    found = read(storage, lambda connection: repository.in_force(connection, "p"))
    assert {code: item.id for code, item in found.items()} == {"CNY": "3", "USD": "5"}
    assert found["CNY"] == rows[2]
    assert read(storage, lambda connection: repository.in_force(connection, "nobody")) == {}


@pytest.mark.parametrize(
    ("party", "before", "expected"),
    [
        ("p", None, ["5", "4", "3"]),
        ("p", "3", ["2", "1"]),
        (None, None, ["6", "5", "4"]),
        ("q", "6", []),
    ],
)
def test_statements_are_listed_newest_first(
    storage: Storage, party: str | None, before: str | None, expected: list[str]
) -> None:
    parties = {"6": "q"}

    def write(connection: Connection) -> None:
        for number in range(1, 7):
            identifier = str(number)
            repository.add(connection, statement(identifier, party=parties.get(identifier, "p")))

    storage.write_now(write)
    found = read(
        storage,
        lambda connection: repository.listed(connection, party=party, before=before, limit=3),
    )
    assert [item.id for item in found] == expected
