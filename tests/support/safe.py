"""A Safe in tests: the contracts that its makers publish, deployed on the test's chain.

A Safe is a contract wallet of several owners. What it signs is a message of its own, which has the
digest of the terms in it; each owner signs that message, and the signatures are put together in the
order of the owners' addresses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_account.signers.local import LocalAccount
from faster_eth_abi import encode

from app.chain.deployment.development import development_key
from app.chain.evm.hashing import ZERO_ADDRESS, checksum_address, keccak
from app.demo.client import Answer, Caller
from app.places import NODE_MODULES
from tests.support.bodies import Json
from tests.support.officials import sent_by
from tests.support.world import World, caught_up

BUILT = NODE_MODULES / "@safe-global" / "safe-smart-account" / "build" / "artifacts" / "contracts"
_DEPLOYER = 15  # an account of the development mnemonic that has coin for gas
_SENTINEL = "0x" + "0" * 39 + "1"
_SAFE_TX = (
    "address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce"
)
# Sends a transaction: sender, contract (None: a new one), data; returns its receipt.
Send = Callable[[str, str | None, bytes], Json]


def call_data(signature: str, *arguments: Any) -> bytes:
    """A call by its Solidity signature, such as "approve(address,uint256)"."""
    types = signature[signature.index("(") + 1 : -1]
    selector = keccak(signature.encode())[:4]
    return selector + bytes(encode(types.split(",") if types else (), arguments))


def digest_of(typed: Json) -> bytes:
    """The 32 bytes that typed data stand for (EIP-712), computed by eth-account."""
    return bytes(_hash_eip191_message(encode_typed_data(full_message=dict(typed))))


def typed_fields(text: str) -> list[dict[str, str]]:
    """The fields of a struct from the text of its type."""
    return [
        {"type": kind, "name": name} for kind, name in (field.split() for field in text.split(","))
    ]


@dataclass
class Safe:
    """A deployed Safe.

    Attributes:
        address: lower case.
        owners: their keys, in the order of their addresses.
    """

    address: str
    chain_id: int
    owners: list[LocalAccount]
    send: Send

    def message(self, typed: Json) -> Json:
        """The typed data that each owner signs, for terms that the gateway gave."""
        return {
            "domain": self._domain(),
            "types": {"SafeMessage": typed_fields("bytes message")} | self._domain_type(),
            "primaryType": "SafeMessage",
            "message": {"message": digest_of(typed)},
        }

    def sign(self, typed: Json, *, by: Sequence[int] = (0, 1)) -> str:
        """The signatures of these owners, in the given order."""
        return joined(self.owners[place] for place in by)(self.message(typed))

    def execute(self, to: str, data: bytes, *, nonce: int) -> None:
        """A transaction of the Safe itself, signed by its first two owners."""
        transaction = {
            "to": checksum_address(to),
            **{"value": 0, "data": data, "operation": 0, "safeTxGas": 0, "baseGas": 0},
            **{"gasPrice": 0, "gasToken": ZERO_ADDRESS, "refundReceiver": ZERO_ADDRESS},
        }
        typed = {
            "domain": self._domain(),
            "types": {"SafeTx": typed_fields(_SAFE_TX)} | self._domain_type(),
            "primaryType": "SafeTx",
            "message": transaction | {"nonce": nonce},
        }
        signatures = joined(self.owners[:2])(typed)
        types = ",".join(field["type"] for field in typed_fields(_SAFE_TX)[:-1])
        arguments = [*transaction.values(), bytes.fromhex(signatures[2:])]
        call = call_data(f"execTransaction({types},bytes)", *arguments)
        self.send(development_key(_DEPLOYER).address, self.address, call)

    def remove_owner(self, place: int, *, nonce: int) -> None:
        """Removes an owner; two of the others still have to sign."""
        # The Safe keeps its owners as a list, in the order in which it was told them.
        before = self.owners[place - 1].address if place else _SENTINEL
        call = call_data(
            "removeOwner(address,address,uint256)", before, self.owners[place].address, 2
        )
        self.execute(self.address, call, nonce=nonce)

    def _domain(self) -> Json:
        return {"chainId": self.chain_id, "verifyingContract": checksum_address(self.address)}

    def _domain_type(self) -> Json:
        return {"EIP712Domain": typed_fields("uint256 chainId,address verifyingContract")}


def joined(owners: Any) -> Callable[[Json], str]:
    """What these owners sign, put together as a Safe reads it."""
    keys = list(owners)

    def sign(typed: Json) -> str:
        parts = [bytes(key.sign_typed_data(full_message=typed).signature) for key in keys]
        return "0x" + b"".join(parts).hex()

    return sign


def new_owners(count: int = 3) -> list[LocalAccount]:
    """Keys, in the order of their addresses."""
    return sorted((Account.create() for _ in range(count)), key=lambda key: int(key.address, 16))


def deploy_safe(send: Send, chain_id: int, owners: list[LocalAccount], *, threshold: int) -> Safe:
    """A new Safe of these owners, with the handler that answers `isValidSignature`."""
    sender = development_key(_DEPLOYER).address

    def deployed(path: str) -> str:
        built = json.loads((BUILT / f"{path}.json").read_text())
        receipt = send(sender, None, bytes.fromhex(built["bytecode"][2:]))
        return str(receipt["contractAddress"]).lower()

    singleton = deployed("Safe.sol/Safe")
    handler = deployed(
        "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler",
    )
    factory = deployed("proxies/SafeProxyFactory.sol/SafeProxyFactory")
    setup = call_data(
        "setup(address[],uint256,address,bytes,address,address,uint256,address)",
        *([owner.address for owner in owners], threshold, ZERO_ADDRESS, b"", handler),
        *(ZERO_ADDRESS, 0, ZERO_ADDRESS),
    )
    receipt = send(
        sender,
        factory,
        call_data("createProxyWithNonce(address,bytes,uint256)", singleton, setup, 0),
    )
    # ProxyCreation(SafeProxy indexed proxy, address singleton); the proxy's own log is SafeSetup.
    (created,) = (log for log in receipt["logs"] if log["address"].lower() == factory)
    return Safe("0x" + created["topics"][1][-40:], chain_id, owners, send)


def safe_in(world: World, *, owners: list[LocalAccount] | None = None) -> Safe:
    """A Safe of three owners on the world's chain; two of them sign."""

    def send(sender: str, to: str | None, data: bytes) -> Json:
        receipt = sent_by(world, sender, to, data)
        caught_up(world)
        return receipt

    chain_id = world.server.gateway.chain_id
    return deploy_safe(send, chain_id, owners or new_owners(), threshold=2)


def registered_safe(world: World, safe: Safe, *, name: str, legal_id: str, role: str) -> Caller:
    """Registers the Safe as the account of a party; the caller's key is named by `name`."""
    registrar = world["registrar"]
    body = {
        "name": f"Party {name}",
        "legalId": {"scheme": "0088", "value": legal_id},
        "roles": [role],
        "account": safe.address,
    }
    party = registrar.command("/v1/parties", body).body["party"]
    assert party["custody"] is False
    answer = registrar.post(
        f"/v1/parties/{party['id']}/api-keys", {"roles": [role], "label": "own"}
    )
    world.parties[name] = party["id"]
    world.callers[name] = Caller(world.http, name, answer.body["apiKey"])
    return world.callers[name]


def carried(caller: Caller, prepared: Answer, safe: Safe, *, by: Sequence[int] = (0, 1)) -> Json:
    """A prepared operation, signed by two owners of the Safe and carried out."""
    operation = prepared.body["operation"]
    assert (operation["state"], operation["signer"]) == ("prepared", safe.address)
    path = f"/v1/operations/{operation['id']}"
    caller.post(f"{path}/signature", {"signature": safe.sign(prepared.body["typedData"], by=by)})
    done = caller.get(path, wait=50).body
    assert done["state"] in ("included", "final"), done
    return dict(done)
