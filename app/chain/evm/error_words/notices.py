"""Errors of notices to debtors and of filings in a public register."""

from __future__ import annotations

NOTICES: dict[str, tuple[str, str]] = {
    # -- notices
    "ClaimUnknown": ("there is no claim {claimId}", "look for its number in the list"),
    "NotAssigned": (
        "claim {claimId} belongs to {owner:who}, the seller of the debt, and nobody has a lien on "
        "it",
        "assign the claim or draw a loan on it first",
    ),
    "NothingOwed(receivableId)": (
        "nothing is owed on receivable {receivableId}",
        "there is nothing to notify the debtor of",
    ),
    "FactsDiffer": (
        "the ledger knows other facts of claim {claimId} than the notice",
        "send the request again: the claim has changed since",
    ),
    "NotOfTheAssignment": (
        "{caller:who} is neither assignor nor assignee of claim {claimId}",
        "let the assignor, the assignee or the lienholder notify the debtor",
    ),
    "TextMissing": (
        "the notice has no text: version {textVersion}, hash {textHash}",
        "give the version of the text and the hash of what it says",
    ),
    "NoticeStands": (
        "notice {noticeId} says the same of claim {claimId}",
        "wait for the debtor to acknowledge notice {noticeId}; if its text is wrong, let the side "
        "that is to be paid give another",
    ),
    "NoticeUnknown": ("there is no notice {noticeId}", "look for its number in the list"),
    "NotNotified": (
        "notice {noticeId} is for {debtor:who}, not {caller:who}",
        "let the debtor acknowledge it",
    ),
    "AcknowledgedAlready": (
        "the debtor acknowledged notice {noticeId} on {day:day}",
        "there is nothing left to do",
    ),
    "NoticeReplaced": (
        "notice {laterNoticeId} on the same claim replaced notice {noticeId}",
        "acknowledge notice {laterNoticeId}",
    ),
    "TextDiffers": (
        "notice {noticeId} has the text {textHash}, not {provided}",
        "acknowledge the text of the notice as it is",
    ),
    # -- filings
    "NothingToFile": (
        "{caller:who} has no right over {subject:filing subject} {subjectId} that could be filed",
        "let the lender file for a loan with collateral, or the assignee or lienholder for a claim",
    ),
    "FilingNumberInvalid": (
        "{number:text} is no number of a register",
        "give its 4 to 32 digits, capital letters or hyphens",
    ),
    "FilingNumberUsed": (
        "the number {number:text} is recorded for filing {filingId}",
        "give the number that the register gave for this filing",
    ),
    "FilingDayOutOfRange": (
        "{day:day} is out of range; the day must be from {earliest:day} to {latest:day}",
        "give a day in that range",
    ),
    "SecuredAmountOutOfRange": (
        "the filing secures {amount:minor}; it must secure {min:minor} to {max:minor}",
        "give an amount in that range",
    ),
    "FilingStands": (
        "filing {filingId} holds until {endDay:day}",
        "amend it, or discharge it if its right has ended",
    ),
    "FilingUnknown": ("there is no filing {filingId}", "look for its number in the list"),
    "NotRegistrant": (
        "filing {filingId} is of {registrant:who}, not {caller:who}",
        "let the registrant do it",
    ),
    "FilingDischargedAlready": (
        "filing {filingId} was discharged on {day:day}",
        "record a new filing if one is needed",
    ),
    "FilingNeeded": (
        "the right that filing {filingId} protects still stands",
        "discharge it once the loan is repaid, or nothing is owed on the claim",
    ),
    "SubjectFixed": (
        "an amendment of filing {filingId} names another loan or claim",
        "record a filing of its own for it",
    ),
}
