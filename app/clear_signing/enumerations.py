"""Choices and sets that the contracts write as numbers, in words."""

from __future__ import annotations

from app.chain.evm.error_words.formats import ENUMERATIONS
from app.domain.catalogue import CYCLES, FUNDING
from app.domain.party_roles import BITS

CHOICES: dict[str, tuple[str, ...]] = {
    **{
        name: ENUMERATIONS[name]
        for name in (
            *("item", "category", "condition", "style", "after prepayment", "basis"),
            *("filing subject", "document", "trade basis"),
        )
    },
    "tier kind": ("reward", "share"),
    "cycle": tuple(CYCLES),
    "funding": tuple(FUNDING),
}
# Names of the bits, from the lowest one.
SETS: dict[str, tuple[str, ...]] = {
    "roles": tuple(BITS),
    "styles": ENUMERATIONS["style"],
    "end events": (
        "a loan of the borrower is overdue",
        "a loan of the borrower is in default",
        "the borrower's credit tier is worse or stale",
    ),
    "buy back": ("the seller may buy it back", "the seller must buy it back on request"),
}
# The lists of numbers of ERC-7730 name each combination; more than this many are shown as a number.
_MAX_COMBINATIONS = 8


def choice(name: str, number: int) -> str | None:
    """The name of a choice; None: the enumeration has no such member."""
    names = CHOICES[name]
    return names[number] if 0 <= number < len(names) else None


def members(name: str, bits: int) -> list[str] | None:
    """The names in a set; None: it has a bit without a name."""
    names = SETS[name]
    if bits >> len(names):
        return None
    return [text for place, text in enumerate(names) if bits >> place & 1]


def numbered(name: str) -> dict[str, str] | None:
    """Texts by number, for descriptors; None: a set with too many combinations."""
    if name in CHOICES:
        return {str(number): text for number, text in enumerate(CHOICES[name])}
    combinations = 1 << len(SETS[name])
    if combinations > _MAX_COMBINATIONS:
        return None
    return {
        str(bits): "; ".join(members(name, bits) or ()) or "none" for bits in range(combinations)
    }


def texts() -> list[str]:
    """All names, for translation."""
    return [text for names in (*CHOICES.values(), *SETS.values()) for text in names]
