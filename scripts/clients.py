"""Builds the client libraries, whose sources are in `clients/`, into `build/dist`.

The types of the TypeScript client are written from the gateway's own description.

Usage: python -m scripts.clients
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.api_page import description
from scripts.compile import ROOT

TOOLS = ROOT / "build" / "clients" / "node" / "node_modules"
SOURCES = ROOT / "clients" / "typescript"
PATH = f"{ROOT}/build/node/bin{os.pathsep}{os.environ['PATH']}"


def slim(openapi: dict[str, Any]) -> dict[str, Any]:
    """The description with the refusals of each endpoint as one, since they share a schema.

    Without this the types are four times as long.
    """
    paths = {
        path: {method: _slim(operation) for method, operation in methods.items()}
        for path, methods in openapi["paths"].items()
    }
    return openapi | {"paths": paths}


def _slim(operation: dict[str, Any]) -> dict[str, Any]:
    responses = operation["responses"].items()
    answers = {status: response for status, response in responses if status < "400"}
    refusals = [response for status, response in responses if status >= "400"]
    return operation | {"responses": answers | {"default": refusals[0]}}


def prepare_typescript(folder: Path, openapi: dict[str, Any]) -> None:
    """Copies the package into a folder, and writes its types there."""
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    # The chain's own tools bring viem, so it is not installed a second time.
    for module in (*TOOLS.iterdir(), (ROOT / "node_modules" / "viem")):
        if not (modules / module.name).exists():
            (modules / module.name).symlink_to(module)
    (folder / "openapi.json").write_text(json.dumps(slim(openapi)), encoding="utf-8")
    # A field with a default may be left out of a body.
    options = ("--default-non-nullable", "false", "-o", "src/schema.d.ts")
    node("openapi-typescript/bin/cli.js", "openapi.json", *options, folder=folder)


def node(program: str, *words: str, folder: Path, **environment: str) -> str:
    """Runs a program of the tools, or of the folder, and returns what it prints.

    Raises:
        RuntimeError: with what it printed, if it failed.
    """
    tool = TOOLS / program
    file = str(tool) if tool.exists() else program
    done = subprocess.run(
        [shutil.which("node", path=PATH) or "node", file, *words],
        cwd=folder,
        env=os.environ | {"PATH": PATH} | environment,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Builds both packages."""
    output = ROOT / "build" / "dist"
    output.mkdir(parents=True, exist_ok=True)
    folder = ROOT / "build" / "typescript-client"
    shutil.rmtree(folder, ignore_errors=True)
    prepare_typescript(folder, description())
    node("typescript/bin/tsc", folder=folder)
    shutil.copy(folder / "src" / "schema.d.ts", folder / "dist")
    npm = shutil.which("npm", path=PATH) or "npm"
    pack = (npm, "pack", "--silent", "--pack-destination", str(output))
    subprocess.run(pack, cwd=folder, env=os.environ | {"PATH": PATH}, check=True)
    uv = str(ROOT / "build" / "bootstrap" / "bin" / "uv")
    build = (uv, "build", "--quiet", "--no-build-isolation", "--python", sys.executable)
    subprocess.run([*build, "--out-dir", str(output), "clients/python"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
