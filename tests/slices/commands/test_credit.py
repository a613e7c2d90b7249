"""`cession credit test` and `cession credit score` as a rater has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from app.cli import application
from app.commands.credit import FileKind
from app.domain.scoring.evidence_files import FILE_KINDS
from app.lending.evaluations.schemas import FileKindName
from app.places import ROOT
from tests.support.credit import as_file, evidence, item, small_card

TRADE = ROOT / "scorecards" / "trade.yaml"
SAMPLES = ROOT / "samples" / "credit"
FILES = SAMPLES / "files"


def credit(*words: object) -> tuple[int, str, str]:
    """Exit status, output and errors of the command."""
    done = CliRunner().invoke(application, ["credit", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_bytes(as_file(small_card()))
    return path


def written(folder: Path, content: Any, name: str = "evidence.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def test_test_shows_hash_examples_and_what_hiding_wins() -> None:
    status, output, errors = credit("test", TRADE)
    assert (status, errors) == (0, "")
    assert "trade 1: 13 features, 57 bins: sound" in output
    assert "holds: a thin file with good trade of half a year: 560 points, tier 3" in output
    assert "who hides all is in tier 5" in output


def test_test_names_a_fault_with_line_and_fix_and_ends_with_1(card: Path) -> None:
    card.write_text(card.read_text().replace("from: 5\n", "from: 6\n"))
    status, output, errors = credit("test", card)
    assert (status, output) == (1, "")
    assert "bins-gap: no bin holds values of late from 5 to below 6; let bin 1 begin" in errors
    assert ": line " in errors and "Traceback" not in errors


def test_test_shows_the_tiers_of_past_cases() -> None:
    status, output, _ = credit("test", TRADE, "--cases", SAMPLES / "cases.csv")
    assert status == 0
    assert "8 cases\ntier 1: 3\ntier 2: 0\ntier 3: 3\n" in output


def test_test_shows_what_a_change_does_to_past_cases(tmp_path: Path) -> None:
    changed = tmp_path / "trade.yaml"
    text = TRADE.read_text().replace("version: 1\n", "version: 2\n")
    changed.write_text(
        text.replace("{tier: 3, points: 550,", "{tier: 3, points: 561,").replace(
            '    points: 560\n    confidence: 70%\n    tier: 3\n    limit: "50000.00"',
            '    points: 560\n    confidence: 70%\n    tier: 4\n    limit: "25000.00"',
        )
    )
    words = ("test", changed, "--cases", SAMPLES / "cases.csv", "--against", TRADE)
    status, output, errors = credit(*words)
    assert (status, errors) == (0, "")
    assert "8 cases, from trade 1 to trade 2: 0 to a better tier, 1 to a worse one" in output
    assert "2025-004: tier 3 to 4, points 560 to 560" in output
    rows = [row.split() for row in output.splitlines()]
    assert ["3", "0", "0", "2", "1", "0"] in rows
    assert "sum of limits: " in output


def test_names_of_cases_are_shown_with_what_they_hide(card: Path, tmp_path: Path) -> None:
    other = small_card()
    other["tiers"][0]["points"] = 1_000
    against, cases = tmp_path / "against.yaml", tmp_path / "cases.csv"
    against.write_bytes(as_file(other))
    row = "0,60,10%,10%,9999.00,A"
    names = "plain 周期", "x\x1b[2Kx", '"x\ny"'
    cases.write_text(
        "case,late,months,buyer,growth,sales,grade\n" + "".join(f"{name},{row}\n" for name in names)
    )
    status, output, errors = credit("test", card, "--cases", cases, "--against", against)
    assert (status, errors) == (0, "")
    assert output.replace("\n", "").isprintable()
    assert "\nplain 周期: tier 2 to 1" in output
    assert "\nx\\x1b[2Kx: tier" in output and "\nx\\ny: tier" in output


def test_against_needs_cases() -> None:
    status, _, errors = credit("test", TRADE, "--against", TRADE)
    assert (status, "give --cases FILE too" in errors) == (2, True)


@pytest.mark.parametrize("content", ["case,moon\na,1\n", "", "case\n"])
def test_cases_that_no_card_can_read_end_with_1(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(content)
    status, _, errors = credit("test", TRADE, "--cases", path)
    assert (status, errors.startswith(f"credit: {path}: ")) == (1, True)


def test_score_explains_the_sample_in_english_and_chinese() -> None:
    english = credit("score", TRADE, SAMPLES / "evidence.json")
    chinese = credit("score", TRADE, SAMPLES / "evidence.json", "--language", "zh")
    assert english[0] == chinese[0] == 0
    assert "tier 3, limit 50000.00 CNY, valid through 2026-09-26" in english[1]
    assert "等级 3，额度 50000.00 CNY" in chinese[1]
    assert "the tax authority's certificate of the credit grade" in english[1]
    assert "税务机关出具的纳税信用等级证明" in chinese[1]


def test_score_as_json_has_the_points_of_each_feature(card: Path, tmp_path: Path) -> None:
    status, output, _ = credit("score", card, written(tmp_path, evidence()), "--json")
    answer = json.loads(output)
    assert (status, answer["points"], answer["tier"]) == (0, 320, 2)
    assert 100 + sum(part["points"] for part in answer["features"]) == 320


def test_score_as_json_names_the_kind_of_file_that_shows_what_is_missing() -> None:
    _, output, _ = credit("score", TRADE, SAMPLES / "evidence.json", "--json")
    missing = {each["document"]: each["files"] for each in json.loads(output)["missing"]}
    assert missing["tax-certificate"] == ["tax"]


@pytest.mark.parametrize(
    ("one_item", "name"),
    [
        (item("late", 1, asOf="2026-04-01"), "in-the-future"),
        (item("late", 1, asOf="2020-01-01"), "stale"),
        (item("late", 1, party="x"), "of-another-party"),
    ],
)
def test_score_names_what_is_wrong_with_evidence(
    card: Path, tmp_path: Path, one_item: dict[str, Any], name: str
) -> None:
    path = written(tmp_path, evidence(one_item))
    status, output, errors = credit("score", card, path)
    assert (status, output) == (1, "")
    assert errors.startswith(f"credit: {path}: items.0.") and f": {name}: " in errors


def test_a_file_that_is_missing_ends_with_1_and_its_name(card: Path) -> None:
    status, _, errors = credit("score", card, "nowhere.json")
    assert (status, errors) == (1, "credit: nowhere.json: No such file or directory\n")


def test_figures_shows_what_a_file_says_and_what_is_unknown(tmp_path: Path) -> None:
    status, output, errors = credit("figures", "stock", FILES / "stock.csv")
    assert (status, errors) == (0, "")
    assert output.splitlines() == [
        "stock of 91610133MA7H2Q5L80: 4 lots of stock",
        "stock-value: 37900.00 CNY, as of 2026-03-31",
        "stock-days: 102, as of 2026-03-31",
        "old-stock-share: 29.0238%, as of 2026-03-31",
    ]
    tax = tmp_path / "tax.csv"
    tax.write_text((FILES / "tax.csv").read_text().rpartition("91610133")[0])
    status, output, _ = credit("figures", "tax", tax)
    assert (status, output.splitlines()[-1]) == (0, "tax-arrears: unknown")


def test_figures_names_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text((FILES / "stock.csv").read_text().replace("12000.000", "twelve"))
    status, output, errors = credit("figures", "stock", path)
    assert (status, output) == (1, "")
    assert "stock file, row 2, column quantity: 'twelve' is not a quantity" in errors
    status, _, errors = credit("figures", "stock", path, "--currency", "XXX")
    assert (status, "XXX is not a currency" in errors) == (1, True)
    assert credit("figures", "gossip", path)[0] == 2
    status, _, errors = credit("figures", "stock", tmp_path / "none.csv")
    assert (status, "No such file" in errors) == (1, True)


def test_the_kinds_of_the_command_are_those_of_the_readers() -> None:
    assert [kind.value for kind in FileKind] == list(FILE_KINDS)
    assert list(get_args(FileKindName)) == list(FILE_KINDS)


def test_the_card_of_files_is_sound() -> None:
    status, output, errors = credit("test", ROOT / "scorecards" / "statements.yaml")
    assert (status, errors) == (0, "")
    assert "statements 1: 28 features" in output
    assert "holds: a firm that the register says is in liquidation: 80 points, tier 5" in output
