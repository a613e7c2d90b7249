"""Whether a chain holds what a deployment's record and plan say: code, roles, wiring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from faster_eth_abi import encode as encode_values

from app.chain.deployment.plan import (
    ADMIN,
    REGULATORS,
    ROLE_NAMES,
    Creation,
    LastEvent,
    Parameters,
    ParametersInvalid,
    Plan,
    Question,
    Selectors,
    cash,
    holders,
    plan,
    resolve,
)
from app.chain.deployment.record import (
    Artifacts,
    Deployment,
    creation_code,
    is_code_of,
    recorded_arguments,
    selectors_of,
)
from app.chain.evm import abi
from app.chain.evm.contracts import Contracts, RawLog
from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc, RpcError

NO_CODE = "0x"
_RANGE = 50_000


class Finding(msgspec.Struct, frozen=True):
    """One thing that does not hold: what it is about, and what is wrong with it."""

    subject: str
    problem: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.problem}"


class Unanswered(msgspec.Struct, frozen=True):
    """A view that gave no answer, and why."""

    reason: str

    def __str__(self) -> str:
        return f"nothing ({self.reason})"


def hash_of(code: str) -> str:
    """The hash of code given as text, as text."""
    return "0x" + keccak(bytes.fromhex(code[2:])).hex()


async def codes_at(rpc: JsonRpc, addresses: Sequence[str]) -> list[str]:
    """The code at each address.

    Raises:
        NodeUnreachable, RpcError.
    """
    found = await rpc.batch([("eth_getCode", [address, "latest"]) for address in addresses])
    for answer in found:
        if isinstance(answer, RpcError):
            raise answer
    return found


async def answers(
    rpc: JsonRpc, contracts: Contracts, artifacts: Artifacts, questions: Sequence[Question]
) -> list[Any]:
    """What each view answers now; `Unanswered` where it does not."""
    calls = []
    for question in questions:
        given = [argument(value, contracts.addresses, artifacts) for value in question.arguments]
        data = contracts.encode(question.contract, question.function, given)
        call = {"to": contracts.address(question.contract), "data": "0x" + data.hex()}
        calls.append(("eth_call", [call, "latest"]))
    found = []
    for question, answer in zip(questions, await rpc.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            found.append(Unanswered(str(answer)))
            continue
        try:
            value = contracts.decode_result(question.contract, question.function, answer)
        except Exception:  # the decoder raises many kinds for data that is no answer
            value = Unanswered(f"{answer[:70]} is no answer to it")
        found.append(_comparable(value))
    return found


def wanted(question: Question, contracts: Contracts) -> Any:
    """What the view must answer, in the form of `answers`."""
    return _comparable(resolve(question.answer, contracts.addresses))


def argument(value: Any, addresses: dict[str, str], artifacts: Artifacts) -> Any:
    """An argument of the plan as the encoder takes it; of selectors, the first."""
    if isinstance(value, Selectors):
        return selectors_of(artifacts[value.artifact], value.functions)[0]
    return resolve(value, addresses)


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, Mapping):
        value = list(value.values())
    return tuple(map(_comparable, value)) if isinstance(value, list | tuple) else value


async def logs_of(
    rpc: JsonRpc, address: str, *, first: int, topics: Sequence[str] = ()
) -> list[RawLog]:
    """All logs of a contract from a block on; asks for fewer blocks where the node wants that.

    Raises:
        NodeUnreachable, RpcError.
    """
    last = int(await rpc.call("eth_blockNumber"), 16)
    found: list[RawLog] = []
    size = max(1, last - first + 1)
    while first <= last:
        query = {
            "address": address,
            "fromBlock": hex(first),
            "toBlock": hex(min(first + size - 1, last)),
            "topics": [*topics],
        }
        try:
            found += await rpc.call("eth_getLogs", query, kind=list[RawLog])
        except RpcError:
            if size == 1:
                raise
            size = min(_RANGE, size // 2)
            continue
        first += size
    return found


async def last_event(
    rpc: JsonRpc, contracts: Contracts, artifacts: Artifacts, wanted: LastEvent, *, first: int
) -> bool:
    """Whether the last such event says what it must."""
    (item,) = [
        item
        for item in artifacts[contracts.source(wanted.contract)]["abi"]
        if item["type"] == "event" and item["name"] == wanted.event
    ]
    key = "0x" + resolve(wanted.key, contracts.addresses)[2:].lower().zfill(64)
    found = await logs_of(
        rpc, contracts.address(wanted.contract), first=first, topics=[abi.topic_of(item), key]
    )
    return bool(found) and int(found[-1].data, 16) == wanted.answer


async def verify(
    rpc: JsonRpc, deployment: Deployment, *, artifacts: Artifacts, wanted: Plan | None = None
) -> list[Finding]:
    """All that does not hold; an empty list says that the chain is as compiled and planned.

    Args:
        wanted: the plan to hold it against; by default the one that the record tells of.

    Raises:
        NodeUnreachable, RpcError: the node does not answer what must be known.
    """
    return await _Check(rpc, deployment, artifacts, wanted).all()


class _Check:
    def __init__(
        self, rpc: JsonRpc, deployment: Deployment, artifacts: Artifacts, wanted: Plan | None
    ) -> None:
        self.rpc = rpc
        self.record = deployment
        self.artifacts = artifacts
        self.wanted = wanted
        self.found: list[Finding] = []

    def _find(self, subject: str, problem: str) -> None:
        self.found.append(Finding(subject, problem))

    async def all(self) -> list[Finding]:
        if not await self._chain():
            return self.found
        if self.wanted is None:
            try:
                self.wanted = plan(Parameters.from_json(self.record.parameters))
            except ParametersInvalid as error:
                self._find("record", f"parameters: {error}")
                return self.found
        if not self._names(self.wanted):
            return self.found
        # Only what the record knows by the plan's names can be looked at further.
        self.contracts = Contracts(self.record.addresses(), self.artifacts)
        await self._code(self.wanted)
        await self._wiring(self.wanted)
        await self._roles(self.wanted)
        await self._regulators(self.wanted)
        await self._currencies(self.wanted)
        return self.found

    async def _chain(self) -> bool:
        chain_id = await self.rpc.chain_id()
        if chain_id != self.record.chain_id:
            self._find("record", f"is of chain {self.record.chain_id}, this is chain {chain_id}")
            return False
        if not self.record.complete:
            self._find("record", "the deployment was never finished: run it again")
            return False
        block = await self.rpc.call("eth_getBlockByNumber", hex(self.record.block), False)
        there = block["hash"] if block else "none"
        if there != self.record.block_hash:
            self._find(
                f"block {self.record.block}",
                f"its hash is {there} on this chain and {self.record.block_hash} in the record",
            )
        return True

    def _names(self, wanted: Plan) -> bool:
        planned = {creation.name for creation in wanted.creations}
        for name in planned - self.record.contracts.keys():
            self._find(name, "is in the plan and not in the record")
        for name in self.record.contracts.keys() - planned:
            self._find(name, "is in the record and not in the plan")
        return planned == self.record.contracts.keys()

    async def _code(self, wanted: Plan) -> None:
        addresses = self.record.addresses()
        codes = await codes_at(self.rpc, [addresses[item.name] for item in wanted.creations])
        for creation, code in zip(wanted.creations, codes, strict=True):
            entry = self.record.contracts[creation.name]
            if code == NO_CODE:
                self._find(creation.name, f"there is no code at {entry.address}")
                continue
            if not await self._is_compiled(creation, code, addresses):
                self._find(creation.name, f"the code at {entry.address} is not what was compiled")
            if hash_of(code) != entry.code_hash:
                self._find(creation.name, f"the code at {entry.address} is not what was recorded")
            given = recorded_arguments(creation, addresses)
            if given != entry.constructor_arguments:
                self._find(
                    creation.name,
                    f"created with {entry.constructor_arguments}, the plan says {given}",
                )

    async def _is_compiled(self, creation: Creation, code: str, addresses: dict[str, str]) -> bool:
        artifact, address = self.artifacts[creation.artifact], addresses[creation.name]
        same = is_code_of(artifact, bytes.fromhex(code[2:]), address=address, addresses=addresses)
        if not same or not artifact.get("immutableReferences"):
            return same
        # Immutables: the constructor is run again, at its own address, and gives the same code.
        # Nodes that cannot do that leave the immutables to the wiring's views.
        created = creation_code(creation, artifact, addresses, encode=encode_values)
        again = await self.rpc.batch(
            [
                (
                    "eth_call",
                    [
                        {"from": self.record.deployer, "to": address},
                        "latest",
                        {address: {"code": "0x" + created.hex()}},
                    ],
                )
            ]
        )
        return isinstance(again[0], RpcError) or bool(again[0] == code)

    async def _wiring(self, wanted_plan: Plan) -> None:
        questions = wanted_plan.wiring
        found = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, found, strict=True):
            must = wanted(question, self.contracts)
            if answer != must:
                given = ", ".join(map(str, question.arguments))
                subject = f"{question.contract}.{question.function}({given})"
                self._find(subject, f"{answer}, not {must}")

    async def _roles(self, wanted_plan: Plan) -> None:
        manager = self.contracts.address("AccessManager")
        logs = await logs_of(self.rpc, manager, first=self.record.first_block)
        events = [event for log in logs if (event := self.contracts.decode_log(log))]
        born = (ADMIN, self.record.deployer)
        if born not in [_holder(event) for event in events if event.name == "RoleGranted"]:
            self._find("AccessManager", "its events do not begin with the deployer's role")
        members: dict[tuple[int, str], int] = {}
        functions: dict[tuple[str, str], int] = {}
        for event in events:
            given = event.arguments
            if event.name == "RoleGranted":
                members[_holder(event)] = given["delay"]
            elif event.name == "RoleRevoked":
                members.pop(_holder(event), None)
            elif event.name == "TargetFunctionRoleUpdated":
                functions[given["target"].lower(), given["selector"]] = given["roleId"]
        self._members(members, holders(wanted_plan, self.contracts.addresses))
        self._functions(functions, self._planned_functions(wanted_plan))
        for subject, problem in _changes_outside_the_plan(events):
            self._find(subject, problem)
        await self._role_views(wanted_plan)

    def _members(
        self, found: dict[tuple[int, str], int], planned: dict[tuple[int, str], int]
    ) -> None:
        for (role, account), delay in found.items():
            if (role, account) not in planned:
                self._find(f"role {_role(role)}", f"{account} holds it and is not in the plan")
            elif delay != planned[role, account]:
                self._find(
                    f"role {_role(role)}",
                    f"{account} acts after {delay} s, the plan says {planned[role, account]} s",
                )
        for role, account in planned.keys() - found.keys():
            self._find(f"role {_role(role)}", f"{account} does not hold it as planned")

    def _planned_functions(self, wanted_plan: Plan) -> dict[tuple[str, str], int]:
        found = {}
        for contract, roles in wanted_plan.functions.items():
            artifact = self.artifacts[self.contracts.source(contract)]
            for function, role in roles.items():
                (selector,) = selectors_of(artifact, (function,))
                found[self.contracts.address(contract), selector] = role
        return found

    def _functions(
        self, found: dict[tuple[str, str], int], planned: dict[tuple[str, str], int]
    ) -> None:
        for target, selector in found.keys() | planned.keys():
            has = found.get((target, selector), ADMIN)
            must = planned.get((target, selector), ADMIN)
            if has != must:
                name = self.contracts.name_at(target) or target
                self._find(
                    f"{name} function {selector}",
                    f"is open to {_role(has)}, the plan says {_role(must)}",
                )

    async def _role_views(self, wanted_plan: Plan) -> None:
        """The manager's own word, beside its events."""
        questions = [
            call.done
            for call in wanted_plan.calls
            if isinstance(call.done, Question) and not call.first_run
        ]
        found = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, found, strict=True):
            if answer != wanted(question, self.contracts):
                given = [
                    argument(value, self.contracts.addresses, self.artifacts)
                    for value in question.arguments
                ]
                self._find(
                    f"{question.contract}.{question.function}({', '.join(map(str, given))})",
                    f"{answer}, not {wanted(question, self.contracts)}",
                )

    async def _regulators(self, wanted_plan: Plan) -> None:
        """Those of its creation are the plan's; later ones are made by its own orders only."""
        events = await _court_events(self.rpc, self.contracts, first=self.record.first_block)
        created = [event for event in events if event.block_number <= self.record.block]
        planned = set(wanted_plan.parameters.regulators)
        at_first = set(_regulators_by(created))
        for account in sorted(at_first - planned):
            self._find(f"role {REGULATORS}", f"{account} holds it and is not in the plan")
        for account in sorted(planned - at_first):
            self._find(f"role {REGULATORS}", f"{account} does not hold it as planned")
        now = set(_regulators_by(events))
        seen = sorted(now | planned | at_first)
        questions = [Question("CourtOrders", "isRegulator", (one,), one in now) for one in seen]
        found = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, found, strict=True):
            if answer != question.answer:
                subject = f"CourtOrders.isRegulator({question.arguments[0]})"
                self._find(subject, f"{answer}, its events say {question.answer}")

    async def _currencies(self, wanted_plan: Plan) -> None:
        address = self.contracts.address("Receivables")
        allowed: dict[str, bool] = {}
        for log in await logs_of(self.rpc, address, first=self.record.first_block):
            event = self.contracts.decode_log(log)
            if event is not None and event.name == "CurrencyAllowed":
                allowed[event.arguments["currency"].lower()] = event.arguments["allowed"]
        planned = {
            self.contracts.address(cash(currency.code)): currency.code
            for currency in wanted_plan.parameters.currencies
        }
        for currency, code in planned.items():
            if not allowed.get(currency):
                self._find("Receivables", f"{code} ({currency}) is not allowed as planned")
        for currency, may in allowed.items():
            if may and currency not in planned:
                self._find("Receivables", f"{currency} is allowed and not in the plan")


async def regulators(rpc: JsonRpc, deployment: Deployment, artifacts: Artifacts) -> list[str]:
    """Who may issue and carry out orders of a court now, as the events of CourtOrders tell.

    Raises:
        NodeUnreachable, RpcError.
    """
    contracts = Contracts(deployment.addresses(), artifacts)
    return _regulators_by(await _court_events(rpc, contracts, first=deployment.first_block))


async def _court_events(rpc: JsonRpc, contracts: Contracts, *, first: int) -> list[DecodedEvent]:
    logs = await logs_of(rpc, contracts.address("CourtOrders"), first=first)
    return [event for log in logs if (event := contracts.decode_log(log))]


def _regulators_by(events: Sequence[DecodedEvent]) -> list[str]:
    found: dict[str, None] = {}
    for event in events:
        if event.name == "RegulatorAppointed":
            found[event.arguments["account"].lower()] = None
        elif event.name == "RegulatorDismissed":
            found.pop(event.arguments["account"].lower(), None)
    return list(found)


def _holder(event: DecodedEvent) -> tuple[int, str]:
    return event.arguments["roleId"], event.arguments["account"].lower()


def _role(number: int) -> str:
    return ROLE_NAMES.get(number, str(number))


def _changes_outside_the_plan(events: Sequence[DecodedEvent]) -> Iterator[tuple[str, str]]:
    """What the plan never does, as the last event on each says it is now."""
    last: dict[tuple[str, Any], dict[str, Any]] = {}
    for event in events:
        given = event.arguments
        last[event.name, given.get("roleId", given.get("target"))] = given
    for (name, subject), given in last.items():
        if name == "RoleAdminChanged" and given["admin"] != ADMIN:
            yield f"role {_role(subject)}", f"granted by {_role(given['admin'])}, not by ADMIN"
        elif name == "RoleGuardianChanged" and given["guardian"] != ADMIN:
            yield f"role {_role(subject)}", f"guarded by {_role(given['guardian'])}, not by ADMIN"
        elif name == "RoleGrantDelayChanged" and given["delay"]:
            yield f"role {_role(subject)}", f"granted only after {given['delay']} s"
        elif name == "TargetClosed" and given["closed"]:
            yield subject, "is closed"
        elif name == "TargetAdminDelayUpdated" and given["delay"]:
            yield subject, f"its administrator acts after {given['delay']} s"


def verify_now(url: str, deployment: Deployment, *, artifacts: Artifacts) -> list[Finding]:
    """`verify` for callers without an event loop."""

    async def run() -> list[Finding]:
        rpc = JsonRpc(url)
        try:
            return await verify(rpc, deployment, artifacts=artifacts)
        finally:
            await rpc.close()

    return asyncio.run(run())
