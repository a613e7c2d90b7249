"""The gateway that the demo starts says why it did not start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.chain.index.indexer import Indexer
from app.demo import server
from app.demo.server import ServerFailed
from app.embedded import RECORD
from tests.support.served import served
from tests.support.world import World


def test_gateway_whose_index_stays_behind_says_so_and_does_not_serve(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(world.server.ledger.folder / RECORD, tmp_path / RECORD)
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    behind = property(lambda _: False, lambda *_: None)
    monkeypatch.setattr(Indexer, "reached_head", behind, raising=False)
    url = world.server.node.url
    words = "has not reached the chain's head: it is still behind"
    with pytest.raises(ServerFailed, match=words), served(tmp_path, rpc_url=url):
        pytest.fail("it started")
