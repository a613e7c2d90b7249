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
from app.errors import Unavailable
from app.gateway import own_tasks
from app.gateway.gateway import Gateway
from app.gateway.views import time_view
from app.gateway.workers import Workers
from app.oversight.watch import alert_rows, alert_views, webhook_rows
from app.oversight.watch.hosts import HostRefused, Target
from app.oversight.watch.webhook_rows import DeliveryRow, WebhookRow
from app.parties.registry import repository as parties
from app.storage import StorageError
from app.storage.turns import acting_as

log = structlog.get_logger(__name__)
EVERY_SECONDS = 2.0
SECRET_PREFIX = "whsec_"
MAX_ATTEMPTS = 10
FIRST_PAUSE, MAX_PAUSE = 60.0, 21_600.0  # seconds; each pause is four times the one before
_PAUSE_GROWS = 4
_TIMEOUT = 10.0
_LEASE = 60.0  # seconds after which another gateway may try what this one began
_MAX_WEBHOOK_PAUSE = 900.0  # seconds for which a receiver that did not answer is left alone
_AT_ONCE, _EACH = 50, 5  # webhooks that are sent to at once, and deliveries of one of them in a row
_NO_MESSAGE = "the gateway could not make the message"


class _Message(msgspec.Struct, frozen=True):
    """What one delivery sends.

    Attributes:
        party: of the webhook's lender, whose turns a lookup of its host takes.
    """

    webhook: WebhookRow
    party: str
    secret: bytes
    body: str


async def send_alerts(gateway: Gateway) -> None:
    """Runs until it is cancelled."""
    # A transport and no client: what a receiver answers, such as a cookie or where to go instead,
    # is not read. No connection is used again: it was opened for one host, and another one may have
    # its address.
    async with (
        httpx.AsyncHTTPTransport(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        ) as transport,
        Sender(gateway, transport) as sender,
    ):
        await own_tasks.repeated(sender.step, every=EVERY_SECONDS, log=log, name="webhooks")


class Sender:
    """Sends what is due: a task for each webhook, so that none waits for another one's receiver."""

    def __init__(self, gateway: Gateway, transport: httpx.AsyncHTTPTransport) -> None:
        self._gateway = gateway
        self._transport = transport
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def step(self) -> None:
        """Begins a task for each webhook that has something due and no task yet."""
        free = _AT_ONCE - len(self._tasks)
        if free <= 0:
            return
        read = partial(
            webhook_rows.due,
            now=time.time(),
            each=_EACH,
            limit=free * _EACH,
            busy=frozenset(self._tasks),
        )
        by_webhook: defaultdict[str, list[DeliveryRow]] = defaultdict(list)
        for row in await self._gateway.storage.read(read):
            by_webhook[row.webhook_id].append(row)
        for webhook_id, rows in list(by_webhook.items())[:free]:
            task = asyncio.create_task(self._send_all(webhook_id, rows))
            self._tasks[webhook_id] = task
            task.add_done_callback(partial(self._ended, webhook_id))

    def _ended(self, webhook_id: str, _: asyncio.Task[None]) -> None:
        self._tasks.pop(webhook_id, None)

    async def _send_all(self, webhook_id: str, rows: list[DeliveryRow]) -> None:
        """Sends deliveries of a webhook in turn, until its receiver does not answer."""
        try:
            for row in rows:
                if not await self._send(row):
                    break
        except Exception:
            # The lease of the delivery runs out, and it is tried again.
            log.exception("webhooks.failed", webhook=webhook_id)

    async def _send(self, row: DeliveryRow) -> bool:
        """Makes an attempt; False if the receiver did not answer, so that its webhook pauses."""
        gateway = self._gateway
        claim = partial(webhook_rows.claim, row=row, until=time.time() + _LEASE)
        if not await gateway.storage.write(claim):
            return True
        status: int | None = None
        error: str | None = _NO_MESSAGE
        try:
            message = await gateway.storage.read(partial(_message, gateway, row=row))
        except (StorageError, Unavailable):
            raise
        except Exception:
            log.exception("webhooks.message_failed", delivery=row.id)
        else:
            if message is None:
                return True
            status, error = await _post(gateway, self._transport, row, message)
        after = outcome(row, status=status, error=error, now=time.time())
        answered = status is not None or error == _NO_MESSAGE

        def write(connection: Connection) -> None:
            webhook_rows.note(connection, after)
            if not answered:
                until = min(after.next_at, time.time() + _MAX_WEBHOOK_PAUSE)
                webhook_rows.pause(connection, row.webhook_id, until=until)

        await gateway.storage.write(write)
        return answered


def _message(gateway: Gateway, connection: Connection, *, row: DeliveryRow) -> _Message | None:
    webhook = webhook_rows.by_id(connection, row.webhook_id)
    alert = alert_rows.by_id(connection, row.alert_id)
    if webhook is None or alert is None:
        return None
    secret = gateway.sealer.open(webhook.sealed, about=secret_of(webhook.id))
    data = alert_views.alerts(gateway, connection, [alert])[0]
    body = {"type": "watch.alert", "timestamp": time_view(alert.timestamp), "data": data}
    named = parties.names(connection, {webhook.lender}).get(webhook.lender)
    party = webhook.lender if named is None else named[0]
    return _Message(webhook, party, secret, to_json(body))


async def _post(
    gateway: Gateway, transport: httpx.AsyncHTTPTransport, row: DeliveryRow, message: _Message
) -> tuple[int | None, str | None]:
    """The status of the answer, and why the delivery failed."""
    try:
        target = Target(message.webhook.url, loopback=gateway.settings.webhook_loopback)
        sending = _answer(transport, gateway.lookups, target, message, identifier=row.id)
        with acting_as(message.party):
            status = await asyncio.wait_for(sending, _TIMEOUT)
    except HostRefused as error:
        return None, str(error)
    except (TimeoutError, httpx.TimeoutException):
        return None, f"no answer within {_TIMEOUT:g} seconds"
    except (httpx.TransportError, OSError) as failure:
        name = type(failure).__name__
        log.info("webhooks.failed", webhook=message.webhook.id, error=name)
        return None, "no connection"
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
