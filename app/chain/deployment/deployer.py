"""Puts the plan on a chain and keeps the record of it; `deployment_check.verify` proves it.

DeploymentError
├── DeploymentFailed    a transaction of it failed; run it again once the cause is gone
├── DeploymentForeign   the record is of another chain, or the chain was started anew
├── DeploymentOutdated  the contracts on the chain were compiled from other sources or parameters
├── ArtifactMissing     the contracts are not compiled
└── RecordInvalid       the file is no deployment record

The record is written ahead of what it tells of, so that a run that was cut off is taken up where
it stopped, by either way of deploying.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from faster_eth_abi import encode as encode_values

from app import __version__
from app.chain.deployment.artifacts import ArtifactMissing, load_artifact
from app.chain.deployment.plan import Call, LastEvent, Plan, Question, Selectors, role_record
from app.chain.deployment.record import (
    Artifacts,
    Deployed,
    Deployment,
    DeploymentError,
    RecordInvalid,
    creation_code,
    entry_of,
    is_code_of,
    record_path,
)
from app.chain.deployment.verifier import (
    NO_CODE,
    Finding,
    answers,
    argument,
    codes_at,
    hash_of,
    last_event,
    verify,
    wanted,
)
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak, rlp_encode, whole_bytes
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.signers import Signer
from app.chain.evm.transactions import Transaction
from app.places import ARTIFACTS

__all__ = [
    "ArtifactMissing",
    "Deployed",
    "Deployment",
    "DeploymentError",
    "DeploymentFailed",
    "DeploymentForeign",
    "DeploymentOutdated",
    "Finding",
    "RecordInvalid",
    "artifact_names",
    "deploy",
    "load_artifacts",
    "record_path",
    "verify",
]
_RECEIPT_SECONDS = 120.0
_STUCK_SECONDS = 1.0
_BATCH = 16


class DeploymentFailed(DeploymentError):
    """A transaction failed; what came before it stands, and the next run goes on from there."""


class DeploymentForeign(DeploymentError):
    """The record does not belong to this chain."""


class DeploymentOutdated(DeploymentError):
    """What stands on the chain was made from other sources or parameters."""


def artifact_names(plan: Plan) -> list[str]:
    """Names of the artifacts that the plan needs: what is created, and what it is called by."""
    created = [creation.artifact for creation in plan.creations]
    named = [Contracts.source(creation.name) for creation in plan.creations]
    return list(dict.fromkeys((*created, *named)))


def load_artifacts(plan: Plan, *, folder: Path = ARTIFACTS) -> dict[str, dict[str, Any]]:
    """The compiled contracts of the plan.

    Raises:
        ArtifactMissing.
    """
    return {name: load_artifact(name, folder=folder) for name in artifact_names(plan)}


def address_at(sender: str, nonce: int) -> str:
    """Where the sender's transaction with this nonce puts a contract."""
    return "0x" + keccak(rlp_encode([bytes.fromhex(sender[2:]), whole_bytes(nonce)]))[12:].hex()


async def deploy(
    rpc: JsonRpc | str,
    *,
    sender: Signer,
    plan: Plan,
    artifacts: Artifacts | None = None,
    path: Path | None = None,
    renew: bool = False,
) -> Deployment:
    """Deploys what is missing; does nothing when record, plan and chain agree.

    Args:
        path: the record's file; by default `deployments/<chainId>.json`.
        renew: start a new record when the chain has none of the recorded contracts.

    Raises:
        DeploymentError, NodeUnreachable, RpcError.
    """
    client = JsonRpc(rpc) if isinstance(rpc, str) else rpc
    try:
        return await _Deployer(
            client,
            sender=sender,
            plan=plan,
            artifacts=load_artifacts(plan) if artifacts is None else artifacts,
            path=path,
            renew=renew,
        ).deploy()
    finally:
        if client is not rpc:
            await client.close()


class _Deployer:
    def __init__(
        self,
        rpc: JsonRpc,
        *,
        sender: Signer,
        plan: Plan,
        artifacts: Artifacts,
        path: Path | None,
        renew: bool,
    ) -> None:
        self.rpc = rpc
        self.sender = sender
        self.plan = plan
        self.artifacts = artifacts
        self.path = path or Path()
        self.path_given = path is not None
        self.renew = renew

    async def deploy(self) -> Deployment:
        chain_id = await self.rpc.chain_id()
        if not self.path_given:
            self.path = record_path(chain_id)
        record = await self._record(chain_id)
        parameters = self.plan.parameters.as_json()
        missing = self._missing(record, await self._standing(record))
        if record.complete and not missing and record.parameters == parameters:
            return record
        await self._quiet()
        # Transactions of a run that was cut off may have arrived meanwhile.
        missing = self._missing(record, await self._standing(record))
        record.complete, record.parameters = False, parameters
        await self._create(record, missing)
        await self._call(record)
        await self._finish(record)
        return record

    async def _record(self, chain_id: int) -> Deployment:
        """The record so far, or a new one."""
        if self.path.exists():
            record = Deployment.load(self.path)
            if record.chain_id != chain_id:
                raise DeploymentForeign(
                    f"{self.path} is of chain {record.chain_id}, this is chain {chain_id}"
                )
            standing = await self._standing(record)
            if not record.was_complete:
                head = int(await self.rpc.call("eth_blockNumber"), 16)
                record.first_block = min(record.first_block, head + 1)
                return record
            if len(standing) == len(record.contracts):
                return record
            if standing or not self.renew:
                gone = sorted(record.contracts.keys() - standing)
                raise DeploymentForeign(
                    f"{self.path} tells of contracts that this chain does not have "
                    f"({', '.join(gone)}): it was started anew, or it is another one. Remove the "
                    "record, or give the chain its data back"
                )
        return Deployment(
            chain_id=chain_id,
            version=__version__,
            engine=str(await self.rpc.call("web3_clientVersion")),
            deployer=self.sender.address,
            first_block=int(await self.rpc.call("eth_blockNumber"), 16) + 1,
            contracts={},
            roles={},
            parameters=self.plan.parameters.as_json(),
        )

    async def _standing(self, record: Deployment) -> set[str]:
        """Names of recorded contracts whose code is there, unchanged if it was ever read."""
        entries = record.contracts
        codes = await codes_at(self.rpc, [entry.address for entry in entries.values()])
        return {
            name
            for (name, entry), code in zip(entries.items(), codes, strict=True)
            if code != NO_CODE and entry.code_hash in ("", hash_of(code))
        }

    def _missing(self, record: Deployment, standing: set[str]) -> list[str]:
        """What is yet to be created, in order; what is built on something new is new too.

        Raises:
            DeploymentOutdated: a finished deployment would have to be made differently.
        """
        addresses = record.addresses()
        missing: list[str] = []
        for creation in self.plan.creations:
            entry = record.contracts.get(creation.name)
            if entry is None or creation.name not in standing:
                missing.append(creation.name)
                addresses.setdefault(creation.name, "0x" + "00" * 20)
                continue
            built_on = [value[1:] for value in creation.arguments if str(value).startswith("@")]
            moved = bool(set(missing) & {*built_on, *entry.libraries})
            if moved or self._creation(creation.name, addresses)[1] != entry.creation_hash:
                missing.append(creation.name)
        changed = [name for name in missing if name in record.contracts]
        if record.was_complete and changed:
            raise DeploymentOutdated(
                f"{', '.join(changed)}: deployed by version {record.version} from other sources or "
                f"with other parameters. Contracts are not upgraded: go on with that version, or "
                f"deploy anew with another record than {self.path}"
            )
        return missing

    def _creation(self, name: str, addresses: dict[str, str]) -> tuple[bytes, str]:
        """Data of the transaction that creates it, and its hash."""
        (creation,) = [each for each in self.plan.creations if each.name == name]
        data = creation_code(
            creation, self.artifacts[creation.artifact], addresses, encode=encode_values
        )
        return data, "0x" + keccak(data).hex()

    async def _nonce(self, block: str = "latest") -> int:
        count = await self.rpc.call("eth_getTransactionCount", self.sender.address, block)
        return int(count, 16)

    async def _quiet(self) -> None:
        """Waits until no transaction of the sender is under way."""
        end = asyncio.get_running_loop().time() + _RECEIPT_SECONDS
        while await self._nonce("pending") > await self._nonce():
            if asyncio.get_running_loop().time() > end:
                raise DeploymentFailed(f"{self.sender.address} has transactions that do not arrive")
            await asyncio.sleep(0.2)

    async def _create(self, record: Deployment, missing: list[str]) -> None:
        nonce = await self._nonce()
        addresses = record.addresses()
        for place, name in enumerate(missing):
            addresses[name] = address_at(self.sender.address, nonce + place)
        wanted_now = []
        for creation in self.plan.creations:
            if creation.name in missing:
                data, creation_hash = self._creation(creation.name, addresses)
                record.contracts[creation.name] = entry_of(
                    creation,
                    self.artifacts[creation.artifact],
                    addresses,
                    address=addresses[creation.name],
                    creation_hash=creation_hash,
                )
                wanted_now.append((creation.name, "0x", data))
        record.save(self.path)
        await self._send(wanted_now, contracts=Contracts(addresses, self.artifacts))

    async def _call(self, record: Deployment) -> None:
        """Sends the calls that are not done yet, in order."""
        contracts = Contracts(record.addresses(), self.artifacts)
        waiting = [
            call
            for call, done in zip(self.plan.calls, await self._done(contracts, record), strict=True)
            if not done and not (call.first_run and record.was_complete)
        ]
        await self._send(
            [
                (
                    f"{call.contract}.{call.function}",
                    contracts.address(call.contract),
                    self._calldata(contracts, call),
                )
                for call in waiting
            ],
            contracts=contracts,
        )

    async def _done(self, contracts: Contracts, record: Deployment) -> list[bool]:
        conditions = [call.done for call in self.plan.calls]
        questions = [each for each in conditions if isinstance(each, Question)]
        found = iter(await answers(self.rpc, contracts, self.artifacts, questions))
        done = []
        for condition in conditions:
            if isinstance(condition, LastEvent):
                done.append(
                    await last_event(
                        self.rpc, contracts, self.artifacts, condition, first=record.first_block
                    )
                )
            else:
                done.append(next(found) == wanted(condition, contracts))
        return done

    def _calldata(self, contracts: Contracts, call: Call) -> bytes:
        given = []
        for value in call.arguments:
            found = argument(value, contracts.addresses, self.artifacts)
            given.append([found] if isinstance(value, Selectors) else found)
        return contracts.encode(call.contract, call.function, given)

    async def _send(self, calls: list[tuple[str, str, bytes]], *, contracts: Contracts) -> None:
        """Sends all, many at a time, and waits until each has gone well."""
        nonce = await self._nonce()
        chain_id = await self.rpc.chain_id()
        price = max(1, int(await self.rpc.call("eth_gasPrice"), 16) * 3 // 2)
        for start in range(0, len(calls), _BATCH):
            part = calls[start : start + _BATCH]
            wanted = [
                Transaction(nonce + start + place, price, gas_for(to, data), to, data, chain_id)
                for place, (_, to, data) in enumerate(part)
            ]
            signed = [one.sign(self.sender) for one in wanted]
            sent = await self.rpc.batch([("eth_sendRawTransaction", [raw]) for raw, _ in signed])
            for answer, (name, _, _) in zip(sent, part, strict=True):
                # A node that knows the very same transaction already has what it needs.
                if isinstance(answer, RpcError) and "already" not in str(answer).lower():
                    raise DeploymentFailed(f"{name}: {answer}")
            failed = await self._failed(wanted, [[hash_] for _, hash_ in signed])
            if failed is not None:
                name, to, data = part[failed]
                raise DeploymentFailed(f"{name}: {await self._reason(to, data, contracts)}")

    async def _failed(self, wanted: list[Transaction], hashes: list[list[str]]) -> int | None:
        """Waits for all receipts; the place of the first that says its transaction failed.

        Args:
            hashes: of each transaction, as first sent and as sent again.
        """
        now = asyncio.get_running_loop().time
        end, look = now() + _RECEIPT_SECONDS, now() + _STUCK_SECONDS
        while True:
            places = [place for place, known in enumerate(hashes) for _ in known]
            receipts = await self.rpc.batch(
                [("eth_getTransactionReceipt", [hash_]) for known in hashes for hash_ in known]
            )
            arrived = set()
            for place, receipt in zip(places, receipts, strict=True):
                if isinstance(receipt, RpcError):
                    raise receipt
                if receipt is not None:
                    arrived.add(place)
                    if receipt["status"] != "0x1":
                        return place
            if len(arrived) == len(wanted):
                return None
            if now() > end:
                missing = next(hashes[place] for place in places if place not in arrived)
                raise DeploymentFailed(f"no receipt after {_RECEIPT_SECONDS:.0f} s: {missing[0]} …")
            if now() > look:
                await self._send_stuck(wanted, hashes)
                look = now() + _STUCK_SECONDS
            await asyncio.sleep(0.01)

    async def _send_stuck(self, wanted: list[Transaction], hashes: list[list[str]]) -> None:
        """The next transaction again, at a higher price, where the node does not count it as one
        that waits: a node that mines each at once may take one in while its forerunner is being
        mined, and then forget that nothing is missing before it."""
        following, waiting = await self._nonce(), await self._nonce("pending")
        place = following - wanted[0].nonce
        if waiting != following or not 0 <= place < len(wanted):
            return
        price = wanted[place].gas_price * 2 ** len(hashes[place])
        again = msgspec.structs.replace(wanted[place], gas_price=price)
        raw, hash_ = again.sign(self.sender)
        answer = (await self.rpc.batch([("eth_sendRawTransaction", [raw])]))[0]
        if not isinstance(answer, RpcError):
            hashes[place].append(hash_)

    async def _reason(self, to: str, data: bytes, contracts: Contracts) -> str:
        """Why the call fails, as the contract says it."""
        call = {"from": self.sender.address, "data": "0x" + data.hex()}
        if to != NO_CODE:
            call["to"] = to
        try:
            await self.rpc.call("eth_call", call, "latest")
        except RpcError as error:
            return str(contracts.decode_error(error.data)) if error.data else str(error)
        return "its transaction failed"

    async def _finish(self, record: Deployment) -> None:
        addresses = record.addresses()
        creations = self.plan.creations
        codes = await codes_at(self.rpc, [addresses[creation.name] for creation in creations])
        for creation, code in zip(creations, codes, strict=True):
            address = addresses[creation.name]
            if not is_code_of(
                self.artifacts[creation.artifact],
                bytes.fromhex(code[2:]),
                address=address,
                addresses=addresses,
            ):
                raise DeploymentFailed(f"{creation.name}: the code at {address} is not its own")
            record.contracts[creation.name].code_hash = hash_of(code)
        head = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        record.block, record.block_hash = int(head["number"], 16), head["hash"]
        record.roles = role_record(self.plan, addresses)
        record.version = __version__
        record.complete = True
        record.save(self.path)


def gas_for(to: str, data: bytes) -> int:
    """A limit that is enough: intrinsic gas, storage of code, and room for what runs."""
    intrinsic = 21_000 + 16 * len(data)
    if to == NO_CODE:
        return intrinsic + 32_000 + 202 * len(data) + 600_000
    return intrinsic + 700_000
