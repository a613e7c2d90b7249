"""The kinds of agreement: who signs which struct, and which call carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.gateway.gateway import Gateway
from app.gateway.signing import Terms, terms_for

FACILITIES, RESERVE = "Facilities", "RiskReserve"
CORRECTION = "correction"
LOAN_SALE = "loan-sale"
PARTICIPATION = "participation"


class Kind(msgspec.Struct, frozen=True):
    """One kind of agreement.

    Attributes:
        signs: roles in the order in which the contract takes their signatures.
        sender: the only role that may send the call; None: any signer.
        flat: the call takes the struct's fields as its arguments, not the struct.
        argument_names: the terms that the call takes, if these are not the struct's fields.
    """

    struct: str
    contract: str
    function: str
    signs: tuple[str, ...]
    sender: str | None = None
    flat: bool = False
    argument_names: tuple[str, ...] = ()

    def terms(self, gateway: Gateway, message: Mapping[str, Any]) -> Terms:
        """What the roles sign."""
        return terms_for(gateway, self.contract, self.struct, message)

    def signers(self, parties: dict[str, str]) -> dict[str, str]:
        """Those of an agreement's parties (account by role) that sign, in the contract's order."""
        return {role: parties[role] for role in self.signs}

    def arguments(self, terms: Mapping[str, Any], signatures: list[str]) -> list[Any]:
        """The call's arguments: the terms, then the signatures."""
        if self.argument_names:
            return [*(terms[name] for name in self.argument_names), *signatures]
        return [*(terms.values() if self.flat else [terms]), *signatures]


KINDS: dict[str, Kind] = {
    "extension": Kind("Extension", FACILITIES, "extend", ("lender", "borrower")),
    "restructuring": Kind(
        *("Restructuring", FACILITIES, "restructure", ("lender", "borrower")),
    ),
    "set-off": Kind("SetOff", FACILITIES, "setOff", ("lender", "borrower")),
    "costs": Kind("Costs", FACILITIES, "chargeCosts", ("borrower",), sender="lender", flat=True),
    CORRECTION: Kind("Correction", FACILITIES, "correctPayment", ("borrower",), sender="lender"),
    LOAN_SALE: Kind("SaleTerms", FACILITIES, "sellLoan", ("seller", "buyer")),
    PARTICIPATION: Kind(
        *("ParticipationTerms", FACILITIES, "sellParticipation", ("lender", "participant")),
    ),
    "settle-in-kind": Kind("InKind", FACILITIES, "settleInKind", ("lender", "borrower")),
    "hedge": Kind("Hedge", FACILITIES, "recordHedge", ("lender", "borrower")),
    "buy-back": Kind("BuyBack", FACILITIES, "agreeBuyBack", ("undertaker",), sender="lender"),
    "sharing": Kind("SharingTerms", RESERVE, "agreeSharing", ("sharer",), sender="operator"),
    "sharing-end": Kind(
        *("SharingEnd", RESERVE, "endSharing", ("sharer",), "operator"),
        argument_names=("productId", "place", "deadline"),
    ),
    "insurance": Kind("InsuranceTerms", RESERVE, "agreeInsurance", ("insurer", "insured")),
}
