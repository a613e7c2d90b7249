"""How the parts of a payment look in JSON."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.domain.loan import Parts
from app.gateway.money import MoneyView, money_view


class PartsView(TypedDict):
    """The parts of a payment, and their sum."""

    costs: MoneyView
    penalty: MoneyView
    interest: MoneyView
    principal: MoneyView
    fee: MoneyView
    total: MoneyView


def parts_view(parts: Parts, *, currency: str) -> PartsView:
    """The parts of a payment in one currency."""

    def money(amount: int) -> MoneyView:
        return money_view(amount, currency=currency)

    return {
        "costs": money(parts.costs),
        "penalty": money(parts.penalty),
        "interest": money(parts.interest),
        "principal": money(parts.principal),
        "fee": money(parts.fee),
        "total": money(parts.total),
    }
