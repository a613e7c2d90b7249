"""Bodies of webhooks, to which the gateway sends alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.oversight.watch.schemas import LevelName

DeliveryState = Literal["waiting", "delivered", "abandoned", "stopped"]


class Webhook(TypedDict):
    """Where the gateway sends a lender's alerts."""

    id: Annotated[str, Field(description="Its id, a UUID.")]
    url: Annotated[str, Field(description="Where alerts go.")]
    minLevel: Annotated[LevelName, Field(description="Alerts below this level are not sent.")]
    person: Annotated[str, Field(description="The label of the API key that made it.")]
    createdAt: str


class WebhookWithSecret(Webhook):
    """A new webhook with its secret."""

    secret: Annotated[
        str,
        Field(
            description="Signs what is sent (HMAC-SHA256, Standard Webhooks); only the first "
            "answer shows it."
        ),
    ]


class WebhookList(TypedDict):
    """The webhooks of a lender, the oldest first."""

    items: list[Webhook]


class WebhookDelivery(TypedDict):
    """The delivery of an alert to a webhook."""

    id: Annotated[str, Field(description="The header `webhook-id`, the same in each attempt.")]
    alertId: Annotated[int, Field(description="Number of the alert.")]
    state: Annotated[
        DeliveryState,
        Field(description="abandoned: it failed too often; stopped: the webhook was deleted."),
    ]
    attempts: Annotated[int, Field(description="How often it was tried.")]
    status: Annotated[
        int | None, Field(description="HTTP status of the last answer; null: there was none.")
    ]
    error: Annotated[
        str | None, Field(description="Why the last attempt failed; null: it did not.")
    ]
    nextAt: Annotated[
        str | None, Field(description="When it is tried next, UTC; null: it is over.")
    ]
    endedAt: Annotated[str | None, Field(description="When it ended, UTC; null: it waits.")]


class WebhookDeliveryPage(TypedDict):
    """Deliveries to a webhook, newest first."""

    items: list[WebhookDelivery]
    nextCursor: str | None
