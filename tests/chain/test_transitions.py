"""The state machine of an operation: its table, the store that enforces it, and its picture."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import cast, get_args

import pytest
from sqlalchemy import Connection

from app.chain.evm.contracts import Contracts
from app.chain.index.outcomes import Outcome, RelayReceipt
from app.chain.index.recording import finalize, put_back, record
from app.chain.index.reorganisation import roll_back
from app.chain.outbox.intents import Intent
from app.chain.outbox.operation import (
    ACCEPTED,
    DONE,
    FINAL,
    PREPARED,
    REJECTED,
    SUBMITTED,
    OperationError,
    State,
)
from app.chain.outbox.outbox import operation
from app.chain.outbox.transitions import (
    ALLOWED,
    FIRST,
    TransitionForbidden,
    change,
    change_each,
    insert,
    move,
    move_each,
    sources,
)
from app.chain.relay.batch import SignedOperation
from app.chain.relay.slots import Slot, insert_slot
from app.chain.relay.store import ClaimLost, reject, store
from app.gateway.execution import end_prepared
from app.storage import Storage, create_storage, run

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "app" / "chain" / "outbox" / "transitions.py"
PICTURE = ROOT / "docs" / "explanation" / "architecture.md"
STATES: tuple[State, ...] = get_args(State)
PAIRS = [(before, after) for before in STATES for after in STATES]
WRITES = re.compile(r"\b(UPDATE|INSERT INTO|DELETE FROM) \"?(operations\b|\{\})", re.IGNORECASE)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    store = create_storage(f"sqlite:///{tmp_path_factory.mktemp('store')}/gateway.db")
    store.migrate()
    yield store
    store.close()


def stored(connection: Connection, state: str) -> None:
    """Leaves two operations in this state, `a` and `b`; the tests ask for `a` only."""
    run(connection, "DELETE FROM operations")
    for identifier in ("a", "b"):
        columns = {
            **{"id": identifier, "kind": "transfer", "signer": "0x", "contract": "SettlementToken"},
            **{"function": "transfer", "arguments_json": "[]", "subject_json": "{}", "custody": 1},
            **{"nonce": identifier, "created_at": 0.0, "hash": identifier},
        }
        insert(connection, PREPARED, columns)
    run(connection, "UPDATE operations SET state = ?", (state,))


def rows(connection: Connection) -> list[tuple[str, str, str | None]]:
    query = "SELECT id, state, claimed_by FROM operations ORDER BY id"
    return [tuple(row) for row in run(connection, query)]


# ------------------------------------------------------------------ the table


def test_table_names_every_state_and_no_other() -> None:
    assert set(ALLOWED) == set(STATES)
    assert set(STATES) >= FIRST.union(*ALLOWED.values())


def test_every_state_is_reachable() -> None:
    reached, edge = set(FIRST), set(FIRST)
    while edge:
        edge = set().union(*(ALLOWED[state] for state in edge)) - reached
        reached |= edge
    assert reached == set(STATES)


def test_final_is_left_only_for_an_undone_block() -> None:
    assert ALLOWED[FINAL] == {SUBMITTED, PREPARED, REJECTED}


def test_no_state_becomes_itself() -> None:
    assert not [state for state in STATES if state in ALLOWED[state]]


def test_only_signed_operations_are_sent() -> None:
    assert SUBMITTED not in ALLOWED[PREPARED]
    assert PREPARED not in ALLOWED[ACCEPTED] | ALLOWED[SUBMITTED]


# ------------------------------------------------------------------ the store


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_store_changes_a_state_only_as_the_table_says(
    storage: Storage, before: State, after: State
) -> None:
    """Each update may start from every state that may become the new one."""

    def write(connection: Connection) -> None:
        allowed = after in ALLOWED[before]
        start = sources(after)
        stored(connection, before)
        changed = move(
            connection,
            after,
            start=start,
            changes="claimed_by = ?",
            where="id = ? OR id = ?",
            values=("me", "a", "c"),
            returning="id, state",
        )
        expected = ("a", after, "me") if allowed else ("a", before, None)
        assert [tuple(row) for row in changed] == ([("a", after)] if allowed else [])
        assert rows(connection) == [expected, ("b", before, None)]

        stored(connection, before)
        count = move_each(
            connection,
            after,
            start=start,
            changes="claimed_by = ?",
            where="id = ?",
            rows=[("me", "a"), ("me", "c")],
        )
        assert count == int(allowed)
        assert rows(connection) == [expected, ("b", before, None)]

    storage.write_now(write)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_no_update_may_start_from_a_state_that_the_table_excludes(
    storage: Storage, before: State, after: State
) -> None:
    def write(connection: Connection) -> None:
        stored(connection, before)
        if after in ALLOWED[before]:
            assert move(connection, after, start=(before,), where="id = ?", values=("a",))
            return
        for start in ((before,), (before, *sources(after))):
            with pytest.raises(TransitionForbidden, match=f"{before} becomes {after}"):
                move(connection, after, start=start, where="id = ?", values=("a",))
            with pytest.raises(TransitionForbidden):
                move_each(connection, after, start=start, where="id = ?", rows=[("a",)])
        assert rows(connection)[0] == ("a", before, None)

    storage.write_now(write)


@pytest.mark.parametrize(("state", "changed_state"), PAIRS)
def test_other_columns_change_only_in_the_state_that_is_named(
    storage: Storage, state: State, changed_state: State
) -> None:
    def write(connection: Connection) -> None:
        expected = [("a", state, "me" if state == changed_state else None), ("b", state, None)]
        assignment, where = "claimed_by = ?", "id = ? OR id = ?"
        stored(connection, state)
        values = ("me", "a", "c")
        count = change(connection, changed_state, changes=assignment, where=where, values=values)
        assert (count, rows(connection)) == (int(state == changed_state), expected)
        stored(connection, state)
        count = change_each(
            connection, changed_state, changes=assignment, where=where, rows=[values]
        )
        assert (count, rows(connection)) == (int(state == changed_state), expected)

    storage.write_now(write)


@pytest.mark.parametrize("state", STATES)
def test_an_operation_begins_only_in_a_first_state(storage: Storage, state: State) -> None:
    def write(connection: Connection) -> None:
        run(connection, "DELETE FROM operations")
        columns = {
            **{"id": "a", "kind": "transfer", "signer": "0x", "contract": "", "function": ""},
            **{"arguments_json": "[]", "subject_json": "{}", "custody": 1, "created_at": 0.0},
        }
        if state in FIRST:
            insert(connection, state, columns)
            assert rows(connection) == [("a", state, None)]
            return
        with pytest.raises(TransitionForbidden):
            insert(connection, state, columns)
        assert rows(connection) == []

    storage.write_now(write)


@pytest.mark.parametrize("assignments", ["state = 'final'", "gas = ?, state='final'"])
def test_no_other_assignment_changes_the_state(storage: Storage, assignments: str) -> None:
    def write(connection: Connection) -> None:
        with pytest.raises(TransitionForbidden):
            change(connection, PREPARED, changes=assignments, where="1 = 1", values=())
        with pytest.raises(TransitionForbidden):
            move(
                connection,
                REJECTED,
                start=(PREPARED,),
                changes=assignments,
                where="1 = 1",
                values=(),
            )

    storage.write_now(write)


# ------------------------------------------------------------------ what happens


def ran(connection: Connection, *, succeeded: bool, final: bool) -> None:
    outcome = Outcome(signer="0x", nonce=1, operation_hash="a", succeeded=succeeded, events=[])
    receipt = RelayReceipt(
        hash="0xt",
        sender="0xother",
        succeeded=True,
        gas_used=1,
        block_number=7,
        block_hash="0xb",
        outcomes=[outcome],
    )
    changed = record(connection, [receipt], final_number=7 if final else 6)
    # The table allows every outcome.
    state = run(connection, "SELECT state FROM operations").scalar()
    assert [operation.state for operation in changed] in ([], [state])


def undone(connection: Connection) -> None:
    contracts = cast(Contracts, None)  # no event is stored, so none is decoded
    roll_back(connection, to=6, block_hash="0x", timestamp=0, contracts=contracts, projections=())


def sent(connection: Connection) -> None:
    accepted = operation(connection, "a")
    assert accepted is not None and accepted.nonce is not None
    intent = Intent(signer="0x", target="0x", data=b"", gas=1, nonce=accepted.nonce, deadline=1)
    signed = SignedOperation(accepted, intent, b"")
    slot = Slot("relay", 4, 1, "0xnew", "0x", 1, 0.0)
    with suppress(ClaimLost):
        store(connection, me="me", slot=slot, gas_limit=1, signed=[signed])


def abandoned(connection: Connection) -> None:
    under_way = operation(connection, "a")
    assert under_way is not None
    reject(connection, under_way, OperationError("SignatureExpired", ""))


HAPPENS: dict[str, Callable[[Connection], object]] = {
    "it ran": partial(ran, succeeded=True, final=False),
    "it ran in a final block": partial(ran, succeeded=True, final=True),
    "it failed": partial(ran, succeeded=False, final=False),
    "its block is final": partial(finalize, final_number=8),
    "its block is undone": undone,
    "its transaction is stored": sent,
    "its transaction passed it over": partial(put_back, identifiers=["a"]),
    "the relayer gives it up": abandoned,
    "a newer one replaces it": partial(
        end_prepared, operation_id="a", error=OperationError("Superseded", "")
    ),
}


def begun(connection: Connection, before: State, custody: int, refused: bool) -> None:
    """Leaves the operation `a` in this state, in block 8 if it is done and the index in block 9.

    Args:
        refused: the gateway rejected it; it may have run all the same.
    """
    for table in ("operations", "relay_transactions", "relay_accounts", "checkpoints"):
        run(connection, f"DELETE FROM {table}")
    run(
        connection,
        "INSERT INTO checkpoints (name, block_number, block_hash, timestamp, final_number, "
        "updated_at) VALUES ('index', 9, '0x', 0, 5, 0)",
    )
    account = "INSERT INTO relay_accounts (address, next_nonce, claimed_by) VALUES (?, 4, 'me')"
    run(connection, account, ("relay",))
    insert_slot(connection, Slot("relay", 3, 1, "0xold", "0x", 1, 0.0), gas_limit=1)
    columns = {
        **{"id": "a", "kind": "transfer", "signer": "0x", "contract": "", "function": ""},
        **{"arguments_json": "[]", "subject_json": "{}", "custody": custody, "nonce": "1"},
        **{"created_at": 0.0, "hash": "a", "relay_account": "relay", "relay_nonce": 3},
    }
    insert(connection, PREPARED, columns)
    run(
        connection,
        "UPDATE operations SET state = ?, claimed_by = ?, block_number = ?, final_at = ?, "
        "error_json = ?",
        (
            before,
            "me" if before == ACCEPTED else None,
            8 if before in DONE and not (refused and before == REJECTED) else None,
            0.0 if before == FINAL else None,
            '{"name": "Refused", "message": ""}' if refused or before == REJECTED else None,
        ),
    )


def test_table_allows_exactly_what_happens(storage: Storage) -> None:
    changes: set[tuple[State, State]] = set()

    def write(
        connection: Connection, before: State, custody: int, refused: bool, event: str
    ) -> None:
        begun(connection, before, custody, refused)
        HAPPENS[event](connection)
        state = run(connection, "SELECT state FROM operations").scalar()
        if state != before:
            changes.add((before, state))

    for before, custody, event in product(STATES, (0, 1), HAPPENS):
        for refused in (False, True) if before in DONE else (False,):
            storage.write_now(
                partial(write, before=before, custody=custody, refused=refused, event=event)
            )
    changes.add((PREPARED, ACCEPTED))  # the wallet's signature: test_wallets.py
    assert changes == {(before, after) for before, after in PAIRS if after in ALLOWED[before]}


# ------------------------------------------------------------------ the code and the picture


def statements(tree: ast.AST) -> Iterator[str]:
    """Texts of a module, each whole; `{}` stands for what an f-string fills in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            ]
            yield " ".join("".join(parts).split())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield " ".join(node.value.split())


def test_no_other_module_writes_the_table() -> None:
    """Nor may one that fills in a table's name have `operations` as a text."""
    strangers, writers = [], []
    for path in sorted((ROOT / "app").rglob("*.py")):
        texts = list(statements(ast.parse(path.read_text())))
        tables = {match[2] for text in texts for match in WRITES.finditer(text)}
        if path == HOME:
            writers.append(path)
            assert tables == {"operations"}
        elif "operations" in tables or ("{}" in tables and "operations" in texts):
            strangers.append(str(path.relative_to(ROOT)))
    assert (strangers, writers) == ([], [HOME])


def test_search_finds_a_statement_in_several_strings() -> None:
    source = (
        '''f"UPDATE " f"operations SET {x}"\n"""INSERT INTO\n  operations"""\nf"UPDATE {table}"'''
    )
    tables = [WRITES.search(text) for text in statements(ast.parse(source))]
    assert {match[2] for match in tables if match} == {"operations", "{}"}


def test_picture_has_the_arrows_of_the_table() -> None:
    section = PICTURE.read_text().split("## Life of an operation\n")[1].split("\n## ")[0]
    arrows = re.findall(r"^ +(\S+) --> (\w+): .+$", section, re.MULTILINE)
    table = [("[*]", state) for state in FIRST]
    table += [(before, after) for before, following in ALLOWED.items() for after in following]
    assert sorted(arrows) == sorted(table)
    assert section.count("-->") == len(arrows)
