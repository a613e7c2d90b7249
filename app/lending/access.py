"""What a caller may see of lending: facilities, loans, and lenders' loans together."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.lending import repository
from app.lending.rows import FacilityRow, LoanRow
from app.parties.registry.service import party_in
from app.storage import run


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
        raise NotFound(
            say("there is no facility {facility_id}", facility_id=facility_id),
            name="facility-unknown",
        )
    return row


async def loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    sides = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in sides)):
        raise NotFound(say("there is no loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    return row


async def readable_loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan that the caller may read: as its party, as a participant, or as one who sees all.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> LoanRow | None:
        row = repository.loan(connection, loan_id)
        return row if row is not None and may_read(connection, caller, row) else None

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(say("there is no loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    return row


def may_read(connection: Connection, caller: Caller, row: LoanRow) -> bool:
    """Whether a caller reads a loan: as its party, as a participant, or as one who sees all."""
    if caller.sees_all:
        return True
    if not caller.account:
        return False
    sides = (row.lender, row.borrower, row.entruster)
    return caller.account in sides or has_share(connection, row.loan_id, caller.account)


def has_share(connection: Connection, loan_id: int, account: str) -> bool:
    """Whether an account bought a share of what the lender of a loan gets."""
    query = "SELECT 1 FROM loan_participations WHERE loan_id = ? AND participant = ? LIMIT 1"
    return run(connection, query, (loan_id, account)).first() is not None


def shown_account(caller: Caller) -> str | None:
    """The account whose rows a list shows: None for all, "" (no rows) without an account."""
    return None if caller.sees_all else caller.account or ""


async def lender_of(gateway: Gateway, caller: Caller, party_id: str | None) -> str | None:
    """The account of the lender whose loans together a caller asks for; None: of all lenders.

    Args:
        party_id: id of the lender; None: the caller itself, or all for those who see all.

    Raises:
        Forbidden: the caller sees only its own loans.
        BadInput: there is no such party.
    """
    if party_id is None:
        return None if caller.sees_all else caller.acting()
    if not caller.sees_all and caller.party_id != party_id:
        raise Forbidden(
            "lenderPartyId is another party; a lender sees only its own loans",
            name="not-lender",
            field="lenderPartyId",
            fix="leave lenderPartyId out",
        )
    return (await party_in(gateway, party_id, field="lenderPartyId")).account
