"""Filings as callers see them, and what the rule set warns of."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.rule_sets import Rules
from app.domain.texts import Sentence, say
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.rules import RuleWarning
from app.gateway.said import localized
from app.gateway.views import Names, party_view, time_view
from app.lending.filings import repository
from app.lending.filings.repository import EntryRow
from app.lending.filings.schemas import Filing, FilingEntry
from app.lending.notices.projection import FilingRow
from app.parties.registry import repository as parties


def status_of(row: FilingRow, *, today: int) -> str:
    """Where a filing stands on a day: standing, ended or discharged."""
    if row.discharged_day is not None:
        return "discharged"
    return "ended" if row.end_day < today else "standing"


def filing_view(
    gateway: Gateway, row: FilingRow, names: Names, *, currency: str, today: int
) -> Filing:
    """A filing in JSON.

    Args:
        currency: address of the settlement token of what it secures.
    """
    discharged = row.discharged_day
    return {
        "id": row.filing_id,
        "subject": row.subject,
        "subjectId": row.subject_id,
        "registrant": party_view(row.registrant, names),
        "grantor": party_view(row.grantor, names),
        "number": row.number,
        "date": date_of(row.day).isoformat(),
        "endDate": date_of(row.end_day).isoformat(),
        "securedAmount": money_view(row.secured_amount, currency=gateway.currency_at(currency)),
        "status": status_of(row, today=today),
        "dischargeNumber": row.discharge_number,
        "dischargedDate": None if discharged is None else date_of(discharged).isoformat(),
        "transactionHash": row.transaction_hash,
    }


def views_of(
    gateway: Gateway, connection: Connection, rows: list[FilingRow], *, today: int
) -> list[Filing]:
    """Filings in JSON."""
    accounts = {side for row in rows for side in (row.registrant, row.grantor)}
    names = parties.names(connection, accounts)
    return [
        filing_view(
            *(gateway, row, names),
            currency=repository.currency_of(connection, row),
            today=today,
        )
        for row in rows
    ]


def entry_view(entry: EntryRow, *, currency: str) -> FilingEntry:
    """One step of a filing in JSON.

    Args:
        currency: ISO 4217 code.
    """
    end_day, amount = entry.end_day, entry.secured_amount
    return {
        "kind": entry.kind,
        "number": entry.number,
        "date": date_of(entry.day).isoformat(),
        "endDate": None if end_day is None else date_of(end_day).isoformat(),
        "securedAmount": None if amount is None else money_view(amount, currency=currency),
        "transactionHash": entry.transaction_hash,
        "at": time_view(entry.timestamp),
    }


def warnings_of(
    rules: Rules | None,
    rows: list[FilingRow],
    *,
    collateral: str,
    open_until: int | None,
    today: int,
    others: list[int],
) -> list[RuleWarning]:
    """What the rule set asks of a right's filing and is not so.

    Args:
        rows: the filings of those who have the right, newest first.
        collateral: the kind of collateral.
        open_until: the last day on which the debt falls due; None: nothing is owed any more.
        others: filings of other registrants under the number of the newest filing.
    """
    if rules is None or rules.filing is None:
        return []
    source = localized(rules.filing.source.strip())
    last = rows[0] if rows else None
    status = None if last is None else status_of(last, today=today)
    words: dict[str, Sentence] = {}
    if open_until is None:
        if status == "standing" and last is not None:
            words["filing-to-discharge"] = say(
                "filing {number} still stands, and nothing is owed any more: discharge it",
                number=last.number,
            )
    elif collateral in rules.filing.required:
        if last is None or status == "discharged":
            words["filing-missing"] = say(
                "no filing is recorded; {register} asks it",
                register=Sentence(rules.filing.register_name),
            )
        elif status == "ended":
            words["filing-ended"] = say(
                "filing {number} ended on {end:day}", number=last.number, end=date_of(last.end_day)
            )
        elif last.end_day < open_until:
            words["filing-ends-early"] = say(
                "filing {number} ends on {end:day}, before the debt falls due on {due:day}: "
                "extend it",
                number=last.number,
                end=date_of(last.end_day),
                due=date_of(open_until),
            )
    if others and last is not None:
        named = ", ".join(str(other) for other in others)
        words["filing-number-of-another"] = say(
            "another registrant recorded number {number} too: filing {filings}",
            number=last.number,
            filings=named,
        )
    return [
        {"name": name, "words": localized(text), "ruleSet": rules.name, "source": source}
        for name, text in words.items()
    ]
