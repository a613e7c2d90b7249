"""A rehearsed restore: a backup between commands, a lost store, and every key repeated afterwards.

Real processes on a real chain: what ran stays as it is, nothing runs twice, what is missing is
named, and the gateway takes and sends nothing before that.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.chain.nodes.engines import RunningNode
from scripts.compile import ROOT
from tests.support.bodies import Json
from tests.torture.counting import TRANSFER
from tests.torture.stores import STORES
from tests.torture.world import (
    CESSION,
    GatewayProcess,
    World,
    chain,
    deploy,
    environment_for,
    legal_entity_identifier,
    process_environment,
    settle,
    yuan,
)

BEFORE, COUNT, LATE_PARTY = 6, 16, 77
QUIET_SECONDS = 3_901


class Rehearsal:
    """An operator with a gateway, its clients, and the chain."""

    def __init__(self, folder: Path, node: RunningNode, store: str) -> None:
        self.folder, self.node = folder, node
        self.store = STORES[store](folder)
        record = deploy(node, folder)
        self.environment = environment_for(
            folder, rpc_url=node.url, database_url=self.store.url, record=record
        )
        self.gateway = GatewayProcess(folder=folder, number=0, environment=self.environment)
        self.world: World = settle(
            self.gateway,
            folder=folder,
            environment=self.environment,
            record=record,
            parties=4,
            cents=100_000,
        )

    def cession(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of an operator."""
        return subprocess.run(
            [CESSION, *words],
            cwd=ROOT,
            env=process_environment(self.environment),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def send(self, number: int) -> httpx.Response:
        """Command `number` under its key; each amount is another one."""
        parties = self.world.parties
        payer, payee = parties[number % 4], parties[(number + 1) % 4]
        return httpx.post(
            f"{self.gateway.url}/v1/cash/CNY/transfers",
            json={"toPartyId": payee.party_id, "amount": yuan(number + 1)},
            headers={
                "X-API-Key": payer.api_key,
                "Idempotency-Key": f"rehearsal-{number}",
                "Prefer": "wait=50",
            },
            timeout=60,
            trust_env=False,
        )

    def carried_out(self, number: int) -> Json:
        """The operation of command `number` once it is final."""
        answer = self.send(number)
        assert answer.status_code in (200, 202), answer.text
        identifier = answer.json()["operation"]["id"]
        key = self.world.parties[number % 4].api_key
        end = time.monotonic() + 120
        while True:
            document: Json = httpx.get(
                f"{self.gateway.url}/v1/operations/{identifier}",
                headers={"X-API-Key": key},
                timeout=60,
                trust_env=False,
            ).json()
            if document["state"] == "final":
                return document
            assert time.monotonic() < end, document
            time.sleep(0.25)

    def ready(self) -> Json:
        """The gateway's own readiness report."""
        document: Json = httpx.get(f"{self.gateway.url}/readyz", timeout=30, trust_env=False).json()
        return document

    def paid(self) -> Counter[int]:
        """How often each command's amount was paid on the chain."""
        logs = self.node.ask(
            "eth_getLogs",
            {"address": self.world.token, "topics": [TRANSFER], "fromBlock": "0x0"},
        )
        amounts = Counter(int(log["data"], 16) - 1 for log in logs)
        return Counter({n: times for n, times in amounts.items() if 0 <= n <= COUNT})


@pytest.fixture(params=["sqlite", "postgresql"])
def rehearsal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    with chain(tmp_path) as (node, _):
        rehearsal = Rehearsal(tmp_path, node, request.param)
        try:
            yield rehearsal
        finally:
            rehearsal.gateway.stop()
            rehearsal.store.stop()


def test_restore_runs_nothing_twice_and_names_what_is_missing(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    office, gateway = rehearsal, rehearsal.gateway
    for number in range(BEFORE):
        office.carried_out(number)
    backup = str(tmp_path / "store.backup")
    done = office.cession("backup", backup)
    assert done.returncode == 0, done.stderr
    ran = {number: office.carried_out(number) for number in range(BEFORE, COUNT)}
    late = _registered_late(office)
    gateway.stop()

    # The store is lost; the operator restores the backup.
    refused = office.cession("restore", backup)
    assert refused.returncode == 1 and "--replace" in refused.stderr
    restored = office.cession("restore", backup, "--replace")
    assert restored.returncode == 0, restored.stderr
    assert "restored, not reconciled" in restored.stdout

    # The gateway reads, and neither takes nor sends anything.
    gateway.start()
    until = time.monotonic() + 120
    while not gateway.answers():
        assert time.monotonic() < until
        time.sleep(0.2)
    while "not reconciled" not in str(office.ready()["checks"]["relayer"]["error"]):
        assert time.monotonic() < until, office.ready()
        time.sleep(0.2)
    new = office.send(COUNT)
    assert (new.status_code, new.json()["type"]) == (503, "urn:cession:problem:not-reconciled")
    lost = office.send(COUNT - 1)
    assert lost.status_code in (409, 503), lost.text
    first_operation = office.send(0)
    assert first_operation.json()["operation"]["state"] in ("included", "final")

    # What is missing is named; something signed before may still run, so it is not released.
    report = tmp_path / "report.json"
    early = office.cession("reconcile", "--accept", "--report", str(report))
    assert early.returncode == 1, early.stdout
    assert "may still run" in early.stderr
    document = json.loads(report.read_text())
    named = {execution["transactionHash"] for execution in document["executions"]}
    assert named >= {item["transactionHash"] for item in ran.values()}
    assert len(document["executions"]) == COUNT - BEFORE + 1
    assert late in {key["account"] for key in document["keys"]}
    assert late in early.stdout and ran[BEFORE]["transactionHash"] in early.stdout

    office.node.ask("evm_increaseTime", QUIET_SECONDS)
    office.node.ask("evm_mine")
    released = office.cession("reconcile", "--accept")
    assert released.returncode == 0, released.stdout + released.stderr
    again = office.cession("reconcile")
    assert again.returncode == 0 and "nothing to reconcile" in again.stdout

    # Every key is sent once more, and a new one.
    gateway.wait()
    for number in range(COUNT):
        answer = office.send(number)
        if number < BEFORE:
            assert answer.headers["Idempotency-Replayed"] == "true", answer.text
            continue
        problem = answer.json()
        assert answer.status_code == 409, answer.text
        assert problem["type"] == "urn:cession:problem:ran-before-restore"
        assert problem["transactionHash"] == ran[number]["transactionHash"]
        assert problem["blockNumber"] == ran[number]["block"]["blockNumber"]
    office.carried_out(COUNT)
    assert office.paid() == Counter(range(COUNT + 1))


def _registered_late(office: Rehearsal) -> str:
    """A party that the backup does not know; returns its account."""
    answer = httpx.post(
        f"{office.gateway.url}/v1/parties",
        json={
            "name": "Registered Late Ltd.",
            "legalId": {"scheme": "LEI", "value": legal_entity_identifier(LATE_PARTY)},
            "roles": ["supplier"],
        },
        headers={
            "X-API-Key": office.world.registrar,
            "Idempotency-Key": "rehearsal-late",
            "Prefer": "wait=50",
        },
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["party"]["account"]).lower()
