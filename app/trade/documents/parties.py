"""The identifiers of a document's parties: their schemes, their order, and whom they name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from app.domain.id_schemes import LEI, LEI_CODES, USCC, VAT_CODES
from app.domain.identifiers import known_scheme
from app.domain.numbering import letters_and_digits
from app.trade.documents.model import Identifier
from app.trade.documents.views import InvoiceParty, identifier_pairs

REGISTRATION, VAT, TAX, PRIVATE = "REGISTRATION", "VAT", "TAX", "PRIVATE"
GST = "GST"
# An identifier that has no scheme in the document may be of any scheme.
_UNTYPED = frozenset((REGISTRATION, PRIVATE))
_USCC_CODES = {USCC}
_USCC_SHAPE = re.compile(r"[0-9A-Z]{18}")
_LEI_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{2}")


def identifier(
    value: str, *, scheme: str | None, otherwise: str, country: str | None
) -> Identifier:
    """An identifier with its scheme: the given one, or the only one that fits.

    Args:
        value: as the document gives it.
        scheme: as the document gives it; ISO 6523 code 0199 is the LEI.
        otherwise: the scheme if the document gives none and none is recognised.
        country: of the party; 18 letters and digits without a scheme are a Chinese party's unified
            social credit code, valid or not.
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
    """The identifier of a party's tax registration.

    Args:
        value: as the document gives it.
        tax: the name of the tax scheme; only `VAT` makes it a VAT identifier (BT-31), `GST` one of
            goods and services tax, anything else the local tax number (BT-32).
        country: as for `identifier`.
    """
    name = (tax or "").upper()
    scheme = name if name in {VAT, GST} else TAX
    return identifier(value, scheme=None, otherwise=scheme, country=country)


def best_first(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """LEI and unified social credit code first, then the given order, private ones last; each once.

    Readers give legal registrations first, then tax registrations, then the rest.
    """
    ranks = {LEI: 0, USCC: 1, PRIVATE: 3}
    unique = {(item.scheme, item.value): item for item in identifiers}
    return tuple(sorted(unique.values(), key=lambda item: ranks.get(item.scheme, 2)))


def taxes_in_order(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Tax registrations: VAT first, then GST, then others, whatever the document's order."""
    ranks = {LEI: 0, USCC: 0, VAT: 0, GST: 1}
    return sorted(identifiers, key=lambda item: ranks.get(item.scheme, 2))


def identifiers_in(party: InvoiceParty) -> list[Identifier]:
    """The identifiers of a party in a document's view, best first."""
    return [Identifier(value, scheme) for value, scheme in identifier_pairs(party)]


def registered_as(candidate: Identifier) -> list[tuple[str, str]]:
    """Schemes and values under which the party with an identifier may be registered."""
    plain = "".join(unicodedata.normalize("NFKC", candidate.value).split()).upper()
    pairs = [(candidate.scheme, plain)]
    if candidate.scheme in {VAT, *VAT_CODES}:
        pairs.append((VAT, letters_and_digits(plain)))
    return list(dict.fromkeys(pairs))


def is_named(party: InvoiceParty, *, scheme: str, value: str) -> bool:
    """Whether any identifier of a party in a document's view is this registered one.

    The way of writing does not matter: `DE 111 111 111` is `DE111111111`.
    """
    plain = letters_and_digits(value)
    return any(
        letters_and_digits(candidate.value) == plain
        and (
            candidate.scheme in {scheme, *_UNTYPED}
            or (scheme == VAT and candidate.scheme in VAT_CODES)
        )
        for candidate in identifiers_in(party)
    )
