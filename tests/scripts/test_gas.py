"""The ceilings of gas, held by the figures that `make gas` writes into the snapshots."""

from __future__ import annotations

from benchmarks.gas import CEILINGS, MISSED, ROOT, collected, excesses


def test_only_the_targets_that_the_readme_names_are_missed() -> None:
    figures = collected()
    assert excesses(figures).keys() == MISSED
    readme = (ROOT / "README.md").read_text()
    for operation in MISSED:
        assert f"{figures[operation]:,} " in readme, f"the README says what it costs: {operation}"
        assert f"{CEILINGS[operation]:,})" in readme, f"and its target: {operation}"


def test_an_operation_above_its_ceiling_is_told_with_both_figures() -> None:
    figures = collected() | {"repay part": 116_001}
    assert excesses(figures)["repay part"] == "116,001 above 116,000"
