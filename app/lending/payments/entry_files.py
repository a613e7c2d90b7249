"""Bank entries as a spreadsheet."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from app.domain.money import minor_units
from app.gateway import sheets
from app.gateway.downloads import file_name
from app.gateway.file_texts import mark, t
from app.gateway.money import MoneyView
from app.gateway.sheets import Cell, Money, Sheet
from app.lending.payments.schemas import BankEntry

_COLUMNS = (
    *(
        mark("booked on"),
        mark("reference"),
        mark("loan"),
        mark("currency"),
        mark("amount"),
        mark("state"),
        mark("payer"),
        mark("payer's account"),
    ),
    *(
        mark("credited account"),
        mark("goes back"),
        mark("to account"),
        mark("to"),
        mark("recorded"),
    ),
)


def _money(view: MoneyView) -> Money:
    return Money(minor_units(view["amount"], currency=view["currency"]), view["currency"])


def _cells(entry: BankEntry) -> list[Cell]:
    overpaid = entry["overpaid"]
    goes_back: list[Cell] = [None] * 4
    if overpaid is not None:
        goes_back = [
            _money(overpaid["amount"]),
            overpaid["toAccount"] or t("not reported"),
            overpaid["toName"],
            t("yes") if overpaid["final"] else t("not yet"),
        ]
    return [
        datetime.date.fromisoformat(entry["bookedOn"]),
        entry["reference"],
        entry["loanId"],
        entry["amount"]["currency"],
        _money(entry["amount"]),
        entry["state"],
        entry.get("payerName"),
        entry.get("payerAccount"),
        entry.get("account"),
        *goes_back,
    ]


def as_xlsx(entries: Sequence[BankEntry]) -> bytes:
    """A workbook with a row for each entry, and what goes back to its payer."""
    return sheets.xlsx(
        [
            Sheet(
                t("bank entries"),
                [t(name) for name in _COLUMNS],
                [_cells(entry) for entry in entries],
            )
        ]
    )


def name_of(day: datetime.date) -> str:
    """The day is the ledger's: `bank-entries-2026-11-26.xlsx`."""
    return file_name("bank-entries", day=day, ending="xlsx")
