"""What the cross-checks read in the store, and what a lender sees of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Table

from app.domain.calendar import start_of
from app.gateway.callers import Caller
from app.oversight.crosschecks import debts, repository
from app.oversight.crosschecks.access import Sight, sight_of
from app.oversight.crosschecks.repository import Rows, load, state_of
from app.storage import Storage, insert_many, run
from app.storage.tables.chain import blocks, event_subjects, events
from app.storage.tables.goods import lots, warehouse_receipt_assignments, warehouse_receipts
from app.storage.tables.lending import collateral_items, loans
from app.storage.tables.parties import accounts, parties
from app.storage.tables.trade import (
    assignments,
    claims,
    documents,
    order_deliveries,
    payments,
    purchase_orders,
    receivables,
)
from tests.support.rows import row

TODAY = 20_500
NOW = start_of(TODAY) + 3_600
LENDER = Caller("li", "p9", "0xbank", frozenset(("financier",)))


def fill(connection: Connection, table: Table, **values: Any) -> None:
    """Stores one row."""
    insert_many(connection, table, [row(table, **values)])


def market(connection: Connection) -> None:
    """A seller, a buyer and a bank, with debts, goods, money and a loan."""
    for number, account in ((1, "0xs"), (2, "0xb"), (3, "0xbank")):
        fill(connection, parties, party_id=number, identity_hash=f"h{number}", valid_until="9")
        fill(connection, accounts, account=account, party_id=number)
    for number, status, credited in (
        *((1, "Confirmed", 0), (2, "Rejected", 0), (3, "Withdrawn", 0)),
        *((4, "Confirmed", 1_000), (5, "Requested", 10)),
    ):
        fill(
            connection,
            receivables,
            receivable_id=number,
            seller="0xs",
            debtor="0xb",
            face_amount=1_000,
            credited=credited,
            status=status,
            requested_at=NOW,
            fingerprint=f"f{number}",
        )
        fill(connection, claims, claim_id=10 + number, receivable_id=number, owner="0xs", value=9)
    fill(connection, blocks, number=7, hash="0x7", timestamp=NOW - 86_400)
    for number, status in ((1, "Confirmed"), (2, "Requested")):
        fill(
            connection,
            purchase_orders,
            order_id=number,
            seller="0xs",
            buyer="0xb",
            status=status,
            fingerprint=f"o{number}",
            created_block=7,
        )
    fill(connection, events, position=70, name="OrderInvoiced", receivable_id=5, block_hash="0x7")
    fill(connection, event_subjects, subject="order:1", position=70)
    for number, released in ((1, 0), (2, 40)):
        fill(
            connection,
            lots,
            lot_id=number,
            depositor="0xs",
            issued=40,
            released=released,
            stored_day=TODAY - 5,
        )
        fill(
            connection,
            warehouse_receipts,
            warehouse_receipt_id=20 + number,
            lot_id=number,
            owner="0xb",
            quantity=40,
        )
    fill(connection, order_deliveries, position=71, order_id=1, lot_id="1", timestamp=NOW)
    fill(connection, order_deliveries, position=72, order_id=1, lot_id="9" * 30, timestamp=NOW)
    for position, number, to in ((73, 21, "0xb"), (74, 22, "0xb"), (75, 22, "0xmarket")):
        fill(
            connection,
            warehouse_receipt_assignments,
            position=position,
            to_warehouse_receipt_id=number,
            from_owner="0xs",
            to_owner=to,
            quantity=40,
            timestamp=NOW,
        )
    fill(
        connection,
        payments,
        position=76,
        receivable_id=1,
        payer="0xb",
        principal=500,
        timestamp=NOW,
    )
    fill(
        connection,
        assignments,
        position=77,
        to_claim_id=11,
        from_owner="0xs",
        to_owner="0xbank",
        value=9,
        timestamp=NOW,
    )


def lent(connection: Connection, number: int, kind: str, item: int, **more: Any) -> None:
    """A loan of the bank to the seller."""
    values = {
        "loan_id": number,
        "lender": "0xbank",
        "borrower": "0xs",
        "status": "Drawn",
        "collateral": kind,
        "collateral_id": item,
        "start_day": TODAY,
    }
    fill(connection, loans, **(values | more))


def claimed(connection: Connection, number: int, *, seller: str) -> None:
    """A receivable that its debtor has not confirmed."""
    fill(
        connection,
        receivables,
        receivable_id=number,
        seller=seller,
        debtor="0xb" if seller == "0xs" else "0xs",
        face_amount=1_000,
        credited=0,
        status="Requested",
        requested_at=NOW,
        fingerprint=f"f{number}",
    )


def loaded(storage: Storage) -> Rows:
    return storage.read_now(
        lambda connection: load(connection, today=TODAY, zone_offset=8 * 3_600, known=())
    )


def test_rows_are_what_counts_of_trade_goods_and_money(storage: Storage) -> None:
    storage.write_now(market)
    storage.write_now(lambda connection: lent(connection, 1, "claim", 15))
    rows = loaded(storage)
    assert [debt.number for debt in rows.debts] == [1, 5]
    assert rows.debts[0].requested_day == TODAY
    assert [(order.number, order.day) for order in rows.orders] == [(1, TODAY - 1)]
    assert rows.order_of == {5: 1}
    assert {lot.number: lot.promised for lot in rows.lots.values()} == {1: True, 2: False}
    # The second warehouse receipt changed hands; for the first, both sides signed already.
    assert [(each.id, each.lot, each.order) for each in rows.deliveries] == [
        ("delivery:71", 1, 1),
        ("assignment-of-goods:74", 2, None),
    ]
    assert [(paid.receivable, paid.amount, paid.day) for paid in rows.payments] == [(1, 500, TODAY)]
    assert [(each.invoice_id, each.assignor, each.assignee) for each in rows.assignments] == [
        ("receivable:1", "party:1", "party:3"),
        ("receivable:5", "party:1", "party:3"),
    ]


def test_only_the_newest_receivables_are_read(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MAX_RECEIVABLES", 1)
    monkeypatch.setattr(debts, "MAX_UNCONFIRMED", 4)
    storage.write_now(market)
    storage.write_now(lambda connection: claimed(connection, 6, seller="0xs"))
    rows = loaded(storage)
    assert [(debt.number, debt.confirmed) for debt in rows.debts] == [
        *((1, True), (5, False), (6, False)),
    ]
    assert (rows.older, rows.older_unconfirmed, rows.older_lots, rows.older_orders) == (0, 0, 1, 0)

    def flood(connection: Connection) -> None:
        claimed(connection, 7, seller="0xb")
        for number in range(8, 30):
            claimed(connection, number, seller="0xs")

    storage.write_now(flood)
    rows = loaded(storage)
    assert [debt.number for debt in rows.debts] == [1, 7, 27, 28, 29], "of each seller the newest"
    assert (rows.older, rows.older_unconfirmed) == (0, 21)

    def confirm(connection: Connection) -> None:
        run(connection, "UPDATE receivables SET status = 'Settled' WHERE receivable_id = 9")

    storage.write_now(confirm)
    rows = loaded(storage)
    assert [debt.number for debt in rows.debts] == [9, 26, 27, 28, 29]
    assert (rows.older, rows.older_unconfirmed, rows.payments) == (1, 20, [])
    assert set(rows.behind) <= {debt.number for debt in rows.debts}


def test_state_changes_with_each_event_and_document(storage: Storage) -> None:
    states = [storage.read_now(state_of)]
    for write in (
        market,
        lambda connection: fill(connection, events, position=80, block_hash="0x8"),
        lambda connection: run(
            connection, "UPDATE events SET block_hash = '0x9' WHERE position = 80"
        ),
        lambda connection: fill(connection, documents, id="d1", encrypted=b""),
    ):
        storage.write_now(write)
        states.append(storage.read_now(state_of))
    assert len(set(states)) == len(states)


def test_lender_sees_what_it_holds_and_lends_on(storage: Storage) -> None:
    def sight(caller: Caller = LENDER) -> Sight:
        return storage.read_now(lambda connection: sight_of(connection, caller))

    storage.write_now(market)
    assert sight() == Sight(everything=False)
    assert sight(Caller("a", None, None, frozenset(("auditor",)))) == Sight(everything=True)

    def hold(connection: Connection) -> None:
        run(connection, "UPDATE claims SET lienholder = '0xbank' WHERE claim_id = 11")
        lent(connection, 1, "warehouse-receipt", 21)
        lent(connection, 2, "order", 1)
        lent(connection, 3, "claim", 14, status="Repaid")
        lent(connection, 4, "none", 0, collateral_id=None)
        fill(connection, collateral_items, added_position=9, loan_id=4, kind="claim", item_id=15)

    storage.write_now(hold)
    assert sight() == Sight(
        everything=False,
        receivables=frozenset((1, 5)),
        lots=frozenset((1,)),
        orders=frozenset((1,)),
    )
    other = Caller("o", "p8", "0xother", frozenset(("financier",)))
    assert sight(other) == Sight(everything=False)
