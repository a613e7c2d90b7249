"""A bank's own reversal that comes while the loan is busy is acted on later, exactly once."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.demo.client import Caller
from tests.support.bank_entries import came_in, kinds, loan_of, name_of, taken_back
from tests.support.bank_files import notification, uploaded
from tests.support.bodies import Json
from tests.support.goods_on_loan import later
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.postgres import new_database
from tests.support.served import served, served_world
from tests.support.world import World, caught_up, cny, refused

DAY = 86_400
REVERSE = "reverse-payment"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of the gateway that a test starts."""
    url = f"sqlite:///{tmp_path / 'gateway.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        url = new_database(server, f"later_{uuid.uuid4().hex}")
    monkeypatch.setenv("CESSION_DATABASE_URL", url)


@pytest.fixture
def busy_world(database: None, own_world: World) -> Iterator[World]:
    """A gateway of its own, whose chain makes blocks again at the end."""
    yield own_world
    mining(own_world, on=True)


def mining(world: World, *, on: bool) -> None:
    """Lets the chain make blocks, or holds it."""
    world.server.node.ask("evm_setAutomine", on)
    if on:
        world.server.node.ask("evm_mine")


def begun(world: World, path: str, body: Json | None = None, *, by: str = "bank") -> str:
    """Sends a command and does not wait; the id of its operation."""
    headers = world[by].headers | {"Idempotency-Key": uuid.uuid4().hex}
    answer = world.http.post(path, json=body or {}, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["operation"]["id"])


def reversals(bank: Caller) -> list[Json]:
    """The bank's operations that reverse payments, newest first."""
    items = bank.get("/v1/operations", limit=200).body["items"]
    return [item for item in items if item["kind"] == REVERSE]


def settled(world: World, path: str) -> Json:
    """The operation that reverses an entry on the ledger, once it ran."""
    identifier, end = path.split("/")[3], time.monotonic() + 180
    while True:
        items = world["bank"].get("/v1/bank-entries", limit=200).body["items"]
        (item,) = [item for item in items if item["id"] == identifier]
        if item["reversalOperationId"] is not None:
            done = world["bank"].get(f"/v1/operations/{item['reversalOperationId']}", wait=50).body
            if done["state"] in ("included", "final"):
                return dict(done)
        assert time.monotonic() < end, item
        time.sleep(0.2)


def test_reversal_during_the_recording_is_acted_on_once_it_is_recorded(busy_world: World) -> None:
    world = busy_world
    _, loan, _ = lent(world)
    path, mark = came_in(world, loan, "120.00", loan_of(world, loan)["startDate"])
    mining(world, on=False)
    recording = begun(world, f"{path}/repayment")
    body = uploaded(world, notification(taken_back("120.00", mark)).replace(b"M1", b"M2"))
    assert [item["entryId"] for item in body["reversals"]] == [path.split("/")[3]]
    assert body["reversalOperationIds"] == [], "the payment is not on the ledger yet"
    mining(world, on=True)
    done = world["bank"].get(f"/v1/operations/{recording}", wait=50).body
    assert done["state"] in ("included", "final"), done
    settled(world, path)
    assert loan_of(world, loan)["outstanding"] == cny("500.00")
    time.sleep(3)  # a few more rounds
    assert [item["state"] in ("included", "final") for item in reversals(world["bank"])] == [True]
    assert kinds(world, loan).count("reversed") == 1
    # The same message again acts on nothing more.
    again = uploaded(world, notification(taken_back("120.00", mark)).replace(b"M1", b"M3"))
    assert again["reversalOperationIds"] == []


def test_reversal_waits_for_another_payment_of_the_loan(busy_world: World) -> None:
    world = busy_world
    facility = agreed_facility(world)
    busy, free = (
        drawn(world, facility, world.confirmed(amount="1000.00", days=200)[1], "500.00")
        for _ in range(2)
    )
    first = loan_of(world, busy)["startDate"]
    (one, one_mark), (other, other_mark) = (
        came_in(world, loan, amount, first) for loan, amount in ((busy, "40.00"), (free, "50.00"))
    )
    for path in (one, other):
        world["bank"].command(f"{path}/repayment")
    later(world, DAY)
    caught_up(world)
    third, _ = came_in(world, busy, "60.00", first)
    mining(world, on=False)
    begun(world, f"{third}/repayment")
    debits = [taken_back("40.00", one_mark), taken_back("50.00", other_mark)]
    body = uploaded(world, notification(*debits).replace(b"M1", b"M2"))
    assert len(body["reversalOperationIds"]) == 1, "the reversal on the free loan alone"
    # Nor does the lender's own command run beside the one that is under way.
    problem = refused(world["bank"], f"{one}/reversal", {"reason": "returned"})
    assert name_of(problem) == "correction-under-way"
    mining(world, on=True)
    for path in (one, other):
        settled(world, path)
    assert loan_of(world, busy)["outstanding"] == cny("440.00")
    assert loan_of(world, free)["outstanding"] == cny("500.00")
    assert [item["error"] for item in reversals(world["bank"])] == [None, None]


def test_reversal_that_the_borrowers_payment_overtook_is_tried_again(busy_world: World) -> None:
    world = busy_world
    _, loan, _ = lent(world)
    path, mark = came_in(world, loan, "120.00", loan_of(world, loan)["startDate"])
    world["bank"].command(f"{path}/repayment")
    pay = {"amount": cny("30.00")}
    world["supplier"].command(f"/v1/loans/{loan}/repayments", pay)  # with its approval
    mining(world, on=False)
    payment = begun(world, f"/v1/loans/{loan}/repayments", pay, by="supplier")
    while world["supplier"].get(f"/v1/operations/{payment}").body["state"] == "accepted":
        time.sleep(0.05)  # it is to be in a block before the reversal
    body = uploaded(world, notification(taken_back("120.00", mark)).replace(b"M1", b"M2"))
    (overtaken,) = body["reversalOperationIds"]
    mining(world, on=True)
    assert settled(world, path)["id"] != overtaken
    first = world["bank"].get(f"/v1/operations/{overtaken}").body
    assert (first["state"], first["error"]["name"]) == ("rejected", "HistoryDiffers")
    assert loan_of(world, loan)["outstanding"] == cny("440.00")
    assert kinds(world, loan).count("reversed") == 1


def test_reversal_is_acted_on_after_a_restart_and_only_once(database: None, tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    with served_world(folder) as world:
        for name in ("buyer", "bank"):
            world.cash(name, "1000000.00")
        _, loan, _ = lent(world)
        path, mark = came_in(world, loan, "120.00", loan_of(world, loan)["startDate"])
        world.server.node.ask("evm_setAutomine", False)
        begun(world, f"{path}/repayment")
        body = uploaded(world, notification(taken_back("120.00", mark)).replace(b"M1", b"M2"))
        assert body["reversalOperationIds"] == []
        keys = {name: caller.api_key for name, caller in world.callers.items()}
    operations = set()
    for _ in range(2):
        with (
            served(folder) as server,
            httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
        ):
            callers = {name: Caller(http, name, key) for name, key in keys.items()}
            world = World(server, http, callers, {})
            operations.add(settled(world, path)["id"])
            assert loan_of(world, loan)["outstanding"] == cny("500.00")
            time.sleep(3)
            assert len(reversals(world["bank"])) == 1
            assert kinds(world, loan).count("reversed") == 1
    assert len(operations) == 1
