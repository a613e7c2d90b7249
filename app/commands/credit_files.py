"""`cession credit figures`: what a party's file shows, before anybody hands it in."""

from __future__ import annotations

from pathlib import Path

from app.commands.credit_cards import command, refusal
from app.domain.calendar import date_of
from app.domain.money import DIGITS
from app.domain.scoring.evidence_files import FILE_KINDS
from app.domain.scoring.file_figures import Shown
from app.domain.scoring.problems import EvidenceInvalid, Problem, Refused


@command
def show_figures(kind: str, file: Path, *, currency: str) -> int:
    """Prints the figures that a file shows, with their days, and those that it does not."""
    of_kind = FILE_KINDS[kind]
    try:
        if currency not in DIGITS:
            detail = f"{currency} is not a currency of ISO 4217"
            problem = Problem("currency-unknown", ("--currency",), detail, "give its code")
            raise EvidenceInvalid([problem])
        figures = of_kind.read(file.read_bytes(), currency=currency)
    except Refused as error:
        raise refusal(file, error) from error
    print(f"{kind} of {figures.company}: {figures.basis}")
    for name, figure in figures.figures.items():
        print(f"{name}: {_text(figure.value)}, as of {date_of(figure.as_of)}")
    for name in of_kind.features:
        if name not in figures.figures:
            print(f"{name}: unknown")
    return 0


def _text(value: Shown) -> str:
    return f"{value['amount']} {value['currency']}" if isinstance(value, dict) else str(value)
