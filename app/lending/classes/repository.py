"""Queries of what the classes by risk depend on."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection

from app.storage import run


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def rule_sets(connection: Connection, facility_ids: Collection[int]) -> dict[int, str | None]:
    """The rule set of each facility's product; None: it has none."""
    if not facility_ids:
        return {}
    marks = _marks(facility_ids)
    query = f"SELECT facility_id, rule_set FROM facilities WHERE facility_id IN ({marks})"
    return {row.facility_id: row.rule_set for row in run(connection, query, tuple(facility_ids))}


def frozen(connection: Connection, accounts: Collection[str], *, at: int) -> frozenset[str]:
    """Those of the accounts whose party is frozen or held at a time in UTC seconds."""
    if not accounts:
        return frozenset()
    query = f"SELECT account, party_id FROM accounts WHERE account IN ({_marks(accounts)})"
    parties = {row.account: int(row.party_id) for row in run(connection, query, tuple(accounts))}
    subjects = sorted({f"party:{party}" for party in parties.values()})
    if not subjects:
        return frozenset()
    query = (
        "SELECT e.name, e.arguments_json FROM events e "
        "JOIN event_subjects s ON s.position = e.position "
        f"WHERE s.subject IN ({_marks(subjects)}) AND e.contract = 'PartyRegistry' "
        "AND e.name IN ('PartyFrozen', 'PartyHeld') AND e.timestamp <= ? ORDER BY e.position"
    )
    ordered: dict[int, bool] = {}
    held_until: dict[int, int] = {}
    for row in run(connection, query, (*subjects, at)):
        arguments = json.loads(row.arguments_json)
        party = int(arguments["partyId"])
        if row.name == "PartyFrozen":
            ordered[party] = bool(arguments["frozen"])
        else:
            held_until[party] = int(arguments["heldUntil"])
    return frozenset(
        account
        for account, party in parties.items()
        if ordered.get(party, False) or at < held_until.get(party, 0)
    )
