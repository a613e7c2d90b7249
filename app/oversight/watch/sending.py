"""Sends alerts to webhooks: signed, again after a failure, at least once.

The form is that of Standard Webhooks (https://www.standardwebhooks.com): the header
`webhook-signature` is the HMAC-SHA256 of id, timestamp and body under the webhook's secret, and
`webhook-id` stays the same when a delivery is tried again, so that a receiver tells a repeat.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections import defaultdict
from functools import partial
from http import HTTPStatus

import httpx
import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.outbox.operation import to_json
from app.gateway import own_tasks
from app.gateway.gateway import Gateway
from app.gateway.views import time_view
from app.gateway.workers import Workers
from app.oversight.watch import alert_rows, alert_views, webhook_rows
from app.oversight.watch.hosts import HostRefused, Target
from app.oversight.watch.webhook_rows import DeliveryRow, WebhookRow

log = structlog.get_logger(__name__)
EVERY_SECONDS = 2.0
SECRET_PREFIX = "whsec_"
MAX_ATTEMPTS = 10
FIRST_PAUSE, MAX_PAUSE = 60.0, 21_600.0  # seconds; each pause is four times the one before
_PAUSE_GROWS = 4
_TIMEOUT = 10.0
_LEASE = 60.0  # seconds after which another gateway may try what this one began
_AT_ONCE, _EACH = 100, 5  # deliveries of one round, of all webhooks and of one


class _Message(msgspec.Struct, frozen=True):
    """What one delivery sends."""

    webhook: WebhookRow
    secret: bytes
    body: str


async def send_alerts(gateway: Gateway) -> None:
    """Runs until it is cancelled."""
    # A transport and no client: what a receiver answers, such as a cookie or where to go instead,
    # is not read. No connection is used again: it was opened for one host, and another one may have
    # its address.
    async with httpx.AsyncHTTPTransport(
        trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    ) as transport:
        step = partial(send_due, gateway, transport)
        await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="webhooks")


async def send_due(gateway: Gateway, transport: httpx.AsyncHTTPTransport) -> None:
    """Sends what is due; webhooks do not wait for each other."""
    read = partial(webhook_rows.due, now=time.time(), limit=_AT_ONCE)
    by_webhook: defaultdict[str, list[DeliveryRow]] = defaultdict(list)
    for row in await gateway.storage.read(read):
        by_webhook[row.webhook_id].append(row)
    await asyncio.gather(
        *(_send_all(gateway, transport, rows[:_EACH]) for rows in by_webhook.values())
    )


async def _send_all(
    gateway: Gateway, transport: httpx.AsyncHTTPTransport, rows: list[DeliveryRow]
) -> None:
    for row in rows:
        claim = partial(webhook_rows.claim, row=row, until=time.time() + _LEASE)
        if not await gateway.storage.write(claim):
            continue
        message = await gateway.storage.read(partial(_message, gateway, row=row))
        if message is None:
            continue
        status, error = await _post(gateway, transport, row, message)
        after = outcome(row, status=status, error=error, now=time.time())
        await gateway.storage.write(partial(webhook_rows.note, row=after))


def _message(gateway: Gateway, connection: Connection, *, row: DeliveryRow) -> _Message | None:
    webhook = webhook_rows.by_id(connection, row.webhook_id)
    alert = alert_rows.by_id(connection, row.alert_id)
    if webhook is None or alert is None:
        return None
    secret = gateway.sealer.open(webhook.sealed, about=secret_of(webhook.id))
    data = alert_views.alerts(gateway, connection, [alert])[0]
    body = {"type": "watch.alert", "timestamp": time_view(alert.timestamp), "data": data}
    return _Message(webhook, secret, to_json(body))


async def _post(
    gateway: Gateway, transport: httpx.AsyncHTTPTransport, row: DeliveryRow, message: _Message
) -> tuple[int | None, str | None]:
    """The status of the answer, and why the delivery failed."""
    try:
        target = Target(message.webhook.url, loopback=gateway.settings.webhook_loopback)
        sending = _answer(transport, gateway.lookups, target, message, identifier=row.id)
        status = await asyncio.wait_for(sending, _TIMEOUT)
    except HostRefused as error:
        return None, str(error)
    except (TimeoutError, httpx.TimeoutException):
        return None, f"no answer within {_TIMEOUT:g} seconds"
    except Exception:
        # Whatever a receiver does is a failed attempt of its own, and ends no other deliveries.
        log.info("webhooks.failed", webhook=message.webhook.id, exc_info=True)
        return None, "no connection"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return status, None
    return status, f"answered {status}"


async def _answer(
    transport: httpx.AsyncHTTPTransport,
    lookups: Workers,
    target: Target,
    message: _Message,
    *,
    identifier: str,
) -> int:
    """The status of the answer; what it says beyond that is not read."""
    body, timestamp = message.body.encode(), int(time.time())
    request = httpx.Request(
        "POST",
        target.url_at(await target.resolve(lookups)),
        content=body,
        headers={
            "Host": target.host_header,
            "Content-Type": "application/json",
            "webhook-id": identifier,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                message.secret, identifier=identifier, timestamp=timestamp, body=body
            ),
        },
        extensions={
            "sni_hostname": target.host,
            "timeout": httpx.Timeout(_TIMEOUT).as_dict(),
        },
    )
    answer = await transport.handle_async_request(request)
    await answer.aclose()
    return answer.status_code


def outcome(row: DeliveryRow, *, status: int | None, error: str | None, now: float) -> DeliveryRow:
    """The delivery after an attempt."""
    attempts = row.attempts + 1
    state = webhook_rows.DELIVERED
    if error is not None:
        state = webhook_rows.ABANDONED if attempts >= MAX_ATTEMPTS else webhook_rows.WAITING
    pause = min(FIRST_PAUSE * _PAUSE_GROWS ** (attempts - 1), MAX_PAUSE)
    return msgspec.structs.replace(
        row,
        state=state,
        attempts=attempts,
        next_at=now + pause,
        status=status,
        error=error,
        ended_at=None if state == webhook_rows.WAITING else now,
    )


def secret_of(identifier: str) -> str:
    """What the sealed secret of a webhook is about."""
    return f"watch webhook {identifier}"


def signature(secret: bytes, *, identifier: str, timestamp: int, body: bytes) -> str:
    """The signature of a message, version 1 of Standard Webhooks."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
