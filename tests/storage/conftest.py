"""The store on each of its databases."""

from tests.stores import storage, storage_url

__all__ = ["storage", "storage_url"]
