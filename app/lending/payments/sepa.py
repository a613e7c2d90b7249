"""Rules of SEPA banks for credit transfers in euro: characters, lengths, addresses.

Sources: EPC115-06 (SEPA Credit Transfer, customer-to-bank guidelines), EPC217-08 (character set and
its conversion table), EPC409-09 (countries of the area).
"""

from __future__ import annotations

import unicodedata

from app.domain.accounts import is_iban
from app.domain.texts import say
from app.errors import BadInput

CURRENCY = "EUR"
NAME_LENGTH = 70
MAX = 999_999_999_99  # cents
_EEA_CODES = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)
_NON_EEA_CODES = "AD AL CH GB GI MC MD ME MK RS SM VA"
_EEA = frozenset(_EEA_CODES.split())
_NON_EEA = frozenset(_NON_EEA_CODES.split())
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
# EPC217-08 where it converts to an equivalent character; ð and þ as in ICAO 9303.
_CONVERTED = str.maketrans(
    {
        **{"&": "+", "_": "-", "~": "-", "`": "'", "’": "'", "‘": "'", "´": "'"},
        **{"[": "(", "{": "(", "]": ")", "}": ")", "\\": "/", "|": "/", ";": ","},
        **{"–": "-", "—": "-", "\u00a0": " ", "ß": "s", "ẞ": "S", "ı": "i"},
        **{"Æ": "A", "æ": "a", "Œ": "O", "œ": "o", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d"},
        **{"Ħ": "H", "ħ": "h", "Ł": "L", "ł": "l", "Ŀ": "L", "ŀ": "l", "Ŧ": "T", "ŧ": "t"},
        **{"Ð": "D", "ð": "d", "Þ": "TH", "þ": "th"},
    }
)


def is_transfer(currency: str, *accounts: str) -> bool:
    """Whether money of this currency between these accounts is a SEPA credit transfer."""
    return currency == CURRENCY and all(
        is_iban(account) and account[:2] in _EEA | _NON_EEA for account in accounts
    )


def needs_address(*accounts: str) -> bool:
    """Whether a SEPA transfer leaves the EEA, so that it needs the payer's address."""
    return any(account[:2] not in _EEA for account in accounts)


def latin(text: str, *, field: str) -> str:
    """A text in the characters that every SEPA bank accepts.

    Letters lose their accents. Punctuation is converted by the EPC's table.

    Raises:
        BadInput: a character has no equivalent; `field` names the text.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_CONVERTED)).translate(_CONVERTED)
    plain = "".join(character for character in bare if not unicodedata.combining(character))
    wrong = sorted(set(plain) - _PLAIN)
    if wrong:
        raise BadInput(
            say(
                "{field} has {repr}, which banks do not accept in euro",
                field=field,
                repr=", ".join(map(repr, wrong[:5])),
            ),
            name="characters-not-taken",
            field=field,
            fix="write it in Latin letters, digits, spaces and / - ? : ( ) . , ' +",
        )
    while "//" in plain:
        plain = plain.replace("//", "/")
    return plain.strip(" /")


def require_amount(amount: int, *, field: str) -> None:
    """Refuses an amount in cents that one SEPA transfer cannot carry.

    Raises:
        BadInput.
    """
    if not 0 < amount <= MAX:
        raise BadInput(
            say("{amount} cents does not fit one SEPA transfer", amount=amount),
            field=field,
            fix="pay this loan out in another way; a transfer carries 0.01 to 999999999.99 EUR",
        )
