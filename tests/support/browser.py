"""Requests of a page."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from app.gateway.gateway import Gateway


def never_opened() -> AbstractAsyncContextManager[Gateway]:
    raise AssertionError("describing the API opens no gateway")
