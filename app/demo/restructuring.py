"""The story of a loan in default that gets new terms."""

from __future__ import annotations

import datetime
from fractions import Fraction

from app.demo import expected_loans as expected
from app.demo.lending import PENALTY, Lending
from app.demo.report import money
from app.domain.calendar import add_months, date_of, day_of

LENT, RATE, NEW_RATE, MONTHS = 300_000_00, 96_000, 60_000, 6
FORGIVEN, CAPITALISED, WAIVED = 2_000_00, 3_000_00, 500_00


def restructuring(story: Lending) -> None:
    """A loan in default gets new terms: waived penalty, capitalised interest, six instalments."""
    story.issue(bank=500_000_00, supplier=50_000_00)
    story.attest(tier=1, limit=400_000_00)
    facility = story.facility("tax-loan", lender="bank", rate=RATE, limit=400_000_00)
    story.tax_certificate(facility, lender="bank")
    loan = story.draw(facility, LENT, "bullet", 90, lender="bank")
    story.pass_days(100)
    story.command("bank", f"/v1/loans/{loan}/overdue", None, "marks the loan overdue")
    _classed(story, loan, "special-mention")
    story.command("bank", f"/v1/loans/{loan}/default", None, "declares the default")
    _classed(story, loan, "substandard")
    # Interest that becomes principal needs room under the limit of a tier that is not stale.
    story.attest(tier=1, limit=400_000_00)
    penalty = expected.penalty(LENT, rate=RATE, multiple=PENALTY, days=11)
    story.command(
        *("bank", f"/v1/loans/{loan}/waivers", {"penalty": story.amount(WAIVED)}),
        f"waives {money(WAIVED)} of {money(penalty)} of penalty",
    )
    first_due = _agree(story, loan)
    _classed(story, loan, "substandard")
    left = expected.interest(LENT, rate=RATE, days=90) - FORGIVEN - CAPITALISED
    days = (first_due - story.today()).days
    plan = expected.equal_instalments(
        LENT + CAPITALISED, rate=NEW_RATE, months=MONTHS, first_days=days
    )
    for cost, part in plan:
        story.to_next_due(loan)
        story.repay(loan, cost + part + left)
        story.move("supplier", "bank", cost + part + left)
        left = 0  # it was due with the first instalment
    story.ended(loan)
    body = story.callers["auditor"].get(f"/v1/loans/{loan}").body
    story.hold(body["classification"] is None, "a repaid loan has a class")


def _agree(story: Lending, loan: int) -> datetime.date:
    """Both sides sign the new terms; returns the first due date."""
    first_due = date_of(add_months(day_of(story.today()), 1))
    body = {
        "style": "equal-instalment",
        "periods": MONTHS,
        "dueDate": first_due.isoformat(),
        "annualRate": NEW_RATE,
        "forgivenPenalty": story.amount(100_000_00),
        "forgivenInterest": story.amount(FORGIVEN),
        "capitalisedInterest": story.amount(CAPITALISED),
    }
    draft = story.callers["bank"].post(f"/v1/loans/{loan}/restructurings", body)
    rate = Fraction(NEW_RATE, 10_000)
    story.step("bank", f"proposes {MONTHS} instalments at {float(rate):g} %", draft)
    story.command(
        *("supplier", f"/v1/agreements/{draft.body['id']}/signature", None),
        "signs the new terms: the loan runs again",
    )
    view = story.callers["supplier"].get(f"/v1/loans/{loan}").body
    story.hold(view["status"] == "running", f"the loan is {view['status']}")
    shown = view["outstanding"]["amount"].replace(",", "")
    story.hold(shown == story.amount(LENT + CAPITALISED)["amount"], f"{shown} is outstanding")
    return first_due


def _classed(story: Lending, loan: int, name: str) -> None:
    risk = story.callers["auditor"].get(f"/v1/loans/{loan}").body["classification"]
    story.hold(risk["class"] == name, f"the class of loan {loan} is {risk['class']}, not {name}")
    reasons = ", ".join(reason["reason"] for reason in risk["reasons"])
    story.report.say(f"class by risk: {risk['class']} ({reasons})")
