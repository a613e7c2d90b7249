"""The catalogue of products."""

from __future__ import annotations

from app.domain.texts import say
from app.errors import NotFound
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import read_as_of
from app.lending.products import repository, views
from app.lending.products.repository import ProductRow
from app.lending.products.schemas import Product, ProductPage


async def product_in(gateway: Gateway, product_id: int) -> ProductRow:
    """The product that a request names.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.product(connection, product_id))
    if row is None:
        raise NotFound(
            say("there is no product {product_id}", product_id=product_id), name="product-unknown"
        )
    return row


async def page(gateway: Gateway) -> ProductPage:
    """All products, each with its terms in the version in force."""
    rows, as_of = await read_as_of(gateway, repository.products)
    return {"items": [views.product(gateway, row) for row in rows], "asOf": as_of}


async def details(gateway: Gateway, product_id: int) -> Product:
    """One product.

    Raises:
        NotFound.
    """
    return views.product(gateway, await product_in(gateway, product_id))
