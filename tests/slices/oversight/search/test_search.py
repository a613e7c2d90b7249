"""One search finds ids, numbers, hashes, addresses and names; nobody finds what is not theirs."""

from __future__ import annotations

import secrets

import pytest

from tests.support.bodies import Json
from tests.support.world import IDS, World, invoice


def found_kinds(world: World, name: str, text: str, **more: int) -> list[tuple[str, str]]:
    items: list[Json] = world[name].get("/v1/search", q=text, **more).body["items"]
    return [(item["kind"], item["id"]) for item in items]


def test_a_number_names_each_thing_that_the_caller_may_see(world: World) -> None:
    receivable, claim = world.confirmed()
    assert ("claim", str(claim)) in found_kinds(world, "supplier", str(claim))
    assert found_kinds(world, "buyer", f"claim {claim}") == [("claim", str(claim))]
    assert found_kinds(world, "auditor", f"Receivable #{receivable}") == [
        ("receivable", str(receivable))
    ]
    assert found_kinds(world, "pollux", f"claim {claim}") == []
    assert found_kinds(world, "pollux", f"receivable:{receivable}") == []
    kinds = [kind for kind, _ in found_kinds(world, "pollux", str(claim))]
    assert set(kinds) <= {"block", "campaign"}


def test_an_id_names_party_document_operation_and_offer_of_the_caller(world: World) -> None:
    document = world.upload(invoice(amount="80.00"))
    answer = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    for kind, identifier in (("document", document["id"]), ("operation", answer.body["id"])):
        assert found_kinds(world, "supplier", str(identifier).upper()) == [(kind, identifier)]
        assert found_kinds(world, "auditor", str(identifier)) == [(kind, identifier)]
        assert found_kinds(world, "pollux", str(identifier)) == []
    buyer = world.parties["buyer"]
    assert found_kinds(world, "pollux", buyer) == [("party", buyer)]


def test_the_beginning_of_an_invoices_number_finds_document_and_receivable(world: World) -> None:
    number = f"Quer-{secrets.token_hex(4)}-0017"
    document = world.upload(invoice(number=number))
    answer = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = str(answer.body["result"]["receivableId"])
    beginning = number[:-2].lower().replace("-", " ")
    both = [("document", document["id"]), ("receivable", receivable)]
    assert found_kinds(world, "supplier", beginning) == both
    assert found_kinds(world, "auditor", beginning) == both
    assert found_kinds(world, "buyer", beginning) == [("receivable", receivable)]
    labels = [item["label"] for item in world["supplier"].get("/v1/search", q=number).body["items"]]
    assert labels == [number, f"receivable {receivable}"]
    assert found_kinds(world, "pollux", number) == []
    assert found_kinds(world, "supplier", number[2:]) == [], "its beginning, not its middle"


def test_a_holder_of_a_claim_does_not_learn_the_invoices_number(world: World) -> None:
    number = f"SECRET-{secrets.token_hex(4)}"
    document = world.upload(invoice(number=number))
    answer = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = answer.body["result"]["receivableId"]
    confirmed = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    world.assigned(confirmed.body["result"]["claimIds"][0], "castor", "10.00")
    assert ("receivable", str(receivable)) in found_kinds(world, "castor", str(receivable))
    assert found_kinds(world, "castor", number) == []


def test_a_name_is_found_by_its_beginning_whatever_the_case(world: World) -> None:
    name, _ = IDS["buyer"]
    party = ("party", world.parties["buyer"])
    for text in (name, name.upper(), f"  {name[:6].lower()} "):
        assert party in found_kinds(world, "pollux", text, limit=50)
    assert party not in found_kinds(world, "pollux", name[1:], limit=50)


def test_a_legal_id_is_found_by_officials_and_its_own_party_only(world: World) -> None:
    _, legal_id = IDS["buyer"]
    party = ("party", world.parties["buyer"])
    for name in ("registrar", "auditor", "buyer"):
        assert party in found_kinds(world, name, legal_id), name
    assert party not in found_kinds(world, "supplier", legal_id)


def test_hashes_and_addresses_name_what_they_belong_to(world: World) -> None:
    document = world.upload(invoice(amount="81.00"))
    answer = world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    receivable = str(answer.body["result"]["receivableId"])
    both = [("document", document["id"]), ("receivable", receivable)]
    for digest in (document["root"], document["fingerprint"], document["root"].upper()[2:]):
        assert found_kinds(world, "supplier", digest) == both
        assert found_kinds(world, "pollux", digest) == []
    transaction, block = answer.body["transactionHash"], answer.body["block"]
    expected = [("transaction", transaction), ("operation", answer.body["id"])]
    assert found_kinds(world, "supplier", transaction) == expected
    assert found_kinds(world, "auditor", transaction) == expected
    assert found_kinds(world, "buyer", transaction) == expected[:1], "an event names the buyer"
    assert found_kinds(world, "pollux", transaction) == []
    expected = [("block", str(block["blockNumber"]))]
    assert found_kinds(world, "pollux", block["blockHash"]) == expected
    account = world["pollux"].get("/v1/parties/me").body["account"]
    assert found_kinds(world, "supplier", account) == [("party", world.parties["pollux"])]


def test_the_limit_says_whether_more_would_fit(world: World) -> None:
    mark = f"LIMIT{secrets.token_hex(3)}"
    for place in range(3):
        world.upload(invoice(number=f"{mark}-{place}"))
    answer = world["supplier"].get("/v1/search", q=mark, limit=2).body
    assert (len(answer["items"]), answer["more"]) == (2, True)
    answer = world["supplier"].get("/v1/search", q=mark, limit=3).body
    assert (len(answer["items"]), answer["more"]) == (3, False)
    assert answer["asOf"]["blockNumber"] is not None


@pytest.mark.parametrize(
    ("query", "field", "name"),
    [
        ("", "q", "bad-input"),
        ("q=", "q", "bad-input"),
        ("q=%20%20", "q", "bad-input"),
        ("q=" + "a" * 101, "q", "bad-input"),
        ("q=inv%E2%80%AE7", "q", "hidden-character"),
        ("q=inv%00", "q", "hidden-character"),
        ("q=1&limit=51", "limit", "bad-input"),
    ],
)
def test_a_text_out_of_bounds_is_refused_by_name(
    world: World, query: str, field: str, name: str
) -> None:
    answer = world.http.get(f"/v1/search?{query}", headers=world["auditor"].headers)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == f"urn:cession:problem:{name}"
    assert problem["field"] == field


@pytest.mark.parametrize("text", ["99999999999999999999", "'; DROP TABLE claims", "%", "0x", "😀"])
def test_odd_texts_find_nothing_and_break_nothing(world: World, text: str) -> None:
    assert found_kinds(world, "auditor", text) == []
