"""The class by risk of a loan, as of a day, with its reasons."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.catalogue_files import read_rules
from app.domain.classification import (
    Classification,
    ClassificationRules,
    LoanFacts,
    Restructured,
    classify,
)
from app.domain.loan import LoanTerms
from app.gateway.said import localized
from app.lending.classes import repository
from app.lending.classes.schemas import RiskClass
from app.lending.rows import EntryRow, LoanRow
from app.places import CATALOGUE


class Known(msgspec.Struct, frozen=True):
    """What the classes of some loans depend on besides the loans.

    Attributes:
        rule_sets: name of the rule set of a facility's product, by facility.
        frozen: borrowers (accounts) that are frozen or held.
    """

    rule_sets: dict[int, str | None]
    frozen: frozenset[str]


def known(connection: Connection, rows: Collection[LoanRow], *, at: int) -> Known:
    """What the store knows at a time in UTC seconds."""
    return Known(
        repository.rule_sets(connection, {row.facility_id for row in rows}),
        repository.frozen(connection, {row.borrower for row in rows}, at=at),
    )


@functools.cache
def _rules(name: str) -> ClassificationRules | None:
    path = CATALOGUE.parent / "rules" / f"{name}.yaml"
    return read_rules(path).classification if path.exists() else None


def of_today(row: LoanRow, standing: Known, *, today: int, days_past_due: int) -> RiskClass | None:
    """The class of a loan on the ledger's day; None: it is repaid, or has no rules."""
    if row.status == "Repaid":
        return None
    last = row.restructured()
    facts = LoanFacts(
        day=row.own_day(today),
        days_past_due=days_past_due,
        defaulted=row.status in ("Defaulted", "WrittenOff"),
        written_off=row.status == "WrittenOff",
        written_off_in_part=bool(row.written_off),
        restructured=None if last is None else Restructured(tuple(last.due_days), last.in_default),
        borrower_frozen=row.borrower in standing.frozen,
    )
    return _view(row, standing, facts, today=today)


def of_day(
    row: LoanRow,
    entries: Sequence[EntryRow],
    standing: Known,
    *,
    day: int,
    today: int,
    days_past_due: int,
) -> RiskClass | None:
    """The class of a loan that was not repaid on a calendar day, from what had happened by then."""
    defaulted = written_off = in_part = False
    restructured: Restructured | None = None
    for entry in entries:
        details = json.loads(entry.details_json)
        if entry.kind == "restated":
            written_off = details["status"] == "WrittenOff"
            defaulted = details["status"] in ("Defaulted", "WrittenOff")
        elif entry.kind == "restructured":
            terms = msgspec.convert(details["terms"], LoanTerms)
            due_days = tuple(terms.due_day_of(number) for number in range(1, terms.periods + 1))
            restructured = Restructured(due_days, details["inDefault"])
            defaulted = written_off = False
        defaulted = defaulted or entry.kind == "defaulted"
        written_off = written_off or entry.kind == "written-off"
        in_part = in_part or entry.kind == "written-off-in-part"
    facts = LoanFacts(
        day=row.own_day(day),
        days_past_due=days_past_due,
        defaulted=defaulted,
        written_off=written_off,
        written_off_in_part=in_part,
        restructured=restructured,
        borrower_frozen=row.borrower in standing.frozen,
    )
    return _view(row, standing, facts, today=today)


def _view(row: LoanRow, standing: Known, facts: LoanFacts, *, today: int) -> RiskClass | None:
    name = standing.rule_sets.get(row.facility_id)
    rules = None if name is None else _rules(name)
    if name is None or rules is None:
        return None
    result: Classification = classify(rules, facts)
    until = result.observed_until
    observed = None if until is None else date_of(row.calendar_day(until, today)).isoformat()
    return {
        "class": result.name,
        "ruleSet": name,
        "reasons": [
            {
                "reason": localized(reason.name),
                "minimum": reason.minimum,
                "source": localized(reason.source.strip()),
            }
            for reason in result.reasons
        ],
        "observedUntil": observed,
    }
