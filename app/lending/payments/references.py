"""What names a payment: the bank's reference, and the loan that its payer repays."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

import msgspec
from stdnum import iso11649
from stdnum.ch import esr

_LOAN = re.compile(r"(?<![0-9A-Za-z])LOAN-([1-9][0-9]{0,17})(?![0-9A-Za-z])")
# Where a bank has cut a text into pieces, what stands before and behind may be another word.
_LOAN_IN_PIECES = re.compile(r"LOAN-([1-9][0-9]{0,17})(?![0-9])")
_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}LOAN([1-9][0-9]{0,17})")
# Swiss QR reference: LOAN on the keys of a telephone, the loan's number in 22 digits, check digit.
_QR_MARK = "5626"
_QR_REFERENCE = re.compile(_QR_MARK + r"0{4}([0-9]{18})[0-9]")
_MARKS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What banks and payers write where they have no reference.
_FILLERS = frozenset(
    (
        *("NONREF", "NOREF", "NOREFERENCE", "NOTPROVIDED", "NOTAVAILABLE", "NOTSPECIFIED"),
        *("NONE", "NULL", "NIL", "NA", "UNKNOWN", "UNDEFINED"),
    )
)


class CreditorReference(msgspec.Struct, frozen=True):
    """A structured reference of a payment.

    Attributes:
        kind: RF (ISO 11649), QRR (Swiss QR reference), or what the bank calls it.
        valid: whether its check digits hold; None where it has none that we know.
    """

    kind: str
    value: str
    valid: bool | None


def creditor_reference(text: str, *, kind: str) -> CreditorReference:
    """A reference as it stands in a message, with its blanks taken out.

    Args:
        kind: the message's word for it, such as SCOR or QRR; empty where it has none.
    """
    plain = "".join(text.split()).upper()
    if plain.startswith("RF") and plain[2:4].isdigit():
        return CreditorReference("RF", plain, iso11649.is_valid(plain))
    if kind == "QRR" or (len(plain) == 27 and plain.isdecimal()):
        return CreditorReference("QRR", plain, len(plain) == 27 and esr.is_valid(plain))
    return CreditorReference(kind or "other", text, None)


def references_for(loan_id: int) -> tuple[str, str | None, str]:
    """What a payer can name a loan by: its name, an ISO 11649 reference (None for a number of more
    than 17 digits), a Swiss QR reference."""
    name = f"LOAN{loan_id}"
    digits = "".join(str(int(one, 36)) for one in f"{name}RF00")
    number = f"{_QR_MARK}{loan_id:022d}"
    return (
        loan_reference(loan_id),
        f"RF{98 - int(digits) % 97:02d}{name}" if loan_id < 10**17 else None,
        number + str(esr.calc_check_digit(number)),
    )


def loan_reference(loan_id: int) -> str:
    """How a loan is named in bank messages, both ways."""
    return f"LOAN-{loan_id}"


def new_end_to_end_id(loan_id: int) -> str:
    """A name for one transfer of a loan's money, of at most 34 characters: the loan, and ten random
    letters and digits, so that no two transfers share it, whatever store they are kept in."""
    mark = "".join(secrets.choice(_MARKS) for _ in range(10))
    return f"{loan_reference(loan_id)}/{mark}"


def reference_of(text: str | None) -> str | None:
    """A reference, or None for a filler such as NONREF, NOTPROVIDED or 0."""
    plain = re.sub(r"[\W_]", "", text or "").upper()
    return None if not plain.strip("0") or plain in _FILLERS else text


def loan_named(references: Sequence[str], texts: Sequence[str]) -> int | None:
    """The one loan that a payment names; None for none, several, or one that is not clear.

    Args:
        references: fields of their own, each whole.
        texts: pieces of one text, which banks cut anywhere: a number that reads otherwise when the
            pieces are joined is not clear.
    """
    apart = set(_LOAN.findall(" ".join(texts)))
    joined = set(_LOAN_IN_PIECES.findall("".join(texts)))
    if apart != joined:
        return None
    found = {int(number) for number in apart}
    for reference in references:
        found |= {int(number) for number in _LOAN.findall(reference)}
        found |= _by_creditor_reference(reference)
    return found.pop() if len(found) == 1 else None


def _by_creditor_reference(reference: str) -> set[int]:
    """ISO 11649: RF, two check digits, LOAN and the loan's number; or a Swiss QR reference."""
    told = creditor_reference(reference, kind="")
    if not told.valid:
        return set()
    shape = _CREDITOR_REFERENCE.fullmatch(told.value) or _QR_REFERENCE.fullmatch(told.value)
    return {int(shape[1])} - {0} if shape is not None else set()


def reckoned(marks: Sequence[str], *, place: int) -> str:
    """A reference for an entry of which the bank gives none: the same marks give the same one.

    Args:
        place: among entries of one message with the same marks, from 1.
    """
    digest = hashlib.sha256()
    for mark in (*marks, str(place)):
        digest.update(len(mark.encode()).to_bytes(4, "big") + mark.encode())
    return f"NONREF-{digest.hexdigest()[:24]}"
