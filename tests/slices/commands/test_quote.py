"""`cession quote` as a user has it: a schedule from the catalogue file alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from app.cli import application
from app.places import CATALOGUE


def quoted(*words: str, file: Path = CATALOGUE) -> tuple[int, str, str]:
    """Exit status, output and errors of the command."""
    done = CliRunner().invoke(application, ["quote", "--file", str(file), *words])
    return done.exit_code, done.stdout, done.stderr


def test_quote_prints_the_worked_numbers() -> None:
    words = ("tax-loan", "600000.00", "--rate", "8.4%", "--style", "equal-instalment")
    status, text, _ = quoted(*words, "--tenor", "6", "--date", "2026-08-31")
    assert status == 0
    lines = [line.split() for line in text.splitlines()]
    assert lines[1][1:5] == ["2026-09-30", "4200.00", "98264.24", "102464.24"]
    assert lines[6][1:] == ["2027-02-28", "712.26", "101751.99", "102464.25", "0.00"]
    assert text.splitlines()[-2:] == ["total cost: 14785.45 CNY", "effective annual rate: 8.7311 %"]


def test_quote_moves_due_days_past_days_off(tmp_path: Path) -> None:
    catalogue = yaml.safe_load(CATALOGUE.read_text())
    for row in catalogue["products"]:
        row["business_days"] = True
    path = tmp_path / "products.yaml"
    path.write_text(yaml.safe_dump(catalogue))
    (tmp_path / "rules").symlink_to(CATALOGUE.parent / "rules")
    words = ("tax-loan", "3600.00", "--rate", "10%", "--tenor", "30", "--date", "2026-09-01")
    assert quoted(*words)[1].splitlines()[1].split()[1:3] == ["2026-10-01", "30.00"]
    moved = quoted(*words, file=path)[1].splitlines()[1].split()
    assert moved[1:3] == ["2026-10-08", "37.00"], "the week of the national day"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tax", "1.00", "--rate", "6%"), "there is no product 'tax'"),
        (("tax-loan", "1.005", "--rate", "6%"), "1.005"),
        (("--rate", "6%", "--", "tax-loan", "-1.00"), "must be above zero"),
        (("tax-loan", "1.00", "--rate", "6"), "is not a percentage"),
        (("tax-loan", "1.00", "--rate", "15.1%"), "tax-loan allows 5 % to 15 %"),
        (("tax-loan", "1.00", "--rate", "6%", "--tenor", "29"), "30 to 180 days"),
        (("tax-loan", "1.00", "--rate", "6%", "--style", "billing-cycle"), "style is"),
    ],
)
def test_quote_says_what_is_wrong(words: tuple[str, ...], message: str) -> None:
    status, _, errors = quoted(*words)
    assert (status, message in errors) == (1, True), errors


def test_quote_names_the_styles() -> None:
    status, _, errors = quoted("tax-loan", "1.00", "--rate", "6%", "--style", "balloon")
    assert status == 2
    assert "equal-instalment" in errors
