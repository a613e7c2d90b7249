"""The reserve that a book needs, by hand."""

from __future__ import annotations

from app.domain.portfolio.reserve import reserve_need
from tests.support.book import LOST, RUNNING, loan, on

TODAY = on("2026-10-15")
OWED = loan(1, ("2026-09-01", 100_000, "2026-12-01", RUNNING))
PAID = [
    loan(2, ("2025-01-10", 60_000, "2025-02-10", RUNNING), ("2025-02-10", 0, "2025-02-10", RUNNING))
]
LOSSES = [
    # of the second quarter of 2025, 1,000 of 40,000
    loan(
        3,
        ("2025-04-10", 40_000, "2025-06-10", RUNNING),
        ("2025-09-10", 1_000, "2025-06-10", LOST),
        loss=1_000,
    )
]


def test_needed_is_the_larger_of_volume_and_history() -> None:
    book = [OWED, *PAID, *LOSSES]
    need = reserve_need(book, reserve_share=5_000, held=700, today=TODAY)
    assert (need.outstanding, need.by_volume) == (100_000, 500), "what is lost counts no more"
    assert (need.loss_rate, need.by_history) == (10_000, 1_000), "1,000 of 100,000"
    assert (need.worst_quarter, need.worst_rate, need.by_worst) == ("2025-Q2", 25_000, 2_500)
    assert (need.needed, need.shortfall) == (1_000, 300)
    by_volume = reserve_need(book, reserve_share=20_000, held=700, today=TODAY)
    assert (by_volume.needed, by_volume.shortfall) == (2_000, 1_300)


def test_enough_is_no_shortfall() -> None:
    need = reserve_need([OWED], reserve_share=5_000, held=500, today=TODAY)
    assert (need.needed, need.shortfall) == (500, 0)
    assert reserve_need([OWED], reserve_share=5_000, held=499, today=TODAY).shortfall == 1


def test_history_of_young_loans_is_unknown() -> None:
    need = reserve_need([OWED], reserve_share=0, held=0, today=TODAY)
    assert (need.loss_rate, need.by_history, need.worst_quarter, need.by_worst) == (None,) * 4
