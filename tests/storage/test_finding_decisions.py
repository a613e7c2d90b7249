"""Decisions about findings in the store: the last one counts, and no two have one number."""

from __future__ import annotations

from functools import partial

import pytest

from app.oversight.crosschecks import decisions
from app.oversight.crosschecks.decisions import DecisionRow
from app.storage import RowConflict, Storage


def row(identifier: str, finding: str, number: int, decision: str = "dismissed") -> DecisionRow:
    return DecisionRow(identifier, finding, number, decision, "li", None, 2.0, b"x")


def stored(storage: Storage, *rows: DecisionRow) -> None:
    for each in rows:
        storage.write_now(partial(decisions.add, row=each))


def test_last_decision_of_each_finding_counts_and_all_stay(storage: Storage) -> None:
    first, second = row("d1", "f1", 1, "needs-documents"), row("d2", "f1", 2)
    stored(storage, first, second, row("d3", "f2", 1, "confirmed"))
    assert storage.read_now(decisions.last_of_each) == {"f1": "dismissed", "f2": "confirmed"}
    of_one = storage.read_now(lambda connection: decisions.of_finding(connection, "f1"))
    assert of_one == [first, second]
    many = ["f1", "f3", *(f"unknown {at}" for at in range(600))]
    of_many = storage.read_now(lambda connection: decisions.of_findings(connection, many))
    assert of_many == {"f1": [first, second]}
    assert storage.read_now(lambda connection: decisions.of_findings(connection, [])) == {}


def test_two_persons_do_not_write_one_decision(storage: Storage) -> None:
    stored(storage, row("d1", "f1", 1))
    with pytest.raises(RowConflict):
        stored(storage, row("d2", "f1", 1, "confirmed"))
