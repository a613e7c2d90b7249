"""Schemes of identifiers, and codes from other lists with the same meaning.

Imports the standard library only, because the deployment plan does.
"""

from __future__ import annotations

LEI, USCC, VAT = "LEI", "USCC", "VAT"
LEI_CODES = frozenset(("0199", LEI))
# Codes of the list of electronic addresses (EAS) for a VAT number of some country.
VAT_CODES = frozenset(
    (
        *("9910", "9914", "9920", *(str(code) for code in range(9922, 9954)), "9957"),
        *("0211", "0223"),
    )
)


def kind_of(scheme: str) -> str:
    """The scheme itself, or the scheme that a code of ISO 6523 or of the EAS list stands for.

    `0199` is `LEI`, and the codes of national tax numbers are `VAT`.
    """
    if scheme in LEI_CODES:
        return LEI
    return VAT if scheme in VAT_CODES else scheme
