"""Value days and corrections: any order of recordings gives the loan of the right order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import postings
from app.domain.loan import Loan, LoanTerms, Style
from app.domain.postings import (
    HistoryInvalid,
    Posting,
    PostingKind,
    inserted,
    without,
)

DRAWN = 1_000_000_00
START = 20_000
BULLET = LoanTerms(style=Style.BULLET, start_day=START, due_day=START + 29, annual_rate=72_000)
MONTHLY = LoanTerms(
    style=Style.EQUAL_INSTALMENT, start_day=START, periods=6, annual_rate=72_000, grace_days=3
)


def recorded(amount: int, day: int, *, reference: int = 1) -> Posting:
    return Posting(PostingKind.RECORDED, START + day, amount, START + day, reference)


def owed(terms: LoanTerms, history: list[Posting], *, day: int) -> int:
    outcome = postings.run(Loan.opened(terms, principal=DRAWN), history, today=START + day)
    return outcome.loan.payoff.total


def test_payment_of_the_29th_that_is_recorded_on_the_39th_counts_from_the_29th() -> None:
    assert owed(BULLET, [], day=39) == 1_005_800_00 + 3_000_00
    assert owed(BULLET, [recorded(1_005_800_00, 29)], day=39) == 0


@given(
    terms=st.sampled_from([BULLET, MONTHLY]),
    payments=st.lists(
        st.tuples(st.integers(1, DRAWN // 4), st.integers(0, 200)), min_size=1, max_size=8
    ),
    wrong=st.tuples(st.integers(1, DRAWN // 4), st.integers(0, 200)),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=200, deadline=None)
def test_any_order_of_recordings_and_reversals_gives_the_loan_of_the_right_order(
    terms: LoanTerms,
    payments: list[tuple[int, int]],
    wrong: tuple[int, int],
    seed: int,
) -> None:
    right = [recorded(*payment, reference=place) for place, payment in enumerate(payments)]
    chance = random.Random(seed)
    mistake = recorded(*wrong, reference=99)
    shuffled = [*right, mistake]
    chance.shuffle(shuffled)
    history: list[Posting] = []
    for posting in shuffled:
        history = inserted(history, posting)
    history = without(history, mistake)
    start = Loan.opened(terms, principal=DRAWN)
    in_order = sorted(right, key=lambda posting: posting.value_day)
    expected = postings.run(start, in_order, today=START + 250)
    result = postings.run(start, history, today=START + 250)
    assert (result.loan, result.overpaid) == (expected.loan, expected.overpaid)
    money = sum(parts.total for parts in result.paid) + result.overpaid
    assert money == sum(posting.amount for posting in right)


def test_default_falls_away_if_nothing_was_overdue_on_its_day() -> None:
    default = Posting(PostingKind.DEFAULTED, START + 40)
    start = Loan.opened(MONTHLY, principal=DRAWN)
    assert postings.run(start, [default], today=START + 45).defaulted
    history = inserted([default], recorded(200_000_00, 30))
    assert not postings.run(start, history, today=START + 45).defaulted
    firm = Posting(PostingKind.LIQUIDATED, START + 40)
    history = inserted([firm], recorded(200_000_00, 30))
    assert postings.run(start, history, today=START + 45).defaulted


def test_money_that_is_not_owed_waits_and_pays_later_costs() -> None:
    history = [
        recorded(DRAWN + 5_00, 0),
        Posting(PostingKind.COSTS, START + 3, 2_00),
        Posting(PostingKind.REFUNDED, START + 4, 1_00),
    ]
    start = Loan.opened(BULLET, principal=DRAWN)
    outcome = postings.run(start, history, today=START + 10)
    assert (outcome.overpaid, outcome.loan.payoff.total) == (2_00, 0)
    with pytest.raises(HistoryInvalid, match="refunded would be owed"):
        postings.run(start, history[1:], today=START + 10)


def test_posting_that_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(HistoryInvalid, match="reversed"):
        without([recorded(1, 1)], recorded(1, 2))


@given(
    kind=st.sampled_from(PostingKind),
    numbers=st.tuples(
        st.integers(0, 2**24 - 1),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**24 - 1),
        st.integers(0, 2**136 - 1),
    ),
)
def test_posting_comes_back_from_its_word(
    kind: PostingKind, numbers: tuple[int, int, int, int]
) -> None:
    posting = Posting(kind, *numbers)
    assert Posting.of_word(posting.word) == posting
    assert posting.word < 2**256


def rate_set(rate: int, day: int) -> Posting:
    return Posting(PostingKind.RATE_SET, START + day, rate)


@given(
    terms=st.sampled_from([BULLET, MONTHLY]),
    payments=st.lists(
        st.tuples(st.integers(1, DRAWN // 4), st.integers(0, 120)), min_size=1, max_size=6
    ),
    rates=st.lists(st.integers(20_000, 120_000), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=200, deadline=None)
def test_late_rates_and_payments_in_any_order_give_the_loan_of_the_right_order(
    terms: LoanTerms, payments: list[tuple[int, int]], rates: list[int], seed: int
) -> None:
    opening = rate_set(72_000, 0)
    resets = [rate_set(rate, 30 * place) for place, rate in enumerate(rates, 1)]
    moved = [recorded(*payment, reference=place) for place, payment in enumerate(payments)]
    late = [*moved]
    random.Random(seed).shuffle(late)
    history = [opening]
    for place in range(max(len(late), len(resets))):  # resets keep their order among themselves
        for items in (late, resets) if seed % 2 else (resets, late):
            if place < len(items):
                history = inserted(history, items[place])
    in_order = sorted(
        [*resets, *moved],
        key=lambda posting: (posting.value_day, posting.kind is not PostingKind.RATE_SET),
    )
    start = Loan.opened(replace(terms, annual_rate=1), principal=DRAWN)
    expected = postings.run(start, [opening, *in_order], today=START + 200)
    result = postings.run(start, history, today=START + 200)
    assert (result.loan, result.overpaid) == (expected.loan, expected.overpaid)
    assert result.loan.terms.annual_rate == rates[-1]


def test_rate_comes_before_all_others_of_its_day_and_after_the_first() -> None:
    opening, paid = rate_set(72_000, 0), recorded(1_00, 30)
    assert inserted([opening, paid], rate_set(60_000, 30)) == [opening, rate_set(60_000, 30), paid]
    assert inserted([opening, paid], rate_set(60_000, 0))[0] == opening


def test_of_two_rates_of_one_day_the_one_that_was_set_last_stands() -> None:
    opening, paid = rate_set(72_000, 0), recorded(1_00, 0)
    history = inserted([opening, paid], rate_set(60_000, 0))
    history = inserted(history, rate_set(90_000, 0))
    assert history == [opening, rate_set(60_000, 0), rate_set(90_000, 0), paid]
    loan = postings.run(Loan.opened(BULLET, principal=DRAWN), history, today=START + 10).loan
    # 999,999.00 at 9.0 %, ten days of 360.
    assert loan.payoff.interest == 2_500_00


def test_reset_fixes_what_ran_and_goes_on_at_the_new_rate() -> None:
    history = [rate_set(72_000, 0), rate_set(60_000, 10)]
    start = Loan.opened(BULLET, principal=DRAWN)
    loan = postings.run(start, history, today=START + 25).loan
    # 1,000,000.00: ten days at 7.2 %, fifteen at 6.0 %.
    assert loan.payoff.interest == 2_000_00 + 2_500_00
