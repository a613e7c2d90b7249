"""The sharing rule of participations: no cent is lost, and no order of events changes one."""

from __future__ import annotations

import random

from app.domain.participation import WHOLE, due_down, shared_down


def test_money_is_given_out_to_the_cent_and_nobody_gets_more_than_its_due() -> None:
    for seed in range(2_000):
        chance = random.Random(seed)
        dues = [chance.randrange(0, 10 ** chance.randrange(1, 12)) for _ in range(8)]
        money = chance.randrange(0, 2 * sum(dues) + 2)
        parts = shared_down(money, dues)
        assert sum(parts) == min(money, sum(dues)), seed
        assert all(part <= due for part, due in zip(parts, dues, strict=True)), seed


def test_no_order_of_payments_and_corrections_changes_what_a_participant_gets() -> None:
    for seed in range(500):
        chance = random.Random(seed)
        share = chance.randrange(1, 950_001)
        changes = [chance.randrange(1, 10**9) for _ in range(12)]
        changes += [-change for change in changes[:5]]
        totals = set()
        for _ in range(5):
            chance.shuffle(changes)
            proceeds = paid = 0
            for change in changes:
                proceeds += change
                paid += due_down(share=share, proceeds=proceeds, joined_at=0, paid=paid)
            owed = proceeds * share // WHOLE
            assert paid >= owed, "what was paid is never asked back"
            # What was paid too much is netted against the next money.
            proceeds += 12 * 10**9 * WHOLE
            paid += due_down(share=share, proceeds=proceeds, joined_at=0, paid=paid)
            totals.add(paid)
        assert totals == {(sum(changes) + 12 * 10**9 * WHOLE) * share // WHOLE}, seed


def test_rounding_a_hundred_times_costs_less_than_one_cent() -> None:
    paid = 0
    for proceeds in range(1, 101):
        paid += due_down(share=333_333, proceeds=proceeds, joined_at=0, paid=paid)
    assert paid == 33


def test_money_of_before_that_is_taken_back_is_no_claim_of_the_participant() -> None:
    assert due_down(share=400_000, proceeds=-1_000, joined_at=0, paid=0) == 0
    assert due_down(share=400_000, proceeds=-1_000, joined_at=-1_000, paid=0) == 0
    assert due_down(share=400_000, proceeds=0, joined_at=-1_000, paid=0) == 400
