"""`/readyz` and its metrics tell the truth: every state of every check, and an alert for each.

The node and the store are real.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway import readiness
from app.gateway.cache import Cache
from app.gateway.gateway import Gateway
from app.gateway.health import GatewayCollector
from app.gateway.own_tasks import OwnTasks
from app.gateway.readiness import Look
from app.storage import run
from scripts.compile import ROOT
from tests.support.cash_ledger import account
from tests.support.chains import FIVE, until
from tests.support.harness import Anvil, Ledger, Nodes, ledger_on

SETTINGS = Settings(
    ledger_key=DEVELOPMENT_LEDGER_KEY,
    master_key="x" * 40,
    keystore_password="a password",
    block_age_limit=600,
)
Change = Callable[[Ledger, Anvil], Awaitable[None]]


def gateway_of(ledger: Ledger) -> Gateway:
    parts = {
        "settings": SETTINGS,
        "storage": ledger.storage,
        "rpc": ledger.rpc,
        "relayer": ledger.relayer,
        "indexer": ledger.indexer,
        "cache": Cache(),
        "own_tasks": OwnTasks(),
    }
    return cast(Gateway, SimpleNamespace(**parts))


def metrics_of(gateway: Gateway) -> str:
    registry = CollectorRegistry()
    registry.register(GatewayCollector(gateway))
    return generate_latest(registry).decode()


async def _wait_ready(ledger: Ledger) -> Look:
    gateway = gateway_of(ledger)
    for _ in range(200):
        report = await readiness.look(gateway)
        if report.ready:
            return report
        await asyncio.sleep(0.05)
    raise AssertionError(report.checks)


async def _set(ledger: Ledger, statement: str, *row: Any) -> None:
    await ledger.storage.write(lambda connection: run(connection, statement, row))


async def empty_account(ledger: Ledger, node: Anvil) -> None:
    node.ask("anvil_setBalance", account(1).address, "0x1")


async def old_operation(ledger: Ledger, node: Anvil) -> None:
    node.ask("evm_setAutomine", False)
    await ledger.enqueue(ledger.issuer, "mint", [ledger.issuer.address, 1])
    await _set(ledger, "UPDATE operations SET created_at = 1000 WHERE state != 'final'")


async def unknown_execution(ledger: Ledger, node: Anvil) -> None:
    await _set(
        ledger,
        "INSERT INTO unknown_executions (signer, nonce, operation_hash, succeeded, ours, "
        "block_number, block_hash, transaction_hash, seen_at) VALUES "
        "('0x1', '1', '0x2', 1, 1, 1, '0x3', '0x4', 1.0)",
    )


async def node_away(ledger: Ledger, node: Anvil) -> None:
    node.kill()
    await until(lambda: ledger.indexer.last_error)


async def below_final(ledger: Ledger, node: Anvil) -> None:
    node.ask("anvil_mine", hex(20))
    final = "SELECT final_number FROM checkpoints"
    await until(lambda: ledger.rows(final)[0][0] >= int(node.ask("eth_blockNumber"), 16) - 5)
    node.ask("anvil_reorg", 12, [])
    node.ask("anvil_mine", hex(2))
    await until(lambda: ledger.indexer.wrong_chain)


@pytest.mark.parametrize(
    ("change", "checks", "metric"),
    [
        (empty_account, {"relayAccounts"}, 'cession_relay_balance_wei{account="%s",state="empty"}'),
        (old_operation, {"operations"}, "cession_oldest_operation_age_seconds"),
        (unknown_execution, {"history", "relayer"}, "cession_unknown_executions 1.0"),
        (node_away, {"chain", "index", "relayAccounts"}, "cession_index_failing 1.0"),
        (below_final, {"identity", "index"}, "cession_finality_broken 1.0"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_readiness_names_failing_checks_and_their_metric(
    node: Anvil, storage_url: str, change: Change, checks: set[str], metric: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await ledger.rich(5)
            await _wait_ready(ledger)
            await change(ledger, node)
            gateway, wrong = gateway_of(ledger), set[str]()
            for _ in range(200):
                report = await readiness.look(gateway)
                wrong = {name for name, check in report.checks.items() if not check["holds"]}
                if checks <= wrong:
                    break
                await asyncio.sleep(0.05)
            assert checks <= wrong, report.checks
            assert wrong <= checks | {"relayer", "chain"}, report.checks
            text = await asyncio.to_thread(metrics_of, gateway)
            assert metric.replace("%s", account(1).address) in text
            assert "cession_ready 0.0" in text
            for name in checks:
                assert f'cession_check{{check="{name}"}} 0.0' in text

    asyncio.run(main())


def test_readiness_shows_a_low_balance_and_an_old_block(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await ledger.rich(5)
            node.ask("anvil_setBalance", account(1).address, hex(SETTINGS.relay_balance_low - 1))
            report = await _wait_ready(ledger)
            states = report.checks["relayAccounts"]["accounts"]
            assert states[account(1).address]["state"] == "low"
            assert states[account(2).address]["state"] == "ok"
            await _set(ledger, "UPDATE checkpoints SET timestamp = 1000")
            report = await readiness.look(gateway_of(ledger))
            assert not report.ready and "limit is 600 s" in str(report.checks["blocks"]["error"])

    asyncio.run(main())


@pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)
def test_readiness_fails_when_the_store_is_read_only(node: Anvil, storage_url: str) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await ledger.rich(5)
            await _wait_ready(ledger)
            name = urlsplit(storage_url).path[1:]
            plain = storage_url.replace("+psycopg", "")
            with psycopg.connect(plain, autocommit=True) as other:
                other.execute(
                    f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode()
                )
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            gateway = gateway_of(ledger)
            report = await readiness.look(gateway)
            assert not report.checks["store"]["holds"], report.checks
            assert "cession_store_writable 0.0" in await asyncio.to_thread(metrics_of, gateway)

    asyncio.run(main())


def test_every_alert_has_its_metric(node: Anvil, storage_url: str) -> None:
    rules = yaml.safe_load((ROOT / "docs/guides/alerts.yaml").read_text())

    async def main() -> str:
        async with ledger_on(node, storage_url, nodes=Nodes([node.url]), indexing=FIVE) as ledger:
            await ledger.rich(5)
            await _wait_ready(ledger)
            gateway = gateway_of(ledger)
            await readiness.recent(gateway)
            return await asyncio.to_thread(metrics_of, gateway)

    text = asyncio.run(main())
    known = set(re.findall(r"^# TYPE (\w+) ", text, flags=re.MULTILINE))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    used = {name for rule in alerts for name in re.findall(r"cession_\w+", rule["expr"])}
    assert used <= known
    assert set(readiness.METRICS) - {"cession_newest_block_age_seconds"} <= used | known
    assert set(readiness.METRICS) <= used, "each metric of a check has a rule"
    for rule in alerts:
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]
        assert rule["labels"]["severity"] in ("page", "warn")


def test_waiting_caller_gets_the_operations_state_when_the_gateway_stops(
    node: Anvil, storage_url: str
) -> None:
    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            operation = await ledger.enqueue(ledger.issuer, "mint", [ledger.issuer.address, 1])
            waiting = asyncio.create_task(ledger.operations.wait(operation.id, 3600))
            await until(lambda: ledger.operations._waiters)
            ledger.operations.answer_waiters()
            assert (await waiting).state == "accepted"
            assert (await ledger.operations.wait(operation.id, 3600)).state == "accepted"

    asyncio.run(main())


def test_readiness_holds_when_a_wallet_delays_its_own_operation(
    node: Anvil, storage_url: str
) -> None:
    """A wallet may sign long after its request, and its contract may later refuse the signature."""

    async def main() -> None:
        async with ledger_on(node, storage_url, start=False) as ledger:
            await ledger.indexer.catch_up()
            await ledger.enqueue(ledger.issuer, "mint", [ledger.issuer.address, 1])
            of_a_wallet = "custody = 0, deadline = ?, created_at = 1000, signature = '0xab'"
            await _set(ledger, f"UPDATE operations SET {of_a_wallet}", 2**40)
            gateway = gateway_of(ledger)
            assert (await readiness.look(gateway)).checks["operations"]["holds"]
            gateway.cache.clear()
            sent = "UPDATE operations SET state = 'submitted', submitted_at = 1000"
            await _set(ledger, sent)
            assert not (await readiness.look(gateway)).checks["operations"]["holds"]

    asyncio.run(main())
