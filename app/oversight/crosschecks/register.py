"""Parties by account, as the cross-checks name them: `party:7`."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.domain.crosschecks.records import Holding, Party
from app.storage import run

_WHOLE = 1_000_000
_MAX_NAME = 200


class Register(msgspec.Struct):
    """The parties of the ledger.

    Attributes:
        number_of: the party's number on the ledger, by account.
        account_of: an account of each party, the one in the directory if it has one.
        identity_of: the keyed hash of each party's legal id.
        group_of: the number of each party's group, of those in one.
        name_of: as in the directory.
        schemes: the kinds of legal ids in the directory.
    """

    number_of: dict[str, int]
    account_of: dict[int, str]
    identity_of: dict[int, str]
    group_of: dict[int, int]
    name_of: dict[int, str]
    schemes: tuple[str, ...] = ()

    def id_of(self, account: str) -> str | None:
        """The party of an account as records name it; None: the ledger has no such party."""
        number = self.number_of.get(account)
        return None if number is None else id_of(number)

    def related_to(self, number: int) -> frozenset[int]:
        """The party, and all parties in a group with it."""
        group = self.group_of.get(number)
        others = (n for n, each in self.group_of.items() if group is not None and each == group)
        return frozenset((number, *others))

    def parties(self) -> tuple[Party, ...]:
        """The records of all parties: who is in a group is wholly owned by it.

        The ledger knows neither owners nor directors, and no day in the company register.
        """
        return tuple(
            Party(
                id_of(number),
                self.name_of.get(number, "")[:_MAX_NAME],
                registered_day=None,
                owners=(
                    (Holding(f"group:{self.group_of[number]}", _WHOLE),)
                    if number in self.group_of
                    else ()
                ),
            )
            for number in sorted(self.identity_of)
        )


def id_of(number: int) -> str:
    """A party of the ledger as records name it."""
    return f"party:{number}"


def read_register(connection: Connection) -> Register:
    """All parties of the ledger."""
    schemes = run(
        connection, "SELECT DISTINCT legal_id_scheme FROM parties_directory ORDER BY 1"
    ).scalars()
    register = Register({}, {}, {}, {}, {}, tuple(schemes))
    accounts = run(connection, "SELECT account, party_id FROM accounts ORDER BY removed DESC")
    for row in accounts:
        register.number_of[row.account] = int(row.party_id)
        register.account_of[int(row.party_id)] = row.account
    query = (
        "SELECT p.party_id, p.identity_hash, p.group_number, d.name, d.account FROM parties p "
        "LEFT JOIN parties_directory d ON d.identity_hash = p.identity_hash"
    )
    for row in run(connection, query):
        number = int(row.party_id)
        register.identity_of[number] = row.identity_hash
        if row.group_number:
            register.group_of[number] = int(row.group_number)
        if row.name is not None and register.number_of.get(row.account) == number:
            register.name_of[number] = row.name
            register.account_of[number] = row.account
    return register
