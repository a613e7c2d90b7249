"""Loans with long histories, whose corrections run them in parts first."""

from __future__ import annotations

import time
import uuid

from app.chain.outbox.operation import Operation, operation_of
from app.chain.outbox.outbox import COLUMNS
from app.storage import run
from tests.support.bank_entries import came_in, loan_of
from tests.support.bodies import Json
from tests.support.lending import FAR, lent, product
from tests.support.officials import sent_by
from tests.support.world import World, caught_up, cny

PART = 3  # postings of one transaction, as the tests set it
RECORDED = "120.00"
_SECONDS = 180.0


def mining(world: World, *, on: bool) -> None:
    """Lets the chain make blocks, or holds it."""
    world.server.node.ask("evm_setAutomine", on)
    if on:
        world.server.node.ask("evm_mine")


def begun(world: World, path: str, body: Json, *, by: str = "bank") -> Json:
    """Sends a command and does not wait; its answer."""
    headers = world[by].headers | {"Idempotency-Key": uuid.uuid4().hex}
    answer = world.http.post(path, json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def done(world: World, answer: Json, *, by: str = "bank") -> Json:
    """The operation of an answer once it ran or was rejected."""
    end = time.monotonic() + _SECONDS
    while True:
        path = f"/v1/operations/{answer['operation']['id']}"
        operation = world[by].get(path, wait=10).body
        if operation["state"] not in ("accepted", "submitted"):
            return dict(operation)
        assert time.monotonic() < end, operation


def parts_of(world: World, answer: Json, *, by: str = "bank") -> list[Json]:
    """The operations that run first."""
    return [
        dict(world[by].get(f"/v1/operations/{identifier}").body)
        for identifier in answer["precedingOperationIds"]
    ]


def paid(world: World, loan: int, amount: str = "0.01", *, times: int = 1) -> None:
    """The borrower pays on the ledger: a posting each time."""
    for _ in range(times):
        body = {"amount": cny(amount)}
        world["supplier"].command(f"/v1/loans/{loan}/repayments", body)


def flooded(world: World, *, cents: int) -> tuple[int, str, str]:
    """A loan of 500.00 on which a payment is recorded and the borrower then pays single cents.

    Returns:
        The loan, the path of the recorded entry, and the bank's reference of it.
    """
    _, loan, _ = lent(world)
    path, mark = came_in(world, loan, RECORDED, loan_of(world, loan)["startDate"])
    world["bank"].command(f"{path}/repayment")
    paid(world, loan, times=cents)
    return loan, path, mark


def overtaken(world: World, loan: int, path: str) -> Json:
    """A reversal that the borrower's payment overtakes while its parts run; how it ended."""
    mining(world, on=False)
    answer = begun(world, f"{path}/reversal", {"reason": "returned by the bank"})
    body = {"amount": cny("0.01")}
    payment = begun(world, f"/v1/loans/{loan}/repayments", body, by="supplier")
    end, where = time.monotonic() + _SECONDS, f"/v1/operations/{payment['operation']['id']}"
    while world["supplier"].get(where).body["state"] == "accepted":
        assert time.monotonic() < end, payment
        time.sleep(0.05)
    mining(world, on=True)
    assert done(world, payment, by="supplier")["error"] is None
    return done(world, answer)


def last_part(world: World) -> Operation:
    """The newest operation that runs a part of a history."""
    query = f"SELECT {COLUMNS} FROM operations WHERE kind = 'run-history' ORDER BY id DESC LIMIT 1"
    row = world.server.gateway.storage.read_now(lambda connection: run(connection, query).one())
    return operation_of(row)


def run_past_the_gateway(world: World, part: Operation) -> None:
    """The signer of a part runs it again by a transaction of its own."""
    contracts = world.server.gateway.contracts
    data = contracts.encode(part.contract, part.function, part.arguments)
    world.server.node.ask("anvil_setBalance", part.signer, hex(10**18))
    sent_by(world, part.signer, contracts.address(part.contract), data)
    caught_up(world)


def entrusted(world: World) -> tuple[int, str]:
    """A loan of 50,000.00 of the platform's money that the bank administers; its first day."""
    world.cash("platform", "100000.00")
    terms = {
        "productId": product(world, "entrusted-loan")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "entrusterPartyId": world.parties["platform"],
        "administrationFee": 100_000,
        "annualRate": 72_000,
        "limit": cny("50000.00"),
        "lastDate": FAR,
        "correctionDays": 30,
    }
    proposal = world["bank"].post("/v1/facility-proposals", terms).body
    path = f"/v1/facility-proposals/{proposal['id']}/signature"
    world["platform"].post(path)
    facility = world["supplier"].command(path).body["result"]["facilityId"]
    draw = {"amount": cny("50000.00"), "tenor": 90}
    drawn = world["supplier"].command(f"/v1/facilities/{facility}/draws", draw).body
    loan = int(drawn["result"]["loanId"])
    return loan, loan_of(world, loan, by="platform")["startDate"]
