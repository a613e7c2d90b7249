"""For all tests: a private PostgreSQL server, started when a test first asks for it.

No test fails because the machine is slow.
"""

from hypothesis import HealthCheck, settings

from tests.support.postgres import postgres_server

settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

__all__ = ["postgres_server"]
