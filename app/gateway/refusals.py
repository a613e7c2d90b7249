"""Refusals of the contracts in the language of the caller: the same sentences as in English."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from app.chain.evm.contracts import ContractError
from app.chain.evm.error_words import Words, template
from app.chain.evm.error_words.formats import ENUMERATIONS, Format
from app.chain.outbox.operation import OperationError
from app.domain.money import DIGITS, decimal_text
from app.domain.texts import say
from app.gateway.languages import ENGLISH
from app.gateway.said import language, localized, written_day, written_money

_BETWEEN = "、"


def _nameless(_address: str) -> str | None:
    return None


#: Names of the ledger's contracts by address, while a request is answered.
name_at: ContextVar[Callable[[str], str | None]] = ContextVar("name_at", default=_nameless)


#: Currencies of the amounts in the request that is answered.
currencies: ContextVar[frozenset[str]] = ContextVar("currencies", default=frozenset())
#: Errors whose amounts may be in the currency of a limit, which is not that of the request.
_OF_LIMITS = frozenset(("ExposureExceeded",))


def refusal(error: ContractError | OperationError) -> Words:
    """What is wrong and what to do, with the error's values.

    Amounts are in the currency of the request's own; minor units if it has none, or several.
    """
    words = template(error.name, error.arguments)
    own = () if error.name in _OF_LIMITS else tuple(currencies.get())
    currency = own[0] if len(own) == 1 and own[0] in DIGITS else None
    is_english = language.get() == ENGLISH
    if words is None or (is_english and currency is None):
        return localized(error.message), localized(error.fix) if error.fix else ""
    kind = _EnglishFormat if is_english else LocalFormat
    write = kind(name_at.get(), term=str(error.arguments.get("term", "")), currency=currency)
    try:
        message, fix = (write.vformat(localized(text), (), error.arguments) for text in words)
    except (KeyError, ValueError, TypeError):  # of this name, but not of our contracts
        return error.message, error.fix
    return message, fix


class _EnglishFormat(Format):
    """Values of errors, with amounts in a currency.

    Args:
        currency: None: it is not known.
    """

    def __init__(
        self,
        name_at: Callable[[str], str | None],
        *,
        term: str = "",
        currency: str | None = None,
    ) -> None:
        super().__init__(name_at, term=term)
        self._currency = currency

    def _minor(self, value: Any) -> str:
        if self._currency is None:
            return super()._minor(value)
        amount = Decimal(decimal_text(int(value), currency=self._currency))
        return f"{amount:,} {self._currency}"


class LocalFormat(_EnglishFormat):
    """Values of errors and of events in the caller's language."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Writes a value in its format."""
        text = super().format_field(value, format_spec)
        return localized(text) if format_spec in ENUMERATIONS else text

    def _day(self, value: Any) -> str:
        return written_day(super()._day(value))

    def _who(self, value: Any) -> str:
        return localized(super()._who(value))

    def _minor(self, value: Any) -> str:
        if self._currency is None:
            return localized(say("{amount} minor units", amount=f"{int(value):,}"))
        return written_money(int(value), self._currency)

    def _roles(self, value: Any) -> str:
        return _BETWEEN.join(localized(name) for name in super()._roles(value).split(" and "))

    def _documents(self, value: Any) -> str:
        return _BETWEEN.join(localized(name) for name in super()._documents(value).split(" or "))
