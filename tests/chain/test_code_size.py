"""What is deployed fits into a contract of Ethereum's mainnet."""

from __future__ import annotations

import json

from app.chain.deployment.deployer import load_artifacts
from app.chain.deployment.development import development_plan
from app.places import ARTIFACTS
from scripts.compile import compile_contracts

MAX_CODE = 24_576
MAX_CREATION = 2 * MAX_CODE


def _bytes(code: str) -> int:
    return len(code.removeprefix("0x")) // 2


def test_every_contract_stays_below_the_code_size_limit() -> None:
    compile_contracts()
    artifacts = [json.loads(path.read_text()) for path in ARTIFACTS.glob("*.json")]
    ours = [artifact for artifact in artifacts if artifact["sourceName"].startswith("contracts/")]
    too_large = {
        artifact["contractName"]: _bytes(artifact["deployedBytecode"])
        for artifact in ours
        if _bytes(artifact["deployedBytecode"]) >= MAX_CODE
        or _bytes(artifact["bytecode"]) > MAX_CREATION
    }
    assert too_large == {}
    with_code = {
        artifact["contractName"] for artifact in ours if _bytes(artifact["deployedBytecode"])
    }
    assert set(load_artifacts(development_plan())) <= with_code | {"AccessManager"}
