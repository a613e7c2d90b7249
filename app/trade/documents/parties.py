"""Which of a party's identifiers is the best, of which scheme each is, and whose they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.id_schemes import LEI, LEI_CODES, USCC, VAT_CODES
from app.domain.identifiers import known_scheme
from app.domain.numbering import letters_and_digits
from app.trade.documents.model import Identifier

REGISTRATION, VAT, TAX, PRIVATE = "REGISTRATION", "VAT", "TAX", "PRIVATE"
GST = "GST"
# What the paper does not give a scheme for may be any.
_UNTYPED = frozenset((REGISTRATION, PRIVATE))
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
        if code in LEI_CODES:
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


def tax_registration(value: str, *, tax: str | None, country: str | None) -> Identifier:
    """What a tax office calls a party.

    Args:
        tax: the scheme's own name; `VAT` alone makes it a VAT identifier (BT-31), `GST` one of
            goods and services tax, anything else the local tax number (BT-32).
        country: as for `identifier`.
    """
    name = (tax or "").upper()
    scheme = name if name in {VAT, GST} else TAX
    return identifier(value, scheme=None, otherwise=scheme, country=country)


def best_first(found: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """LEI and unified social credit code first, then in the order given, private names last; each
    once. Readers give legal registrations first, then tax registrations, then the rest.
    """
    ranks = {LEI: 0, USCC: 1, PRIVATE: 3}
    once = {(one.scheme, one.value): one for one in found}
    return tuple(sorted(once.values(), key=lambda one: ranks.get(one.scheme, 2)))


def taxes_in_order(found: Iterable[Identifier]) -> list[Identifier]:
    """Tax registrations: VAT first, then GST, then others, in whatever order the paper has them."""
    ranks = {LEI: 0, USCC: 0, VAT: 0, GST: 1}
    return sorted(found, key=lambda one: ranks.get(one.scheme, 2))


def identifiers_in(party: Mapping[str, Any]) -> list[Identifier]:
    """The identifiers of a party in a document's view, best first."""
    given = [party, *(party.get("otherIds") or ())]
    return [Identifier(one["id"], one["scheme"]) for one in given if one.get("id")]


def registered_as(one: Identifier) -> list[tuple[str, str]]:
    """Schemes and values under which the party of an identifier may be registered."""
    plain = "".join(unicodedata.normalize("NFKC", one.value).split()).upper()
    found = [(one.scheme, plain)]
    if one.scheme in {VAT, *VAT_CODES}:
        found.append((VAT, letters_and_digits(plain)))
    return list(dict.fromkeys(found))


def is_named(party: Mapping[str, Any], *, scheme: str, value: str) -> bool:
    """Whether any identifier of a party in a document's view is this registered one, however it is
    written: `DE 111 111 111` is `DE111111111`.
    """
    plain = letters_and_digits(value)
    return any(
        letters_and_digits(one.value) == plain
        and (one.scheme in {scheme, *_UNTYPED} or (scheme == VAT and one.scheme in VAT_CODES))
        for one in identifiers_in(party)
    )
