"""Leases of relay accounts, stored as rows."""

from __future__ import annotations

import time
from pathlib import Path

from app.chain.relay import store as relay_store
from app.storage import create_storage, run

ACCOUNT = "0x" + "11" * 20


def test_lease_too_far_in_the_future_is_taken_over(tmp_path: Path) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    storage.migrate()
    storage.write_now(lambda c: relay_store.add_account(c, address=ACCOUNT, on_chain=0))

    def leased(me: str) -> bool:
        return bool(
            storage.write_now(
                lambda c: relay_store.lease_accounts(c, me=me, accounts=[ACCOUNT], seconds=15)
            )
        )

    def held_until(seconds: float) -> None:
        row = (time.time() + seconds,)
        query = "UPDATE relay_accounts SET claimed_by = 'first', claimed_until = ?"
        storage.write_now(lambda c: run(c, query, row))

    held_until(10)
    assert leased("first") and not leased("second")
    held_until(relay_store.MAX_HOLD - 60)
    assert not leased("second")
    held_until(3600)
    assert leased("second")
    assert not leased("first")
    storage.close()
