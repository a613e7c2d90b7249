"""Where sources of a case state different amounts for the same thing, for a person to judge.

Two items about one feature are refused; these are amounts behind different features.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.scoring.file_figures import REVENUE, Fact
from app.gateway.money import money_view
from app.lending.evaluations.bad_evidence import FROM_LEDGER
from app.lending.evaluations.files import ReadFile
from app.lending.evaluations.ledger import Subject, invoiced_in

# Invoices on the ledger include taxes, and revenue does not: a quarter more is no disagreement.
_TAXES = (5, 4)


def between_files(files: list[ReadFile], *, currency: str) -> list[dict[str, Any]]:
    """Facts of two files about the same thing and the same days, with other amounts."""
    stated = [(read.field, fact) for read in files for fact in read.figures.facts]
    return [
        _view(fact, {field: fact.amount, other_field: other.amount}, currency=currency)
        for (field, fact), (other_field, other) in combinations(stated, 2)
        if _about(fact) == _about(other) and fact.amount != other.amount
    ]


def with_ledger(
    connection: Connection, subject: Subject, files: list[ReadFile], *, currency: str
) -> list[dict[str, Any]]:
    """Revenue of a file below what the party invoiced on the ledger in the same period."""
    disagreements = []
    for read in files:
        for fact in read.figures.facts:
            if fact.name != REVENUE:
                continue
            invoiced = invoiced_in(connection, subject, fact.begins, fact.ends)
            if invoiced * _TAXES[1] > fact.amount * _TAXES[0]:
                amounts = {read.field: fact.amount, FROM_LEDGER: invoiced}
                disagreements.append(_view(fact, amounts, currency=currency))
    return disagreements


def _about(fact: Fact) -> tuple[str, int, int]:
    return fact.name, fact.begins, fact.ends


def _view(fact: Fact, amounts: dict[str, int], *, currency: str) -> dict[str, Any]:
    """What is stated, for which days, and by which field of the request."""
    return {
        "about": fact.name,
        "from": date_of(fact.begins).isoformat(),
        "to": date_of(fact.ends).isoformat(),
        "amounts": {
            field: money_view(amount, currency=currency) for field, amount in amounts.items()
        },
    }
