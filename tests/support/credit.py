"""A small scorecard and evidence for it, to be changed by tests."""

from __future__ import annotations

import copy
from typing import Any

import yaml

PARTY = "01a20b01-b514-70dd-928c-b6cc4f15541b"


def text(words: str) -> dict[str, str]:
    """A text in both languages."""
    return {"en": words, "zh": f"{words}（中文）"}


def numbers(*edges: tuple[Any, int]) -> list[dict[str, Any]]:
    """Bins from the points below each edge; the last edge is None."""
    bins, lower = [], None
    for upper, points in edges:
        part: dict[str, Any] = {"points": points, "reason": text("It is {value}.")}
        if lower is not None:
            part["from"] = lower
        if upper is not None:
            part["below"] = upper
        bins.append(part)
        lower = upper
    return bins


def feature(name: str, kind: str, bins: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A feature of a card."""
    return {
        "name": name,
        "kind": kind,
        "title": text(name),
        "weight": 10,
        "document": "ledger",
        "changeable": True,
        "max_age_days": 90,
        "bins": bins,
        "unknown": {"points": 5, "reason": text("Nobody showed it.")},
        **more,
    }


def small_card() -> dict[str, Any]:
    """A card of six features, one of each kind, of which each has a weight of 10 but the last."""
    categories = [
        {"categories": ["A"], "points": 50, "reason": text("It is {value}.")},
        {"categories": ["B", "C"], "points": 10, "reason": text("It is {value}.")},
    ]
    return copy.deepcopy(
        {
            "name": "small",
            "version": 3,
            "title": text("Small"),
            "currency": "CNY",
            "base": 100,
            "valid_days": 90,
            "documents": {"ledger": text("the ledger"), "tax": text("the tax office")},
            "features": [
                feature("late", "days", numbers((5, 60), (30, 20), (None, 0)), trend="falling"),
                feature("months", "count", numbers((6, 0), (24, 30), (None, 60)), trend="rising"),
                feature("buyer", "share", numbers(("40%", 40), (None, 0)), trend="falling"),
                feature("growth", "change", numbers(("-10%", 0), ("50%", 40), (None, 20))),
                feature(
                    "sales",
                    "amount",
                    numbers(("1000.00", 5), ("9000.00", 40), (None, 50)),
                    trend="rising",
                ),
                feature("grade", "category", categories, document="tax", weight=50),
            ],
            "tiers": [
                {"tier": 1, "points": 350, "confidence": "90%", "limit_share": "30%"},
                {"tier": 2, "points": 300, "confidence": "60%", "limit_share": "20%"},
                {"tier": 3, "points": 250, "confidence": "50%", "limit_share": "10%"},
                {"tier": 4, "points": 200, "confidence": "40%", "limit_share": "5%"},
                {"tier": 5, "limit_share": "0%"},
            ],
            "limit": {
                "sales": "sales",
                "months": "months",
                "concentration": "buyer",
                "min_months": 6,
                "full_months": 24,
                "free_concentration": "40%",
                "unknown_concentration": "100%",
                "step": "10.00",
                "max": "2000.00",
            },
            "examples": [
                {
                    "name": "nothing is known",
                    "values": {},
                    "points": 130,
                    "confidence": "0%",
                    "tier": 5,
                    "limit": "0.00",
                }
            ],
        }
    )


def as_file(card: dict[str, Any]) -> bytes:
    """The card as a YAML file."""
    return yaml.safe_dump(card, allow_unicode=True, sort_keys=False).encode()


def item(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """An item of evidence that is in order."""
    return {
        "feature": name,
        "value": value,
        "party": PARTY,
        "source": "ledger, block 812",
        "asOf": "2026-03-30",
        "hash": "0x" + "a1" * 32,
        "consent": {"since": "2026-01-10", "until": "2026-12-31", "withdrawn": None},
        **more,
    }


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    """An amount as JSON has it."""
    return {"amount": amount, "currency": currency}


def evidence(*items: dict[str, Any]) -> dict[str, Any]:
    """Evidence as of the last day of March 2026; without items, of all features of the card."""
    every = (
        item("late", 3),
        item("months", 12),
        item("buyer", "60%"),
        item("growth", "5%"),
        item("sales", money("5000.00")),
        item("grade", "A"),
    )
    return {
        "party": PARTY,
        "ledgerPartyId": 7,
        "day": "2026-03-31",
        "items": list(items or every),
    }
