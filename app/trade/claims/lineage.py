"""The chain of assignment of a token: from its first holder, through those it was split off.

Claims and warehouse receipts are split and assigned alike (`ISplittableToken`). Their tables differ
in the names of the token's number and of its amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import ZERO_HASH
from app.gateway.views import Names, party_view, time_view
from app.storage import record_of, run
from app.trade.claims.schemas import TokenAssignment

MAX_STEPS = 100
LAST = 2**63 - 1  # past every position


class Assignment(msgspec.Struct):
    """A token, or a part of one, that passed from one holder to another.

    Attributes:
        amount: minor units of a claim, thousandths of a warehouse receipt.
        court_order_hash: None if the holder assigned it.
        timestamp: of the block, UTC seconds.
    """

    from_token_id: int
    from_owner: str
    to_owner: str
    amount: int
    document_root: str | None
    court_order_hash: str | None
    transaction_hash: str
    timestamp: int


class LineageStep(msgspec.Struct):
    """A token or an ancestor of it, with one of its assignments.

    Attributes:
        assignment: None if it was never assigned.
        until: position of the event that split the next token off it; `LAST` for the token itself.
    """

    token_id: int
    parent_id: int | None
    assignment: Assignment | None
    until: int


class TokenTables(msgspec.Struct, frozen=True):
    """Where tokens of one kind and their assignments are stored.

    Attributes:
        tokens, assignments: the tables.
        number: the column of a token's number; assignments have it with `from_` and `to_`.
        amount: the column of an assignment's amount.
        split_at: in SQL, the position of the event that split `line.token_id` off its parent.
    """

    tokens: str
    assignments: str
    number: str
    amount: str
    split_at: str


def read_lineage(connection: Connection, token_id: int, tables: TokenTables) -> list[LineageStep]:
    """The token and its ancestors up to the root, each with its assignments.

    The assignments of an ancestor end where the next one was split off it.
    """
    number = tables.number
    rows = run(
        connection,
        "WITH RECURSIVE line (token_id, parent_id, step, until) AS ("
        f"SELECT {number}, parent_id, 0, {LAST} FROM {tables.tokens} WHERE {number} = ? UNION ALL "
        f"SELECT t.{number}, t.parent_id, line.step + 1, {tables.split_at} FROM {tables.tokens} t "
        f"JOIN line ON t.{number} = line.parent_id WHERE line.step < ?) "
        f"SELECT l.token_id, l.parent_id, a.from_{number} AS from_token_id, a.from_owner, "
        f"a.to_owner, a.{tables.amount} AS amount, a.document_root, a.court_order_hash, "
        "a.transaction_hash, a.timestamp, l.until FROM line l "
        f"LEFT JOIN {tables.assignments} a ON a.to_{number} = l.token_id AND a.position < l.until "
        "ORDER BY l.step DESC, a.position",
        (token_id, MAX_STEPS),
    )
    return [
        record_of(
            LineageStep,
            row,
            assignment=None if row.from_token_id is None else record_of(Assignment, row),
        )
        for row in rows
    ]


def accounts_of(steps: Iterable[LineageStep]) -> set[str]:
    """The accounts that the assignments name."""
    assignments = [step.assignment for step in steps if step.assignment is not None]
    return {
        account
        for assignment in assignments
        for account in (assignment.from_owner, assignment.to_owner)
    }


def assignment_view(assignment: Assignment, names: Names) -> TokenAssignment:
    """An assignment in JSON, without number and amount."""
    return {
        "from": party_view(assignment.from_owner, names),
        "to": party_view(assignment.to_owner, names),
        "documentRoot": assignment.document_root,
        "courtOrderHash": assignment.court_order_hash,
        "transactionHash": assignment.transaction_hash,
        "at": time_view(assignment.timestamp),
    }


def document_root_of(event: DecodedEvent) -> str | None:
    """The root of the documents that an event names; None: it names none."""
    root = event.arguments.get("documentRoot", ZERO_HASH)
    return None if root == ZERO_HASH else str(root)


def assignment_row(
    event: DecodedEvent, *, owner: str, givers: Mapping[int, str]
) -> tuple[Any, ...]:
    """The row of an event `Assigned` or `ForcedTransfer` in a table of assignments.

    Args:
        owner: who holds the token that gives.
        givers: who held each token before it moved as a whole.
    """
    arguments = event.arguments
    giver, taker = arguments["fromTokenId"], arguments["toTokenId"]
    from_owner = givers.get(giver, owner) if giver == taker else owner
    return (
        *(event.position, giver, taker, from_owner, arguments["to"], arguments["value"]),
        *(document_root_of(event), arguments.get("orderHash"), event.transaction_hash),
        *(event.timestamp, event.block_number),
    )
