"""The repository as a Brownie project: Brownie compiles all contracts, which takes minutes."""

from __future__ import annotations

from pathlib import Path

from app.chain.nodes.engines import start_node
from scripts.brownie_run import BUILT
from scripts.compile import ROOT
from tests.support.brownie import WHOLE, brownie_and_the_command_resume_each_other


def test_brownie_compiles_the_contracts_and_deploys_as_the_command_does(tmp_path: Path) -> None:
    with start_node("anvil", log_file=tmp_path / "chain.log") as node:
        brownie_and_the_command_resume_each_other(node, tmp_path, project=ROOT)
    compiled = {path.stem for path in BUILT.glob("*.json")}
    assert {creation.artifact for creation in WHOLE.creations} <= compiled
