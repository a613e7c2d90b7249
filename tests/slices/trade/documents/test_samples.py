"""Samples, and how a run gets its own dates and numbers into them."""

from __future__ import annotations

import pytest

from app.demo.sample import SampleInvalid, filled_in, main


def test_dates_move_together_in_each_notation() -> None:
    text = "due 2026-03-31, <x>20260302</x>, 2026-03-02T10:00:00+08:00, LH-2026-0302"
    moved = filled_in(text, {"2026-03-02": "2026-12-31", "LH-2026-0302": "LH-7"})
    assert moved == "due 2027-01-29, <x>20261231</x>, 2026-12-31T10:00:00+08:00, LH-7"


def test_numbers_that_look_like_dates_stay() -> None:
    text = "2026-03-02 06901234567892 20269999 91330206MA2DX0051Y 2026-03-02-7"
    assert filled_in(text, {"2026-03-02": "2026-03-03"}) == text.replace(
        "2026-03-02 ", "2026-03-03 "
    )


def test_a_day_that_the_sample_does_not_have_moves_it_too() -> None:
    assert filled_in("on 2026-03-02", {"2026-03-20": "2026-03-21"}) == "on 2026-03-03"


@pytest.mark.parametrize("change", [("LOT", "L1"), ("2026-03-02", "soon")])
def test_a_change_that_does_not_fit_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(SampleInvalid):
        filled_in("on 2026-03-02", dict([change]))


def test_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples/sales.csv", "2026-03-02"]) == 2
    assert "OLD=NEW" in capsys.readouterr().err
    assert main(["samples/none.csv"]) == 2
    assert main(["samples/sales.csv", "INV-0=INV-1"]) == 2
    assert "does not hold 'INV-0'" in capsys.readouterr().err
    assert main(["samples/sales.csv", "INV-1001=INV-7"]) == 0
    assert "\nINV-7,2025-09-01,sale" in capsys.readouterr().out
