"""Bodies of parties with names of a test's choice."""

from __future__ import annotations

import uuid
from typing import Any


def body(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "legalId": {"scheme": "0060", "value": uuid.uuid4().hex[:20].upper()},
        "roles": ["supplier"],
    }
