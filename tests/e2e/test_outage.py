"""A real gateway whose PostgreSQL goes away and comes back.

Meanwhile it answers 503 and writes one line of log for all that tries. What was accepted before
runs once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.chain.deployment.plan import CASH_ISSUER_PLACE, REGISTRAR_PLACE
from app.chain.nodes.engines import RunningNode
from app.chain.nodes.nodes import ask
from tests.support.bodies import Json
from tests.torture.counting import NOBODY, TRANSFER
from tests.torture.stores import PostgresStore
from tests.torture.world import (
    GatewayProcess,
    chain,
    deploy,
    environment_for,
    official_key,
    yuan,
)

AWAY_SECONDS = 4.0
END_SECONDS = 120.0


class Scene:
    """The gateway, its callers' keys, and what it logs."""

    def __init__(self, *, gateway: GatewayProcess, store: PostgresStore, node: RunningNode) -> None:
        self.gateway, self.store, self.node = gateway, store, node
        self.keys: dict[str, str] = {}
        self.token = ""
        self.party = ""
        self.http = httpx.Client(base_url=gateway.url, timeout=90, trust_env=False)

    def ask(self, method: str, path: str, *, by: str, key: str = "", **more: Any) -> httpx.Response:
        headers = {"X-API-Key": self.keys[by], "Idempotency-Key": key or uuid4().hex}
        return self.http.request(method, path, headers=headers | more.pop("headers", {}), **more)

    def mint(self, cents: int, *, key: str) -> httpx.Response:
        body = {"toPartyId": self.party, "amount": yuan(cents)}
        return self.ask("POST", "/v1/cash/CNY/mint", by="cash-issuer", key=key, json=body)

    def minted(self, cents: int) -> int:
        """How often the chain minted this amount."""
        logs = ask(
            self.node.url,
            "eth_getLogs",
            {"address": self.token, "topics": [TRANSFER, NOBODY], "fromBlock": "0x0"},
        )
        return sum(int(log["data"], 16) == cents for log in logs)

    def until_final(self, operation: str) -> None:
        end = time.monotonic() + END_SECONDS
        while True:
            answer = self.ask("GET", f"/v1/operations/{operation}?wait=5", by="cash-issuer")
            if answer.status_code == 200 and answer.json()["state"] == "final":
                return
            assert answer.status_code in (200, 503), answer.text
            assert time.monotonic() < end, answer.text

    def said(self) -> list[str]:
        """Level and event of each line of log about the store, and of each error."""
        whole, _, _ = self.gateway.log.read_text().rpartition("\n")
        entries: list[Json] = [json.loads(line) for line in whole.splitlines()]
        return [
            f"{line['level']} {line['event']}"
            for line in entries
            if line["event"].startswith("store.")
            or "Storage" in str(line.get("error", ""))
            or line["level"] in ("error", "critical")
        ]

    def until_said(self, line: str, *, after: int) -> list[str]:
        """What was said after so many lines, once this line is among it."""
        end = time.monotonic() + END_SECONDS
        while line not in (said := self.said()[after:]) and time.monotonic() < end:
            time.sleep(0.1)
        return said


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("outage")
    store = PostgresStore(folder)
    try:
        with chain(folder) as (node, _):
            record = deploy(node, folder)
            environment = environment_for(
                folder, rpc_url=node.url, database_url=store.url, record=record
            )
            gateway = GatewayProcess(folder=folder, number=0, environment=environment)
            scene = Scene(gateway=gateway, store=store, node=node)
            for role, place in (("registrar", REGISTRAR_PLACE), ("cash-issuer", CASH_ISSUER_PLACE)):
                key = official_key(role, place, folder=folder, environment=environment)
                scene.keys[role] = key
            known = json.loads(record.read_text())
            scene.token = known["contracts"]["SettlementToken:CNY"]["address"].lower()
            gateway.start()
            try:
                gateway.wait()
                answer = scene.ask(
                    "POST",
                    "/v1/parties",
                    by="registrar",
                    headers={"Prefer": "wait=60"},
                    json={
                        "name": "Payee",
                        "legalId": {"scheme": "USCC", "value": "91420100MA4WH0001N"},
                        "roles": ["supplier"],
                    },
                )
                assert answer.status_code == 200, answer.text
                scene.party = answer.json()["party"]["id"]
                yield scene
            finally:
                scene.http.close()
                gateway.stop()
    finally:
        store.stop()


def while_away(scene: Scene, *, seconds: float) -> None:
    """Sends every kind of request again and again: each gets 503 with Retry-After."""
    end, first = time.monotonic() + seconds, True
    while first or time.monotonic() < end:
        first = False
        answers = [
            scene.ask("GET", "/v1/parties", by="registrar"),
            scene.ask("GET", f"/v1/operations/{uuid4()}", by="cash-issuer"),
            scene.ask("GET", "/v1/history", by="registrar", params={"limit": 1}),
            scene.mint(99, key=uuid4().hex),
            scene.http.get("/v1/claims", headers={"X-API-Key": "ck_nobody"}),
        ]
        for answer in answers:
            assert answer.status_code == 503, f"{answer.request.url}: {answer.text}"
            assert answer.json()["type"] == "urn:cession:problem:store-unavailable"
            assert int(answer.headers["Retry-After"]) > 0
        ready = scene.http.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["store"]["holds"]) == (503, False)
        assert int(ready.headers["Retry-After"]) > 0
        assert scene.http.get("/livez").status_code == 200
        assert "cession_store_writable 0.0" in scene.http.get("/metrics").text
        time.sleep(0.2)


@pytest.mark.parametrize("crash", [False, True], ids=["in-order", "crash"])
def test_database_outage_gives_503_and_one_log_line_and_service_resumes(
    scene: Scene, crash: bool
) -> None:
    cents, key, before = 4_711 + crash, uuid4().hex, len(scene.said())
    # The command is on its way, and its end is still to come, when the database goes away.
    ask(scene.node.url, "evm_setIntervalMining", 0)
    accepted = scene.mint(cents, key=key)
    assert accepted.status_code == 202, accepted.text
    operation = accepted.json()["operation"]["id"]
    scene.store.end(crash=crash)
    ask(scene.node.url, "evm_setIntervalMining", 1)
    try:
        while_away(scene, seconds=AWAY_SECONDS)
    finally:
        scene.store.begin()
    again = scene.mint(cents, key=key)
    while again.status_code == 503:
        again = scene.mint(cents, key=key)
    assert again.json()["operation"]["id"] == operation
    scene.until_final(operation)
    assert scene.minted(cents) == 1
    assert scene.minted(99) == 0
    scene.gateway.wait()
    recovered = "info store.recovered"
    assert scene.until_said(recovered, after=before) == ["warning store.failed", recovered]
