"""Requests to quote in the store: their states, their readers and their pages."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from app.market.offers.repository import OfferRow, request_answered
from app.market.quote_requests import repository
from app.market.quote_requests.repository import FinancierRow, NewRequest, Reader
from app.storage import RowConflict, Storage, run
from app.storage.tables.market import cancelled_quotes, quotes, sales
from app.storage.tables.trade import (
    assignments,
    claims,
    collections,
    credit_notes,
    disputes,
    liens,
    payments,
    receivables,
)
from tests.support.rows import put, row

SELLER, BANK, FUND, OTHER, BUYER = (f"0x{number:040x}" for number in range(1, 6))
NOW, BLOCK = 1_000_000, 10
VALUE = 10_000


@pytest.fixture
def book(storage: Storage) -> Storage:
    """Three claims of one seller, on a confirmed debt each."""
    numbers = (1, 2, 3)
    debts = [
        row(receivables, receivable_id=number, seller=SELLER, debtor=BUYER, due_day=90,
            fingerprint=f"0x{number}", status="Confirmed", changed_block=BLOCK)
        for number in numbers
    ]  # fmt: skip
    held = [
        row(claims, claim_id=number, receivable_id=number, owner=SELLER, value=VALUE,
            changed_block=BLOCK)
        for number in numbers
    ]  # fmt: skip
    put(storage, (receivables, debts), (claims, held))
    return storage


def asked(
    storage: Storage, claim: int, *financiers: str, number: int = 1, until: int = NOW + 100
) -> str:
    identifier = f"{claim:08d}-0000-7000-8000-{number:012d}"
    request = NewRequest(
        id=identifier,
        seller=SELLER,
        claim_id=claim,
        number=number,
        value=VALUE,
        to_all=int(not financiers),
        note=b"sealed",
        block=BLOCK,
        created_at=1.0,
        expires_at=until,
    )
    storage.write_now(partial(repository.add, request=request, financiers=financiers))
    return identifier


def offer(identifier: str, request: str, funder: str, **more: object) -> tuple[object, ...]:
    return row(
        quotes,
        **{"id": identifier, "funder": funder, "seller": SELLER, "claim_id": 1, "nonce": identifier,
           "digest": identifier, "signature": "0x00", "state": "open", "expires_at": NOW + 50,
           "value": VALUE,
           "quote_request_id": request} | more,
    )  # fmt: skip


def reader_of(account: str | None, *, financier: bool = True, now: int = NOW) -> Reader:
    return Reader(account=account, financier=financier, now=now, day=30)


def states(storage: Storage, account: str | None, **more: object) -> dict[str, tuple[str, int]]:
    reader = reader_of(account, **more)  # type: ignore[arg-type]
    rows = storage.read_now(
        partial(repository.listed, reader=reader, claim_id=None, state=None, before=None, limit=50)
    )
    return {each.id: (each.state, each.answers) for each in rows}


def answers(storage: Storage, funder: str, *, claim: int = 1, value: int = VALUE) -> str | None:
    terms = {"value": value}
    new = OfferRow(
        *("", funder, SELLER, claim),
        terms=terms,  # type: ignore[arg-type]
        signature=None,
        state="open",
        expires_at=0,
        operation_id=None,
        currency=None,
    )
    return storage.read_now(partial(request_answered, offer=new, now=NOW))


def test_readers_see_their_own_requests_and_answers(book: Storage) -> None:
    named, every = asked(book, 1, BANK, FUND), asked(book, 2)
    put(
        book,
        (
            quotes,
            [
                offer("signed", named, BANK),
                offer("unsigned", named, BANK, signature=None),
                offer("expired", named, BANK, expires_at=NOW),
                offer("cancelled", named, BANK),
                offer("sold", named, FUND, expires_at=NOW - 1),
            ],
        ),
        (cancelled_quotes, [row(cancelled_quotes, funder=BANK, nonce="cancelled")]),
        (sales, [row(sales, position=1, claim_id=9, funder=FUND, nonce="sold")]),
    )
    assert states(book, SELLER) == {named: ("answered", 2), every: ("open", 0)}
    assert states(book, None) == states(book, SELLER)
    assert states(book, BANK) == {named: ("answered", 1), every: ("open", 0)}
    assert states(book, OTHER) == {every: ("open", 0)}
    assert states(book, BANK, financier=False) == {}


def test_states_follow_time_claim_and_debt(book: Storage) -> None:
    first, second, third = asked(book, 1), asked(book, 2), asked(book, 3)
    assert {each[0] for each in states(book, SELLER, now=NOW + 99).values()} == {"open"}
    assert {each[0] for each in states(book, SELLER, now=NOW + 100).values()} == {"expired"}

    def happen(connection: Connection) -> None:
        run(connection, "UPDATE claims SET owner = 'other' WHERE claim_id = 1")
        # What others pay on a debt changes its block, and ends no request.
        run(connection, "UPDATE receivables SET changed_block = 11")
        run(connection, "UPDATE receivables SET status = 'Disputed' WHERE receivable_id = 2")
        repository.withdraw(connection, third, now=2.0)

    book.write_now(happen)
    assert {key: state for key, (state, _) in states(book, SELLER).items()} == {
        first: "ended",
        second: "ended",
        third: "withdrawn",
    }
    sale = row(sales, position=2, claim_id=1, seller=SELLER, block_number=11, timestamp=NOW)
    put(book, (sales, [sale]))
    assert states(book, SELLER)[first][0] == "sold"
    assert states(book, SELLER, now=NOW + 500)[first][0] == "sold", "and so it stays"


def test_offer_answers_the_open_request_for_its_value_to_its_funder(book: Storage) -> None:
    named, every = asked(book, 1, BANK), asked(book, 2)
    assert answers(book, BANK) == named
    assert answers(book, FUND) is None
    assert answers(book, BANK, value=VALUE - 1) is None
    assert answers(book, FUND, claim=2) == every
    assert answers(book, BANK, claim=3) is None
    book.write_now(lambda c: repository.withdraw(c, named, now=2.0))
    assert answers(book, BANK) is None
    run_out = asked(book, 3, BANK, until=NOW)
    assert run_out not in (answers(book, BANK, claim=3),)


LATER = BLOCK + 1
COLLECTION = "UPDATE claims SET value = value - 1, changed_block = 11 WHERE claim_id = 1"


def _row_of(table: Table, **values: Any) -> tuple[Table, list[tuple[Any, ...]]]:
    return table, [row(table, **{"position": 1, "block_number": LATER} | values)]


@pytest.mark.parametrize(
    ("happens", "ends"),
    [
        (_row_of(assignments, from_claim_id=1, to_claim_id=1, value=VALUE), True),
        (_row_of(assignments, from_claim_id=1, to_claim_id=9, value=1), True),
        (_row_of(assignments, from_claim_id=1, to_claim_id=9, value=1, block_number=BLOCK), False),
        (_row_of(assignments, from_claim_id=9, to_claim_id=1, value=1), False),
        (_row_of(assignments, from_claim_id=1, to_claim_id=1, value=0), False),
        (_row_of(liens, claim_id=1, until=NOW), True),
        (_row_of(liens, claim_id=2), False),
        (_row_of(credit_notes, receivable_id=1, burned=1), True),
        (_row_of(credit_notes, receivable_id=2, burned=1), False),
        (_row_of(disputes, receivable_id=1, until=NOW), True),
        (_row_of(payments, receivable_id=1, payer=BUYER, principal=1), True),
        (_row_of(payments, receivable_id=1, payer=BUYER, principal=1, block_number=BLOCK), False),
        (_row_of(payments, receivable_id=1, payer=BANK, principal=1), False),
        (_row_of(collections, claim_id=1, receivable_id=1, principal=1), False),
    ],
)
def test_what_holder_and_debtor_do_ends_a_request_and_what_anybody_may_do_does_not(
    book: Storage, happens: tuple[Table, list[tuple[Any, ...]]], ends: bool
) -> None:
    named = asked(book, 1, BANK)
    put(book, happens)
    assert states(book, SELLER)[named] == ("ended" if ends else "open", 0)
    assert answers(book, BANK) == (None if ends else named)
    assert book.read_now(partial(repository.open_number, claim_id=1, now=NOW)) == (1, not ends)


def test_value_that_is_left_is_answered_and_offers_above_it_are_no_answers(book: Storage) -> None:
    named = asked(book, 1, BANK, FUND)
    put(book, (quotes, [offer("whole", named, BANK)]))
    assert states(book, SELLER)[named] == ("answered", 1)
    put(book, _row_of(collections, claim_id=1, receivable_id=1, principal=1))
    book.write_now(lambda c: run(c, COLLECTION))
    assert states(book, SELLER)[named] == ("open", 0)
    assert states(book, BANK)[named] == ("open", 0), "it may offer again"
    request = book.read_now(partial(repository.by_id, reader=reader_of(BANK), identifier=named))
    assert request is not None
    assert (request.value, request.value_left, request.paid) == (VALUE, VALUE - 1, False)
    assert answers(book, BANK) is None
    assert answers(book, BANK, value=VALUE - 1) == named
    put(book, (quotes, [offer("left", named, BANK, value=VALUE - 1)]))
    assert states(book, SELLER)[named] == ("answered", 1)
    # A part that is asked for stays whole as long as the claim holds so much.
    book.write_now(lambda c: run(c, "UPDATE quote_requests SET value = 5000 WHERE claim_id = 1"))
    assert answers(book, BANK, value=5000) == named


def test_request_for_a_claim_without_value_has_ended(book: Storage) -> None:
    named = asked(book, 1, BANK)
    put(book, _row_of(collections, claim_id=1, receivable_id=1, principal=VALUE))
    book.write_now(lambda c: run(c, "UPDATE claims SET value = 0 WHERE claim_id = 1"))
    request = book.read_now(partial(repository.by_id, reader=reader_of(BANK), identifier=named))
    assert request is not None
    assert (request.state, request.paid) == ("ended", True)


def test_accepted_offer_counts_whatever_the_claim_holds_later(book: Storage) -> None:
    named = asked(book, 1, BANK)
    put(
        book,
        (quotes, [offer("sold", named, BANK)]),
        (sales, [row(sales, position=1, claim_id=1, funder=BANK, nonce="sold")]),
    )
    book.write_now(lambda c: run(c, "UPDATE claims SET value = 0, burned = 1 WHERE claim_id = 1"))
    assert states(book, SELLER)[named][1] == 1


def test_claim_has_one_request_of_each_number(book: Storage) -> None:
    asked(book, 1)
    assert book.read_now(partial(repository.open_number, claim_id=1, now=NOW)) == (1, True)
    assert book.read_now(partial(repository.open_number, claim_id=1, now=NOW + 100)) == (1, False)
    assert book.read_now(partial(repository.open_number, claim_id=2, now=NOW)) == (0, False)
    assert book.read_now(partial(repository.open_count, seller=SELLER, now=NOW)) == 1
    assert book.read_now(partial(repository.open_count, seller=BANK, now=NOW)) == 0
    # Two gateways that both saw none before: the second one writes nothing.
    with pytest.raises(RowConflict):
        asked(book, 1, BANK)
    assert len(states(book, SELLER)) == 1


def test_decline_replaces_the_financiers_own(book: Storage) -> None:
    named = asked(book, 1, BANK, FUND)
    stored = book.read_now(partial(repository.financier, request_id=named, account=BANK))
    assert stored is not None
    for at, reason in ((2.0, b"first"), (3.0, b"second")):
        new = FinancierRow(stored.id, named, BANK, at, reason)
        book.write_now(partial(repository.decline, row=new))
    assert book.read_now(partial(repository.named, request_id=named)) == [BANK, FUND]
    (decline,) = book.read_now(partial(repository.declined, request_id=named, financier=None))
    assert (decline.financier, decline.reason, decline.declined_at) == (BANK, b"second", 3.0)
    assert book.read_now(partial(repository.declined, request_id=named, financier=FUND)) == []


def test_list_filters_and_goes_on(book: Storage) -> None:
    first, second, third = asked(book, 1), asked(book, 2), asked(book, 3)
    book.write_now(lambda c: repository.withdraw(c, second, now=2.0))

    def listed(*, claim: int | None = None, state: str | None = None,
               before: str | None = None, limit: int = 50) -> list[str]:  # fmt: skip
        rows = book.read_now(
            partial(
                repository.listed,
                reader=reader_of(SELLER),
                claim_id=claim,
                state=state,
                before=before,
                limit=limit,
            )
        )
        return [each.id for each in rows]

    assert listed(limit=2) == [third, second]
    assert listed(before=second) == [first]
    assert listed(state="withdrawn") == [second]
    assert listed(state="open") == [third, first]
    assert listed(claim=1) == [first]
    assert listed(state="answered") == []
