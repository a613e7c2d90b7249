"""Values in what the API answers, by their path."""

from __future__ import annotations

from typing import Any


def at(value: Any, path: str) -> Any:
    """What stands at a path such as `terms.limit.currency`; None if nothing does."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
