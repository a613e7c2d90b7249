"""Which resets of floating rates a round sends."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from app.lending.rates import repository, resetting

LOANS = 5
DAY = 20_000


@dataclass
class Row:
    """What a round reads of a loan."""

    loan_id: int
    lender: str
    next_reset_day: int = DAY
    changed_block: int = 7

    def reset_due(self, today: int) -> bool:
        return self.next_reset_day <= today

    def floating(self) -> SimpleNamespace:
        return SimpleNamespace(reference="LPR")


class Round:
    """Rounds over five loans, of which each takes one; the first loan's key is not held."""

    def __init__(self) -> None:
        self.today = DAY
        keystore = SimpleNamespace(held_in=lambda _, address: address != "lender-0")
        self.gateway: Any = SimpleNamespace(keystore=keystore)
        self.begun: set[Any] = set()

    def send(self) -> list[int]:
        """The loans of one round; all of them are refused by the ledger, so they stay due."""
        connection: Any = None
        due = resetting._due(self.gateway, connection, passed_over=frozenset(self.begun))
        self.begun |= {reset.origin for reset in due}
        return [reset.loan.loan_id for reset in due]


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Round:
    running = Round()
    ids = [(place, f"p-{place}") for place in range(LOANS)]
    monkeypatch.setattr(resetting, "AT_ONCE", 1)
    monkeypatch.setattr(resetting, "moment", lambda _: (0, 0))
    monkeypatch.setattr(resetting, "business_day", lambda *_: running.today)
    monkeypatch.setattr(resetting, "loan", lambda _, place: Row(place, f"lender-{place}"))
    monkeypatch.setattr(repository, "due_loans", lambda _, today: ids)
    monkeypatch.setattr(repository, "rate_on", lambda *_, day: 30_000)
    return running


def test_refused_and_foreign_resets_take_no_place_of_another(rounds: Round) -> None:
    assert [rounds.send() for _ in range(LOANS)] == [[1], [2], [3], [4], []]


def test_refused_reset_is_sent_once_more_each_day(rounds: Round) -> None:
    assert (rounds.send(), rounds.send()) == ([1], [2])
    rounds.today += 1
    assert (rounds.send(), rounds.send()) == ([1], [2])
