"""Chains that fork, and waiting for what they bring."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.chain.index.indexer import IndexerSettings
from tests.support.harness import Anvil

SECONDS_BETWEEN_POLLS = 0.02


def quick(*, finality: str | int) -> IndexerSettings:
    """An indexer that asks often."""
    return IndexerSettings(
        finality=finality, poll_busy=SECONDS_BETWEEN_POLLS, poll_idle=SECONDS_BETWEEN_POLLS
    )


FIVE = quick(finality=5)


def fork_of(node: Anvil, folder: Path) -> Anvil:
    """A second chain with the same history up to now."""
    state_before = _edges(node)
    node.stop()
    shutil.copytree(node._folder, folder / "chain")
    node.start()
    twin = Anvil(folder)
    assert _edges(node) == _edges(twin) == state_before
    return twin


def _edges(node: Anvil) -> tuple[str, str]:
    first, latest = (node.ask("eth_getBlockByNumber", at, False) for at in ("0x1", "latest"))
    return first["parentHash"], latest["hash"]


async def until(condition: Callable[[], Any], *, seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")
