"""What a borrower signs for a correction."""

from __future__ import annotations

from typing_extensions import TypedDict


class Correction(TypedDict):
    """What the borrower signs for a correction: the struct of Facilities."""

    loanId: int
    posting: int
    toLoanId: int
    valueDay: int
    reasonHash: str
    deadline: int
    nonce: int
