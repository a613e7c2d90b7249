"""JSON from others: whole numbers, each key once, bounded depth, and no file that takes long."""

from __future__ import annotations

import time

import pytest

from app.domain.csv_rows import TableInvalid
from app.domain.plain_json import MAX_BYTES, MAX_DEPTH, JsonInvalid, read_json
from app.goods.stock.epcis_documents import _parsed
from app.trade.documents.errors import DocumentError
from app.trade.documents.json_members import parse

# Seconds of processor time; usual is one. Each key compared with all others would take an hour.
PATIENCE = 15.0
MANY = b"{" + b"".join(b'"%d":1,' % n for n in range(200_000)) + b'"199999":1}'


def refused(data: bytes) -> str:
    with pytest.raises(JsonInvalid) as caught:
        read_json(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' occurs twice"),
        (b'[{"a": {"b": 1, "b": 1}}]', "the key 'b' occurs twice"),
        (b'{"%s": 1, "%s": 1}' % (b"x" * 9_000, b"x" * 9_000), "occurs twice"),
        (b"[1.5]", "1.5 is not a whole number"),
        (b"[NaN]", "NaN is not a whole number"),
        (b"[-Infinity]", "-Infinity is not a whole number"),
        (b"[1e400]", "not a whole number"),
        (b"[1." + b"1" * 9_000 + b"]", "not a whole number"),
        (b"[" + b"9" * 5_000 + b"]", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested deeper"),
        (b" " * (MAX_BYTES + 1), "more than"),
        (b'["\xff"]', "UTF-8"),
    ],
)
def test_what_is_not_read_says_why_in_few_words(data: bytes, words: str) -> None:
    message = refused(data)
    assert words in message
    assert len(message) < 400


def test_plain_json_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert read_json(b'{"a": [1, "1.5", true, null], "b": {"a": 1}}')["b"] == {"a": 1}
    assert read_json(b"[" * depth + b"1" + b"]" * depth)


@pytest.mark.parametrize("read", [read_json, parse, _parsed])
def test_a_key_that_repeats_the_last_of_many_is_found_at_once(read: object) -> None:
    assert callable(read)
    began = time.process_time()
    with pytest.raises((JsonInvalid, DocumentError, TableInvalid), match="199999"):
        read(MANY)
    assert time.process_time() - began < PATIENCE
