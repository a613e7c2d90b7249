"""An unavailable database gives each caller a typed error, and one log line per outage."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from structlog.testing import capture_logs

from app.chain.evm.rpc import NodeUnreachable
from app.chain.evm.signers import PasswordWrong
from app.chain.nodes.engines import free_port
from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.gateway import housekeeping
from app.gateway.problems import problem_response, translate
from app.outage import Outage
from app.storage import Storage, StorageFull, StorageUnavailable, create_storage, engine, run
from app.storage.errors import WritesCollided
from app.storage.errors import translate as of_driver
from tests.support.postgres import new_database
from tests.support.switch import switch


def select_one(connection: Connection) -> Any:
    return run(connection, "SELECT 1").scalar()


def test_postgresql_outage_is_unavailable_and_logged_once(postgres_server: str) -> None:
    url = new_database(postgres_server, f"test_{uuid4().hex}")

    async def main() -> None:
        port = urlsplit(url).port
        assert port is not None
        async with switch(port) as way:
            front = url.replace(f":{port}/", f":{way.url.rpartition(':')[2]}/")
            storage = create_storage(front)
            try:
                assert await storage.read(select_one) == 1
                with capture_logs() as lines:
                    way.lead_to(free_port())
                    for _ in range(5):
                        with pytest.raises(StorageUnavailable):
                            await storage.read(select_one)
                        with pytest.raises(StorageUnavailable):
                            await storage.write(select_one)
                    many = await asyncio.gather(
                        *(storage.write(select_one) for _ in range(50)), return_exceptions=True
                    )
                    assert {type(error) for error in many} == {StorageUnavailable}
                    assert [line["event"] for line in lines] == ["store.failed"]
                    way.lead_to(port)
                    await asyncio.sleep(engine.CALM_SECONDS)
                    assert await storage.write(select_one) == 1
                    assert await storage.read(select_one) == 1
                    events = [line["event"] for line in lines]
                    assert events == ["store.failed", "store.recovered"]
            finally:
                await asyncio.to_thread(storage.close)

    asyncio.run(main())


class SlowRead:
    """A read in a thread of its own that ends when it is told, well or not."""

    def __init__(self, storage: Storage) -> None:
        self._runs, self._may_end = threading.Event(), threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._read, args=(storage,))
        self._thread.start()
        assert self._runs.wait(60)

    def _read(self, storage: Storage) -> None:
        with contextlib.suppress(StorageUnavailable):
            storage.read_now(self._wait)

    def _wait(self, _connection: Connection) -> None:
        self._runs.set()
        assert self._may_end.wait(60)
        if self._error is not None:
            raise self._error

    def end(self, error: Exception | None = None) -> None:
        self._error = error
        self._may_end.set()
        self._thread.join()


def fail(_connection: Connection) -> None:
    raise StorageUnavailable("gone")


def test_reads_that_began_before_an_outage_or_in_it_start_and_end_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CALM_SECONDS", 600)
    storage = create_storage(f"sqlite:///{tmp_path}/store.sqlite")
    try:
        with capture_logs() as lines:
            before = SlowRead(storage)
            for _ in range(2):  # between the two, a connection that is still alive answers
                with pytest.raises(StorageUnavailable):
                    storage.read_now(fail)
                assert storage.read_now(select_one) == 1
            during = SlowRead(storage)
            before.end()
            assert [line["event"] for line in lines] == ["store.failed"]
            monkeypatch.setattr(engine, "CALM_SECONDS", 0)
            assert storage.read_now(select_one) == 1
            during.end(StorageUnavailable("the database system is starting up"))
            assert storage.read_now(select_one) == 1
            events = [line["event"] for line in lines]
            assert events == ["store.failed", "store.recovered"]
            with pytest.raises(StorageUnavailable):
                storage.read_now(fail)
            assert lines[-1]["event"] == "store.failed"  # an outage of its own
    finally:
        storage.close()


@pytest.mark.parametrize(
    ("error", "name", "seconds"),
    [
        (StorageUnavailable("gone"), "store-unavailable", "5"),
        (StorageFull("full"), "store-full", "30"),
        (NodeUnreachable("gone"), "chain-unavailable", "5"),
    ],
)
def test_outage_gives_503_with_retry_after(error: Exception, name: str, seconds: str) -> None:
    answer = problem_response(translate(error))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == seconds
    assert f'"urn:cession:problem:{name}"'.encode() in bytes(answer.body)


def test_a_pool_without_a_free_connection_is_unavailable() -> None:
    assert isinstance(of_driver(NoConnectionFree("QueuePool limit")), StorageUnavailable)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("consuming input failed: server closed the connection"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.CannotConnectNow("the database system is starting up"),
        psycopg.errors.IdleSessionTimeout("terminating connection"),
        psycopg.errors.ConnectionFailure("gone"),
        psycopg.errors.IoError("could not read block 7"),
        psycopg.errors.OutOfMemory("out of memory"),
        psycopg.errors.InternalError_("could not extend file: File too large"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_driver_error_outside_sqlalchemy_is_translated(error: psycopg.Error) -> None:
    assert isinstance(of_driver(error), StorageUnavailable)


def test_an_error_of_a_statement_is_no_outage() -> None:
    error = psycopg.errors.SyntaxError("at or near")
    assert of_driver(error) is error


@pytest.mark.parametrize(
    ("error", "events"),
    [
        (StorageUnavailable("gone"), []),
        (StorageFull("full"), []),
        (WritesCollided("again"), ["housekeeping.failed", "housekeeping.recovered"]),
        (PasswordWrong("wrong"), ["housekeeping.failed", "housekeeping.recovered"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_housekeeping_logs_other_outages_once_and_the_stores_never(
    error: Exception, events: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.0)
    rounds = itertools.count()
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY, master_key="m" * 32, keystore_password="p"
    )

    class Trouble:
        """Fails three times, and is cancelled after some more rounds."""

        async def write(self, _function: object) -> int:
            return 0

        def read_now(self, _function: object) -> dict[str, int]:
            match next(rounds):
                case 0 | 1 | 2:
                    raise error
                case 6:
                    raise asyncio.CancelledError
            return {}

    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        asyncio.run(housekeeping.keep_house(Trouble(), settings, None))  # type: ignore[arg-type]
    assert [line["event"] for line in lines] == events


def test_an_outage_logs_the_first_failure_of_a_kind_and_the_count_at_its_end() -> None:
    with capture_logs() as lines:
        outage = Outage(structlog.get_logger(), "work")
        outage.over()
        for _ in range(3):
            outage.failed(ValueError("bad"))
        outage.failed(KeyError("x"), known=False)
        outage.failed(ValueError("worse"))
        outage.over()
        outage.over()
        outage.failed(ValueError("again"), logged=True)
        outage.over()
    assert [line["event"] for line in lines] == ["work.failed", "work.failed", "work.recovered"]
    assert lines[0]["error"] == "ValueError: bad" and lines[0]["exc_info"] is None
    assert lines[1]["exc_info"] is not None
    assert lines[2]["failures"] == 5
