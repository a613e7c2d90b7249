"""Bodies of products."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Product(BaseModel):
    """A product in the version in force."""

    model_config = ConfigDict(extra="allow")
    id: int
    code: str
    version: int
    open: bool
    currency: str


class ProductPage(BaseModel):
    """The catalogue."""

    items: list[Product]
    asOf: dict[str, Any]
