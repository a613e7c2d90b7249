"""For all tests: a private PostgreSQL server, started when a test first asks for it.

No test fails because the machine is slow.
"""

from functools import cache

from httpx import create_ssl_context
from httpx._transports import default as transports
from hypothesis import HealthCheck, settings

from tests.support.postgres import postgres_server

settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

# A client reads all certificates when it is made, which takes longer than most calls of a test.
transports.create_ssl_context = cache(create_ssl_context)  # type: ignore[attr-defined]

__all__ = ["postgres_server"]
