"""A chain of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chain.harness import Anvil


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Anvil]:
    anvil = Anvil(tmp_path)
    yield anvil
    anvil.kill()


@pytest.fixture
def storage_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/gateway.db"
