"""Queries of parties: the directory joined with the ledger's data."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.persons import WALLET_LABEL, Person
from app.domain.prefixes import folded, range_of
from app.gateway.callers import key_id
from app.gateway.execution import GIVES_WAY
from app.gateway.refusal_facts import CONFUSABLE as CONFUSABLE
from app.storage import record_of, run


class PartyRow(msgspec.Struct):
    """A party as stored; the fields from the ledger are None until the index has read them."""

    id: str
    name: str
    legal_id_scheme: str
    legal_id_encrypted: bytes
    identity_hash: str
    roles: int
    account: str
    custody: bool
    ledger_party_id: int | None
    ledger_roles: int | None
    valid_until: str | None
    frozen: bool
    held_until: int | None
    name_skeleton: str | None


class NewPartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A party that the directory does not have yet."""

    id: str
    name: str
    legal_id_scheme: str
    legal_id_encrypted: bytes
    identity_hash: str
    roles: int
    account: str
    custody: bool
    name_skeleton: str


class NamedParty(msgspec.Struct, frozen=True):
    """A party of the directory by its name."""

    id: str
    name: str


_SELECT = (
    "SELECT d.id, d.name, d.legal_id_scheme, d.legal_id_encrypted, d.identity_hash, d.roles, "
    "d.account, d.custody, p.party_id AS ledger_party_id, p.roles AS ledger_roles, "
    "p.valid_until, p.frozen, "
    "p.held_until, d.name_skeleton "
    "FROM parties_directory d LEFT JOIN parties p ON p.identity_hash = d.identity_hash "
    # If the ledger has the company with another account, it refused this registration.
    "AND EXISTS (SELECT 1 FROM accounts a WHERE a.account = d.account AND a.party_id = p.party_id) "
)


def _party(row: Any) -> PartyRow:
    return record_of(
        PartyRow,
        row,
        legal_id_encrypted=bytes(row.legal_id_encrypted),
        custody=bool(row.custody),
        frozen=bool(row.frozen),
    )


def by_id(connection: Connection, identifier: str) -> PartyRow | None:
    """A party by its id in the directory."""
    row = run(connection, _SELECT + "WHERE d.id = ?", (identifier,)).first()
    return None if row is None else _party(row)


def by_account(connection: Connection, account: str) -> PartyRow | None:
    """A party by its account."""
    row = run(connection, _SELECT + "WHERE d.account = ?", (account.lower(),)).first()
    return None if row is None else _party(row)


def by_identity(connection: Connection, identity_hash: str) -> PartyRow | None:
    """A party by the keyed hash of its legal id, as on the ledger."""
    row = run(connection, _SELECT + "WHERE d.identity_hash = ?", (identity_hash,)).first()
    return None if row is None else _party(row)


def under_control_with(connection: Connection, identifier: str) -> list[PartyRow]:
    """A party of the directory, and those that are it or in one group with it on the ledger."""
    related = (
        "SELECT o.id FROM parties_directory r "
        "JOIN parties rp ON rp.identity_hash = r.identity_hash "
        "JOIN parties op ON op.party_id = rp.party_id "
        "OR (rp.group_number <> 0 AND op.group_number = rp.group_number) "
        "JOIN parties_directory o ON o.identity_hash = op.identity_hash WHERE r.id = ?"
    )
    rows = run(
        connection,
        _SELECT + f"WHERE d.id = ? OR d.id IN ({related}) ORDER BY d.id",
        (identifier, identifier),
    )
    return [_party(row) for row in rows]


def names(connection: Connection, accounts: set[str]) -> dict[str, tuple[str, str, bool]]:
    """Of each account in the directory: id, name, and whether another name looks like it."""
    if not accounts:
        return {}
    marks = ", ".join("?" * len(accounts))
    rows = run(
        connection,
        f"SELECT d.account, d.id, d.name, {CONFUSABLE} AS confusable "
        f"FROM parties_directory d WHERE d.account IN ({marks})",
        tuple(accounts),
    )
    return {row.account: (row.id, row.name, bool(row.confusable)) for row in rows}


def accounts_by_id(connection: Connection, identifiers: set[str]) -> dict[str, str]:
    """The account of each party of the directory, by its id."""
    if not identifiers:
        return {}
    marks = ", ".join("?" * len(identifiers))
    rows = run(
        connection,
        f"SELECT d.id, d.account FROM parties_directory d WHERE d.id IN ({marks})",
        tuple(identifiers),
    )
    return {row.id: row.account for row in rows}


def by_name(connection: Connection, beginning: str, *, limit: int) -> list[PartyRow]:
    """Parties whose names begin with this text, whatever the case, by name."""
    rows = run(
        connection,
        _SELECT + "WHERE d.name_folded >= ? AND d.name_folded < ? "
        "ORDER BY d.name_folded, d.id LIMIT ?",
        (*range_of(folded(beginning)), limit),
    )
    return [_party(row) for row in rows]


def by_any_account(connection: Connection, account: str) -> PartyRow | None:
    """The party to which an account belongs, in the directory or on the ledger."""
    row = run(
        connection,
        _SELECT + "WHERE d.account = ? OR d.identity_hash = (SELECT q.identity_hash FROM "
        "accounts b JOIN parties q ON q.party_id = b.party_id WHERE b.account = ?) "
        "ORDER BY d.account <> ? LIMIT 1",
        (account.lower(),) * 3,
    ).first()
    return None if row is None else _party(row)


def of_one_party(connection: Connection, first: str, second: str) -> bool:
    """Whether two accounts are equal, or belong to one party on the ledger."""
    if first == second:
        return True
    query = (
        "SELECT 1 FROM accounts one JOIN accounts other ON other.party_id = one.party_id "
        "WHERE one.account = ? AND other.account = ?"
    )
    return run(connection, query, (first, second)).first() is not None


def alike(connection: Connection, rows: list[PartyRow]) -> dict[str, list[NamedParty]]:
    """Other parties whose names look alike, by the ids of these parties."""
    skeletons = {row.name_skeleton for row in rows if row.name_skeleton is not None}
    if not skeletons:
        return {}
    marks = ", ".join("?" * len(skeletons))
    others = run(
        connection,
        f"SELECT name_skeleton, id, name FROM parties_directory WHERE name_skeleton IN ({marks}) "
        "ORDER BY id",
        tuple(skeletons),
    ).all()
    return {
        row.id: [
            record_of(NamedParty, other)
            for other in others
            if other.name_skeleton == row.name_skeleton and other.id != row.id
        ]
        for row in rows
    }


def listed(
    connection: Connection,
    *,
    after: str | None,
    limit: int,
    beginning: str | None = None,
    role: int | None = None,
) -> list[PartyRow]:
    """Parties in the order of their registration.

    Args:
        beginning: of their names, whatever the case; None: any.
        role: the bit of a role that they have; None: any.
    """
    conditions: list[tuple[str, tuple[Any, ...]]] = []
    if after is not None:
        conditions.append(("d.id > ?", (after,)))
    if beginning:
        conditions.append(("d.name_folded >= ? AND d.name_folded < ?", range_of(folded(beginning))))
    if role is not None:
        conditions.append(("(coalesce(p.roles, d.roles) & ?) <> 0", (role,)))
    where = f"WHERE {' AND '.join(text for text, _ in conditions)} " if conditions else ""
    values = tuple(value for _, part in conditions for value in part)
    rows = run(connection, f"{_SELECT}{where}ORDER BY d.id LIMIT ?", (*values, limit))
    return [_party(row) for row in rows]


def add(connection: Connection, party: NewPartyRow) -> None:
    """Adds a party to the directory."""
    run(
        connection,
        "INSERT INTO parties_directory (id, name, legal_id_scheme, legal_id_encrypted, "
        "identity_hash, roles, account, custody, created_at, name_skeleton, name_folded) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(party.id, party.name, party.legal_id_scheme, party.legal_id_encrypted),
            *(party.identity_hash, party.roles, party.account, int(party.custody)),
            *(time.time(), party.name_skeleton, folded(party.name)),
        ),
    )


def set_operation(connection: Connection, *, identifier: str, operation_id: str) -> None:
    """Stores which operation registers the party."""
    run(
        connection,
        "UPDATE parties_directory SET operation_id = ? WHERE id = ?",
        (operation_id, identifier),
    )


def registration_over(connection: Connection, identifier: str) -> bool:
    """Whether the operation that should register the party may be replaced by another one."""
    rows = run(
        connection,
        "SELECT 1 FROM operations WHERE id = (SELECT operation_id FROM parties_directory "
        f"WHERE id = ?) AND {GIVES_WAY}",
        (identifier,),
    )
    return rows.first() is not None


def registering(connection: Connection, identifier: str) -> str | None:
    """The operation that registers the party."""
    query = "SELECT operation_id FROM parties_directory WHERE id = ?"
    operation_id = run(connection, query, (identifier,)).scalar()
    return None if operation_id is None else str(operation_id)


def forget(connection: Connection, *, identifier: str) -> None:
    """Removes a party that the ledger refused from the directory, with its keys."""
    run(connection, "DELETE FROM api_keys WHERE party_id = ?", (identifier,))
    run(connection, "DELETE FROM parties_directory WHERE id = ?", (identifier,))


def had_key(connection: Connection, *, party_id: str) -> bool:
    """Whether the party ever had a key."""
    rows = run(connection, "SELECT 1 FROM api_keys WHERE party_id = ? LIMIT 1", (party_id,))
    return rows.first() is not None


class WaitingKey(msgspec.Struct, frozen=True):
    """A key that waits for a second person.

    Attributes:
        id: as people see it; it covers the roles.
        maker: None: the store does not say who made it.
    """

    key_hash: str
    id: str
    maker: Person | None


def waiting_keys(connection: Connection, *, party_id: str, label: str) -> list[WaitingKey]:
    """The party's waiting keys with this label."""
    rows = run(
        connection,
        "SELECT key_hash, roles, maker_json FROM api_keys WHERE party_id = ? AND label = ? "
        "AND waiting = 1 AND revoked_at IS NULL",
        (party_id, label),
    )
    return [
        WaitingKey(
            row.key_hash,
            key_id(row.key_hash, row.roles),
            row.maker_json and msgspec.json.decode(row.maker_json, type=Person),
        )
        for row in rows
    ]


def confirm_key(connection: Connection, key: WaitingKey) -> None:
    """Confirms a waiting key."""
    run(connection, "UPDATE api_keys SET waiting = 0 WHERE key_hash = ?", (key.key_hash,))


def official(connection: Connection, account: str) -> bool:
    """Whether an official's key acts with this account."""
    rows = run(
        connection, "SELECT 1 FROM api_keys WHERE account = ? AND party_id IS NULL", (account,)
    )
    return rows.first() is not None


def keys_to_revoke(connection: Connection, *, party_id: str, label: str) -> dict[str, str]:
    """The hashes of the party's keys with this label that nobody revoked, by their ids."""
    rows = run(
        connection,
        "SELECT key_hash, roles FROM api_keys WHERE party_id = ? AND label = ? "
        "AND revoked_at IS NULL",
        (party_id, label),
    )
    return {key_id(row.key_hash, row.roles): row.key_hash for row in rows}


def revoke_key(connection: Connection, *, party_id: str, hashed: str) -> None:
    """Revokes a key of the party.

    The keys of sessions that the party's wallet began took their roles from its other keys, so
    they end with any of those.
    """
    run(
        connection,
        "UPDATE api_keys SET revoked_at = ? WHERE party_id = ? AND (key_hash = ? OR label = ?) "
        "AND revoked_at IS NULL",
        (time.time(), party_id, hashed, WALLET_LABEL),
    )


def accounts_of(connection: Connection, account: str) -> list[str]:
    """All accounts of the party that an account belongs to, and the account itself."""
    rows = run(
        connection,
        "SELECT other.account FROM accounts mine JOIN accounts other "
        "ON other.party_id = mine.party_id WHERE mine.account = ?",
        (account,),
    )
    return sorted({account, *(row[0] for row in rows)})
