"""The next step that each level names, in words. People take it: nothing here is automatic."""

from __future__ import annotations

from app.domain.texts import Sentence, say
from app.domain.watch.model import Level, SubjectKind

STEPS: dict[tuple[SubjectKind, Level], Sentence] = {
    ("borrower", Level.CLEAR): say("Nothing to do."),
    ("borrower", Level.WATCH): say(
        "Ask the borrower for the reason, and look again within a week."
    ),
    ("borrower", Level.WARNING): say(
        "Let a second person review the borrower within three business days; suspend draws "
        "until the review is done."
    ),
    ("borrower", Level.ALARM): say(
        "Suspend draws today; then decide between more collateral, new terms, and declaring "
        "the default."
    ),
    ("debtor", Level.CLEAR): say("Nothing to do."),
    ("debtor", Level.WATCH): say("Ask the debtor when it pays, and look again within a week."),
    ("debtor", Level.WARNING): say(
        "Lend on no further claim on the debtor until it has said in writing what it owes "
        "and when it pays."
    ),
    ("debtor", Level.ALARM): say(
        "Ask the borrowers for other collateral; declare the default of the debt when its "
        "days of grace are over."
    ),
    ("product", Level.CLEAR): say("Nothing to do."),
    ("product", Level.WATCH): say("Look at what its loans at warning have in common."),
    ("product", Level.WARNING): say(
        "Let the risk officer review limits and haircuts of the product before the next draw."
    ),
    ("product", Level.ALARM): say(
        "Propose to close the product for new draws, and compare the reserve held with the "
        "reserve needed."
    ),
    ("portfolio", Level.CLEAR): say("Nothing to do."),
    ("portfolio", Level.WATCH): say("Put it on the agenda of the next risk meeting."),
    ("portfolio", Level.WARNING): say(
        "Run the stress test on the names that are shown, and lend them no more until it is read."
    ),
    ("portfolio", Level.ALARM): say(
        "Call the risk meeting now, with the stress test and the reserve."
    ),
}
