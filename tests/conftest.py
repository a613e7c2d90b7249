"""For all tests: a private PostgreSQL server, started when a test first asks for it.

No test fails because the machine is slow.
"""

from functools import cache

import structlog
from httpx import create_ssl_context
from httpx._transports import default as transports
from hypothesis import HealthCheck, settings

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

__all__ = ["postgres_server"]
