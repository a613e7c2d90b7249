"""Periodic tasks of the gateway's own work: no failure ends one, and each is seen by its name."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import structlog
from structlog.testing import capture_logs

from app.gateway import readiness
from app.gateway.gateway import Gateway
from app.gateway.own_tasks import MANY, Items, OwnTasks, repeated
from app.storage import StorageUnavailable

log = structlog.get_logger(__name__)


class Step:
    """A step that fails as often as it is told to."""

    def __init__(self, *, failures: int, error: Exception) -> None:
        self.rounds = 0
        self._failures = failures
        self._error = error

    async def __call__(self) -> None:
        self.rounds += 1
        if self.rounds <= self._failures:
            raise self._error


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), RuntimeError("x"), OSError("x")])
def test_failure_of_any_kind_is_logged_with_the_tasks_name_and_the_next_round_comes(
    error: Exception,
) -> None:
    step = Step(failures=2, error=error)

    async def main() -> None:
        tasks = OwnTasks()
        tasks.start("webhooks", repeated(step, every=0.01, log=log, name="webhooks"))
        await _until(lambda: step.rounds >= 4)
        assert tasks.tasks["webhooks"].state == "working"
        assert tasks.tasks["webhooks"].failures == 0
        await tasks.end()

    with capture_logs() as lines:
        asyncio.run(main())
    # Of this task alone: a gateway that other tests share may log meanwhile.
    own = [line for line in lines if line["event"].startswith("webhooks.")]
    assert [line["event"] for line in own] == ["webhooks.failed", "webhooks.recovered"]
    assert own[0]["exc_info"] is error, "a failure that nobody foresaw has its trace"


def test_task_that_fails_again_and_again_is_seen_and_comes_less_often() -> None:
    step = Step(failures=1_000, error=KeyError("x"))

    async def main() -> None:
        tasks = OwnTasks()
        tasks.start("watch", repeated(step, every=0.01, log=log, name="watch"))
        own = tasks.tasks["watch"]
        await _until(lambda: own.failures >= MANY)
        assert (own.state, own.error) == ("failing", "KeyError")
        check = readiness._own_work(cast(Gateway, SimpleNamespace(own_tasks=tasks)))
        assert check["holds"], "the gateway still serves"
        assert (check["tasks"]["watch"]["state"], check["tasks"]["watch"]["error"]) == (
            *("failing", "KeyError"),
        )
        before = step.rounds
        await asyncio.sleep(0.1)
        assert step.rounds - before <= 2, "ten rounds of a task that works"
        await tasks.end()
        assert own.task is not None and own.task.cancelled()

    asyncio.run(main())


def test_task_that_ends_is_seen_and_logged() -> None:
    async def broken() -> None:
        raise RuntimeError("no transport")

    async def main() -> None:
        tasks = OwnTasks()
        tasks.start("webhooks", broken())
        own = tasks.tasks["webhooks"]
        await _until(lambda: own.state == "ended")
        assert own.error == "RuntimeError"
        check = readiness._own_work(cast(Gateway, SimpleNamespace(own_tasks=tasks)))
        assert not check["holds"]
        assert str(check["error"]).startswith("webhooks: ended")
        await tasks.end()

    with capture_logs() as lines:
        asyncio.run(main())
    assert [line["event"] for line in lines if line.get("task") == "webhooks"] == ["own_work.ended"]


def test_cancellation_is_not_swallowed() -> None:
    async def waits() -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(repeated(waits, every=0.01, log=log, name="waits"))
        await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
        assert task.cancelled()

    asyncio.run(main())


def test_item_that_fails_is_logged_and_left_alone_and_the_others_are_worked_on() -> None:
    items, done = Items(log, "groups"), []
    with capture_logs() as lines:
        for key in ("a", "b", "c"):
            with items.attempt(key):
                if key == "b":
                    raise KeyError(key)
                done.append(key)
    assert done == ["a", "c"]
    assert [(line["event"], line["item"]) for line in lines] == [("groups.item_failed", "b")]
    assert items.paused() == {"b"}
    with items.attempt("b"):
        pass
    assert items.paused() == frozenset()


def test_failure_that_every_item_would_meet_ends_the_round() -> None:
    items = Items(log, "groups")
    with pytest.raises(StorageUnavailable), items.attempt("a"):
        raise StorageUnavailable("away")
    assert items.paused() == frozenset()
