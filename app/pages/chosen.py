"""Debts that a person has chosen to pay, over several pages of a list, and their sums.

A form carries each as a text of its number and its unpaid amount, as the person saw it: so what is
paid is what was chosen, whatever has changed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from app.domain.money import DIGITS, AmountInvalid, decimal_text, minor_units
from app.pages.api import Json

_SHAPE = re.compile(r"([0-9]{1,19}) ([0-9]{1,19}(?:\.[0-9]{1,3})?) ([A-Z]{3})")


class Debt(msgspec.Struct, frozen=True):
    """A chosen debt; `unpaid` is money as the API writes it."""

    id: int
    unpaid: Json

    @property
    def value(self) -> str:
        """The text that stands for it in a form."""
        return value_of(self.id, self.unpaid)


def value_of(number: int, unpaid: Json) -> str:
    """The text that stands for a debt in a form."""
    return f"{number} {unpaid['amount']} {unpaid['currency']}"


def chosen(texts: Iterable[str]) -> list[Debt]:
    """The debts of these texts in their order, each once; what is no such text does not count."""
    debts: dict[int, Debt] = {}
    for text in texts:
        match = _SHAPE.fullmatch(text)
        if match is None or not _is_amount(match[2], currency=match[3]):
            continue
        debts.setdefault(int(match[1]), Debt(int(match[1]), _money(match[2], match[3])))
    return list(debts.values())


def sums(debts: Sequence[Debt]) -> list[Json]:
    """What the debts come to in each currency."""
    totals: dict[str, int] = {}
    for debt in debts:
        amount, currency = debt.unpaid["amount"], debt.unpaid["currency"]
        totals[currency] = totals.get(currency, 0) + minor_units(amount, currency=currency)
    return [
        _money(decimal_text(total, currency=currency), currency)
        for currency, total in sorted(totals.items())
    ]


def _is_amount(text: str, *, currency: str) -> bool:
    try:
        return currency in DIGITS and minor_units(text, currency=currency) > 0
    except AmountInvalid:
        return False


def _money(amount: str, currency: str) -> Json:
    return {"amount": amount, "currency": currency}
