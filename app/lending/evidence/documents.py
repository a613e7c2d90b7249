"""What the gateway checks of a document for a draw, and what identifies it."""

from __future__ import annotations

import hashlib
import hmac
import re

from app.domain.catalogue import DocumentKind
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.domain.numbering import letters_and_digits
from app.domain.texts import Text, say
from app.errors import BadInput
from app.gateway.path_types import Day
from app.lending.evidence.formats.schemas import Certificate, CustomsDeclaration, TaxCertificate

_DOMAIN = b"cession.draw-document.v1"
_DECLARATION = re.compile(r"[0-9]{18}")
OWNERS = {
    "tax-certificate": "taxpayerId",
    "customs-declaration": "exporterId",
    "bill-of-lading": "shipperId",
}


def check(document: Certificate, *, legal_id: str, scheme: str, today: Day) -> None:
    """Checks a document of the caller.

    Args:
        legal_id: the caller's; `scheme`: of which kind it is.
        today: the ledger's day.

    Raises:
        BadInput: it names the field and the fix.
    """
    field = OWNERS[document.kind]
    _require_owner(getattr(document, field), field=field, legal_id=legal_id, scheme=scheme)
    if not letters_and_digits(document.number):
        raise _wrong(
            "number",
            say("the number has neither letter nor digit"),
            say("give the number as it is printed"),
        )
    if isinstance(document, TaxCertificate):
        _check_tax(document, today)
    elif isinstance(document, CustomsDeclaration):
        if _DECLARATION.fullmatch(document.number) is None:
            raise _wrong(
                "number",
                say("{number} is not a declaration's number", number=repr(document.number)),
                say("give its 18 digits, without blanks"),
            )
        _require_past("declaredDate", document.declaredDate, today)
    else:
        _require_past("shippedDate", document.shippedDate, today)


def _check_tax(document: TaxCertificate, today: Day) -> None:
    if document.periodFrom > document.periodTo:
        raise _wrong(
            "periodFrom",
            say("the period begins on {day:day}, after its end", day=document.periodFrom),
            say("give {day:day} or an earlier day", day=document.periodTo),
        )
    if document.periodTo > document.issuedDate:
        raise _wrong(
            "periodTo",
            say(
                "the period ends on {day:day}, after the certificate was issued",
                day=document.periodTo,
            ),
            say("give {day:day} or an earlier day", day=document.issuedDate),
        )
    _require_past("issuedDate", document.issuedDate, today)
    if any(character in "123456789" for character in document.arrears.amount):
        raise _wrong(
            "arrears.amount",
            say(
                "taxes of {amount} {currency} are overdue",
                amount=document.arrears.amount,
                currency=document.arrears.currency,
            ),
            say("pay them, and upload the next certificate"),
            name="tax-overdue",
        )


def _require_owner(value: str, *, field: str, legal_id: str, scheme: str) -> None:
    try:
        named = normalised_id(value, scheme=scheme)
    except IdentifierInvalid:
        named = ""
    if named != legal_id:
        raise _wrong(
            field,
            say("the document is of {id}, not of this party", id=value),
            say("upload a document with the {scheme} of this party", scheme=scheme),
            name="owner-mismatch",
        )


def _require_past(field: str, day: Day, today: Day) -> None:
    if day > today:
        raise _wrong(
            field,
            say("{field} is {day:day}, after today", field=field, day=day),
            say("give {day:day} or an earlier day", day=today),
        )


def _wrong(field: str, message: Text, fix: Text, *, name: str = "document-invalid") -> BadInput:
    return BadInput(message, name=name, field=field, fix=fix)


def fingerprint(*, key: bytes, legal_id: str, kind: DocumentKind, number: str) -> str:
    """The fingerprint of a document: who owns it, what it is, and its number, however written.

    Args:
        key: the ledger's key for this purpose.
    """
    parts = [kind.encode(), letters_and_digits(legal_id).encode()]
    parts.append(letters_and_digits(number).encode())
    message = b"".join(len(part).to_bytes(4, "big") + part for part in (_DOMAIN, *parts))
    return "0x" + hmac.new(key, message, hashlib.sha256).hexdigest()
