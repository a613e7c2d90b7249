"""Errors of receivables, orders and warehouse receipts."""

from __future__ import annotations

_TERMS = "sign the typed data that the gateway gives, with the key of that account"
ASSETS: dict[str, tuple[str, str]] = {
    # -- receivables
    "ReceivableUnknown": (
        "there is no receivable {receivableId}",
        "look for its number in the list",
    ),
    "StateForbids(receivableId,status)": (
        "receivable {receivableId} is {status:receivable}; this is not possible in its state",
        "look at the receivable (GET /v1/receivables/{receivableId}) for what happened to it",
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
        "this invoice is already registered as receivable {receivableId}",
        "an invoice can be registered only once",
    ),
    "FingerprintUsed(fingerprint,orderId)": (
        "this order is already registered as order {orderId}",
        "an order can be registered only once",
    ),
    "FingerprintUsed(fingerprint,lotId)": (
        "these goods are already registered as lot {lotId}",
        "goods can be issued only once",
    ),
    "FingerprintMissing": ("the fingerprint is missing", "give the document's fingerprint"),
    "CurrencyNotAllowed": (
        "receivables in {currency:cash} are not allowed",
        "choose a currency that the ledger accepts",
    ),
    "AmountOutOfRange(amount,min,max)": (
        "an amount of {amount:minor} is not from {min:minor} to {max:minor}",
        "give an amount in that range",
    ),
    "AmountOutOfRange(value,min,max)": (
        "an amount of {value:minor} is not from {min:minor} to {max:minor}",
        "give an amount in that range",
    ),
    "DueDayOutOfRange": (
        "the due date {dueDay:day} is not from {earliest:day} to {latest:day}",
        "give a due date in that range",
    ),
    "TermOutOfRange(term,value,max)": (
        "{term:name} is {value:term}; the maximum is {max:term}",
        "give at most {max:term} for {term:name}",
    ),
    "SamePartyBothSides(seller,debtor)": (
        "seller {seller:who} and debtor {debtor:who} are one party",
        "name a debtor of another party",
    ),
    "SamePartyBothSides(seller,buyer)": (
        "seller {seller:who} and buyer {buyer:who} are one party, or under one control",
        "name a buyer that is not related to the seller",
    ),
    "SamePartyBothSides(warehouse,depositor)": (
        "warehouse {warehouse:who} and depositor {depositor:who} are one party, or under one "
        "control",
        "name a depositor that is not related to the warehouse",
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
        "receivable {receivableId} could be disputed until {lastDay:day}; it is now {today:day}",
        "settle it with the seller; a credit note still reduces the debt",
    ),
    "CreditNoteExceedsUnpaid": (
        "a credit note of {amount:minor} is more than the {unpaid:minor} that are unpaid on "
        "receivable {receivableId}",
        "give at most what is unpaid",
    ),
    "NothingDue": ("nothing is due on receivable {receivableId}", "there is nothing to pay"),
    "NothingToCollect": (
        "there is nothing to collect on claim {claimId} now",
        "wait for the next payment",
    ),
    "TooEarly(receivableId,today,earliest)": (
        "receivable {receivableId} allows this from {earliest:day} on; it is now {today:day}",
        "wait until then",
    ),
    "PaymentWithinPayment": (
        "this transaction is already paying receivable {receivableId}",
        "send the payments one after another",
    ),
    "CurrencyWithoutDecimals": (
        "the currency {currency:cash} does not give its number of decimals",
        "let the operator check the currency's contract",
    ),
    "CurrencyDecimalsOutOfRange": (
        "the currency {currency:cash} has {decimals} decimals; the maximum is {max}",
        "let the operator check the currency's contract",
    ),
    "CurrencyStands": (
        "the issuer has paused the currency {currency:cash}",
        "wait until the issuer unpauses it",
    ),
    "CurrencyUnsteady": (
        "the currency {currency:cash} first refused the payment, and allowed it a moment later",
        "send the command again; if it is refused again, ask the issuer of the currency",
    ),
    # -- orders
    "OrderUnknown": ("there is no order {orderId}", "look for its number in the list"),
    "StateForbids(orderId,status)": (
        "order {orderId} is {status:order}; this is not possible in its state",
        "look at the order (GET /v1/orders/{orderId}) for what happened to it",
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
        "{field:name} is {value:day}, it must be from {min:day} to {max:day}",
        "give a day in that range",
    ),
    "OrderEncumberedAlready": (
        "order {orderId} is already under a lien of {lienholder:who}",
        "let the lienholder release it first",
    ),
    "LienByLedger": (
        "the lien of {lienholder:who} on order {orderId} ends only with its loan",
        "repay the loan",
    ),
    "LienOfOwn": (
        "{lienholder:who} is the seller of order {orderId}, or related to it, so it cannot have a "
        "lien on the order",
        "name a lienholder that is not related to the seller",
    ),
    "NotOfAnyParty": ("{account:who} belongs to no party", "name the account of a party"),
    "OrderNotEncumbered": ("order {orderId} is under no lien", "there is nothing to release"),
    "NotLienholder(orderId,lienholder,caller)": (
        "the lien on order {orderId} belongs to {lienholder:who}, not to {caller:who}",
        "let the lienholder do it",
    ),
    "OrderExpired": (
        "order {orderId} expired on {expiryDay:day}; it is now {today:day}",
        "file a new order",
    ),
    "NotOfTheOrder(orderId,receivableId)": (
        "receivable {receivableId} has other parties or another currency than order {orderId}",
        "name a receivable of the same seller, buyer and currency",
    ),
    "NotOfTheOrder(orderId,warehouseReceiptId)": (
        "warehouse receipt {warehouseReceiptId} is not for all goods of the lot that came in for "
        "order {orderId}",
        "name the warehouse receipt for the whole lot that the buyer signed for",
    ),
    "InvoicedBeyondOrder": (
        "the invoice is for {amount:minor}, but only {left:minor} of order {orderId} are left",
        "invoice at most what is left",
    ),
    "DeliveredAlready": (
        "lot {lotId} is already on record for order {orderId}",
        "name another lot",
    ),
    # -- warehouse receipts
    "LotUnknown": ("there is no lot {lotId}", "look for its number in the list"),
    "NotWarehouse": (
        "the warehouse of lot {lotId} is {warehouse:who}, not {caller:who}",
        "let that warehouse do it",
    ),
    "NotHolder(warehouseReceiptId,holder,caller)": (
        "the holder of warehouse receipt {warehouseReceiptId} is {holder:who}, not {caller:who}",
        "let the holder do it",
    ),
    "FieldMissing": ("{field:name} is missing", "give {field:name}"),
    "QuantityOutOfRange": (
        "a quantity of {value:quantity} is not from {min:quantity} to {max:quantity}",
        "give a quantity in that range",
    ),
    "ReleasePending": (
        "the release of the goods of warehouse receipt {warehouseReceiptId} is requested already",
        "hand the goods over, or withdraw the request first",
    ),
    "NoReleasePending": (
        "no release of the goods of warehouse receipt {warehouseReceiptId} is requested",
        "let the holder request it first",
    ),
    "WarehouseReceiptChanged": (
        "warehouse receipt {warehouseReceiptId} is for {quantity:quantity}, and its holder is "
        "{holder:who}",
        "look at the warehouse receipt again, and hand over what it is for now",
    ),
    "NotNegotiable": (
        "warehouse receipt {warehouseReceiptId} is not negotiable: a transfer to {to:who} needs "
        "the warehouse's acknowledgement",
        "let the warehouse acknowledge the transfer first",
    ),
    "LotExpired": (
        "the goods of lot {lotId} expired on {expiryDay:day}; it is now {today:day}",
        "use other goods",
    ),
    "LotNotSound": (
        "the goods of lot {lotId} are {condition:condition}",
        "use goods in sound condition",
    ),
    "StockDiffers": (
        "warehouse {warehouse:who} has less of {shortLots:lots} in store than the warehouse "
        "receipts say",
        "let the warehouse count them again or report the loss; until then no new lien is possible",
    ),
    "NewLiensAreStopped": (
        "new liens on goods at warehouse {warehouse:who} are stopped",
        "wait until the operator allows them again",
    ),
    "LengthsDiffer(lots,quantities)": (
        "there are {lots} lots and {quantities} quantities",
        "give one quantity for each lot",
    ),
}
