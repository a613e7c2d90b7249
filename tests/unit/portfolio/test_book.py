"""How late a loan was on a day, and when things happened to it first."""

from __future__ import annotations

import pytest

from app.domain.portfolio.book import (
    Bucket,
    Event,
    Halt,
    bucket_at,
    calendar_day,
    first_default,
    first_late,
    first_loss,
    own_day,
)
from tests.support.book import DEFAULTED, LOST, RUNNING, loan, on

TODAY = on("2026-12-31")


@pytest.mark.parametrize(
    ("day", "bucket"),
    [
        ("2026-06-10", Bucket.CURRENT),
        ("2026-06-11", Bucket.TO_30),
        ("2026-07-10", Bucket.TO_30),
        ("2026-07-11", Bucket.TO_60),
        ("2026-08-09", Bucket.TO_60),
        ("2026-08-10", Bucket.TO_90),
        ("2026-09-08", Bucket.TO_90),
        ("2026-09-09", Bucket.OVER_90),
    ],
)
def test_bucket_changes_after_the_30th_60th_and_90th_day(day: str, bucket: Bucket) -> None:
    late = loan(1, ("2026-05-01", 100, "2026-06-10", RUNNING))
    assert bucket_at(late, late.last, on(day)) is bucket


def test_what_is_declared_or_repaid_counts_whatever_the_days() -> None:
    for standing, bucket in ((DEFAULTED, Bucket.DEFAULTED), (LOST, Bucket.LOST)):
        ended = loan(1, ("2026-05-01", 100, "2026-12-10", standing))
        assert bucket_at(ended, ended.last, on("2026-06-01")) is bucket
    repaid = loan(1, ("2026-05-01", 0, "2026-05-10", RUNNING))
    assert bucket_at(repaid, repaid.last, TODAY) is Bucket.REPAID


def test_days_of_a_halt_do_not_count() -> None:
    halted = loan(
        1,
        ("2026-05-01", 100, "2026-06-10", RUNNING),
        halts=(Halt(on("2026-06-15"), on("2026-06-25")), Halt(on("2026-08-01"), None)),
    )
    assert own_day(halted, on("2026-06-15")) == on("2026-06-15")
    assert own_day(halted, on("2026-06-20")) == on("2026-06-15")
    assert own_day(halted, on("2026-06-26")) == on("2026-06-16")
    assert own_day(halted, on("2026-12-01")) == on("2026-07-22")
    assert calendar_day(halted, on("2026-06-15")) == on("2026-06-15")
    assert calendar_day(halted, on("2026-06-16")) == on("2026-06-26")
    assert calendar_day(halted, on("2026-07-23")) is None, "the second halt lasts"
    assert bucket_at(halted, halted.last, on("2026-07-20")) is Bucket.TO_30
    assert first_late(halted, 30, TODAY) == Event(on("2026-07-21"), 100)
    assert first_late(halted, 60, TODAY) is None


def test_loan_that_is_paid_on_the_last_day_was_never_late() -> None:
    in_time = loan(
        1, ("2026-05-01", 100, "2026-06-10", RUNNING), ("2026-07-11", 0, "2026-06-10", RUNNING)
    )
    assert first_late(in_time, 30, TODAY) is None
    a_day_later = loan(
        1, ("2026-05-01", 100, "2026-06-10", RUNNING), ("2026-07-12", 0, "2026-06-10", RUNNING)
    )
    assert first_late(a_day_later, 30, TODAY) == Event(on("2026-07-11"), 100)


def test_default_is_declared_or_more_than_90_days_whichever_comes_first() -> None:
    declared = loan(
        1, ("2026-05-01", 100, "2026-06-10", RUNNING), ("2026-06-20", 80, "2026-06-10", DEFAULTED)
    )
    assert first_default(declared, TODAY) == Event(on("2026-06-20"), 80)
    silent = loan(1, ("2026-05-01", 100, "2026-06-10", RUNNING))
    assert first_default(silent, on("2026-09-08")) is None
    assert first_default(silent, on("2026-09-09")) == Event(on("2026-09-09"), 100)


def test_loss_is_the_one_that_was_recorded() -> None:
    lost = loan(
        1,
        ("2026-05-01", 100, "2026-06-10", RUNNING),
        ("2026-07-01", 70, "2026-06-10", LOST),
        ("2026-08-01", 30, "2026-06-10", LOST),
        loss=70,
    )
    assert first_loss(lost) == Event(on("2026-07-01"), 70)
    assert first_loss(loan(1, ("2026-05-01", 100, "2026-06-10", DEFAULTED))) is None
