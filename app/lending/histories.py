"""What was posted on a loan, as the contracts take it along with a correction."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from app.domain.loan import Loan
from app.gateway.naming import camel
from app.lending.rows import History

NOT_STATE = frozenset(("terms", "payments", "past_fees", "grace_fees", "running_fees"))
CONTINUED = 2**24 - 1  # `fromDay` of a history that goes on where the caller's runHistory stopped
_IN_GRACE, _RUNNING, _PERIODIC = 64, 128, 192  # places in ServiceFeesWord, in bits


class HistoryArgument(TypedDict):
    """The struct History of Facilities."""

    fromDay: int
    start: Mapping[str, int]
    postings: Sequence[int]


def argument(history: History) -> HistoryArgument:
    """The history as an argument of a call."""
    names = [part.name for part in dataclasses.fields(Loan) if part.name not in NOT_STATE]
    start = history.start
    return {
        "fromDay": history.from_day,
        "start": {camel(name): 0 if start is None else getattr(start, name) for name in names}
        | {"fees": 0 if start is None else fees_word(start)},
        "postings": [posting.word for posting in history.postings],
    }


def fees_word(loan: Loan) -> int:
    """What the loan owes of service fees, and its periodic fee: a ServiceFeesWord."""
    return (
        loan.past_fees
        | loan.grace_fees << _IN_GRACE
        | loan.running_fees << _RUNNING
        | loan.terms.periodic_fee << _PERIODIC
    )


NOTHING = argument(History())
