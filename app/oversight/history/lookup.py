"""Names and currencies for a page of events, from the read tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.chain.index.event_keys import subjects_of
from app.domain.money import currency_in
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.refusal_facts import Currencies, first_of, names, of_subjects
from app.gateway.views import distinct
from app.oversight.history.repository import EventRow
from app.oversight.history.words import Known
from app.storage import run

_AT_ONCE = 500
_PARTIES = (
    "SELECT p.party_id, d.name FROM parties p "
    "JOIN parties_directory d ON d.identity_hash = p.identity_hash WHERE p.party_id"
)


def known(connection: Connection, gateway: Gateway, rows: Sequence[EventRow]) -> Known:
    """What is needed to describe these events in words."""
    subjects = {row.position: subjects_of(row.contract, row.arguments) for row in rows}
    every = set().union(*subjects.values())
    accounts = sorted(subject for subject in every if subject.startswith("0x"))
    numbers = _numbers(every)
    of_subject = of_subjects(connection, gateway, every)
    return Known(
        accounts=distinct(names(connection, accounts)),
        parties={
            row.party_id: row.name for row in _rows(connection, _PARTIES, numbers.get("party", []))
        },
        currencies={
            row.position: _currencies(gateway, row, subjects[row.position], of_subject)
            for row in rows
        },
        name_at=gateway.contracts.name_at,
    )


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
    gateway: Gateway, row: EventRow, subjects: set[str], of_subject: dict[str, Currencies]
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
    return first_of(subjects, of_subject)
