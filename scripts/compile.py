"""Compiles the contracts through py-solc-x and keeps one artifact a contract in `build/contracts`.

A native compiler of the right version is used where py-solc-x has one installed; else the npm
compiler stands behind py-solc-x by a small Node script (`scripts/solc.js`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from app.chain.deployment import artifacts
from app.places import ARTIFACTS

ROOT = Path(__file__).resolve().parent.parent
COMPILER_FOLDER = ROOT / "build" / "solc"
SOLC_VERSION = "0.8.37"
EVM_VERSION = "paris"
OPTIMIZER_RUNS = 200


class CompilationFailed(Exception):
    """The compiler refused the sources; the message is the compiler's own, with file and line."""


def provide_compiler() -> Path:
    """Writes the command `solc` that py-solc-x, forge and Brownie run; returns its path."""
    COMPILER_FOLDER.mkdir(parents=True, exist_ok=True)
    node_folder = ROOT / "build" / "node" / "bin"
    node = shutil.which("node", path=f"{node_folder}{os.pathsep}{os.environ.get('PATH', '')}")
    if node is None:
        raise CompilationFailed("node was not found: run `make setup`")
    script = (ROOT / "scripts" / "solc.js").read_text()
    # To the shell it starts node, whose path may have a blank; to node the line is a comment.
    start = f'#!/bin/sh\n\':\' //; exec {shlex.quote(node)} "$0" "$@"'
    script = script.replace("#!/usr/bin/env node", start).replace('"@ROOT@"', json.dumps(str(ROOT)))
    command = COMPILER_FOLDER / f"solc-v{SOLC_VERSION}"
    if not command.exists() or command.read_text() != script:
        command.write_text(script)
        command.chmod(0o755)
    return command


def sources() -> dict[str, str]:
    """All Solidity sources of the project by their path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for path in sorted((ROOT / "contracts").rglob("*.sol"))
    }


def standard_input(files: dict[str, str]) -> dict[str, Any]:
    """The compiler's standard JSON for these sources."""
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in files.items()},
        "settings": {
            "evmVersion": EVM_VERSION,
            "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS},
            "outputSelection": {
                "*": {
                    "*": [
                        "abi",
                        "evm.bytecode.object",
                        "evm.bytecode.linkReferences",
                        "evm.deployedBytecode.object",
                        "evm.deployedBytecode.linkReferences",
                        "evm.deployedBytecode.immutableReferences",
                        "evm.methodIdentifiers",
                    ]
                }
            },
        },
    }


def compile_standard(request: dict[str, Any]) -> dict[str, Any]:
    """The compiler's answer to its standard JSON.

    Raises:
        CompilationFailed: the sources do not compile, or no compiler is to be had.
    """
    command = provide_compiler()
    os.environ["SOLCX_BINARY_PATH"] = str(COMPILER_FOLDER)
    import solcx  # reads SOLCX_BINARY_PATH when imported

    native = shutil.which("solc")
    if native is not None and SOLC_VERSION not in str(solcx.wrapper.get_solc_version(native)):
        native = None
    try:
        output: dict[str, Any] = solcx.compile_standard(
            request, solc_binary=native or command, base_path=None, allow_paths=None
        )
    except solcx.exceptions.SolcError as error:
        raise CompilationFailed(error.message or str(error)) from error
    return output


def compile_contracts(*, force: bool = False) -> Path:
    """Compiles what changed and returns the folder of artifacts.

    Raises:
        CompilationFailed: the sources do not compile, or no compiler is to be had.
    """
    request = standard_input(sources())
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode())
    digest.update((ROOT / "package-lock.json").read_bytes())
    stamp = ARTIFACTS / ".inputs"
    provide_compiler()  # forge runs it too
    if not force and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return ARTIFACTS
    print(
        f"compile: {len(request['sources'])} Solidity files, some two minutes; again only when "
        "they change",
        file=sys.stderr,
    )
    output = compile_standard(request)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for old in ARTIFACTS.glob("*.json"):
        old.unlink()
    for source, contracts in output["contracts"].items():
        for name, contract in contracts.items():
            evm = contract["evm"]
            artifact = {
                "contractName": name,
                "sourceName": source,
                "abi": contract["abi"],
                "bytecode": "0x" + evm["bytecode"]["object"],
                "deployedBytecode": "0x" + evm["deployedBytecode"]["object"],
                "linkReferences": evm["bytecode"].get("linkReferences", {}),
                "deployedLinkReferences": evm["deployedBytecode"].get("linkReferences", {}),
                "immutableReferences": evm["deployedBytecode"].get("immutableReferences", {}),
                "methodIdentifiers": evm["methodIdentifiers"],
                "compiler": {"version": SOLC_VERSION, "evmVersion": EVM_VERSION},
            }
            (ARTIFACTS / f"{name}.json").write_text(json.dumps(artifact, sort_keys=True))
    stamp.write_text(digest.hexdigest())
    artifacts.load_artifact.cache_clear()
    return ARTIFACTS


def load_artifact(name: str) -> artifacts.Artifact:
    """The compiled artifact of one contract; compiles first where there is none."""
    if not (ARTIFACTS / f"{name}.json").exists():
        compile_contracts()
    return artifacts.load_artifact(name)


if __name__ == "__main__":
    try:
        if "--command-only" in sys.argv:  # forge runs it, and needs no artifacts
            provide_compiler()
            sys.exit()
        folder = compile_contracts(force="--force" in sys.argv)
    except CompilationFailed as error:
        sys.exit(f"compile: {error}")
    print(f"{len(list(folder.glob('*.json')))} artifacts in {folder.relative_to(ROOT)}")
