"""The Python client works against a gateway, for parties in custody and with their own wallet."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from cession_client import Client, GatewayRefused, Ledger, WalletMismatch, connect
from cession_client.local_wallet import LocalWallet

from app import __version__
from scripts.compile import ROOT
from tests.clients.conftest import example, readers
from tests.support.bodies import Json
from tests.support.lending import FAR, product
from tests.support.world import World, cny, invoice

NUMBER = "9501101000735"


def joined(world: World, wallet: LocalWallet) -> Client:
    """A supplier and buyer whose key the gateway never sees."""
    body = {
        "name": "Own wallet, client",
        "legalId": {"scheme": "0088", "value": NUMBER},
        "roles": ["supplier", "buyer"],
        "account": wallet.address,
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]["id"]
    key = {"roles": ["supplier", "buyer"], "label": "python"}
    answer = world["registrar"].post(f"/v1/parties/{party}/api-keys", key)
    world.parties[NUMBER] = party
    return Client(world.http, answer.body["apiKey"], wallet=wallet, ledger=ledger_of(world))


def ledger_of(world: World) -> Ledger:
    return Ledger.of(world["auditor"].get("/v1/contracts").body)


@pytest.fixture(scope="module")
def wallet() -> LocalWallet:
    return LocalWallet.create()


@pytest.fixture(scope="module")
def own(world: World, wallet: LocalWallet) -> Client:
    return joined(world, wallet)


@pytest.fixture(scope="module")
def claim(world: World, own: Client) -> int:
    """A claim that the party filed and signed itself."""
    seller = {"name": "Own wallet, client", "id": NUMBER, "scheme": "0088"}
    document = json.dumps(invoice(amount="1000.00") | {"seller": seller}).encode()
    uploaded = own.upload(
        "/v1/documents", name="invoice.json", content=document, media_type="application/json"
    )
    filed = own.command("/v1/receivables", {"documentId": uploaded.body["id"]})
    assert filed.operation is not None and filed.operation["custody"] is False
    path = f"/v1/receivables/{filed.result['receivableId']}/confirmation"
    return int(world["buyer"].command(path).result["claimIds"][0])


def test_a_command_runs_once_however_often_its_key_is_sent(
    world: World, own: Client, claim: int
) -> None:
    path, key = f"/v1/claims/{claim}/assignments", uuid.uuid4().hex
    body = {"parts": [{"toPartyId": world.parties["castor"], "amount": cny("100.10")}]}
    first = own.command(path, body, key=key)
    again = own.command(path, body, key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.operation is not None and again.operation is not None
    assert first.operation["id"] == again.operation["id"]
    assert own.get(f"/v1/claims/{claim}").body["value"] == cny("899.90")


def test_a_wallet_signs_terms_then_an_approval_then_the_command(
    world: World, own: Client, claim: int
) -> None:
    line = {
        "productId": product(world, "receivables-finance")["id"],
        "borrowerPartyId": world.parties[NUMBER],
        "annualRate": 72_000,
        "limit": cny("1000.00"),
        "lastDate": FAR,
    }
    world.cash("bank", "500.00")
    proposal = world["bank"].post("/v1/facility-proposals", line).body["id"]
    agreed = own.sign(f"/v1/facility-proposals/{proposal}")
    draws = f"/v1/facilities/{agreed.result['facilityId']}/draws"
    body = {"amount": cny("500.00"), "tenor": 30, "collateralId": claim}
    assert Client(world.http, own.api_key).command(draws, body).body["repeat"] is True
    key = uuid.uuid4().hex
    drawn = own.command(draws, body, key=key)
    assert drawn.operation is not None and drawn.operation["kind"] == "draw-loan"
    again = own.command(draws, body, key=key)
    assert again.result["loanId"] == drawn.result["loanId"], "the approval is not signed again"
    assert world.balance(NUMBER) == "500.00"


def test_a_debtor_signs_a_confirmation_at_its_own_address(world: World, own: Client) -> None:
    buyer = {"name": "Own wallet, client", "id": NUMBER, "scheme": "0088"}
    uploaded = world.upload(invoice(amount="80.00") | {"buyer": buyer})
    filed = world["supplier"].command("/v1/receivables", {"documentId": uploaded["id"]})
    path = f"/v1/receivables/{filed.result['receivableId']}/confirmation"
    confirmed = own.sign(path, to=path)
    assert confirmed.operation is not None
    assert confirmed.operation["state"] in ("included", "final")


def test_a_wallet_that_is_not_the_partys_signs_nothing(world: World, own: Client) -> None:
    stranger = Client(world.http, own.api_key, wallet=LocalWallet.create(), ledger=ledger_of(world))
    approval = {"contract": "Facilities", "amount": cny("1.00")}
    with pytest.raises(WalletMismatch):
        stranger.command("/v1/cash/CNY/approvals", approval)
    assert next(own.items("/v1/operations", state="prepared"))["kind"] == "approval"


class Cheat(httpx.BaseTransport):
    """A gateway between, which hands over another message than it was asked for."""

    def __init__(self, world: World, change: Callable[[Json], None]) -> None:
        self.through = httpx.HTTPTransport()
        self.change = change
        self.signed: list[Json] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/signature"):
            self.signed.append(json.loads(request.read()))
        answer = self.through.handle_request(request)
        body = json.loads(answer.read())
        if "typedData" in body:
            self.change(body["typedData"])
        return httpx.Response(answer.status_code, json=body)


def _approve_stranger(typed_data: Json) -> None:
    account, most = "66" * 20, f"{2**256 - 1:064x}"
    typed_data["message"]["data"] = f"0x095ea7b3{account:>064}{most}"


def _transfer(typed_data: Json) -> None:
    typed_data["message"]["data"] = "0xa9059cbb" + "66".rjust(64, "0") + "01".rjust(64, "0")


def _elsewhere(typed_data: Json) -> None:
    typed_data["message"]["to"] = "0x" + "66" * 20


def _other_chain(typed_data: Json) -> None:
    typed_data["domain"]["chainId"] = 1


def _other_domain(typed_data: Json) -> None:
    typed_data["domain"]["verifyingContract"] = "0x" + "66" * 20


def _other_type(typed_data: Json) -> None:
    typed_data["primaryType"] = "Offer"


@pytest.mark.parametrize(
    "change",
    [_approve_stranger, _transfer, _elsewhere, _other_chain, _other_domain, _other_type],
)
def test_a_wallet_signs_nothing_that_was_not_commanded(
    world: World, own: Client, wallet: LocalWallet, change: Callable[[Json], None]
) -> None:
    cheat = Cheat(world, change)
    with httpx.Client(base_url=world.server.url, transport=cheat, timeout=60) as http:
        client = Client(http, own.api_key, wallet=wallet, ledger=ledger_of(world))
        approval = {"contract": "Facilities", "amount": cny("1.00")}
        with pytest.raises(WalletMismatch):
            client.command("/v1/cash/CNY/approvals", approval)
    assert not cheat.signed


def test_a_review_sees_what_is_signed_and_may_refuse(
    world: World, own: Client, wallet: LocalWallet
) -> None:
    seen: list[str] = []

    def refuse(path: str, typed_data: Mapping[str, Any]) -> None:
        seen.append(f"{path} {typed_data['primaryType']}")
        raise PermissionError(path)

    client = Client(world.http, own.api_key, wallet=wallet, ledger=ledger_of(world), review=refuse)
    with pytest.raises(PermissionError):
        client.command("/v1/cash/CNY/approvals", {"contract": "Facilities", "amount": cny("1.00")})
    assert seen == ["/v1/cash/CNY/approvals Intent"]


def test_a_key_goes_neither_unencrypted_nor_to_another_address(world: World) -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        connect("http://gateway.example", "ck_secret")
    connect("http://gateway.example", "ck_secret", insecure=True).close()
    with pytest.raises(ValueError, match="ledger"):
        connect(world.server.url, "ck_secret", wallet=LocalWallet.create())

    def moved(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "127.0.0.1", "the key followed"
        return httpx.Response(307, headers={"Location": "https://thief.example/"})

    with (
        httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(moved)) as http,
        pytest.raises(GatewayRefused, match="thief"),
    ):
        Client(http, "ck_secret").command("/v1/cash/CNY/transfers", {})


def test_a_list_is_walked_through_page_by_page(world: World) -> None:
    world.confirmed(amount="10.00")
    world.confirmed(amount="10.00")
    auditor = world["auditor"]
    by_two = [claim["id"] for claim in auditor.items("/v1/claims", limit=2)]
    by_many = [claim["id"] for claim in auditor.items("/v1/claims", limit=200)]
    assert by_two == by_many and len(set(by_two)) == len(by_two) > 2
    first, second, *_ = auditor.pages("/v1/claims", limit=2)
    rest = auditor.pages("/v1/claims", limit=2, cursor=first["nextCursor"])
    assert next(rest)["items"] == second["items"]


def test_a_refusal_has_what_is_wrong_and_what_to_do(world: World) -> None:
    _, held = world.confirmed(amount="10.00")
    parts = [{"toPartyId": world.parties["bank"], "amount": cny("11.00")}]
    with pytest.raises(GatewayRefused) as caught:
        world["supplier"].command(f"/v1/claims/{held}/assignments", {"parts": parts})
    refused = caught.value
    assert (refused.status, refused.kind) == (422, "parts-exceed-claim")
    assert refused.field is not None and refused.fix is not None
    with pytest.raises(GatewayRefused) as caught:
        world["supplier"].post(f"/v1/claims/{held}/assignments", {"parts": [{}]})
    assert {error["field"] for error in caught.value.errors} == {
        "parts.0.toPartyId",
        "parts.0.amount",
    }
    with pytest.raises(GatewayRefused) as caught:
        money = {"toPartyId": world.parties["bank"], "amount": cny("999999999.00")}
        world["buyer"].command("/v1/cash/CNY/transfers", money)
    assert caught.value.contract_error is not None and caught.value.operation is not None
    assert caught.value.operation["state"] == "rejected"


def test_example_of_the_readme_runs_as_written(world: World, tmp_path: Path) -> None:
    code = example(ROOT / "clients" / "python" / "README.md")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PYTHONPATH": f"{ROOT}/clients/python",
            **readers(world, legal_id="9501101000742"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "Northwind Forge",
        "True",
        "contract-refused - pay money in first, or pay less",
        "[]",
    ], done.stderr


def test_package_has_the_gateways_version() -> None:
    manifest = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text())
    assert manifest["project"]["version"] == __version__


def test_a_proxys_refusal_is_a_problem_too() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>"))
    http = httpx.Client(base_url="http://gateway", transport=transport)
    for read in (Client(http, "ck_1").get, Client(http, "ck_1").content):
        with pytest.raises(GatewayRefused, match="502: <h1>Bad gateway"):
            read("/v1/claims")
