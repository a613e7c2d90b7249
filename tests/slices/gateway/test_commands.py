"""Idempotency, waiting, own wallets, and an unavailable chain or store."""

from __future__ import annotations

import json
import threading
import uuid
from decimal import Decimal

import httpx
from msgspec.structs import replace
from sqlalchemy import Connection

from app.chain.evm.signers import LocalSigner
from app.chain.nodes.engines import EngineOptions, start_node
from app.chain.outbox.nonces import UnknownExecution, note_unknown
from app.gateway.signing import Terms, terms_for
from app.storage import run
from tests.support.bodies import Json
from tests.support.wallets import own_wallet, signed
from tests.support.world import World, cny, invoice, refused


def send(
    world: World, path: str, body: Json | None, *, by: str, key: str, wait: int = 0
) -> httpx.Response:
    headers = world[by].headers | {"Idempotency-Key": key}
    if wait:
        headers["Prefer"] = f"wait={wait}"
    return world.http.post(path, json=body, headers=headers)


def mint(world: World, amount: str = "1.00") -> Json:
    return {"toPartyId": world.parties["vega"], "amount": cny(amount)}


def confirmation(world: World, message: Json) -> Terms:
    """What a debtor signs."""
    return terms_for(world.server.gateway, "Receivables", "ReceivableTerms", message)


def test_the_same_key_gives_the_first_answer_and_acts_once(world: World) -> None:
    key, before = uuid.uuid4().hex, world.balance("vega")
    answers = [
        send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key, wait=50)
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert Decimal(world.balance("vega")) - Decimal(before) == 1


def test_another_body_under_the_same_key_is_refused(world: World) -> None:
    key = uuid.uuid4().hex
    first = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key)
    assert first.status_code == 202
    second = send(world, "/v1/cash/CNY/mint", mint(world, "2.00"), by="cash-issuer", key=key)
    assert second.status_code == 422
    assert second.json()["type"] == "urn:cession:problem:idempotency-key-reused"
    other = send(world, "/v1/cash/EUR/mint", mint(world), by="cash-issuer", key=key)
    assert other.status_code == 422


def test_empty_form_body_is_looked_up_by_its_key(world: World) -> None:
    receivable = world.requested(amount="12.00")
    headers = world["supplier"].headers | {
        "Idempotency-Key": uuid.uuid4().hex,
        "Content-Type": "application/x-www-form-urlencoded",
        "Prefer": "wait=50",
    }
    path = f"/v1/receivables/{receivable}/withdrawal"
    first, again = (world.http.post(path, content=b"", headers=headers) for _ in range(2))
    assert first.status_code == 200, first.text
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"


def test_two_callers_may_use_the_same_key(world: World) -> None:
    key = uuid.uuid4().hex
    claims = [world.confirmed(by=name)[1] for name in ("supplier", "castor")]
    for name, claim in zip(("supplier", "castor"), claims, strict=True):
        body = {"lienholderPartyId": world.parties["bank"]}
        answer = send(world, f"/v1/claims/{claim}/lien", body, by=name, key=key, wait=50)
        assert answer.status_code == 200, answer.text
        assert answer.json()["operation"]["state"] in ("included", "final")


def test_concurrent_request_under_the_same_key_gets_409(world: World) -> None:
    key, statuses = uuid.uuid4().hex, []
    before = Decimal(world.balance("vega"))
    barrier = threading.Barrier(6)

    def twin() -> None:
        with httpx.Client(base_url=world.server.url, timeout=60, trust_env=False) as http:
            barrier.wait()
            headers = world["cash-issuer"].headers | {
                "Idempotency-Key": key,
                "Prefer": "wait=50",
            }
            answer = http.post("/v1/cash/CNY/mint", json=mint(world), headers=headers)
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=twin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 409}, statuses
    assert 200 in statuses
    assert Decimal(world.balance("vega")) - before == 1


def test_a_command_that_ran_before_a_restore_is_not_run_again(world: World) -> None:
    key, storage = uuid.uuid4().hex, world.server.gateway.storage
    done = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key, wait=50)
    operation = done.json()["operation"]

    def forget(connection: Connection) -> str:
        """Makes the store older than the command: its operation is only on the chain."""
        identifier = (operation["id"],)
        (row,) = run(
            connection, "SELECT hash, nonce FROM operations WHERE id = ?", identifier
        ).all()
        run(connection, "DELETE FROM operations WHERE id = ?", identifier)
        run(connection, "DELETE FROM idempotency_keys WHERE key = ?", (key,))
        note_unknown(
            connection,
            UnknownExecution(
                signer=operation["signer"],
                nonce=int(row.nonce),
                operation_hash=row.hash,
                succeeded=True,
                ours=True,
                transaction_hash=operation["transactionHash"],
                block_number=operation["block"]["blockNumber"],
                block_hash=operation["block"]["blockHash"],
            ),
        )
        return str(row.hash)

    storage.write_now(forget)
    try:
        before = world.balance("vega")
        again = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key)
        problem = again.json()
        assert again.status_code == 409, problem
        assert problem["type"] == "urn:cession:problem:ran-before-restore"
        assert problem["transactionHash"] == operation["transactionHash"]
        assert problem["blockNumber"] == operation["block"]["blockNumber"]
        assert world.balance("vega") == before
        # Until an operator reconciles, the gateway accepts and sends nothing and says why.
        waiting = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key + "x")
        assert waiting.status_code == 503
        assert waiting.json()["type"] == "urn:cession:problem:not-reconciled"
        ready = world.http.get("/readyz")
        for _ in range(100):
            if ready.status_code == 503:
                break
            ready = world.http.get("/readyz")
        history = ready.json()["checks"]["history"]
        assert (history["holds"], history["unknownExecutions"]) == (False, 1)
        assert world.balance("vega") == before
    finally:
        storage.write_now(lambda c: run(c, "UPDATE unknown_executions SET reconciled_at = 1"))
    later = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key + "x", wait=50)
    assert later.json()["operation"]["state"] in ("included", "final")
    for _ in range(100):
        if world.http.get("/readyz").status_code == 200:
            break
    assert world.http.get("/readyz").status_code == 200


def test_command_does_not_run_again_when_its_stored_answer_is_gone(world: World) -> None:
    key = uuid.uuid4().hex
    done = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key, wait=50)
    storage = world.server.gateway.storage
    storage.write_now(lambda c: run(c, "DELETE FROM idempotency_keys WHERE key = ?", (key,)))
    before = world.balance("vega")
    again = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:cession:problem:answer-gone"
    assert done.json()["operation"]["id"] in again.json()["fix"]
    assert world.balance("vega") == before


def test_command_is_refused_without_an_idempotency_key(world: World) -> None:
    answer = world.http.post(
        "/v1/cash/CNY/mint", json=mint(world), headers=world["cash-issuer"].headers
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "idempotency-key"


def test_refused_command_does_not_use_up_its_key(world: World) -> None:
    key = uuid.uuid4().hex
    wrong = mint(world) | {"toPartyId": "nobody"}
    assert send(world, "/v1/cash/CNY/mint", wrong, by="cash-issuer", key=key).status_code == 422
    right = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=key)
    assert right.status_code == 202


def test_without_prefer_the_operation_is_accepted_and_can_be_waited_for(world: World) -> None:
    answer = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=uuid.uuid4().hex)
    assert answer.status_code == 202
    operation = answer.json()["operation"]
    assert operation["state"] == "accepted"
    assert answer.headers["Location"] == f"/v1/operations/{operation['id']}"
    done = world["cash-issuer"].get(answer.headers["Location"], wait=50).body
    assert done["state"] in ("included", "final")
    assert done["result"]["events"][0]["name"] == "Transfer"
    block = world.server.node.ask("eth_getBlockByNumber", hex(done["block"]["blockNumber"]), False)
    assert block["hash"] == done["block"]["blockHash"]


def test_contract_refusal_gives_the_contract_error(world: World) -> None:
    _, claim = world.confirmed()
    problem = refused(world["supplier"], f"/v1/claims/{claim}/collection")
    assert problem["status"] == 409
    assert problem["detail"] == (
        f"the ledger refuses: there is nothing to collect on claim {claim} now"
    )
    assert problem["fix"] == "wait for the next payment"
    assert problem["contractError"]["name"] == "NothingToCollect"
    assert problem["contractError"]["arguments"] == {"claimId": claim}
    assert problem["contractError"]["contract"] == "Receivables"


def test_approvals_come_first_and_once(own_world: World) -> None:
    world = own_world
    receivable, _ = world.confirmed(amount="30.00")
    for _ in range(2):
        world["buyer"].command(f"/v1/receivables/{receivable}/payments", {"amount": cny("10.00")})
    operations = world["buyer"].get("/v1/operations", limit=200).body["items"]
    approvals = [operation for operation in operations if operation["kind"] == "approval"]
    assert len(approvals) == 1
    assert approvals[0]["contract"] == "SettlementToken:CNY"


# -- own wallets


def test_a_party_signs_with_its_own_wallet(world: World) -> None:
    wallet, caller = own_wallet(
        world, role="supplier", api_role="supplier", legal_id="9501101000018"
    )
    world.cash("supplier", "5.00")
    body = {"toPartyId": world.parties["9501101000018"], "amount": cny("5.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", body)
    back = {"toPartyId": world.parties["supplier"], "amount": cny("2.00")}
    prepared = caller.post("/v1/cash/CNY/transfers", back).body
    operation = prepared["operation"]
    assert operation["state"] == "prepared"
    stranger = LocalSigner.generate()
    path = f"/v1/operations/{operation['id']}/signature"
    wrong = world.http.post(
        path,
        json={"signature": signed(world, stranger, prepared["typedData"])},
        headers=caller.headers,
    )
    assert wrong.status_code == 422
    assert wrong.json()["type"] == "urn:cession:problem:signature-invalid"
    signature = signed(world, wallet, prepared["typedData"])
    for _ in range(2):  # twice is as good as once
        taken = world.http.post(path, json={"signature": signature}, headers=caller.headers)
        assert taken.status_code == 202, taken.text
    done = caller.get(f"/v1/operations/{operation['id']}", wait=50).body
    assert done["state"] in ("included", "final"), done
    other = signed(world, stranger, prepared["typedData"])
    late = world.http.post(path, json={"signature": other}, headers=caller.headers)
    assert late.status_code == 409
    held = caller.get("/v1/cash").body["items"]
    assert held[0]["balance"] == cny("3.00")


def test_a_debtor_confirms_with_its_own_wallet(world: World) -> None:
    wallet, caller = own_wallet(world, role="buyer", api_role="buyer", legal_id="9501101000025")
    document = invoice(amount="77.00") | {
        "buyer": {"name": "Own wallet", "id": "9501101000025", "scheme": "0088"}
    }
    uploaded = world.upload(document)
    filed = world["supplier"].command("/v1/receivables", {"documentId": uploaded["id"]})
    receivable = filed.body["result"]["receivableId"]
    path = f"/v1/receivables/{receivable}/confirmation"
    problem = refused(caller, path)
    assert problem["type"] == "urn:cession:problem:signature-missing"
    typed = caller.get(path).body
    signature = "0x" + wallet.sign_hash(confirmation(world, typed["message"]).digest()).hex()
    prepared = caller.post(path, {"signature": signature}).body
    carried = signed(world, wallet, prepared["typedData"])
    taken = world.http.post(
        f"/v1/operations/{prepared['operation']['id']}/signature",
        json={"signature": carried},
        headers=caller.headers,
    )
    assert taken.status_code == 202
    done = caller.get(f"/v1/operations/{prepared['operation']['id']}", wait=50).body
    assert done["state"] in ("included", "final"), done
    assert caller.get(f"/v1/receivables/{receivable}").body["status"] == "confirmed"


def test_a_signature_for_another_chain_or_other_terms_confirms_nothing(world: World) -> None:
    wallet, caller = own_wallet(world, role="buyer", api_role="buyer", legal_id="9501101000032")
    document = invoice(amount="77.00") | {
        "buyer": {"name": "Own wallet", "id": "9501101000032", "scheme": "0088"}
    }
    uploaded = world.upload(document)
    filed = world["supplier"].command("/v1/receivables", {"documentId": uploaded["id"]})
    receivable = filed.body["result"]["receivableId"]
    path = f"/v1/receivables/{receivable}/confirmation"
    typed = caller.get(path).body
    terms = confirmation(world, typed["message"])
    other_chain = replace(terms.domain, chain_id=terms.domain.chain_id + 1)
    dearer = typed["message"] | {"faceAmount": typed["message"]["faceAmount"] + 1}
    for other in (replace(terms, domain=other_chain), replace(terms, message=dearer)):
        signature = "0x" + wallet.sign_hash(other.digest()).hex()
        problem = refused(caller, path, {"signature": signature})
        assert problem["contractError"]["name"] == "DebtorSignatureInvalid", problem
    assert caller.get(f"/v1/receivables/{receivable}").body["status"] == "requested"


# -- when something is away


def test_dead_node_gives_a_problem_and_loses_nothing(own_world: World) -> None:
    world = own_world
    receivable, claim = world.confirmed(amount="50.00")
    node, port = world.server.node, int(world.server.node.url.rpartition(":")[2])
    node.stop()
    ready = world.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["chain"]["holds"] is False
    verification = world.http.get(f"/v1/verification/claims/{claim}", headers=world["bank"].headers)
    assert verification.status_code == 503
    assert verification.json()["type"] == "urn:cession:problem:chain-unavailable"
    accepted = send(world, "/v1/cash/CNY/mint", mint(world), by="cash-issuer", key=uuid.uuid4().hex)
    assert accepted.status_code == 202
    assert world.http.get("/livez").status_code == 200
    folder = world.server.ledger.folder / "anvil"
    with start_node("anvil", data_folder=folder, port=port, options=EngineOptions(history=True)):
        done = (
            world["cash-issuer"]
            .get(f"/v1/operations/{accepted.json()['operation']['id']}", wait=50)
            .body
        )
        assert done["state"] in ("included", "final")
        assert world.balance("vega") == "1.00"
        receivable_view = world["auditor"].get(f"/v1/receivables/{receivable}").body
        assert receivable_view["status"] == "confirmed"


def test_problem_documents_are_json_even_for_unknown_paths(world: World) -> None:
    answer = world.http.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["type"].startswith("urn:cession:problem:")


def test_full_disk_gives_a_problem_and_stores_nothing(own_world: World) -> None:
    world = own_world
    storage = world.server.gateway.storage
    before = len(world["auditor"].get("/v1/operations", limit=200).body["items"])

    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def make_room(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    storage.write_now(fill)
    content = json.dumps(invoice(lines=[{"description": "x" * 900, "amount": "1.00"}] * 1000))
    document = json.loads(content) | {"payableAmount": "1000.00"}
    answer = world.http.post(
        "/v1/documents",
        files={"file": ("x.json", json.dumps(document).encode(), "application/json")},
        headers=world["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"] == "urn:cession:problem:store-full"
    assert world["supplier"].get("/v1/documents").body["items"] == []
    storage.write_now(make_room)
    assert len(world["auditor"].get("/v1/operations", limit=200).body["items"]) == before
    assert world.upload(document)["kind"] == "invoice"


def test_callers_without_a_party_see_their_own_operations(world: World) -> None:
    minted = world.cash("vega", "1.00").body["id"]
    listed = [item["id"] for item in world["cash-issuer"].get("/v1/operations").body["items"]]
    assert minted in listed
    others = [item["id"] for item in world["registrar"].get("/v1/operations").body["items"]]
    assert minted not in others
