"""What a person pastes to split a claim: parties by name or id, amounts with separators."""

from __future__ import annotations

import pytest

from app.pages.pasted import MAX_LINE, Pasted, pasted_rows

KNOWN = {"Castor Moulds Co., Ltd.": "id-castor", "Vega": "id-vega"}


def read(text: str, *, room: int = 200) -> Pasted:
    """What is read where these parties are known."""
    return pasted_rows(text, KNOWN, room=room)


def pairs(text: str) -> list[tuple[str, str]]:
    """Party and amount of each line, where every line can be read."""
    pasted = read(text)
    assert (pasted.unread, pasted.left) == ([], "")
    return [(row["toPartyId"], row["amount"]) for row in pasted.rows]


def test_columns_of_a_spreadsheet_name_parties_by_name_or_id() -> None:
    text = "Castor Moulds Co., Ltd.\t120,000.00\nid-vega\t85.50\t\n"
    assert pairs(text) == [("id-castor", "120,000.00"), ("id-vega", "85.50")]


def test_commas_in_names_and_amounts_cut_nothing_off() -> None:
    text = "Castor Moulds Co., Ltd.,120,000.00\nid-other,1,000\n"
    assert pairs(text) == [("id-castor", "120,000.00"), ("id-other", "1,000")]


@pytest.mark.parametrize("separator", [",", "，", ";", "；", "\t", " , "])
def test_each_line_has_a_separator_of_its_own(separator: str) -> None:
    text = f"Castor Moulds Co., Ltd.{separator}1000\n某公司{separator}1000.00\nVega\t10\nVega，20"
    assert pairs(text) == [
        ("id-castor", "1000"),
        ("某公司", "1000.00"),
        ("id-vega", "10"),
        ("id-vega", "20"),
    ]


@pytest.mark.parametrize("name", ["Other Works Co., Ltd.", "Other; Sons, Ltd."])
def test_a_name_that_is_not_known_keeps_its_commas(name: str) -> None:
    assert pairs(f"{name}，1000\n{name},CN¥1,000.50\n") == [(name, "1000"), (name, "CN¥1,000.50")]


def test_an_amount_that_no_api_takes_is_shown_whole() -> None:
    assert pairs("Vega,12,50\nid-other;12,50") == [("id-vega", "12,50"), ("id-other", "12,50")]


def test_quotes_close_on_their_own_line() -> None:
    text = 'Party;Amount\n"Vega";"7"\n"Vega,8\n"The ""Best"" Co.",9\nVega,10\n'
    pasted = read(text)
    assert [row["amount"] for row in pasted.rows] == ["7", "9", "10"]
    assert pasted.rows[1]["toPartyId"] == 'The "Best" Co.'
    assert [(line.number, line.text) for line in pasted.unread] == [(3, '"Vega,8')]
    assert pasted.left == '"Vega,8'


def test_lines_that_cannot_be_read_are_named_and_left() -> None:
    text = f"Vega\nid-vega,1\n\nVega,ten\nVega,\n,5\n{'x' * MAX_LINE},7\n"
    pasted = read(text)
    assert [row["amount"] for row in pasted.rows] == ["1"]
    assert [line.number for line in pasted.unread] == [1, 4, 5, 6, 7]
    assert read(pasted.left).rows == []


def test_only_the_first_line_is_a_heading_and_not_if_it_names_a_party() -> None:
    assert pairs("收款方，金额\nVega,1\n") == [("id-vega", "1")]
    assert [line.number for line in read("Vega,x\nParty,Amount\n").unread] == [1, 2]


def test_lines_for_which_there_is_no_room_are_left() -> None:
    pasted = read("Vega,1\nVega,2\nVega,3\nwrong\n", room=2)
    assert len(pasted.rows) == 2
    assert pasted.left == "Vega,3\nwrong"
    assert len(read("wrong\n" * 5_000).left.splitlines()) == 5_000


def test_a_name_that_is_the_id_of_another_party_takes_nothing_from_it() -> None:
    known = {"id-vega": "id-rival", "Vega": "id-vega"}
    (row,) = pasted_rows("id-vega,5", known, room=9).rows
    assert row["toPartyId"] == "id-vega"


def test_a_line_of_separators_alone_is_not_searched() -> None:
    pasted = read("Vega" + "," * 40 + "5\nVega,6")
    assert [row["amount"] for row in pasted.rows] == ["6"]
    assert [line.number for line in pasted.unread] == [1]
