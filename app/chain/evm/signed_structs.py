"""The structs that parties sign, as EIP-712 has them.

Types are written once, as (name, type) pairs; a struct that another one holds is named by its type.
"""

from __future__ import annotations

Fields = tuple[tuple[str, str], ...]

DOMAIN_FIELDS: Fields = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)

RECEIVABLE_TERMS: Fields = (
    ("seller", "address"),
    ("debtor", "address"),
    ("currency", "address"),
    ("faceAmount", "uint96"),
    ("dueDay", "uint32"),
    ("graceDays", "uint16"),
    ("lateRate", "uint32"),
    ("disputeDays", "uint16"),
    ("maxDepth", "uint8"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("legalTextHash", "bytes32"),
)
CREDIT_NOTE: Fields = (
    ("receivableId", "uint256"),
    ("claimId", "uint256"),
    ("amount", "uint96"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
)
QUOTE: Fields = (
    ("funder", "address"),
    ("seller", "address"),
    ("claimId", "uint256"),
    ("value", "uint96"),
    ("price", "uint96"),
    ("recourse", "bool"),
    ("expiresAt", "uint64"),
    ("nonce", "uint256"),
    ("legalTextHash", "bytes32"),
)
FACILITY_TERMS: Fields = (
    ("productId", "uint256"),
    ("version", "uint32"),
    ("lender", "address"),
    ("borrower", "address"),
    ("entruster", "address"),
    ("annualRate", "uint24"),
    ("administrationFee", "uint24"),
    ("limit", "uint64"),
    ("deposit", "uint64"),
    ("firstDay", "uint24"),
    ("lastDay", "uint24"),
    ("coolingOffAmount", "uint64"),
    ("coolingOffHours", "uint16"),
    ("endEvents", "uint8"),
    ("correctionDays", "uint8"),
    ("spread", "int24"),
    ("flatFee", "uint64"),
    ("drawFee", "uint24"),
    ("periodicFee", "uint24"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
ORDER_TERMS: Fields = (
    ("seller", "address"),
    ("buyer", "address"),
    ("currency", "address"),
    ("amount", "uint96"),
    ("deliveryDay", "uint32"),
    ("expiryDay", "uint32"),
    ("fingerprint", "bytes32"),
    ("documentRoot", "bytes32"),
    ("legalTextHash", "bytes32"),
)
CREDIT_ATTESTATION: Fields = (
    ("partyId", "uint256"),
    ("rater", "address"),
    ("tier", "uint8"),
    ("currency", "bytes3"),
    ("limit", "uint64"),
    ("tradingSinceDay", "uint24"),
    ("modelVersion", "bytes32"),
    ("evidenceRoot", "bytes32"),
    ("issuedAt", "uint40"),
    ("expiresAt", "uint40"),
)
EXTENSION: Fields = (
    ("loanId", "uint256"),
    ("dueDay", "uint24"),
    ("periods", "uint8"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
CORRECTION: Fields = (
    ("loanId", "uint256"),
    ("posting", "uint256"),
    ("toLoanId", "uint256"),
    ("valueDay", "uint24"),
    ("reasonHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
RESTRUCTURING: Fields = (
    ("loanId", "uint256"),
    ("style", "uint8"),
    ("periods", "uint8"),
    ("monthsPerPeriod", "uint8"),
    ("dueDay", "uint24"),
    ("interestFromDay", "uint24"),
    ("principalGrace", "uint8"),
    ("interestGrace", "uint8"),
    ("annualRate", "uint24"),
    ("forgivenCosts", "uint64"),
    ("forgivenPenalty", "uint64"),
    ("forgivenInterest", "uint64"),
    ("forgivenPrincipal", "uint64"),
    ("capitalisedInterest", "uint64"),
    ("restructurings", "uint16"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SALE_TERMS: Fields = (
    ("loanId", "uint256"),
    ("seller", "address"),
    ("buyer", "address"),
    ("principal", "uint64"),
    ("postings", "uint160"),
    ("standing", "bytes32"),
    ("price", "uint64"),
    ("buyBack", "uint8"),
    ("buyBackPrice", "uint24"),
    ("buyBackMax", "uint64"),
    ("buyBackFirstDay", "uint24"),
    ("buyBackLastDay", "uint24"),
    ("noticeHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
PARTICIPATION_TERMS: Fields = (
    ("loanId", "uint256"),
    ("lender", "address"),
    ("participant", "address"),
    ("principal", "uint64"),
    ("postings", "uint160"),
    ("standing", "bytes32"),
    ("sharedBefore", "uint24"),
    ("share", "uint24"),
    ("price", "uint64"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SET_OFF: Fields = (
    ("loanId", "uint256"),
    ("claimId", "uint256"),
    ("claimValue", "uint96"),
    ("credit", "uint64"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
IN_KIND: Fields = (
    ("loanId", "uint256"),
    ("warehouseReceiptId", "uint256"),
    ("quantity", "uint96"),
    ("credit", "uint64"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
HEDGE: Fields = (
    ("loanId", "uint256"),
    ("item", "bytes32"),
    ("quantity", "uint96"),
    ("price", "uint64"),
    ("currency", "bytes3"),
    ("expiryDay", "uint24"),
    ("venue", "bytes32"),
    ("counterparty", "address"),
    ("contractHash", "bytes32"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
BUY_BACK: Fields = (
    ("facilityId", "uint256"),
    ("undertaker", "address"),
    ("share", "uint24"),
    ("maxTotal", "uint64"),
    ("lastDay", "uint24"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
DELIVERY: Fields = (
    ("orderId", "uint256"),
    ("lotId", "uint256"),
    ("amount", "uint96"),
    ("documentRoot", "bytes32"),
    ("deadline", "uint40"),
)
COSTS: Fields = (
    ("loanId", "uint256"),
    ("amount", "uint64"),
    ("evidenceHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SHARING_TERMS: Fields = (
    ("productId", "uint256"),
    ("sharer", "address"),
    ("currency", "address"),
    ("part", "uint24"),
    ("cap", "uint64"),
    ("validFrom", "uint40"),
    ("validUntil", "uint40"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
INSURANCE_TERMS: Fields = (
    ("facilityId", "uint256"),
    ("insurer", "address"),
    ("insured", "address"),
    ("currency", "address"),
    ("insuredAmount", "uint64"),
    ("validFrom", "uint40"),
    ("validUntil", "uint40"),
    ("legalTextHash", "bytes32"),
    ("deadline", "uint40"),
    ("nonce", "uint256"),
)
SHARING_END: Fields = (("termsHash", "bytes32"), ("deadline", "uint40"))
ORDER_CANCELLATION: Fields = (
    ("orderId", "uint256"),
    ("evidenceHash", "bytes32"),
    ("deadline", "uint40"),
)
ACCOUNT_CONSENT: Fields = (("partyId", "uint256"), ("account", "address"))
# A settlement token's approval by signature (ERC-2612).
PERMIT: Fields = (
    ("owner", "address"),
    ("spender", "address"),
    ("value", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint256"),
)
INTENT: Fields = (
    ("from", "address"),
    ("to", "address"),
    ("gas", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint48"),
    ("operation", "bytes32"),
    ("data", "bytes"),
)
STRUCTS: dict[str, Fields] = {
    "ReceivableTerms": RECEIVABLE_TERMS,
    "CreditNote": CREDIT_NOTE,
    "Quote": QUOTE,
    "FacilityTerms": FACILITY_TERMS,
    "OrderTerms": ORDER_TERMS,
    "CreditAttestation": CREDIT_ATTESTATION,
    "AccountConsent": ACCOUNT_CONSENT,
    "Extension": EXTENSION,
    "Restructuring": RESTRUCTURING,
    "SetOff": SET_OFF,
    "Correction": CORRECTION,
    "SaleTerms": SALE_TERMS,
    "ParticipationTerms": PARTICIPATION_TERMS,
    "InKind": IN_KIND,
    "Hedge": HEDGE,
    "BuyBack": BUY_BACK,
    "Delivery": DELIVERY,
    "OrderCancellation": ORDER_CANCELLATION,
    "Costs": COSTS,
    "SharingTerms": SHARING_TERMS,
    "SharingEnd": SHARING_END,
    "InsuranceTerms": INSURANCE_TERMS,
    "Permit": PERMIT,
    "Intent": INTENT,
}
