"""The application: the gateway's endpoints over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from app import __version__
from app.config import Settings
from app.gateway import health, idempotency, pages, problems
from app.gateway.access_log import AccessLog
from app.gateway.caller import endpoints as caller
from app.gateway.demo_logins import DemoLogin
from app.gateway.description import completed, operation_id
from app.gateway.gateway import Gateway
from app.gateway.middleware import ANSWERS_HEADERS, CALLERS_HEADERS, Edge
from app.gateway.operations import endpoints as operations
from app.gateway.query import known_query, known_query_of_caller
from app.gateway.texts import known_kind, require_visible
from app.goods.prices import endpoints as prices
from app.goods.stock import endpoints as stock
from app.goods.warehouse_receipts import endpoints as receipts
from app.lending.agreements import endpoints as agreements
from app.lending.collateral import endpoints as collateral
from app.lending.evaluations import endpoints as evaluations
from app.lending.evidence import endpoints as evidence
from app.lending.facilities import endpoints as facilities
from app.lending.filings import endpoints as filings
from app.lending.hedges import endpoints as hedges
from app.lending.loans import endpoints as loans
from app.lending.losses import endpoints as risk
from app.lending.notices import endpoints as notices
from app.lending.participations import endpoints as participations
from app.lending.payments import endpoints as payments
from app.lending.products import endpoints as products
from app.lending.rates import endpoints as rates
from app.lending.restructuring import endpoints as restructuring
from app.lending.sales import endpoints as sales
from app.market.campaigns import endpoints as campaigns
from app.market.cash import endpoints as cash
from app.market.offers import endpoints as market
from app.market.quote_requests import endpoints as quote_requests
from app.market.unclaimed import endpoints as unclaimed
from app.oversight.breakers import endpoints as breakers
from app.oversight.contracts import endpoints as ledger_contracts
from app.oversight.court import endpoints as court
from app.oversight.crosschecks import endpoints as crosschecks
from app.oversight.history import endpoints as history
from app.oversight.incidents import endpoints as incidents
from app.oversight.portfolio import endpoints as portfolio
from app.oversight.running import endpoints as running
from app.oversight.search import endpoints as search
from app.oversight.signing import endpoints as signing
from app.oversight.verification import endpoints as verification
from app.oversight.watch import endpoints as watch
from app.pages import site
from app.parties.credit import endpoints as credit
from app.parties.registry import endpoints as parties
from app.trade.claims import endpoints as claims
from app.trade.documents import endpoints as documents
from app.trade.orders import endpoints as orders
from app.trade.receivables import endpoints as receivables

ROUTERS = (
    parties.router,
    documents.router,
    receivables.router,
    claims.router,
    claims.trees,
    market.router,
    quote_requests.router,
    cash.router,
    orders.router,
    evaluations.router,  # before `/v1/credit/{party_id}`
    credit.router,
    products.router,
    facilities.router,
    evidence.router,
    loans.router,
    notices.router,
    filings.router,
    sales.router,
    participations.router,
    collateral.router,
    hedges.router,
    campaigns.router,
    receipts.router,
    stock.router,
    prices.router,
    risk.router,
    restructuring.router,
    agreements.router,
    payments.router,
    rates.router,
    unclaimed.router,
    court.router,
    incidents.router,
    breakers.router,
    operations.router,
    caller.router,
    running.router,
    ledger_contracts.router,
    signing.router,
    portfolio.router,
    watch.router,
    crosschecks.router,
    verification.router,
    history.router,
    search.router,
    health.router,
)
DESCRIPTION = """\
A financing ledger. Every command has an `Idempotency-Key` and answers with an *operation*
(`accepted → submitted → included → final`, or `rejected` with the contract's own error);
`Prefer: wait=10` waits for its end. Errors are problem documents (RFC 9457). Money is a decimal
string with its currency.
"""


def build_app(
    opening: Callable[[], AbstractAsyncContextManager[Gateway]],
    *,
    settings: Settings,
    demo_logins: Sequence[DemoLogin] = (),
) -> FastAPI:
    """The application; it enters `opening` when the server starts and leaves it at the end.

    Args:
        demo_logins: `app.state.demo_logins` at the start; only the embedded demo has any.
    """
    registry = CollectorRegistry()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as gateway:
            app.state.gateway = gateway
            collector = health.GatewayCollector(gateway)
            registry.register(collector)
            try:
                yield
            finally:
                registry.unregister(collector)

    app = FastAPI(
        title="Cession",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,
        generate_unique_id_function=operation_id,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.registry = registry
    app.state.demo_logins = tuple(demo_logins)
    app.state.endpoints = [route for router in ROUTERS for route in router.routes]
    problems.install(app)
    idempotency.install(app)
    app.router.routes.extend(_routes())
    app.include_router(pages.router)
    site.install(app)
    app.add_middleware(AccessLog)
    app.add_middleware(Edge, settings=settings, registry=registry)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=CALLERS_HEADERS,
            expose_headers=ANSWERS_HEADERS,
        )
    _describe(app)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """The endpoints with the rules for their callers, for all applications of the process.

    At its first request an application would spend seconds to compile them anew.
    """
    every = APIRouter(
        redirect_slashes=False,
        strict_content_type=False,
        generate_unique_id_function=operation_id,
    )
    for router in ROUTERS:
        public = router is health.router
        rules = (known_query,) if public else (known_query_of_caller, known_kind, require_visible)
        every.include_router(router, dependencies=[Depends(rule) for rule in rules])
    return every.routes


def _describe(app: FastAPI) -> None:
    """Completes the API's description once, at the first request for it."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain(), app.state.endpoints)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
