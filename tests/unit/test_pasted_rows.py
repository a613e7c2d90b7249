"""What a person pastes to split a claim: parties by name or id, amounts with separators."""

from __future__ import annotations

from app.pages.views.claims import pasted_rows

KNOWN = {"Castor Moulds Co., Ltd.": "id-castor", "Vega": "id-vega"}


def test_columns_of_a_spreadsheet_name_parties_by_name_or_id() -> None:
    text = "Castor Moulds Co., Ltd.\t120,000.00\nid-vega\t85.50\n"
    assert pasted_rows(text, KNOWN) == [
        {"toPartyId": "id-castor", "amount": "120,000.00"},
        {"toPartyId": "id-vega", "amount": "85.50"},
    ]


def test_commas_in_names_and_amounts_cut_nothing_off() -> None:
    text = "Castor Moulds Co., Ltd.,120,000.00\nid-other,1,000\n"
    assert pasted_rows(text, KNOWN) == [
        {"toPartyId": "id-castor", "amount": "120,000.00"},
        {"toPartyId": "id-other", "amount": "1,000"},
    ]


def test_heading_and_lines_without_an_amount_are_left_out() -> None:
    text = 'Party;Amount\n"Vega";7\n\nnobody\n'
    assert pasted_rows(text, KNOWN) == [{"toPartyId": "id-vega", "amount": "7"}]
