"""/v1/products"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import CallerOf
from app.gateway.gateway import GatewayOf
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.lending.products import service
from app.lending.products.schemas import Product, ProductPage

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)


@router.get("/products", response_model=ProductPage)
async def list_products(gateway: GatewayOf, _: CallerOf) -> Response:
    """The catalogue: each product's terms in the version in force."""
    return json_response(await service.page(gateway))


@router.get("/products/{product_id}", response_model=Product)
async def get_product(product_id: Number, gateway: GatewayOf, _: CallerOf) -> Response:
    """One product."""
    return json_response(await service.details(gateway, product_id))
