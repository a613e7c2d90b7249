"""Receivables, orders, warehouse receipts."""

from __future__ import annotations

_TERMS = "sign the typed data that the gateway gives, with the key of that account"
ASSETS: dict[str, tuple[str, str]] = {
    # -- receivables
    "ReceivableUnknown": (
        "there is no receivable {receivableId}",
        "look for its number in the list",
    ),
    "StateForbids(receivableId,status)": (
        "receivable {receivableId} is {status:receivable}, which does not allow this",
        "look at the receivable for what it allows now",
    ),
    "NotSeller(receivableId,seller,caller)": (
        "the seller of receivable {receivableId} is {seller:who}, not {caller:who}",
        "let the seller do it",
    ),
    "NotDebtor": (
        "the debtor of receivable {receivableId} is {debtor:who}, not {caller:who}",
        "let the debtor do it",
    ),
    "NotHolder(claimId,receivableId,caller)": (
        "{caller:who} does not hold claim {claimId} on receivable {receivableId}",
        "let its holder do it",
    ),
    "FingerprintUsed(fingerprint,receivableId)": (
        "this invoice is registered already, as receivable {receivableId}",
        "an invoice can be registered once, ever",
    ),
    "FingerprintUsed(fingerprint,orderId)": (
        "this order is registered already, as order {orderId}",
        "an order can be registered once, ever",
    ),
    "FingerprintUsed(fingerprint,lotId)": (
        "these goods are registered already, as lot {lotId}",
        "goods can be issued once, ever",
    ),
    "FingerprintMissing": ("the fingerprint is missing", "give the document's fingerprint"),
    "CurrencyNotAllowed": (
        "receivables in {currency:cash} are not allowed",
        "choose a currency that the ledger takes",
    ),
    "AmountOutOfRange(amount,least,most)": (
        "an amount of {amount:minor} is not from {least:minor} to {most:minor}",
        "give an amount in that range",
    ),
    "AmountOutOfRange(given,least,most)": (
        "an amount of {given:minor} is not from {least:minor} to {most:minor}",
        "give an amount in that range",
    ),
    "DueDayOutOfRange": (
        "the due date {dueDay:day} is not from {earliest:day} to {latest:day}",
        "give a due date in that range",
    ),
    "TermOutOfRange(term,given,most)": (
        "{term} is {given}, it may be at most {most}",
        "give {term} within its bounds",
    ),
    "SamePartyBothSides(seller,debtor)": (
        "seller {seller:who} and debtor {debtor:who} are one party or related",
        "name a debtor of another party",
    ),
    "SamePartyBothSides(seller,buyer)": (
        "seller {seller:who} and buyer {buyer:who} are one party or related",
        "name a buyer of another party",
    ),
    "SamePartyBothSides(warehouse,depositor)": (
        "warehouse {warehouse:who} and depositor {depositor:who} are one party or related",
        "name a depositor of another party",
    ),
    "DebtorSignatureInvalid": (
        "the signature over receivable {receivableId} is not that of the debtor {debtor:who}",
        _TERMS,
    ),
    "SellerSignatureInvalid": (
        "the signature over receivable {receivableId} is not that of the seller {seller:who}",
        _TERMS,
    ),
    "DisputeWindowClosed": (
        "receivable {receivableId} could be disputed until {lastDay:day}, it is {today:day}",
        "settle it with the seller; a credit note still reduces the debt",
    ),
    "CreditNoteExceedsUnpaid": (
        "a credit note of {amount:minor} is more than the {unpaid:minor} that are unpaid of "
        "receivable {receivableId}",
        "give at most what is unpaid",
    ),
    "NothingDue": ("nothing is due of receivable {receivableId}", "there is nothing to pay"),
    "NothingToCollect": (
        "nothing was paid on claim {claimId} that is not collected yet",
        "wait for the next payment",
    ),
    "TooEarly(receivableId,today,earliest)": (
        "this may be done with receivable {receivableId} from {earliest:day} on, it is {today:day}",
        "wait until then",
    ),
    "PaymentWithinPayment": (
        "receivable {receivableId} is being paid in this very transaction",
        "send the payments one after another",
    ),
    "CurrencyWithoutDecimals": (
        "the currency {currency:cash} does not say its decimals",
        "let the operator check the currency's contract",
    ),
    "CurrencyDecimalsOutOfRange": (
        "the currency {currency:cash} has {decimals} decimals, at most {most} are taken",
        "let the operator check the currency's contract",
    ),
    "CurrencyStands": (
        "the currency {currency:cash} stands still: its issuer paused it",
        "wait until the issuer lets it move",
    ),
    "CurrencyUnsteady": (
        "the currency {currency:cash} moved other amounts than it was told to",
        "ask the issuer of the currency",
    ),
    # -- orders
    "OrderUnknown": ("there is no order {orderId}", "look for its number in the list"),
    "StateForbids(orderId,status)": (
        "order {orderId} is {status:order}, which does not allow this",
        "look at the order for what it allows now",
    ),
    "NotSeller(orderId,seller,caller)": (
        "the seller of order {orderId} is {seller:who}, not {caller:who}",
        "let the seller do it",
    ),
    "NotBuyer": (
        "the buyer of order {orderId} is {buyer:who}, not {caller:who}",
        "let the buyer do it",
    ),
    "BuyerSignatureInvalid": (
        "the signature over order {orderId} is not that of the buyer {buyer:who}",
        _TERMS,
    ),
    "CancellationSignatureInvalid": (
        "the signature over the cancellation of order {orderId} is not that of {signer:who}",
        _TERMS,
    ),
    "DeliverySignatureInvalid": (
        "the signature over the delivery of order {orderId} is not that of the buyer {buyer:who}",
        _TERMS,
    ),
    "DayOutOfRange": (
        "{field} is {given:day}, it must be from {least:day} to {most:day}",
        "give a day in that range",
    ),
    "OrderEncumberedAlready": (
        "order {orderId} is under a lien of {lienholder:who} already",
        "let the lienholder release it first",
    ),
    "LienByLedger": (
        "the lien of {lienholder:who} on order {orderId} ends with its loan",
        "repay the loan",
    ),
    "LienOfOwn": (
        "{lienholder:who} would have a lien on its own order {orderId}",
        "name a lienholder of another party",
    ),
    "NotOfAnyParty": ("{account:who} belongs to no party", "name the account of a party"),
    "OrderNotEncumbered": ("order {orderId} is under no lien", "there is nothing to release"),
    "NotLienholder(orderId,lienholder,caller)": (
        "the lien on order {orderId} is that of {lienholder:who}, not of {caller:who}",
        "let the lienholder do it",
    ),
    "OrderExpired": (
        "order {orderId} expired on {expiryDay:day}, it is {today:day}",
        "file a new order",
    ),
    "NotOfTheOrder(orderId,receivableId)": (
        "receivable {receivableId} is not of the parties and the currency of order {orderId}",
        "name a receivable of the same seller, buyer and currency",
    ),
    "NotOfTheOrder(orderId,receiptId)": (
        "warehouse receipt {receiptId} is not for goods of order {orderId}",
        "name a receipt of a lot that came in for the order",
    ),
    "InvoicedBeyondOrder": (
        "{amount:minor} are more than the {left:minor} that are left of order {orderId}",
        "invoice at most what is left",
    ),
    "DeliveredAlready": (
        "lot {lotId} is on record for order {orderId} already",
        "name another lot",
    ),
    # -- warehouse receipts
    "LotUnknown": ("there is no lot {lotId}", "look for its number in the list"),
    "NotWarehouse": (
        "the warehouse of lot {lotId} is {warehouse:who}, not {caller:who}",
        "let that warehouse do it",
    ),
    "NotHolder(receiptId,holder,caller)": (
        "the holder of receipt {receiptId} is {holder:who}, not {caller:who}",
        "let the holder do it",
    ),
    "FieldMissing": ("{field} is missing", "give {field}"),
    "QuantityOutOfRange": (
        "a quantity of {given:quantity} is not from {least:quantity} to {most:quantity}",
        "give a quantity in that range",
    ),
    "ReleasePending": (
        "the goods of receipt {receiptId} are asked for already",
        "hand them over, or withdraw the request first",
    ),
    "NoReleasePending": (
        "nobody asked for the goods of receipt {receiptId}",
        "let the holder ask for them first",
    ),
    "NotNegotiable": (
        "receipt {receiptId} is named: it passes to {to:who} only with the warehouse's word",
        "let the warehouse acknowledge the transfer first",
    ),
    "LotExpired": (
        "the goods of lot {lotId} expired on {expiryDay:day}, it is {today:day}",
        "take other goods",
    ),
    "LotNotSound": (
        "the goods of lot {lotId} are {condition:condition}",
        "take goods in sound condition",
    ),
    "StockDiffers": (
        "warehouse {warehouse:who} has {shortLots} lots with less stock than receipts",
        "let the warehouse clear the difference first",
    ),
    "PledgesAreStopped": (
        "new pledges of what {warehouse:who} keeps are stopped",
        "wait until the operator allows them again",
    ),
    "LengthsDiffer(lots,quantities)": (
        "there are {lots} lots and {quantities} quantities",
        "give one quantity for each lot",
    ),
}
