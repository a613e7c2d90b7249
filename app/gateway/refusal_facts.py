"""What the store knows of refusals: names of accounts, and the currency of what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.contracts import ContractError
from app.chain.index.event_keys import subjects_of
from app.chain.outbox.operation import Operation, OperationError
from app.chain.outbox.outbox import Call
from app.domain.money import currency_in
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.refusals import Facts, facts
from app.gateway.views import Names, distinct
from app.storage import run

#: Whether another party's name looks like that of the party `d` of the directory.
CONFUSABLE = (
    "EXISTS (SELECT 1 FROM parties_directory o "
    "WHERE o.name_skeleton = d.name_skeleton AND o.id <> d.id)"
)
_AT_ONCE = 500
_MAX = 2**63 - 1  # the maximum of a column
_NAMES = (
    f"SELECT d.account, d.id, d.name, {CONFUSABLE} AS confusable FROM parties_directory d "
    "WHERE d.account",
    f"SELECT a.account, d.id, d.name, {CONFUSABLE} AS confusable "
    "FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE a.account",
)


def _of_table(table: str, key: str) -> str:
    return f"SELECT {key} AS id, currency, NULL AS limit_currency FROM {table} WHERE {key}"


#: Where the currency of a thing's money, and of its limits, is stored. Of several things that an
#: event or an error names, the first kind decides.
CURRENCIES = {
    "loan": _of_table("loans", "loan_id"),
    "facility": "SELECT facility_id AS id, currency, limit_currency FROM facilities "
    "WHERE facility_id",
    "campaign": _of_table("campaigns", "campaign_id"),
    "receivable": _of_table("receivables", "receivable_id"),
    "claim": (
        "SELECT c.claim_id AS id, r.currency, NULL AS limit_currency FROM claims c "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE c.claim_id"
    ),
    "order": _of_table("purchase_orders", "order_id"),
    "product": (
        "SELECT p.product_id AS id, v.currency, v.terms_json AS limit_currency FROM products p "
        "JOIN product_versions v ON v.product_id = p.product_id AND v.version = p.version "
        "WHERE p.product_id"
    ),
}
#: Of its money, and of its limits.
Currencies = tuple[str | None, str | None]
Command = Operation | Call
#: An error, and what it refused.
Refused = tuple[ContractError | OperationError, Command | None]


async def know(gateway: Gateway, refused: Sequence[Refused]) -> None:
    """Reads what the words of these refusals need, for the rest of the request."""
    subjects = {id(error): _subjects(error, operation) for error, operation in refused}
    if not subjects:
        return
    accounts = sorted({each for kinds in subjects.values() for each in kinds if "0x" in each})

    def read(connection: Connection) -> tuple[dict[str, str], dict[str, Currencies]]:
        every = set().union(*subjects.values())
        return distinct(names(connection, accounts)), of_subjects(connection, gateway, every)

    known, currencies = await gateway.storage.read(read)
    facts.set(
        Facts(
            known,
            {
                id(error): _currency(gateway, error, operation, currencies)
                for error, operation in refused
            },
            tuple(error for error, _ in refused),
        )
    )


async def know_of(gateway: Gateway, operations: Iterable[Operation]) -> None:
    """The same for the operations that were rejected."""
    await know(gateway, [(each.error, each) for each in operations if each.error is not None])


def names(connection: Connection, accounts: Sequence[str]) -> Names:
    """Parties of these accounts, lower case."""
    return {
        row.account: (row.id, row.name, bool(row.confusable))
        for query in _NAMES
        for row in _rows(connection, query, accounts)
    }


def of_subjects(
    connection: Connection, gateway: Gateway, subjects: Iterable[str]
) -> dict[str, Currencies]:
    """Codes of the currencies of things such as "loan:7", those that have one."""
    numbers: dict[str, list[int]] = {}
    for subject in sorted(set(subjects)):
        kind, colon, number = subject.partition(":")
        if colon and int(number) <= _MAX:
            numbers.setdefault(kind, []).append(int(number))
    return {
        f"{kind}:{row.id}": (
            gateway.currency_at(row.currency),
            _limit_currency(row.limit_currency) or gateway.currency_at(row.currency),
        )
        for kind, query in CURRENCIES.items()
        for row in _rows(connection, query, numbers.get(kind, []))
    }


def _limit_currency(stored: str | None) -> str | None:
    """A code, also in a product's terms; None: it is that of the money."""
    if stored is None or not stored.startswith("{"):
        return stored
    return currency_in(json.loads(stored)["limitCurrency"])


def first_of(subjects: Iterable[str], known: dict[str, Currencies]) -> Currencies:
    """The currencies of the first thing that has one."""
    ordered = sorted(subjects)
    for kind in CURRENCIES:
        for subject in ordered:
            if subject.startswith(f"{kind}:") and subject in known:
                return known[subject]
    return None, None


def _rows(connection: Connection, query: str, values: Sequence[Any]) -> Iterator[Any]:
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        yield from run(connection, f"{query} IN ({marks})", tuple(part)).all()


def _subjects(error: ContractError | OperationError, operation: Command | None) -> set[str]:
    return subjects_of(error.contract, error.arguments) | _of_operation(operation)


def _of_operation(operation: Command | None) -> set[str]:
    if operation is None:
        return set()
    named = {str(place): value for place, value in enumerate(operation.arguments)}
    return subjects_of(operation.contract, {**named, **(operation.subject or {})})


def _currency(
    gateway: Gateway,
    error: ContractError | OperationError,
    operation: Command | None,
    known: dict[str, Currencies],
) -> Currencies:
    """The error's own currency first, then that of its operation's token, then that of a thing."""
    own = error.arguments.get("currency")
    if isinstance(own, str) and own.startswith("0x") and own.strip("0x"):
        code = (gateway.contracts.name_at(own) or currency_in(own) or own).removeprefix(CASH_PREFIX)
        return code, code
    if operation is not None and operation.contract.startswith(CASH_PREFIX):
        code = operation.contract.removeprefix(CASH_PREFIX)
        return code, code
    things = first_of(subjects_of(error.contract, error.arguments), known)
    if things == (None, None):
        things = first_of(_of_operation(operation), known)
    if things == (None, None) and operation is not None:
        named = (operation.subject or {}).get("currency")
        known_code = named or _token_in(gateway, operation.arguments)
        return known_code, known_code
    return things


def _token_in(gateway: Gateway, arguments: Any) -> str | None:
    """The only currency whose token an operation's arguments name."""
    codes = {
        (gateway.contracts.name_at(text) or "").removeprefix(CASH_PREFIX)
        for text in _texts(arguments)
        if (gateway.contracts.name_at(text) or "").startswith(CASH_PREFIX)
    }
    return codes.pop() if len(codes) == 1 else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
