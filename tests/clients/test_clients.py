"""Clients generated from the API's description are complete and work against a gateway."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.slices.conftest import prepared, world
from tests.support.bodies import Json
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
TOOLS = ROOT / "build" / "clients"
PATH = f"{TOOLS}/bin{os.pathsep}{ROOT}/build/node/bin{os.pathsep}{os.environ['PATH']}"
__all__ = ["prepared", "world"]


@pytest.fixture(scope="module")
def tools() -> Path:
    """The generators, installed from their lock files once."""
    run("bash", str(ROOT / "scripts" / "setup.sh"), "clients", cwd=ROOT)
    return TOOLS


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PATH": PATH} | environment,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def settings(world: World) -> dict[str, str]:
    """The environment that tells both clients what to do."""
    receivable, _ = world.confirmed(amount="500.00")
    return {
        "GATEWAY": world.server.url,
        "KEY": world["buyer"].api_key,
        "PAYEE": world.parties["bank"],
        "RECEIVABLE": str(receivable),
    }


@pytest.fixture(scope="module")
def description(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("description") / "openapi.json"
    path.write_text(world.http.get("/openapi.json").text)
    return path


def check(text: str, world: World) -> None:
    answers: Json = json.loads(text)
    assert answers["name"] == world["buyer"].get("/v1/parties/me").body["name"]
    assert answers["faceAmount"] == {"amount": "500.00", "currency": "CNY"}
    assert answers["status"] == 200, "the 200 of a command that was waited for is described"
    assert answers["state"] in ("included", "final")
    assert answers["problem"] == [True, 409, "pay money in first, or pay less"]
    assert answers["events"][0] == "ReceivableRequested"
    assert "ReceivableConfirmed" in answers["events"]


def test_generated_python_client_is_complete_and_works(
    world: World, tools: Path, settings: dict[str, str], description: Path, tmp_path: Path
) -> None:
    run(
        *("openapi-python-client", "generate", "--fail-on-warning", "--meta", "none"),
        *("--config", str(HERE / "generator.yaml"), "--path", str(description)),
        *("--output-path", str(tmp_path / "cession_client")),
        cwd=tmp_path,
    )
    modules = [
        path.stem
        for path in (tmp_path / "cession_client" / "api").glob("*/*.py")
        if path.stem != "__init__"
    ]
    paths = json.loads(description.read_text())["paths"]
    assert len(modules) == sum(len(methods) for methods in paths.values()), "no endpoint is dropped"
    done = run(str(tools / "bin" / "python"), str(HERE / "use.py"), cwd=tmp_path,
               PYTHONPATH=str(tmp_path), **settings)  # fmt: skip
    check(done, world)


def test_generated_typescript_client_is_fully_typed_and_works(
    world: World, tools: Path, settings: dict[str, str], description: Path, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(tools / "node" / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "use.ts", tmp_path)
    node = shutil.which("node", path=PATH)
    assert node is not None
    modules = tools / "node" / "node_modules"
    run(
        *(node, str(modules / "openapi-typescript" / "bin" / "cli.js"), str(description)),
        *("-o", str(tmp_path / "schema.d.ts")),
        cwd=tmp_path,
    )
    run(
        *(node, str(modules / "typescript" / "bin" / "tsc"), "--strict", "--target", "es2022"),
        *("--module", "nodenext", "--lib", "es2022,dom", "--skipLibCheck", "use.ts"),
        cwd=tmp_path,
    )
    check(run(node, "use.js", cwd=tmp_path, **settings), world)
