"""Errors of products, facilities, loans, collateral and liquidation."""

from __future__ import annotations

LENDING: dict[str, tuple[str, str]] = {
    # -- products
    "ProductClosed": ("product {productId} is closed for new business", "choose an open product"),
    "ProductUnknown": (
        "there is no version {version} of product {productId}",
        "look at the list of products",
    ),
    "CodeTaken": ("product {productId} already has the code {code:code}", "give another code"),
    "CodeMissing": ("the product has no code", "give a code"),
    "TermOutOfRange(term,value,min,max)": (
        "{term} is {value:term}; it must be from {min:term} to {max:term}",
        "give {term} within its bounds",
    ),
    "SpreadsOutOfRange": (
        "the spreads {minSpread:percent} to {maxSpread:percent} are out of order, beyond 100%, or "
        "given for a fixed rate",
        "give the smaller one first; give none for a fixed rate",
    ),
    "LengthsDiffer(words,bits)": (
        "there are {words} word numbers and {bits} sets of days off",
        "give one set of days off for each word number",
    ),
    # -- facilities
    "FacilityUnknown": ("there is no facility {facilityId}", "look for its number in the list"),
    "VersionNotInForce": (
        "version {value} of product {productId} is not in force; version {inForce} is",
        "propose the facility again",
    ),
    "SpreadOutOfRange": (
        "the spread is {spread:percent}; it must be from {min:percent} to {max:percent}",
        "give a spread that the product allows; a fixed rate has none",
    ),
    "RateIsFixed": (
        "the rate of loan {loanId} is fixed",
        "there is nothing to reset",
    ),
    "RateNotDue": (
        "the rate of loan {loanId} is reset on {resetDay:day}, and its day is {today:day}",
        "wait until that day",
    ),
    "LegalTextDiffers": (
        "the terms refer to the legal text {provided}, the product to {ofProduct}",
        "propose the facility with the product's legal text",
    ),
    "SamePartyBothSides(lender,borrower)": (
        "{lender:who} and {borrower:who} are one party, or under one control",
        "let the lender, the debtor of the collateral, or the undertaker be a party that is not "
        "related to the borrower",
    ),
    "SamePartyBothSides(first,second)": (
        "{first:who} and {second:who} are one party, or under one control",
        "let two parties do it that are not related",
    ),
    "NotBorrower": (
        "the borrower of facility {facilityId} is {borrower:who}, not {caller:who}",
        "let the borrower do it",
    ),
    "NotLender": (
        "the lender of facility {facilityId} is {lender:who}, not {caller:who}",
        "let the lender do it",
    ),
    "FacilityIsClosed": ("facility {facilityId} is closed", "agree on a new one"),
    "FacilityInUse": (
        "loans of {outstanding:minor} under facility {facilityId} are not repaid yet",
        "repay them first",
    ),
    "FacilityNotInTime": (
        "facility {facilityId} is open from {firstDay:day} to {lastDay:day}; it is now {today:day}",
        "draw within that period, or agree on a new facility",
    ),
    "FacilityOverdue": (
        "{overdueLoans} loans of facility {facilityId} are overdue",
        "repay them first",
    ),
    "FacilitySuspended": (
        "the lender's side has suspended draws on facility {facilityId}",
        "ask the lender; repayments go on",
    ),
    "SuspensionUnchanged": (
        "your side has done this to facility {facilityId} already, or another side suspended it",
        "look at the facility for who has suspended its draws",
    ),
    "CommitmentEnded": (
        "the commitment of facility {facilityId} ended at {endedAt:time}: a loan of the borrower "
        "was overdue or in default",
        "ask the lender to renew it (DELETE /v1/facilities/{facilityId}/suspension), or agree on a "
        "new facility",
    ),
    "BorrowerInDefault": (
        "{loans} loans of party {partyId} are in default, so that it cannot draw anywhere",
        "repay them first",
    ),
    "LimitInOtherCurrency": (
        "party {partyId} uses its attested limit in another currency than {currency:cash}",
        "repay the loans in that currency first",
    ),
    "DrawNotAnnounced": (
        "{unannounced:minor} are more than the {max:minor} that facility {facilityId} allows "
        "without an announcement",
        "announce the draw (POST /v1/facilities/{facilityId}/announced-draw), and wait",
    ),
    "DrawWaits": (
        "the announced draw of facility {facilityId} is possible from {drawableFrom:time} on",
        "wait until then, or ask the lender to allow it at once",
    ),
    "DrawAlreadyAnnounced": (
        "a draw of {amount:minor} is announced on facility {facilityId} until {drawableUntil:time}",
        "draw it, or stop it first",
    ),
    "NothingAnnounced": (
        "facility {facilityId} has no such announced draw",
        "look at the facility for what is announced",
    ),
    "NothingOwedUnderRules": (
        "party {partyId} owes nothing in {currency:cash} under this rule set",
        "its next draw counts for its group of that day",
    ),
    "DepositMissing": (
        "the deposit of facility {facilityId} is {held:minor}; {needed:minor} are needed",
        "pay the deposit first",
    ),
    "LimitExceeded": (
        "{requested:minor} of {limit} would be used; the maximum is {max:minor}",
        "draw less, or repay something first",
    ),
    "StyleNotAllowed": (
        "the product does not allow repayment as {style:style}",
        "choose another way of repayment",
    ),
    "BreakerTripped": (
        "too much of product {productId} is overdue: {overdue:minor} of {outstanding:minor}; the "
        "limit is {breaker:percent}",
        "wait until overdue loans are repaid",
    ),
    "CannotFund": (
        "{account:who} cannot lend {amount:minor} in {currency:cash}: too little money, or no "
        "approval of Facilities",
        "let the lender pay in money and approve Facilities",
    ),
    "DebtorNotAccepted": (
        "the lender of facility {facilityId} does not accept the debtor {debtor:who}",
        "let the lender accept it (POST /v1/facilities/{facilityId}/debtors)",
    ),
    # -- what a draw has to prove
    "DocumentMissing": (
        "facility {facilityId} has no {kinds:documents} for this draw",
        "upload one (POST /v1/draw-documents), and submit it "
        "(POST /v1/facilities/{facilityId}/documents)",
    ),
    "DocumentTooOld": (
        "the {kind:document} of facility {facilityId} is of {day:day}; the product takes none "
        "from before {firstDay:day}",
        "submit a newer one (POST /v1/facilities/{facilityId}/documents)",
    ),
    "DocumentNotAccepted": (
        "the {kind:document} of facility {facilityId} is not accepted yet",
        "ask the lender, or the attester that it named, to accept it",
    ),
    "DocumentInUse": (
        "the document {fingerprint} serves facility {facilityId} already (loan {loanId})",
        "submit another document: each serves one draw, also once its loan is repaid",
    ),
    "DocumentNotNeeded": (
        "the product of facility {facilityId} asks for no {kind:document}",
        "look at the product for the documents that it needs",
    ),
    "DocumentUnknown": (
        "facility {facilityId} has no document {fingerprint}",
        "look at its documents (GET /v1/facilities/{facilityId}/documents)",
    ),
    "DocumentDiffers": (
        "the document {fingerprint} is on the ledger with another content (root {documentRoot}) "
        "than the one named (root {provided}): its root, amount, day or kind differs",
        "name the document as it was submitted, or submit one with another number",
    ),
    "DocumentAcceptedAlready": (
        "the document {fingerprint} is accepted already",
        "there is nothing to do",
    ),
    "DeclaredInOtherCurrency": (
        "the declaration {fingerprint} is in {declared:iso}; the facility is in {currency:iso}",
        "submit a declaration in {currency:iso}",
    ),
    "NotAttester": (
        "{caller:who} is neither the lender of facility {facilityId} nor its attester",
        "let the lender or the attester that it named do it",
    ),
    "ReportNotInTime": (
        "trade of {month:month} is reported from {firstDay:day} to {lastDay:day}; it is now "
        "{today:day}",
        "report a month once it is over, and in time; a later correction may only lower it",
    ),
    # -- loans
    "LoanUnknown": ("there is no loan {loanId}", "look for its number in the list"),
    "StateForbids(loanId,status)": (
        "loan {loanId} is {status:loan}; this is not possible in its state",
        "look at the loan (GET /v1/loans/{loanId}) for what happened to it",
    ),
    "NothingOwed": ("nothing is owed on loan {loanId}", "there is nothing to pay"),
    "NotOverdue": (
        "loan {loanId} is not overdue past its days of grace",
        "wait until the days of grace are over",
    ),
    "TooEarly(loanId,today,earliest)": (
        "loan {loanId} allows this from {earliest:day} on; it is now {today:day}",
        "wait until then",
    ),
    "SetOffExceedsDebt": (
        "a credit of {credit:minor} is more than the {owed:minor} that are owed on loan {loanId}",
        "give at most what is owed",
    ),
    # -- sales of loans
    "LoanChanged": (
        "loan {loanId} is not the one that was signed for: {principal:minor} is outstanding now, "
        "its postings end at {postings}, and its terms, status, collateral or hedges may be others",
        "propose the sale again",
    ),
    "LoanNotSaleable": (
        "loan {loanId} cannot change its lender: {reason:code} stands against it",
        "entrusted loans and loans with a recorded loss are not sold, and loans whose principal "
        "was raised only without a duty to buy them back; else wait until the auction, or the "
        "seller's right of buying back, is over",
    ),
    "NotOfSale": (
        "{caller:who} is no side of the sale of loan {loanId}",
        "let seller or buyer do it",
    ),
    "BuyBackNotDue": (
        "loan {loanId} cannot be bought back now: it may be from {firstDay:day} to {lastDay:day}, "
        "as its last sale says (rights {buyBack})",
        "wait for the first day; the holder also declares the default first",
    ),
    "NotOfSeller": (
        "{account:who} cannot take loan {loanId} back: {seller:who} sold it",
        "name the seller's account, or another one of its party if the party removed that account",
    ),
    "NothingToAcknowledge": (
        "loan {loanId} has no notice of a sale that is to be acknowledged",
        "there is nothing to do",
    ),
    # -- corrections
    "HistoryDiffers": (
        "something was posted on loan {loanId} meanwhile",
        "send the request again",
    ),
    "PostingUnknown": (
        "the payment is not on loan {loanId}: it was reversed, moved, or never recorded",
        "look at the loan's entries",
    ),
    "PostingFixed": (
        "what moved on the ledger for loan {loanId} is never undone",
        "pay back what is not owed (POST /v1/loans/{loanId}/refunds)",
    ),
    "ValueDayOutOfRange": (
        "the value day {valueDay:day} of a payment on loan {loanId} must be from {firstDay:day} "
        "(the draw, or the last change of its terms) to {today:day}",
        "give a value day within these",
    ),
    "LossShared": (
        "others bore a loss on loan {loanId}, so neither its payments nor its terms are changed",
        "record what comes in as a repayment from your own account",
    ),
    "LossNotShared": (
        "a correction or capitalised interest raised the principal of loan {loanId}, or costs were "
        "charged that the borrower signed for, so nobody else bears its loss",
        "write the loan off, and bear the loss yourself",
    ),
    "PenaltyLeft": (
        "penalty of {penalty:minor} is owed on loan {loanId} beyond what is forgiven, and new "
        "terms begin without penalty",
        "pay it first, waive it (POST /v1/loans/{loanId}/waivers), or forgive more",
    ),
    "CorrectionLate": (
        "the lender alone could correct this on loan {loanId} until {lastDay:day}; it is now "
        "{today:day}",
        "let the borrower sign the correction too",
    ),
    "RefundUncovered": (
        "{refunded:minor} went back on loan {loanId}, and only {overpaid:minor} would not be owed",
        "record first that the money came back",
    ),
    "CurrenciesDiffer": (
        "the two loans are in {currency:cash} and {toCurrency:cash}",
        "name a loan in the same currency",
    ),
    "CreditBelowFloor": (
        "a credit of {credit:minor} for loan {loanId} is below the floor of {min:minor}",
        "agree on at least that",
    ),
    "NotReceivables": (
        "only Receivables may do this, not {caller:who}",
        "use the claim's endpoints",
    ),
    "NotWarehouseReceipts": (
        "only WarehouseReceipts may do this, not {caller:who}",
        "use the warehouse receipt's endpoints",
    ),
    # -- collateral
    "CollateralInUse": (
        "token {collateralId} is collateral of loan {loanId}",
        "give other collateral",
    ),
    "CollateralNotOfBorrower": (
        "the holder of token {collateralId} is {owner:who}, not the borrower {borrower:who}",
        "give collateral that the borrower holds",
    ),
    "CollateralNotGood": (
        "{collateralId} is not good collateral: its debt or order has the status {status}",
        "give a claim on a confirmed debt, or a confirmed order, that is not disputed, due or paid",
    ),
    "CollateralInOtherCurrency": (
        "token {collateralId} is in {currency:cash}; the loan is in {needed:cash}",
        "give collateral in the loan's currency",
    ),
    "CollateralTooSmall": (
        "the collateral counts for {advance:minor}; {needed:minor} are needed",
        "draw less, or give more collateral",
    ),
    "CollateralNotExhausted": (
        "the collateral {collateralId} of loan {loanId} can still bring money",
        "collect it or sell it first",
    ),
    "CollateralMissing": (
        "the loan or its product has no collateral of the kind that this needs",
        "look at the product's collateral: give items for a product on goods, collateralId for any "
        "other",
    ),
    "CollateralWorse": (
        "the collateral of loan {loanId} would be worth less: {lendableAfter:minor} after, "
        "{lendableBefore:minor} before, for a debt of {debt:minor}",
        "give collateral of at least the value that is taken out",
    ),
    "TooManyItems": (
        "loan {loanId} would have {items} collateral items; the maximum is {max}",
        "give fewer items, or merge warehouse receipts of one lot first",
    ),
    "ItemNotOfLoan": (
        "the {kind:item} {id} is not collateral of loan {loanId}",
        "look at the loan's collateral",
    ),
    "ItemRefused": (
        "the product does not accept the {kind:item} {id} as collateral",
        "give collateral that the product accepts",
    ),
    "OlderGoodsFirst": (
        "warehouse receipt {olderWarehouseReceiptId} has older goods than warehouse receipt "
        "{warehouseReceiptId}",
        "take out the older goods first",
    ),
    "LienServesLoan": ("the lien on the {kind:item} {id} serves loan {loanId}", "repay the loan"),
    "NoIdleLien": (
        "no lien without a loan is on the {kind:item} {id}",
        "there is nothing to release",
    ),
    # -- margin, auction, buy-back
    "MarginNotAgreed": (
        "the product of loan {loanId} has no terms for margin calls and auctions",
        "look at the product's terms",
    ),
    "MarginUnchanged": (
        "loan {loanId} has nothing to call or to cure: its collateral counts for "
        "{lendable:minor}, and its debt is {debt:minor}",
        "there is nothing to do; check the loan again when a price has changed",
    ),
    # -- hedges
    "HedgeInOtherCurrency": (
        "the hedge is in {currency:iso}, and the goods of the loan are priced in {needed:iso}",
        "give a hedge in the loan's currency",
    ),
    "HedgeExpired": (
        "the last day of the hedge was {expiryDay:day}; it is now {today:day}",
        "give a hedge that has not expired",
    ),
    "HedgeWithOwnSide": (
        "the counterparty {counterparty:who} is {side:who}, or is under one control with it",
        "give a hedge with a party that is no side of the loan",
    ),
    "HedgeUsed": (
        "the contract {contractHash} hedges loan {loanId} already",
        "let the lender close that hedge first, or give another contract",
    ),
    "HedgeExceedsGoods": (
        "the hedges would be for {quantity:quantity} of the goods; the loan has {held:quantity}",
        "hedge at most what the loan has of these goods as collateral",
    ),
    "TooManyHedges": (
        "loan {loanId} has {max} hedges, which is the maximum",
        "let the lender close one first",
    ),
    "HedgeUnknown": (
        "loan {loanId} has no hedge {contractHash}",
        "use a contractHash of the loan's hedges",
    ),
    "NotLiquidable": (
        "loan {loanId} may not be liquidated yet: its collateral counts for {lendable:minor}, and "
        "its debt is {debt:minor} (last day to cure a margin call: {lastDay:deadline})",
        "make a margin call and wait until its days to cure are over, or until the collateral is "
        "below the liquidation level",
    ),
    "AuctionRuns": (
        "the auction of loan {loanId} runs until {auctionEnd:time}",
        "bid, or wait for its end",
    ),
    "AuctionNotBegun": (
        "the auction of loan {loanId} begins at {auctionStart:time}",
        "wait until then",
    ),
    "RestartsUsedUp": (
        "the auction of loan {loanId} was started again {max} times, which is the maximum",
        "let appraisers post a new price of the goods, or agree on a settlement in kind",
    ),
    "GoodsNotAppraised": ("the goods of loan {loanId} have no price", "let an appraiser post one"),
    "NoAuction": (
        "no goods of loan {loanId} are for sale",
        "the lender starts an auction (POST /v1/loans/{loanId}/liquidation)",
    ),
    "PriceAboveBid": (
        "the price of loan {loanId}'s goods is {price:minor}, above the bid of {max:minor}",
        "bid more, or wait for the price to fall",
    ),
    "NoBuyBack": (
        "facility {facilityId} has no buy-back undertaking",
        "sell by auction",
    ),
    "BuyBackTooLow": (
        "the undertaker would pay {price:minor} for goods of loan {loanId}; the auction still asks "
        "{requested:minor}",
        "wait until the auction asks less",
    ),
}
