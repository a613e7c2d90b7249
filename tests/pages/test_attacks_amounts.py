"""Nobody pays more than was typed: only separators that group thousands are left out."""

from __future__ import annotations

import pytest

from app.pages.typed import amounts, plain_number
from tests.pages.test_sessions import visitor
from tests.support.visitor import Visitor

__all__ = ["visitor"]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,234,567.80", "1234567.80"),
        ("CN¥1,234.00", "1234.00"),
        ("￥1，234.00", "1234.00"),
        ("CNY 1 234.00", "1234.00"),
        ("1'234", "1234"),
        ("1,50", "1,50"),
        ("1,5", "1,5"),
        ("12,50,000", "12,50,000"),
        ("1,234 567", "1,234 567"),
        ("1.234,50", "1.234,50"),
        ("1 2", "1 2"),
        ("$5", "$5"),
        ("1e3", "1e3"),
    ],
)
def test_what_does_not_group_thousands_stays_as_typed(typed: str, amount: str) -> None:
    assert amounts({"amount": typed}, currency="CNY") == {"amount": amount, "currency": "CNY"}


def test_sign_of_the_own_currency_alone_is_left_out() -> None:
    assert amounts({"amount": "$5.00"}, currency="USD")["amount"] == "5.00"
    assert amounts({"amount": "¥500"}, currency="JPY")["amount"] == "500"
    assert amounts({"amount": "€5.00"}, currency="USD")["amount"] == "€5.00"


def test_quantity_with_a_decimal_comma_stays_as_typed() -> None:
    assert plain_number("1,5") == "1,5"
    assert plain_number("1,500.25") == "1500.25"


def test_decimal_comma_pays_nothing_and_says_why(visitor: Visitor) -> None:
    world = visitor.world
    world.cash("supplier", "500.00")
    before = world.balance("supplier")
    visitor.sign_in("supplier")
    fields = {
        "_key": "decimalcomma",
        "toPartyId": world.parties["castor"],
        "amount": "1,50",
        "amount.currency": "CNY",
    }
    answer = visitor.post("/app/money/CNY/transfers", fields, token=visitor.token("/app"))
    assert answer.status_code == 422
    assert "is not an amount" in answer.text
    assert world.balance("supplier") == before
