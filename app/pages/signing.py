"""What an own wallet signs, in words before it signs.

`POST /v1/signing/description` derives the words from the typed data itself. A gateway that has no
such endpoint leaves the raw fields.
"""

from __future__ import annotations

import json
from typing import Any

from app.pages.api import Json, Problem
from app.pages.page import Page

_UNKNOWN = 404


async def description(page: Page, typed_data: Json) -> Json | None:
    """The message in words; None if the gateway has none for it.

    Raises:
        Problem.
    """
    try:
        return await page.api.post("/v1/signing/description", {"typedData": typed_data})
    except Problem as problem:
        if problem.status == _UNKNOWN:
            return None
        raise


async def signing_context(page: Page, typed_data: Json, *, signer: str) -> dict[str, Any]:
    """What `parts/wallet.html` needs to show a message and to ask the wallet for its signature."""
    return {
        "typed_data": typed_data,
        "typed_data_json": json.dumps(typed_data),
        "described": await description(page, typed_data),
        "fields": list(flat(typed_data["message"])),
        "signer": signer,
    }


def flat(value: Any, path: str = "") -> Any:
    """Fields of a message with their paths, such as `terms.amount`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from flat(inner, f"{path}.{place}")
    else:
        yield path, value
