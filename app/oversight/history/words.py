"""Events in words: party names for accounts, decimals with their currency, dates, shares.

The words are in the language of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from app.chain.evm.error_words.formats import ENUMERATIONS, Format
from app.chain.evm.hashing import ZERO_ADDRESS, checksum_address
from app.domain.catalogue import CYCLES, FUNDING
from app.domain.money import DIGITS
from app.gateway.file_texts import amount as amount_text
from app.gateway.file_texts import nt, t
from app.gateway.gateway import CASH_PREFIX
from app.gateway.languages import ENGLISH, NAME, ct, current
from app.gateway.naming import plain
from app.gateway.refusals import LocalFormat
from app.gateway.said import localized
from app.gateway.sheets import Money
from app.lending.rows import LEDGER_PARTS
from app.oversight.history.kinds import BYTES, MONEY, NUMBER, PERCENT, QUANTITY, TEXT, kind_of
from app.oversight.history.repository import EventRow

_NO_LIMIT = 2**255
_WAREHOUSE_RECEIPT = ENUMERATIONS["item"].index("warehouse receipt")
_CURRENCY_LENGTH = len("0x434e59")  # a currency's code is three bytes
_ENUMERATIONS: dict[str, tuple[str, ...]] = {
    **{
        name: ENUMERATIONS[name]
        for name in (
            *("item", "category", "condition", "style", "loan", "after prepayment"),
            *("basis", "notice", "filing subject", "document", "trade basis"),
        )
    },
    "tier kind": ("reward", "share"),
    "cycle": tuple(CYCLES),
    "funding": tuple(FUNDING),
}
# Events whose amount is a sum of several arguments; other events have the first one as amount.
_SUMS = {
    "PaymentReceived": ("principal", "lateCharge"),
    "Collected": ("principal", "lateCharge"),
    "LoanRepaid": tuple(f"parts.{name}" for name in LEDGER_PARTS),
}
_LIMITS = frozenset(("limit", "borrowerLimit", "programmeLimit"))


class Known(msgspec.Struct, frozen=True):
    """What the store knows of the things that the events name.

    Attributes:
        accounts: names of parties by account, lower case; `parties`: by number on the ledger.
        currencies: by position of the event: the currency of its money, and of its limits.
        name_at: names of the ledger's contracts by address.
    """

    accounts: Mapping[str, str]
    parties: Mapping[int, str]
    currencies: Mapping[int, tuple[str | None, str | None]]
    name_at: Callable[[str], str | None]


class Description(msgspec.Struct, frozen=True):
    """An event in words."""

    what: str
    parties: str
    amount: Money | None
    details: str


def words_of(name: str) -> str:
    """`LateChargeRemainderPaid` as "late charge remainder paid", `receivableId` as "receivable"."""
    bare = name.removeprefix("_")
    if current.get() != ENGLISH:
        return ct(NAME, plain(bare))
    return plain(bare.removesuffix("Id") or bare)


def describe(row: EventRow, known: Known) -> Description:
    """Describes an event in words."""
    write = _Writer(row, known)
    details = "; ".join(write.lines())
    parties = dict.fromkeys(
        write.line(path, value)
        for path, value in _leaves(row.arguments)
        if write.is_party(path, value)
    )
    return Description(words_of(row.name), "; ".join(parties), write.amount(), details)


def _leaves(arguments: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Arguments by path, with structs taken apart and lists as they are."""
    for name, value in arguments.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


class _Writer:
    def __init__(self, row: EventRow, known: Known) -> None:
        self._row, self._known = row, known
        self._currency, self._limits = known.currencies.get(row.position, (None, None))
        write = Format if current.get() == ENGLISH else LocalFormat
        self._format = write(known.name_at)

    def lines(self) -> Iterator[str]:
        for path, value in _leaves(self._row.arguments):
            yield self.line(path, value)

    def line(self, path: str, value: Any) -> str:
        """An argument's name and its value."""
        return t(
            "{name}: {value}", name=words_of(path.rpartition(".")[2]), value=self.value(path, value)
        )

    def is_party(self, path: str, value: Any) -> bool:
        if kind_of(self._row.contract, self._row.name, path) == "party":
            return True
        account = (
            isinstance(value, str) and len(value) == len(ZERO_ADDRESS) and value.startswith("0x")
        )
        return account and value != ZERO_ADDRESS and self._known.name_at(value) is None

    def amount(self) -> Money | None:
        """The event's amount; None where its currency is not known."""
        amounts = {
            path: int(value)
            for path, value in _leaves(self._row.arguments)
            if self._is_money(path) and isinstance(value, int)
        }
        sums = [amounts[path] for path in _SUMS.get(self._row.name, ()) if path in amounts]
        first = next(iter(amounts), None)
        if first is None or amounts[first] >= _NO_LIMIT:
            return None
        currency = self._currency_of(first)
        if currency is None or currency not in DIGITS:
            return None
        return Money(sum(sums) if sums else amounts[first], currency)

    def _is_money(self, path: str) -> bool:
        return self._kind(path) == MONEY

    def _kind(self, path: str) -> str | None:
        kind = kind_of(self._row.contract, self._row.name, path)
        if path == "value" and self._row.arguments.get("kind") == _WAREHOUSE_RECEIPT:
            return QUANTITY  # in the collateral of a loan
        return kind

    def _currency_of(self, path: str) -> str | None:
        return self._limits if path.rpartition(".")[2] in _LIMITS else self._currency

    def value(self, path: str, value: Any) -> str:
        """One argument's value in words."""
        if isinstance(value, list):
            return f"({', '.join(self._item(path, item) for item in value)})"
        if isinstance(value, bool):
            return t("yes") if value else t("no")
        if isinstance(value, int):
            return self._number(path, value)
        kind = self._kind(path)
        if isinstance(value, str) and kind in (TEXT, BYTES):
            return (
                self._text(value)
                if kind == TEXT
                else nt("{count} byte", "{count} bytes", (len(value) - 2) // 2)
            )
        return self._word(str(value))

    def _number(self, path: str, value: int) -> str:
        kind = self._kind(path)
        if kind == MONEY:
            return self._money(path, value)
        if kind == "party":
            return self._known.parties.get(value, str(value))
        if kind in _ENUMERATIONS:
            names = _ENUMERATIONS[kind]
            return localized(names[value]) if value < len(names) else str(value)
        if kind is None or kind == NUMBER:
            return str(value)
        return self._format.format_field(value, "percent" if kind == PERCENT else kind)

    def _item(self, path: str, item: Any) -> str:
        if not isinstance(item, dict):
            return self.value(path, item)
        inner = ((name, self.value(f"{path}.{name}", value)) for name, value in item.items())
        return " ".join(f"{words_of(name)} {value}" for name, value in inner)

    def _money(self, path: str, amount: int) -> str:
        if amount >= _NO_LIMIT:
            return t("without limit")
        currency = self._currency_of(path)
        if currency is None or currency not in DIGITS:
            if currency is None:
                return t("{amount} minor units", amount=amount)
            return t("{amount} minor units of {currency}", amount=amount, currency=currency)
        money = Money(amount, currency)
        return f"{money} {currency}" if current.get() == ENGLISH else amount_text(money)

    def _text(self, value: str) -> str:
        """A text that the ledger stores as bytes; 0x and digits if it is not a text."""
        if not value.startswith("0x"):
            return value
        text = bytes.fromhex(value[2:]).rstrip(b"\0").decode("utf-8", "replace")
        return text if text.isprintable() and "\ufffd" not in text else value

    def _word(self, value: str) -> str:
        if not value.startswith("0x"):
            return value
        if len(value) == len(ZERO_ADDRESS):
            if value == ZERO_ADDRESS:
                return localized("nobody")
            name = self._known.accounts.get(value) or self._known.name_at(value)
            if name is None:
                return checksum_address(value)
            return name.removeprefix(CASH_PREFIX)
        if len(value) == _CURRENCY_LENGTH:
            return self._format.format_field(value, "iso")
        return value if value.strip("0x") else localized("none")
