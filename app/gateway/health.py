"""Whether the gateway runs and is ready, and its metrics: /livez, /readyz, /metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.nodes.pool import NodePool
from app.gateway import readiness
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.problems import MEDIA_TYPE
from app.gateway.views import json_response
from app.storage import StorageError, run
from app.storage.checkpoint import read_checkpoint

router = APIRouter(tags=["health"])
RETRY_SECONDS = 5
NOT_READY: dict[str, Any] = {
    "description": "Not ready; `checks` says why. A problem document when the gateway is full.",
    "content": {
        "application/json": {"schema": {"type": "object"}},
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}


@router.get("/livez")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: NOT_READY})
async def ready(gateway: GatewayOf) -> Response:
    """Whether the gateway can work, check by check; 503 when a check fails."""
    look = await readiness.look(gateway)
    body = {"ready": look.ready, "checks": look.checks}
    if look.ready:
        return json_response(body)
    return json_response(body, status=503, headers={"Retry-After": str(RETRY_SECONDS)})


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, gateway: GatewayOf) -> Response:
    """Prometheus metrics."""
    registry: CollectorRegistry = request.app.state.registry
    await readiness.recent(gateway)
    text = await asyncio.to_thread(generate_latest, registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class GatewayCollector(Collector):
    """Gauges that are read at each request: operations by state, relayer and index."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def collect(self) -> Any:
        """Families of metrics."""
        gateway = self.gateway

        def read(connection: Connection) -> tuple[list[Any], Any]:
            states = run(connection, "SELECT state, count(*) FROM operations GROUP BY state").all()
            return states, read_checkpoint(connection)

        try:
            states, at = gateway.storage.read_now(read)
        except StorageError:
            states, at = [], None
        operations = GaugeMetricFamily("cession_operations", "Operations", labels=["state"])
        for state, count in states:
            operations.add_metric([state], count)
        yield operations
        head = gateway.indexer.head_number
        indexed = -1 if at is None else at.block_number
        for name, words, value in (
            ("cession_index_block", "Newest block in the tables", indexed),
            ("cession_index_lag_blocks", "Blocks the index is behind", (head or indexed) - indexed),
            ("cession_indexed_events", "Events since the start", gateway.indexer.indexed_events),
            ("cession_relayed_intents", "Intents since the start", gateway.relayer.sent_intents),
            (
                "cession_relay_transactions",
                "Transactions since the start",
                gateway.relayer.sent_transactions,
            ),
            ("cession_time_seconds", "Clock", time.time()),
        ):
            yield GaugeMetricFamily(name, words, value=value)
        yield from _look_metrics(gateway.cache.get(readiness.LAST_LOOK), gateway)


def _look_metrics(look: readiness.Look | None, gateway: Gateway) -> Iterator[GaugeMetricFamily]:
    """The results of the last look."""
    if look is None:
        return
    yield GaugeMetricFamily("cession_ready", "1: every check holds", value=float(look.ready))
    held = GaugeMetricFamily("cession_check", "1: the check of /readyz holds", labels=["check"])
    for name, check in look.checks.items():
        held.add_metric([name], float(check["holds"]))
    yield held
    own_work = GaugeMetricFamily(
        "cession_own_work", "1: a task of the gateway's own work works", labels=["task", "state"]
    )
    for name, task in look.checks["ownWork"].get("tasks", {}).items():
        own_work.add_metric([name, task["state"]], float(task["state"] == "working"))
    yield own_work
    balances = GaugeMetricFamily(
        "cession_relay_balance_wei", "Balance of a relay account", labels=["account", "state"]
    )
    accounts = look.checks["relayAccounts"].get("accounts", {})
    for account, balance in look.balances.items():
        balances.add_metric([account, accounts[account]["state"]], float(balance))
    yield balances
    nodes = GaugeMetricFamily("cession_node_up", "1: this node answers", labels=["node"])
    if isinstance(gateway.rpc, NodePool):
        for node, up in zip(gateway.rpc.nodes, gateway.rpc.answering, strict=True):
            nodes.add_metric([node.name], float(up))
    yield nodes
    for name, words in readiness.METRICS.items():
        value = look.numbers[name]
        if value is not None:
            yield GaugeMetricFamily(name, words, value=value)
