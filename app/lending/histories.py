"""What was posted on a loan, as the contracts take it along with a correction."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from app.domain.loan import Loan
from app.gateway.naming import camel
from app.lending.rows import History

_NOT_STATE = frozenset(("terms", "payments"))


class HistoryArgument(TypedDict):
    """The struct History of Facilities."""

    fromDay: int
    start: Mapping[str, int]
    postings: Sequence[int]


def argument(history: History) -> HistoryArgument:
    """The history as an argument of a call."""
    names = [part.name for part in dataclasses.fields(Loan) if part.name not in _NOT_STATE]
    start = history.start
    return {
        "fromDay": history.from_day,
        "start": {camel(name): 0 if start is None else getattr(start, name) for name in names},
        "postings": [posting.word for posting in history.postings],
    }


NOTHING = argument(History())
