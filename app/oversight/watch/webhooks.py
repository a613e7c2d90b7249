"""Webhooks of lenders: made, listed and deleted, with the record of their deliveries."""

from __future__ import annotations

import base64
import secrets
import time
from typing import cast

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.views import time_view
from app.oversight.watch import sending, webhook_rows
from app.oversight.watch.hosts import HostRefused, Target
from app.oversight.watch.schemas import LEVEL_NAMES, NewWebhook
from app.oversight.watch.webhook_rows import DeliveryRow, WebhookRow
from app.oversight.watch.webhook_schemas import (
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookList,
)

MAX_WEBHOOKS = 10
_SECRET_BYTES = 32


async def make(command: Command, request: NewWebhook) -> Change:
    """Makes a webhook of the caller. Its secret is in the first answer only.

    Raises:
        BadInput, Conflict, Forbidden.
    """
    gateway, caller, lender = command.gateway, command.caller, command.caller.acting()
    try:
        target = Target(request.url, loopback=gateway.settings.webhook_loopback)
        await target.resolve(gateway.lookups)
    except HostRefused as error:
        raise BadInput(
            say("the webhook cannot go there: {error}", error=error),
            name="webhook-refused",
            field="url",
            fix="give the https address of a host on the public internet",
        ) from error
    secret, identifier = secrets.token_bytes(_SECRET_BYTES), new_id()
    row = WebhookRow(
        id=identifier,
        lender=lender,
        url=request.url,
        min_level=LEVEL_NAMES.index(request.minLevel),
        person=caller.label,
        created_at=time.time(),
        sealed=gateway.sealer.seal(secret, about=sending.secret_of(identifier)),
    )

    def write(connection: Connection) -> Answer:
        if len(webhook_rows.of_lender(connection, lender)) >= MAX_WEBHOOKS:
            raise Conflict(
                say("there are {max_webhooks} webhooks already", max_webhooks=MAX_WEBHOOKS),
                name="webhooks-full",
                fix="delete one first: DELETE /v1/watch/webhooks/{id}",
            )
        webhook_rows.add(connection, row)
        shown = sending.SECRET_PREFIX + base64.b64encode(secret).decode()
        body = {**_view(row), "secret": "shown once, in the first answer"}
        return Answer(body, 201, shown_once={"secret": shown})

    return Change(write)


async def listed(gateway: Gateway, caller: Caller) -> WebhookList:
    """The caller's webhooks.

    Raises:
        Forbidden.
    """
    lender = caller.acting()
    rows = await gateway.storage.read(lambda c: webhook_rows.of_lender(c, lender))
    return {"items": [_view(row) for row in rows]}


async def delete(gateway: Gateway, caller: Caller, identifier: str) -> None:
    """Deletes a webhook of the caller; what waits for it is not sent.

    Raises:
        NotFound.
    """

    def write(connection: Connection) -> None:
        row = _own(connection, caller, identifier)
        webhook_rows.delete(connection, row.id, now=time.time())

    await gateway.storage.write(write)


async def deliveries(
    gateway: Gateway, caller: Caller, identifier: str, *, before: str | None, limit: int
) -> WebhookDeliveryPage:
    """What was sent to a webhook of the caller, newest first.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> WebhookDeliveryPage:
        row = _own(connection, caller, identifier)
        rows = webhook_rows.deliveries(connection, row.id, before=before, limit=limit)
        following = rows[-1].id if len(rows) == limit else None
        return {"items": [_delivery(each) for each in rows], "nextCursor": following}

    return await gateway.storage.read(find)


def _own(connection: Connection, caller: Caller, identifier: str) -> WebhookRow:
    row = webhook_rows.by_id(connection, identifier)
    if row is None or row.lender != caller.account:
        raise NotFound(
            say("there is no webhook {identifier}", identifier=identifier), name="webhook-unknown"
        )
    return row


def _view(row: WebhookRow) -> Webhook:
    return {
        "id": row.id,
        "url": row.url,
        "minLevel": LEVEL_NAMES[row.min_level],
        "person": row.person,
        "createdAt": time_view(row.created_at),
    }


def _delivery(row: DeliveryRow) -> WebhookDelivery:
    waits = row.state == webhook_rows.WAITING
    return {
        "id": row.id,
        "alertId": row.alert_id,
        "state": cast(DeliveryState, row.state),
        "attempts": row.attempts,
        "status": row.status,
        "error": row.error,
        "nextAt": time_view(row.next_at) if waits else None,
        "endedAt": time_view(row.ended_at),
    }
