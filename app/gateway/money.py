"""Money in JSON: a decimal string with its currency."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from app.domain.money import AmountInvalid, CurrencyUnknown, decimal_text, minor_units
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.refusals import currencies

MAX = 9 * 10**18


class Money(BaseModel):
    """An amount of money in one currency."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"amount": "1250.00", "currency": "CNY"}}
    )
    amount: str = Field(max_length=40, description="Decimal text, never a float.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.")

    def model_post_init(self, _: Any) -> None:
        """Notes the currency, for amounts in a refusal of the request."""
        currencies.set(currencies.get() | {self.currency})


class MoneyView(TypedDict):
    """An amount of money as the gateway answers it: decimal text, and an ISO 4217 code."""

    amount: str
    currency: str


def with_token(gateway: Gateway, currency: str, *, field: str) -> str:
    """A currency that a request names, if the ledger has a settlement token for it.

    Raises:
        BadInput.
    """
    if currency not in gateway.currencies():
        raise BadInput(
            say("there is no settlement token for {currency}", currency=currency),
            name="currency-unknown",
            field=field,
            fix=say("use one of {currencies}", currencies=", ".join(gateway.currencies())),
        )
    return currency


def minor(money: Money, *, field: str, currency: str | None = None, minimum: int = 1) -> int:
    """Minor units of an amount in a request.

    Args:
        field: the amount's field, for the error.
        currency: the currency that the amount must have.

    Raises:
        BadInput.
    """
    if currency is not None and money.currency != currency:
        raise BadInput(
            say(
                "{field} is in {currency}; it must be in {currency_2}",
                field=field,
                currency=money.currency,
                currency_2=currency,
            ),
            name="currency-mismatch",
            field=f"{field}.currency",
            fix=say("give the amount in {currency}", currency=currency),
        )
    try:
        amount = minor_units(money.amount, currency=money.currency)
    except CurrencyUnknown as error:
        raise BadInput(
            text_of(error), name="currency-unknown", field=f"{field}.currency"
        ) from error
    except AmountInvalid as error:
        raise BadInput(text_of(error), name="amount-invalid", field=f"{field}.amount") from error
    if not minimum <= amount <= MAX:
        raise BadInput(
            say(
                "{field} is {amount}; it must be from {minimum} to {max}",
                field=field,
                amount=money.amount,
                minimum=decimal_text(minimum, currency=money.currency),
                max=decimal_text(MAX, currency=money.currency),
            ),
            name="amount-out-of-range",
            field=f"{field}.amount",
            fix="give an amount in that range",
        )
    return amount


def money_view(amount: int, *, currency: str) -> MoneyView:
    """Minor units as callers see them; whole units where the gateway does not know the token.

    The ledger accepts orders and campaigns in any token, so lists may hold unknown ones.
    """
    try:
        text = decimal_text(int(amount), currency=currency)
    except CurrencyUnknown:
        text = str(int(amount))
    return {"amount": text, "currency": currency}
