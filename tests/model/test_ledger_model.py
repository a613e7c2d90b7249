"""The contracts agree with a model of the ledger under random sequences on both engines."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.chain.deployment.development import development_key
from app.chain.evm.contracts import Contracts
from app.chain.evm.typed_data import contract_domain, typed_data_digest
from app.chain.nodes.engines import Engine, start_node
from app.chain.nodes.nodes import ChainNode
from app.embedded import deployed
from tests.support.ledger_model import Debt

SELLER, DEBTOR, *HOLDERS = range(14, 20)
CASH = "SettlementToken:CNY"
DAY = 86_400
ZONE = 8 * 3600
_prints = itertools.count(1)


class Refused(Exception):
    """A contract's error, by name."""


class Chain:
    """The contracts, called straight by the engine's own accounts."""

    def __init__(self, node: ChainNode, folder: Path) -> None:
        ledger = asyncio.run(deployed(node, folder=folder))
        self.node = node
        self.contracts = Contracts(ledger.deployment, ledger.artifacts)
        self.keys = {place: development_key(place) for place in range(20)}
        self.address = {place: key.address for place, key in self.keys.items()}
        self.http = httpx.Client(trust_env=False, timeout=60)
        for place in (SELLER, DEBTOR, *HOLDERS):
            identity = "0x" + place.to_bytes(32, "big").hex()
            roles = 2 if place == DEBTOR else 1
            self.send(9, "PartyRegistry", "register", [identity, roles, 2**40, self.address[place]])
        self.send(12, CASH, "mint", [self.address[DEBTOR], 10**17])
        spender = self.contracts.address("Receivables")
        self.send(DEBTOR, CASH, "approve", [spender, 2**256 - 1])

    def ask(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self.http.post(self.node.url, json=body).json()
        if "error" in answer:
            data = answer["error"].get("data")
            if isinstance(data, dict):
                data = data.get("data") or data.get("result")
            error = self.contracts.decode_error(data)
            assert error.name != "Reverted", answer["error"]
            raise Refused(error.name)
        return answer["result"]

    def _call(self, contract: str, function: str, arguments: Sequence[Any]) -> dict[str, str]:
        data = "0x" + self.contracts.encode(contract, function, arguments).hex()
        return {"to": self.contracts.address(contract), "data": data, "gas": hex(3_000_000)}

    def view(self, contract: str, function: str, *arguments: Any) -> Any:
        answer = self.ask("eth_call", self._call(contract, function, arguments), "latest")
        return self.contracts.decode_result(contract, function, answer)

    def send(self, place: int, contract: str, function: str, arguments: Sequence[Any]) -> None:
        """One transaction; the chain is asked first, so that a refusal has its name."""
        call = self._call(contract, function, arguments) | {"from": self.address[place]}
        self.ask("eth_call", call, "latest")
        hash_ = self.ask("eth_sendTransaction", call | {"gasPrice": hex(2_000_000_000)})
        while (receipt := self.ask("eth_getTransactionReceipt", hash_)) is None:
            pass
        assert receipt["status"] == "0x1", (contract, function, arguments)

    def refuses(
        self, place: int, contract: str, function: str, arguments: Sequence[Any]
    ) -> str | None:
        """Name of the error with which a call would be refused."""
        call = self._call(contract, function, arguments) | {"from": self.address[place]}
        try:
            self.ask("eth_call", call, "latest")
        except Refused as error:
            return str(error)
        return None

    def today(self) -> int:
        return (self.node.time() + ZONE) // DAY


class Ledger(RuleBasedStateMachine):
    """Everything that parties may do with a debt, in any order, from the same initial state."""

    chain: ClassVar[Chain]
    newest_known: ClassVar[int] = 0

    @initialize(
        face=st.integers(1, 10**12),
        due=st.integers(0, 40),
        grace=st.integers(0, 10),
        rate=st.sampled_from([0, 73_500, 1_000_000]),
    )
    def a_confirmed_debt(self, face: int, due: int, grace: int, rate: int) -> None:
        contracts = self.chain.contracts
        due_day = self.chain.today() + due
        terms = {
            "seller": self.chain.address[SELLER],
            "debtor": self.chain.address[DEBTOR],
            "currency": contracts.address(CASH),
            "faceAmount": face,
            "dueDay": due_day,
            "graceDays": grace,
            "lateRate": rate,
            "disputeDays": 5,
            "maxDepth": 64,
            "fingerprint": "0x" + next(_prints).to_bytes(32, "big").hex(),
            "documentRoot": "0x" + "00" * 32,
            "legalTextHash": "0x" + "00" * 32,
        }
        self.chain.send(SELLER, "Receivables", "request", [terms])
        self.number = self.chain.view(
            "Receivables", "receivableWithFingerprint", terms["seller"], terms["fingerprint"]
        )
        domain = contract_domain(
            "Receivables",
            chain_id=self.chain.node.chain_id,
            contract=contracts.address("Receivables"),
        )
        digest = typed_data_digest(domain, "ReceivableTerms", terms)
        signature = "0x" + self.chain.keys[DEBTOR].sign_hash(digest).hex()
        assert self.chain.refuses(HOLDERS[0], "Receivables", "request", [terms]) == "NotSeller"
        assert self.chain.refuses(SELLER, "Receivables", "request", [terms]) == "FingerprintUsed"
        wrong = "0x" + self.chain.keys[SELLER].sign_hash(digest).hex()
        assert (
            self.chain.refuses(SELLER, "Receivables", "confirm", [self.number, wrong])
            == "DebtorSignatureInvalid"
        )
        self.chain.send(SELLER, "Receivables", "confirm", [self.number, signature])
        assert (
            self.chain.refuses(SELLER, "Receivables", "confirm", [self.number, signature])
            == "StateForbids"
        )
        self.debt = Debt(face, due_day, grace, rate)
        self.last = self.newest()
        self.debt.confirm(self.last, SELLER)
        self.held_before = self.chain.view(CASH, "balanceOf", contracts.address("Receivables"))

    def newest(self) -> int:
        """Id of the newest claim: found by trying upwards from the last one known."""
        number = self.newest_known
        while self.chain.view("Receivables", "claim", number + 1)["receivableId"] != 0:
            number += 1
        Ledger.newest_known = number
        return number

    def some_claim(self, pick: int) -> int:
        return sorted(self.debt.claims)[pick % len(self.debt.claims)]

    @precondition(lambda self: self.debt.claims)
    @rule(pick=st.integers(0, 99), part=st.integers(1, 1000), to=st.sampled_from(HOLDERS))
    def split(self, pick: int, part: int, to: int) -> None:
        claim_id = self.some_claim(pick)
        claim = self.debt.claims[claim_id]
        if claim.value == 0 or to == claim.owner:
            return
        amount = max(1, claim.value * part // 1000)
        documents = "0x" + "00" * 32
        over = [claim_id, self.chain.address[to], claim.value + 1, documents]
        assert self.chain.refuses(claim.owner, "Receivables", "assign", over) == "SplitExceedsClaim"
        arguments = [claim_id, self.chain.address[to], amount, documents]
        assert self.chain.refuses(DEBTOR, "Receivables", "assign", arguments) == "AllowanceExceeded"
        stranger = [claim_id, "0x" + "77" * 20, amount, documents]
        assert self.chain.refuses(claim.owner, "Receivables", "assign", stranger) == "PartyNotValid"
        self.chain.send(claim.owner, "Receivables", "assign", arguments)
        whole = amount == claim.value
        self.debt.split(claim_id, claim_id if whole else self.newest(), amount, to)

    @precondition(lambda self: len(self.debt.claims) > 1)
    @rule(first=st.integers(0, 99), other=st.integers(0, 99))
    def merge(self, first: int, other: int) -> None:
        from_id, into_id = self.some_claim(first), self.some_claim(other)
        owner = self.debt.claims[from_id].owner
        same = owner == self.debt.claims[into_id].owner
        arguments = [from_id, into_id]
        if from_id == into_id or not same or self.debt.claims[from_id].value == 0:
            assert self.chain.refuses(owner, "Receivables", "merge", arguments) is not None
            return
        self.chain.send(owner, "Receivables", "merge", arguments)
        self.debt.merge(from_id, into_id)

    @precondition(lambda self: self.debt.unpaid)
    @rule(part=st.integers(1, 1200))
    def pay(self, part: int) -> None:
        amount = max(1, self.debt.unpaid * part // 1000)
        before = self.chain.view(CASH, "balanceOf", self.chain.address[DEBTOR])
        self.chain.send(DEBTOR, "Receivables", "pay", [self.number, amount])
        principal, late = self.debt.pay(amount, self.chain.today())
        after = self.chain.view(CASH, "balanceOf", self.chain.address[DEBTOR])
        assert before - after == principal + late

    @precondition(lambda self: self.debt.claims)
    @rule(pick=st.integers(0, 99))
    def collect(self, pick: int) -> None:
        self.collect_from(self.some_claim(pick))

    def collect_from(self, claim_id: int) -> None:
        claim = self.debt.claims[claim_id]
        principal, late = self.chain.view("Receivables", "collectable", claim_id)
        model = self.debt.collectable(claim_id)
        # The contract's shares are rounded up by less than a cent: at most one less, and
        # nothing less once all is paid.
        assert 0 <= model - principal <= (1 if self.debt.unpaid else 0)
        if principal + late == 0:
            refusal = self.chain.refuses(claim.owner, "Receivables", "collect", [claim_id])
            assert refusal == "NothingToCollect"
            return
        before = self.chain.view(CASH, "balanceOf", self.chain.address[claim.owner])
        self.chain.send(DEBTOR, "Receivables", "collect", [claim_id])
        got = self.chain.view(CASH, "balanceOf", self.chain.address[claim.owner]) - before
        remainder = got - principal - late  # to the last holder: cents that no share received
        assert 0 <= remainder <= (len(self.debt.claims) + 64 if claim.owner == SELLER else 0)
        claim.value -= principal
        self.debt.redeemed += principal
        if self.debt.unpaid == 0:
            assert claim.value == 0
            del self.debt.claims[claim_id]

    @rule(days=st.integers(1, 30))
    def days_pass(self, days: int) -> None:
        self.chain.node.advance_time(days * DAY)

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        if not hasattr(self, "debt"):
            return
        due = self.chain.view("Receivables", "due", self.number)
        assert tuple(due) == (self.debt.unpaid, self.debt.late_due(self.chain.today()))
        for claim_id, claim in self.debt.claims.items():
            held = self.chain.view("Receivables", "claim", claim_id)
            assert (held["owner"], held["receivableId"], held["value"]) == (
                self.chain.address[claim.owner],
                self.number,
                claim.value,
            )
        values = sum(claim.value for claim in self.debt.claims.values())
        assert values == self.debt.face - self.debt.redeemed

    def teardown(self) -> None:
        """At the end everything is paid and collected, and no money is left over."""
        if not hasattr(self, "debt"):
            return
        if self.debt.unpaid:
            self.chain.send(DEBTOR, "Receivables", "pay", [self.number, 10**16])
            self.debt.pay(10**16, self.chain.today())
        for claim_id in list(self.debt.claims):
            self.collect_from(claim_id)
        assert not self.debt.claims
        assert self.debt.redeemed == self.debt.face
        held = self.chain.view(CASH, "balanceOf", self.chain.contracts.address("Receivables"))
        assert held == self.held_before


@pytest.fixture
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    engine: Engine = request.param
    with start_node(engine) as node:
        chain = Chain(node, tmp_path)
        yield chain
        chain.http.close()


@pytest.mark.parametrize(
    ("chain", "examples", "steps"), [("anvil", 25, 25), ("ganache", 3, 12)], indirect=["chain"]
)
def test_any_interleaving_pays_everybody_to_the_cent(
    chain: Chain, examples: int, steps: int
) -> None:
    Ledger.chain, Ledger.newest_known = chain, 0
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
