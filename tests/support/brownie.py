"""Deployments by Brownie beside those of the command."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from app.chain.deployment.catalogue import CATALOGUE, legal_text_hash, with_catalogue
from app.chain.deployment.deployer import Deployment, deploy, load_artifacts, verify
from app.chain.deployment.development import development_key, development_plan
from app.chain.deployment.plan import plan
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc
from app.chain.nodes.nodes import ChainNode
from scripts.brownie_run import run_brownie
from scripts.compile import ROOT

DEPLOYER = development_key(0)
WHOLE = plan(
    with_catalogue(
        development_plan().parameters, CATALOGUE, legal_text_hash=legal_text_hash(keccak)
    )
)


def bare_project(folder: Path) -> Path:
    """A Brownie project with the script and the settings of ours, and no contracts to compile.

    The script deploys what `scripts.compile` compiled, whatever Brownie compiles beside it.
    """
    folder.mkdir()
    settings = yaml.safe_load((ROOT / "brownie-config.yaml").read_text())
    settings["project_structure"] |= {
        "build": "build",
        "contracts": "contracts",
        "interfaces": "interfaces",
        "reports": "reports",
    }
    (folder / "brownie-config.yaml").write_text(yaml.safe_dump(settings))
    (folder / "scripts").symlink_to(ROOT / "scripts")
    return folder


def brownie_and_the_command_resume_each_other(
    node: ChainNode, folder: Path, *, project: Path
) -> None:
    """Deploys by the command, and by Brownie in this project: it is the same deployment."""
    ours = _put(node, folder / "ours.json")
    node.ask("anvil_reset")
    record = folder / "brownie.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CESSION_DEPLOY_RECORD", str(record))
        _run_script(node, folder, project)
        theirs = Deployment.load(record)
        assert theirs.contracts == ours.contracts
        assert theirs.roles == ours.roles
        _must_hold(node, theirs)
        assert _put(node, record) == theirs
        assert theirs.parameters["products"] == ours.parameters["products"] != []
        before = _nonce(node)
        half = Deployment.load(record)
        half.complete, half.block_hash = False, ""
        half.save(record)
        _run_script(node, folder, project)
        assert _nonce(node) == before
        _must_hold(node, Deployment.load(record))


def _run_script(node: ChainNode, folder: Path, project: Path) -> None:
    done = run_brownie(["run", "deploy"], url=node.url, home=folder / "home", project=project)
    assert done.returncode == 0, done.stdout + done.stderr


def _put(node: ChainNode, path: Path) -> Deployment:
    return asyncio.run(deploy(node.url, plan=WHOLE, path=path, sender=DEPLOYER))


def _must_hold(node: ChainNode, deployment: Deployment) -> None:
    async def run() -> None:
        rpc = JsonRpc(node.url, timeout=20)
        try:
            assert await verify(rpc, deployment, artifacts=load_artifacts(WHOLE)) == []
        finally:
            await rpc.close()

    asyncio.run(run())


def _nonce(node: ChainNode) -> int:
    return int(node.ask("eth_getTransactionCount", DEPLOYER.address, "latest"), 16)
