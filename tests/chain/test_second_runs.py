"""An operation that runs on the chain more than once, and one that the gateway had rejected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.chain.evm.contracts import FORWARDER, Contracts, RawLog
from app.chain.evm.hashing import keccak
from app.chain.index.blocks import Block, Header, TransactionReceipt
from app.chain.index.decoder import decode_blocks
from app.chain.index.recording import finalize, keep_final_failures, record
from app.chain.index.reorganisation import roll_back
from app.chain.outbox.operation import (
    ACCEPTED,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    Operation,
    OperationError,
    State,
)
from app.chain.outbox.outbox import Call, Plan, draft, enqueue, operation
from app.chain.outbox.transitions import move
from app.chain.relay.store import reject
from app.gateway.execution import end_prepared, superseded
from app.storage import Storage, create_storage, insert_many, run
from app.storage.tables.chain import blocks, event_subjects, events, logs
from scripts.compile import load_artifact

FORWARDER_ADDRESS = "0x" + "f0" * 20
SIGNER = "0x" + "a1" * 20
EXECUTED = "0x" + keccak(b"IntentExecuted(address,uint256,bytes32,bool)").hex()
NOT_FINAL = -1


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    store = create_storage(f"sqlite:///{tmp_path}/gateway.db")
    store.migrate()
    store.write_now(
        lambda c: run(
            c,
            "INSERT INTO checkpoints (name, block_number, block_hash, timestamp, final_number, "
            "updated_at) VALUES ('index', 9, '0x', 0, -1, 0)",
        )
    )
    yield store
    store.close()


@cache
def contracts() -> Contracts:
    return Contracts({FORWARDER: FORWARDER_ADDRESS}, {FORWARDER: load_artifact(FORWARDER)})


def given(storage: Storage, *, custody: bool = False, kind: str = "transfer") -> Operation:
    """A new operation: prepared for a wallet, or accepted with a key in custody."""
    call = Call(
        kind=kind,
        party_id=None,
        signer=SIGNER,
        contract="SettlementToken:CNY",
        function="transfer",
        arguments=[],
    )
    if custody:
        return storage.write_now(partial(enqueue, call=call))
    return storage.write_now(partial(draft, plan=Plan(call, data=b"", gas=0, deadline=0)))


def shown(storage: Storage, it_ran: Operation) -> Operation:
    now = storage.read_now(partial(operation, identifier=it_ran.id))
    assert now is not None
    return now


def ran(
    storage: Storage,
    it_ran: Operation,
    *runs: tuple[int, bool],
    nonce: int | None = None,
    final_number: int = NOT_FINAL,
) -> None:
    """Indexes blocks in which the operation ran: each run is a block and whether it succeeded."""
    receipts = []
    for number, succeeded in runs:
        block_hash, transaction = f"0xb{number}", f"0x{number:064x}"
        topics = [
            EXECUTED,
            "0x" + SIGNER[2:].rjust(64, "0"),
            f"0x{number if nonce is None else nonce:064x}",
            it_ran.hash,
        ]
        entry = RawLog(
            address=FORWARDER_ADDRESS,
            topics=topics,
            data=f"0x{int(succeeded):064x}",
            block_number=hex(number),
            block_hash=block_hash,
            transaction_hash=transaction,
            transaction_index="0x0",
            log_index="0x0",
        )
        receipt = TransactionReceipt(
            transaction, "0x0", block_hash, "0x0e", to=FORWARDER_ADDRESS, logs=[entry]
        )
        header = Header(hex(number), block_hash, "0x", hex(number), "0x", "0x0", [transaction])
        receipts.append(Block(header, [receipt]))
    batch = decode_blocks(contracts(), receipts)

    def write(connection: Connection) -> None:
        insert_many(connection, blocks, batch.block_rows)
        insert_many(connection, logs, batch.log_rows)
        insert_many(connection, events, batch.event_rows)
        insert_many(connection, event_subjects, batch.subject_rows)
        record(connection, batch.receipts, final_number=final_number)

    storage.write_now(write)


def undone(storage: Storage, *, to: int) -> None:
    storage.write_now(
        partial(
            roll_back,
            to=to,
            block_hash="0x",
            timestamp=0,
            contracts=contracts(),
            projections=(),
        )
    )


def signed(storage: Storage, waiting: Operation) -> None:
    """Its wallet's signature arrives."""
    storage.write_now(
        partial(
            move,
            state=ACCEPTED,
            start=(PREPARED,),
            changes="signature = ?",
            where="id = ?",
            values=("0xab", waiting.id),
        )
    )


def what(it_ran: Operation) -> tuple[State, int | None, str | None]:
    """State, block and error of an operation."""
    return it_ran.state, it_ran.block_number, None if it_ran.error is None else it_ran.error.name


# ------------------------------------------------------------------ two runs


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(
    ("runs", "stands"),
    [
        (((5, True), (8, False)), (INCLUDED, 5, None)),
        (((5, True), (8, True)), (INCLUDED, 5, None)),
        (((5, False), (8, True)), (INCLUDED, 8, None)),
        (((5, False), (8, False)), (REJECTED, 5, "Reverted")),
    ],
)
def test_first_success_of_an_operation_stands(
    storage: Storage,
    runs: tuple[tuple[int, bool], ...],
    stands: tuple[State, int, str | None],
    together: bool,
) -> None:
    """Whether the index reads the two blocks in one step or in two."""
    it_ran = given(storage)
    for part in [runs] if together else [runs[:1], runs[1:]]:
        ran(storage, it_ran, *part)
    assert what(shown(storage, it_ran)) == stands


def test_final_success_stands_when_a_later_run_fails(storage: Storage) -> None:
    it_ran = given(storage)
    ran(storage, it_ran, (5, True), final_number=5)
    ran(storage, it_ran, (8, False), final_number=8)
    now = shown(storage, it_ran)
    assert what(now) == (FINAL, 5, None)
    assert now.result is not None


def test_later_success_is_not_final_before_its_own_block(storage: Storage) -> None:
    it_ran = given(storage)
    ran(storage, it_ran, (5, False), final_number=5)
    assert shown(storage, it_ran).final_at is not None
    ran(storage, it_ran, (8, True), final_number=5)
    now = shown(storage, it_ran)
    assert (what(now), now.final_at) == ((INCLUDED, 8, None), None)
    storage.write_now(partial(finalize, final_number=7))
    assert what(shown(storage, it_ran)) == (INCLUDED, 8, None)
    storage.write_now(partial(finalize, final_number=8))
    now = shown(storage, it_ran)
    assert what(now) == (FINAL, 8, None)
    assert now.final_at is not None


# ------------------------------------------------------------------ a reorganisation undoes runs


@pytest.mark.parametrize(
    ("first", "second", "to", "remains"),
    [
        (True, False, 6, (INCLUDED, 5, None)),
        (True, True, 6, (INCLUDED, 5, None)),
        (False, True, 6, (REJECTED, 5, "Reverted")),
        (False, False, 6, (REJECTED, 5, "Reverted")),
        (True, False, 4, (PREPARED, None, None)),
        (False, True, 4, (PREPARED, None, None)),
    ],
)
def test_operation_shows_the_runs_of_the_remaining_chain(
    storage: Storage,
    first: bool,
    second: bool,
    to: int,
    remains: tuple[State, int | None, str | None],
) -> None:
    it_ran = given(storage)
    ran(storage, it_ran, (5, first), (8, second))
    undone(storage, to=to)
    now = shown(storage, it_ran)
    assert what(now) == remains
    if to > 4:
        assert (now.transaction_hash, now.block_hash) == (f"0x{5:064x}", "0xb5")


def test_run_that_comes_back_after_a_reorganisation_counts_again(storage: Storage) -> None:
    it_ran = given(storage)
    ran(storage, it_ran, (5, False), (8, True))
    undone(storage, to=6)
    ran(storage, it_ran, (9, True), nonce=8)
    assert what(shown(storage, it_ran)) == (INCLUDED, 9, None)


def test_order_of_the_runs_may_change_in_a_reorganisation(storage: Storage) -> None:
    it_ran = given(storage)
    ran(storage, it_ran, (5, True), (8, False))
    undone(storage, to=4)
    ran(storage, it_ran, (6, False), nonce=8)
    assert what(shown(storage, it_ran)) == (REJECTED, 6, "Reverted")
    ran(storage, it_ran, (7, True), nonce=5)
    assert what(shown(storage, it_ran)) == (INCLUDED, 7, None)


def test_payment_that_moved_no_money_shows_that_after_a_reorganisation(storage: Storage) -> None:
    """The forwarder says that it succeeded; no event shows a payment."""
    payment = given(storage, kind="pay")
    ran(storage, payment, (5, True))
    assert what(shown(storage, payment)) == (REJECTED, 5, "CurrencyStopped")
    state = "UPDATE operations SET state = 'included', block_number = 8, error_json = NULL"
    storage.write_now(partial(run, statement=state))
    undone(storage, to=6)
    assert what(shown(storage, payment)) == (REJECTED, 5, "CurrencyStopped")


def test_undone_operation_of_another_signer_with_the_same_hash_is_not_settled(
    storage: Storage,
) -> None:
    """An operation's hash is public, so another signer may put it on its own intent."""
    it_ran = given(storage)
    ran(storage, it_ran, (8, True))
    other = "0x" + "a2" * 20
    storage.write_now(partial(run, statement="UPDATE operations SET signer = ?", row=(other,)))
    ran(storage, it_ran, (5, False))
    undone(storage, to=6)
    assert what(shown(storage, it_ran)) == (PREPARED, None, None)


# ------------------------------------------------------------------ the gateway had rejected it


def superseded_by(storage: Storage, before: Operation) -> None:
    storage.write_now(
        partial(end_prepared, operation_id=before.id, error=superseded("the newer one"))
    )


@pytest.mark.parametrize("final_number", [NOT_FINAL, 8])
def test_superseded_operation_stays_superseded_when_its_run_is_undone(
    storage: Storage, final_number: int
) -> None:
    before = given(storage)
    superseded_by(storage, before)
    ran(storage, before, (8, True), final_number=final_number)
    assert what(shown(storage, before)) == (
        INCLUDED if final_number == NOT_FINAL else FINAL,
        8,
        None,
    )
    undone(storage, to=6)
    now = shown(storage, before)
    assert what(now) == (REJECTED, None, "Superseded")
    assert now.error is not None and now.error.arguments == {"operationId": "the newer one"}
    # It can run a second time from elsewhere, and is undone again.
    ran(storage, before, (9, True), nonce=8)
    assert what(shown(storage, before)) == (INCLUDED, 9, None)
    undone(storage, to=6)
    assert what(shown(storage, before)) == (REJECTED, None, "Superseded")


def test_failure_on_the_chain_leaves_a_superseded_operation_superseded(storage: Storage) -> None:
    before = given(storage)
    superseded_by(storage, before)
    ran(storage, before, (5, False))
    assert what(shown(storage, before)) == (REJECTED, None, "Superseded")
    ran(storage, before, (8, True))
    undone(storage, to=6)
    assert what(shown(storage, before)) == (REJECTED, None, "Superseded")
    undone(storage, to=4)
    assert what(shown(storage, before)) == (REJECTED, None, "Superseded")


def test_operation_that_the_relayer_rejected_is_not_sent_after_its_run_is_undone(
    storage: Storage,
) -> None:
    """Its party may have given the command again."""
    before = given(storage, custody=True)
    error = OperationError("SignatureExpired", "too late")
    storage.write_now(partial(reject, operation=before, error=error))
    ran(storage, before, (8, True))
    undone(storage, to=6)
    assert what(shown(storage, before)) == (REJECTED, None, "SignatureExpired")


def test_operation_that_was_not_rejected_is_sent_again(storage: Storage) -> None:
    """No stored transaction carries it here, so it goes back to the outbox."""
    custodial, wallet, unsigned = given(storage, custody=True), given(storage), given(storage)
    signed(storage, wallet)
    for place, it_ran in enumerate((custodial, wallet, unsigned)):
        ran(storage, it_ran, (7 + place, place != 1))
    undone(storage, to=6)
    states = [shown(storage, it_ran).state for it_ran in (custodial, wallet, unsigned)]
    assert states == [ACCEPTED, ACCEPTED, PREPARED]
    assert SUBMITTED not in states


def test_reversal_ends_a_repayment_that_a_reorganisation_undoes_later(storage: Storage) -> None:
    """The wallet sent it by itself, and the gateway never got the signature."""
    repayment = given(storage)
    ran(storage, repayment, (8, True))
    error = OperationError("EntryReversed", "the bank reversed the payment")
    storage.write_now(partial(end_prepared, operation_id=repayment.id, error=error))
    assert what(shown(storage, repayment)) == (INCLUDED, 8, None)
    undone(storage, to=6)
    assert what(shown(storage, repayment)) == (REJECTED, None, "EntryReversed")


def test_signed_operation_is_ended_by_no_reversal(storage: Storage) -> None:
    repayment = given(storage)
    signed(storage, repayment)
    ran(storage, repayment, (8, True))
    error = OperationError("EntryReversed", "the bank reversed the payment")
    storage.write_now(partial(end_prepared, operation_id=repayment.id, error=error))
    undone(storage, to=6)
    assert what(shown(storage, repayment)) == (ACCEPTED, None, None)


def test_failure_in_a_final_block_stays_when_an_operator_accepts_another_chain(
    storage: Storage,
) -> None:
    """A newer operation may have replaced it."""
    final, recent = given(storage, custody=True), given(storage, custody=True)
    ran(storage, final, (7, False), final_number=7)
    ran(storage, recent, (8, False), final_number=7)
    storage.write_now(partial(keep_final_failures, above=6, final_number=7))
    undone(storage, to=6)
    assert what(shown(storage, final)) == (REJECTED, None, "Reverted")
    assert what(shown(storage, recent)) == (ACCEPTED, None, None)
