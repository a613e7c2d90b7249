"""What the demo says of its stories and logins is complete."""

from __future__ import annotations

import time

import pytest

from app.demo import book
from app.demo.cast import CAST
from app.demo.epilogue import EPILOGUE_DAYS
from app.demo.logins import WORDS
from app.demo.stories import DAYS, story_names
from app.demo.world import BOOK_DAYS, first_block
from app.domain.calendar import day_at, start_of
from app.embedded import ROLE_PLACES


def test_every_story_says_how_many_days_it_takes() -> None:
    assert list(DAYS) == story_names()


def test_every_login_says_who_it_is() -> None:
    assert set(WORDS) == {member.name for member in CAST} | {*ROLE_PLACES, "auditor"}


def test_a_chain_begins_early_enough_for_its_stories() -> None:
    assert first_block(["main"]) < time.time() - 115 * 86_400
    assert first_block(story_names()) < first_block(["main"])


@pytest.mark.parametrize("hour", [0, 3.9, 4, 4.1, 15.99, 16, 23.99])
def test_a_chain_begins_at_a_noon_of_the_ledger_whatever_the_hour(
    hour: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_790_000_000 // 86_400 * 86_400 + hour * 3_600
    monkeypatch.setattr(time, "time", lambda: now)
    begins = first_block(["main"])
    assert begins == start_of(day_at(begins)) + 86_400 // 2
    least = (DAYS["main"] + BOOK_DAYS + EPILOGUE_DAYS) * 86_400
    assert least <= now - begins < least + 86_400
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    assert first_block(["main"]) == begins + 86_400


def test_the_book_has_some_hundred_invoices_of_several_suppliers_to_several_buyers() -> None:
    invoices = book.invoices()
    assert len(invoices) >= 300
    assert len({each.number for each in invoices}) == len(invoices)
    assert len({each.seller for each in invoices}) == 5
    assert len({each.buyer for each in invoices}) == 4
    assert {each.month for each in invoices} == set(range(book.MONTHS))
    assert {each.paid_after for each in invoices} == {None, 0, 25}
    assert any(not each.confirmed for each in invoices)
    assert invoices == book.invoices()
