"""Puts the plan on a chain, keeps the record, and proves that the chain holds what was compiled.

DeploymentError
├── DeploymentFailed   a transaction of it failed; run it again once the cause is gone
├── DeploymentForeign  the record is of another chain, or the chain was started anew
└── RecordInvalid      the file is no deployment record
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from faster_eth_abi import encode as encode_values

from app import __version__
from app.chain import abi
from app.chain.contracts import Contracts
from app.chain.deployment_plan import (
    Call,
    Creation,
    Plan,
    Question,
    Selectors,
    resolve,
    role_record,
)
from app.chain.hashing import keccak, rlp_encode, whole_bytes
from app.chain.keys import Signer
from app.chain.rpc import JsonRpc, RpcError
from app.chain.transactions import Transaction

Artifacts = Mapping[str, Mapping[str, Any]]
_RECEIPT_SECONDS = 120.0


class DeploymentError(Exception):
    """A deployment or its record does not hold."""


class DeploymentFailed(DeploymentError):
    """A transaction failed; what came before it stands, and the next run goes on from there."""


class DeploymentForeign(DeploymentError):
    """The record does not belong to this chain."""


class RecordInvalid(DeploymentError):
    """Not a deployment record."""


class Deployed(msgspec.Struct, rename="camel"):
    """One contract of a deployment."""

    address: str
    code_hash: str
    constructor_arguments: list[Any]


class Deployment(msgspec.Struct, rename="camel"):
    """The record in `deployments/<chainId>.json`.

    `block` and `block_hash` are of the block after which everything stood; `first_block` is where
    an index starts. `complete` is False while a deployment is under way.
    """

    chain_id: int
    version: str
    engine: str
    deployer: str
    first_nonce: int
    first_block: int
    contracts: dict[str, Deployed]
    roles: dict[str, list[str]]
    block: int = 0
    block_hash: str = ""
    complete: bool = False

    @classmethod
    def load(cls, path: Path) -> Deployment:
        """Reads a record.

        Raises:
            RecordInvalid.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise RecordInvalid(f"{path}: {error}") from error

    def save(self, path: Path) -> None:
        """Writes it, wholly or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        draft.replace(path)

    def addresses(self) -> dict[str, str]:
        """Address by name."""
        return {name: entry.address for name, entry in self.contracts.items()}


def artifact_names(plan: Plan) -> list[str]:
    """Names of the artifacts that the plan needs."""
    return list(dict.fromkeys(creation.artifact for creation in plan.creations))


def link(code: str, references: Mapping[str, Any], addresses: Mapping[str, str]) -> bytes:
    """Bytecode with the addresses of its libraries filled in."""
    digits = list(code.removeprefix("0x"))
    for libraries in references.values():
        for library, places in libraries.items():
            for place in places:
                start = place["start"] * 2
                digits[start : start + 40] = addresses[library][2:].lower()
    return bytes.fromhex("".join(digits))


def address_at(sender: str, nonce: int) -> str:
    """Where the sender's transaction with this nonce puts a contract."""
    return "0x" + keccak(rlp_encode([bytes.fromhex(sender[2:]), whole_bytes(nonce)]))[12:].hex()


class Deployer:
    """Carries out one plan on one chain."""

    def __init__(
        self, rpc: JsonRpc, *, sender: Signer, plan: Plan, artifacts: Artifacts, path: Path
    ) -> None:
        self.rpc = rpc
        self.sender = sender
        self.plan = plan
        self.artifacts = artifacts
        self.path = path

    async def deploy(self) -> Deployment:
        """Deploys what is missing; does nothing when the record and the chain agree.

        Raises:
            DeploymentFailed, DeploymentForeign, RecordInvalid, NodeUnreachable.
        """
        chain_id = await self.rpc.chain_id()
        record = await self._record(chain_id)
        if record.complete:
            return record
        addresses = self._addresses(record)
        await self._create(record, addresses)
        contracts = Contracts(addresses, self.artifacts)
        await self._call(contracts, chain_id)
        await self._finish(record, addresses)
        return record

    async def _record(self, chain_id: int) -> Deployment:
        """The record so far, or a new one when the chain is new."""
        if self.path.exists():
            record = Deployment.load(self.path)
            if record.chain_id != chain_id:
                raise DeploymentForeign(
                    f"{self.path} is of chain {record.chain_id}, this is chain {chain_id}"
                )
            if record.deployer == self.sender.address and not record.complete:
                return record
            if await self._stands(record):
                return record
            raise DeploymentForeign(
                f"{self.path} tells of contracts that this chain does not have; "
                "it was started anew: remove the record, or give the chain its data back"
            )
        nonce = int(
            await self.rpc.call("eth_getTransactionCount", self.sender.address, "latest"), 16
        )
        record = Deployment(
            chain_id=chain_id,
            version=__version__,
            engine=str(await self.rpc.call("web3_clientVersion")),
            deployer=self.sender.address,
            first_nonce=nonce,
            first_block=int(await self.rpc.call("eth_blockNumber"), 16) + 1,
            contracts={},
            roles={},
        )
        record.save(self.path)
        return record

    async def _stands(self, record: Deployment) -> bool:
        codes = await self._codes([entry.address for entry in record.contracts.values()])
        hashes = [entry.code_hash for entry in record.contracts.values()]
        return [_hash_of(code) for code in codes] == hashes

    def _addresses(self, record: Deployment) -> dict[str, str]:
        return {
            creation.name: address_at(record.deployer, record.first_nonce + place)
            for place, creation in enumerate(self.plan.creations)
        }

    async def _codes(self, addresses: list[str]) -> list[str]:
        calls = [("eth_getCode", [address, "latest"]) for address in addresses]
        return [_answer(answer) for answer in await self.rpc.batch(calls)]

    async def _create(self, record: Deployment, addresses: dict[str, str]) -> None:
        codes = await self._codes(list(addresses.values()))
        creations = []
        for place, (creation, code) in enumerate(zip(self.plan.creations, codes, strict=True)):
            if code == "0x":
                data = self.creation_code(creation, addresses)
                creations.append((record.first_nonce + place, creation.name, "0x", data))
        await self._send(creations, chain_id=record.chain_id)

    def creation_code(self, creation: Creation, addresses: dict[str, str]) -> bytes:
        """Linked bytecode and constructor arguments."""
        artifact = self.artifacts[creation.artifact]
        code = link(artifact["bytecode"], artifact.get("linkReferences", {}), addresses)
        inputs: list[Any] = next(
            (item["inputs"] for item in artifact["abi"] if item["type"] == "constructor"), []
        )
        values = [
            abi.values_for(part, resolve(value, addresses))
            for part, value in zip(inputs, creation.arguments, strict=True)
        ]
        return code + encode_values([abi.type_of(part) for part in inputs], values)

    async def _call(self, contracts: Contracts, chain_id: int) -> None:
        """Sends the calls that are not done yet, in order."""
        done = await ask(
            self.rpc, contracts, self.artifacts, [call.done for call in self.plan.calls]
        )
        waiting = [call for call, fine in zip(self.plan.calls, done, strict=True) if not fine]
        nonce = int(
            await self.rpc.call("eth_getTransactionCount", self.sender.address, "latest"), 16
        )
        await self._send(
            [
                (
                    nonce + place,
                    f"{call.contract}.{call.function}",
                    contracts.address(call.contract),
                    self._calldata(contracts, call),
                )
                for place, call in enumerate(waiting)
            ],
            chain_id=chain_id,
        )

    def _calldata(self, contracts: Contracts, call: Call) -> bytes:
        given = []
        for value in call.arguments:
            found = _argument(value, contracts, self.artifacts)
            given.append([found] if isinstance(value, Selectors) else found)
        return contracts.encode(call.contract, call.function, given)

    async def _send(self, wanted: list[tuple[int, str, str, bytes]], *, chain_id: int) -> None:
        if not wanted:
            return
        price = max(1, int(await self.rpc.call("eth_gasPrice"), 16) * 2)
        signed = [
            Transaction(nonce, price, _gas_for(data, creates=to == "0x"), to, data, chain_id).sign(
                self.sender
            )
            for nonce, _, to, data in wanted
        ]
        for start in range(0, len(signed), 16):
            part = signed[start : start + 16]
            answers = await self.rpc.batch([("eth_sendRawTransaction", [raw]) for raw, _ in part])
            for answer, (_, name, _, _) in zip(answers, wanted[start : start + 16], strict=True):
                if isinstance(answer, RpcError) and "already" not in str(answer):
                    raise DeploymentFailed(f"{name}: {answer}")
            names = [name for _, name, _, _ in wanted[start : start + 16]]
            await self._await_receipts([hash_ for _, hash_ in part], names)

    async def _await_receipts(self, hashes: list[str], names: list[str]) -> None:
        end = asyncio.get_running_loop().time() + _RECEIPT_SECONDS
        while True:
            calls = [("eth_getTransactionReceipt", [hash_]) for hash_ in hashes]
            receipts = [_answer(answer) for answer in await self.rpc.batch(calls)]
            for name, receipt in zip(names, receipts, strict=True):
                if receipt is not None and receipt["status"] != "0x1":
                    raise DeploymentFailed(f"{name}: its transaction failed")
            if all(receipt is not None for receipt in receipts):
                return
            if asyncio.get_running_loop().time() > end:
                raise DeploymentFailed(f"no receipt after {_RECEIPT_SECONDS:.0f} s: {names[0]} …")
            await asyncio.sleep(0.01)

    async def _finish(self, record: Deployment, addresses: dict[str, str]) -> None:
        codes = await self._codes(list(addresses.values()))
        for creation, code in zip(self.plan.creations, codes, strict=True):
            if code == "0x":
                raise DeploymentFailed(f"{creation.name}: there is no code at its address")
            record.contracts[creation.name] = Deployed(
                addresses[creation.name],
                _hash_of(code),
                [resolve(value, addresses) for value in creation.arguments],
            )
        head = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        record.block, record.block_hash = int(head["number"], 16), head["hash"]
        record.roles = role_record(self.plan.parameters, addresses)
        record.complete = True
        record.save(self.path)


async def deploy(
    rpc: JsonRpc, *, sender: Signer, plan: Plan, artifacts: Artifacts, path: Path
) -> Deployment:
    """Carries out the plan; see `Deployer.deploy`."""
    return await Deployer(rpc, sender=sender, plan=plan, artifacts=artifacts, path=path).deploy()


async def ask(
    rpc: JsonRpc, contracts: Contracts, artifacts: Artifacts, questions: list[Question]
) -> list[bool]:
    """Whether each view answers as it must."""
    calls = []
    for question in questions:
        given = [_argument(value, contracts, artifacts) for value in question.arguments]
        data = contracts.encode(question.contract, question.function, given)
        call = {"to": contracts.address(question.contract), "data": "0x" + data.hex()}
        calls.append(("eth_call", [call, "latest"]))
    answers = await rpc.batch(calls)
    return [
        _plain(contracts.decode_result(question.contract, question.function, _answer(answer)))
        == _plain(resolve(question.answer, contracts.addresses))
        for question, answer in zip(questions, answers, strict=True)
    ]


def _argument(value: Any, contracts: Contracts, artifacts: Artifacts) -> Any:
    if isinstance(value, Selectors):
        identifiers = artifacts[value.artifact]["methodIdentifiers"]
        (found,) = [
            selector
            for signature, selector in identifiers.items()
            if signature.partition("(")[0] == value.functions[0]
        ]
        return "0x" + found
    return resolve(value, contracts.addresses)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    return tuple(value) if isinstance(value, list | tuple) else value


def _answer(answer: Any) -> Any:
    if isinstance(answer, RpcError):
        raise answer
    return answer


def _gas_for(data: bytes, *, creates: bool) -> int:
    """A limit that is enough: intrinsic gas, storage of code, and room for what runs."""
    intrinsic = 21_000 + 16 * len(data)
    return intrinsic + 32_000 + 202 * len(data) + 600_000 if creates else intrinsic + 250_000


def _hash_of(code: str) -> str:
    return "0x" + keccak(bytes.fromhex(code[2:])).hex()
