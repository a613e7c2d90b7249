"""Tax and registry records through the API: what fires on them, and who hands them in."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from tests.support.bodies import Json
from tests.support.crosschecks import (
    PATH,
    TAX_HEADER,
    days_ago,
    extract,
    filed,
    findings,
    hand_in,
    legal_id,
    lines,
    one_of,
    registry_file,
    tax_file,
    tax_row,
)
from tests.support.world import World, caught_up

TAX, REGISTRY = "/v1/cross-checks/tax-records", "/v1/cross-checks/registry-records"
LIST = "/v1/cross-checks/record-files"
FEEDERS = ("auditor", "operator")
OTHERS = (
    *("bank", "platform", "regulator", "supplier", "buyer", "rater", "warehouse"),
    *("registrar", "cash-issuer", "first-appraiser"),
)


def old(world: World, number: str, amount: str, *, by: str = "vega", days: int = 40) -> int:
    """A receivable of an invoice so old that the authority must have it."""
    return filed(
        world,
        number,
        amount,
        by=by,
        issueDate=days_ago(days),
        lines=lines(f"goods of {number}", amount),
    )[0]


def left_out(world: World, check: str) -> dict[str, int]:
    body = world["auditor"].get(PATH).body
    return {item["reason"]: item["count"] for item in body["leftOut"] if item["check"] == check}


def mismatches(world: World, by: str = "auditor") -> dict[int, str]:
    items = findings(world, by, kind="tax-mismatch")
    return {number: item["reason"] for item in items for number in item["receivableIds"]}


def test_invoices_that_tax_knows_otherwise_are_found_and_others_are_not(own_world: World) -> None:
    world = own_world
    amounts = ("1234.11", "2345.22", "1876.33", "2011.44", "1555.55", "1777.66")
    good, void, red, buyer, amount, missing = (
        old(world, f"T-{at}", each) for at, each in enumerate(amounts)
    )
    more = [f"31{at:02}.{at:02}" for at in range(1, 17)]
    others = {old(world, f"M-{each}", each) for each in more}
    elsewhere = old(world, "L-1", "1999.77", by="altair")
    early = old(world, "T-9", "1888.88", days=5)
    assert mismatches(world) == {}
    assert "the tax authority's records were not asked for" in left_out(world, "tax")

    rows = [
        tax_row("t 0", amounts[0]),
        tax_row("T-1", amounts[1]),
        tax_row("T-1", amounts[1], status="void"),
        tax_row("T-2", amounts[2], status="red-letter"),
        tax_row("T-3", amounts[3], buyer="altair"),
        tax_row("T-4", "1255.55"),
        tax_row("X-1", "10.00", seller="91330106MA2CE15500"),
    ]
    known = [tax_row(f"M-{each}", each) for each in more]
    answer = hand_in(world, TAX, tax_file(*rows, *known))
    assert answer.status_code == 201, answer.text
    found = mismatches(world)
    assert set(found) == {void, red, buyer, amount, missing}
    assert "cancelled at the tax authority" in found[void]
    assert "cancelled at the tax authority" in found[red]
    assert "has buyer Altair" in found[buyer] or "the tax authority has buyer" in found[buyer]
    assert "1255.55" in found[amount]
    assert "does not know invoice T-5" in found[missing]
    assert not {good, elsewhere, early, *others} & set(found)
    said = left_out(world, "tax")
    assert "the tax authority's records were not asked for" not in said
    assert said["invoices of sellers or days that no tax file covers"] == 2
    assert said["tax records of sellers that the ledger does not have"] == 1

    # A later file of the same source replaces what the earlier one said of these days.
    rows = [tax_row(f"T-{at}", each) for at, each in enumerate(amounts)]
    hand_in(world, TAX, tax_file(*rows, *known), source="another office", asOf=days_ago(1))
    assert {void, red} <= set(mismatches(world)), "another source replaces nothing"
    hand_in(world, TAX, tax_file(*rows, *known))
    assert mismatches(world) == {}
    # An earlier state of the same source comes too late to count.
    rows[0] = tax_row("T-0", amounts[0], status="void")
    hand_in(world, TAX, tax_file(*rows, *known), asOf=days_ago(2), periodTo=days_ago(2))
    assert mismatches(world) == {}
    assert len(world["regulator"].get(LIST, kind="tax").body["items"]) == 4


def test_owner_behind_both_sides_is_found_by_the_register(own_world: World) -> None:
    world = own_world
    related, _ = filed(world, "C-1", "3210.98", by="castor", lines=lines("moulds", "3210.98"))
    other, _ = filed(world, "V-1", "2345.67", by="vega", lines=lines("paint", "2345.67"))
    without = "parties whose owners and age no registry record shows"
    caught_up(world)
    before = left_out(world, "register")[without]

    person = "330106197001011234"
    for name, number, share in (
        ("castor", person, "60%"),
        ("buyer", person, "55%"),
        ("vega", "330106198002022345", "100%"),
    ):
        content = extract(name, f"owner,{number},Wang,{days_ago(1)},,,{share}")
        answer = hand_in(world, REGISTRY, content)
        assert answer.status_code == 201, answer.text
    control = one_of(findings(world), "common-control", related)
    assert "controls both" in control["reason"]
    assert person not in str(control), "a finding shows no number of a person"
    assert not [i for i in findings(world, kind="common-control") if other in i["receivableIds"]]
    assert left_out(world, "register")[without] == before - 3

    # The next extract has a new owner; a name alone identifies nobody.
    content = extract("castor", f"owner,,Wang,{days_ago(0)},,,60%", day=days_ago(0))
    hand_in(world, REGISTRY, content)
    assert findings(world, kind="common-control") == []
    said = left_out(world, "register")
    assert said["owners, controllers and holdings without a number or without a share"] == 1
    # Whoever is entered as controller controls, and a company may be the owner.
    row = f"controller,{legal_id('buyer')},B,{days_ago(0)},,,"
    hand_in(world, REGISTRY, extract("castor", row, day=days_ago(0)), source="court")
    assert findings(world, kind="common-control") == [], "an open group is ordinary"


def test_invoice_from_before_the_seller_was_founded_is_an_impossible_date(
    own_world: World,
) -> None:
    world = own_world
    early = old(world, "E-1", "2222.33", by="castor")
    fine = old(world, "E-2", "3333.44", by="vega")
    assert findings(world, kind="impossible-date") == []
    hand_in(world, REGISTRY, extract("castor", founded=days_ago(20)))
    hand_in(world, REGISTRY, extract("vega", founded=days_ago(2_000)))
    items = findings(world, kind="impossible-date")
    assert "before its seller" in one_of(items, "impossible-date", early)["reason"]
    assert not [item for item in items if fine in item["receivableIds"]]


def test_lender_reads_findings_of_records_only_on_what_it_holds(own_world: World) -> None:
    world = own_world
    receivable, claim = filed(
        world, "T-1", "2345.22", by="vega", issueDate=days_ago(40), lines=lines("dye", "2345.22")
    )
    hand_in(world, TAX, tax_file(tax_row("T-1", "2345.22", status="void")))
    assert set(mismatches(world)) == {receivable}
    assert mismatches(world, "bank") == {}
    world.assigned(claim, "bank", "50.00", by="vega")
    assert set(mismatches(world, "bank")) == {receivable}


def test_files_are_kept_as_handed_in_and_encrypted(own_world: World) -> None:
    world = own_world
    content = tax_file(tax_row("SECRET-77", "99.00"))
    key = {"Idempotency-Key": "tax-once"}
    answers = [hand_in(world, TAX, content, by="operator", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    again = hand_in(world, TAX, content, by="operator", headers=key, asOf=days_ago(3))
    assert again.status_code in (409, 422)
    hand_in(world, REGISTRY, extract("vega"), by="auditor", source=" Register   of X ")
    items = world["auditor"].get(LIST).body["items"]
    assert [item["kind"] for item in items] == ["registry", "tax"]
    (register, tax) = items
    assert tax == answers[0].json()
    assert tax["documentHash"] == "0x" + hashlib.sha256(content).hexdigest()
    assert (tax["records"], tax["partyId"], tax["asOfDate"]) == (1, None, days_ago(0))
    assert (tax["periodFrom"], tax["periodTo"]) == (days_ago(90), days_ago(1))
    assert (register["source"], register["periodFrom"]) == ("Register of X", None)
    assert tax["person"] != register["person"] != ""
    page = world["auditor"].get(LIST, limit=1).body
    assert page["items"] == [register]
    assert world["auditor"].get(LIST, cursor=page["nextCursor"]).body["items"] == [tax]
    folder = world.server.ledger.folder
    stored = b"".join(path.read_bytes() for path in folder.rglob("*.sqlite*"))
    assert b"cross_check_files" in stored
    assert b"SECRET-77" not in stored, "files are encrypted"


def test_only_operators_and_auditors_hand_in_and_officials_list(world: World) -> None:
    for path, content in (
        (TAX, tax_file(tax_row("N-1", "1.00"))),
        (REGISTRY, extract("vega")),
    ):
        for name in OTHERS:
            answer = hand_in(world, path, content, by=name)
            assert answer.status_code == 403, f"{name}: {answer.text[:200]}"
            assert answer.json()["type"] == "urn:cession:problem:role-missing"
        assert world.http.post(path).status_code == 401
    for name in (*FEEDERS, *OTHERS):
        status = 200 if name in (*FEEDERS, "regulator") else 403
        assert world.http.get(LIST, headers=world[name].headers).status_code == status, name
    assert world.http.get(LIST).status_code == 401


@pytest.mark.parametrize(
    ("changed", "place", "name"),
    [
        ({"amount": "-5.00"}, "row 2, column amount", "cell-invalid"),
        ({"amount": "1.234"}, "row 2, column amount", "cell-invalid"),
        ({"currency": "XXY"}, "row 2, column currency", "cell-invalid"),
        ({"status": "paid"}, "row 2, column status", "cell-invalid"),
        ({"seller": "?"}, "row 2, column seller", "cell-invalid"),
        ({"buyer": ""}, "row 2, column buyer", "cell-invalid"),
        ({"number": "---"}, "row 2, column number", "cell-invalid"),
        ({"day": "2026-02-30"}, "row 2, column day", "cell-invalid"),
        ({"day": "2001-01-01"}, "row 2, column day", "cell-invalid"),
    ],
)
def test_wrong_cells_of_tax_records_are_named(
    world: World, changed: dict[str, str], place: str, name: str
) -> None:
    before = world["auditor"].get(LIST).body["items"]
    _refused(
        hand_in(world, TAX, tax_file(tax_row(**{"number": "N-1", "amount": "1.00"} | changed))),
        place,
        name,
    )
    assert world["auditor"].get(LIST).body["items"] == before, "nothing is stored"


def _refused(answer: httpx.Response, place: str, name: str) -> Json:
    assert answer.status_code == 422, answer.text
    problem: Json = answer.json()
    assert place in problem["detail"], problem
    assert problem["type"] == f"urn:cession:problem:{name}"
    assert problem["field"] == "file"
    assert problem["fix"]
    return problem


def test_wrong_files_are_refused_with_all_their_rows(world: World) -> None:
    row = tax_row("N-1", "1.00")
    wrong = [tax_row(f"N-{at}", "x") for at in range(3)]
    problem = _refused(
        hand_in(world, TAX, tax_file(*wrong)), "row 2, column amount", "cell-invalid"
    )
    assert len(problem["problems"]) == 3
    again = hand_in(world, TAX, tax_file(row, row))
    _refused(again, "row 2 has the same invoice and status", "contradictory")
    _refused(hand_in(world, TAX, b"number,seller\n1,2\n"), "column", "columns-invalid")
    _refused(hand_in(world, TAX, tax_file()), "", "file-invalid")
    _refused(hand_in(world, TAX, b"\xff\xfe"), "", "row-invalid")
    many = tax_file(*("x,,,,,,",) * 5_001)
    _refused(hand_in(world, TAX, many), "more than 5,000 lines", "row-invalid")
    large = hand_in(world, TAX, TAX_HEADER.encode() + b" " * (256 << 10))
    assert (large.status_code, large.json()["field"]) == (413, "file")
    none = hand_in(world, REGISTRY, registry_file(f"owner,1234,W,{days_ago(1)},,,1%"))
    _refused(none, "no row has the record company", "cell-invalid")
    late = hand_in(world, REGISTRY, extract("vega", day=days_ago(-2)))
    assert (late.status_code, late.json()["field"]) == (422, "file")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"asOf": days_ago(-9)}, "asOf"),
        ({"asOf": "yesterday"}, "asOf"),
        ({"periodFrom": days_ago(-9)}, "periodTo"),
        ({"periodFrom": "1969-12-31"}, "periodFrom"),
        ({"asOf": days_ago(5)}, "periodTo"),
        ({"source": ""}, "source"),
        ({"source": " - "}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"who": "me"}, "who"),
    ],
)
def test_wrong_forms_are_refused_by_field(world: World, form: dict[str, Any], field: str) -> None:
    answer = hand_in(world, TAX, tax_file(tax_row("N-1", "1.00")), **form)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["fix"]
