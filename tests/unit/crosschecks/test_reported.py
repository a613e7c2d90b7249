"""What files of tax and registry records say: which of them counts, and what stays unknown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.domain.calendar import date_of
from app.domain.crosschecks.records import Holding, Invoice, Party, TaxRecord, TaxState
from app.oversight.crosschecks.record_files import REGISTRY, TAX, FileRow
from app.oversight.crosschecks.reported import Read, Reported, holder_name, read_file, reported

TODAY, KEY = 20_500, b"k" * 32
PARTIES = {"SELLER": "party:1", "BUYER": "party:2", "OTHER": "party:3"}


def file(name: str, kind: str, text: str, **more: Any) -> Read:
    tax = kind == TAX
    usual: dict[str, Any] = {
        "id": name,
        "kind": kind,
        "source": "office",
        "as_of_day": TODAY,
        "first_day": TODAY - 100 if tax else None,
        "last_day": TODAY - 1 if tax else None,
        "document_hash": "",
        "records": 1,
        "person": "li",
        "party": None,
        "created_at": 1.0,
    }
    return read_file(FileRow(**(usual | more)), text.encode())


def tax(name: str, *rows: tuple[str, str, int, str], **more: Any) -> Read:
    """A file of records: number, seller, day and status, each of 10.00."""
    lines = [
        f"{number},{seller},BUYER,{date_of(day)},CNY,10.00,{status}"
        for number, seller, day, status in rows
    ]
    header = "number,seller,buyer,day,currency,amount,status"
    return file(name, TAX, "\n".join((header, *lines)), **more)


def register(name: str, company: str, *rows: str, founded: str = "", **more: Any) -> Read:
    header = "record,id,name,asOf,state,founded,share"
    own = f"company,{company},Co,2026-01-31,active,{founded},"
    return file(name, REGISTRY, "\n".join((header, own, *rows)), **more)


def said(*files: Read) -> Reported:
    return reported(files, party_of=PARTIES.get, key=KEY, older=0)


def numbers(records: Iterable[TaxRecord]) -> set[tuple[str, TaxState]]:
    return {(record.number, record.state) for record in records}


def invoice(name: str, issued: int, seller: str = "party:1") -> Invoice:
    return Invoice(name, name, seller, "party:2", "CNY", 1_000, issued, issued + 60, issued)


def test_a_later_file_of_a_source_replaces_a_seller_s_period_and_no_more() -> None:
    old = tax(
        "1",
        ("A", "SELLER", TODAY - 60, "issued"),
        ("B", "SELLER", TODAY - 20, "issued"),
        ("C", "OTHER", TODAY - 20, "issued"),
    )
    new = tax("2", ("A", "SELLER", TODAY - 25, "void"), first_day=TODAY - 30)
    both = {
        ("A", TaxState.ISSUED),
        ("A", TaxState.CANCELLED),
        ("C", TaxState.ISSUED),
    }
    for files in ((old, new), (new, old)):
        assert numbers(said(*files).tax_records) == both, "B is no longer there"
    elsewhere = tax("2", ("A", "SELLER", TODAY - 25, "void"), source="another")
    assert numbers(said(old, elsewhere).tax_records) == both | {("B", TaxState.ISSUED)}
    earlier = tax("3", ("B", "SELLER", TODAY - 25, "void"), as_of_day=TODAY - 1)
    assert numbers(said(old, earlier).tax_records) == numbers(said(old).tax_records)


def test_only_sellers_days_and_delays_of_a_file_were_asked_for() -> None:
    result = said(
        tax("1", ("A", "SELLER", TODAY - 60, "issued"), ("X", "NOBODY", TODAY - 9, "void"))
    )
    within = result.within(
        [
            invoice("in", TODAY - 60),
            invoice("first", TODAY - 100),
            invoice("last", TODAY - 15),
            invoice("too new", TODAY - 14),
            invoice("too old", TODAY - 101),
            invoice("other", TODAY - 60, "party:3"),
        ]
    )
    assert within == {"in", "first", "last"}
    assert result.unknown_sellers == 1
    assert [record.seller for record in result.tax_records] == ["party:1"]
    assert said().within([invoice("in", TODAY - 60)]) == frozenset()


def test_owners_are_the_same_in_all_entries_and_unknown_is_not_zero() -> None:
    result = said(
        register(
            "1",
            "SELLER",
            "owner,P77,Wang,2026-01-31,,,60%",
            "owner,OTHER,Other,2026-01-31,,,30%",
            "owner,P78,Li,2026-01-31,,,",
            "owner,,Nameless,2026-01-31,,,5%",
            "holding,BUYER,Buyer,2026-01-31,,,20%",
            "holding,ELSEWHERE,Else,2026-01-31,,,20%",
            founded="2020-02-29",
        ),
        register("2", "BUYER", "controller,P77,Wang,2026-01-31,,,"),
        register("3", "ELSEWHERE", "owner,P77,Wang,2026-01-31,,,1%"),
    )
    wang = holder_name("P77", key=KEY)
    assert "P77" not in wang
    assert result.owners == {
        "party:1": (Holding(wang, 600_000), Holding("party:3", 300_000)),
        "party:2": (Holding(wang, 1_000_000), Holding("party:1", 200_000)),
    }
    assert (result.nameless, result.known) == (2, {"party:1", "party:2"})
    group = Holding("group:7", 1_000_000)
    first, third = result.with_register(
        [Party("party:1", "S", None, (group,)), Party("party:3", "O", None)]
    )
    assert (first.owners[0], len(first.owners)) == (group, 3)
    assert date_of(first.registered_day or 0).isoformat() == "2020-02-29"
    assert (third.registered_day, third.owners) == (None, ())


def test_the_newest_extract_of_a_source_counts() -> None:
    old = register("1", "SELLER", "owner,P77,W,2026-01-31,,,60%", as_of_day=TODAY - 1)
    new = register("2", "SELLER", founded="2021-01-01")
    assert said(old, new).owners == {}
    assert said(old).owners["party:1"] == (Holding(holder_name("P77", key=KEY), 600_000),)
    elsewhere = register("2", "SELLER", "owner,P77,W,2026-01-31,,,80%", source="another")
    assert said(old, elsewhere).owners["party:1"][0].share == 800_000


def test_numbers_of_companies_and_holders_are_the_same_however_they_are_written() -> None:
    assert holder_name("P-77", key=KEY) == holder_name("P77", key=KEY)
    spellings = {"SELL-ER": "party:1"}

    def told(*files: Read) -> Reported:
        return reported(files, party_of=(PARTIES | spellings).get, key=KEY, older=0)

    old = register("1", "SELLER", "owner,P77,W,2026-01-31,,,60%", as_of_day=TODAY - 1)
    assert told(old, register("2", "SELL-ER")).owners == {}, "the later extract counts"
    first = tax("1", ("A-1", "SELLER", TODAY - 50, "issued"), as_of_day=TODAY - 1)
    later = tax("2", ("A-2", "SELL-ER", TODAY - 40, "issued"))
    assert numbers(told(first, later).tax_records) == {("A-2", TaxState.ISSUED)}
