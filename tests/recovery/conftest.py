"""The store on each of its databases."""

from tests.support.stores import storage, storage_url

__all__ = ["storage", "storage_url"]
