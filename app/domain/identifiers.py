"""Identifiers of legal entities, checked by their check digits where they have them."""

from __future__ import annotations

import re
import unicodedata

from stdnum import lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from app.domain.id_schemes import LEI, USCC, VAT
from app.domain.texts import say

_OTHER = re.compile(r"[0-9A-Z][0-9A-Z:./_-]{1,63}")
_LEI_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_CHECKS = {LEI: lei, USCC: uscc}
_NAMES = {
    LEI: "Legal Entity Identifier (ISO 17442)",
    USCC: "unified social credit code (GB 32100-2015)",
}


class IdentifierInvalid(ValueError):
    """Not an identifier of its scheme; the message says why."""


def normalised_id(value: str, *, scheme: str) -> str:
    """The identifier without spaces, in capitals, with its check digits checked.

    Args:
        scheme: `LEI`, `USCC`, or any other (an ISO 6523 code such as 0088), whose form alone is
            checked; for `VAT`, only letters and digits stay.

    Raises:
        IdentifierInvalid.
    """
    text = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    check = _CHECKS.get(scheme)
    if scheme == VAT:
        text = re.sub(r"[^0-9A-Z]", "", text)
    if check is None:
        if not _OTHER.fullmatch(text):
            raise IdentifierInvalid(
                say(
                    "{value} is not an identifier: give 2 to 64 letters and digits",
                    value=repr(value),
                )
            )
        return text
    if scheme == LEI and not _LEI_SHAPE.fullmatch(text):
        # The check digits alone are not enough: one text in 97 of any length passes them.
        raise IdentifierInvalid(
            say(
                "{value} is not a {names}: give 18 letters or digits and 2 digits",
                value=repr(value),
                names=_NAMES[LEI],
            )
        )
    try:
        return str(check.validate(text))
    except ValidationError as error:
        raise IdentifierInvalid(
            say(
                "{value} is not a {names}: {error}",
                value=repr(value),
                names=_NAMES[scheme],
                error=error,
            )
        ) from error


def known_scheme(value: str) -> str | None:
    """`LEI` or `USCC` if the value is a valid identifier of that scheme."""
    for scheme in (LEI, USCC):
        try:
            normalised_id(value, scheme=scheme)
        except IdentifierInvalid:
            continue
        return scheme
    return None
