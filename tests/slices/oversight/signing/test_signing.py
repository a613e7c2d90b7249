"""What wallets are asked to sign on a running ledger, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.clear_signing.reading import read_call
from app.clear_signing.rendering import Known, describe, things_in
from app.clear_signing.values import Names
from app.demo.client import Caller
from app.gateway.signing import terms_for
from app.oversight.signing import repository
from app.storage import run
from tests.support.bodies import Json
from tests.support.contract_calls import FOREIGN_TOKEN
from tests.support.days import day
from tests.support.lending import FAR, lent, ordered, product
from tests.support.participations import share_body
from tests.support.signed_words import ledger_of
from tests.support.wallets import location_number, registered, sent
from tests.support.world import World, cny, invoice, refused

Typed = tuple[str, Json]
TWINS = ("9501101640016", "9501101640023")


def in_words(caller: Caller, typed: Json) -> Json:
    """The description of typed data, as a page asks for it."""
    return dict(caller.post("/v1/signing/description", {"typedData": typed}).body)


def shown(description: Json) -> dict[str, str]:
    return {row["path"]: row["value"]["text"] for row in description["rows"]}


def lending_drafts(world: World) -> list[Typed]:
    """Drafts about one loan of 500.00."""
    _, loan, _ = lent(world)
    _, other = world.confirmed(amount="300.00")
    set_off = {"claimId": other, "claimValue": cny("300.00"), "credit": cny("290.00")}
    sale = {
        "buyerPartyId": world.parties["second-bank"],
        "price": cny("490.00"),
        "notice": "The loan is sold to another bank.",
    }
    proposals = (
        ("supplier", "extensions", {"dueDate": day(90)}),
        ("supplier", "set-offs", set_off),
        ("bank", "sales", sale),
        ("bank", "participations", share_body(world)),
    )
    return [
        (by, world[by].post(f"/v1/loans/{loan}/{path}", body).body["typedData"])
        for by, path, body in proposals
    ]


@pytest.fixture(scope="module")
def drafts(world: World) -> list[Typed]:
    """Who asked for it, and typed data as the gateway hands it to wallets."""
    receivable = world.requested(amount="1234.56")
    order = ordered(world)
    note_of, _ = world.confirmed(amount="500.00")
    note = world.upload(invoice(kind="credit-note", amount="80.00"))
    path = f"/v1/receivables/{note_of}/credit-notes"
    line = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties["supplier"],
        "annualRate": 72_000,
        "limit": cny("100000.00"),
        "lastDate": FAR,
    }
    facility = world["bank"].post("/v1/facility-proposals", line).body
    credit_note = world["supplier"].post(path, {"documentId": note["id"]}).body
    return [
        ("buyer", world["buyer"].get(f"/v1/receivables/{receivable}/confirmation").body),
        ("buyer", world["buyer"].get(f"/v1/orders/{order}").body["typedData"]),
        ("buyer", credit_note["typedData"]),
        ("supplier", facility["typedData"]),
        *lending_drafts(world),
    ]


def test_every_draft_is_described_in_whole_and_without_a_warning(
    world: World, drafts: list[Typed]
) -> None:
    types = {typed["primaryType"] for _, typed in drafts}
    assert len(types) == len(drafts) == 8
    for by, typed in drafts:
        description = in_words(world[by], typed)
        assert description["known"] is True, description
        assert description["warnings"] == [], typed["primaryType"]
        rows = [row["path"] for row in (*description["rows"], *description["hidden"])]
        assert sorted(rows) == sorted(typed["message"])
        assert "minor units" not in json.dumps(description)
        signable = encode_typed_data(full_message=typed)
        digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
        assert description["digest"] == "0x" + digest.hex()


def test_words_name_parties_amounts_and_days(world: World, drafts: list[Typed]) -> None:
    names = {
        name: world["auditor"].get(f"/v1/parties/{world.parties[name]}").body["name"]
        for name in ("supplier", "buyer", "bank", "second-bank")
    }
    sentences = {
        typed["primaryType"]: in_words(world[by], typed)["sentence"]["text"] for by, typed in drafts
    }
    assert sentences["ReceivableTerms"].startswith(
        f"{names['buyer']} owes {names['supplier']} 1,234.56 CNY, due on 20"
    )
    assert sentences["FacilityTerms"].startswith(
        f"{names['bank']} lends {names['supplier']} up to 100,000.00 CNY from 20"
    )
    assert "for 490.00 CNY" in sentences["SaleTerms"]
    assert sentences["ParticipationTerms"].startswith(f"{names['bank']} sells 40% of loan ")
    assert sentences["SetOff"].startswith("300.00 CNY of claim ")
    assert "pays 290.00 CNY of loan" in sentences["SetOff"]


def test_a_buyer_reads_what_it_signs_of_a_loan_that_it_may_not_read(
    world: World, drafts: list[Typed]
) -> None:
    typed = next(typed for _, typed in drafts if typed["primaryType"] == "SaleTerms")
    assert shown(in_words(world["second-bank"], typed))["price"] == "490.00 CNY"


def test_a_prepared_operation_shows_its_call(world: World) -> None:
    wallet = Account.create()
    caller = registered(world, wallet, number=location_number())
    _, claim = world.confirmed(amount="700.00")
    transfer = {"parts": [{"toPartyId": world.parties["own"], "amount": cny("70.00")}]}
    assigned = world["supplier"].command(f"/v1/claims/{claim}/assignments", transfer).body
    part = int(assigned["result"]["claimIds"][0])
    back = {"parts": [{"toPartyId": world.parties["supplier"], "amount": cny("25.00")}]}
    prepared = caller.post(f"/v1/claims/{part}/assignments", back)
    description = in_words(caller, prepared.body["typedData"])
    assert (description["known"], description["warnings"]) == (True, [])
    assert description["name"] == "Intent" and description["contract"] == "Forwarder"
    call = next(row["call"] for row in description["rows"] if row["path"] == "data")
    assert (call["contract"], call["title"]) == ("Receivables", "Transfer a claim")
    name = world["auditor"].get(f"/v1/parties/{world.parties['supplier']}").body["name"]
    assert call["sentence"]["text"] == f"25.00 CNY of claim {part} goes to {name}"
    operation = sent(caller, prepared, wallet)
    assert operation["state"] in ("included", "final")


def test_two_parties_of_one_name_are_told_apart_by_their_accounts(world: World) -> None:
    first, second = Account.create(), Account.create()
    for place, wallet in enumerate((first, second)):
        body = {
            "name": "Twin Trading",
            "legalId": {"scheme": "0088", "value": TWINS[place]},
            "roles": ["supplier", "buyer"],
            "account": wallet.address.lower(),
        }
        world["registrar"].command("/v1/parties", body)
    contracts = world.server.gateway.contracts
    message = {
        "seller": first.address,
        "buyer": second.address,
        "currency": contracts.checksummed()["SettlementToken:CNY"],
        "amount": 500,
        "deliveryDay": 20_500,
        "expiryDay": 20_500,
        **dict.fromkeys(("fingerprint", "documentRoot", "legalTextHash"), "0x" + "00" * 32),
    }
    typed = terms_for(world.server.gateway, "PurchaseOrders", "OrderTerms", message).typed_data()
    rows = shown(in_words(world["auditor"], dict(typed)))
    assert rows["seller"] == f"Twin Trading ({first.address})"
    assert rows["buyer"] == f"Twin Trading ({second.address})"


def test_an_altered_message_is_not_vouched_for(world: World, drafts: list[Typed]) -> None:
    _, typed = drafts[0]
    contracts = world.server.gateway.contracts
    changes: list[tuple[str, str, Any]] = [
        ("domain", "chainId", 1),
        ("domain", "verifyingContract", contracts.checksummed()["Facilities"]),
        ("domain", "name", "Cession Receivable"),
    ]
    for part, name, value in changes:
        altered = {**typed, part: {**typed[part], name: value}}
        description = in_words(world["buyer"], altered)
        assert description["known"] is False and description["warnings"], name
        assert description["digest"] is None
        assert {row["kind"] for row in description["rows"]} == {"raw"}
        assert set(shown(description)) == set(typed["message"])
    other = {**typed, "message": {**typed["message"], "faceAmount": 1}}
    assert shown(in_words(world["buyer"], other))["faceAmount"] == "0.01 CNY"


@pytest.mark.parametrize(
    "change",
    [
        {"message": {}},
        {"types": {}},
        {"primaryType": "Mail"},
        {"domain": {"name": "Elsewhere"}},
        {"types": {"EIP712Domain": [], "Mail": [{"name": "a", "type": "Mail[][x"}]}},
    ],
)
def test_what_no_wallet_can_sign_is_refused(
    world: World, drafts: list[Typed], change: Json
) -> None:
    _, typed = drafts[0]
    body = {"typedData": typed | change}
    problem = refused(world["buyer"], "/v1/signing/description", body)
    assert (problem["status"], problem["field"]) == (422, "typedData"), problem
    assert problem["type"] == "urn:cession:problem:typed-data-invalid"


def test_a_description_needs_a_caller(world: World, drafts: list[Typed]) -> None:
    answer = world.http.post("/v1/signing/description", json={"typedData": drafts[0][1]})
    assert answer.status_code == 401
    path = "/v1/contracts/Facilities/clear-signing"
    assert world.http.get(path).status_code == 401


def test_every_operation_that_ran_is_described_in_whole(world: World, drafts: list[Typed]) -> None:
    assert drafts
    gateway = world.server.gateway
    contracts, ledger = gateway.contracts, ledger_of(gateway)
    names = Names({}, {address: name for name, address in contracts.addresses.items()})

    def described(connection: Connection) -> set[tuple[str, str]]:
        # A refused call may name things that the ledger does not have, and is then not in words.
        query = (
            "SELECT contract, function, data FROM operations "
            "WHERE data IS NOT NULL AND state = 'final'"
        )
        described: set[tuple[str, str]] = set()
        for row in run(connection, query).all():
            reading = read_call(contracts.address(row.contract), row.data, ledger)
            currencies = repository.currencies(connection, things_in(reading)).items()
            known = {thing: gateway.currency_at(currency) for thing, currency in currencies}
            description = describe(reading, Known(names, known))
            # Whoever files past the API may name a token that has no name here: that is said.
            is_foreign = FOREIGN_TOKEN.removeprefix("0x").rjust(64, "0") in row.data
            assert description.is_known and bool(description.warnings) == is_foreign, row
            assert description.name == row.function.partition("(")[0]
            described.add((row.contract, row.function))
        return described

    assert len(gateway.storage.read_now(described)) >= 10


def test_an_operation_is_described_to_whoever_may_see_it(world: World) -> None:
    _, claim = world.confirmed(amount="700.00")
    transfer = {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("70.00")}]}
    sent_operation = world["supplier"].command(f"/v1/claims/{claim}/assignments", transfer)
    identifier = sent_operation.body["operation"]["id"]
    path = f"/v1/signing/operations/{identifier}"
    for name in ("supplier", "auditor", "regulator", "operator"):
        description = world[name].get(path).body
        assert (description["known"], description["warnings"]) == (True, [])
        assert f"claim {claim}" in description["sentence"]["text"]
        assert "70.00 CNY" in {row["value"]["text"] for row in description["rows"]}
        items = world[name].get("/v1/signing/operations").body["items"]
        listed = {item["operationId"]: item for item in items}
        assert listed[identifier]["sentence"] == description["sentence"]
    for name in ("castor", "buyer", "bank"):
        headers = {"X-API-Key": world[name].api_key}
        assert world.http.get(path, headers=headers).status_code == 404
        items = world[name].get("/v1/signing/operations").body["items"]
        assert identifier not in {item["operationId"] for item in items}
    assert world.http.get(path).status_code == 401


def test_operations_in_words_come_in_the_order_of_the_operations(world: World) -> None:
    pages: list[list[str]] = []
    for source, name in (("/v1/operations", "id"), ("/v1/signing/operations", "operationId")):
        first = world["auditor"].get(source, limit=2).body
        second = world["auditor"].get(source, limit=2, cursor=first["nextCursor"]).body
        pages.append([item[name] for item in (*first["items"], *second["items"])])
        final = world["auditor"].get(source, limit=50, state="rejected").body["items"]
        pages[-1] += [item[name] for item in final]
    assert pages[0] == pages[1]


def test_an_operation_that_was_refused_before_it_was_signed_is_described(world: World) -> None:
    body = {"toPartyId": world.parties["castor"], "amount": cny("99999999.00")}
    problem = refused(world["supplier"], "/v1/cash/CNY/transfers", body)
    path = f"/v1/signing/operations/{problem['operation']['id']}"
    description = world["supplier"].get(path).body
    assert description["known"] is True
    assert "99,999,999.00 CNY" in description["sentence"]["text"]
