"""For all tests: a private PostgreSQL server, started when a test first asks for it.

No test fails because the machine is slow. Files that take minutes go first, so that no process is
left alone with them at the end.
"""

from functools import cache
from pathlib import Path

import pytest
import structlog
from httpx import create_ssl_context
from httpx._transports import default as transports
from hypothesis import HealthCheck, settings

from tests.support.days import pass_midnight
from tests.support.postgres import postgres_server

settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

# A client reads all certificates when it is made, which takes longer than most calls of a test.
transports.create_ssl_context = cache(create_ssl_context)  # type: ignore[attr-defined]

# With the values of each frame an error of the gateway would take seconds to write.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

_TESTS = Path(__file__).parent
_FIRST = ("e2e", "torture", "chain", "simulation", "storage", "pages")
_LAST = ("unit",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts folders by how long their files take; within a folder nothing changes."""
    items.sort(key=_place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test of a ledger begins shortly before its midnight, nor do the fixtures of one."""
    if _place(item) <= len(_FIRST):
        pass_midnight()


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(_TESTS).parts[0]
    if folder in _LAST:
        return len(_FIRST) + 1
    return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)


__all__ = ["postgres_server"]
