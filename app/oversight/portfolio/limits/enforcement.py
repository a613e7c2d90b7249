"""Where each limit of a rule set is held: by contracts, by the gateway, or by nobody."""

from __future__ import annotations

from typing import Literal

from app.domain.texts import Sentence, say

EnforcedBy = Literal["contract", "gateway", "report"]
_RATIO = say("nobody on the ledger holds it: lender and authority read this report")
HELD: dict[str, tuple[EnforcedBy, Sentence]] = {
    "annual_rate.max": (
        "contract",
        say("the catalogue refuses a product above it, and Facilities a rate above the product's"),
    ),
    "total_cost.max": (
        "contract",
        say(
            "the catalogue refuses a product above it, and Loans a draw whose interest and fees "
            "cost more (TotalCostAboveCap)"
        ),
    ),
    "penalty": (
        "contract",
        say("the catalogue refuses a product outside it, and each loan has its product's penalty"),
    ),
    "tenor_days.max": (
        "contract",
        say(
            "the catalogue refuses a product above it, Facilities a draw above the product's days, "
            "and the gateway a claim that is due later (tenor-too-long)"
        ),
    ),
    "months.max": (
        "contract",
        say("the catalogue refuses a product above it, and Facilities a draw of other months"),
    ),
    "tenor_days.warn": (
        "gateway",
        say("products, proposals, loans and verification warn (tenor-long)"),
    ),
    "months.warn": (
        "gateway",
        say("products, proposals, loans and verification warn (tenor-long)"),
    ),
    "day_count": (
        "contract",
        say("the catalogue refuses another one, and each loan has its product's"),
    ),
    "hedge_share.max": (
        "contract",
        say("the catalogue refuses a product above it, and margin calls count the product's share"),
    ),
    "borrower_limit": (
        "contract",
        say(
            "a draw is refused that would let the borrower owe more, over all lenders "
            "(LimitExceeded)"
        ),
    ),
    "group_limit": (
        "contract",
        say(
            "a draw is refused that would let the group owe more, over all lenders (LimitExceeded)"
        ),
    ),
    "own-money": ("report", _RATIO),
    "single-name": ("report", _RATIO),
    "group": ("report", _RATIO),
    "single-debtor": ("report", _RATIO),
    "reserve": ("report", _RATIO),
}
