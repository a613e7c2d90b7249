"""/v1/products"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.gateway import GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number
from app.gateway.problems import PROBLEMS
from app.gateway.views import json_response
from app.lending.products import changes, service
from app.lending.products.schemas import NewBreaker, Product, ProductPage

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Operator = Annotated[Caller, allow("operator")]


@router.get("/products", response_model=ProductPage)
async def list_products(gateway: GatewayOf, _: CallerOf) -> Response:
    """The catalogue: each product's terms in the version in force."""
    return json_response(await service.page(gateway))


@router.get("/products/{product_id}", response_model=Product)
async def get_product(product_id: Number, gateway: GatewayOf, _: CallerOf) -> Response:
    """One product."""
    return json_response(await service.details(gateway, product_id))


@router.post("/products/{product_id}/breaker", status_code=202, response_model=CommandAnswer)
async def set_breaker(
    product_id: Number, body: NewBreaker, _: Operator, request: Idempotent
) -> Response:
    """The first operator proposes another breaker; an operator of another party approves it.

    It is a new version of the product: facilities agreed before keep the breaker that they have.
    """
    return await request.carry_out(changes.set_breaker, product_id, body.breaker)


@router.post("/products/{product_id}/closure", status_code=202, response_model=CommandAnswer)
async def close_product(product_id: Number, _: Operator, request: Idempotent) -> Response:
    """Stops new facilities and draws under a product at once; what is lent runs on."""
    return await request.carry_out(changes.close, product_id)


@router.post("/products/{product_id}/opening", status_code=202, response_model=CommandAnswer)
async def open_product(product_id: Number, _: Operator, request: Idempotent) -> Response:
    """The first operator proposes that a closed product opens; another party's approves it."""
    return await request.carry_out(changes.open_again, product_id)
