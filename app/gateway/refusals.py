"""Refusals of the contracts in the language of the caller: the same sentences as in English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.chain.evm.contracts import ContractError
from app.chain.evm.error_words import Words, template
from app.chain.evm.error_words.formats import ENUMERATIONS, Format
from app.chain.outbox.operation import OperationError
from app.domain.money import DIGITS, decimal_text
from app.domain.texts import say
from app.gateway.languages import ENGLISH, NAME, ct, current
from app.gateway.naming import plain
from app.gateway.said import language, localized, on_page, written_day, written_money

_BETWEEN = "、"


def _nameless(_address: str) -> str | None:
    return None


#: Names of the ledger's contracts by address, while a request is answered.
name_at: ContextVar[Callable[[str], str | None]] = ContextVar("name_at", default=_nameless)


#: Currencies of the amounts in the request that is answered.
currencies: ContextVar[frozenset[str]] = ContextVar("currencies", default=frozenset())


@dataclass(frozen=True)
class Facts:
    """What `app.gateway.refusal_facts` has read of refusals.

    Attributes:
        names: of parties, by account in lower case; with the account where two look the same.
        currencies: of the money and of the limits that a refusal is about, by its `id`.
        errors: the refusals, so that no other object gets their `id`.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[int, tuple[str | None, str | None]] = field(default_factory=dict)
    errors: tuple[object, ...] = ()


_NO_FACTS = Facts()
#: What is known of the refusals in the answer that is under way.
facts: ContextVar[Facts] = ContextVar("facts of refusals", default=_NO_FACTS)
#: Limits in a currency of their own: that of the facility's limits, or that of the party's credit.
_OF_LIMITS, _OF_PARTY = frozenset(("limit", "borrowerLimit")), frozenset(("attestedLimit",))


def begin(names: Callable[[str], str | None]) -> None:
    """Begins a request: nothing is known yet but the ledger's contracts.

    Args:
        names: of the ledger's contracts by address.
    """
    name_at.set(names)
    currencies.set(frozenset())
    facts.set(_NO_FACTS)


def refusal(error: ContractError | OperationError) -> Words:
    """What is wrong and what to do, with the error's values.

    Amounts are in the currency of what the refusal is about, or of the request's own; minor units
    if it has none, or several. A party has its name.
    """
    words = template(error.name, error.arguments)
    if words is None:
        return localized(error.message), localized(error.fix) if error.fix else ""
    kind = _EnglishFormat if language.get() == ENGLISH else LocalFormat
    write = kind(_named, term=str(error.arguments.get("term", "")), currency=_currency(error))
    try:
        message, fix = (write.vformat(localized(text), (), error.arguments) for text in words)
    except (KeyError, ValueError, TypeError, ArithmeticError):  # of this name, but not ours
        return error.message, error.fix
    return message, fix


def _named(address: str) -> str | None:
    return name_at.get()(address) or facts.get().names.get(address.lower())


def _currency(error: ContractError | OperationError) -> str | None:
    """The currency of the error's amounts; None: it is not known."""
    limit = str(error.arguments.get("limit") or error.arguments.get("term", ""))
    if limit in _OF_PARTY:
        return None
    own = tuple(currencies.get())
    of_money, of_limits = facts.get().currencies.get(id(error), (None, None))
    of_request = own[0] if len(own) == 1 else None
    known = of_limits if limit in _OF_LIMITS else of_money or of_request
    return known if known in DIGITS else None


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
        if on_page.get():
            return written_money(int(value), self._currency)
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

    def _name(self, value: Any) -> str:
        words = plain(str(value))
        spoken = current.set(language.get())
        try:
            return ct(NAME, words) if words else str(value)
        finally:
            current.reset(spoken)

    def _loans(self, value: Any) -> str:
        return localized(say("{count} loans", count=f"{int(value):,}"))

    def _lots(self, value: Any) -> str:
        return localized(say("{count} lots", count=f"{int(value):,}"))

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
