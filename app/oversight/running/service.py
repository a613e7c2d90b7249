"""Relay accounts, API keys and the log of who saw what, as callers may see them."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import checksum_address
from app.chain.evm.rpc import RpcError, quantity
from app.gateway import access_log
from app.gateway.access_log import AccessRow
from app.gateway.callers import Caller, key_id
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import read_as_of
from app.gateway.views import PartyView, time_view
from app.oversight.running import repository
from app.oversight.running.repository import KeyRow, KeysOf
from app.oversight.running.schemas import (
    Access,
    AccessPage,
    ApiKeyPage,
    ApiKeyView,
    RelayAccounts,
)
from app.parties.registry.views import views_by_id

_READS_KEYS = frozenset(("operator", "registrar"))
_TICKS = 10_000_000  # of a key's time in its cursor: finer than the clock's steps


async def relay_accounts(gateway: Gateway) -> RelayAccounts:
    """The relay accounts with what the node says of them.

    Raises:
        RpcError, NodeUnreachable.
    """
    rows, as_of = await read_as_of(gateway, repository.relay_accounts)
    answers = await gateway.rpc.batch(
        [
            (method, [row.address, "latest"])
            for row in rows
            for method in ("eth_getBalance", "eth_getTransactionCount")
        ]
    )
    for answer in answers:
        if isinstance(answer, RpcError):
            raise answer
    numbers = [quantity(answer) for answer in answers]
    return {
        "items": [
            {
                "address": checksum_address(row.address),
                "ours": row.address in gateway.relayer.accounts,
                "balanceWei": str(numbers[2 * place]),
                "nextNonce": row.next_nonce,
                "confirmedNonce": numbers[2 * place + 1],
                "pending": row.pending,
            }
            for place, row in enumerate(rows)
        ],
        "asOf": as_of,
    }


async def api_keys(
    gateway: Gateway, caller: Caller, chosen: KeysOf, *, before: int | None, limit: int
) -> ApiKeyPage:
    """Everybody's keys for the operator and the registrar; for a party its own.

    Args:
        chosen: of those that the caller may see.
        before: the cursor, ten millionths of a second.
    """
    if caller.roles.isdisjoint(_READS_KEYS):
        if caller.party_id is None or chosen.party_id not in (None, caller.party_id):
            return {"items": [], "nextCursor": None}
        chosen = msgspec.structs.replace(chosen, party_id=caller.party_id)
    until = None if before is None else before / _TICKS

    def find(connection: Connection) -> tuple[list[KeyRow], dict[str, PartyView]]:
        rows = repository.keys(connection, chosen, before=until, limit=limit)
        return rows, views_by_id(connection, {row.party_id for row in rows if row.party_id})

    rows, known = await gateway.storage.read(find)
    following = int(rows[-1].created_at * _TICKS) if len(rows) >= limit else None
    now = time.time()
    return {"items": [_key(row, now, known) for row in rows], "nextCursor": following}


def _key(row: KeyRow, now: float, known: Mapping[str, PartyView]) -> ApiKeyView:
    ended = row.expires_at is not None and row.expires_at <= now
    return {
        "id": key_id(row.key_hash, row.roles),
        "label": row.label,
        "roles": row.roles.split(","),
        "partyId": row.party_id,
        "partyName": row.name,
        "party": None if row.party_id is None else known.get(row.party_id),
        "state": "revoked"
        if row.revoked_at is not None
        else "expired"
        if ended
        else "waiting"
        if row.waiting
        else "active",
        "createdAt": time_view(row.created_at),
        "expiresAt": time_view(row.expires_at),
        "revokedAt": time_view(row.revoked_at),
        "lastUsedAt": time_view(row.last_used_at),
    }


async def accesses(
    gateway: Gateway, caller: Caller, *, subject_id: str | None, before: int | None, limit: int
) -> AccessPage:
    """The whole log for those who see all; for a party, who saw what is its own."""
    if not caller.sees_all and caller.party_id is None:
        return {"items": [], "nextCursor": None, "intact": True}

    def find(connection: Connection) -> AccessPage:
        rows = access_log.listed(
            connection,
            owner=None if caller.sees_all else caller.party_id,
            subject_id=subject_id,
            before=before,
            limit=limit,
        )
        known = views_by_id(connection, {row.party for row in rows if row.party is not None})
        return {
            "items": [_access(row, known) for row in rows],
            "nextCursor": rows[-1].number if len(rows) == limit else None,
            "intact": access_log.intact(connection, gateway.ledger_key, rows),
        }

    return await gateway.storage.read(find)


def _access(row: AccessRow, known: Mapping[str, PartyView]) -> Access:
    party = None if row.party is None else known.get(row.party)
    return {
        "number": row.number,
        "at": time_view(row.taken_at / repository.MICROSECONDS),
        "person": row.person,
        "partyId": row.party,
        "partyName": None if party is None else party["name"],
        "party": party,
        "kind": row.kind,
        "subjectKind": row.subject_kind,
        "subjectId": row.subject_id,
        "ownerPartyId": row.owner,
        "previousHash": row.previous_hash,
        "hash": row.hash,
    }
