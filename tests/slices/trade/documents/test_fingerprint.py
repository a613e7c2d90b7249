"""One invoice, one fingerprint; another invoice, another."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.trade.documents.due import MAX_INSTALMENTS
from app.trade.documents.fingerprint import (
    fingerprint,
    fingerprints_of,
    instalment_fingerprint,
    normalised_number,
)

KEY = bytes(range(32))
SELLER, DEBTOR = "9845004FNRDHARBOUR67", "91440300MA5FX0TE8J"


def mark(number: str, **other: object) -> bytes:
    """The fingerprint of a number between the two."""
    given_parts: dict[str, object] = {"key": KEY, "seller_id": SELLER, "debtor_id": DEBTOR}
    return fingerprint(**(given_parts | other), number=number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "np-2026/0815",
        " NP 2026 0815 ",
        "NP.2026.0815",
        "ＮＰ－２０２６／０８１５",
        "NP\u200b2026\u20100815",
        "NP-٢٠٢٦/٠٨١٥",
        "N\N{CYRILLIC CAPITAL LETTER ER}-2026/0815",
        "\N{GREEK CAPITAL LETTER NU}\N{GREEK SMALL LETTER RHO}-2026/0815",
        "00NP-2026/0815",
    ],
)
def test_fingerprint_is_equal_for_other_spellings_of_a_number(written: str) -> None:
    assert mark(written) == mark("NP-2026/0815")
    assert normalised_number(written) == "NP2026-0815"


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("2026-11-1", "2026-1-11"),
        ("12-3", "1-23"),
        ("12 3", "123"),
        ("INV-1.10", "INV-11.0"),
        ("R1/2", "R12"),
        ("0-1", "1"),
    ],
)
def test_fingerprint_differs_when_a_mark_separates_two_digits(number: str, other: str) -> None:
    assert mark(number) != mark(other)


@pytest.mark.parametrize(
    ("number", "other"),
    [("2026-11-1", "2026/11/1"), ("2026 - 11", "2026.11"), ("A-1", "A1"), ("1\u200b2", "12")],
)
def test_fingerprint_is_equal_for_any_mark_between_digits(number: str, other: str) -> None:
    assert mark(number) == mark(other)


def test_marks_within_an_identifier_do_not_count() -> None:
    assert mark("1", seller_id="DE 111.111-111") == mark("1", seller_id="de111111111")


def test_each_instalment_has_its_own_fingerprint() -> None:
    whole = "0x" + mark("1").hex()
    marks = fingerprints_of(whole)
    assert marks[0] == whole
    assert len(set(marks)) == 1 + MAX_INSTALMENTS
    assert marks[2] == instalment_fingerprint(whole, 2)


@pytest.mark.parametrize("other", ["NP-2026/0816", "NP-2026/815", "NP-2026/0815A", "2026/0815"])
def test_another_number_is_another_invoice(other: str) -> None:
    assert mark(other) != mark("NP-2026/0815")


def test_fingerprint_ignores_leading_zeros() -> None:
    assert mark("000123") == mark("123")
    assert mark("0") == mark("000") != mark("1")


def test_seller_debtor_kind_and_key_each_make_a_difference() -> None:
    marks = {
        mark("1"),
        mark("1", seller_id=DEBTOR, debtor_id=SELLER),
        mark("1", debtor_id="91320500MA1WN0TE2X"),
        mark("1", kind="credit-note"),
        mark("1", key=bytes(32)),
    }
    assert len(marks) == 5
    assert all(len(item) == 32 for item in marks)


TEXTS = st.text(st.sampled_from("AB12"), min_size=1, max_size=6)


@given(st.tuples(TEXTS, TEXTS, TEXTS), st.tuples(TEXTS, TEXTS, TEXTS))
def test_fingerprints_of_different_parts_never_collide(
    first_parts: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assume(first_parts != other)
    first, second = (
        fingerprint(key=KEY, seller_id=seller, debtor_id=debtor, number=number)
        for seller, debtor, number in (first_parts, other)
    )
    assert first != second


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised_number(text)
    assert normalised_number(once) == once


def test_a_number_of_punctuation_alone_and_a_short_key_are_refused() -> None:
    with pytest.raises(ValueError, match="letter or digit"):
        mark("-/-")
    with pytest.raises(ValueError, match="key"):
        mark("1", key=b"short")
