"""Figures of outside engines and calendars beside ours; and a comparison that can fail."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scripts.cases.__main__ import main
from scripts.cases.checking import compare
from scripts.cases.inputs import Unsupported
from scripts.cases.reading import COLUMNS, NOT_SUPPORTED, SAME, Case, Question, read_cases
from scripts.cases.rules import answer_to
from scripts.cases.sources import loan_of

FILE = Path(__file__).with_name("data") / "peer-cases.csv.gz"
ROW = {
    "id": "7",
    "source": "an engine",
    "rule": "equal-instalment",
    "inputs": '{"P": "100000", "rate": "4.35", "n": 12, "k": 1}',
    "quantity": "interest",
    "expected": "36250",
    "convention": "same",
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_cases(FILE)


def written(folder: Path, rows: Iterable[dict[str, str]], columns: Iterable[str] = COLUMNS) -> Path:
    """A file of cases with these rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "cases.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def question(**changes: object) -> Question:
    """A question about a loan that the source's name holds."""
    asked = Question(row=2, id="7", source="", rule="pmt", inputs={}, quantity="instalment")
    return replace(asked, **changes)  # type: ignore[arg-type]


def wrong(expected: str) -> str:
    """Another figure of the same kind."""
    if expected in ("True", "False"):
        return str(expected == "False")
    if "-" in expected:
        return str(date.fromisoformat(expected) + timedelta(days=1))
    return str(int(expected) + 1)


def test_each_case_of_our_own_rule_agrees(cases: list[Case]) -> None:
    result = compare(cases)
    assert result.failures == []
    assert result.summary == "5371 agree, 592 differ by convention, 0 unsupported"


def test_each_case_of_our_own_rule_fails_when_another_figure_is_expected(
    cases: list[Case],
) -> None:
    ours = [case for case in cases if case.convention == SAME]
    result = compare(replace(case, expected=wrong(case.expected)) for case in ours)
    assert result.agree == 0
    assert [failure.case.question for failure in result.failures] == [c.question for c in ours]


def test_whoever_answers_sees_no_figure_of_the_peer(cases: list[Case]) -> None:
    names = {field.name for field in fields(Question)}
    assert names == {"row", "id", "source", "rule", "inputs", "quantity"}
    assert all("value" not in case.question.inputs for case in cases)


def test_a_figure_that_is_marked_as_unsupported_is_so_unless_it_agrees(tmp_path: Path) -> None:
    marked = ROW | {"convention": f"{NOT_SUPPORTED}: a choice"}
    result = compare(read_cases(written(tmp_path, [marked, marked | {"expected": "36251"}])))
    assert result.summary == "1 agree, 0 differ by convention, 1 unsupported"
    assert result.unsupported == {"a choice": 1}


def test_a_case_of_another_convention_may_differ_or_agree(tmp_path: Path) -> None:
    why = {"convention": "the peer rounds up"}
    path = written(tmp_path, [ROW | why, ROW | why | {"expected": "36251"}])
    assert compare(read_cases(path)).summary == "1 agree, 1 differ by convention, 0 unsupported"


def test_a_difference_is_printed_with_both_figures_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(written(tmp_path, [ROW, ROW | {"id": "8", "expected": "36251"}]))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "differs: id 8, an engine, equal-instalment, interest: "
        'inputs {"P": "100000", "rate": "4.35", "n": 12, "k": 1}, expected 36251, ours 36250'
    )
    assert lines[-1] == "1 agree, 0 differ by convention, 0 unsupported"


def test_agreement_ends_with_0_and_the_summary_is_the_last_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(FILE)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "5371 agree, 592 differ by convention, 0 unsupported"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rule": "compound"}, "row 3 (id 9), rule: 'compound' is unknown"),
        ({"quantity": "fee"}, "row 3 (id 9), quantity: 'fee' is unknown for 'equal-instalment'"),
        ({"inputs": '{"P": 1'}, "row 3 (id 9), inputs: not JSON"),
        ({"inputs": "[" * 100_000}, "row 3 (id 9), inputs: not JSON"),
        ({"inputs": '{"P": NaN}'}, "row 3 (id 9), inputs: not JSON: NaN is no number"),
        ({"inputs": "[]"}, "row 3 (id 9), inputs: is no JSON object"),
        ({"inputs": '{"rate": 4, "n": 3, "k": 1}'}, "row 3 (id 9), inputs.P: is missing"),
        ({"inputs": '{"P": "x", "rate": 4, "n": 3, "k": 1}'}, "inputs.P: 'x' is not a plain"),
        ({"inputs": '{"P": 0.001, "rate": 4, "n": 3, "k": 1}'}, "inputs.P: 0.001 is finer"),
        ({"inputs": '{"P": 1, "rate": 1e9, "n": 3, "k": 1}'}, "inputs.rate: 1000000000 is more"),
        ({"inputs": '{"P": 1, "rate": 4, "n": 3, "k": 4}'}, "inputs.k: 4 is not a whole number"),
        ({"inputs": '{"P": 1, "rate": 4, "n": true, "k": 1}'}, "inputs.n: True is not a whole"),
        ({"rule": "workday", "quantity": "works", "inputs": '{"d": "soon"}'}, "inputs.d: 'soon'"),
        ({"expected": "about 3"}, "row 3 (id 9), expected: 'about 3' is no whole number"),
        ({"convention": ""}, "row 3 (id 9), convention: is empty"),
        ({"convention": "NOT SUPPORTED HERE", "rule": "x"}, "rule: 'x' is unknown"),
    ],
)
def test_a_bad_row_is_one_sentence_that_names_row_and_field_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], words: str
) -> None:
    path = written(tmp_path, [ROW | {"expected": "1"}, ROW | {"id": "9"} | changes])
    assert main([str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"make cases: {path}: ")
    assert words in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "row 1, id: the column is missing"),
        (",".join(COLUMNS[:-1]).encode(), "row 1, convention: the column is missing"),
        (",".join(COLUMNS).encode(), "row 2: the file has no cases"),
        (",".join(COLUMNS).encode() + b"\n1,2,3\n", "row 2, inputs: the row has 3 fields"),
        (",".join(COLUMNS).encode() + b'\n"1\n', "not CSV"),
        (gzip.compress(b"id,source", mtime=0)[:-4], "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_is_no_file_of_cases_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    assert main([str(path)]) == 2
    assert words in capsys.readouterr().err
    assert main([str(tmp_path / "none.csv")]) == 2
    assert "none.csv: cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "figure"),
    [
        ("Excel PMT(0.08/12,10,10000)", "103703"),
        ("Excel PMT(8%/12; 10; -10000; 0; 0)", "103703"),
        ("POI PMT(0,60,15000)", "25000"),
        ("loan-amortization-calculator reference-500000.32-4.56-32.json", "1662389"),
    ],
)
def test_terms_are_read_from_a_sources_name(source: str, figure: str) -> None:
    asked = question(source=source)
    assert answer_to(asked)(asked) == figure


@pytest.mark.parametrize(
    "source",
    [
        "Excel PMT(0.08,10,10000)",
        "Excel PMT(0.08/12,10,10000,0,1)",
        "Excel PMT(0.08/12,0,10000)",
        "Excel PMT(0.08/12,999999999999,10000)",
        "Excel PMT(0.081234567/12,10,10000)",
        "Excel PMT(0.08/12,10,NaN)",
        "an engine of which nobody knows anything",
    ],
)
def test_terms_that_a_source_does_not_tell_are_unsupported(source: str) -> None:
    with pytest.raises(Unsupported):
        loan_of(question(source=source))


def test_a_day_outside_our_calendar_is_unsupported() -> None:
    asked = question(rule="workday", quantity="works", inputs={"d": "2031-01-01"})
    with pytest.raises(Unsupported, match="does not cover 2031"):
        answer_to(asked)(asked)
