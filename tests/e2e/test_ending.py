"""On SIGTERM a waiting caller gets the operation's current state, and the process ends in order."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx

from app.chain.nodes.nodes import ask
from scripts.compile import ROOT
from tests.e2e.test_command_line import CESSION
from tests.support.bodies import Json


def test_waiting_caller_is_answered_when_the_gateway_stops(tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    process = subprocess.Popen(
        [
            *CESSION,
            "serve",
            "--empty",
            "--data-folder",
            str(tmp_path / "data"),
            "--write",
            str(file),
        ],
        cwd=ROOT,
        text=True,
        stderr=subprocess.DEVNULL,
    )
    answers: list[httpx.Response] = []
    try:
        end = time.monotonic() + 120
        while not file.exists():
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        access: Json = json.loads(file.read_text())
        ask(access["rpcUrl"], "evm_setAutomine", False)

        def command() -> None:
            answers.append(
                httpx.post(
                    f"{access['url']}/v1/parties",
                    json={
                        "name": "Hanyang Tools",
                        "legalId": {"scheme": "USCC", "value": "91420100MA4WH0001N"},
                        "roles": ["supplier"],
                    },
                    headers={
                        "X-API-Key": access["apiKeys"]["registrar"],
                        "Idempotency-Key": uuid4().hex,
                        "Prefer": "wait=60",
                    },
                    timeout=120,
                    trust_env=False,
                )
            )

        caller = threading.Thread(target=command)
        caller.start()
        headers = {"X-API-Key": access["apiKeys"]["operator"]}
        while True:
            listed = httpx.get(
                f"{access['url']}/v1/operations", headers=headers, timeout=60, trust_env=False
            ).json()
            if any(item["state"] == "submitted" for item in listed["items"]):
                break
            assert caller.is_alive() and time.monotonic() < end, [a.text for a in answers]
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        caller.join(60)
        assert answers, "the connection was cut"
        assert answers[0].status_code == 202, answers[0].text
        assert answers[0].json()["operation"]["state"] in ("accepted", "submitted")
        assert process.wait(60) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
