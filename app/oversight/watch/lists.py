"""Long lists of values in queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

_AT_ONCE = 500  # values in one list of a query


def parts(values: Collection[Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The values in lists that one query takes, each with its placeholders."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        some = tuple(ordered[start : start + _AT_ONCE])
        yield ", ".join("?" * len(some)), some
