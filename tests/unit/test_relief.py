"""Waivers and new terms: what is given up, what stays due, and how the loan runs on."""

from __future__ import annotations

import copy
import random

import pytest

from app.domain import postings, relief
from app.domain.loan import Loan, LoanTerms, Parts, Style
from app.domain.postings import Posting, PostingKind
from app.domain.relief import Relief
from app.domain.statement import Event, statement

DRAWN, START = 1_000_000_00, 20_000
BULLET = LoanTerms(
    style=Style.BULLET, start_day=START, due_day=START + 30, annual_rate=72_000, grace_days=3
)
DAY = START + 50
NEW = LoanTerms(
    style=Style.BULLET, start_day=DAY, due_day=DAY + 60, annual_rate=60_000, grace_days=3
)


def in_default() -> Loan:
    """6,000.00 of interest and 6,000.00 of penalty are unpaid."""
    loan = Loan.opened(BULLET, principal=DRAWN)
    loan.accelerate(DAY)
    assert loan.payoff == Parts(penalty=6_000_00, interest=6_000_00, principal=DRAWN)
    return loan


def test_interest_is_forgiven_first_then_capitalised_and_the_rest_stays_due() -> None:
    most = Relief(penalty=10**12, interest=1_000_00, capitalised=2_000_00, principal=100_000_00)
    relieved = relief.relieve(in_default(), most)
    assert relieved.relief == Relief(
        penalty=6_000_00, interest=1_000_00, capitalised=2_000_00, principal=100_000_00
    )
    loan = relief.begun(NEW, relieved, today=DAY)
    assert loan.amount_due == Parts(interest=3_000_00)
    assert loan.outstanding == 902_000_00
    loan.roll(DAY + 60)
    assert loan.payoff == Parts(interest=3_000_00 + 9_020_00, principal=902_000_00)
    assert loan.penalty_due == 0
    loan.roll(DAY + 64)
    assert loan.past_principal == 902_000_00 and loan.penalty_due > 0


def test_default_before_the_first_due_day_counts_no_penalty_for_days_before_it() -> None:
    terms = LoanTerms(
        style=Style.BULLET,
        start_day=DAY,
        due_day=DAY + 60,
        annual_rate=60_000,
        penalty_on_interest=True,
    )
    loan = relief.begun(terms, relief.relieve(in_default(), Relief(penalty=10**12)), today=DAY)
    loan.accelerate(DAY + 10)
    assert loan.penalty_due == 0
    assert loan.past_interest == 6_000_00 + 1_666_67


def test_interest_begins_on_its_day_and_a_default_before_it_bears_penalty_at_once() -> None:
    terms = LoanTerms(style=Style.BULLET, start_day=DAY + 30, due_day=DAY + 90, annual_rate=60_000)
    most = Relief(penalty=10**12, interest=10**12)
    loan = relief.begun(terms, relief.relieve(in_default(), most), today=DAY)
    again = copy.deepcopy(loan)
    for day in range(DAY, DAY + 31):
        loan.roll(day)
        assert loan.payoff == Parts(principal=DRAWN)
    loan.roll(DAY + 90)
    assert loan.payoff == Parts(interest=10_000_00, principal=DRAWN)
    again.accelerate(DAY + 10)
    again.roll(DAY + 20)
    assert again.payoff == Parts(penalty=2_500_00, principal=DRAWN)


def test_waiver_takes_overdue_interest_first_and_never_more_than_is_owed() -> None:
    loan = in_default()
    assert relief.waive_penalty(loan, 10**12) == 6_000_00
    assert relief.waive_interest(loan, 5_000_00) == 5_000_00
    assert loan.payoff == Parts(interest=1_000_00, principal=DRAWN)
    assert relief.waive_interest(loan, 10**12) == 1_000_00
    assert relief.waive_interest(loan, 1) == 0


def test_replay_lets_the_rest_of_a_waiver_fall_away() -> None:
    start = Loan.opened(BULLET, principal=DRAWN)
    waiver = Posting(PostingKind.WAIVED_PENALTY, DAY, 6_000_00)
    outcome = postings.run(start, [waiver], today=DAY + 10)
    assert outcome.loan.payoff.penalty == 3_000_00
    paid = Posting(PostingKind.RECORDED, START + 30, 1_006_000_00, START + 60, 1)
    outcome = postings.run(start, [paid, waiver], today=DAY + 10)
    assert (outcome.loan.payoff.total, outcome.overpaid) == (0, 0)


@pytest.mark.parametrize("seed", range(40))
def test_statement_of_new_terms_ends_where_the_loan_does(seed: int) -> None:
    chance = random.Random(seed)
    periods = chance.randint(1, 6)
    scheduled = chance.random() < 0.7
    terms = LoanTerms(
        style=chance.choice([Style.EQUAL_PRINCIPAL, Style.EQUAL_INSTALMENT, Style.INTEREST_ONLY])
        if scheduled
        else Style.BULLET,
        start_day=DAY + chance.choice([0, chance.randrange(20)]),
        due_day=DAY + 20 + chance.randrange(40),
        periods=periods if scheduled else 1,
        annual_rate=chance.choice([0, 60_000]),
        grace_days=3,
        interest_grace=chance.randrange(periods) if scheduled else 0,
    )
    most = Relief(
        penalty=10**12, interest=chance.randrange(4_000_00), capitalised=chance.randrange(4_000_00)
    )
    relieved = relief.relieve(in_default(), most)
    loan = relief.begun(terms, relieved, today=DAY)
    paid_on, end = DAY + chance.randrange(80), DAY + 100 + chance.randrange(200)
    loan.roll(paid_on)
    loan.pay(50_000_00)
    waived = Relief(penalty=chance.randrange(100_00), interest=chance.randrange(100_00))
    relief.waive_penalty(loan, waived.penalty)
    relief.waive_interest(loan, waived.interest)
    loan.roll(end)
    events = [
        Event("defaulted", DAY, firm=True),
        Event("restructured", DAY, terms=terms, relief=relieved.relief),
        Event("recorded", paid_on, amount=50_000_00),
        Event("waived", paid_on, relief=waived),
    ]
    account = statement(BULLET, principal=DRAWN, events=events, today=end)
    loan.payments = account.loan.payments = []
    assert account.loan == loan
    (line,) = [line for line in account.lines if line.kind == "restructured"]
    assert line.forgiven == Parts(penalty=6_000_00, interest=relieved.relief.interest)
    assert line.capitalised == relieved.relief.capitalised
    runs = [line for line in account.lines if line.kind == "run" and line.day > DAY]
    assert all(line.principal * line.days == line.sum_of_days for line in runs)
