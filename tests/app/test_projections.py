"""The read tables are a function of the chain: a fresh index gives the same, also after a
reorganisation, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.chain.checkpoint import read_checkpoint
from app.chain.indexer import Indexer, IndexerSettings
from app.chain.projection import DecodedEvent
from app.chain.rpc import JsonRpc
from app.core.calendar import date_of
from app.credit.projection import CreditProjection
from app.http.money import money_view
from app.http.views import time_view
from app.main import projections
from app.storage import Storage, create_storage, run
from tests.app.lending import attested, drawn, line, ordered
from tests.app.test_campaigns import opened, pledge
from tests.app.test_prices import listed, posted
from tests.app.world import World, cny, invoice
from tests.postgres import new_database

TABLES = [table for projection in projections(0) for table in projection.tables]


def contents(storage: Storage) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read table, and the event log."""

    def read(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in TABLES
        }
        rows = run(connection, "SELECT position, block_hash, name, arguments_json FROM events")
        return found | {"events": sorted(map(tuple, rows))}

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


def caught_up(world: World) -> None:
    """Waits until the gateway's index stands at the head."""
    end = time.monotonic() + 30
    storage = world.server.gateway.storage
    while True:
        head = world.server.node.ask("eth_getBlockByNumber", "latest", False)
        at = storage.read_now(read_checkpoint)
        if at is not None and at.block_hash == head["hash"]:
            return
        assert time.monotonic() < end, f"the index stands at {at}, the head is {head['hash']}"
        time.sleep(0.05)


def live(world: World) -> None:
    """Something of every kind: splits, liens, merges, payment, collection, a dispute, a sale."""
    receivable, claim = world.confirmed(amount="900.00")
    part = world.assigned(claim, "castor", "300.10")
    second = world.assigned(claim, "castor", "50.05")
    world.assigned(part, "altair", "100.01", by="castor")
    world["castor"].command(f"/v1/claims/{second}/merge", {"intoClaimId": part})
    bank = {"lienholderPartyId": world.parties["bank"]}
    world["castor"].command(f"/v1/claims/{part}/pledge", bank)
    world["bank"].command(f"/v1/claims/{part}/release")
    offer = world["bank"].post(
        "/v1/offers",
        {"claimId": claim, "value": cny("200.00"), "price": cny("199.00"), "recourse": True},
    )
    world["supplier"].command(f"/v1/offers/{offer.body['id']}/acceptance")
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
    _, cover = world.confirmed(amount="1000.00")
    loan = drawn(world, line(world), cover, "300.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("120.00")})
    pledge(world, opened(world), 2)
    order = ordered(world)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    attested(world)
    listed(world, "USD")
    posted(world, "7.10")
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
        headers=world["bank"].headers | {"Idempotency-Key": uuid4().hex, "Prefer": "wait=20"},
    )


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_fresh_index_gives_the_same_tables(
    own_world: World, store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    live(own_world)
    caught_up(own_world)
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    if store == "postgresql":
        url = new_database(request.getfixturevalue("postgres_server"), f"fresh_{uuid4().hex}")
    found = contents(own_world.server.gateway.storage)
    assert all(found[table.name] for table in TABLES if table.name != "court_orders")
    assert fresh(own_world, url) == found


def test_after_a_reorganisation_the_tables_equal_a_fresh_index(
    own_world: World, tmp_path: Path
) -> None:
    world = own_world
    live(world)
    caught_up(world)
    before = world.server.node.ask("eth_getBlockByNumber", "latest", False)["hash"]
    world.server.node.ask("anvil_reorg", 6, [])
    caught_up(world)
    after = world.server.node.ask("eth_getBlockByNumber", "latest", False)["hash"]
    assert after != before
    # What the reorganisation undid is sent again; wait until the outbox is quiet.
    end = time.monotonic() + 30
    while True:
        waiting = world["auditor"].get("/v1/operations", state="submitted").body["items"]
        waiting += world["auditor"].get("/v1/operations", state="accepted").body["items"]
        if not waiting:
            break
        assert time.monotonic() < end, waiting
        time.sleep(0.1)
    receivable, _ = world.confirmed(amount="12.34")  # life goes on
    assert world["auditor"].get(f"/v1/receivables/{receivable}").body["status"] == "Confirmed"
    caught_up(world)
    assert fresh(world, f"sqlite:///{tmp_path / 'fresh.sqlite'}") == contents(
        world.server.gateway.storage
    )


def test_what_a_rater_writes_never_stops_the_index(tmp_path: Path) -> None:
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

    def told(connection: Any) -> tuple[Any, ...]:
        CreditProjection().apply(connection, [event])
        return tuple(run(connection, "SELECT currency, credit_limit FROM credit_tiers").first())

    try:
        assert storage.write_now(told) == ("0xff0041", 2**63 - 1)
    finally:
        storage.close()
    assert date_of(2**24 - 1) == datetime.date.max
    assert time_view(2**40 - 1) == "9999-12-31T23:59:59.000Z"


def test_a_token_that_the_gateway_does_not_know_spoils_no_list() -> None:
    address = "0x" + "ab" * 20
    assert money_view(1250, currency=address) == {"amount": "1250", "currency": address}
