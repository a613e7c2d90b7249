"""What a caller may see of lending: facilities and loans."""

from __future__ import annotations

from typing import Protocol

from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.lending import repository
from app.lending.rows import FacilityRow, LoanRow


class Sides(Protocol):
    """Who may see a facility or a loan."""

    lender: str
    borrower: str
    entruster: str | None


async def facility(gateway: Gateway, caller: Caller, facility_id: int) -> FacilityRow:
    """A facility that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(
        lambda connection: repository.facility(connection, facility_id)
    )
    sides = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in sides)):
        raise NotFound(f"there is no facility {facility_id}", name="facility-unknown")
    return row


async def loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    sides = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in sides)):
        raise NotFound(f"there is no loan {loan_id}", name="loan-unknown")
    return row


def shown_account(caller: Caller) -> str | None:
    """The account whose rows a list shows: None for all, "" (no rows) without an account."""
    return None if caller.sees_all else caller.account or ""
