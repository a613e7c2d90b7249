"""What names may not hide, and which of them look alike."""

from __future__ import annotations

import pytest

from app.core.names import hidden_anywhere, hidden_in, skeleton


@pytest.mark.parametrize(
    "character",
    [
        *("\x00", "\x1b", "\x7f", "\x85", "\n", "\t"),
        *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"),
        *("\u200e", "\u202e", "\u2066", "\u061c"),
        *("\u3164", "\u115f", "\ufe0f", "\u2800", "\U000e0041", "\ue000", "\u2028", "\ud800"),
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_character_that_nobody_sees_is_found(character: str) -> None:
    found = hidden_in(f"Ab{character}c")
    assert found is not None
    assert f"U+{ord(character):04X}" in found and "place 3" in found


@pytest.mark.parametrize(
    "name", ["Linghu Castings Co., Ltd.", "杭州灵壶铸造有限公司", "Žižek & Søn A/S", "株式会社　北"]
)
def test_an_ordinary_name_hides_nothing(name: str) -> None:
    assert hidden_in(name) is None


def test_lines_are_taken_in_texts_and_each_hidden_thing_is_named_by_its_path() -> None:
    body = {"description": "one\ntwo", "parts": [{"name": "a\u200b"}, {"name": "b\n"}]}
    found = list(hidden_anywhere(body, texts=frozenset(("description",))))
    assert [one.partition(":")[0] for one in found] == ["parts.0.name", "parts.1.name"]


@pytest.mark.parametrize(
    ("one", "other"),
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
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other) != ""


def test_names_that_differ_have_skeletons_that_differ() -> None:
    names = ["Altair", "Castor", "Vega", "Vega 2", "工商银行", "农业银行", "Linghu", "Linghua"]
    assert len({skeleton(name) for name in names}) == len(names)
