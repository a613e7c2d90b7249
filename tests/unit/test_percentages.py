"""A rate as a person types it, and as the API states it."""

from __future__ import annotations

import pytest

from app.pages.commands import millionths, percent_of


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("7.2", 72_000),
        ("7.2 %", 72_000),
        ("0.0001", 1),
        ("100", 1_000_000),
        ("1,000.5", 10_005_000),
        ("0", 0),
    ],
)
def test_percentage_becomes_parts_per_million(typed: str, expected: int) -> None:
    assert millionths(typed) == expected


@pytest.mark.parametrize("typed", ["", "7,2", "7.20001", "-1", "seven", "7.", "1e3"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    assert millionths(typed) is None


@pytest.mark.parametrize(
    ("stated", "expected"), [(72_000, "7.2"), (1, "0.0001"), (1_000_000, "100"), (0, "0")]
)
def test_rate_shows_as_it_is_typed(stated: int, expected: str) -> None:
    assert percent_of(stated) == expected
    assert millionths(expected) == stated
