"""A gateway on an anvil of its own, on a machine that may be slow."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.chain.nodes import engines
from app.demo.server import RunningServer, serve
from tests.support.world import World

RPC_TIMEOUT = "CESSION_RPC_TIMEOUT"


@contextlib.contextmanager
def served(folder: Path, **options: Any) -> Iterator[RunningServer]:
    """The gateway on the chain of the folder, or on a new one, with the demo's parties.

    It is patient with its node, unless the environment says how patient it is. The chain is saved
    at the end only and without its old states, which take seconds to write.

    Args:
        options: of `serve`.
    """
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engines, "SAVE_SECONDS", 24 * 60 * 60)
            if RPC_TIMEOUT not in os.environ:
                patch.setenv(RPC_TIMEOUT, "60")
            options = {"saved": "no-old-states", **options}
            server = stack.enter_context(serve(engine="anvil", folder=folder, **options))
        yield server


@contextlib.contextmanager
def served_world(folder: Path, **options: Any) -> Iterator[World]:
    """`served`, with a caller for each party."""
    with (
        served(folder, **options) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http,
    ):
        yield World.on(server, http)
