"""Warning levels as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.gateway.file_texts import mark, t
from app.gateway.sheets import Cell, Sheet
from app.oversight.watch.schemas import Assessment

_LEVELS = (
    mark("name"),
    mark("level"),
    mark("loans"),
    mark("currency"),
    mark("principal"),
    mark("raised"),
    mark("nextStep"),
    mark("signals"),
)
_SIGNALS = (
    mark("name"),
    mark("signal"),
    mark("kind"),
    mark("level"),
    mark("reason"),
    mark("evidence"),
)

_WORDS = (mark("clear"), mark("watch"), mark("warning"), mark("alarm"))


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
            start: list[Cell] = [_name(item), t(item["level"]), item["loanCount"]]
            levels.append([*start, currency, principal, *end])
        signals += [
            [
                *(_name(item), signal["id"], signal["kind"], t(signal["level"]), signal["reason"]),
                ", ".join(signal["evidence"]),
            ]
            for signal in item["signals"]
        ]
    return [
        Sheet(t("levels"), [t(name) for name in _LEVELS], levels),
        Sheet(t("signals"), [t(name) for name in _SIGNALS], signals),
    ]


def _name(item: Assessment) -> str:
    party = item["party"]
    if party is not None:
        return party["name"] or party["account"]
    number = item["productId"]
    return t("portfolio") if number is None else t("product {number}", number=number)
