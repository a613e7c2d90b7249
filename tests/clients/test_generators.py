"""A client that others generate from the API's description is complete and works."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.support.bodies import Json
from tests.support.world import World

HERE = Path(__file__).parent


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_generated_python_client_is_complete_and_works(
    world: World, tools: Path, openapi: Json, tmp_path: Path
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(openapi))
    generator = str(tools / "bin" / "openapi-python-client")
    run(
        *(generator, "generate", "--fail-on-warning", "--meta", "none"),
        *("--config", str(HERE / "generator.yaml"), "--path", "openapi.json"),
        *("--output-path", str(tmp_path / "generated_client")),
        cwd=tmp_path,
    )
    modules = [
        path.stem
        for path in (tmp_path / "generated_client" / "api").glob("*/*.py")
        if path.stem != "__init__"
    ]
    paths = openapi["paths"]
    assert len(modules) == sum(len(methods) for methods in paths.values()), "no endpoint is dropped"
    receivable, _ = world.confirmed(amount="500.00")
    done = run(
        *(str(tools / "bin" / "python"), str(HERE / "use.py")),
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path),
        GATEWAY=world.server.url,
        KEY=world["buyer"].api_key,
        PAYEE=world.parties["bank"],
        RECEIVABLE=str(receivable),
    )
    answers: Json = json.loads(done)
    assert answers["name"] == world["buyer"].get("/v1/parties/me").body["name"]
    assert answers["faceAmount"] == {"amount": "500.00", "currency": "CNY"}
    assert answers["status"] == 200, "the 200 of a command that was waited for is described"
    assert answers["state"] in ("included", "final")
    assert answers["problem"] == [True, 409, "pay money in first, or pay less"]
    assert answers["events"][0] == "ReceivableRequested"
    assert "ReceivableConfirmed" in answers["events"]
