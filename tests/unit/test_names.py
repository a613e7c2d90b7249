"""Hidden characters in names, and names that look alike."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.hidden_text import hidden_anywhere, hidden_in, shown
from app.domain.names import skeleton


@pytest.mark.parametrize(
    "character",
    [
        *("\x00", "\x1b", "\x7f", "\x85", "\n", "\t"),
        *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"),
        *("\u200e", "\u202e", "\u2066", "\u061c"),
        *(
            "\u3164",
            "\u115f",
            "\ufe0f",
            "\u2800",
            "\U000e0041",
            "\ue000",
            "\u2028",
            "\ud800",
            "\ufdd0",
            "\uffff",
        ),
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_invisible_character_is_found(character: str) -> None:
    hidden = hidden_in(f"Ab{character}c")
    assert hidden is not None
    assert f"U+{ord(character):04X}" in str(hidden) and "place 3" in str(hidden)


@pytest.mark.parametrize(
    "name", ["Linghu Castings Co., Ltd.", "杭州灵壶铸造有限公司", "Žižek & Søn A/S", "株式会社　北"]
)
def test_an_ordinary_name_hides_nothing(name: str) -> None:
    assert hidden_in(name) is None


def test_line_breaks_are_allowed_in_texts_and_hidden_characters_named_by_path() -> None:
    texts = frozenset(("description",))
    body = {"description": "one\ntwo", "parts": [{"name": "a"}, {"name": "b\n"}], "z": "\x00"}
    hidden = hidden_anywhere(body, texts=texts)
    assert hidden is not None
    assert hidden[0] == "parts.1.name" and "U+000A" in str(hidden[1])
    assert hidden_anywhere({"description": "one\ntwo", "n": [1, None, True]}, texts=texts) is None


def test_a_file_may_begin_with_a_byte_order_mark_and_other_texts_may_not() -> None:
    marked, names = "\ufeffsku,quantity\n", frozenset(("content",))
    assert hidden_anywhere({"content": marked}, texts=names, files=names) is None
    for body in ({"note": "\ufeffa"}, {"content": f"a{marked}"}, {"content": f"\ufeff{marked}"}):
        assert hidden_anywhere(body, texts=names, files=names) is not None


def test_names_of_members_hide_nothing_and_are_shown_written_out() -> None:
    hidden = hidden_anywhere({"a": {"b\u202ec": 1}}, texts=frozenset())
    assert hidden is not None
    assert hidden[0] == "a.b\\u202ec" and "U+202E" in str(hidden[1])
    assert shown("plain \x00 \U000e0041") == "plain \\x00 \\U000e0041"


def test_value_of_any_depth_is_searched() -> None:
    value: list[Any] = ["\u200b"]
    for _ in range(100_000):
        value = [value]
    hidden = hidden_anywhere(value, texts=frozenset())
    assert hidden is not None


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Linghu Castings", "Linghu \u0421astings"),  # a Cyrillic letter
        ("PayPal", "PayPaI"),
        ("modern goods", "rnodern goods"),
        ("One Bank", "0ne Bank"),
        ("Linghu", "L\u00ednghu"),
        ("Vega", "\uff36\uff45\uff47\uff41"),
        ("Vega Bank Co., Ltd.", "VEGA BANK CO LTD"),
        ("\u5de5\u5546\u94f6\u884c", "\u30a8\u5546\u94f6\u884c"),
        ("Altair", "Alt\u0430ir"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(name: str, other: str) -> None:
    assert skeleton(name) == skeleton(other) != ""


def test_names_that_differ_have_skeletons_that_differ() -> None:
    names = ["Altair", "Castor", "Vega", "Vega 2", "工商银行", "农业银行", "Linghu", "Linghua"]
    assert len({skeleton(name) for name in names}) == len(names)
