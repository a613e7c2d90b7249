"""Verifies that a chain matches a deployment's record and plan: code, roles, wiring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from faster_eth_abi import encode as encode_values

from app.chain.deployment.parameters import Parameters, ParametersInvalid
from app.chain.deployment.plan import (
    ADMIN,
    REGULATORS,
    ROLE_NAMES,
    Creation,
    Plan,
    Question,
    cash,
    holders,
    plan,
)
from app.chain.deployment.questions import (
    NO_CODE,
    answers,
    argument,
    codes_at,
    expected_answer,
    hash_of,
    logs_of,
)
from app.chain.deployment.record import (
    Artifacts,
    Deployment,
    creation_code,
    is_code_of,
    recorded_arguments,
    selectors_of,
)
from app.chain.evm.abi import DecodedValues
from app.chain.evm.contracts import Contracts
from app.chain.evm.events import DecodedEvent
from app.chain.evm.rpc import JsonRpc, RpcError


class Finding(msgspec.Struct, frozen=True):
    """One difference from the record or the plan: its subject, and what is wrong."""

    subject: str
    problem: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.problem}"


async def verify(
    rpc: JsonRpc, deployment: Deployment, *, artifacts: Artifacts, expected: Plan | None = None
) -> list[Finding]:
    """All differences; an empty list means that the chain is as compiled and planned.

    Args:
        expected: the plan to compare with; by default the plan of the record's parameters.

    Raises:
        NodeUnreachable, RpcError: the node does not answer a necessary question.
    """
    return await _Check(rpc, deployment, artifacts, expected).all()


class _Check:
    def __init__(
        self, rpc: JsonRpc, deployment: Deployment, artifacts: Artifacts, expected: Plan | None
    ) -> None:
        self.rpc = rpc
        self.record = deployment
        self.artifacts = artifacts
        self.expected = expected
        self.findings: list[Finding] = []

    def _find(self, subject: str, problem: str) -> None:
        self.findings.append(Finding(subject, problem))

    async def all(self) -> list[Finding]:
        if not await self._chain():
            return self.findings
        if self.expected is None:
            try:
                self.expected = plan(Parameters.from_json(self.record.parameters))
            except ParametersInvalid as error:
                self._find("record", f"parameters: {error}")
                return self.findings
        if not self._names(self.expected):
            return self.findings
        # The further checks need every contract of the plan in the record.
        self.contracts = Contracts(self.record.addresses(), self.artifacts)
        await self._code(self.expected)
        await self._wiring(self.expected)
        await self._roles(self.expected)
        await self._regulators(self.expected)
        await self._currencies(self.expected)
        return self.findings

    async def _chain(self) -> bool:
        chain_id = await self.rpc.chain_id()
        if chain_id != self.record.chain_id:
            self._find("record", f"is of chain {self.record.chain_id}; this is chain {chain_id}")
            return False
        if not self.record.complete:
            self._find("record", "the deployment was never finished: run it again")
            return False
        block = await self.rpc.call("eth_getBlockByNumber", hex(self.record.block), False)
        actual = block["hash"] if block else "none"
        if actual != self.record.block_hash:
            self._find(
                f"block {self.record.block}",
                f"its hash is {actual} on this chain and {self.record.block_hash} in the record",
            )
        return True

    def _names(self, expected: Plan) -> bool:
        planned = {creation.name for creation in expected.creations}
        for name in planned - self.record.contracts.keys():
            self._find(name, "is in the plan and not in the record")
        for name in self.record.contracts.keys() - planned:
            self._find(name, "is in the record and not in the plan")
        return planned == self.record.contracts.keys()

    async def _code(self, expected: Plan) -> None:
        addresses = self.record.addresses()
        codes = await codes_at(self.rpc, [addresses[item.name] for item in expected.creations])
        for creation, code in zip(expected.creations, codes, strict=True):
            entry = self.record.contracts[creation.name]
            if code == NO_CODE:
                self._find(creation.name, f"there is no code at {entry.address}")
                continue
            if not await self._is_compiled(creation, code, addresses):
                self._find(creation.name, f"the code at {entry.address} is not what was compiled")
            if hash_of(code) != entry.code_hash:
                self._find(creation.name, f"the code at {entry.address} is not what was recorded")
            arguments = recorded_arguments(creation, addresses)
            if arguments != entry.constructor_arguments:
                self._find(
                    creation.name,
                    f"created with {entry.constructor_arguments}; the plan says {arguments}",
                )

    async def _is_compiled(self, creation: Creation, code: str, addresses: dict[str, str]) -> bool:
        artifact, address = self.artifacts[creation.artifact], addresses[creation.name]
        same = is_code_of(artifact, bytes.fromhex(code[2:]), address=address, addresses=addresses)
        if not same or not artifact.get("immutableReferences"):
            return same
        # Immutables: run the constructor again at the contract's address; it must give this code.
        # If the node cannot do that, only the views of the wiring check the immutables.
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

    async def _wiring(self, expected: Plan) -> None:
        questions = expected.wiring
        values = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, values, strict=True):
            must = expected_answer(question, self.contracts)
            if answer != must:
                arguments = ", ".join(map(str, question.arguments))
                subject = f"{question.contract}.{question.function}({arguments})"
                self._find(subject, f"{answer}, not {must}")

    async def _roles(self, expected: Plan) -> None:
        manager = self.contracts.address("AccessManager")
        logs = await logs_of(self.rpc, manager, first=self.record.first_block)
        events = [event for log in logs if (event := self.contracts.decode_log(log))]
        first_holder = (ADMIN, self.record.deployer)
        if first_holder not in [_holder(event) for event in events if event.name == "RoleGranted"]:
            self._find("AccessManager", "its events do not begin with the deployer's role")
        members: dict[tuple[int, str], int] = {}
        functions: dict[tuple[str, str], int] = {}
        for event in events:
            arguments = event.arguments
            if event.name == "RoleGranted":
                members[_holder(event)] = arguments["delay"]
            elif event.name == "RoleRevoked":
                members.pop(_holder(event), None)
            elif event.name == "TargetFunctionRoleUpdated":
                functions[arguments["target"].lower(), arguments["selector"]] = arguments["roleId"]
        self._members(members, holders(expected, self.contracts.addresses))
        self._functions(functions, self._planned_functions(expected))
        for subject, problem in _changes_outside_the_plan(events):
            self._find(subject, problem)
        await self._role_views(expected)

    def _members(
        self, actual: dict[tuple[int, str], int], planned: dict[tuple[int, str], int]
    ) -> None:
        for (role, account), delay in actual.items():
            if (role, account) not in planned:
                self._find(f"role {_role(role)}", f"{account} has it and is not in the plan")
            elif delay != planned[role, account]:
                self._find(
                    f"role {_role(role)}",
                    f"{account} acts after {delay} s; the plan says {planned[role, account]} s",
                )
        for role, account in planned.keys() - actual.keys():
            self._find(f"role {_role(role)}", f"{account} does not have it as planned")

    def _planned_functions(self, expected: Plan) -> dict[tuple[str, str], int]:
        planned = {}
        for contract, roles in expected.functions.items():
            artifact = self.artifacts[self.contracts.source(contract)]
            for function, role in roles.items():
                (selector,) = selectors_of(artifact, (function,))
                planned[self.contracts.address(contract), selector] = role
        return planned

    def _functions(
        self, actual: dict[tuple[str, str], int], planned: dict[tuple[str, str], int]
    ) -> None:
        for target, selector in actual.keys() | planned.keys():
            has = actual.get((target, selector), ADMIN)
            must = planned.get((target, selector), ADMIN)
            if has != must:
                name = self.contracts.name_at(target) or target
                self._find(
                    f"{name} function {selector}",
                    f"is open to {_role(has)}; the plan says {_role(must)}",
                )

    async def _role_views(self, expected: Plan) -> None:
        """Compares the views too: the events alone are not enough."""
        questions = [
            call.done
            for call in expected.calls
            if isinstance(call.done, Question) and not call.first_run
        ]
        values = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, values, strict=True):
            if answer != expected_answer(question, self.contracts):
                arguments = [
                    argument(value, self.contracts.addresses, self.artifacts)
                    for value in question.arguments
                ]
                self._find(
                    f"{question.contract}.{question.function}({', '.join(map(str, arguments))})",
                    f"{answer}, not {expected_answer(question, self.contracts)}",
                )

    async def _regulators(self, expected: Plan) -> None:
        """CourtOrders starts with the plan's regulators; later only its own orders change them."""
        events = await _court_events(self.rpc, self.contracts, first=self.record.first_block)
        created = [event for event in events if event.block_number <= self.record.block]
        planned = set(expected.parameters.regulators)
        at_first = set(_regulators_by(created))
        for account in sorted(at_first - planned):
            self._find(f"role {REGULATORS}", f"{account} has it and is not in the plan")
        for account in sorted(planned - at_first):
            self._find(f"role {REGULATORS}", f"{account} does not have it as planned")
        now = set(_regulators_by(events))
        questions = [
            Question("CourtOrders", "isRegulator", (account,), account in now)
            for account in sorted(now | planned | at_first)
        ]
        values = await answers(self.rpc, self.contracts, self.artifacts, questions)
        for question, answer in zip(questions, values, strict=True):
            if answer != question.answer:
                subject = f"CourtOrders.isRegulator({question.arguments[0]})"
                self._find(subject, f"{answer}; its events say {question.answer}")

    async def _currencies(self, expected: Plan) -> None:
        address = self.contracts.address("Receivables")
        allowed: dict[str, bool] = {}
        for log in await logs_of(self.rpc, address, first=self.record.first_block):
            event = self.contracts.decode_log(log)
            if event is not None and event.name == "CurrencyAllowed":
                allowed[event.arguments["currency"].lower()] = event.arguments["allowed"]
        planned = {
            self.contracts.address(cash(currency.code)): currency.code
            for currency in expected.parameters.currencies
        }
        for currency, code in planned.items():
            if not allowed.get(currency):
                self._find("Receivables", f"{code} ({currency}) is not allowed as planned")
        for currency, may in allowed.items():
            if may and currency not in planned:
                self._find("Receivables", f"{currency} is allowed and not in the plan")


async def regulators(rpc: JsonRpc, deployment: Deployment, artifacts: Artifacts) -> list[str]:
    """Who may issue and carry out court orders now, from the events of CourtOrders.

    Raises:
        NodeUnreachable, RpcError.
    """
    contracts = Contracts(deployment.addresses(), artifacts)
    return _regulators_by(await _court_events(rpc, contracts, first=deployment.first_block))


async def _court_events(rpc: JsonRpc, contracts: Contracts, *, first: int) -> list[DecodedEvent]:
    logs = await logs_of(rpc, contracts.address("CourtOrders"), first=first)
    return [event for log in logs if (event := contracts.decode_log(log))]


def _regulators_by(events: Sequence[DecodedEvent]) -> list[str]:
    accounts: dict[str, None] = {}
    for event in events:
        if event.name == "RegulatorAppointed":
            accounts[event.arguments["account"].lower()] = None
        elif event.name == "RegulatorDismissed":
            accounts.pop(event.arguments["account"].lower(), None)
    return list(accounts)


def _holder(event: DecodedEvent) -> tuple[int, str]:
    return event.arguments["roleId"], event.arguments["account"].lower()


def _role(number: int) -> str:
    return ROLE_NAMES.get(number, str(number))


def _changes_outside_the_plan(events: Sequence[DecodedEvent]) -> Iterator[tuple[str, str]]:
    """Changes that the plan never makes, by the last event on each subject."""
    last: dict[tuple[str, Any], DecodedValues] = {}
    for event in events:
        arguments = event.arguments
        last[event.name, arguments.get("roleId", arguments.get("target"))] = arguments
    for (name, subject), arguments in last.items():
        if name == "RoleAdminChanged" and arguments["admin"] != ADMIN:
            yield f"role {_role(subject)}", f"granted by {_role(arguments['admin'])}, not by ADMIN"
        elif name == "RoleGuardianChanged" and arguments["guardian"] != ADMIN:
            yield (
                f"role {_role(subject)}",
                f"guarded by {_role(arguments['guardian'])}, not by ADMIN",
            )
        elif name == "RoleGrantDelayChanged" and arguments["delay"]:
            yield f"role {_role(subject)}", f"granted only after {arguments['delay']} s"
        elif name == "TargetClosed" and arguments["closed"]:
            yield subject, "is closed"
        elif name == "TargetAdminDelayUpdated" and arguments["delay"]:
            yield subject, f"its administrator acts after {arguments['delay']} s"
