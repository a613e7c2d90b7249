"""References of a payment: the bank's own, and the loan that the payer names."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

import msgspec
from stdnum import iso11649
from stdnum.ch import esr

_LOAN = re.compile(r"(?<![0-9A-Za-z])LOAN-([1-9][0-9]{0,17})(?![0-9A-Za-z])")
# A bank may cut a text into parts, so another word may stand directly before the name.
_LOAN_IN_PARTS = re.compile(r"LOAN-([1-9][0-9]{0,17})(?![0-9])")
_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}LOAN([1-9][0-9]{0,17})")
# Swiss QR reference: LOAN on the keys of a telephone, the loan's number in 22 digits, check digit.
_QR_MARK = "5626"
_QR_DIGITS = 27
_QR_REFERENCE = re.compile(_QR_MARK + r"0{4}([0-9]{18})[0-9]")
_MARKS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What banks and payers write when they have no reference.
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
        valid: whether its check digits are right; None for a kind without known check digits.
    """

    kind: str
    value: str
    valid: bool | None


def creditor_reference(text: str, *, kind: str) -> CreditorReference:
    """A structured reference of a message, recognised by its form.

    RF and QRR references lose their spaces.

    Args:
        kind: the message's word for it, such as SCOR or QRR; empty where it has none.
    """
    plain = "".join(text.split()).upper()
    if plain.startswith("RF") and plain[2:4].isdigit():
        return CreditorReference("RF", plain, iso11649.is_valid(plain))
    if kind == "QRR" or (len(plain) == _QR_DIGITS and plain.isdecimal()):
        return CreditorReference("QRR", plain, len(plain) == _QR_DIGITS and esr.is_valid(plain))
    return CreditorReference(kind or "other", text, None)


def references_for(loan_id: int) -> tuple[str, str | None, str]:
    """References by which a payer can name a loan.

    Returns:
        The loan's name, an ISO 11649 reference (None for a number of more than 17 digits), and a
        Swiss QR reference.
    """
    name = f"LOAN{loan_id}"
    digits = "".join(str(int(character, 36)) for character in f"{name}RF00")
    number = f"{_QR_MARK}{loan_id:022d}"
    return (
        loan_reference(loan_id),
        f"RF{98 - int(digits) % 97:02d}{name}" if loan_id < 10**17 else None,
        number + str(esr.calc_check_digit(number)),
    )


def loan_reference(loan_id: int) -> str:
    """The name of a loan in bank messages, in both directions."""
    return f"LOAN-{loan_id}"


def new_end_to_end_id(loan_id: int) -> str:
    """A unique name, of at most 34 characters, for one transfer of a loan's money.

    It is the loan's name and ten random letters and digits, so it is unique across stores too.
    """
    mark = "".join(secrets.choice(_MARKS) for _ in range(10))
    return f"{loan_reference(loan_id)}/{mark}"


def reference_of(text: str | None) -> str | None:
    """A reference, or None for a filler such as NONREF, NOTPROVIDED or 0."""
    plain = re.sub(r"[\W_]", "", text or "").upper()
    return None if not plain.strip("0") or plain in _FILLERS else text


def loan_named(references: Sequence[str], texts: Sequence[str]) -> int | None:
    """The one loan that a payment names; None for no loan, several, or an unclear one.

    Args:
        references: whole fields.
        texts: parts of one text, which banks cut anywhere. A number is unclear if joining the
            parts changes it.
    """
    in_parts = set(_LOAN.findall(" ".join(texts)))
    joined = set(_LOAN_IN_PARTS.findall("".join(texts)))
    if in_parts != joined:
        return None
    loan_ids = {int(number) for number in in_parts}
    for reference in references:
        loan_ids |= {int(number) for number in _LOAN.findall(reference)}
        loan_ids |= _by_creditor_reference(reference)
    return loan_ids.pop() if len(loan_ids) == 1 else None


def _by_creditor_reference(reference: str) -> set[int]:
    """ISO 11649: RF, two check digits, LOAN and the loan's number; or a Swiss QR reference."""
    parsed = creditor_reference(reference, kind="")
    if not parsed.valid:
        return set()
    shape = _CREDITOR_REFERENCE.fullmatch(parsed.value) or _QR_REFERENCE.fullmatch(parsed.value)
    return {int(shape[1])} - {0} if shape is not None else set()


def computed_reference(marks: Sequence[str], *, place: int) -> str:
    """A reference for an entry without a bank reference; equal marks give an equal reference.

    Args:
        place: position among the entries of one message with the same marks, from 1.
    """
    digest = hashlib.sha256()
    for mark in (*marks, str(place)):
        digest.update(len(mark.encode()).to_bytes(4, "big") + mark.encode())
    return f"NONREF-{digest.hexdigest()[:24]}"
