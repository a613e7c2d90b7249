"""Identifiers of legal entities are held to their check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.id_schemes import LEI, USCC
from app.domain.identifiers import IdentifierInvalid, known_scheme, normalised_id

GOOD_LEI, GOOD_USCC = "9845004FNRDHARBOUR67", "91440300MA5FX0TE8J"


def test_identifier_ignores_spaces_and_case() -> None:
    assert normalised_id(" 9845 004f nrdharbour67", scheme=LEI) == GOOD_LEI
    assert normalised_id("91440300 ma5fx0te8j", scheme=USCC) == GOOD_USCC


@pytest.mark.parametrize(("good", "scheme"), [(GOOD_LEI, LEI), (GOOD_USCC, USCC)])
@given(data=st.data())
def test_one_wrong_character_is_detected(data: st.DataObject, good: str, scheme: str) -> None:
    place = data.draw(st.integers(min_value=0, max_value=len(good) - 1))
    # A letter for a letter, a digit for a digit: that is what either code promises to find.
    letters = "0123456789" if good[place].isdigit() else "ABCDEFGHJKLMNPQRTUWXY"
    other = data.draw(st.sampled_from(letters))
    wrong = good[:place] + other + good[place + 1 :]
    if wrong == good:
        assert normalised_id(wrong, scheme=scheme) == good
        return
    with pytest.raises(IdentifierInvalid):
        normalised_id(wrong, scheme=scheme)


def test_short_text_with_valid_check_digits_is_no_lei() -> None:
    with pytest.raises(IdentifierInvalid):
        normalised_id("GB82WEST12345698765432"[4:] + "GB82", scheme=LEI)
    with pytest.raises(IdentifierInvalid):
        normalised_id("98", scheme=LEI)


def test_scheme_is_recognised_by_its_check_digits() -> None:
    assert known_scheme(GOOD_LEI) == LEI
    assert known_scheme(GOOD_USCC) == USCC
    assert known_scheme("DE999000111") is None
