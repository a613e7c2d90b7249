"""The read tables are a function of the chain: a fresh index gives the same.

This holds after a reorganisation too, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select

from app.chain.evm.events import DecodedEvent
from app.chain.evm.rpc import JsonRpc
from app.chain.index import reorganisation
from app.chain.index.indexer import Indexer, IndexerSettings
from app.domain.calendar import date_of
from app.gateway.money import money_view
from app.gateway.views import time_view
from app.opening import projections
from app.parties.credit.projection import CreditProjection
from app.storage import Storage, create_storage, run
from app.trade.orders.projection import OrdersProjection
from tests.support import rates
from tests.support.campaigns import contribute, opened
from tests.support.days import day
from tests.support.filings import filed, filing_from, register_number
from tests.support.goods import handed, issued, part_of
from tests.support.goods_on_loan import (
    DAY,
    appraised,
    collateral_of,
    delivery,
    drawn_on_goods,
    goods_facility,
    hedge_terms,
    hedged,
    later,
    lent_on_goods,
    lent_on_order,
    other_funder,
    receipts,
    stored,
)
from tests.support.lending import agreed_facility, attested, drawn, ordered
from tests.support.participations import shared
from tests.support.postgres import new_database
from tests.support.prices import listed, posted
from tests.support.proofs import accepted, submitted, tax_certificate, traded
from tests.support.world import World, caught_up, cny, invoice

TABLES = [table for projection in projections(0) for table in projection.tables]
# No court orders anything there, no currency stands still, nobody takes a signature back, and no
# borrower is in a group.
STOOD_EMPTY = (
    *("court_orders", "party_holds", "campaign_clocks", "unclaimed"),
    "withdrawn_signatures",
    *("facility_debtors", "borrower_groups"),
)


def contents(storage: Storage) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read table, and the event log."""

    def read(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        tables = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in TABLES
        }
        rows = run(connection, "SELECT position, block_hash, name, arguments_json FROM events")
        return tables | {"events": sorted(map(tuple, rows))}

    return storage.read_now(read)


def fresh(world: World, url: str) -> dict[str, list[tuple[Any, ...]]]:
    """The tables of a new index over the same chain."""

    async def index() -> None:
        rpc = JsonRpc(world.server.node.url)
        indexer = Indexer(
            storage=storage,
            rpc=rpc,
            contracts=world.server.gateway.contracts,
            projections=projections(world.server.gateway.zone_offset),
            settings=IndexerSettings(start_block=world.server.ledger.deployment.first_block),
        )
        await indexer.catch_up()
        await rpc.close()

    storage = create_storage(url)
    try:
        storage.migrate()
        asyncio.run(index())
        return contents(storage)
    finally:
        storage.close()


def goods_live(world: World) -> None:
    """Goods on loan: draws, margin calls, substitution, buy-back, auction, conversion, in kind."""
    facility, bought_back, _ = lent_on_goods(world, "lead", "6000.00")
    undertaking = {
        **{"undertakerPartyId": world.parties["buyer"], "share": 900_000},
        **{"maxTotal": cny("6500.00"), "lastDate": day(300)},
    }
    draft = world["bank"].post(f"/v1/facilities/{facility}/buy-backs", undertaking).body
    world["buyer"].post(f"/v1/agreements/{draft['id']}/signature")
    world["bank"].command(f"/v1/agreements/{draft['id']}/execution")
    _, second = stored(world, "lead")
    auctioned = drawn_on_goods(world, facility, "5500.00", second)
    _, called, receipt = lent_on_goods(world, "tin", "6000.00")
    order, loan = lent_on_order(world)
    lot, received = stored(world, "lead", order=order)
    conversion = {
        "deliveryId": delivery(world, order, lot, "6000.00"),
        "warehouseReceiptId": received,
    }
    world["supplier"].command(f"/v1/loans/{loan}/goods", conversion)
    receivable, _ = world.confirmed(amount="5000.00", days=100)
    body = {"receivableId": receivable, "warehouseReceiptId": received, "quantity": "800.000"}
    world["supplier"].command(f"/v1/loans/{loan}/invoiced-goods", body)
    in_kind = {"warehouseReceiptId": receipt, "quantity": "10.000", "credit": cny("100.00")}
    draft = world["bank"].post(f"/v1/loans/{called}/settlements-in-kind", in_kind).body
    world["supplier"].command(f"/v1/agreements/{draft['id']}/signature")
    contract = hedged(world, called, hedge_terms("tin", quantity="1.000"))
    hedged(world, called, hedge_terms("tin", quantity="2.000"))
    world["bank"].command(f"/v1/loans/{called}/hedges/{contract}/closure")
    later(world)
    appraised(world, "lead", "5.00")
    appraised(world, "tin", "9.00")
    world["bank"].command(f"/v1/loans/{called}/margin-check")
    _, fresh_goods = stored(world, "tin", 200)
    world["supplier"].command(f"/v1/loans/{called}/collateral", {"added": receipts(fresh_goods)})
    for item in (bought_back, auctioned):
        world["bank"].command(f"/v1/loans/{item}/liquidation")
    other_funder(world).command(f"/v1/loans/{auctioned}/bids", {"maxPrice": cny("9999.00")})
    later(world, 2 * DAY)
    world["bank"].command(f"/v1/loans/{bought_back}/buy-back")
    open_one = drawn_on_goods(world, goods_facility(world), "10.00", stored(world, "tin")[1])
    assert collateral_of(world, open_one)["items"]


def proof_live(world: World) -> None:
    """Documents submitted, moved, accepted and used; an attester; reports and a correction."""
    attested(world, tier=1)
    facility = agreed_facility(world, "tax-loan", annualRate=60_000)
    other = agreed_facility(world, "tax-loan", annualRate=60_000)
    attester = {"partyId": world.parties["platform"]}
    world["bank"].command(f"/v1/facilities/{facility}/attester", attester)
    moved = submitted(world, facility, tax_certificate(world))
    world["supplier"].command(f"/v1/facilities/{other}/documents", {"documentIds": [moved["id"]]})
    accepted(world, facility, tax_certificate(world), by="platform")
    draw = {"amount": cny("1.00"), "tenor": 90}
    world["supplier"].command(f"/v1/facilities/{facility}/draws", draw)
    traded(world, "6000.00")
    traded(world, "5000.00")


def live(world: World) -> None:
    """One event of every kind: splits, liens, merges, payment, collection, a dispute, a sale."""
    proof_live(world)
    goods_live(world)
    receivable, claim = world.confirmed(amount="900.00")
    part = world.assigned(claim, "castor", "300.10")
    second = world.assigned(claim, "castor", "50.05")
    world.assigned(part, "altair", "100.01", by="castor")
    world["castor"].command(f"/v1/claims/{second}/merge", {"intoClaimId": part})
    bank = {"lienholderPartyId": world.parties["bank"]}
    world["castor"].command(f"/v1/claims/{part}/lien", bank)
    world["bank"].command(f"/v1/claims/{part}/release")
    offer = world["bank"].post(
        "/v1/offers",
        {"claimId": claim, "value": cny("200.00"), "price": cny("199.00"), "recourse": True},
    )
    world["supplier"].command(f"/v1/offers/{offer.body['id']}/acceptance")
    filing = filed(world, f"/v1/claims/{part}", by="castor")
    pay = f"/v1/receivables/{receivable}/payments"
    world["buyer"].command(pay, {"amount": cny("333.33")})
    world["supplier"].command("/v1/claims/collections", {"claimIds": [claim, part]})
    statement = {"statement": "three castings are cracked"}
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute", statement)
    world["buyer"].command(f"/v1/receivables/{receivable}/dispute-end", statement)
    note = world.upload(invoice(kind="credit-note", amount="20.00"))
    draft = world["supplier"].post(
        f"/v1/receivables/{receivable}/credit-notes", {"documentId": note["id"]}
    )
    world["buyer"].command(
        f"/v1/receivables/{receivable}/credit-notes/{draft.body['id']}/confirmation"
    )
    world["buyer"].command(pay, {"amount": cny("900.00")})
    day_of_debt = world["auditor"].get(f"/v1/filings/{filing}").body["date"]
    discharge = {"number": register_number(), "date": day_of_debt}
    world["castor"].command(f"/v1/filings/{filing}/discharge", discharge)
    _, collateral = world.confirmed(amount="1000.00")
    loan = drawn(world, agreed_facility(world), collateral, "300.00")
    notice_id = world["bank"].command(f"/v1/claims/{collateral}/notice").body["result"]["noticeId"]
    world["buyer"].command(f"/v1/notices/{notice_id}/acknowledgement")
    filing = filed(world, f"/v1/loans/{loan}", by="bank")
    change = filing_from(world, f"/v1/loans/{loan}", by="bank")
    world["bank"].command(f"/v1/filings/{filing}/amendment", change)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("120.00")})
    sold_and_bought_back(world, loan)
    shared(world, loan)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("10.00")})
    contribute(world, opened(world), 2)
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    attested(world)
    listed(world, "USD")
    posted(world, "7.10")
    rates.listed(world)
    rates.published(world, 30_000, world.today() + datetime.timedelta(days=9))
    rates.lent(world)
    goods(world)
    rejected = world.requested()
    world["buyer"].command(f"/v1/receivables/{rejected}/rejection", {"reason": "not ours"})
    withdrawn = world.requested()
    world["supplier"].command(f"/v1/receivables/{withdrawn}/withdrawal")
    cancelled = world["bank"].post(
        "/v1/offers",
        {"claimId": world.confirmed()[1], "value": cny("2.00"), "price": cny("1.00")},
    )
    world.http.delete(
        f"/v1/offers/{cancelled.body['id']}",
        headers=world["bank"].headers | {"Idempotency-Key": uuid4().hex, "Prefer": "wait=50"},
    )


def sold_and_bought_back(world: World, loan: int) -> None:
    """A loan that moves to another lender, with notice, and back."""
    world.cash("second-bank", "1000.00")
    body = {
        "buyerPartyId": world.parties["second-bank"],
        "price": cny("170.00"),
        "notice": "Your loan was sold.",
        "buyBack": {"sellerMay": True, "price": 990_000, "lastDate": day(300)},
    }
    draft = world["bank"].post(f"/v1/loans/{loan}/sales", body).body
    world["second-bank"].command(f"/v1/agreements/{draft['id']}/signature")
    world["supplier"].command(f"/v1/loans/{loan}/sale-acknowledgement")
    world["bank"].command(f"/v1/loans/{loan}/sale-buy-back")


def goods(world: World) -> None:
    """Stored goods: parts, merges, liens, releases begun and ended, losses, counts, a stop."""
    lot, receipt = issued(world)
    part = part_of(world, receipt, "castor", "400.5")
    second = part_of(world, receipt, "castor", "0.001")
    world["castor"].command(
        "/v1/warehouse-receipts/merges",
        {"warehouseReceiptId": second, "intoWarehouseReceiptId": part},
    )
    world["castor"].command(
        f"/v1/warehouse-receipts/{part}/lien", {"lienholderPartyId": world.parties["bank"]}
    )
    done = world["supplier"].command(
        f"/v1/warehouse-receipts/{receipt}/releases", {"quantity": "30"}
    )
    requested_id = done.body["result"]["warehouseReceiptIds"][-1]
    world["warehouse"].command(
        f"/v1/warehouse-receipts/{requested_id}/hand-over", handed(world, requested_id)
    )
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/releases")
    world["supplier"].command(f"/v1/warehouse-receipts/{receipt}/withdrawal")
    world["warehouse"].command(f"/v1/warehouse-receipts/{part}/impairments", {"quantity": "1"})
    world["warehouse"].command(f"/v1/lots/{lot}/inspections", {"condition": "reduced"})
    stop = {"stopped": True, "reason": "not counted"}
    path = f"/v1/warehouses/{world.parties['warehouse']}/lien-stop"
    world["operator"].command(path, stop)
    _, bound = issued(world, negotiable=False)
    to = {"toPartyId": world.parties["vega"]}
    world["warehouse"].command(f"/v1/warehouse-receipts/{bound}/acknowledgement", to)
    whole = {"parts": [to | {"quantity": "1000"}]}
    world["supplier"].command(f"/v1/warehouse-receipts/{bound}/assignments", whole)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_fresh_index_gives_the_same_tables(
    own_world: World, store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    live(own_world)
    caught_up(own_world)
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    if store == "postgresql":
        url = new_database(request.getfixturevalue("postgres_server"), f"fresh_{uuid4().hex}")
    tables = contents(own_world.server.gateway.storage)
    assert all(tables[table.name] for table in TABLES if table.name not in STOOD_EMPTY)
    assert fresh(own_world, url) == tables


def test_blocks_one_by_one_give_the_same_tables(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(own_world)
    caught_up(own_world)
    gateway = own_world.server.gateway
    tables = contents(gateway.storage)
    monkeypatch.setattr(reorganisation, "_REPLAY", 1)
    gateway.storage.write_now(
        lambda connection: reorganisation.rebuild(
            connection,
            contracts=gateway.contracts,
            projections=projections(gateway.zone_offset),
        )
    )
    assert contents(gateway.storage) == tables


@pytest.fixture
def slowly_final_world(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[World]:
    """A gateway to which a block is final once twelve more stand on it."""
    monkeypatch.setenv("CESSION_FINALITY", "12")
    yield request.getfixturevalue("own_world")


def test_after_a_reorganisation_the_tables_equal_a_fresh_index(
    slowly_final_world: World, tmp_path: Path
) -> None:
    world = slowly_final_world
    live(world)
    caught_up(world)
    before = world.server.node.ask("eth_getBlockByNumber", "latest", False)["hash"]
    world.server.node.ask("anvil_reorg", 6, [])
    caught_up(world)
    after = world.server.node.ask("eth_getBlockByNumber", "latest", False)["hash"]
    assert after != before
    # What the reorganisation undid is sent again; wait until the outbox is quiet.
    end = time.monotonic() + 180
    while True:
        waiting = world["auditor"].get("/v1/operations", state="submitted").body["items"]
        waiting += world["auditor"].get("/v1/operations", state="accepted").body["items"]
        if not waiting:
            break
        assert time.monotonic() < end, waiting
        time.sleep(0.1)
    receivable, _ = world.confirmed(amount="12.34")  # the ledger continues
    assert world["auditor"].get(f"/v1/receivables/{receivable}").body["status"] == "confirmed"
    caught_up(world)
    assert fresh(world, f"sqlite:///{tmp_path / 'fresh.sqlite'}") == contents(
        world.server.gateway.storage
    )


def test_index_accepts_every_attestation_of_a_rater(tmp_path: Path) -> None:
    attestation = {
        **{"partyId": 2**40, "rater": "0x" + "11" * 20, "tier": 1, "currency": "0xff0041"},
        **{"limit": 2**64 - 1, "tradingSinceDay": 2**24 - 1, "modelVersion": "0x" + "22" * 32},
        **{"evidenceRoot": "0x" + "33" * 32, "issuedAt": 2**40 - 1, "expiresAt": 2**40 - 1},
    }
    event = DecodedEvent(
        name="CreditAttested",
        contract="CreditRegistry",
        arguments={"partyId": 2**40, "rater": "0x" + "11" * 20, "attestation": attestation},
        position=1,
        block_number=1,
        block_hash="0x" + "44" * 32,
        transaction_hash="0x" + "55" * 32,
        address="0x" + "66" * 20,
        transaction_index=0,
        log_index=0,
        timestamp=1,
    )
    storage = create_storage(f"sqlite:///{tmp_path / 'rater.sqlite'}")
    storage.migrate()

    def stored_row(connection: Connection) -> tuple[Any, ...]:
        CreditProjection().apply(connection, [event])
        return tuple(run(connection, "SELECT currency, credit_limit FROM credit_tiers").first())

    try:
        assert storage.write_now(stored_row) == ("0xff0041", 2**63 - 1)
    finally:
        storage.close()
    assert date_of(2**24 - 1) == datetime.date.max
    assert time_view(2**40 - 1) == "9999-12-31T23:59:59.000Z"


def test_unknown_currency_is_shown_as_its_address() -> None:
    address = "0x" + "ab" * 20
    assert money_view(1250, currency=address) == {"amount": "1250", "currency": address}


def test_index_accepts_a_delivery_into_any_lot_number(tmp_path: Path) -> None:
    def event(place: int, name: str, **arguments: Any) -> DecodedEvent:
        return DecodedEvent(
            name=name,
            contract="PurchaseOrders",
            arguments={"orderId": 1, **arguments},
            position=place,
            block_number=1,
            block_hash="0x" + "44" * 32,
            transaction_hash="0x" + "55" * 32,
            address="0x" + "66" * 20,
            transaction_index=0,
            log_index=place,
            timestamp=1,
        )

    account, lot = "0x" + "11" * 20, 2**256 - 1
    terms = {
        **{"seller": account, "buyer": account, "currency": account, "amount": 100},
        **{"deliveryDay": 1, "expiryDay": 2, "fingerprint": "0x01", "documentRoot": "0x02"},
        "legalTextHash": "0x03",
    }
    events = [
        event(1, "OrderRequested", terms=terms),
        event(2, "OrderDelivered", lotId=lot, amount=60, left=40, documentRoot="0x04"),
        event(3, "OrderInvoiced", receivableId=1, amount=50, left=50),
        event(4, "DeliveryInvoiced", receivableId=1, lotId=lot, amount=50, left=10),
    ]
    storage = create_storage(f"sqlite:///{tmp_path / 'orders.sqlite'}")
    storage.migrate()

    def stored_row(connection: Connection) -> tuple[Any, ...]:
        OrdersProjection().apply(connection, events)
        row = run(connection, "SELECT invoiced, delivered FROM purchase_orders").first()
        left = run(connection, "SELECT lot_id, uninvoiced FROM order_deliveries").first()
        return (*row, *left)

    try:
        assert storage.write_now(stored_row) == (50, 10, str(lot), 10)
    finally:
        storage.close()
