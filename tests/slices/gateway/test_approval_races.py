"""Two gateways on one store give approvals of one party at the same moment."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from app.chain.outbox.outbox import Call, enqueue
from app.gateway.approvals import Approval, levelled
from app.storage import create_storage
from tests.support.postgres import new_database

PAYER, SPENDER, TOKEN = "0x" + "aa" * 20, "0x" + "bb" * 20, "SettlementToken:CNY"


def test_two_gateways_add_up_their_approval_amounts(request: pytest.FixtureRequest) -> None:
    """An approval that ignores the other gateway's would take away money that it needs."""
    url = new_database(request.getfixturevalue("postgres_server"), f"test_{uuid4().hex}")
    first, second = create_storage(url), create_storage(url)
    first.migrate()
    reached, go_on = threading.Event(), threading.Event()

    def approve(connection: Connection, amount: int) -> tuple[int, list[str]]:
        query = ("allowance", (PAYER, SPENDER))
        approval = Approval(TOKEN, query, ("approve", (SPENDER, amount)), amount=amount)
        amount_before, after = levelled(connection, approval, signer=PAYER)
        enqueue(
            connection,
            Call(
                kind="approval",
                party_id=None,
                signer=PAYER,
                contract=TOKEN,
                function="approve",
                arguments=list(amount_before.grant[1]),
            ),
            after=after,
        )
        return int(amount_before.grant[1][1]), after

    def slowly(connection: Connection) -> tuple[int, list[str]]:
        added = approve(connection, 100)
        reached.set()
        go_on.wait(60)
        return added

    results: dict[str, tuple[int, list[str]]] = {}
    threads = [
        threading.Thread(target=lambda: results.update(first=first.write_now(slowly))),
        threading.Thread(
            target=lambda: results.update(second=second.write_now(lambda c: approve(c, 50)))
        ),
    ]
    threads[0].start()
    assert reached.wait(60)
    threads[1].start()
    threads[1].join(1.0)
    go_on.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert results["first"] == (100, [])
    assert results["second"][0] == 150
    assert results["second"][1][0].startswith("~")
    first.close()
    second.close()
