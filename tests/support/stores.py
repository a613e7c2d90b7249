"""The store on each of its databases, for the folders whose `conftest.py` takes these in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.storage import Storage, create_storage
from tests.support.postgres import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    return new_database(request.getfixturevalue("postgres_server"), f"test_{uuid4().hex}")


@pytest.fixture
def storage(storage_url: str) -> Iterator[Storage]:
    store = create_storage(storage_url)
    store.migrate()
    yield store
    store.close()
