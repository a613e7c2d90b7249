"""A gateway in a process of its own, with many suppliers that hold money and claims."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.demo.cast import CAST
from app.demo.client import Caller

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0
PARTS_AT_ONCE = 16
FACE = "9600000.00"


class GatewayFailed(Exception):
    """The gateway's process ended or did not get ready; its last words are in the message."""


@dataclass
class Gateway:
    """A gateway that runs as `cession serve`.

    Attributes:
        access: what it wrote about itself: `url`, `rpcUrl`, `chainId`, `apiKeys`, …
    """

    process: subprocess.Popen[bytes]
    access: dict[str, Any]
    folder: Path

    @contextlib.contextmanager
    def halted(self) -> Iterator[None]:
        """Stands still meanwhile, so that the machine is another measure's alone."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def gateway(*, folder: Path, database: str | None = None) -> Iterator[Gateway]:
    """Starts anvil, contracts and gateway; ends all of it on leaving.

    Args:
        database: address of its store; None: a file of its own.

    Raises:
        GatewayFailed.
    """
    written, log = folder / "serve.json", folder / "serve.log"
    program = str(Path(sys.executable).with_name("cession"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve", "--empty", "--engine", "anvil", "--write", str(written)],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=os.environ
            | {"CESSION_RATE_LIMIT": "0"}
            | ({} if database is None else {"CESSION_DATABASE_URL": database}),
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not written.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise GatewayFailed(log.read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        yield Gateway(process, json.loads(written.read_text()), folder)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Supplier:
    """One of many: its caller, its party id, the claim it holds."""

    caller: Caller
    party_id: str
    claim_id: int = 0


@dataclass
class World:
    """Everybody who calls."""

    callers: dict[str, Caller]
    suppliers: list[Supplier] = field(default_factory=list)


def settle(http: httpx.Client, *, keys: dict[str, str], suppliers: int) -> World:
    """Registers so many suppliers, each with money and a part of one confirmed claim.

    Raises:
        GatewayRefused.
    """
    world = World({name: Caller(http, name, key) for name, key in keys.items()})
    with ThreadPoolExecutor(16) as threads:
        world.suppliers = list(
            threads.map(lambda number: _registered(world, number), range(suppliers))
        )
    _hand_out_claims(world)
    return world


def _registered(world: World, number: int) -> Supplier:
    registrar, issuer = world.callers["registrar"], world.callers["cash-issuer"]
    answer = registrar.command(
        "/v1/parties",
        {
            "name": f"Supplier {number}",
            "legalId": {"scheme": "LEI", "value": _legal_entity_identifier(number)},
            "roles": ["supplier"],
        },
    )
    party_id = str(answer.body["party"]["id"])
    key = registrar.post(
        f"/v1/parties/{party_id}/api-keys", {"roles": ["supplier"], "label": f"bench-{number}"}
    ).body["apiKey"]
    issuer.command("/v1/cash/CNY/mint", {"toPartyId": party_id, "amount": yuan("100000.00")})
    return Supplier(Caller(registrar.http, f"supplier {number}", key), party_id)


def _legal_entity_identifier(number: int) -> str:
    """An LEI with right check digits (ISO 7064 MOD 97-10)."""
    body = f"BENCH{number:013d}"
    digits = "".join(str(int(character, 36)) for character in body)
    return f"{body}{98 - int(digits + '00') % 97:02d}"


def _hand_out_claims(world: World) -> None:
    """One invoice, confirmed; its claim in equal parts to all suppliers."""
    seller, buyer = world.callers["supplier"], world.callers["buyer"]
    ids = {member.name: (member.legal_name, member.legal_id) for member in CAST}
    today = datetime.datetime.now(datetime.UTC).date()
    document = {
        "kind": "invoice",
        "number": f"BENCH-{secrets.token_hex(4)}",
        "issueDate": today.isoformat(),
        "dueDate": (today + datetime.timedelta(days=90)).isoformat(),
        "currency": "CNY",
        "payableAmount": FACE,
        "seller": dict(zip(("name", "id"), ids["supplier"], strict=True)),
        "buyer": dict(zip(("name", "id"), ids["buyer"], strict=True)),
        "lines": [{"description": "castings", "amount": FACE}],
    }
    paper = seller.upload(
        "/v1/documents",
        name="invoice.json",
        content=json.dumps(document).encode(),
        media_type="application/json",
    )
    asked = seller.command("/v1/receivables", {"documentId": paper.body["id"]})
    receivable_id = asked.body["result"]["receivableId"]
    confirmed = buyer.command(f"/v1/receivables/{receivable_id}/confirmation")
    claim_id = int(confirmed.body["result"]["claimIds"][0])
    share = yuan(f"{float(FACE) / len(world.suppliers) / 2:.2f}")
    for first in range(0, len(world.suppliers), PARTS_AT_ONCE):
        some = world.suppliers[first : first + PARTS_AT_ONCE]
        parts = [{"toPartyId": one.party_id, "amount": share} for one in some]
        answer = seller.command(f"/v1/claims/{claim_id}/assignments", {"parts": parts})
        for supplier, made in zip(some, answer.body["result"]["claimIds"], strict=True):
            supplier.claim_id = int(made)


def yuan(amount: str) -> dict[str, str]:
    """An amount in yuan."""
    return {"amount": amount, "currency": "CNY"}
