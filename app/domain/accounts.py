"""Bank accounts and banks: IBAN (ISO 13616) and BIC (ISO 9362), checked by their own rules."""

from __future__ import annotations

import re

from stdnum import iban
from stdnum.exceptions import InvalidComponent, ValidationError

_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_BIC_SHAPE = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
# ISO 3166-1, and XK, which banks in Kosovo use.
_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW"
)
COUNTRIES = frozenset(_CODES.split())


class AccountInvalid(ValueError):
    """Not an IBAN or an account number, or not a BIC. The message says why."""


def is_iban(account: str) -> bool:
    """Whether an account is a valid IBAN."""
    return _IBAN_SHAPE.fullmatch(account) is not None and iban.is_valid(account)


def checked_account(account: str) -> str:
    """The account: an IBAN with valid check digits, length and form, or a bank's own number.

    A number that begins like an IBAN of a country with IBANs must be a valid IBAN.

    Raises:
        AccountInvalid.
    """
    if _IBAN_SHAPE.fullmatch(account) is None:
        return account
    try:
        return iban.validate(account)
    except ValidationError as error:
        if _has_no_ibans(account):
            return account
        raise AccountInvalid(
            f"{account} is not a valid IBAN (ISO 13616, mod 97): copy it from the payee"
        ) from error


def _has_no_ibans(account: str) -> bool:
    """Whether the registry of IBANs lacks the country, whatever the check digits are."""
    try:
        corrected = account[:2] + iban.calc_check_digits(account) + account[4:]
        iban.validate(corrected, check_country=False)
    except InvalidComponent:
        return True
    except ValidationError:
        return False
    return False


def checked_bic(bic: str) -> str:
    """A BIC of 8 or 11 characters with a valid country code.

    Raises:
        AccountInvalid.
    """
    if _BIC_SHAPE.fullmatch(bic) is None or bic[4:6] not in COUNTRIES:
        raise AccountInvalid(
            f"{bic} is not a BIC: give 8 or 11 characters, the fifth and sixth a country code"
        )
    return bic
