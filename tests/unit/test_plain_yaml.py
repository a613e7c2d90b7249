"""YAML from others: a small file costs little, and each fault has its line."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml

from app.domain.plain_yaml import MAX_DEPTH, MAX_PARTS, YamlRefused, read_document, read_yaml
from app.places import ROOT

SHIPPED = sorted([*ROOT.glob("scorecards/*.yaml"), *ROOT.glob("rules/*.yaml")])
# What the slowest file of 128 KB may take here, in seconds of processor time; usual is a tenth.
PATIENCE = 5.0
SIZE = 128 << 10


def refused(data: bytes) -> yaml.MarkedYAMLError:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        read_document(data)
    return caught.value


def line_of(error: yaml.MarkedYAMLError) -> int:
    assert error.problem_mark is not None
    return error.problem_mark.line + 1


@pytest.mark.parametrize("path", [*SHIPPED, ROOT / "products.yaml"], ids=lambda path: path.stem)
def test_shipped_files_are_read_as_any_reader_reads_them(path: Any) -> None:
    data = path.read_bytes()

    def same(ours: Any, theirs: Any) -> None:
        if isinstance(theirs, dict):
            assert list(ours) == [str(key) for key in theirs]
            for key, value in theirs.items():
                same(ours[str(key)], value)
        elif isinstance(theirs, list):
            for mine, other in zip(ours, theirs, strict=True):
                same(mine, other)
        else:
            assert ours == theirs or ours == str(theirs), "dates are left as text"

    same(read_yaml(data), yaml.safe_load(data))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 10", 10),
        ("a: -3", -3),
        ("a: 999999999999999999", 10**18 - 1),
        ("a: 1.5", 1.5),
        ("a: 2026-03-31", "2026-03-31"),
        ("a: '0x10'", "0x10"),
        ("a: 12.5%", "12.5%"),
        ("a: yes", True),
        ("a: ~", None),
        ("a: =", "="),
        ("a: &x 1", 1),
        ("a: 周期", "周期"),
    ],
)
def test_plain_values_are_read(text: str, value: Any) -> None:
    assert read_yaml(text.encode()) == {"a": value}


@pytest.mark.parametrize(
    "value",
    [
        *("!!bool foo", "!!int foo", "!!float foo", "!!timestamp foo", "!!timestamp 2026-99-99"),
        *("!!binary x", "!!null x", "!!str 10", "!!set {b, c}", "!!omap [b: c]", "!!map 1"),
        *("!x 1", "! 1", "!!python/object:os.system x", "!<tag:yaml.org,2002:int> x"),
    ],
)
def test_a_named_type_is_refused_with_its_line(value: str) -> None:
    error = refused(f"a: 1\nb: {value}\n".encode())
    assert isinstance(error, YamlRefused)
    assert (error.name, line_of(error)) == ("tag", 2)
    assert "!" in error.fix


@pytest.mark.parametrize(
    "number",
    [
        *("9" * 5000, "1" + "0" * 18, "-" + "9" * 400, "9" * 400 + ".5", "1." + "0" * 400),
        *("0x" + "f" * 5000, "0b1", "0o7", "010", "1_000", "_", "1:30", "1:" * 400 + "0"),
        *("1" + ":1" * 400 + ".5", ".inf", "-.INF", ".nan", "1.", ".5", "1.5e+400", "1.0e+3"),
    ],
)
def test_a_number_that_readers_read_differently_is_refused_with_its_line(number: str) -> None:
    error = refused(f"a: 1\nb: {number}\n".encode())
    assert line_of(error) == 2
    assert "is not a plain decimal number" in str(error.problem)
    assert len(str(error.problem)) < 200


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b'a: 1\nb: "\\UFFFFFFFF"\n', 2, "cannot be read"),
        (b'a: 1\nb: "\\U00110000"\n', 2, "cannot be read"),
        (b"%YAML 1." + b"9" * 5000 + b"\n---\na: 1\n", 1, "cannot be read"),
        (b"a: 1\nb: \x00\n", 2, "U+0000"),
        (b"a: 1\nb: \x1b[2K\n", 2, "U+001B"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        ("a: 1".encode("utf-16"), 1, "UTF-8"),
        (b"a: 1\n<<: {b: 1}\n", 2, "write them out"),
        (b"a: 1\n<<: x\n", 2, "write them out"),
        (b"a: 1\na: 2\n", 2, "occurs twice, first in line 1"),
        (b'a: 1\n"\\u202e": 1\n"\\u202e": 2\n', 3, "\\u202e occurs twice"),
        (b"a: 1\n[1, 2]: 2\n", 2, "not text"),
        (b"a: 1\n{b: c}: 2\n", 2, "not text"),
        (b"a: 1\n1: 2\n", 2, "the key 1 is not text"),
        (b"a: 1\n? 2026\n: 2\n", 2, "not text"),
        (b"a: 1\n---\nb: 1\n", 2, "another document"),
    ],
)
def test_what_is_not_read_has_its_line(data: bytes, line: int, words: str) -> None:
    error = refused(data)
    assert words in str(error.problem)
    assert line_of(error) == line


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too-deep"),
        (b"".join(b" " * n + b"a:\n" for n in range(MAX_DEPTH + 1)), "too-deep"),
        (b"- " * (MAX_DEPTH + 1), "too-deep"),
        (b"a: &x [1]\nb: *x\n", "alias"),
        (b"a: *x\n", "alias"),
        (b"a: &x [*x]\n", "alias"),
        (b"- 1\n" * MAX_PARTS, "too-large"),
    ],
)
def test_depth_size_and_repeated_parts_are_bounded(data: bytes, name: str) -> None:
    error = refused(data)
    assert isinstance(error, YamlRefused)
    assert error.name == name
    assert error.fix
    line_of(error)


def test_a_file_of_the_operators_own_may_repeat_parts_but_not_contain_itself() -> None:
    assert read_yaml(b"a: &x [1]\nb: *x\n") == {"a": [1], "b": [1]}
    for data in (b"a: &x [*x]\n", b"a: *x\n"):
        with pytest.raises(yaml.MarkedYAMLError):
            read_yaml(data)


def test_what_is_just_within_the_bounds_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert read_yaml(b"[" * depth + b"x" + b"]" * depth)
    assert len(read_yaml(b"- 1\n" * (MAX_PARTS - 1))) == MAX_PARTS - 1


BILLION = b"a: &a [x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c]\n" % (n + 1, n + 1, n, n, n) for n in range(97, 110)
)
FILES = {
    "deep lists": b"a: " + b"[" * SIZE,
    "deep objects": b"{a: " * (SIZE // 4),
    "deep lines": b"".join(b" " * n + b"a:\n" for n in range(500)),
    "deep questions": b"? " * (SIZE // 2),
    "aliases": BILLION,
    "many values": b"[" + b"1," * (SIZE // 2),
    "many keys": b"".join(b"k%d: 1\n" % n for n in range(12_000)),
    "many lines": b"\n" * SIZE,
    "many directives": b"%A b\n" * (SIZE // 5),
    "long key": b"? " + b"x" * SIZE,
    "long number": b"a: " + b"9" * SIZE,
    "long grouped number": b"a: " + b"_" * SIZE + b"x",
    "long base-60 number": b"a: " + b"1:" * (SIZE // 2) + b"x",
    "long number with a point": b"a: 1" + b"_" * SIZE + b".x",
    "long plain text": b"a: " + b"x y " * (SIZE // 4),
    "long folded text": b"a: x" + b"\n\n  y" * (SIZE // 5),
    "long quoted text": b'a: "' + b"\\n" * (SIZE // 2) + b'"',
    "long type": b"a: !" + b"x" * SIZE + b" 1",
    "many anchors": b"[" + b"&a 1," * (SIZE // 5),
}


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_largest_size_takes_long(name: str) -> None:
    began = time.process_time()
    try:
        read_document(FILES[name])
    except yaml.MarkedYAMLError as error:
        assert len(str(error.problem)) < 400
    assert time.process_time() - began < PATIENCE


def test_lines_of_parts_are_known_without_reading_again() -> None:
    document = read_document(b"a:\n  - b: 1\n  - b: 2\n    c: 3\n")
    assert document.line_of(()) == 1
    assert document.line_of(("a", 1, "c")) == 4
    assert document.line_of(("a", 1, "missing")) == 3, "the last part that exists"
    assert document.line_of(("a", 9)) == 1
    assert document.line_of(("a", 0, "b", "deeper")) == 2
    assert read_document(b"").line_of(("a",)) is None
