"""The state machine of an operation, and the only module that writes the table `operations`.

`ALLOWED` says which state may follow which. Each update that changes a state names in its own SQL
the states that it may start from, so the database enforces the table. The page
docs/explanation/architecture.md draws it, and tests/chain/test_transitions.py compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection

from app.chain.outbox.operation import (
    ACCEPTED,
    FINAL,
    INCLUDED,
    PREPARED,
    REJECTED,
    SUBMITTED,
    State,
)
from app.storage import run, run_many

FIRST = frozenset(
    (
        PREPARED,  # the party's own wallet has to sign it
        ACCEPTED,  # the gateway signs it
    )
)

# The chain overrules the store: an intent may run whoever sends it, and whatever its operation's
# state is here. So every state that is not done may become `included`, `final` or `rejected`.
# An operation may run twice: its wallet signs it again under another nonce. Its first success
# stands. So a rejected operation may still become `included`, and no run changes one that is
# `included` or `final`.
ALLOWED: dict[State, frozenset[State]] = {
    PREPARED: frozenset(
        (
            ACCEPTED,  # the wallet's signature arrived
            INCLUDED,  # it ran: somebody sent it before the gateway got the signature
            FINAL,  # the same, in a block that was final already
            REJECTED,  # the same, and it failed; or a newer operation replaces it, or the bank
            # reversed the payment that it records
        )
    ),
    ACCEPTED: frozenset(
        (
            SUBMITTED,  # the relayer stored a transaction that carries it
            INCLUDED,  # it ran in somebody else's transaction, or before the store was restored
            FINAL,  # the same, in a block that was final already
            REJECTED,  # the same, and it failed; or the simulation refused it, its signature
            # expired, its nonce is lost, or an operation that must come first was rejected
        )
    ),
    SUBMITTED: frozenset(
        (
            ACCEPTED,  # its transaction passed it over or can run no more, or nothing carries it
            INCLUDED,  # it ran
            FINAL,  # it ran in a block that was final already
            REJECTED,  # it ran and failed, or moved no money; or its wallet's signature expired
        )
    ),
    INCLUDED: frozenset(
        (
            FINAL,  # its block is final
            SUBMITTED,  # a reorganisation undid its block: the stored transaction is sent again
            PREPARED,  # the same, and the gateway never got the wallet's signature
            REJECTED,  # the same, and the gateway had rejected it before it ran
        )
    ),
    FINAL: frozenset(
        (
            SUBMITTED,  # `cession chain accept` let the index go back below its final block
            PREPARED,  # the same, and the gateway never got the wallet's signature
            REJECTED,  # the same, and the gateway had rejected it before it ran
        )
    ),
    REJECTED: frozenset(
        (
            INCLUDED,  # it ran after all: somebody sent its signature, or sent it before a restore
            FINAL,  # the same, in a block that was final already
            SUBMITTED,  # a reorganisation undid the block in which it failed
            PREPARED,  # the same, and the gateway never got the wallet's signature
        )
    ),
}


class TransitionForbidden(ValueError):
    """The code asks for a change of state that `ALLOWED` does not have."""


def sources(state: State) -> frozenset[State]:
    """The states that may become `state`."""
    return frozenset(before for before, following in ALLOWED.items() if state in following)


def insert(connection: Connection, state: State, columns: Mapping[str, Any]) -> None:
    """Inserts an operation in its first state.

    Args:
        columns: values of the other columns, by name.

    Raises:
        TransitionForbidden: no operation begins in this state.
        RowConflict.
    """
    if state not in FIRST:
        raise TransitionForbidden(f"no operation begins as {state}")
    names, marks = ", ".join(("state", *columns)), ", ".join("?" * (len(columns) + 1))
    run(
        connection,
        f"INSERT INTO operations ({names}) VALUES ({marks})",
        (state, *columns.values()),
    )


def move(
    connection: Connection,
    state: State,
    *,
    start: Collection[State],
    where: str,
    values: tuple[Any, ...],
    changes: str = "",
    returning: str = "id",
) -> list[Any]:
    """Gives the operations that `where` finds in a state of `start` the new state.

    Args:
        changes: assignments to other columns, with `?` marks.
        values: of the marks of `changes`, then of those of `where`.
        returning: the columns to return.

    Returns:
        A row for each operation that changed.

    Raises:
        TransitionForbidden: `start` has a state that may not become `state`.
    """
    statement = _moving(state, frozenset(start), changes, where)
    return list(run(connection, f"{statement} RETURNING {returning}", values).all())


def move_each(
    connection: Connection,
    state: State,
    *,
    start: Collection[State],
    where: str,
    rows: Sequence[tuple[Any, ...]],
    changes: str = "",
) -> int:
    """`move` for many rows of values; returns the number of operations that changed."""
    return run_many(connection, _moving(state, frozenset(start), changes, where), rows)


def change(
    connection: Connection, state: State, *, changes: str, where: str, values: tuple[Any, ...]
) -> int:
    """Changes other columns of the operations that `where` finds in `state`; returns their number.

    Args:
        changes: assignments, with `?` marks.
        values: of the marks of `changes`, then of those of `where`.
    """
    return int(run(connection, _changing(state, changes, where), values).rowcount)


def change_each(
    connection: Connection,
    state: State,
    *,
    changes: str,
    where: str,
    rows: Sequence[tuple[Any, ...]],
) -> int:
    """`change` for many rows of values; returns the number of operations that changed."""
    return run_many(connection, _changing(state, changes, where), rows)


@cache
def _moving(state: State, start: frozenset[State], changes: str, where: str) -> str:
    forbidden = start - sources(state)
    if forbidden or not start:
        raise TransitionForbidden(f"{', '.join(sorted(forbidden)) or 'nothing'} becomes {state}")
    _require_other_columns(changes)
    assignments = ", ".join(filter(None, (f"state = '{state}'", changes)))
    among = ", ".join(f"'{before}'" for before in sorted(start))
    return f"UPDATE operations SET {assignments} WHERE ({where}) AND state IN ({among})"


@cache
def _changing(state: State, changes: str, where: str) -> str:
    _require_other_columns(changes)
    return f"UPDATE operations SET {changes} WHERE ({where}) AND state = '{state}'"


def _require_other_columns(changes: str) -> None:
    if re.search(r"\bstate\s*=", changes):
        raise TransitionForbidden(f"{changes}: only `move` changes the state")
