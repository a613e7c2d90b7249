"""Errors of collateral, hedges and liquidation."""

from __future__ import annotations

COLLATERAL: dict[str, tuple[str, str]] = {
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
    "ClaimDueTooLate": (
        "claim {claimId} is due on {dueDay:day}; for this loan it must be due by {max:day}",
        "give a claim that is due sooner",
    ),
    "CollateralInOtherCurrency": (
        "token {collateralId} is in {currency:cash}; the loan is in {needed:cash}",
        "give collateral in the loan's currency",
    ),
    "CollateralTooSmall": (
        "the collateral counts for {advance:minor}; {needed:minor} are needed",
        "draw less, or give more collateral; goods that end before an auction could end count for "
        "nothing",
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
        "give collateral of at least the value that is taken out, or repay a part first; the "
        "lender may take less for an order",
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
        "warehouse receipt {olderWarehouseReceiptId} has goods that end earlier than those of "
        "warehouse receipt {warehouseReceiptId}, or that are older",
        "take out the goods that end first, and of the same last day the older ones",
    ),
    "LossOfLender": (
        "goods left loan {loanId} for the promise of a debtor that its lender accepted after the "
        "draw, so nobody else bears its loss",
        "write the loan off, and bear the loss yourself",
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
        "below the liquidation level; after new terms wait for the days to cure in any case",
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
