"""Products, facilities, loans, collateral, liquidation."""

from __future__ import annotations

LENDING: dict[str, tuple[str, str]] = {
    # -- products
    "ProductClosed": ("product {productId} takes no new business", "choose an open product"),
    "ProductUnknown": (
        "there is no version {version} of product {productId}",
        "look at the list of products",
    ),
    "CodeTaken": ("the code {code:code} is that of product {productId}", "give another code"),
    "CodeMissing": ("the product has no code", "give a code"),
    "TermOutOfRange(term,given,least,most)": (
        "{term} is {given:term}, it must be from {least:term} to {most:term}",
        "give {term} within its bounds",
    ),
    "LengthsDiffer(words,bits)": (
        "there are {words} words and {bits} sets of days off",
        "give as many of both",
    ),
    # -- facilities
    "FacilityUnknown": ("there is no facility {facilityId}", "look for its number in the list"),
    "VersionNotInForce": (
        "version {given} of product {productId} is not in force, version {inForce} is",
        "propose the facility anew",
    ),
    "LegalTextDiffers": (
        "the terms refer to another legal text ({given}) than the product ({ofProduct})",
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
        "facility {facilityId} is open from {firstDay:day} to {lastDay:day}, it is {today:day}",
        "draw within that time, or agree on a new facility",
    ),
    "FacilityOverdue": (
        "{overdueLoans} loans of facility {facilityId} are overdue",
        "repay them first",
    ),
    "DepositMissing": (
        "the deposit of facility {facilityId} is {held:minor}, {needed:minor} are needed",
        "pay the deposit first",
    ),
    "LimitExceeded": (
        "{wanted:minor} are more than the {most:minor} that {limit} allows",
        "draw less, or repay something first",
    ),
    "StyleNotAllowed": (
        "the product does not allow repayment as {style:style}",
        "choose another way of repayment",
    ),
    "BreakerTripped": (
        "too much of product {productId} is overdue: {overdue:minor} of {outstanding:minor}, the "
        "breaker is at {breaker:percent}",
        "wait until overdue loans are repaid",
    ),
    "CannotFund": (
        "{account:who} cannot give {amount:minor} in {currency:cash}: too little money, or no "
        "approval of Facilities",
        "let the lender put in money and approve Facilities",
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
    "NotOverdue": ("loan {loanId} is not unpaid beyond its grace", "wait until its grace is over"),
    "TooEarly(loanId,today,earliest)": (
        "this may be done with loan {loanId} from {earliest:day} on, it is {today:day}",
        "wait until then",
    ),
    "SetOffExceedsDebt": (
        "a credit of {credit:minor} is more than the {owed:minor} that are owed on loan {loanId}",
        "give at most what is owed",
    ),
    "CreditBelowFloor": (
        "a credit of {credit:minor} for loan {loanId} is below the floor of {least:minor}",
        "agree on at least that",
    ),
    "NotReceivables": (
        "only Receivables may do this, not {caller:who}",
        "use the claim's endpoints",
    ),
    "NotReceipts": (
        "only WarehouseReceipts may do this, not {caller:who}",
        "use the receipt's endpoints",
    ),
    # -- collateral
    "CoverInUse": ("token {coverId} is collateral of loan {loanId}", "give other collateral"),
    "CoverNotOfBorrower": (
        "the holder of token {coverId} is {owner:who}, not the borrower {borrower:who}",
        "give collateral that the borrower holds",
    ),
    "CoverNotGood": (
        "token {coverId} is no good collateral: what it stands for has the status {status}",
        "give a confirmed claim or order that is not disputed, not due and not paid",
    ),
    "CoverInOtherCurrency": (
        "token {coverId} is in {currency:cash}, the loan is in {needed:cash}",
        "give collateral in the loan's currency",
    ),
    "CoverTooSmall": (
        "token {coverId} allows an advance of {advance:minor}, {needed:minor} are needed",
        "draw less, or give larger collateral",
    ),
    "CoverNotExhausted": (
        "the collateral {coverId} of loan {loanId} can still bring money",
        "collect it, or sell it, first",
    ),
    "CoverMissing": ("loan {loanId} has no collateral", "give collateral"),
    "CoverWorse": (
        "loan {loanId} would be worse covered: {lendableAfter:minor} after, "
        "{lendableBefore:minor} before, for a debt of {debt:minor}",
        "give more collateral than is taken out",
    ),
    "TooManyPieces": (
        "loan {loanId} would have {pieces} pieces of collateral, at most {most}",
        "give fewer",
    ),
    "PieceNotOfLoan": (
        "the {kind:piece} {id} is no collateral of loan {loanId}",
        "look at the loan's collateral",
    ),
    "PieceRefused": (
        "the product takes no {kind:piece} such as {id}",
        "give what the product takes",
    ),
    "OlderGoodsFirst": (
        "receipt {olderReceiptId} has older goods than receipt {receiptId}",
        "take out the older goods first",
    ),
    "LienServesLoan": ("the lien on the {kind:piece} {id} serves loan {loanId}", "repay the loan"),
    "NoIdleLien": (
        "there is no lien on the {kind:piece} {id} that serves no loan",
        "there is nothing to free",
    ),
    # -- margin, auction, buy-back
    "MarginNotAgreed": ("no margin is agreed for loan {loanId}", "look at the product's terms"),
    "MarginUnchanged": (
        "the margin of loan {loanId} stands as it is: {lendable:minor} for a debt of {debt:minor}",
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
        "the auction of loan {loanId} was begun {most} times, the most",
        "settle in kind",
    ),
    "GoodsNotAppraised": ("the goods of loan {loanId} have no price", "let an appraiser post one"),
    "NoAuction": ("there is no auction of loan {loanId}", "begin it first"),
    "PriceAboveBid": (
        "the price of loan {loanId}'s goods is {price:minor}, above the {most:minor} that was bid",
        "bid more, or wait for the price to fall",
    ),
    "NoBuyBack": (
        "nobody undertook to buy back the goods of facility {facilityId}",
        "sell by auction",
    ),
    "BuyBackTooLow": (
        "the undertaking pays {price:minor} for loan {loanId}, {asked:minor} were asked",
        "ask for less",
    ),
}
