"""The command line as a user has it: processes of their own, on both engines and both stores."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import OPERATOR_PLACES, REGISTRAR_PLACE
from app.chain.nodes.engines import free_port, start_node
from app.chain.nodes.nodes import ask
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.embedded import deployed
from tests.support.bodies import Json
from tests.support.postgres import new_database

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600  # seconds: with a process that hangs, not with a machine that is slow
CESSION = [str(Path(sys.executable).parent / "cession")]


def cession(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*CESSION, *words],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("engine", ["anvil", "ganache"])
def test_demo_ends_with_every_balance_to_the_cent(engine: str) -> None:
    done = cession("demo", "--engine", engine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every balance agrees to the cent." in done.stdout
    assert "OFF" not in done.stdout
    for who in ("supplier", "buyer", "bank", "castor", "altair", "auditor"):
        assert who in done.stdout


def test_demo_tells_each_story_that_is_named_with_its_figures() -> None:
    done = cession("demo", "--story", "crowdfunding", "--story", "cloud-warehouse-finance")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    words = " ".join(done.stdout.split())
    assert "Every balance agrees to the cent." in words
    assert "technology: 1 of 2 campaigns that are over succeeded, 50 %" in words
    assert "from 42 sales and posts 20.00: grade B, haircut 55 %" in words
    assert "from 48 sales and posts 14.00: grade C, haircut 65 %" in words


def test_credit_story_goes_from_a_thin_file_to_a_downgrade_that_stops_draws() -> None:
    done = cession("demo", "--story", "credit")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    words = " ".join(done.stdout.split())
    for told in (
        "confidence 10 %; most would help: ledger",
        "280 points, tier 5: refused",
        "650 points, tier 3: limit 54,000.00",
        "a pack with larger sales fails: inputs",
        "a pack with a higher limit fails: limit, signature",
        "a pack with another card fails: card-as-expected, model",
        "watch: Sales of the last three months are 16.6 % below the three months before.",
        "is overdue for 10 days.",
        "505 points, tier 4: limit 28,000.00",
        "alarm: The party's tier is 4; within 180 days it was 3.",
        "a draw meanwhile is refused",
        "has tier 4; the product needs tier 3",
        "Every balance agrees to the cent.",
    ):
        assert told in words, told


def test_demo_refuses_a_story_that_does_not_exist() -> None:
    done = cession("demo", "--story", "crowdfunding", "--story", "nowhere")
    assert done.returncode == 2
    assert "'nowhere'" in done.stderr


def test_demo_on_postgresql(postgres_server: str) -> None:
    url = new_database(postgres_server, f"demo_{uuid4().hex}")
    done = cession("demo", CESSION_DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr


def test_demo_fails_with_the_address_when_no_chain_answers() -> None:
    done = cession("demo", "--rpc", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stdout + done.stderr


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    """A gateway served by the command line, and what it wrote."""
    file = tmp_path / "serve.json"
    process = subprocess.Popen(
        [
            *(*CESSION, "serve", "--empty", "--data-folder", str(tmp_path / "data")),
            *("--write", str(file)),
        ],
        cwd=ROOT,
        text=True,
        stderr=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + PATIENCE
        while not file.exists():
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < end, "serve.json was not written"
            time.sleep(0.05)
        yield process, json.loads(file.read_text())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)


def _gone(url: str) -> bool:
    """Whether nothing listens there any more, which may take as long as a chain is saved."""
    address, end = urlsplit(url), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((address.hostname, address.port)) != 0:
                return True
        time.sleep(0.1)
    return False


def _parties(access: Json) -> dict[str, tuple[int, str]]:
    """Each party's number and account on the ledger, by its id in the gateway."""
    headers = {"X-API-Key": access["apiKeys"]["auditor"]}
    answer = httpx.get(f"{access['url']}/v1/parties", headers=headers, timeout=60).json()
    assert answer["nextCursor"] is None
    parties = {item["id"]: (item["ledgerPartyId"], item["account"]) for item in answer["items"]}
    assert all(number and account for number, account in parties.values())
    return parties


def test_serve_writes_its_access_file_and_stops_on_a_signal(
    served: tuple[subprocess.Popen[str], dict[str, object]], tmp_path: Path
) -> None:
    process, access = served
    assert {"url", "rpcUrl", "chainId", "contracts", "apiKeys"} <= set(access)
    keys = access["apiKeys"]
    assert isinstance(keys, dict)
    roles = {"supplier", "buyer", "bank", "auditor", "operator", "regulator", "registrar"}
    assert roles | {"cash-issuer"} <= set(keys)
    assert (tmp_path / "serve.json").stat().st_mode & 0o077 == 0
    for name, key in keys.items():
        answer = httpx.get(f"{access['url']}/v1/parties", headers={"X-API-Key": key}, timeout=60)
        assert answer.status_code == 200, name
    end = time.monotonic() + PATIENCE
    while not httpx.get(f"{access['url']}/readyz", timeout=60).json()["ready"]:
        assert time.monotonic() < end
    contracts = access["contracts"]
    assert isinstance(contracts, dict)
    code = ask(str(access["rpcUrl"]), "eth_getCode", contracts["Receivables"], "latest")
    assert len(code) > 1000
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert _gone(str(access["rpcUrl"]))


def test_killed_gateway_stops_its_chain_and_restarts_with_all_data(
    served: tuple[subprocess.Popen[str], dict[str, object]], tmp_path: Path
) -> None:
    process, access = served
    before = _parties(access)
    assert before
    process.kill()
    assert _gone(str(access["rpcUrl"]))
    process.wait(PATIENCE)
    file = tmp_path / "again.json"
    again = subprocess.Popen(
        [*CESSION, "serve", "--data-folder", str(tmp_path / "data"), "--write", str(file)],
        cwd=ROOT,
        text=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + PATIENCE
        while not file.exists():
            assert again.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        access_after = json.loads(file.read_text())
        assert access_after["contracts"] == access["contracts"]
        assert _parties(access_after) == before
    finally:
        again.terminate()
        again.wait(PATIENCE)


def test_gateway_runs_on_an_existing_network(tmp_path: Path) -> None:
    with start_node("anvil") as node:
        ledger = asyncio.run(deployed(node, folder=tmp_path))
        files = {}
        for place in (*range(1, 3), REGISTRAR_PLACE):
            files[place] = tmp_path / f"{place}.json"
            document = development_key(place).keystore("a password", iterations=2)
            files[place].write_text(json.dumps(document))
        environment = {
            "CESSION_RPC_URL": node.url,
            "CESSION_DEPLOYMENT": str(ledger.folder / "deployment.json"),
            "CESSION_DATABASE_URL": f"sqlite:///{tmp_path / 'gateway.sqlite'}",
            "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
            "CESSION_MASTER_KEY": "x" * 40,
            "CESSION_KEYSTORE_PASSWORD": "a password",
            "CESSION_SCRYPT_COST": "2",
            "CESSION_RELAY_KEYSTORES": f"{files[1]},{files[2]}",
        }
        unknown = cession("key", "king", "--label", "x", **environment)
        assert unknown.returncode == 2
        assert "registrar" in unknown.stderr
        words = ("key", "registrar", "--label", "ana", "--keystore", str(files[REGISTRAR_PLACE]))
        done = cession(*words, **environment)
        assert done.returncode == 0, done.stderr
        missing = cession("gateway", **(environment | {"CESSION_MASTER_KEY": "short"}))
        assert missing.returncode == 2
        assert "CESSION_MASTER_KEY" in missing.stderr
        port = free_port()
        process = subprocess.Popen(
            [*CESSION, "gateway", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )
        try:
            url, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
            while True:
                try:
                    if httpx.get(f"{url}/readyz", timeout=60).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.1)
            answer = httpx.post(
                f"{url}/v1/parties",
                json={
                    "name": "Linghu Castings",
                    "legalId": {"scheme": "USCC", "value": "91330106MA2CE1550K"},
                    "roles": ["supplier"],
                },
                headers={
                    "X-API-Key": done.stdout.strip(),
                    "Idempotency-Key": uuid4().hex,
                    "Prefer": "wait=50",
                },
                timeout=60,
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["operation"]["error"] is None
        finally:
            process.terminate()
            assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


def test_two_operators_change_a_row_of_the_catalogue(tmp_path: Path) -> None:
    with start_node("anvil") as node:
        ledger = asyncio.run(deployed(node, folder=tmp_path))
        files = {}
        for place in (1, *OPERATOR_PLACES):
            files[place] = tmp_path / f"{place}.json"
            document = development_key(place).keystore("a password", iterations=2)
            files[place].write_text(json.dumps(document))
        first, second = (str(files[place]) for place in OPERATOR_PLACES)
        environment = {
            "CESSION_RPC_URL": node.url,
            "CESSION_DEPLOYMENT": str(ledger.folder / "deployment.json"),
            "CESSION_DATABASE_URL": f"sqlite:///{tmp_path / 'gateway.sqlite'}",
            "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
            "CESSION_MASTER_KEY": "x" * 40,
            "CESSION_KEYSTORE_PASSWORD": "a password",
            "CESSION_SCRYPT_COST": "2",
            "CESSION_RELAY_KEYSTORES": str(files[1]),
        }
        file = tmp_path / "products.yaml"
        file.write_text((ROOT / "products.yaml").read_text())
        (tmp_path / "rules").symlink_to(ROOT / "rules")

        def products(action: str, *more: str) -> subprocess.CompletedProcess[str]:
            return cession("products", action, "--file", str(file), *more, **environment)

        shown = products("diff").stdout
        assert "tax-loan: same" in shown and "holidays: same" in shown, shown
        row = "  - code: tea-loan" + file.read_text().partition("  - code: tax-loan")[2]
        file.write_text(file.read_text() + "\n" + row.partition("\n\n")[0])
        file.write_text(file.read_text().replace("    - 2027-01-01\n", "    - 2027-01-04\n"))
        shown = products("diff").stdout
        assert "tea-loan: new" in shown
        assert shown.partition("holidays: ")[2].splitlines() == [
            *("changed", "  2027-01-04: off", "  2027-01-01: a business day again"),
        ]
        assert "give --keystore" in products("apply").stderr
        added = products("apply", "--keystore", first)
        assert added.returncode == 0, added.stderr
        shown = products("diff").stdout
        assert "tea-loan: same" in shown and "holidays: same" in shown, shown
        old, new = 'min: "5%", max: "15%"', 'min: "5%", max: "14%"'
        file.write_text(file.read_text().replace(old, new, 1))
        assert "maxRate: 150000 -> 140000" in products("diff").stdout
        assert products("apply", "--keystore", first).returncode == 0
        assert "tax-loan: changed" in products("diff").stdout, "one person changes nothing"
        alone = products("approve", "--keystore", first)
        assert alone.returncode == 1
        assert "proposed the change of product" in alone.stderr
        together = products("approve", "--keystore", second)
        assert together.returncode == 0, together.stderr
        assert "tax-loan: same" in products("diff").stdout
        file.write_text(file.read_text().replace('penalty: "150%"', 'penalty: "151%"', 1))
        broken = products("diff")
        assert broken.returncode == 1
        assert "penalty must be" in broken.stderr
