"""The debtor and the creditors of an order, in a form that banks accept."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.texts import say
from app.errors import BadInput
from app.lending.payments import sepa
from app.lending.payments.addresses import Address, PostalAddress
from app.lending.payments.messages import Side
from app.lending.payments.schemas import NewPayOuts

NAME_LENGTH = 140


def sides_of(
    request: NewPayOuts, *, currency: str, lender: str, borrowers: Sequence[str]
) -> tuple[Side, list[Side]]:
    """The debtor, and a creditor for each pay-out.

    Args:
        lender, borrowers: registered names, for account holders that the request does not name.

    Raises:
        BadInput: a text is too long or has characters that banks refuse, or an address is missing.
    """
    by_sepa = [
        sepa.is_transfer(currency, request.account, pay_out.account) for pay_out in request.payOuts
    ]
    for index, pay_out in enumerate(request.payOuts):
        outside = by_sepa[index] and sepa.needs_address(request.account, pay_out.account)
        if outside and request.address is None:
            raise BadInput(
                say(
                    "payOuts.{index} leaves the European Economic Area without the payer's address",
                    index=index,
                ),
                field="address",
                fix="give the lender's address, with town and country",
            )
    debtor = Side(
        _name(request.name or lender, field="name", by_sepa=any(by_sepa)),
        request.account,
        request.bic,
        _address(request.address, field="address", by_sepa=any(by_sepa)),
    )
    creditors = [
        Side(
            _name(pay_out.name or name, field=f"payOuts.{index}.name", by_sepa=is_sepa),
            pay_out.account,
            pay_out.bic,
            _address(pay_out.address, field=f"payOuts.{index}.address", by_sepa=is_sepa),
        )
        for index, (pay_out, name, is_sepa) in enumerate(
            zip(request.payOuts, borrowers, by_sepa, strict=True)
        )
    ]
    return debtor, creditors


def _name(name: str, *, field: str, by_sepa: bool) -> str:
    maximum = sepa.NAME_LENGTH if by_sepa else NAME_LENGTH
    plain = sepa.latin(name, field=field) if by_sepa else name
    if not 0 < len(plain) <= maximum:
        raise BadInput(
            say(
                "{field}: {plain} has {plain_2} characters; banks take {maximum}",
                field=field,
                plain=plain,
                plain_2=len(plain),
                maximum=maximum,
            ),
            name="name-too-long",
            field=field,
            fix=say(
                "give {field} as the holder's bank knows it, in at most {maximum} characters",
                field=field,
                maximum=maximum,
            ),
        )
    return plain


def _address(address: PostalAddress | None, *, field: str, by_sepa: bool) -> Address | None:
    if address is None:
        return None
    if not by_sepa:
        return address.as_address()
    plain = {
        name: sepa.latin(text, field=f"{field}.{name}")
        for name, text in address.model_dump(by_alias=True).items()
        if isinstance(text, str)
    }
    lines = [
        sepa.latin(line, field=f"{field}.lines.{index}") for index, line in enumerate(address.lines)
    ]
    return address.model_copy(update={**plain, "lines": lines}).as_address()
