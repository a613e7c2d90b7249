"""What changes while a page is open, as server-sent events: new blocks, and an operation's states.

One stream serves a browser: its tabs share it. The page of an operation that is under way has a
second one, until the operation is final. A stream that has nothing to say says `alive`, so that a
page notices a broken connection.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.pages import formats
from app.pages.api import Problem, part
from app.pages.blocks import AsOfBlock, recent_block
from app.pages.languages import current, nt, t
from app.pages.navigation import Entry
from app.pages.page import Page, VisitorOf, signed_in_page
from app.pages.rendering import rendered
from app.pages.sessions import session_of

router = APIRouter(include_in_schema=False, prefix="/app/live")
NAVIGATION: tuple[Entry, ...] = ()
#: Whether the server is ending, so that no stream delays it.
ENDING: CacheKey[bool] = CacheKey(lambda: False)
MAX_SECONDS = 600.0  # then the browser asks again, and the session is checked
ENDED = ("final", "rejected")
_EVENTS = "text/event-stream"
_ROUND_SECONDS = 0.5
_SIGN_OF_LIFE_SECONDS = 20.0
_CHECK_SECONDS = 3.0
#: Streams that are open, by their owner.
STREAMS: CacheKey[Counter[str]] = CacheKey(Counter)
MAX_STREAMS = 40


def end_streams(gateway: Gateway) -> None:
    """Ends all streams of this gateway within half a second."""
    gateway.cache.set(ENDING, True)


@router.get("")
async def blocks(page: VisitorOf) -> Response:
    """The newest block, each time that it changes; `ended` if nobody is signed in any more."""
    if page.session is None:
        return _ended()
    return await _stream(await signed_in_page(page), _blocks(page))


@router.get("/operations/{operation_id}")
async def operation(operation_id: str, page: VisitorOf) -> Response:
    """An operation, each time that its state changes; the stream ends with it."""
    if page.session is None:
        return _ended()
    await signed_in_page(page)
    await page.api.get(f"/v1/operations/{part(operation_id)}")
    return await _stream(page, _operation(page, operation_id))


def _ended() -> Response:
    """Tells an open page that its session has ended; a page to sign in on is no event."""
    return Response(event("ended", {}), media_type=_EVENTS)


async def _stream(page: Page, events: AsyncIterator[str]) -> Response:
    """The events as a stream.

    Raises:
        Problem: the person has too many streams open.
    """
    if page.gateway.cache.get(STREAMS)[page.person.owner] >= MAX_STREAMS:
        raise Problem(
            {
                "status": 429,
                "title": t("Too many open pages"),
                "detail": t("This page does not change by itself."),
                "fix": t("close some pages, or load this one again"),
            }
        )
    return StreamingResponse(
        _counted(page, events), media_type=_EVENTS, headers={"X-Accel-Buffering": "no"}
    )


async def _counted(page: Page, events: AsyncIterator[str]) -> AsyncIterator[str]:
    """The same events, while the stream counts as one of the person's."""
    streams, owner = page.gateway.cache.get(STREAMS), page.person.owner
    streams[owner] += 1
    try:
        async for text in events:
            yield text
    finally:
        streams[owner] -= 1
        if not streams[owner]:
            del streams[owner]


async def _blocks(page: Page) -> AsyncIterator[str]:
    before: AsOfBlock | None = None
    async for quiet in _rounds(page):
        block = await recent_block(page.gateway)
        if block != before:
            before = block
            yield event("block", _words(page, block))
        elif quiet:
            yield event("alive", {})


def _words(page: Page, block: AsOfBlock) -> dict[str, Any]:
    current.set(page.language)
    words, tone = _words_and_tone(block, page.gateway.zone_offset)
    return {"number": block.number, "words": words, "tone": tone, "silent": block.silent}


def _words_and_tone(block: AsOfBlock, zone_offset: int) -> tuple[str, str]:
    if block.silent:
        return block.silence(zone_offset), "bad"
    if block.number is None:
        return t("The gateway has read no block yet."), "wait"
    words = t("newest block {number}", number=formats.number(block.number))
    if block.behind is None:
        return f"{words}, {t('head of the chain unknown')}", "wait"
    if block.behind:
        behind = nt("{count} block behind", "{count} blocks behind", block.behind)
        return f"{words}, {behind}", "wait"
    return words, "good"


async def _operation(page: Page, operation_id: str) -> AsyncIterator[str]:
    before = ""
    async for quiet in _rounds(page):
        try:
            answer = await page.api.get(f"/v1/operations/{part(operation_id)}")
        except Problem:
            return
        if answer["state"] != before:
            before = answer["state"]
            current.set(page.language)
            context = {"operation": answer, "zone": page.gateway.zone_offset}
            ended = before in ENDED
            html = rendered("operations/state.html", context)
            yield event("operation", {"html": html, "ended": ended})
            if ended:
                return
        elif quiet:
            yield event("alive", {})


async def _rounds(page: Page) -> AsyncIterator[bool]:
    """A round each half second; its value says whether a sign of life is due.

    The rounds end with the session.
    """
    start = last = checked = time.monotonic()
    while not page.gateway.cache.get(ENDING) and time.monotonic() - start < MAX_SECONDS:
        if time.monotonic() - checked > _CHECK_SECONDS:
            checked = time.monotonic()
            if await session_of(page.gateway, page.secret, active=False) is None:
                return
        quiet = time.monotonic() - last > _SIGN_OF_LIFE_SECONDS
        if quiet:
            last = time.monotonic()
        yield quiet
        await asyncio.sleep(_ROUND_SECONDS)


def event(name: str, data: dict[str, Any]) -> str:
    """One event; JSON has no line ends, so it is one line of data."""
    return f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"
