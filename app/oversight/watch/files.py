"""Warning levels as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.gateway.sheets import Cell, Sheet
from app.oversight.watch.schemas import Assessment

_LEVELS = ("name", "level", "loans", "currency", "principal", "raised", "nextStep", "signals")
_SIGNALS = ("name", "signal", "kind", "level", "reason", "evidence")


def sheets(items: Sequence[Assessment]) -> list[Sheet]:
    """A row for each subject and currency; the second table has a row for each signal."""
    levels: list[list[Cell]] = []
    signals: list[list[Cell]] = []
    for item in items:
        reasons = "; ".join(signal["reason"] for signal in item["signals"])
        end: list[Cell] = [item["raised"], item["nextStep"], reasons]
        amounts: list[tuple[Cell, Cell]] = [
            (money["currency"], Decimal(money["amount"])) for money in item["principal"]
        ]
        # Without principal, such as of loans that are lost, there is a row all the same.
        for currency, principal in amounts or [(None, None)]:
            start: list[Cell] = [_name(item), item["level"], item["loanCount"]]
            levels.append([*start, currency, principal, *end])
        signals += [
            [
                *(_name(item), signal["id"], signal["kind"], signal["level"], signal["reason"]),
                ", ".join(signal["evidence"]),
            ]
            for signal in item["signals"]
        ]
    return [Sheet("levels", _LEVELS, levels), Sheet("signals", _SIGNALS, signals)]


def _name(item: Assessment) -> str:
    party = item["party"]
    if party is not None:
        return party["name"] or party["account"]
    return "portfolio" if item["productId"] is None else f"product {item['productId']}"
