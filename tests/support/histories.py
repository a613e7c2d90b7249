"""Reads a history in short."""

from __future__ import annotations

from typing import Any

from tests.support.world import World

PATH = "/v1/history"


def names(world: World, by: str = "auditor", **query: Any) -> list[str]:
    items = world[by].get(PATH, limit=1000, **query).body["items"]
    return [item["event"] for item in items]
