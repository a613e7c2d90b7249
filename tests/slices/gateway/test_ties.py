"""A row is tied to one operation; another replaces it only when it can no longer run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.chain.outbox.operation import ACCEPTED, PREPARED, REJECTED, State
from app.chain.outbox.outbox import Call, Plan, draft, enqueue, operation
from app.errors import Conflict
from app.gateway.execution import claim_once
from app.storage import Storage, create_storage, run

LENDER, OTHER = "0x" + "aa" * 20, "0x" + "bb" * 20


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    storage.migrate()

    def write(connection: Connection) -> None:
        run(
            connection,
            "INSERT INTO bank_entries (id, lender, reference, loan_id, currency, amount, "
            "booked_on, created_at) VALUES ('e', ?, 'r', 1, 'CNY', 5, '2026-01-01', 0)",
            (LENDER,),
        )
        run(
            connection,
            "INSERT INTO checkpoints (name, block_number, block_hash, timestamp, final_number, "
            "updated_at) VALUES ('index', 9, '0x', 0, 5, 0)",
        )

    storage.write_now(write)
    yield storage
    storage.close()


def tied(storage: Storage, *, state: State = PREPARED, signer: str = LENDER) -> str:
    """Creates an operation that is tied to the entry."""

    def write(connection: Connection) -> str:
        call = Call(
            kind="record-repayment",
            party_id=None,
            signer=signer,
            contract="Facilities",
            function="repay",
            arguments=[1, 5],
        )
        if state == ACCEPTED:
            new_operation = enqueue(connection, call)
        else:
            new_operation = draft(connection, Plan(call, data=b"", gas=0, deadline=0))
        claim_once(
            connection,
            "bank_entries",
            identifier="e",
            operation_id=new_operation.id,
            what="the entry",
        )
        return new_operation.id

    return storage.write_now(write)


def state_of(storage: Storage, identifier: str) -> str:
    stored = storage.read_now(lambda connection: operation(connection, identifier))
    assert stored is not None
    return stored.state


def test_second_preparation_replaces_the_first(storage: Storage) -> None:
    first, second = tied(storage), tied(storage)
    assert (state_of(storage, first), state_of(storage, second)) == (REJECTED, PREPARED)


def test_preparation_stays_when_another_signer_prepares(storage: Storage) -> None:
    first = tied(storage)
    tied(storage, signer=OTHER)
    assert state_of(storage, first) == PREPARED


@pytest.mark.parametrize(("block", "gives_way"), [(None, True), (5, True), (6, False)])
def test_rejected_operation_is_replaced_once_its_block_is_final(
    storage: Storage, block: int | None, gives_way: bool
) -> None:
    """If the block is undone, the operation is sent again and may then succeed."""
    first = tied(storage, state=ACCEPTED)
    storage.write_now(
        lambda connection: run(
            connection,
            "UPDATE operations SET state = 'rejected', block_number = ? WHERE id = ?",
            (block, first),
        )
    )
    if gives_way:
        tied(storage, state=ACCEPTED)
        return
    with pytest.raises(Conflict, match="already being carried out"):
        tied(storage, state=ACCEPTED)
