"""Names and currencies for a page of events, from the read tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.chain.index.event_keys import subjects_of
from app.domain.money import currency_in
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.views import Names, distinct
from app.oversight.history.repository import EventRow
from app.oversight.history.words import Known
from app.parties.registry import repository as parties
from app.storage import run

_AT_ONCE = 500


def _of_table(table: str, key: str) -> str:
    return f"SELECT {key} AS id, currency, NULL AS limit_currency FROM {table} WHERE {key}"


# Where the currency of a thing's money, and of its limits, is stored. The first thing that an event
# names decides.
_QUERIES = {
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
        "SELECT p.product_id AS id, v.currency, NULL AS limit_currency FROM products p "
        "JOIN product_versions v ON v.product_id = p.product_id AND v.version = p.version "
        "WHERE p.product_id"
    ),
}
_ACCOUNTS = (
    f"SELECT a.account, d.id, d.name, {parties.CONFUSABLE} AS confusable "
    "FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE a.account"
)
_PARTIES = (
    "SELECT p.party_id, d.name FROM parties p "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE p.party_id"
)
Currencies = tuple[str | None, str | None]


def known(connection: Connection, gateway: Gateway, rows: Sequence[EventRow]) -> Known:
    """What is needed to describe these events in words."""
    subjects = {row.position: subjects_of(row.contract, row.arguments) for row in rows}
    every = set().union(*subjects.values())
    accounts = sorted(subject for subject in every if subject.startswith("0x"))
    names = _names(connection, accounts)
    names |= {
        row.account: (row.id, row.name, bool(row.confusable))
        for row in _rows(connection, _ACCOUNTS, accounts)
    }
    numbers = _numbers(every)
    of_subject = {
        f"{kind}:{row.id}": (
            gateway.currency_at(row.currency),
            row.limit_currency or gateway.currency_at(row.currency),
        )
        for kind, query in _QUERIES.items()
        for row in _rows(connection, query, numbers.get(kind, []))
    }
    return Known(
        accounts=distinct(names),
        parties={
            row.party_id: row.name for row in _rows(connection, _PARTIES, numbers.get("party", []))
        },
        currencies={
            row.position: _currencies(gateway, row, subjects[row.position], of_subject)
            for row in rows
        },
        name_at=gateway.contracts.name_at,
    )


def _names(connection: Connection, accounts: list[str]) -> Names:
    names: Names = {}
    for part in _parts(accounts):
        names |= parties.names(connection, set(part))
    return names


def _numbers(subjects: set[str]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for subject in sorted(subjects):
        kind, colon, number = subject.partition(":")
        if colon:
            numbers.setdefault(kind, []).append(int(number))
    return numbers


def _parts(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _rows(connection: Connection, query: str, values: list[Any]) -> Iterator[Any]:
    for part in _parts(values):
        marks = ", ".join("?" * len(part))
        yield from run(connection, f"{query} IN ({marks})", tuple(part)).all()


def _currencies(
    gateway: Gateway, row: EventRow, subjects: set[str], of_subject: Mapping[str, Currencies]
) -> Currencies:
    """The event's own currency first, then its contract's, then that of a thing that it names."""
    arguments = row.arguments
    inner = (value for value in arguments.values() if isinstance(value, dict))
    every = (item.get("currency") for item in (arguments, *inner))
    own = next((currency for currency in every if currency and currency.strip("0x")), None)
    if own is not None:
        code = gateway.currency_at(own) if len(own) == len(ZERO_ADDRESS) else currency_in(own)
        limits = arguments.get("terms", {}).get("limitCurrency", "") if "terms" in arguments else ""
        return code, (currency_in(limits) if limits else None) or code
    if row.contract.startswith(CASH_PREFIX):
        code = row.contract.removeprefix(CASH_PREFIX)
        return code, code
    for kind in _QUERIES:
        for subject in sorted(subjects):
            if subject.startswith(f"{kind}:") and subject in of_subject:
                return of_subject[subject]
    return None, None
