"""A small ledger that is the same each time: its chain begins on a fixed day."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.demo.cast import assemble
from app.demo.server import serve
from tests.support.goods import issued
from tests.support.lending import agreed_facility, attested, drawn
from tests.support.world import World, caught_up, cny, invoice

BEGINS = datetime.datetime(2026, 3, 2, 1, tzinfo=datetime.UTC)  # nine in the morning in Shanghai
MONEY = {"bank": "2000000.00", "second-bank": "500000.00", "buyer": "90000.00"}


@dataclass(frozen=True)
class Pictured:
    """The ledger's callers, and the numbers of what its pages show."""

    world: World
    receivable: int
    claim: int
    offered: int
    facility: int
    lot: int


@contextlib.contextmanager
def pictured_ledger(folder: Path) -> Iterator[Pictured]:
    """A gateway on a chain of its own, with something on each page that is pictured."""
    with (
        serve(
            engine="anvil", folder=folder, begins_at=int(BEGINS.timestamp()), saved="nothing"
        ) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
    ):
        callers, parties = assemble(http, server.keys)
        yield _told(World(server, http, callers, parties))


def _told(world: World) -> Pictured:
    for name, amount in MONEY.items():
        world.cash(name, amount)
    attested(world, tier=2)
    _, claim = _confirmed(world, "INV-2026-0301", "1234567.89", "2026-05-29")
    part = world.assigned(claim, "castor", "200000.00")
    world.assigned(claim, "pollux", "85250.50")
    world.assigned(part, "vega", "60000.00", by="castor")
    paid, offered = _confirmed(world, "INV-2026-0302", "96400.25", "2026-04-15")
    body = {"amount": cny("20000.00")}
    world["buyer"].command(f"/v1/receivables/{paid}/payments", body)
    for bank, price in (("bank", "75800.00"), ("second-bank", "75912.40")):
        offer = {"claimId": offered, "value": cny("76400.25"), "price": cny(price)}
        world[bank].command("/v1/offers", offer | {"recourse": bank == "bank"})
    facility = agreed_facility(world, limit="500000.00", lastDate="2027-02-26")
    _, lent_on = _confirmed(world, "INV-2026-0303", "48000.00", "2026-06-30")
    drawn(world, facility, lent_on, "30000.00")
    _confirmed(world, "INV-2026-0304", "150000.00", "2026-09-30")
    _requested(world, "INV-2026-0305", "7320.00", "2026-03-31")
    lot, _ = issued(
        world, lotNumber="BL-2026-0007", storedDate="2026-02-27", expiryDate="2027-03-31"
    )
    caught_up(world)
    return Pictured(world, paid, claim, offered, facility, lot)


def _confirmed(world: World, number: str, amount: str, due: str) -> tuple[int, int]:
    """A confirmed receivable: its id and the claim's."""
    receivable = _requested(world, number, amount, due)
    done = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation").body
    return receivable, int(done["result"]["claimIds"][0])


def _requested(world: World, number: str, amount: str, due: str) -> int:
    """A receivable that waits for the buyer; its id."""
    document = invoice(amount=amount, number=number, issueDate="2026-02-27", dueDate=due)
    stored = world.upload(document)["id"]
    done = world["supplier"].command("/v1/receivables", {"documentId": stored}).body
    return int(done["result"]["receivableId"])
