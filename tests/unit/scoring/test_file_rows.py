"""Files of a party: each wrong cell is named by file, row and column, and nothing is guessed."""

from __future__ import annotations

import pytest

from app.domain.scoring import (
    feedback_table,
    registration_table,
    statement_table,
    stock_table,
    tax_table,
)
from app.domain.scoring.evidence_files import FILE_KINDS, kinds_showing
from app.domain.scoring.file_rows import MAX_BYTES, MAX_ROWS
from app.domain.scoring.problems import MAX_PROBLEMS
from app.places import ROOT
from tests.support.evidence_files import edited, problems_of, sample, values_of

KINDS = sorted(FILE_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_shows_all_that_its_kind_can_show(kind: str) -> None:
    figures = FILE_KINDS[kind].read(sample(kind).encode(), currency="CNY")
    assert set(figures.figures) == set(FILE_KINDS[kind].features)
    assert figures.basis


@pytest.mark.parametrize("kind", KINDS)
def test_signature_and_line_ends_of_other_programs_change_nothing(kind: str) -> None:
    read, text = FILE_KINDS[kind].read, sample(kind)
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert read(windows, currency="CNY") == read(text.encode(), currency="CNY")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_other_columns_is_refused_by_each_column(kind: str) -> None:
    problems = problems_of(FILE_KINDS[kind].read, b"a,b\n1,2\n")
    assert {problem.name for problem in problems} == {"columns-invalid"}
    assert all(str(problem.detail).startswith(f"{title(kind)}, row 1") for problem in problems)
    assert any("a: is not a column" in str(problem.detail) for problem in problems)
    assert any("is missing" in str(problem.detail) for problem in problems)


def title(kind: str) -> str:
    return f"{kind} file"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "columns-invalid", "is missing"),
        (b"\xff\xfe", "row-invalid", "is not UTF-8"),
        (b"a\0b", "row-invalid", "NUL"),
        (b"x" * (MAX_BYTES + 1), "file-invalid", "more than"),
    ],
)
def test_a_file_that_is_no_table_is_refused(kind: str, data: bytes, name: str, words: str) -> None:
    problem = problems_of(FILE_KINDS[kind].read, data)[0]
    assert problem.name == name
    assert words in str(problem.detail)
    assert str(problem.detail).startswith(title(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_alone_shows_nothing_and_is_refused(kind: str) -> None:
    header = sample(kind).splitlines()[0].encode()
    (problem,) = problems_of(FILE_KINDS[kind].read, header)
    assert (problem.name, "no line under its header" in str(problem.detail)) == (
        "file-invalid",
        True,
    )


def test_more_rows_than_allowed_are_refused() -> None:
    header = sample("stock").splitlines()[0]
    rows = ("C1,2026-03-31,A,1,1.00,CNY,," for _ in range(MAX_ROWS + 1))
    (problem,) = problems_of(FILE_KINDS["stock"].read, "\n".join((header, *rows)).encode())
    assert f"more than {MAX_ROWS:,} lines" in str(problem.detail)


@pytest.mark.parametrize(
    ("kind", "row", "column", "cell", "words"),
    [
        ("stock", 2, "company", "", "is empty"),
        ("stock", 2, "company", "?!", "no number of a company"),
        ("stock", 3, "asOf", "31.03.2026", "is no day"),
        ("stock", 3, "asOf", "2026-02-30", "is no day"),
        ("stock", 4, "sku", "", "is empty"),
        ("stock", 4, "quantity", "1,5", "not a quantity"),
        ("stock", 4, "quantity", "-1", "not above zero"),
        ("stock", 4, "quantity", "1e3", "not a quantity"),
        ("stock", 4, "quantity", "0.0005", "too many decimals"),
        ("stock", 5, "unitCost", "1.001", "too many decimals"),
        ("stock", 5, "unitCost", "-1.00", "below zero"),
        ("stock", 5, "unitCost", "0.00", "goods cost nothing"),
        ("stock", 5, "unitCost", "10000000000000.01", "too large"),
        ("stock", 5, "currency", "USD", "not the card's currency"),
        ("stock", 5, "received", "2026-04-01", "after the count"),
        ("stock", 5, "received", "soon", "is no day"),
        ("stock", 5, "sold", "many", "not a quantity"),
        ("feedback", 2, "partner", "", "is empty"),
        ("feedback", 2, "periodTo", "2025-12-31", "before periodFrom"),
        ("feedback", 2, "score", "101", "too high"),
        ("feedback", 2, "score", "9.5", "no whole number"),
        ("feedback", 2, "score", "-1", "no whole number"),
        ("feedback", 3, "late", "26", "more than its 25 deliveries"),
        ("feedback", 3, "short", "26", "more than its 25 deliveries"),
        ("feedback", 3, "deliveries", "", "has no deliveries"),
        ("tax", 2, "certificate", "", "is empty"),
        ("tax", 2, "issued", "2025-12-30", "before the period ends"),
        ("tax", 2, "status", "", "neither status nor arrears"),
        ("tax", 2, "status", "A" * 41, "too long"),
        ("tax", 3, "arrears", "nothing", "not an amount"),
        ("tax", 3, "arrears", "-5.00", "below zero"),
        ("tax", 3, "currency", "", "is empty"),
        ("tax", 3, "currency", "EUR", "not the card's currency"),
        ("registration", 2, "id", "", "is empty"),
        ("registration", 2, "state", "asleep", "is unknown"),
        ("registration", 2, "founded", "2026-04-01", "after the extract"),
        ("registration", 2, "share", "10%", "only rows of owners"),
        ("registration", 3, "record", "cousin", "is unknown"),
        ("registration", 3, "name", "", "is empty"),
        ("registration", 3, "state", "active", "only rows of the company"),
        ("registration", 3, "share", "101%", "more than all"),
        ("registration", 3, "share", "0.6", "no percentage"),
        ("registration", 3, "basis", "hearsay", "is unknown"),
        ("statements", 2, "item", "goodwill", "is unknown"),
        ("statements", 2, "amount", "lots", "not an amount"),
        ("statements", 2, "amount", "-1.00", "below zero"),
        ("statements", 2, "currency", "usd", "not the card's currency"),
        ("statements", 2, "periodFrom", "", "is empty"),
    ],
)
def test_a_wrong_cell_is_named_by_file_row_and_column(
    kind: str, row: int, column: str, cell: str, words: str
) -> None:
    (problem,) = problems_of(FILE_KINDS[kind].read, edited(kind, {(row, column): cell}))
    place, _, detail = str(problem.detail).partition(": ")
    named = "late" if "no deliveries" in words else column
    assert place == f"{title(kind)}, row {row}, column {named}"
    assert words in detail
    assert problem.path == ("content",)


def test_all_wrong_rows_are_told_up_to_a_number() -> None:
    cells = {(row, "quantity"): "x" for row in (2, 4, 5)}
    problems = problems_of(FILE_KINDS["stock"].read, edited("stock", cells))
    assert [str(problem.detail).split(",")[1] for problem in problems] == [
        " row 2",
        " row 4",
        " row 5",
    ]
    header = sample("stock").splitlines()[0]
    many = "\n".join((header, *["C1,2026-03-31,A,x,1.00,CNY,,"] * 500))
    assert len(problems_of(FILE_KINDS["stock"].read, many.encode())) == MAX_PROBLEMS


@pytest.mark.parametrize(
    ("kind", "row", "column", "cell"),
    [
        *((kind, 3, "company", "91610102MA6TY3N82N") for kind in KINDS if kind != "registration"),
        ("stock", 3, "asOf", "2026-03-30"),
        ("registration", 3, "asOf", "2026-03-30"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    kind: str, row: int, column: str, cell: str
) -> None:
    (problem,) = problems_of(FILE_KINDS[kind].read, edited(kind, {(row, column): cell}))
    assert problem.name == "contradictory"
    assert f"row {row}, column {column}: it differs from row 2" in str(problem.detail)


def test_numbers_of_companies_are_compared_without_blanks_and_case() -> None:
    cells = {(3, "company"): "9161 0133 ma7h2q5l80"}
    figures = FILE_KINDS["stock"].read(edited("stock", cells), currency="CNY")
    assert figures.company == "91610133MA7H2Q5L80"


def test_kinds_of_files_are_known_by_what_they_show() -> None:
    assert kinds_showing(["tax-standing", "yearly-sales"]) == ["sales", "tax"]
    assert kinds_showing(["defaults"]) == []


def test_no_two_kinds_of_files_show_the_same_feature() -> None:
    features = [name for kind in FILE_KINDS.values() for name in kind.features]
    assert len(features) == len(set(features))


def test_hidden_characters_are_refused() -> None:
    (problem,) = problems_of(FILE_KINDS["stock"].read, edited("stock", {(2, "sku"): "A\u202eB"}))
    assert "row 2, column sku" in str(problem.detail)
    assert values_of(FILE_KINDS["stock"].read(edited("stock", {}), currency="CNY"))


def test_the_page_of_files_names_each_column_figure_and_item() -> None:
    page = (ROOT / "docs" / "reference" / "evidence-files.md").read_text()
    sections = {part.partition("`")[0]: part for part in page.split("\n## `")[1:]}
    assert list(sections) == list(FILE_KINDS)
    modules = {
        "stock": stock_table,
        "feedback": feedback_table,
        "tax": tax_table,
        "registration": registration_table,
        "statements": statement_table,
    }
    for kind, module in modules.items():
        names = (*module.COLUMNS, *getattr(module, "OPTIONAL", ()), *module.FEATURES)
        for name in names:
            assert f"`{name}`" in sections[kind], f"{kind}: {name}"
    for equation in statement_table.EQUATIONS:
        right = " + ".join(equation.plus) + "".join(f" - {name}" for name in equation.minus)
        assert f"    {equation.total} = {right}\n" in sections["statements"]
