"""What modules of the gateway keep in memory between requests, each value under a typed key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class CacheKey(Generic[Value]):
    """The key of one value. The module that makes it owns the value.

    Args:
        initial: makes the value that a new gateway starts with.
    """

    def __init__(self, initial: Callable[[], Value]) -> None:
        self.initial = initial


class Cache:
    """The values of one gateway."""

    def __init__(self) -> None:
        self._values: dict[CacheKey[Any], Any] = {}

    def get(self, key: CacheKey[Value]) -> Value:
        """The value; its initial value if none was set."""
        if key not in self._values:
            self._values[key] = key.initial()
        value: Value = self._values[key]
        return value

    def set(self, key: CacheKey[Value], value: Value) -> None:
        """Replaces the value."""
        self._values[key] = value

    def forget(self, key: CacheKey[Value]) -> None:
        """Returns the value to its initial value."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forgets every value."""
        self._values.clear()
