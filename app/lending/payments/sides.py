"""Who pays and who is paid in an order, as the banks between them take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.errors import BadInput
from app.lending.payments import sepa
from app.lending.payments.addresses import Address, PostalAddress
from app.lending.payments.messages import Side
from app.lending.payments.schemas import NewPayOuts

NAME_LENGTH = 140


def sides_of(
    wanted: NewPayOuts, *, currency: str, lender: str, borrowers: Sequence[str]
) -> tuple[Side, list[Side]]:
    """The debtor and a creditor for each pay-out.

    Args:
        lender, borrowers: registered names, for accounts whose holder the request does not name.

    Raises:
        BadInput: a text that is too long or that banks do not take, an address that is missing.
    """
    by_sepa = [sepa.is_transfer(currency, wanted.account, one.account) for one in wanted.payOuts]
    for place, one in enumerate(wanted.payOuts):
        outside = by_sepa[place] and sepa.needs_address(wanted.account, one.account)
        if outside and wanted.address is None:
            raise BadInput(
                f"payOuts.{place} leaves the European Economic Area without the payer's address",
                field="address",
                fix="give the lender's address: town and country at least",
            )
    debtor = Side(
        _name(wanted.name or lender, field="name", by_sepa=any(by_sepa)),
        wanted.account,
        wanted.bic,
        _address(wanted.address, field="address", by_sepa=any(by_sepa)),
    )
    creditors = [
        Side(
            _name(one.name or name, field=f"payOuts.{place}.name", by_sepa=euro),
            one.account,
            one.bic,
            _address(one.address, field=f"payOuts.{place}.address", by_sepa=euro),
        )
        for place, (one, name, euro) in enumerate(
            zip(wanted.payOuts, borrowers, by_sepa, strict=True)
        )
    ]
    return debtor, creditors


def _name(name: str, *, field: str, by_sepa: bool) -> str:
    most = sepa.NAME_LENGTH if by_sepa else NAME_LENGTH
    plain = sepa.latin(name, field=field) if by_sepa else name
    if not 0 < len(plain) <= most:
        raise BadInput(
            f"{field}: {plain} has {len(plain)} characters, banks take {most}",
            name="name-too-long",
            field=field,
            fix=f"give {field} as the holder's bank knows it, in at most {most} characters",
        )
    return plain


def _address(given: PostalAddress | None, *, field: str, by_sepa: bool) -> Address | None:
    if given is None:
        return None
    if not by_sepa:
        return given.as_address()
    plain: dict[str, Any] = {
        name: sepa.latin(text, field=f"{field}.{name}")
        for name, text in given.model_dump().items()
        if isinstance(text, str)
    }
    lines = [
        sepa.latin(line, field=f"{field}.lines.{place}") for place, line in enumerate(given.lines)
    ]
    return PostalAddress.model_construct(**plain, lines=lines).as_address()
