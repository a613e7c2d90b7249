"""The roles of a party, once for the ledger and the gateway.

`contracts/types/PartyRoles.sol` has the same bits.
"""

from __future__ import annotations

BITS: dict[str, int] = {
    "supplier": 1,
    "buyer": 2,
    "financier": 4,
    "warehouse": 8,
    "platform": 16,
    "rater": 32,
    "appraiser": 64,
    "auditor": 128,
}
"""The bit of each role that a registrar may assign. Bit 256 marks contracts of the ledger."""


def role_names(bits: int) -> list[str]:
    """Names of the roles in a bit set."""
    return [name for name, bit in BITS.items() if bits & bit]
