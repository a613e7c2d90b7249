"""Names and currencies of what a page of events is about, out of the read tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.index.event_keys import subjects_of
from app.domain.money import currency_in
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.oversight.history.repository import EventRow
from app.oversight.history.words import Known
from app.parties.registry import repository as parties
from app.storage import run

_AT_ONCE = 500
# Where the currency of a thing stands: of its money, and of its limits. The first that an event
# names says it.
_QUERIES = {
    "loan": "SELECT loan_id, currency, NULL FROM loans WHERE loan_id",
    "facility": "SELECT facility_id, currency, limit_currency FROM facilities WHERE facility_id",
    "campaign": "SELECT campaign_id, currency, NULL FROM campaigns WHERE campaign_id",
    "receivable": "SELECT receivable_id, currency, NULL FROM receivables WHERE receivable_id",
    "claim": (
        "SELECT c.claim_id, r.currency, NULL FROM claims c "
        "JOIN receivables r ON r.receivable_id = c.receivable_id WHERE c.claim_id"
    ),
    "order": "SELECT order_id, currency, NULL FROM purchase_orders WHERE order_id",
    "product": (
        "SELECT p.product_id, v.currency, NULL FROM products p JOIN product_versions v "
        "ON v.product_id = p.product_id AND v.version = p.version WHERE p.product_id"
    ),
}
_ACCOUNTS = (
    "SELECT a.account, d.id, d.name FROM accounts a JOIN parties p ON p.party_id = a.party_id "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE a.account"
)
_PARTIES = (
    "SELECT p.party_id, d.name FROM parties p "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE p.party_id"
)
Currencies = tuple[str | None, str | None]


def known(connection: Connection, gateway: Gateway, rows: Sequence[EventRow]) -> Known:
    """What must be known to tell these events in words."""
    subjects = {row.position: subjects_of(row.contract, row.arguments) for row in rows}
    every = set().union(*subjects.values())
    accounts = sorted(one for one in every if one.startswith("0x"))
    found = _names(connection, accounts)
    found |= {row[0]: (row[1], row[2]) for row in _rows(connection, _ACCOUNTS, accounts)}
    numbers = _numbers(every)
    of_subject = {
        f"{kind}:{row[0]}": (gateway.currency_at(row[1]), row[2] or gateway.currency_at(row[1]))
        for kind, query in _QUERIES.items()
        for row in _rows(connection, query, numbers.get(kind, []))
    }
    return Known(
        accounts=_told_apart(found),
        parties={row[0]: row[1] for row in _rows(connection, _PARTIES, numbers.get("party", []))},
        currencies={
            row.position: _currencies(gateway, row, subjects[row.position], of_subject)
            for row in rows
        },
        name_at=gateway.contracts.name_at,
    )


def _names(connection: Connection, accounts: list[str]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for some in _parts(accounts):
        found |= parties.names(connection, set(some))
    return found


def _told_apart(found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Names by account; where two parties have one name, the account stands beside it."""
    bearers = Counter(name for _, name in set(found.values()))
    return {
        account: f"{name} ({account})" if bearers[name] > 1 else name
        for account, (_, name) in found.items()
    }


def _numbers(subjects: set[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for subject in sorted(subjects):
        kind, colon, number = subject.partition(":")
        if colon:
            found.setdefault(kind, []).append(int(number))
    return found


def _parts(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _rows(connection: Connection, query: str, values: list[Any]) -> Iterator[Any]:
    for some in _parts(values):
        marks = ", ".join("?" * len(some))
        yield from run(connection, f"{query} IN ({marks})", tuple(some)).all()


def _currencies(
    gateway: Gateway, row: EventRow, subjects: set[str], of_subject: Mapping[str, Currencies]
) -> Currencies:
    """The event's own word first, then its contract's, then that of what it names."""
    given = row.arguments
    inner = (value for value in given.values() if isinstance(value, dict))
    own = next((one["currency"] for one in (given, *inner) if one.get("currency")), None)
    if own is not None:
        code = gateway.currency_at(own) if len(own) == 42 else currency_in(own)
        limits = given.get("terms", {}).get("limitCurrency", "") if "terms" in given else ""
        return code, (currency_in(limits) if limits else None) or code
    if row.contract.startswith(CASH_PREFIX):
        code = row.contract.removeprefix(CASH_PREFIX)
        return code, code
    for kind in _QUERIES:
        for subject in sorted(subjects):
            if subject.startswith(f"{kind}:") and subject in of_subject:
                return of_subject[subject]
    return None, None
