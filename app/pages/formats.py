"""Amounts, numbers, dates and times in the current language; see `app.gateway.formats`."""

from __future__ import annotations

from app.domain.calendar import date_of
from app.gateway.formats import (
    basis_points,
    day,
    instant,
    locale,
    money,
    number,
    percent,
    quantity,
    rate,
    short_hash,
    short_money,
    zone_name,
)
from app.pages.languages import t

__all__ = [
    "basis_points",
    "day",
    "instant",
    "locale",
    "money",
    "number",
    "numbered_day",
    "percent",
    "quantity",
    "rate",
    "short_hash",
    "short_money",
    "yes_or_no",
    "zone_name",
]

_DASH = "–"


def numbered_day(value: int) -> str:
    """The day of a number of the ledger, which counts days since 1970."""
    return day(date_of(value))


def yes_or_no(value: bool | None) -> str:
    """A truth value in words."""
    if value is None:
        return _DASH
    return t("yes") if value else t("no")
