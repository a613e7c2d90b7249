"""What the gateway checks of a document for a draw, and what identifies it."""

from __future__ import annotations

import hashlib
import hmac
import re

from app.domain.catalogue import DocumentKind
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.domain.numbering import letters_and_digits
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
            "number", "the number has neither letter nor digit", "give the number as it is printed"
        )
    if isinstance(document, TaxCertificate):
        _check_tax(document, today)
    elif isinstance(document, CustomsDeclaration):
        if _DECLARATION.fullmatch(document.number) is None:
            raise _wrong(
                "number",
                f"{document.number!r} is not a declaration's number",
                "give its 18 digits, without blanks",
            )
        _require_past("declaredDate", document.declaredDate, today)
    else:
        _require_past("shippedDate", document.shippedDate, today)


def _check_tax(document: TaxCertificate, today: Day) -> None:
    if document.periodFrom > document.periodTo:
        raise _wrong(
            "periodFrom",
            f"the period begins on {document.periodFrom}, after its end",
            f"give {document.periodTo} or an earlier day",
        )
    if document.periodTo > document.issuedDate:
        raise _wrong(
            "periodTo",
            f"the period ends on {document.periodTo}, after the certificate was issued",
            f"give {document.issuedDate} or an earlier day",
        )
    _require_past("issuedDate", document.issuedDate, today)
    if any(character in "123456789" for character in document.arrears.amount):
        raise _wrong(
            "arrears.amount",
            f"taxes of {document.arrears.amount} {document.arrears.currency} are overdue",
            "pay them, and upload the next certificate",
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
            f"the document is of {value}, not of this party",
            f"upload a document with the {scheme} of this party",
            name="owner-mismatch",
        )


def _require_past(field: str, day: Day, today: Day) -> None:
    if day > today:
        raise _wrong(field, f"{field} is {day}, after today", f"give {today} or an earlier day")


def _wrong(field: str, message: str, fix: str, *, name: str = "document-invalid") -> BadInput:
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
