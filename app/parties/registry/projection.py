"""Parties and accounts, from the events of PartyRegistry."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.storage import run
from app.storage.tables.parties import accounts, parties

CONTRACT = "PartyRegistry"
_CHANGES = {
    "RolesSet": "UPDATE parties SET roles = ?, changed_block = ? WHERE party_id = ?",
    "GroupSet": "UPDATE parties SET group_number = ?, changed_block = ? WHERE party_id = ?",
    "ValiditySet": "UPDATE parties SET valid_until = ?, changed_block = ? WHERE party_id = ?",
}


class PartiesProjection:
    """Fills `parties` and `accounts`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [parties, accounts]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        for event in events:
            if event.contract != CONTRACT:
                continue
            arguments, block = event.arguments, event.block_number
            match event.name:
                case "PartyRegistered":
                    run(
                        connection,
                        "INSERT INTO parties (party_id, identity_hash, roles, valid_until, frozen, "
                        "freeze_order_hash, held_until, created_block, changed_block) "
                        "VALUES (?, ?, ?, ?, 0, NULL, 0, ?, ?)",
                        (
                            *(arguments["partyId"], arguments["identityHash"], arguments["roles"]),
                            *(str(arguments["validUntil"]), block, block),
                        ),
                    )
                    _account(connection, arguments["account"], arguments["partyId"], block)
                case "AccountAdded":
                    _account(connection, arguments["account"], arguments["partyId"], block)
                case "AccountRemoved":
                    run(
                        connection,
                        "UPDATE accounts SET removed = 1, changed_block = ? WHERE account = ?",
                        (block, arguments["account"]),
                    )
                case "PartyFrozen":
                    run(
                        connection,
                        "UPDATE parties SET frozen = ?, freeze_order_hash = ?, changed_block = ? "
                        "WHERE party_id = ?",
                        (
                            int(arguments["frozen"]),
                            arguments["orderHash"],
                            block,
                            arguments["partyId"],
                        ),
                    )
                case "PartyHeld":
                    run(
                        connection,
                        "UPDATE parties SET held_until = ?, changed_block = ? WHERE party_id = ?",
                        (arguments["heldUntil"], block, arguments["partyId"]),
                    )
                case "RolesSet":
                    run(
                        connection,
                        _CHANGES["RolesSet"],
                        (arguments["roles"], block, arguments["partyId"]),
                    )
                case "GroupSet":
                    run(
                        connection,
                        _CHANGES["GroupSet"],
                        (arguments["group"], block, arguments["partyId"]),
                    )
                case "ValiditySet":
                    run(
                        connection,
                        _CHANGES["ValiditySet"],
                        (str(arguments["validUntil"]), block, arguments["partyId"]),
                    )


def _account(connection: Connection, account: str, party_id: int, block: int) -> None:
    run(
        connection,
        "INSERT INTO accounts (account, party_id, removed, created_block, changed_block) "
        "VALUES (?, ?, 0, ?, ?) ON CONFLICT (account) DO UPDATE SET party_id = excluded.party_id, "
        "removed = 0, changed_block = excluded.changed_block",
        (account, party_id, block, block),
    )
