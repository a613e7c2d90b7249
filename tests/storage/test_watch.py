"""What the watch reads from the store: whose loans, and everything that they hang on."""

from __future__ import annotations

import json
from typing import Any

from app.domain.calendar import ZONE_OFFSET_SECONDS, start_of
from app.domain.trade import month_at
from app.domain.watch.facts import Debt, FacilityUse, Facts, Lot, PartyStanding, Standing
from app.oversight.watch import repository
from app.oversight.watch.repository import Scope
from app.storage import Storage
from app.storage.tables.chain import event_subjects, events
from app.storage.tables.goods import lien_stops, lots, price_items, prices, warehouse_receipts
from app.storage.tables.lending import (
    collateral_items,
    facilities,
    facility_attesters,
    loan_margins,
    loans,
    product_versions,
    trade_reports,
)
from app.storage.tables.parties import accounts, parties
from app.storage.tables.trade import claims, disputes, receivables
from tests.support.book import on
from tests.support.rows import put, row

BANK, FUND, VEGA, LYRA, ACME, SILO, SHOP = (f"0x{number:040x}" for number in range(1, 8))
TOKEN, OTHER = "0x" + "c" * 40, "0x" + "d" * 40
DAY = 86_400
TODAY = on("2026-10-15")
NOW = start_of(TODAY, zone_offset=ZONE_OFFSET_SECONDS) + 43_200


def loan(number: int, **values: Any) -> tuple[Any, ...]:
    fields = {"facility_id": 4, "product_id": 2, "lender": BANK, "borrower": VEGA}
    fields |= {"currency": TOKEN, "status": "Running", "collateral": "none", "stops_json": "[]"}
    fields |= {"outstanding": 1_000, "oldest_unpaid_day": TODAY + 9}
    return row(loans, loan_id=number, **fields | values)


def facts(storage: Storage, lender: str | None = BANK) -> Facts:
    scope = Scope(lender=lender, codes={TOKEN: "CNY"}, now=NOW, zone_offset=ZONE_OFFSET_SECONDS)
    return storage.read_now(lambda connection: repository.load(connection, scope)).facts


REGISTERED = (
    accounts,
    [
        (account, number, 0, 1, 1)
        for number, account in enumerate((BANK, FUND, VEGA, LYRA, ACME, SILO, SHOP), 101)
    ],
)


def test_lender_watches_its_own_loans_that_are_not_repaid_and_others_watch_all(
    storage: Storage,
) -> None:
    rows = [
        loan(1),
        loan(2, lender=FUND),
        loan(3, status="Repaid"),
        loan(4, status="Defaulted", currency=OTHER),
        loan(5, status="WrittenOff"),
        loan(6, status="Defaulted", loss=7),
        loan(7, lender=FUND, borrower=BANK),
    ]
    put(storage, REGISTERED, (loans, rows))
    own = facts(storage)
    assert [(item.number, item.standing) for item in own.loans] == [
        *((1, Standing.RUNNING), (4, Standing.DEFAULTED)),
        *((5, Standing.LOST), (6, Standing.LOST)),
    ]
    assert [item.currency for item in own.loans[:2]] == ["CNY", OTHER]
    assert {item.borrower for item in own.loans} == {103}
    assert [item.number for item in facts(storage, FUND).loans] == [2, 7]
    assert [item.number for item in facts(storage, None).loans] == [1, 2, 4, 5, 6, 7]
    assert facts(storage, VEGA).loans == ()
    assert (own.today, own.month) == (TODAY, month_at(TODAY))


def test_days_late_are_the_loans_own(storage: Storage) -> None:
    rows = [
        loan(1, oldest_unpaid_day=TODAY),
        loan(2, oldest_unpaid_day=TODAY - 12),
        loan(3, oldest_unpaid_day=TODAY - 12, lost_days=5),
        loan(4, oldest_unpaid_day=TODAY - 12, lost_days=5, stopped_day=TODAY - 3),
    ]
    put(storage, (loans, rows))
    assert [item.days_late for item in facts(storage).loans] == [0, 12, 7, 4]


def test_debts_behind_claims_with_open_disputes(storage: Storage) -> None:
    def receivable(number: int, **values: Any) -> tuple[Any, ...]:
        fields = {"debtor": ACME, "due_day": TODAY + 5, "status": "Confirmed"}
        fields |= {"face_amount": 900, "fingerprint": f"0x{number}"}
        return row(receivables, receivable_id=number, **fields | values)

    put(
        storage,
        REGISTERED,
        (
            loans,
            [
                loan(1, collateral="claim", collateral_id=11),
                loan(2, collateral="warehouse-receipt"),
                loan(3, lender=FUND, collateral="claim", collateral_id=14),
            ],
        ),
        (
            collateral_items,
            [
                row(collateral_items, added_position=1, loan_id=2, kind="claim", item_id=12),
                row(
                    collateral_items,
                    added_position=2,
                    loan_id=2,
                    kind="claim",
                    item_id=13,
                    removed_position=3,
                ),
            ],
        ),
        (
            claims,
            [
                row(claims, claim_id=number, receivable_id=number - 10, owner=VEGA)
                for number in (11, 12, 13, 14)
            ],
        ),
        (
            receivables,
            [
                receivable(1, principal_paid=100, credited=50),
                receivable(2, status="WrittenOff"),
                *(receivable(3), receivable(4)),
            ],
        ),
        (
            disputes,
            [
                row(disputes, position=1, receivable_id=1, since=NOW - 90 * DAY, until=NOW - DAY),
                row(
                    disputes,
                    position=2,
                    receivable_id=1,
                    since=NOW - 2 * DAY,
                    evidence_hash="0xab",
                ),
            ],
        ),
    )
    read = facts(storage)
    assert [item.receivables for item in read.loans] == [(1,), (2,)]
    assert read.debts == {
        1: Debt(
            receivable=1,
            debtor=105,
            due_day=TODAY + 5,
            unpaid=750,
            disputed_day=TODAY - 2,
            dispute_evidence="0xab",
        ),
        2: Debt(receivable=2, debtor=105, due_day=TODAY + 5, unpaid=900, defaulted=True),
    }


def test_use_of_open_facilities_counts_what_was_sold(storage: Storage) -> None:
    def facility(number: int, **values: Any) -> tuple[Any, ...]:
        fields = {"product_id": 2, "version": 1, "lender": BANK, "borrower": VEGA}
        fields |= {"credit_limit": 500, "outstanding": 300}
        return row(facilities, facility_id=number, **fields | values)

    put(
        storage,
        REGISTERED,
        (
            facilities,
            [
                facility(1),
                facility(2, outstanding=0),
                facility(3, closed=1),
                facility(4, lender=FUND, closed=1, origin_id=1, outstanding=150),
                facility(5, limit_currency="USD"),
                facility(6, version=2),
                facility(7, lender=FUND),
            ],
        ),
        (
            product_versions,
            [
                row(product_versions, product_id=2, version=1, terms_json='{"revolving": true}'),
                row(product_versions, product_id=2, version=2, terms_json='{"revolving": false}'),
            ],
        ),
    )

    def use(number: int, limit: int | None, used: int, revolving: bool = True) -> FacilityUse:
        return FacilityUse(
            facility=number, borrower=103, limit=limit, used=used, revolving=revolving
        )

    assert facts(storage).facilities == (
        *(use(1, 500, 450), use(5, None, 300), use(6, 500, 300, False)),
    )
    assert [item.facility for item in facts(storage, None).facilities] == [1, 5, 6, 7]


def test_goods_with_counts_prices_calls_and_stopped_liens(storage: Storage) -> None:
    def price(position: int, days: int, value: int, **values: Any) -> tuple[Any, ...]:
        fields = {"item": "0x01", "currency": "CNY", "in_force": 1, "value": value}
        fields |= {"as_of": NOW - days * DAY, "valid_until": NOW + 9, "transaction_hash": "0xf"}
        return row(prices, position=position, **fields | values)

    put(
        storage,
        REGISTERED,
        (
            loans,
            [
                loan(1, collateral="warehouse-receipt", collateral_id=21),
                loan(2, collateral="warehouse-receipt"),
                loan(3),
            ],
        ),
        (
            collateral_items,
            [
                row(
                    collateral_items,
                    added_position=place,
                    loan_id=2,
                    kind="warehouse-receipt",
                    item_id=item,
                )
                for place, item in enumerate((22, 23))
            ],
        ),
        (
            warehouse_receipts,
            [
                row(warehouse_receipts, warehouse_receipt_id=number, lot_id=lot, owner=VEGA)
                for number, lot in ((21, 8), (22, 8), (23, 9))
            ],
        ),
        (
            lots,
            [
                row(
                    lots,
                    lot_id=8,
                    item="0x01",
                    warehouse=SILO,
                    issued=100,
                    released=20,
                    impaired=5,
                    counted=70,
                    counted_day=TODAY - 1,
                ),
                row(lots, lot_id=9, item="0x02", warehouse=SHOP, issued=10, counted=10),
            ],
        ),
        (
            lien_stops,
            [
                row(lien_stops, position=1, warehouse=SILO, stopped=1),
                row(lien_stops, position=2, warehouse=SHOP, stopped=1),
                row(lien_stops, position=3, warehouse=SHOP, stopped=0),
            ],
        ),
        (
            loan_margins,
            [
                row(loan_margins, loan_id=1, called_day=TODAY - 4, last_day=TODAY - 1),
                row(loan_margins, loan_id=2, auction_start=NOW - 9),
                row(loan_margins, loan_id=3),
            ],
        ),
        (
            prices,
            [
                price(1, 300, 9_000),
                price(2, 95, 1_000),
                price(3, 50, 900, in_force=0),
                price(4, 10, 800),
                price(5, 9, 700, currency="USD"),
                price(6, 5, 600, item="0x03"),
            ],
        ),
        (price_items, [("0x01", "CNY", 1, 77, 1)]),
    )
    read = facts(storage)
    assert [(item.lots, item.called_day, item.cure_day, item.auctioned) for item in read.loans] == [
        ((8,), TODAY - 4, TODAY - 1, False),
        ((8, 9), None, None, True),
        ((), None, None, False),
    ]
    assert read.lots == {
        8: Lot(
            number=8,
            item="0x01",
            warehouse=106,
            outstanding=75,
            counted=70,
            counted_day=TODAY - 1,
            liens_stopped=True,
        ),
        9: Lot(number=9, item="0x02", warehouse=107, outstanding=10, counted=10, counted_day=None),
    }
    assert set(read.prices) == {("0x01", "CNY")}, "no price of 0x02"
    series = read.prices["0x01", "CNY"]
    assert [point.value for point in series.points] == [1_000, 800]
    assert (series.max_age, series.points[0].transaction) == (77, "0xf")


def test_registration_groups_and_tiers(storage: Storage) -> None:
    attestation = {"partyId": 103, "tier": 3, "expiresAt": NOW + 5}
    event = {"contract": "CreditRegistry", "timestamp": NOW - 50, "transaction_hash": "0xe"}
    put(
        storage,
        REGISTERED,
        (loans, [loan(1)]),
        (
            parties,
            [
                row(
                    parties,
                    party_id=103,
                    identity_hash="0x1",
                    valid_until=str(2**64 - 1),
                    held_until=12,
                    group_number=5,
                ),
                row(parties, party_id=105, identity_hash="0x2", valid_until="99", frozen=1),
            ],
        ),
        (
            events,
            [
                row(
                    events,
                    position=1,
                    name="CreditAttested",
                    arguments_json=json.dumps({"attestation": attestation}),
                    **event,
                ),
                row(
                    events,
                    position=2,
                    name="CreditRevoked",
                    arguments_json=json.dumps({"partyId": 103}),
                    **event,
                ),
            ],
        ),
        (event_subjects, [("party:103", 1), ("party:103", 2)]),
    )
    read = facts(storage)
    assert read.parties == {
        103: PartyStanding(False, 12, 2**64 - 1),
        105: PartyStanding(True, 0, 99),
    }
    assert read.groups == {103: 5}
    assert read.tiers == {103: ((NOW - 50, 3, NOW + 5, "0xe"), (NOW - 50, 0, 0, "0xe"))}


def test_lender_sees_the_trade_that_counts_for_its_facilities_and_no_other(
    storage: Storage,
) -> None:
    month = month_at(TODAY)

    def report(position: int, platform: int, **values: Any) -> tuple[Any, ...]:
        fields = {"merchant_party": 103, "currency": TOKEN, "month": month - 1, "amount": 10}
        fields |= {"revision": 1, "platform_party": platform, "transaction_hash": "0xa"}
        return row(trade_reports, position=position, **fields | values)

    put(
        storage,
        REGISTERED,
        (
            loans,
            [
                loan(1, facility_id=1),
                loan(2, facility_id=2, borrower=LYRA),
                loan(3, facility_id=3, lender=FUND),
            ],
        ),
        (facility_attesters, [(1, 107, SHOP, 1)]),
        (
            trade_reports,
            [
                report(1, 107),
                report(2, 107, amount=20, returned=3, revision=2, transaction_hash="0xb"),
                report(3, 107, month=month - 16, amount=5),
                report(4, 107, month=month - 17),
                report(5, 107, currency=OTHER),
                report(6, 102, amount=30),  # the fund's own
                report(7, 101, merchant_party=104, amount=40),  # the bank's own
                report(8, 107, merchant_party=104),
            ],
        ),
    )
    own = facts(storage).trade
    assert set(own) == {103, 104}
    (shop,) = own[103]
    assert (shop.platform, shop.currency) == (107, "CNY")
    assert dict(shop.months) == {month - 1: (20, 3, "0xb"), month - 16: (5, 0, "0xa")}
    (bank,) = own[104]
    assert (bank.platform, dict(bank.months)) == (101, {month - 1: (40, 0, "0xa")})
    everyone = facts(storage, None).trade
    assert [item.platform for item in everyone[103]] == [102, 107]
    assert facts(storage, VEGA).trade == {}
