"""Money: whole minor units with a currency, and the decimal text that people read."""

from __future__ import annotations

import re

from app.domain.texts import say

_SHAPE = re.compile(r"(-?)(0|[1-9][0-9]{0,27})(?:\.([0-9]{1,12}))?")
_CODE = re.compile(rb"[A-Z]{3}")
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
    "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)
# ISO 4217, list one: digits after the decimal point.
DIGITS: dict[str, int] = (
    dict.fromkeys(_NONE.split(), 0)
    | dict.fromkeys(_TWO.split(), 2)
    | dict.fromkeys(_THREE.split(), 3)
)


class AmountInvalid(ValueError):
    """Text that is not an amount of this currency; the message says why."""


class CurrencyUnknown(ValueError):
    """Not a currency of ISO 4217."""


def digits_of(currency: str) -> int:
    """Digits after the decimal point.

    Raises:
        CurrencyUnknown.
    """
    try:
        return DIGITS[currency]
    except KeyError:
        raise CurrencyUnknown(
            say("{currency} is not a currency of ISO 4217", currency=repr(currency))
        ) from None


def currency_word(currency: str | None) -> str:
    """A currency's code as the ledger stores it (`bytes3`); zeros for no currency."""
    return "0x" + ("" if currency is None else currency).encode().ljust(3, b"\0").hex()


def currency_in(word: str) -> str | None:
    """The code in such a word; the word itself if it holds no code; None for zeros.

    Anyone who may write on the ledger may write any three bytes, and readers must accept them.
    """
    raw = bytes.fromhex(word.removeprefix("0x"))
    if not any(raw):
        return None
    return raw.decode() if _CODE.fullmatch(raw) else word


def minor_units(text: str, *, currency: str, final_zeros: bool = False) -> int:
    """Whole minor units of a decimal text: exact, or refused.

    `60.000` yuan are refused: where a point stands between thousands, they are sixty thousand.

    Args:
        final_zeros: zeros beyond the currency's digits are left out. Only for files whose standard
            says that the point stands before decimals, as XML does.

    Raises:
        AmountInvalid: not a plain decimal number, or of more decimals than the currency has.
        CurrencyUnknown.
    """
    digits = digits_of(currency)
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise AmountInvalid(
            say(
                "{text} is not an amount: give a plain decimal number such as 1250.00",
                text=repr(text),
            )
        )
    sign, whole, fraction = shape.group(1), shape.group(2), shape.group(3) or ""
    minor, rest = fraction[:digits].ljust(digits, "0"), fraction[digits:]
    if rest.strip("0") if final_zeros else rest:
        raise AmountInvalid(
            say(
                "{text} has too many decimals: {currency} has {digits}",
                text=text,
                currency=currency,
                digits=digits,
            )
        )
    # From text to integer, never through a number of limited precision.
    return int(f"{sign}{whole}{minor}")


def decimal_text(amount: int, *, currency: str) -> str:
    """The amount with the currency's number of digits after the decimal point.

    Raises:
        CurrencyUnknown.
    """
    digits = digits_of(currency)
    sign, whole = ("-" if amount < 0 else ""), str(abs(amount)).rjust(digits + 1, "0")
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)
