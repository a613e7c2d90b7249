"""What the sides of each kind of agreement sign: structs of Facilities and RiskReserve."""

from __future__ import annotations

from typing_extensions import TypedDict

from app.lending.payments.terms import Correction


class Extension(TypedDict):
    """More time for a loan."""

    loanId: int
    dueDay: int
    periods: int
    deadline: int
    nonce: int


class Restructuring(TypedDict):
    """New terms of a loan; the amounts are maxima."""

    loanId: int
    style: int
    periods: int
    monthsPerPeriod: int
    dueDay: int
    interestFromDay: int
    principalGrace: int
    interestGrace: int
    annualRate: int
    forgivenCosts: int
    forgivenPenalty: int
    forgivenInterest: int
    forgivenPrincipal: int
    capitalisedInterest: int
    restructurings: int
    deadline: int
    nonce: int


class SetOff(TypedDict):
    """A claim in place of money."""

    loanId: int
    claimId: int
    claimValue: int
    credit: int
    documentRoot: str
    deadline: int
    nonce: int


class InKind(TypedDict):
    """Goods in place of money."""

    loanId: int
    warehouseReceiptId: int
    quantity: int
    credit: int
    documentRoot: str
    deadline: int
    nonce: int


class Hedge(TypedDict):
    """A hedge of the price of a loan's goods."""

    loanId: int
    item: str
    quantity: int
    price: int
    currency: str
    expiryDay: int
    venue: str
    counterparty: str
    contractHash: str
    documentRoot: str
    deadline: int
    nonce: int


class BuyBack(TypedDict):
    """A buy-back undertaking."""

    facilityId: int
    undertaker: str
    share: int
    maxTotal: int
    lastDay: int
    legalTextHash: str
    deadline: int
    nonce: int


class Costs(TypedDict):
    """Costs of enforcement."""

    loanId: int
    amount: int
    evidenceHash: str
    deadline: int
    nonce: int


class SaleTerms(TypedDict):
    """A loan that moves to another lender."""

    loanId: int
    seller: str
    buyer: str
    principal: int
    postings: int
    standing: str
    price: int
    buyBack: int
    buyBackPrice: int
    buyBackMax: int
    buyBackFirstDay: int
    buyBackLastDay: int
    noticeHash: str
    deadline: int
    nonce: int


class ParticipationTerms(TypedDict):
    """A share of what a loan's lender gets."""

    loanId: int
    lender: str
    participant: str
    principal: int
    postings: int
    standing: str
    sharedBefore: int
    share: int
    price: int
    legalTextHash: str
    deadline: int
    nonce: int


class Validity(TypedDict):
    """When a promise is in force, and when its signatures expire (UTC seconds)."""

    validFrom: int
    validUntil: int
    deadline: int


class SharingTerms(Validity):
    """A part of a product's losses that a sharer bears."""

    productId: int
    sharer: str
    currency: str
    part: int
    cap: int
    legalTextHash: str
    nonce: int


class SharingEnd(TypedDict):
    """The end of a sharing; product and place name it in the call, and nobody signs these two."""

    termsHash: str
    productId: int
    place: int
    deadline: int


class InsuranceTerms(Validity):
    """Insurance of a facility's losses."""

    facilityId: int
    insurer: str
    insured: str
    currency: str
    insuredAmount: int
    legalTextHash: str
    nonce: int


AgreementTerms = (
    Extension
    | Restructuring
    | SetOff
    | InKind
    | Hedge
    | BuyBack
    | Costs
    | Correction
    | SaleTerms
    | ParticipationTerms
    | SharingTerms
    | SharingEnd
    | InsuranceTerms
)
