"""Bodies of parties with names of a test's choice."""

from __future__ import annotations

import uuid

from tests.support.bodies import Json


def body(name: str) -> Json:
    return {
        "name": name,
        "legalId": {"scheme": "0060", "value": uuid.uuid4().hex[:20].upper()},
        "roles": ["supplier"],
    }
