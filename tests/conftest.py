"""Fixtures for all tests: a private PostgreSQL server, started when a test first asks for it."""

from tests.postgres import postgres_server

__all__ = ["postgres_server"]
