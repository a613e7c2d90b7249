"""The kinds of files that a party's figures come from, and which features each can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from app.domain.scoring import (
    feedback_table,
    registration_table,
    sales_table,
    statement_table,
    stock_table,
    tax_table,
)
from app.domain.scoring.file_figures import FileFigures

SALES = "sales"


class Reader(Protocol):
    """Reads a file; raises `EvidenceInvalid`."""

    def __call__(self, data: bytes, *, currency: str) -> FileFigures:
        """The figures that the file shows; amounts are in the currency."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file.

    Attributes:
        features: all that such a file can show.
    """

    read: Reader
    features: tuple[str, ...]


FILE_KINDS = {
    "stock": FileKind(stock_table.read_stock_table, stock_table.FEATURES),
    "feedback": FileKind(feedback_table.read_feedback_table, feedback_table.FEATURES),
    "tax": FileKind(tax_table.read_tax_table, tax_table.FEATURES),
    "registration": FileKind(
        registration_table.read_registration_table, registration_table.FEATURES
    ),
    "statements": FileKind(statement_table.read_statement_table, statement_table.FEATURES),
}


def kinds_showing(features: Iterable[str]) -> list[str]:
    """The kinds of files that can show one of the features; `sales` is the platform's table."""
    names = set(features)
    of_kind = {SALES: sales_table.FEATURES} | {
        name: kind.features for name, kind in FILE_KINDS.items()
    }
    return [name for name, shown in of_kind.items() if names.intersection(shown)]
