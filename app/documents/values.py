"""Texts of a document into dates, amounts and parties, each error with its field."""

from __future__ import annotations

import datetime
import re

from app.core.identifiers import (
    LEI,
    USCC,
    IdentifierInvalid,
    known_scheme,
    normalised_id,
)
from app.core.money import DIGITS, AmountInvalid, minor_units
from app.documents.errors import DocumentInvalid
from app.documents.model import PartyName

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(Z|[+-]\d{2}:\d{2})?")
_DECIMAL = re.compile(r"[+-]?\d{1,28}(\.\d{1,12})?")
_TRAILING = re.compile(r"(\.\d*?)0+$")
_SCHEMES = {"0199": LEI, "LEI": LEI, "USCC": USCC}
MOST_LINES = 10_000
LONGEST = 2_000


def required(text: str | None, *, field: str) -> str:
    """The text, which must be there.

    Raises:
        DocumentInvalid.
    """
    if text is None or not text.strip():
        raise DocumentInvalid(f"{field} is missing", field=field, fix=f"give {field}")
    if len(text) > LONGEST:
        raise DocumentInvalid(f"{field} is longer than {LONGEST} characters", field=field)
    return " ".join(text.split())


def date(text: str | None, *, field: str) -> datetime.date:
    """A date as `2026-04-17` or `20260417`.

    Raises:
        DocumentInvalid.
    """
    given = required(text, field=field)
    found = _DATE.fullmatch(given)
    try:
        if found is None:
            raise ValueError
        return datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise DocumentInvalid(
            f"{field} is {given!r}: no date", field=field, fix="give it as YYYY-MM-DD"
        ) from None


def currency(text: str | None) -> str:
    """A currency of ISO 4217.

    Raises:
        DocumentInvalid.
    """
    code = required(text, field="currency")
    if code not in DIGITS:
        raise DocumentInvalid(
            f"currency {code!r} is not in ISO 4217",
            field="currency",
            fix="give its three letters, such as CNY",
        )
    return code


def amount(text: str | None, *, field: str, currency: str, default: int | None = None) -> int:
    """An amount in minor units; zeros past the minor unit are allowed, other digits are not.

    Raises:
        DocumentInvalid.
    """
    if default is not None and (text is None or not text.strip()):
        return default
    given = required(text, field=field).removeprefix("+")
    if "." in given:
        given = _TRAILING.sub(r"\1", given).rstrip(".")
    try:
        return minor_units(_plain(given), currency=currency)
    except AmountInvalid as error:
        raise DocumentInvalid(f"{field}: {error}", field=field) from error


def _plain(text: str) -> str:
    """Without leading zeros, which XML's decimals may have."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    digits = re.sub(r"^0+(?=\d)", "", digits)
    return f"{sign}0{digits}" if digits.startswith(".") else sign + digits


def decimal(text: str | None, *, field: str) -> str | None:
    """Decimal text as it stands, or None.

    Raises:
        DocumentInvalid.
    """
    if text is None or not text.strip():
        return None
    given = text.strip()
    if not _DECIMAL.fullmatch(given):
        raise DocumentInvalid(f"{field} is {given[:40]!r}: no decimal number", field=field)
    return given


def party(
    *, name: str | None, ids: list[tuple[str | None, str | None]], country: str | None, field: str
) -> PartyName:
    """A party with the best of its identifiers: pairs of value and scheme, best first.

    An identifier that can be checked by its check digits comes before one that cannot.

    Raises:
        DocumentInvalid: no name, or an LEI or USCC whose digits do not hold.
    """
    full_name = required(name, field=f"{field}.name")
    given = [
        ("".join(value.split()), _SCHEMES.get((scheme or "").upper(), scheme))
        for value, scheme in ids
        if value is not None and value.strip()
    ]
    for value, scheme in given:
        if scheme in (LEI, USCC):
            return PartyName(full_name, _checked(value, scheme, field), scheme, country)
    for value, scheme in given:
        if scheme is None and (known := known_scheme(value)) is not None:
            return PartyName(full_name, normalised_id(value, scheme=known), known, country)
    if not given:
        return PartyName(full_name, None, None, country)
    value, scheme = given[0]
    if country == "CN" and scheme is None and len(value) == 18:
        _checked(value, USCC, field)
    if len(value) > 100:
        raise DocumentInvalid(f"{field}.id is too long", field=f"{field}.id")
    return PartyName(full_name, value, scheme, country)


def _checked(value: str, scheme: str, field: str) -> str:
    try:
        return normalised_id(value, scheme=scheme)
    except IdentifierInvalid as error:
        raise DocumentInvalid(
            f"{field}.id: {error}", field=f"{field}.id", fix="check its digits"
        ) from error
