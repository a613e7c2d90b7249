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
    "LengthsDiffer(words,bits)": (
        "there are {words} words and {bits} sets of days off",
        "give the same number of both",
    ),
    # -- facilities
    "FacilityUnknown": ("there is no facility {facilityId}", "look for its number in the list"),
    "VersionNotInForce": (
        "version {value} of product {productId} is not in force; version {inForce} is",
        "propose the facility again",
    ),
    "LegalTextDiffers": (
        "the terms refer to the legal text {provided}, the product to {ofProduct}",
        "propose the facility with the product's legal text",
    ),
    "SamePartyBothSides(lender,borrower)": (
        "lender {lender:who} and borrower {borrower:who} are one party or related",
        "name a party that is not related",
    ),
    "SamePartyBothSides(first,second)": (
        "{first:who} and {second:who} are one party or related",
        "name a party that is not related",
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
        "{outstanding:minor} are owed on facility {facilityId}",
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
    "DepositMissing": (
        "the deposit of facility {facilityId} is {held:minor}; {needed:minor} are needed",
        "pay the deposit first",
    ),
    "LimitExceeded": (
        "{requested:minor} are more than the {max:minor} that {limit} allows",
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
    # -- loans
    "LoanUnknown": ("there is no loan {loanId}", "look for its number in the list"),
    "StateForbids(loanId,status)": (
        "loan {loanId} is {status:loan}, which does not allow this",
        "look at the loan for what it allows now",
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
        "token {collateralId} is not valid collateral: what it stands for has the status {status}",
        "give a confirmed claim or order that is not disputed, not due and not paid",
    ),
    "CollateralInOtherCurrency": (
        "token {collateralId} is in {currency:cash}; the loan is in {needed:cash}",
        "give collateral in the loan's currency",
    ),
    "CollateralTooSmall": (
        "token {collateralId} allows an advance of {advance:minor}; {needed:minor} are needed",
        "draw less, or give larger collateral",
    ),
    "CollateralNotExhausted": (
        "the collateral {collateralId} of loan {loanId} can still be turned into money",
        "collect it, or sell it, first",
    ),
    "CollateralMissing": ("loan {loanId} has no collateral", "give collateral"),
    "CollateralWorse": (
        "the collateral of loan {loanId} would be worth less: {lendableAfter:minor} after, "
        "{lendableBefore:minor} before, for a debt of {debt:minor}",
        "give collateral of at least the value that is taken out",
    ),
    "TooManyItems": (
        "loan {loanId} would have {items} collateral items; the maximum is {max}",
        "give fewer",
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
        "the {kind:item} {id} has no lien without a loan",
        "there is nothing to release",
    ),
    # -- margin, auction, buy-back
    "MarginNotAgreed": ("no margin is agreed for loan {loanId}", "look at the product's terms"),
    "MarginUnchanged": (
        "the margin of loan {loanId} does not change: {lendable:minor} for a debt of {debt:minor}",
        "there is nothing to call or to cure",
    ),
    "NotLiquidable": (
        "loan {loanId} may not be liquidated: {lendable:minor} for a debt of {debt:minor}, to be "
        "cured by {lastDay:day}",
        "wait until the time to cure is over",
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
        "the auction of loan {loanId} was started {max} times, which is the maximum",
        "settle in kind",
    ),
    "GoodsNotAppraised": ("the goods of loan {loanId} have no price", "let an appraiser post one"),
    "NoAuction": ("there is no auction of loan {loanId}", "start it first"),
    "PriceAboveBid": (
        "the price of loan {loanId}'s goods is {price:minor}, above the bid of {max:minor}",
        "bid more, or wait for the price to fall",
    ),
    "NoBuyBack": (
        "facility {facilityId} has no buy-back undertaking",
        "sell by auction",
    ),
    "BuyBackTooLow": (
        "the undertaking pays {price:minor} for loan {loanId}; {requested:minor} were requested",
        "ask for less",
    ),
}
