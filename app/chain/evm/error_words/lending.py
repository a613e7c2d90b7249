"""Errors of products, facilities and what a draw has to prove."""

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
        "{term:name} is {value:term}; it must be from {min:term} to {max:term}",
        "give {term:name} within its bounds",
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
        "related to the borrower, and the buyer of a loan be none that owes its collateral",
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
        "facility {facilityId} has {overdueLoans:loans} overdue",
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
        "party {partyId} has {loans:loans} in default, so that it cannot draw anywhere",
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
        "{requested:minor} of {limit:name} would be used; the maximum is {max:minor}",
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
        "name the document as it was submitted; if it is accepted, submit one with another number",
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
}
