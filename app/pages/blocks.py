"""The block as of which pages are true, and the head of the chain."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass

from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.pages import formats
from app.pages.languages import t
from app.storage.checkpoint import read_checkpoint

_FRESH_SECONDS = 0.5


@dataclass(frozen=True)
class AsOfBlock:
    """A block that the read tables have reached.

    Attributes:
        behind: blocks that they are behind the head; None: the head is not known yet.
        final: the newest block that no reorganisation undoes; -1: there is none.
        silent: the chain does not answer, so the head may be newer than the last one known.
        answered_at: of a silent chain, UTC seconds of its last answer; None: it never answered.
    """

    number: int | None
    hash: str | None
    timestamp: int
    behind: int | None
    final: int = -1
    silent: bool = False
    answered_at: int | None = None

    def day(self, zone_offset: int) -> str:
        """The business day of the block, such as `2026-11-29`."""
        zone = datetime.timezone(datetime.timedelta(seconds=zone_offset))
        return datetime.datetime.fromtimestamp(self.timestamp, zone).date().isoformat()

    def silence(self, zone_offset: int) -> str:
        """In words, that the chain does not answer, and since when."""
        if self.answered_at is None:
            return t("the chain does not answer")
        since = formats.instant(self.answered_at, zone_offset=zone_offset)
        return t("the chain has not answered since {time}", time=since)


# What was read last, and the monotonic seconds at which it was.
_LAST: CacheKey[tuple[float, AsOfBlock] | None] = CacheKey(lambda: None)


async def as_of_block(gateway: Gateway) -> AsOfBlock:
    """The block that the read tables have reached, and how far it is behind the head."""
    at = await gateway.storage.read(read_checkpoint)
    indexer = gateway.indexer
    silent, read_at = indexer.silent, indexer.head_read_at
    answered_at = int(read_at) if silent and read_at is not None else None
    if at is None or not at.block_hash:
        return AsOfBlock(None, None, 0, None, silent=silent, answered_at=answered_at)
    head = indexer.head_number
    behind = None if head is None else max(0, head - at.block_number)
    return AsOfBlock(
        *(at.block_number, at.block_hash, at.timestamp, behind),
        final=at.final_number,
        silent=silent,
        answered_at=answered_at,
    )


async def recent_block(gateway: Gateway) -> AsOfBlock:
    """The same, read once for all that ask within half a second."""
    last = gateway.cache.get(_LAST)
    if last is not None and time.monotonic() - last[0] < _FRESH_SECONDS:
        return last[1]
    block = await as_of_block(gateway)
    gateway.cache.set(_LAST, (time.monotonic(), block))
    return block
