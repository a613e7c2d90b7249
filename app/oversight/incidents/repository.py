"""Queries of approvals in events, of revocations under way, and of the reasons of stops."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import DecodedValues
from app.storage import run

_RECENT_STOPS = 100


class ApprovalEvent(msgspec.Struct, frozen=True):
    """An event that gave or revoked an approval."""

    contract: str
    name: str
    arguments: DecodedValues


class RevocationCall(msgspec.Struct, frozen=True):
    """The call of a revocation; `arguments_json` is as operations store it."""

    signer: str
    contract: str
    function: str
    arguments_json: str


def events_named(connection: Connection, names: Sequence[str]) -> list[ApprovalEvent]:
    """The events with these names, of all contracts."""
    marks = ", ".join("?" * len(names))
    rows = run(
        connection,
        f"SELECT contract, name, arguments_json FROM events WHERE name IN ({marks})",
        tuple(names),
    )
    return [
        ApprovalEvent(row.contract, row.name, msgspec.json.decode(row.arguments_json))
        for row in rows
    ]


def accounts_in_custody(connection: Connection) -> set[str]:
    """Accounts of the directory whose keys the gateway holds, lower case."""
    rows = run(connection, "SELECT account FROM parties_directory WHERE custody = 1")
    return {row.account.lower() for row in rows}


def under_way(connection: Connection, *, kind: str) -> dict[RevocationCall, str]:
    """Operations of this kind that the ledger has not carried out yet: their ids by their calls."""
    rows = run(
        connection,
        "SELECT id, signer, contract, function, arguments_json FROM operations "
        "WHERE kind = ? AND state IN ('accepted', 'submitted')",
        (kind,),
    )
    return {
        RevocationCall(row.signer, row.contract, row.function, row.arguments_json): row.id
        for row in rows
    }


def stop_reason(connection: Connection, *, kind: str, reason_hash: str) -> str | None:
    """The text of a stop of this kind that this gateway sent; None: it sent none of this hash."""
    rows = run(
        connection,
        "SELECT subject_json FROM operations WHERE kind = ? ORDER BY id DESC LIMIT ?",
        (kind, _RECENT_STOPS),
    )
    for row in rows:
        subject = msgspec.json.decode(row.subject_json)
        if subject.get("reasonHash") == reason_hash:
            return str(subject["reason"])
    return None
