"""The gateway is killed between any two steps; each operation still runs exactly once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.chain.evm.crash import EXIT_CODE, POINTS
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner
from app.storage import create_storage, run
from scripts.compile import ROOT
from tests.support.cash_ledger import CASH, deploy, send
from tests.support.harness import Anvil, artifacts

COUNT = 10
SIGNERS = 3


@pytest.mark.parametrize("point", POINTS)
def test_operations_run_exactly_once_when_the_gateway_crashes_between_steps(
    node: Anvil, tmp_path: Path, point: str
) -> None:
    secrets = [bytes([n + 1]) * 32 for n in range(SIGNERS + 1)]
    issuer, *signers = (LocalSigner(secret) for secret in secrets)
    url = f"sqlite:///{tmp_path}/gateway.db"

    async def prepare() -> dict[str, str]:
        rpc = JsonRpc(node.url)
        contracts = await deploy(rpc, artifacts(), issuer=issuer.address)
        node.ask("anvil_setBalance", issuer.address, hex(10**20))
        for signer in signers:
            data = contracts.encode(CASH, "mint", [signer.address, 10_000])
            await send(rpc, issuer, to=contracts.address(CASH), data=data)
        await rpc.close()
        return contracts.addresses

    addresses = asyncio.run(prepare())
    settings = tmp_path / "settings.json"
    settings.write_text(
        json.dumps(
            {
                "node": node.url,
                "storage": url,
                "contracts": addresses,
                "issuer": secrets[0].hex(),
                "signers": [secret.hex() for secret in secrets[1:]],
                "count": COUNT,
            }
        )
    )
    command = [sys.executable, "-m", "tests.support.crashing_gateway", str(settings)]
    crashed = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CESSION_CRASH_AT": point}, timeout=120, check=False
    )
    assert crashed.returncode == EXIT_CODE
    again = subprocess.run(
        command, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr

    storage = create_storage(url)
    states = storage.read_now(
        lambda c: run(c, "SELECT state, count(*) FROM operations GROUP BY state").all()
    )
    # Each amount is another power of two, so the list itself shows anything lost or doubled.
    indexed = storage.read_now(
        lambda c: run(
            c,
            "SELECT amount FROM cash_transfers WHERE to_account = ? ORDER BY amount",
            (issuer.address,),
        ).all()
    )
    storage.close()
    assert [tuple(row) for row in states] == [("final", COUNT)]
    assert [row[0] for row in indexed] == [2**n for n in range(COUNT)]
    topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    to = "0x" + issuer.address[2:].rjust(64, "0")
    logs = node.ask(
        "eth_getLogs",
        {"fromBlock": "0x0", "address": addresses[CASH], "topics": [topic, None, to]},
    )
    assert sorted(int(log["data"], 16) for log in logs) == [2**n for n in range(COUNT)]
