"""One invoice, one fingerprint; another invoice, another."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.documents.fingerprint import fingerprint, normalised_number

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
def test_the_same_number_written_otherwise_is_the_same_invoice(written: str) -> None:
    assert mark(written) == mark("NP-2026/0815")
    assert normalised_number(written) == "NP20260815"


@pytest.mark.parametrize("other", ["NP-2026/0816", "NP-2026/815", "NP-2026/0815A", "2026/0815"])
def test_another_number_is_another_invoice(other: str) -> None:
    assert mark(other) != mark("NP-2026/0815")


def test_zeros_in_front_do_not_make_another_invoice() -> None:
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
    assert all(len(one) == 32 for one in marks)


TEXTS = st.text(st.sampled_from("AB12"), min_size=1, max_size=6)


@given(st.tuples(TEXTS, TEXTS, TEXTS), st.tuples(TEXTS, TEXTS, TEXTS))
def test_no_two_triples_run_together(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assume(one != other)
    first, second = (
        fingerprint(key=KEY, seller_id=seller, debtor_id=debtor, number=number)
        for seller, debtor, number in (one, other)
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
