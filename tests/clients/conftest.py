"""The gateway of the slices' tests, and what clients are built with."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from cession_client.local_wallet import LocalWallet

from scripts.compile import ROOT
from tests.slices.conftest import prepared, world
from tests.support.bodies import Json
from tests.support.described import Description
from tests.support.world import World, cny

__all__ = ["prepared", "world"]
BLOCK = re.compile(r"^```(python|ts)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def tools() -> Path:
    """The generators, installed from their lock files once."""
    setup = ["bash", str(ROOT / "scripts" / "setup.sh"), "clients"]
    done = subprocess.run(setup, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "build" / "clients"


@pytest.fixture(scope="session")
def openapi(world: World) -> Json:
    """The description that the gateways of this process serve."""
    return Description.of(world.http).schema


def example(page: Path) -> str:
    """The one example of a client's README."""
    [(_, code)] = BLOCK.findall(page.read_text(encoding="utf-8"))
    return str(code)


def readers(world: World, *, legal_id: str) -> Mapping[str, str]:
    """The environment of a README's example: a party with its own wallet, and money."""
    key = "0x" + legal_id.zfill(64)
    body = {
        "name": "Northwind Forge",
        "legalId": {"scheme": "0088", "value": legal_id},
        "roles": ["supplier"],
        "account": LocalWallet.from_key(key).address,
    }
    party = world["registrar"].command("/v1/parties", body).body["party"]["id"]
    label = {"roles": ["supplier"], "label": "example"}
    api_key = world["registrar"].post(f"/v1/parties/{party}/api-keys", label).body["apiKey"]
    money = {"toPartyId": party, "amount": cny("10.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", money)
    return {
        "GATEWAY": world.server.url,
        "API_KEY": str(api_key),
        "WALLET_KEY": key,
        "PAYEE": world.parties["bank"],
        "LEDGER": json.dumps(world["auditor"].get("/v1/contracts").body),
    }
