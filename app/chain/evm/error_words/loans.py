"""Errors of loans: their terms, sales, postings and corrections."""

from __future__ import annotations

LOANS: dict[str, tuple[str, str]] = {
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
    "TotalCostAboveCap": (
        "interest and service fees would be {cost:minor}, and the cap on the total cost allows "
        "{max:minor} for these days",
        "draw more or for longer, or agree on lower fees",
    ),
    "PaymentsRecorded": (
        "payments of {recorded:minor} from outside the ledger are recorded on loan {loanId}, and "
        "instalments begin a new history: they could never be corrected",
        "renounce that amount (renounced): it is owed again, and the lender records anew what "
        "came; if another lender recorded it, from which the loan went back, ask the lender to "
        "reverse it first",
    ),
    # -- sales of loans
    "LoanChanged": (
        "loan {loanId} is not the one that was signed for: {principal:minor} is outstanding now, "
        "its postings end at {postings}, and its terms, status, collateral, hedges or buy-back "
        "undertakings may be others",
        "look at the loan, and propose the sale, or ask for buying back, again",
    ),
    "LoanNotSaleable": (
        "loan {loanId} cannot change its lender: {reason:code} stands against it",
        "entrusted loans and loans with a recorded loss are not sold, and loans on which payments "
        "came back or costs were signed only without a duty to buy them back, and none in which "
        "others have a share; else wait until the auction, or the seller's right of buying back, "
        "is over",
    ),
    "NotOfSale": (
        "{caller:who} is no side of the sale of loan {loanId}",
        "let seller or buyer do it",
    ),
    "BuyBackNotDue": (
        "loan {loanId} cannot be bought back now: it may be from {firstDay:day} to {lastDay:day}, "
        "as its last sale says (rights {buyBack})",
        "wait for the first day; the holder also declares the default first, and calls neither "
        "costs nor what corrections brought back",
    ),
    "NotOfSeller": (
        "{account:who} cannot take loan {loanId} back: {seller:who} sold it",
        "name the seller's account, or another one of its party if the party removed that account",
    ),
    "NothingToAcknowledge": (
        "loan {loanId} has no notice of a sale that is to be acknowledged",
        "there is nothing to do",
    ),
    # -- participations
    "LoanNotShareable": (
        "no share of loan {loanId} can be sold: {reason:code} stands against it",
        "entrusted loans and loans with a recorded loss are not shared, and none has more than "
        "8 participations; else wait until the auction, or the seller's right of buying back, "
        "is over",
    ),
    "NotOfParticipation": (
        "{caller:who} is no side of the participation in loan {loanId}",
        "let lender or participant do it",
    ),
    "CostsOfSharedLoan": (
        "participants have a share of loan {loanId}: lender and borrower agree on no costs of it",
        "let a court order the costs, or settle them outside the loan",
    ),
    "NotReserve": (
        "only the reserve tells of money for a loss; {caller:who} is not it",
        "pay the loss through the reserve",
    ),
    # -- corrections
    "HistoryDiffers": (
        "something was posted on loan {loanId} meanwhile",
        "send the request again",
    ),
    "HistoryNotRun": (
        "{caller:who} has run no part of the history of loan {loanId} for this change",
        "send the request again; who calls the ledger itself runs the history's beginning first, "
        "for the same change and from the same account",
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
        "others bore a loss on loan {loanId} as it was recorded: its terms stay, and no payment of "
        "before the loss is reversed or counts for less",
        "settle it with the borrower outside the ledger; what came in since the loss you can "
        "record, reverse and move",
    ),
    "LossUnfounded": (
        "without something overdue on its day the default of loan {loanId}, on which its recorded "
        "loss rests, would fall away",
        "let the payment count from the day of the default (valueDate), or repay the loan from "
        "your own account",
    ),
    "LossNotShared": (
        "the loss of loan {loanId} is no more than corrections brought back, restructurings "
        "capitalised, and goods left for debtors accepted after the draw, or costs were charged "
        "that the borrower signed for, so nobody else bears it",
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
}
