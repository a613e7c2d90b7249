"""Money: exact both ways, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import DIGITS, AmountInvalid, CurrencyUnknown, decimal_text, minor_units

CURRENCIES = st.sampled_from(sorted(DIGITS))


@given(st.integers(min_value=-(10**27), max_value=10**27), CURRENCIES)
def test_amount_reads_back_from_its_decimal_text(amount: int, currency: str) -> None:
    assert minor_units(decimal_text(amount, currency=currency), currency=currency) == amount


@given(st.integers(min_value=0, max_value=10**27 - 1), CURRENCIES)
def test_one_minor_unit_more_is_never_the_same_amount(amount: int, currency: str) -> None:
    assert decimal_text(amount, currency=currency) != decimal_text(amount + 1, currency=currency)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1250.00", "EUR", 125_000),
        ("1250", "EUR", 125_000),
        ("0.1", "EUR", 10),
        ("-0.01", "EUR", -1),
        ("12800", "JPY", 12_800),
        ("1.001", "KWD", 1_001),
        ("1234567890123456789012345678.91", "EUR", 123456789012345678901234567891),
        ("9007199254740993.01", "EUR", 900719925474099301),
    ],
)
def test_decimal_text_is_read_to_the_last_minor_unit(text: str, currency: str, amount: int) -> None:
    assert minor_units(text, currency=currency) == amount


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1,00", "1e3", "NaN", "Infinity", "+1", "01", ".5", "1.", "1.001", "1.000", "１"],
)
def test_malformed_amount_in_euros_is_refused(text: str) -> None:
    with pytest.raises(AmountInvalid):
        minor_units(text, currency="EUR")


@pytest.mark.parametrize(("text", "amount"), [("60.000", 6_000), ("60.00", 6_000), ("1.0", 100)])
def test_final_zeros_are_left_out_where_a_standard_fixes_the_point(text: str, amount: int) -> None:
    assert minor_units(text, currency="CNY", final_zeros=True) == amount
    with pytest.raises(AmountInvalid):
        minor_units("60.001", currency="CNY", final_zeros=True)


@pytest.mark.parametrize("code", ["XXX", "eur", "EU", "BTC", ""])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(CurrencyUnknown):
        minor_units("1.00", currency=code)
