"""A command waits for the approval that another party promised, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from app.chain.outbox.outbox import Call, enqueue
from app.gateway.approvals import APPROVAL, Approval, promised_under_way
from app.storage import Storage, create_storage
from app.storage.tables.chain import operations

BORROWER, SPENDER, CLAIMS = "0x" + "aa" * 20, "0x" + "bb" * 20, "Receivables"
APPROVE = "approve(address,uint256)"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    store = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    store.migrate()
    yield store
    store.close()


def approved(storage: Storage, token: int, *, custody: bool = True) -> str:
    """The id of an approval under way."""
    call = Call(
        kind=APPROVAL,
        party_id=None,
        signer=BORROWER,
        contract=CLAIMS,
        function=APPROVE,
        arguments=[SPENDER, token],
    )
    operation = storage.write_now(partial(enqueue, call=call))
    if not custody:
        # As if the signer's wallet had signed it.
        storage.write_now(
            lambda connection: connection.execute(
                update(operations).where(operations.c.id == operation.id).values(custody=False)
            )
        )
    return str(operation.id)


def awaited(storage: Storage, token: int) -> list[str]:
    """Ids of the operations for which the lender's command waits."""
    approval = Approval(CLAIMS, ("getApproved", (token,)), (APPROVE, (SPENDER, token)))
    waits: list[str] = storage.read_now(
        partial(promised_under_way, approval=approval, promised_by=BORROWER)
    )
    return waits


def test_command_does_not_wait_for_the_approval_of_another_token(storage: Storage) -> None:
    """The ledger refuses it once the borrower has sold that token, and the command with it."""
    approved(storage, 8)
    promised = approved(storage, 7)
    assert awaited(storage, 7) == [promised]


def test_command_does_not_wait_for_a_wallet(storage: Storage) -> None:
    """A wallet's contract can keep an approval under way until its deadline, hour after hour."""
    approved(storage, 7, custody=False)
    assert awaited(storage, 7) == []
