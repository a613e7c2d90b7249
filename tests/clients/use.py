"""A Python client made by openapi-python-client from /openapi.json, in use against a gateway.

Reads what to do from the environment and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

from generated_client import AuthenticatedClient
from generated_client.api.cash import transfer_cash
from generated_client.api.history import get_history
from generated_client.api.operations import get_operation
from generated_client.api.parties import get_own_party
from generated_client.api.receivables import get_receivable
from generated_client.models import Issue, Money, Problem

client = AuthenticatedClient(
    os.environ["GATEWAY"],
    token=os.environ["KEY"],
    prefix="",
    auth_header_name="X-API-Key",
    raise_on_unexpected_status=True,
)


def transfer(amount: str) -> Any:
    """Pays, and waits for the end."""
    body = Issue(to_party_id=os.environ["PAYEE"], amount=Money(amount=amount, currency="CNY"))
    return transfer_cash.sync_detailed(
        "CNY",
        client=client,
        body=body,
        idempotency_key=uuid.uuid4().hex,
        prefer="wait=20",
    )


own = get_own_party.sync(client=client)
receivable = get_receivable.sync(int(os.environ["RECEIVABLE"]), client=client)
paid = transfer("12.34")
operation = get_operation.sync(paid.parsed.operation.id, client=client)
refused = transfer("999999999.00")
story = get_history.sync(client=client, receivable=int(os.environ["RECEIVABLE"]))
print(
    json.dumps(
        {
            "name": own.name,
            "faceAmount": receivable.face_amount.to_dict(),
            "status": int(paid.status_code),
            "state": operation.state,
            "problem": [
                isinstance(refused.parsed, Problem),
                int(refused.status_code),
                refused.parsed.fix,
            ],
            "events": [item.event for item in story.items],
        }
    )
)
