"""Deploys the plan on a chain and writes the record; `verifier.verify` checks the result.

DeploymentError
├── DeploymentFailed    a transaction failed; run the deployment again once the cause is removed
├── DeploymentForeign   the record is of another chain, or the chain was started again from nothing
├── DeploymentOutdated  the contracts on the chain have other sources or parameters
├── ArtifactMissing     the contracts are not compiled
└── RecordInvalid       the file is not a deployment record

The record is written before the transactions that it describes. So either way of deploying can
continue an interrupted run where it stopped.
"""

from __future__ import annotations

from pathlib import Path

from faster_eth_abi import encode as encode_values

from app import __version__
from app.chain.deployment.artifacts import Artifact, ArtifactMissing, load_artifact
from app.chain.deployment.plan import Call, LastEvent, Plan, Question, Selectors, role_record
from app.chain.deployment.questions import (
    NO_CODE,
    answers,
    argument,
    codes_at,
    expected_answer,
    hash_of,
    last_event,
)
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
from app.chain.deployment.sending import DeploymentFailed, Sending, Step
from app.chain.deployment.verifier import Finding, verify
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak, rlp_encode, whole_bytes
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import Signer
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


class DeploymentForeign(DeploymentError):
    """The record does not belong to this chain."""


class DeploymentOutdated(DeploymentError):
    """The contracts on the chain have other sources or parameters."""


def artifact_names(plan: Plan) -> list[str]:
    """Names of the artifacts that the plan needs, to create contracts and to call them."""
    created = [creation.artifact for creation in plan.creations]
    named = [Contracts.source(creation.name) for creation in plan.creations]
    return list(dict.fromkeys((*created, *named)))


def load_artifacts(plan: Plan, *, folder: Path = ARTIFACTS) -> dict[str, Artifact]:
    """The compiled contracts of the plan.

    Raises:
        ArtifactMissing.
    """
    return {name: load_artifact(name, folder=folder) for name in artifact_names(plan)}


def address_at(sender: str, nonce: int) -> str:
    """The address of the contract that the sender creates with this nonce."""
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
    """Deploys what is missing; does nothing if record, plan and chain agree.

    Args:
        path: the record's file; by default `deployments/<chainId>.json`.
        renew: start a new record if the chain has none of the recorded contracts.

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
        self.sending = Sending(rpc, sender)
        self.plan = plan
        self.artifacts = artifacts
        self.path = path or Path()
        self.has_own_path = path is not None
        self.renew = renew

    async def deploy(self) -> Deployment:
        chain_id = await self.rpc.chain_id()
        if not self.has_own_path:
            self.path = record_path(chain_id)
        record = await self._record(chain_id)
        parameters = self.plan.parameters.as_json()
        missing = self._missing(record, await self._standing(record))
        if record.complete and not missing and record.parameters == parameters:
            return record
        await self.sending.quiet()
        # Transactions of an interrupted run may be in a block by now.
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
                    f"{self.path} is of chain {record.chain_id}; this is chain {chain_id}"
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
                    f"{self.path} names contracts that this chain does not have "
                    f"({', '.join(gone)}): the chain was started again from nothing, or it is "
                    "another chain. Remove the record, or restore the chain's data"
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
        """Names of recorded contracts that have code, and the recorded code if it was read."""
        entries = record.contracts
        codes = await codes_at(self.rpc, [entry.address for entry in entries.values()])
        return {
            name
            for (name, entry), code in zip(entries.items(), codes, strict=True)
            if code != NO_CODE and entry.code_hash in ("", hash_of(code))
        }

    def _missing(self, record: Deployment, standing: set[str]) -> list[str]:
        """Contracts still to create, in order; one that depends on a new contract is new too.

        Raises:
            DeploymentOutdated: a finished deployment has other sources or parameters.
        """
        addresses = record.addresses()
        missing: list[str] = []
        for creation in self.plan.creations:
            entry = record.contracts.get(creation.name)
            if entry is None or creation.name not in standing:
                missing.append(creation.name)
                addresses.setdefault(creation.name, "0x" + "00" * 20)
                continue
            dependencies = [value[1:] for value in creation.arguments if str(value).startswith("@")]
            moved = bool(set(missing) & {*dependencies, *entry.libraries})
            if moved or self._creation(creation.name, addresses)[1] != entry.creation_hash:
                missing.append(creation.name)
        changed = [name for name in missing if name in record.contracts]
        if record.was_complete and changed:
            raise DeploymentOutdated(
                f"{', '.join(changed)}: deployed by version {record.version} from other sources or "
                "with other parameters. Contracts are not upgraded: keep using that version, or "
                f"deploy again with another record than {self.path}"
            )
        return missing

    def _creation(self, name: str, addresses: dict[str, str]) -> tuple[bytes, str]:
        """Data of the transaction that creates a contract, and the data's hash."""
        (creation,) = [item for item in self.plan.creations if item.name == name]
        data = creation_code(
            creation, self.artifacts[creation.artifact], addresses, encode=encode_values
        )
        return data, "0x" + keccak(data).hex()

    async def _create(self, record: Deployment, missing: list[str]) -> None:
        nonce = await self.sending.nonce()
        addresses = record.addresses()
        for place, name in enumerate(missing):
            addresses[name] = address_at(self.sender.address, nonce + place)
        creations = []
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
                creations.append(Step(creation.name, NO_CODE, data))
        record.save(self.path)
        await self.sending.send(creations, contracts=Contracts(addresses, self.artifacts))

    async def _call(self, record: Deployment) -> None:
        """Sends the calls whose condition does not hold yet, in order."""
        contracts = Contracts(record.addresses(), self.artifacts)
        waiting = [
            call
            for call, done in zip(self.plan.calls, await self._done(contracts, record), strict=True)
            if not done and not (call.first_run and record.was_complete)
        ]
        await self.sending.send(
            [
                Step(
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
        questions = [item for item in conditions if isinstance(item, Question)]
        values = iter(await answers(self.rpc, contracts, self.artifacts, questions))
        done = []
        for condition in conditions:
            if isinstance(condition, LastEvent):
                done.append(
                    await last_event(
                        self.rpc, contracts, self.artifacts, condition, first=record.first_block
                    )
                )
            else:
                done.append(next(values) == expected_answer(condition, contracts))
        return done

    def _calldata(self, contracts: Contracts, call: Call) -> bytes:
        arguments = []
        for value in call.arguments:
            encodable = argument(value, contracts.addresses, self.artifacts)
            arguments.append([encodable] if isinstance(value, Selectors) else encodable)
        return contracts.encode(call.contract, call.function, arguments)

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
                raise DeploymentFailed(
                    f"{creation.name}: the code at {address} is not the compiled code"
                )
            record.contracts[creation.name].code_hash = hash_of(code)
        head = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        record.block, record.block_hash = int(head["number"], 16), head["hash"]
        record.roles = role_record(self.plan, addresses)
        record.version = __version__
        record.complete = True
        record.save(self.path)
