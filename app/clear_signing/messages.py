"""Types of EIP-712 that parties sign: what a signer does with each."""

from __future__ import annotations

import msgspec

from app.clear_signing.model import ALLOWANCE, FROM_CONTRACT, NUMBER, Currency, Field


class MessageForm(msgspec.Struct, frozen=True):
    """A type of message.

    Attributes:
        contract: the contract that checks the signature.
        title: what the signer does; a text to translate.
        sentence: the same with values: `{path}` is a field that is shown. A text to translate.
    """

    contract: str
    title: str
    sentence: str


MESSAGE_FORMS: dict[str, MessageForm] = {
    "ReceivableTerms": MessageForm(
        "Receivables",
        "Confirm a receivable",
        "{debtor} owes {seller} {faceAmount}, due on {dueDay}",
    ),
    "CreditNote": MessageForm(
        "Receivables",
        "Agree a credit note",
        "Receivable {receivableId} is reduced by {amount}",
    ),
    "Quote": MessageForm(
        "ClaimMarket",
        "Offer to buy a claim",
        "{funder} buys claim {claimId} of {value} from {seller} for {price}",
    ),
    "FacilityTerms": MessageForm(
        "Facilities",
        "Agree a facility",
        "{lender} lends {borrower} up to {limit} from {firstDay} to {lastDay}",
    ),
    "Extension": MessageForm("Facilities", "Extend a loan", "Loan {loanId} is extended"),
    "Restructuring": MessageForm(
        "Facilities",
        "Restructure a loan",
        "Loan {loanId} gets new terms: {periods} instalments, interest of {annualRate} a year",
    ),
    "SetOff": MessageForm(
        "Facilities",
        "Pay a loan with a claim",
        "{claimValue} of claim {claimId} is handed over and pays {credit} of loan {loanId}",
    ),
    "InKind": MessageForm(
        "Facilities",
        "Pay a loan with goods",
        "{quantity} of warehouse receipt {warehouseReceiptId} is handed over and pays {credit} of "
        "loan {loanId}",
    ),
    "Hedge": MessageForm(
        "Facilities", "Record a hedge", "A contract of {quantity} hedges loan {loanId}"
    ),
    "BuyBack": MessageForm(
        "Facilities",
        "Undertake to buy goods back",
        "{undertaker} buys goods of facility {facilityId} at {share} of their value, for "
        "{maxTotal} in total at most",
    ),
    "Costs": MessageForm(
        "Facilities", "Accept costs of enforcement", "Loan {loanId} is charged costs of {amount}"
    ),
    "Correction": MessageForm(
        "Facilities",
        "Accept a correction of a payment",
        "A recorded payment on loan {loanId} is corrected",
    ),
    "SaleTerms": MessageForm(
        "Facilities",
        "Sell a loan",
        "{seller} sells loan {loanId} of {principal} to {buyer} for {price}",
    ),
    "ParticipationTerms": MessageForm(
        "Facilities",
        "Sell a participation",
        "{lender} sells {share} of loan {loanId} to {participant} for {price}",
    ),
    "OrderTerms": MessageForm(
        "PurchaseOrders",
        "Confirm an order",
        "{buyer} orders goods for {amount} from {seller}, to be delivered on {deliveryDay}",
    ),
    "Delivery": MessageForm(
        "PurchaseOrders",
        "Confirm a delivery",
        "Goods of order {orderId} were received into lot {lotId}, and {amount} is owed for them",
    ),
    "OrderCancellation": MessageForm(
        "PurchaseOrders", "Cancel an order", "Order {orderId} is cancelled"
    ),
    "CreditAttestation": MessageForm(
        "CreditRegistry",
        "Attest credit",
        "{rater} gives party {partyId} tier {tier} and a limit of {limit}",
    ),
    "AccountConsent": MessageForm(
        "PartyRegistry",
        "Join a party",
        "{account} joins party {partyId} and may sign for it",
    ),
    "SharingTerms": MessageForm(
        "RiskReserve",
        "Agree to share losses",
        "{sharer} bears {part} of each loss under product {productId}, {cap} in total at most",
    ),
    "SharingEnd": MessageForm(
        "RiskReserve", "End a sharing of losses", "The sharing {termsHash} ends"
    ),
    "InsuranceTerms": MessageForm(
        "RiskReserve",
        "Agree an insurance",
        "{insurer} insures {insured} for losses of facility {facilityId} up to {insuredAmount}",
    ),
    "Intent": MessageForm(
        "Forwarder", "Order a call", "{from} orders a call of {to}, to be sent before {deadline}"
    ),
    "Permit": MessageForm(
        "SettlementToken",
        "Approve that cash is taken",
        "{spender} may take up to {value} from {owner}",
    ),
}
# A settlement token's `Permit` (ERC-2612) counts its nonces, and its `value` is money.
MESSAGE_FIELDS: dict[str, dict[str, Field]] = {
    "Permit": {
        "value": Field("Amount that may be taken at most", ALLOWANCE, Currency(FROM_CONTRACT)),
        "nonce": Field("Nonce", NUMBER),
    },
}
