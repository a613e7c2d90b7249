"""Calls of Facilities, Notices, RiskReserve and CreditRegistry."""

from __future__ import annotations

from app.clear_signing.fields import NONE
from app.clear_signing.model import (
    CHOICE,
    EITHER,
    FROM_TOKEN,
    MONEY,
    NUMBER,
    PARTY,
    QUANTITY,
    TEXT,
    CallForm,
    Currency,
    Field,
)
from app.clear_signing.trade_calls import CANCEL_SIGNATURE, FORCED_WITHDRAW, WITHDRAW_UNCLAIMED

LOAN = Currency("loan", "loanId")
FACILITY = Currency("facility", "facilityId")
ITS_TOKEN = Currency(FROM_TOKEN, "currency")
_REQUEST = Currency("facility", "request.facilityId")
_CLAIM = Field("Claim, if the debt is confirmed", NUMBER, zero=NONE)
_DRAW = {"request.amount": Field("Amount", MONEY, _REQUEST)}

FACILITIES = {
    "agree": CallForm(
        "Agree a facility",
        "{terms.lender} lends {terms.borrower} up to {terms.limit} from {terms.firstDay} to "
        "{terms.lastDay}",
    ),
    "agreeBuyBack": CallForm(
        "Record an undertaking to buy goods back",
        "{terms.undertaker} buys goods of facility {terms.facilityId} at {terms.share} of their "
        "value, for {terms.maxTotal} in total at most",
    ),
    "payDeposit": CallForm(
        "Pay a deposit", "The sender pays {amount} as deposit of facility {facilityId}", FACILITY
    ),
    "close": CallForm("Close a facility", "Facility {facilityId} is closed: no more draws"),
    "acceptDebtor": CallForm(
        "Accept a debtor",
        "Whether debts of {debtor} may secure loans of facility {facilityId}: {accepted}",
    ),
    "suspendDraws": CallForm("Suspend draws", "Draws of facility {facilityId} are suspended"),
    "resumeDraws": CallForm("Resume draws", "Draws of facility {facilityId} are resumed"),
    "announceDraw": CallForm(
        "Announce a draw",
        "A draw of up to {amount} on facility {facilityId} is announced",
        FACILITY,
    ),
    "allowDraw": CallForm(
        "Allow an announced draw",
        "The announced draw of {amount} on facility {facilityId} is allowed",
        FACILITY,
    ),
    "stopDraw": CallForm(
        "Stop an announced draw", "The announced draw on facility {facilityId} is stopped"
    ),
    "followGroup": CallForm(
        "Count a borrower for its group",
        "What party {partyId} owes in {currency} counts for its group",
    ),
    "submitDocuments": CallForm(
        "Submit documents for a draw",
        "The documents that are listed are submitted to facility {facilityId}",
    ),
    "acceptDocument": CallForm(
        "Accept a document", "A document of facility {facilityId} is accepted: {document.kind}"
    ),
    "nameAttester": CallForm(
        "Name an attester",
        "{account} accepts documents of facility {facilityId} besides the lender",
        fields={"account": Field("Attester", PARTY, zero="the lender itself again")},
    ),
    "reportTrade": CallForm(
        "Report trade of a merchant",
        "{tradeReport.merchant} sold {tradeReport.amount} in {tradeReport.month}",
    ),
    "draw": CallForm(
        "Draw a loan",
        "The sender draws {request.amount} on facility {request.facilityId}",
        fields=_DRAW,
    ),
    "drawOnGoods": CallForm(
        "Draw a loan on goods",
        "The sender draws {request.amount} on facility {request.facilityId}, secured by the items "
        "that are listed",
        fields={
            **_DRAW,
            "items.[].value": Field("How much of it", EITHER, _REQUEST, zero="all"),
        },
    ),
    "repay": CallForm(
        "Repay a loan",
        "The sender pays up to {amount} on loan {loanId}",
        LOAN,
        {"amount": Field("Amount at most", MONEY)},
    ),
    "repayMany": CallForm(
        "Repay loans",
        "The sender pays up to {amount} in total on the loans that are listed",
        Currency("loan", "loanIds"),
        {"amount": Field("Amount in total at most", MONEY)},
    ),
    "accrue": CallForm("Store what has accrued", "What has accrued on loan {loanId} is stored"),
    "extend": CallForm("Extend a loan", "Loan {extension.loanId} is extended"),
    "payInInstalments": CallForm(
        "Pay a bill in instalments",
        "The purchases that are listed are paid in {months} monthly instalments",
        Currency("loan", "loanIds"),
        {"months": Field("Instalments", NUMBER)},
    ),
    "setOff": CallForm(
        "Pay a loan with a claim",
        "{setOff_.claimValue} of claim {setOff_.claimId} is handed over and pays {setOff_.credit} "
        "of loan {setOff_.loanId}",
    ),
    "settleInKind": CallForm(
        "Pay a loan with goods",
        "{inKind.quantity} of warehouse receipt {inKind.warehouseReceiptId} is handed over and "
        "pays {inKind.credit} of loan {inKind.loanId}",
    ),
    "chargeCosts": CallForm(
        "Charge costs of enforcement", "Loan {loanId} is charged costs of {amount}", LOAN
    ),
    "forcedCosts": CallForm(
        "Charge costs by order of a court", "Loan {loanId} is charged costs of {amount}", LOAN
    ),
    "markOverdue": CallForm("Mark a loan as overdue", "Loan {loanId} is marked as overdue"),
    "declareDefault": CallForm(
        "Declare a default", "Loan {loanId} is in default, and all of it falls due"
    ),
    "declareDebtDefault": CallForm(
        "Declare the default of debtors",
        "The debtors of the claims that secure loan {loanId} are in default",
    ),
    "recordLoss": CallForm(
        "Record a loss", "The loss of loan {loanId} is recorded and shared as agreed"
    ),
    "writeOff": CallForm("Write a loan off", "Loan {loanId} is written off; nothing is forgiven"),
    "writeOffInPart": CallForm(
        "Write a loan off in part", "{amount} of loan {loanId} is written off", LOAN
    ),
    "waive": CallForm(
        "Waive penalty and interest",
        "Up to {penalty} of penalty and {interest} of interest on loan {loanId} is waived",
        LOAN,
        {
            "penalty": Field("Penalty that is waived at most", MONEY),
            "interest": Field("Interest that is waived at most", MONEY),
        },
    ),
    "waiveServiceFees": CallForm(
        "Waive service fees",
        "Up to {amount} of service fees on loan {loanId} is waived",
        LOAN,
        {"amount": Field("Service fees that are waived at most", MONEY)},
    ),
    "restructure": CallForm(
        "Restructure a loan",
        "Loan {restructuring.loanId} gets new terms: {restructuring.periods} instalments, interest "
        "of {restructuring.annualRate} a year",
    ),
    "resetRate": CallForm("Reset a rate", "The rate of loan {loanId} is set anew"),
    "recordPayment": CallForm(
        "Record a payment",
        "{payment.amount} came in on loan {payment.loanId} outside the ledger, and counts from "
        "{payment.valueDay}",
    ),
    "correctPayment": CallForm(
        "Correct a payment", "A recorded payment on loan {correction.loanId} is corrected"
    ),
    "runHistory": CallForm(
        "Run a part of a loan's history",
        "A part of the history of loan {loanId} is run for a later change",
        LOAN,
    ),
    "refundOverpayment": CallForm(
        "Refund an overpayment",
        "The sender pays {amount} of loan {loanId} back to the borrower",
        LOAN,
        {"bankReference": Field("Bank reference", TEXT, zero="it is paid now, on the ledger")},
    ),
    "sellLoan": CallForm(
        "Sell a loan",
        "{terms.seller} sells loan {terms.loanId} of {terms.principal} to {terms.buyer} for "
        "{terms.price}",
    ),
    "buyLoanBack": CallForm(
        "Buy a loan back",
        "{account} buys loan {loanId} back for up to {maxPrice}",
        LOAN,
        {"account": Field("Who buys and pays", PARTY)},
    ),
    "acknowledgeSale": CallForm(
        "Acknowledge the sale of a loan", "The sale of loan {loanId} is acknowledged"
    ),
    "sellParticipation": CallForm(
        "Sell a participation",
        "{terms.lender} sells {terms.share} of loan {terms.loanId} to {terms.participant} for "
        "{terms.price}",
    ),
    "payParticipants": CallForm(
        "Pay participants",
        "The sender pays {amount} to the participants of loan {loanId}",
        LOAN,
    ),
    "substituteCollateral": CallForm(
        "Substitute collateral",
        "The collateral of loan {loanId} changes as listed",
        LOAN,
        {
            "added.[].value": Field("How much is added", EITHER, LOAN, zero="all"),
            "removed.[].value": Field("How much is removed", EITHER, LOAN, zero="all"),
            "added.[].kind": Field("Added", CHOICE, names="item"),
            "removed.[].kind": Field("Removed", CHOICE, names="item"),
        },
    ),
    "convertToClaim": CallForm(
        "Convert an order into a claim",
        "The order that secures loan {loanId} is replaced by receivable {receivableId}",
        fields={"claimId": _CLAIM},
    ),
    "convertToGoods": CallForm(
        "Convert an order into goods",
        "The order that secures loan {loanId} is replaced by warehouse receipt "
        "{warehouseReceiptId}",
    ),
    "convertGoodsToClaim": CallForm(
        "Convert goods into a claim",
        "{quantity} of warehouse receipt {warehouseReceiptId}, which secures loan {loanId}, is "
        "replaced by receivable {receivableId}",
        fields={"claimId": _CLAIM, "quantity": Field("Quantity", QUANTITY, zero="all")},
    ),
    "releaseIdleLien": CallForm(
        "Release a lien that serves no loan", "The lien on {kind} {id} ends"
    ),
    "followPart": CallForm(
        "Record a part that a court split off", "{kind} {id} is recorded as collateral of its loan"
    ),
    "checkMargin": CallForm(
        "Check a margin",
        "A margin call of loan {loanId} begins or ends, as its collateral is worth",
    ),
    "recordHedge": CallForm("Record a hedge", "A contract hedges loan {hedge.loanId}"),
    "closeHedge": CallForm("Close a hedge", "A hedge of loan {loanId} is closed"),
    "liquidate": CallForm(
        "Start a liquidation", "The goods that secure loan {loanId} are auctioned"
    ),
    "bid": CallForm(
        "Buy goods in an auction",
        "The sender buys the goods that secure loan {loanId} for up to {maxPrice}",
        LOAN,
    ),
    "callBuyBack": CallForm(
        "Call an undertaking to buy back",
        "The undertaker buys the goods that secure loan {loanId}",
    ),
    "checkCurrency": CallForm(
        "Check whether a currency moves", "Whether {currency} stands still is recorded"
    ),
    "cancelSignature": CANCEL_SIGNATURE,
    "withdrawUnclaimed": WITHDRAW_UNCLAIMED,
    "forcedWithdraw": FORCED_WITHDRAW,
    "forcedWithdrawDeposit": CallForm(
        "Move a deposit by order of a court",
        "{amount} of the deposit of facility {facilityId} goes to {to}",
        FACILITY,
    ),
}
NOTICES = {
    "notifyDebtor": CallForm(
        "Notify a debtor",
        "{facts.debtor} is told to pay claim {facts.claimId} of {facts.value} to {facts.assignee}",
    ),
    "acknowledge": CallForm("Acknowledge a notice", "Notice {noticeId} is acknowledged"),
    "recordFiling": CallForm(
        "Record a filing", "Filing {terms.number} in the register is recorded"
    ),
    "amendFiling": CallForm(
        "Amend a filing", "Filing {filingId} is replaced by {terms.number} in the register"
    ),
    "dischargeFiling": CallForm(
        "Discharge a filing", "Filing {filingId} is discharged by {number} in the register"
    ),
}
RISK_RESERVE = {
    "agreeSharing": CallForm(
        "Agree to share losses",
        "{terms.sharer} bears {terms.part} of each loss under product {terms.productId}, "
        "{terms.cap} in total at most",
    ),
    "agreeInsurance": CallForm(
        "Agree an insurance",
        "{terms.insurer} insures {terms.insured} for losses of facility {terms.facilityId} up to "
        "{terms.insuredAmount}",
    ),
    "endSharing": CallForm(
        "End a sharing of losses", "Sharing {place} of product {productId} ends"
    ),
    "setCap": CallForm(
        "Set the maximum of a reserve",
        "The reserve of product {productId} may hold {cap}",
        ITS_TOKEN,
        {"cap": Field("Held at most", MONEY)},
    ),
    "topUp": CallForm(
        "Top a reserve up",
        "The sender adds {amount} to the reserve of product {productId}, and does not get it back",
        ITS_TOKEN,
        {"lender": Field("Whose losses it is for", PARTY, zero="the pool")},
    ),
    "paySharer": CallForm(
        "Pay a share of a loss", "The sender pays {amount} of the loss of loan {loanId}", LOAN
    ),
    "payInsurance": CallForm(
        "Pay a claimed loss", "The sender pays {amount} of the loss of loan {loanId}", LOAN
    ),
    "cancelSignature": CANCEL_SIGNATURE,
    "withdrawUnclaimed": WITHDRAW_UNCLAIMED,
    "forcedWithdraw": FORCED_WITHDRAW,
}
CREDIT_REGISTRY = {
    "attest": CallForm(
        "Attest credit",
        "{attestation.rater} gives party {attestation.partyId} tier {attestation.tier} and a limit "
        "of {attestation.limit}",
    ),
    "revoke": CallForm(
        "Revoke an attestation", "The credit attestation of party {partyId} is revoked"
    ),
    "cancelSignature": CANCEL_SIGNATURE,
}
