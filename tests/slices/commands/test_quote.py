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


QUARTERLY = ("quarterly-loan", "400000.00", "--rate", "6%", "--style", "interest-only")


def test_quote_counts_service_fees_in_cost_and_effective_rate() -> None:
    words = (*QUARTERLY, "--tenor", "12", "--date", "2026-09-30")
    fees = ("--flat-fee", "500.00", "--draw-fee", "0.5%", "--periodic-fee", "0.1%")
    status, text, _ = quoted(*words, *fees)
    assert status == 0
    lines = text.splitlines()
    assert "interest  service fees  principal" in lines[0]
    rows = [line.split() for line in lines[1:5]]
    assert rows[0][2:6] == ["6000.00", "2900.00", "0.00", "8900.00"], "those of the draw too"
    assert rows[3][2:7] == ["6000.00", "400.00", "400000.00", "406400.00", "0.00"]
    assert lines[5:] == [
        "service fees: 4100.00 CNY",
        "total cost: 28100.00 CNY",
        "effective annual rate: 7.2296 %",
    ]
    assert "service fees" not in quoted(*words)[1]


def test_quote_names_the_fees_with_which_the_ledger_would_refuse_the_draw() -> None:
    words = (*QUARTERLY[:1], "1000.00", *QUARTERLY[2:], "--tenor", "12", "--date", "2026-09-30")
    # 24 % of 1,000.00 for 365 days, less 60.00 of interest
    assert quoted(*words, "--flat-fee", "180.00")[0] == 0
    status, _, errors = quoted(*words, "--flat-fee", "180.01")
    assert (status, "--flat-fee: interest and fees are 240.01 CNY" in errors) == (1, True), errors
    assert "rule set cn allows 240.00 for this draw (24 % a year)" in errors
    fees = ("--draw-fee", "1%", "--periodic-fee", "0.25%", "--flat-fee", "170.01")
    assert "--flat-fee, --draw-fee, --periodic-fee: interest" in quoted(*words, *fees)[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--flat-fee", "1000.01"), "--flat-fee is 1000.01; quarterly-loan allows 0 to 1000.00"),
        (("--flat-fee", "-1.00"), "--flat-fee is -1.00; quarterly-loan allows 0 to 1000.00 CNY"),
        (("--flat-fee", "1.005"), "--flat-fee: "),
        (("--draw-fee", "1.0001%"), "--draw-fee is 1.0001%; quarterly-loan allows 0 to 1 %"),
        (("--draw-fee", "1"), "--draw-fee: '1' is not a percentage"),
        (("--periodic-fee", "0.3%"), "--periodic-fee is 0.3%; quarterly-loan allows 0 to 0.25 %"),
        (("--periodic-fee", "-1%"), "--periodic-fee: '-1%' must be a percentage"),
    ],
)
def test_quote_names_the_option_of_an_invalid_fee(words: tuple[str, ...], message: str) -> None:
    status, text, errors = quoted(*QUARTERLY, "--tenor", "12", *words)
    assert (status, text, message in errors) == (1, "", True), errors


@pytest.mark.parametrize(
    ("option", "fee"), [("--flat-fee", "1.00"), ("--draw-fee", "1%"), ("--periodic-fee", "1%")]
)
def test_quote_of_a_product_without_fees_refuses_them(option: str, fee: str) -> None:
    words = ("tax-loan", "100000.00", "--rate", "6%", "--tenor", "30", option, fee)
    status, _, errors = quoted(*words)
    expected = f"{option} is {fee}; tax-loan has no such fee: leave it out"
    assert (status, expected in errors) == (1, True), errors


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
