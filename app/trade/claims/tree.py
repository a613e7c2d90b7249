"""The whole tree of assignments of a receivable: claims as nodes, assignments as edges."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.gateway.views import Names, party_view, time_view
from app.parties.registry import repository as parties
from app.storage import record_of, run
from app.trade.claims.projection import ClaimRow
from app.trade.claims.schemas import AssignmentTree, TreeEdge, TreeNode
from app.trade.receivables import repository as receivables
from app.trade.receivables.reading import near

MAX_NODES = 5_000
MAX_EDGES = 10_000
_AT_ONCE = 500


class EdgeRow(msgspec.Struct, frozen=True):
    """An assignment; `value` in minor units, `timestamp` in UTC seconds."""

    from_claim_id: int
    to_claim_id: int
    from_owner: str
    to_owner: str
    value: int
    court_order_hash: str | None
    transaction_hash: str
    timestamp: int
    block_number: int


_CLAIM = ", ".join(field.name for field in msgspec.structs.fields(ClaimRow))
_EDGE = ", ".join(f"a.{field.name}" for field in msgspec.structs.fields(EdgeRow))


def _nodes(connection: Connection, receivable_id: int) -> list[ClaimRow]:
    """The claims ever issued on a receivable, by number, and one past the bound."""
    rows = run(
        connection,
        f"SELECT {_CLAIM} FROM claims WHERE receivable_id = ? ORDER BY claim_id LIMIT ?",
        (receivable_id, MAX_NODES + 1),
    )
    return [record_of(ClaimRow, row) for row in rows]


def _edges(connection: Connection, receivable_id: int, *, last: int) -> list[EdgeRow]:
    """Assignments of these claims up to number `last`, oldest first, and one past the bound."""
    rows = run(
        connection,
        f"SELECT {_EDGE} FROM claims c JOIN assignments a ON a.to_claim_id = c.claim_id "
        "WHERE c.receivable_id = ? AND c.claim_id <= ? ORDER BY a.position LIMIT ?",
        (receivable_id, last, MAX_EDGES + 1),
    )
    return [record_of(EdgeRow, row) for row in rows]


def _names(connection: Connection, accounts: set[str]) -> Names:
    ordered = sorted(accounts)
    names: Names = {}
    for start in range(0, len(ordered), _AT_ONCE):
        names |= parties.names(connection, set(ordered[start : start + _AT_ONCE]))
    return names


async def tree(gateway: Gateway, caller: Caller, receivable_id: int) -> AssignmentTree:
    """The tree of a receivable that the caller may see.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> AssignmentTree:
        debt = receivables.by_id(connection, receivable_id)
        if debt is None or not near(connection, caller, receivable_id):
            raise NotFound(
                say("there is no receivable {receivable_id}", receivable_id=receivable_id),
                name="receivable-unknown",
            )
        nodes = _nodes(connection, receivable_id)
        shown = nodes[:MAX_NODES]
        edges = _edges(connection, receivable_id, last=shown[-1].claim_id if shown else 0)
        accounts = {row.owner for row in shown} | {
            row.lienholder for row in shown if row.lienholder
        }
        for edge in edges:
            accounts |= {edge.from_owner, edge.to_owner}
        names = _names(connection, accounts)
        currency = gateway.currency_at(debt.currency)
        return {
            "receivableId": receivable_id,
            "nodes": [_node(row, names, currency) for row in shown],
            "edges": [_edge(row, names, currency) for row in edges[:MAX_EDGES]],
            "complete": len(nodes) <= MAX_NODES and len(edges) <= MAX_EDGES,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


def _node(row: ClaimRow, names: Names, currency: str) -> TreeNode:
    lien = None if row.lienholder is None else party_view(row.lienholder, names)
    return {
        "claimId": row.claim_id,
        "parentId": row.parent_id,
        "depth": row.depth,
        "owner": party_view(row.owner, names),
        "lienholder": lien,
        "value": money_view(row.value, currency=currency),
        "collectedPrincipal": money_view(row.collected_principal, currency=currency),
        "status": "burned" if row.burned else "in-force" if lien is None else "encumbered",
        "createdBlock": row.created_block,
        "changedBlock": row.changed_block,
    }


def _edge(row: EdgeRow, names: Names, currency: str) -> TreeEdge:
    return {
        "from": party_view(row.from_owner, names),
        "to": party_view(row.to_owner, names),
        "fromClaimId": row.from_claim_id,
        "toClaimId": row.to_claim_id,
        "value": money_view(row.value, currency=currency),
        "courtOrderHash": row.court_order_hash,
        "transactionHash": row.transaction_hash,
        "blockNumber": row.block_number,
        "at": time_view(row.timestamp),
    }
