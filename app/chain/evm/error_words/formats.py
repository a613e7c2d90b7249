"""How values of contract errors are written: a day number as a date, a status by its name.

In a sentence, `{today:day}` writes the argument `today` as a date. Without a format a value is
written unchanged.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.chain.evm.hashing import checksum_address
from app.domain.calendar import date_of
from app.domain.party_roles import role_names
from app.domain.quantity import quantity_text

# The members of the contracts' enumerations, in order; a test compares them with the sources.
ENUMERATIONS = {
    "receivable": (
        *("none", "requested", "confirmed", "disputed", "defaulted"),
        *("settled", "written off", "rejected", "withdrawn"),
    ),
    "order": (
        *("none", "requested", "confirmed", "rejected", "withdrawn", "cancelled", "invoiced"),
    ),
    "loan": ("none", "running", "defaulted", "written off", "repaid"),
    "campaign": ("none", "funding", "met", "missed", "failed", "completed"),
    "category": ("technology", "design", "household", "food", "culture", "charity", "other"),
    "condition": ("sound", "reduced", "unfit"),
    "item": ("nothing", "claim", "order", "warehouse receipt"),
    "style": ("bullet", "equal principal", "equal instalment", "billing cycle", "interest only"),
    "filing subject": ("none", "loan", "claim"),
    "basis": ("none", "assignment", "lien"),
    "notice": ("none", "notified", "acknowledged"),
    "document": (
        *("tax certificate", "customs declaration", "bill of lading", "order", "delivery"),
    ),
    "trade basis": ("none", "declarations", "reports"),
    "after prepayment": ("pay ahead", "shorten term", "lower instalment"),
}
_LAST_SECOND = 253_402_300_799  # of the year 9999
_CASH = "SettlementToken:"
#: Terms by the kind of their value; those whose name ends with "Day" are days.
MONEY_TERMS = frozenset(
    (
        *("amount", "limit", "deposit", "coolingOffAmount", "flatFee", "maxFlatFee", "goal"),
        *("borrowerLimit", "programmeLimit", "ruleSetLimit", "groupLimit", "forgivenPrincipal"),
        *("overpaid", "buyBackPrice", "contributed"),
    )
)
RATE_TERMS = frozenset(
    (
        *("annualRate", "maxRate", "spread", "drawFee", "periodicFee"),
        *("maxDrawFee", "maxPeriodicFee"),
    )
)


class Format(string.Formatter):
    """Writes the fields of a sentence.

    Args:
        name_at: returns the name of the ledger's contract at an address, or None.
        term: the term that the error names, if any.
    """

    def __init__(self, name_at: Callable[[str], str | None], *, term: str = "") -> None:
        self._name_at = name_at
        self._term_name = term

    def format_field(self, value: Any, format_spec: str) -> str:
        """Writes a value in its format."""
        if not format_spec:
            return str(value)
        if format_spec in ENUMERATIONS:
            names, place = ENUMERATIONS[format_spec], int(value)
            return names[place] if place < len(names) else str(value)
        return str(getattr(self, f"_{format_spec}")(value))

    def _day(self, value: Any) -> str:
        return date_of(int(value)).isoformat()

    def _deadline(self, value: Any) -> str:
        """A day; the contracts write 0 where there is none."""
        return self._day(value) if int(value) else "none"

    def _time(self, value: Any) -> str:
        when = datetime.fromtimestamp(min(int(value), _LAST_SECOND), UTC)
        return when.isoformat(timespec="seconds").replace("+00:00", "Z")

    def _iso(self, value: Any) -> str:
        """A currency's code, which the ledger stores in three bytes."""
        text = bytes.fromhex(str(value).removeprefix("0x")).rstrip(b"\0")
        return text.decode("ascii", "replace") or "none"

    def _code(self, value: Any) -> str:
        """A product's code, which the ledger stores in 32 bytes."""
        return self._iso(value) if str(value).startswith("0x") else str(value)

    def _text(self, value: Any) -> str:
        """A text that the ledger stores in 32 bytes; other bytes unchanged."""
        raw = bytes.fromhex(str(value).removeprefix("0x")).rstrip(b"\0")
        text = raw.decode("ascii", "replace")
        return text if text and text.isprintable() and text.isascii() else str(value)

    def _cash(self, value: Any) -> str:
        """The currency of the settlement token at this address."""
        name = self._name_at(str(value))
        return checksum_address(str(value)) if name is None else name.removeprefix(_CASH)

    def _who(self, value: Any) -> str:
        """An account; a contract of the ledger by its name."""
        address = str(value)
        if not address.startswith("0x"):
            return address
        if int(address, 16) == 0:
            return "nobody"
        return self._name_at(address) or checksum_address(address)

    def _quantity(self, value: Any) -> str:
        return quantity_text(int(value))

    def _percent(self, value: Any) -> str:
        """Parts per million as a percentage."""
        return f"{int(value) / 10_000:g}%"

    def _minor(self, value: Any) -> str:
        """An amount whose currency the error does not give."""
        return f"{int(value):,} minor units"

    def _roles(self, value: Any) -> str:
        bits = int(value)
        return " and ".join(role_names(bits)) or ("ledger" if bits else "none")

    def _documents(self, value: Any) -> str:
        """Kinds of documents of which one is enough; the contracts write them as bits."""
        names = [name for bit, name in enumerate(ENUMERATIONS["document"]) if int(value) >> bit & 1]
        return " or ".join(names) or "none"

    def _month(self, value: Any) -> str:
        """A month, which the ledger writes as year * 12 + month - 1."""
        return f"{int(value) // 12:04d}-{int(value) % 12 + 1:02d}"

    def _loans(self, value: Any) -> str:
        return "1 loan" if int(value) == 1 else f"{int(value):,} loans"

    def _lots(self, value: Any) -> str:
        return "1 lot" if int(value) == 1 else f"{int(value):,} lots"

    def _left(self, value: Any) -> str:
        return f"{int(value):,}"

    def _term(self, value: Any) -> str:
        """The value of the term that the error names: a date, an amount, a rate or a number."""
        if self._term_name.endswith("Day"):
            return self._day(value)
        if self._term_name in MONEY_TERMS:
            return self._minor(value)
        return self._percent(value) if self._term_name in RATE_TERMS else str(value)

    def _name(self, value: Any) -> str:
        """The name of a term, a field or a limit."""
        return str(value)
