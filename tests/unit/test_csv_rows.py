"""Tables from others: a hostile header costs little, and the problems are few."""

from __future__ import annotations

import time

import pytest

from app.domain.csv_rows import MAX_FINDINGS, TableInvalid, read_table

COLUMNS = ("number", "day")
PATIENCE = 5.0


def refused(data: bytes) -> TableInvalid:
    with pytest.raises(TableInvalid) as caught:
        read_table(data, columns=COLUMNS, maximum=10)
    return caught.value


def test_a_header_of_very_many_columns_is_refused_at_once() -> None:
    names = ",".join(f"c{number}" for number in range(60_000))
    began = time.process_time()
    error = refused(f"{names}\n1,2\n".encode())
    assert time.process_time() - began < PATIENCE
    assert [(each.line, each.field, str(each.detail)) for each in error.findings] == [
        (1, "header", "it has 60,000 columns; the columns are number, day")
    ]


def test_a_header_of_some_other_columns_names_each() -> None:
    error = refused(b"number,day,colour,day\n1,2,3,4\n")
    assert {(each.field, str(each.detail).partition(";")[0]) for each in error.findings} == {
        ("colour", "is not a column"),
        ("day", "occurs twice"),
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'number,day\n"1,2\n', "is not CSV"),
        (b'number,day\n"' + b"x" * 200_000 + b'",2\n', "is not CSV"),
        (b"number,day\n" + b"x" * 501 + b",2\n", "more than 500 characters"),
        (b"number,day\n1\x00,2\n", "NUL"),
        (b"number,day\n1\x1b,2\n", "control character"),
        (b"number,day\n\xff,2\n", "not UTF-8"),
        (b"number,day\n" + b"1,2\n" * 11, "more than 10 lines"),
        (b"number,day\n", "no line under its header"),
    ],
)
def test_what_is_no_such_table_says_why(data: bytes, words: str) -> None:
    error = refused(data)
    assert words in str(error.findings[-1].detail)
    assert len(str(error)) < 300


def test_only_so_many_problems_are_told() -> None:
    error = refused(b"number,day\n" + b"1\n" * 5_000)
    assert (len(error.findings), error.total) == (MAX_FINDINGS, 5_000)


def test_a_table_is_read() -> None:
    (line,) = read_table(
        "\ufeffday,number\n\n2026-03-31, 7 \n".encode(), columns=COLUMNS, maximum=1
    )
    assert (line.number, line.cells) == (3, {"day": "2026-03-31", "number": "7"})
