"""/livez, /readyz, /metrics"""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.checkpoint import read_checkpoint
from app.http.gateway import Gateway, GatewayOf
from app.http.views import json_response
from app.storage import StorageError, run

router = APIRouter(tags=["health"])
MOST_LAG_BLOCKS = 50


@router.get("/livez")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def ready(gateway: GatewayOf) -> Response:
    """Chain, store and index are in step; 503 when one is not."""
    checks = {
        "chain": await _chain(gateway),
        "store": await _store(gateway),
        "relayer": {
            "holds": gateway.relayer.last_error is None and gateway.relayer.held is None,
            "error": gateway.relayer.last_error or gateway.relayer.held,
        },
    }
    fine = all(check["holds"] for check in checks.values())
    return json_response({"ready": fine, "checks": checks}, status=200 if fine else 503)


async def _chain(gateway: Gateway) -> dict[str, Any]:
    try:
        head = int(await gateway.rpc.call("eth_blockNumber"), 16)
    except Exception as error:
        return {"holds": False, "error": str(error)}
    try:
        at = await gateway.storage.read(read_checkpoint)
    except StorageError as error:
        return {"holds": False, "error": str(error)}
    indexed = -1 if at is None else at.block_number
    lag = head - indexed
    return {"holds": lag <= MOST_LAG_BLOCKS, "head": head, "indexed": indexed, "lag": lag}


async def _store(gateway: Gateway) -> dict[str, Any]:
    try:
        await gateway.storage.read(lambda connection: run(connection, "SELECT 1").scalar())
    except StorageError as error:
        return {"holds": False, "error": str(error)}
    return {"holds": True}


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus metrics."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class GatewayCollector(Collector):
    """What is measured when it is asked for: operations by state, relayer and index."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def collect(self) -> Any:
        """Families of metrics."""
        gateway = self.gateway

        def read(connection: Connection) -> tuple[list[Any], Any]:
            states = run(connection, "SELECT state, count(*) FROM operations GROUP BY state").all()
            return states, read_checkpoint(connection)

        states, at = gateway.storage.read_now(read)
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
