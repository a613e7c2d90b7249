"""Each test that uses the fixture gets its own chain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.harness import Anvil
from tests.support.postgres import new_database


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Anvil]:
    anvil = Anvil(tmp_path)
    yield anvil
    anvil.kill()


@pytest.fixture
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    return new_database(request.getfixturevalue("postgres_server"), f"test_{uuid4().hex}")
