"""A client that knows only the standards (viem) reads and moves claims."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

from app.chain.deployment.development import development_key
from app.chain.evm.hashing import checksum_address
from tests.slices.conftest import own_world, prepared
from tests.support.world import World, caught_up

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("foreign_client.mjs")
WALLET_PLACE = 15  # an account of the development mnemonic that has coin for gas
__all__ = ["own_world", "prepared"]


def test_a_client_of_the_standards_reads_splits_and_moves_claims(own_world: World) -> None:
    world = own_world
    wallet = development_key(WALLET_PLACE)
    registered = world["registrar"].command(
        "/v1/parties",
        {
            "name": "A stranger's wallet",
            "legalId": {"scheme": "0088", "value": "9501101000049"},
            "roles": ["supplier"],
            "account": wallet.address,
        },
    )
    world.parties["stranger"] = registered.body["party"]["id"]
    receivable, claim = world.confirmed(amount="1000.00")
    held = world.assigned(claim, "stranger", "400.00")
    castor = world["castor"].get("/v1/parties/me").body["account"]
    node = shutil.which("node", path=f"{ROOT}/build/node/bin{os.pathsep}{os.environ['PATH']}")
    assert node is not None
    done = subprocess.run(
        [
            *(node, str(SCRIPT), world.server.node.url),
            world.server.gateway.contracts.checksummed()["Receivables"],
            "0x" + wallet._key.secret.hex(),
            *(castor, str(held)),
        ],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    own = checksum_address(wallet.address)
    assert (report["erc165"], report["erc721"], report["erc3525"]) == (True, True, True)
    assert report["nothing"] is False
    assert (report["name"], report["symbol"], report["decimals"]) == ("Cession Claims", "CLAIM", 0)
    shown = json.loads(base64.b64decode(report["tokenURI"].partition(";base64,")[2]))
    assert shown["description"].startswith(f"Claim to 400.00 CNY of receivable {receivable}, due ")
    assert (report["value"], report["slot"], report["ownerBefore"]) == (
        "40000",
        str(receivable),
        own,
    )
    assert report["child"] == {"owner": castor, "value": "10000", "slot": str(receivable)}
    assert report["afterValueToToken"] == "10001"
    assert report["allowance"] == "5"
    assert (report["ownerAfter"], report["tokensMore"]) == (castor, "1")
    assert report["allowanceAfter"] == "0"
    caught_up(world)
    # The gateway also shows what was done without it.
    claims = world["auditor"].get("/v1/claims", receivableId=receivable).body["items"]
    values = {item["id"]: item["value"]["amount"] for item in claims}
    assert values[held] == "299.99"
    assert sorted(values.values()) == ["100.01", "299.99", "600.00"]
