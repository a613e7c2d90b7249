"""Contract wallets (ERC-1271) that change, lie, burn gas or do not exist yet; the Safe is real."""

from __future__ import annotations

import secrets

import pytest
from eth_account import Account

from app.chain.evm.hashing import ZERO_ADDRESS
from app.demo.client import Caller
from tests.support.bodies import Json
from tests.support.safe import Safe, carried, new_owners, registered_safe, safe_in
from tests.support.wallets import word
from tests.support.world import World, cny, invoice, refused

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
COUNTERFACTUAL = "6492" * 16
# The answer for yes after a million steps, and other answers that are none.
BURNS = "0x5b600056"
WRITES = "0x6001600055631626ba7e60e01b60005260206000f3"
SHORT = "0x631626ba7e60e01b600052601f6000f3"
LONG_NO = "0x620f42406000f3"
INVALID = "0xfe"
ACCEPTS = "0x631626ba7e60e01b60005260206000f3"


def new_party(world: World, account: str, *, role: str = "financier") -> tuple[str, Caller]:
    """A party with this account; its name in the world, and its caller."""
    name, number = f"wallet-{secrets.token_hex(4)}", str(secrets.randbelow(10**12)).zfill(12)
    odd_places = sum(int(digit) for digit in number[1::2])
    check = -(3 * odd_places + sum(int(digit) for digit in number[::2])) % 10
    safe = Safe(account, 0, [], lambda *_: {})
    return name, registered_safe(world, safe, name=name, legal_id=f"{number}{check}", role=role)


def offered(world: World, caller: Caller) -> tuple[str, Json]:
    """The path of the party's offer for a claim of the supplier's, and what it signs."""
    _, claim = world.confirmed(amount="1000.00")
    body = {"claimId": claim, "value": cny("1000.00"), "price": cny("980.00")}
    offer = caller.post("/v1/offers", body).body
    return f"/v1/offers/{offer['id']}", offer["typedData"]


def handed_in(caller: Caller, path: str, signature: str) -> Json:
    """The offer once the signature is taken."""
    return dict(caller.post(f"{path}/signature", {"signature": signature}).body)


def refusal(caller: Caller, path: str, signature: str) -> Json:
    """Why the signature is not taken."""
    return refused(caller, f"{path}/signature", {"signature": signature})


def test_offer_of_a_wallet_whose_owner_left_is_refused_by_the_ledger(world: World) -> None:
    safe = safe_in(world)
    name, caller = new_party(world, safe.address)
    world.cash(name, "2000.00")
    approval = {"contract": "ClaimMarket", "amount": cny("2000.00")}
    carried(caller, caller.post("/v1/cash/CNY/approvals", approval), safe)
    path, typed = offered(world, caller)
    assert handed_in(caller, path, safe.sign(typed, by=(0, 1)))["state"] == "open"
    safe.remove_owner(1, nonce=0)
    problem = refused(world["supplier"], f"{path}/acceptance", {})
    assert problem["contractError"]["name"] == "FunderSignatureInvalid", problem
    assert world.balance(name) == "2000.00"

    path, typed = offered(world, caller)
    assert refusal(caller, path, safe.sign(typed, by=(0, 1)))["type"].endswith("signature-invalid")
    handed_in(caller, path, safe.sign(typed, by=(0, 2)))
    world["supplier"].command(f"{path}/acceptance", {})
    assert world.balance(name) == "1020.00"


def test_signatures_for_one_safe_are_worth_nothing_for_another_of_the_same_owners(
    world: World,
) -> None:
    owners = new_owners()
    first, second = (safe_in(world, owners=owners) for _ in range(2))
    assert first.address != second.address
    _, first_caller = new_party(world, first.address)
    _, second_caller = new_party(world, second.address)
    path, typed = offered(world, second_caller)
    problem = refusal(second_caller, path, first.sign(typed))
    assert problem["detail"].startswith(f"the contract at {second.address} does not accept")
    first_path, first_typed = offered(world, first_caller)
    assert refusal(second_caller, path, first.sign(first_typed))["status"] == 422
    assert refused(second_caller, f"{first_path}/signature", {"signature": "0xab"})["status"] == 404
    assert handed_in(second_caller, path, second.sign(typed))["state"] == "open"


def test_an_owner_or_a_stranger_alone_signs_nothing_for_the_safe(world: World) -> None:
    safe = safe_in(world)
    _, caller = new_party(world, safe.address)
    path, typed = offered(world, caller)
    approval = {"contract": "ClaimMarket", "amount": cny("1.00")}
    prepared = caller.post("/v1/cash/CNY/approvals", approval).body
    operation = f"/v1/operations/{prepared['operation']['id']}"
    for where, data in ((path, typed), (operation, prepared["typedData"])):
        for signature in (
            safe.sign(data, by=(0,)),
            safe.sign(data, by=(2, 0)),
            safe.sign(data, by=(1, 1)),
            word(safe.owners[0], data),
            word(safe.owners[0], data) + word(safe.owners[1], data)[2:],
            word(Account.create(), data),
        ):
            problem = refusal(caller, where, signature)
            assert problem["type"].endswith("signature-invalid"), problem
    assert caller.get(path).body["state"] == "prepared"
    assert caller.get(operation).body["state"] == "prepared"


def test_another_form_of_the_owners_signatures_makes_nothing_run_twice(world: World) -> None:
    """A Safe also accepts the other s of each owner, and bytes after the signatures."""
    safe = safe_in(world)
    name, caller = new_party(world, safe.address)
    world.cash(name, "100.00")
    body = {"toPartyId": world.parties["supplier"], "amount": cny("30.00")}
    prepared = caller.post("/v1/cash/CNY/transfers", body).body
    plain = safe.sign(prepared["typedData"])
    raw = bytes.fromhex(plain[2:])
    flipped = b"".join(
        raw[at : at + 32]
        + (ORDER - int.from_bytes(raw[at + 32 : at + 64], "big")).to_bytes(32, "big")
        + bytes((55 - raw[at + 64],))
        for at in (0, 65)
    )
    path = f"/v1/operations/{prepared['operation']['id']}"
    caller.post(f"{path}/signature", {"signature": "0x" + flipped.hex()})
    for other in (plain, plain + "00"):
        assert refused(caller, f"{path}/signature", {"signature": other})["status"] == 409
    assert caller.get(path, wait=50).body["state"] in ("included", "final")
    assert world.balance(name) == "70.00"


@pytest.mark.parametrize("code", [BURNS, WRITES, SHORT, LONG_NO, INVALID])
def test_wallet_that_gives_no_plain_yes_is_refused_and_the_gateway_goes_on(
    world: World, code: str
) -> None:
    account = "0x" + secrets.token_hex(20)
    world.server.node.ask("anvil_setCode", account, code)
    _, caller = new_party(world, account)
    path, _ = offered(world, caller)
    problem = refusal(caller, path, "0x" + "ab" * 195)
    assert problem["type"].endswith("signature-invalid"), problem
    assert caller.get(path).body["state"] == "prepared"


def test_wallet_that_is_not_on_the_chain_is_told_so(world: World) -> None:
    account = "0x" + secrets.token_hex(20)
    _, caller = new_party(world, account)
    path, typed = offered(world, caller)
    owner = Account.create()
    wrapped = word(owner, typed) + "00" * 31 + COUNTERFACTUAL
    body = {"contract": "ClaimMarket", "amount": cny("1.00")}
    prepared = caller.post("/v1/cash/CNY/approvals", body).body
    operation = f"/v1/operations/{prepared['operation']['id']}"
    for where in (path, operation):
        problem = refusal(caller, where, wrapped)
        assert problem["type"].endswith("wallet-not-deployed"), problem
        assert (problem["status"], problem["field"]) == (422, "signature")
        assert "ERC-6492" in problem["detail"]
        assert problem["fix"].startswith("deploy the wallet")
        assert refusal(caller, where, "0x" + "ab" * 130)["type"].endswith("signature-invalid")
    world.server.node.ask("anvil_setCode", account, ACCEPTS)
    assert refusal(caller, path, wrapped)["type"].endswith("wallet-not-deployed")
    assert handed_in(caller, path, "0x" + "ab" * 130)["state"] == "open"


def test_signature_has_a_maximum_length_and_whole_bytes(world: World) -> None:
    account = "0x" + secrets.token_hex(20)
    world.server.node.ask("anvil_setCode", account, ACCEPTS)
    _, caller = new_party(world, account)
    path, _ = offered(world, caller)
    for signature in ("0x", "0xabc", "ab" * 65, "0x" + "ab" * 8_193):
        assert refusal(caller, path, signature)["status"] == 422, signature[:9]
    assert handed_in(caller, path, "0x" + "ab" * 8_192)["state"] == "open"


def test_account_with_code_is_asked_as_the_ledger_asks_it(world: World) -> None:
    """An account under EIP-7702 whose code knows no ERC-1271: its key does not sign terms."""
    key = Account.create()
    _, caller = new_party(world, key.address.lower())
    path, typed = offered(world, caller)
    world.server.node.ask("anvil_setCode", key.address, "0xef0100" + ZERO_ADDRESS[2:])
    assert "contract at" in refusal(caller, path, word(key, typed))["detail"]
    world.server.node.ask("anvil_setCode", key.address, "0x")
    assert handed_in(caller, path, word(key, typed))["state"] == "open"


def test_confirmation_by_a_safe_is_verified_after_its_owners_changed(world: World) -> None:
    safe = safe_in(world)
    name, caller = new_party(world, safe.address, role="buyer")
    party = world["registrar"].get(f"/v1/parties/{world.parties[name]}").body
    buyer = {"name": party["name"], "id": party["legalId"]["value"], "scheme": "0088"}
    document = world.upload(invoice(amount="1000.00") | {"buyer": buyer})
    filed = world["supplier"].command("/v1/receivables", {"documentId": document["id"]}).body
    path = f"/v1/receivables/{filed['result']['receivableId']}/confirmation"
    typed = dict(caller.get(path).body)
    prepared = caller.post(path, {"signature": safe.sign(typed)})
    claim = int(carried(caller, prepared, safe)["result"]["claimIds"][0])

    def is_verified() -> bool:
        checks = world["bank"].get(f"/v1/verification/claims/{claim}").body["checks"]
        (check,) = (item for item in checks if item["name"] == "debtor-signature")
        assert check["evidence"]["signer"] is None, "no key's signature"
        return bool(check["holds"])

    assert is_verified()
    safe.remove_owner(0, nonce=0)
    assert is_verified(), "the owners of that time signed"
