"""Products by number."""

from __future__ import annotations

from app.errors import NotFound
from app.gateway.gateway import Gateway
from app.lending.products import repository as products
from app.lending.products.repository import ProductRow


async def product_in(gateway: Gateway, product_id: int) -> ProductRow:
    """The product that a request names.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: products.product(connection, product_id))
    if row is None:
        raise NotFound(f"there is no product {product_id}", name="product-unknown")
    return row
