"""Which of a party's identifiers is the best, and of which scheme each is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from app.core.identifiers import LEI, USCC, known_scheme
from app.documents.model import Identifier

REGISTRATION, VAT, PRIVATE = "REGISTRATION", "VAT", "PRIVATE"
_LEI_CODES = {"0199", LEI}
_USCC_CODES = {USCC}
_USCC_SHAPE = re.compile(r"[0-9A-Z]{18}")
_LEI_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{2}")


def identifier(
    value: str, *, scheme: str | None, otherwise: str, country: str | None
) -> Identifier:
    """An identifier with the scheme that it has or can only have.

    Args:
        scheme: as the document gives it; ISO 6523 code 0199 is the LEI.
        otherwise: the scheme where the document gives none.
        country: of the party; 18 letters and digits without a scheme are a Chinese party's unified
            social credit code, right or wrong.
    """
    plain = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    if scheme is not None:
        code = scheme.upper()
        if code in _LEI_CODES:
            return Identifier(plain, LEI)
        if code in _USCC_CODES:
            return Identifier(plain, USCC)
        return Identifier(value, scheme)
    if _LEI_SHAPE.fullmatch(plain) and known_scheme(plain) == LEI:
        return Identifier(plain, LEI)
    if _USCC_SHAPE.fullmatch(plain) and (
        country == "CN" or (country is None and known_scheme(plain) == USCC)
    ):
        return Identifier(plain, USCC)
    return Identifier(value, otherwise)


def best_first(found: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """LEI and unified social credit code first, then in the order given; each once."""
    ranks = {LEI: 0, USCC: 1}
    once = {(one.scheme, one.value): one for one in found}
    return tuple(sorted(once.values(), key=lambda one: ranks.get(one.scheme, 2)))
