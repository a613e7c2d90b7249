"""Refusals of the contracts in the language of the caller: the same sentences as in English."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from app.chain.evm.contracts import ContractError
from app.chain.evm.error_words import Words, template
from app.chain.evm.error_words.formats import ENUMERATIONS, Format
from app.chain.outbox.operation import OperationError
from app.domain.texts import say
from app.gateway.languages import ENGLISH
from app.gateway.said import language, localized, written_day

_BETWEEN = "、"


def _nameless(_address: str) -> str | None:
    return None


#: Names of the ledger's contracts by address, while a request is answered.
name_at: ContextVar[Callable[[str], str | None]] = ContextVar("name_at", default=_nameless)


def refusal(error: ContractError | OperationError) -> Words:
    """What is wrong and what to do, with the error's values."""
    words = template(error.name, error.arguments)
    if language.get() == ENGLISH or words is None:
        return localized(error.message), localized(error.fix) if error.fix else ""
    write = LocalFormat(name_at.get(), term=str(error.arguments.get("term", "")))
    try:
        message, fix = (write.vformat(localized(text), (), error.arguments) for text in words)
    except (KeyError, ValueError, TypeError):  # of this name, but not of our contracts
        return error.message, error.fix
    return message, fix


class LocalFormat(Format):
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
        return localized(say("{amount} minor units", amount=f"{int(value):,}"))

    def _roles(self, value: Any) -> str:
        return _BETWEEN.join(localized(name) for name in super()._roles(value).split(" and "))

    def _documents(self, value: Any) -> str:
        return _BETWEEN.join(localized(name) for name in super()._documents(value).split(" or "))
