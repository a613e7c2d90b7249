"""The only place where the parts are wired together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, TextIO, cast

import structlog
from fastapi import Depends, FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware

from app import __version__
from app.chain.deployment.deployer import Deployment
from app.chain.deployment.record import Artifacts
from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner, Signer
from app.chain.evm.views import view
from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.index.projection import Projection
from app.chain.nodes.identity import ChainGuard, stored_final
from app.chain.nodes.pool import NodePool, guarded
from app.chain.outbox.operations import Operations
from app.chain.outbox.secrets import open_secrets
from app.chain.relay.batch import RelayerSettings
from app.chain.relay.relayer import Relayer
from app.config import SettingInvalid, Settings
from app.domain.ledger_key import LedgerKey
from app.gateway import health, idempotency, pages, problems
from app.gateway.description import completed, operation_id
from app.gateway.gateway import Gateway
from app.gateway.housekeeping import keep_house
from app.gateway.middleware import ANSWERS_HEADERS, CALLERS_HEADERS, Edge
from app.gateway.operations import endpoints as operations
from app.gateway.query import known_query, known_query_of_caller
from app.gateway.texts import known_kind, require_visible
from app.gateway.workers import Workers
from app.goods.prices import endpoints as prices
from app.goods.prices.projection import PricesProjection
from app.goods.stock import endpoints as stock
from app.goods.warehouse_receipts import endpoints as receipts
from app.goods.warehouse_receipts.projection import WarehouseReceiptsProjection
from app.lending.agreements import endpoints as agreements
from app.lending.agreements.projection import SignaturesProjection
from app.lending.collateral import endpoints as collateral
from app.lending.evidence import endpoints as evidence
from app.lending.facilities import endpoints as facilities
from app.lending.facilities.groups import follow_groups
from app.lending.filings import endpoints as filings
from app.lending.hedges import endpoints as hedges
from app.lending.loans import endpoints as loans
from app.lending.losses import endpoints as risk
from app.lending.losses.projection import RiskProjection
from app.lending.notices import endpoints as notices
from app.lending.notices.projection import NoticesProjection
from app.lending.participations import endpoints as participations
from app.lending.payments import endpoints as payments
from app.lending.payments.automatic import reverse_later
from app.lending.products import endpoints as products
from app.lending.projection import LendingProjection
from app.lending.rates import endpoints as rates
from app.lending.rates.projection import RatesProjection
from app.lending.rates.resetting import reset_rates
from app.lending.restructuring import endpoints as restructuring
from app.lending.sales import endpoints as sales
from app.log_output import UnfailingOutput
from app.market.campaigns import endpoints as campaigns
from app.market.campaigns.projection import CampaignsProjection
from app.market.cash import endpoints as cash
from app.market.cash.projection import CashProjection
from app.market.offers import endpoints as market
from app.market.offers.projection import MarketProjection
from app.market.unclaimed import endpoints as unclaimed
from app.market.unclaimed.projection import UnclaimedProjection
from app.oversight.contracts import endpoints as ledger_contracts
from app.oversight.court import endpoints as court
from app.oversight.court.projection import CourtProjection
from app.oversight.history import endpoints as history
from app.oversight.incidents import endpoints as incidents
from app.oversight.verification import endpoints as verification
from app.parties.credit import endpoints as credit
from app.parties.credit.projection import CreditProjection
from app.parties.registry import endpoints as parties
from app.parties.registry.projection import PartiesProjection
from app.places import text_of
from app.storage import Storage
from app.storage.opening import open_storage
from app.trade.claims import endpoints as claims
from app.trade.claims.projection import ClaimsProjection
from app.trade.documents import endpoints as documents
from app.trade.orders import endpoints as orders
from app.trade.orders.projection import OrdersProjection
from app.trade.receivables import endpoints as receivables
from app.trade.receivables.projection import ReceivablesProjection

END_SECONDS = 10.0
ROUTERS = (
    parties.router,
    documents.router,
    receivables.router,
    claims.router,
    market.router,
    cash.router,
    orders.router,
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
    operations.router,
    ledger_contracts.router,
    verification.router,
    history.router,
    health.router,
)
DESCRIPTION = """\
A financing ledger. Every command has an `Idempotency-Key` and answers with an *operation*
(`accepted → submitted → included → final`, or `rejected` with the contract's own error);
`Prefer: wait=10` waits for its end. Errors are problem documents (RFC 9457). Money is a decimal
string with its currency.
"""


def projections(zone_offset: int) -> list[Projection]:
    """All projections, in the order in which they fill the read tables."""
    return [
        PartiesProjection(),
        ReceivablesProjection(),
        ClaimsProjection(),
        MarketProjection(),
        CashProjection(),
        CourtProjection(),
        CreditProjection(),
        OrdersProjection(),
        CampaignsProjection(),
        WarehouseReceiptsProjection(),
        PricesProjection(),
        RiskProjection(),
        RatesProjection(),
        LendingProjection(zone_offset),
        NoticesProjection(),
        UnclaimedProjection(),
        SignaturesProjection(),
    ]


@contextlib.asynccontextmanager
async def open_gateway(
    settings: Settings,
    *,
    deployment: Deployment,
    artifacts: Artifacts,
    relay_accounts: Sequence[Signer],
    keys: Sequence[LocalSigner] = (),
) -> AsyncIterator[Gateway]:
    """A gateway with its relayer and indexer running.

    Args:
        keys: held in memory while it runs (those of an embedded chain's own accounts).
    """
    storage = await asyncio.to_thread(open_storage, settings)
    rpc = nodes_of(settings)
    pools = [
        Workers(name, threads=threads, queue=settings.worker_queue)
        for name, threads in (
            ("document", settings.document_workers),
            ("pdf", settings.pdf_workers),
            ("key", settings.key_workers),
        )
    ]
    try:
        contracts = Contracts(deployment, artifacts)
        secrets = await asyncio.to_thread(open_secrets, storage, settings)
        keystore = secrets.keystore
        for key in keys:
            keystore.keep(key)
        guard = await guard_of(storage, rpc, deployment)
        zone_offset = await zone_offset_of(rpc, contracts)
        ledger_key = await ledger_key_of(rpc, contracts, settings)
        # From here the final block must match too; if it does not, the gateway runs and reports it.
        guard.final = await storage.read(stored_final)
        guard.final_at = partial(storage.read, stored_final)
        await rpc.close()
        indexer = Indexer(
            storage=storage,
            rpc=rpc,
            contracts=contracts,
            projections=projections(zone_offset),
            settings=IndexerSettings(
                start_block=deployment.first_block,
                finality=settings.finality_rule,
                verify_receipts=settings.verify_receipts,
            ),
            guard=guard,
        )
        chain_id = deployment.chain_id
        relayer = Relayer(
            storage=storage,
            rpc=rpc,
            contracts=contracts,
            chain_id=chain_id,
            accounts=relay_accounts,
            keystore=keystore,
            indexer=indexer,
            settings=RelayerSettings(fee_ceiling=settings.fee_ceiling),
        )
        outbox = Operations(storage=storage, rpc=rpc, contracts=contracts, chain_id=chain_id)
        gateway = Gateway(
            settings=settings,
            storage=storage,
            rpc=rpc,
            contracts=contracts,
            chain_id=chain_id,
            operations=outbox,
            keystore=keystore,
            sealer=secrets.sealer,
            ledger_key=ledger_key,
            relayer=relayer,
            indexer=indexer,
            zone_offset=zone_offset,
            legal_text_hash="0x" + keccak(_legal_text(settings)).hex(),
            documents=pools[0],
            pdfs=pools[1],
            key_work=pools[2],
        )
        tasks = [asyncio.create_task(relayer.run()), asyncio.create_task(indexer.run())]
        own_work = [
            asyncio.create_task(keep_house(storage, settings, secrets)),
            asyncio.create_task(follow_groups(gateway)),
            asyncio.create_task(reset_rates(gateway)),
            asyncio.create_task(reverse_later(gateway)),
        ]
        try:
            yield gateway
        finally:
            for task in own_work:
                task.cancel()
            await relayer.stop()
            await indexer.stop()
            _, late = await asyncio.wait(tasks, timeout=END_SECONDS)
            for task in late:  # what it stored is sent after the next start
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*own_work, return_exceptions=True)
            outbox.close()
    finally:
        for pool in pools:
            pool.close()
        await rpc.close()
        storage.close()


def _legal_text(settings: Settings) -> bytes:
    """The text that terms refer to.

    Raises:
        SettingInvalid.
    """
    try:
        return text_of(settings.legal_text).read_bytes()
    except OSError as error:
        raise SettingInvalid(
            f"CESSION_LEGAL_TEXT: {settings.legal_text} cannot be read: {error.strerror}"
        ) from error


async def prove_chain(settings: Settings, deployment: Deployment) -> None:
    """Returns if the store, the deployment record and the nodes are of one chain.

    Raises:
        WrongChain, NodeUnreachable, StorageError.
    """
    storage, rpc = await asyncio.to_thread(open_storage, settings), nodes_of(settings)
    try:
        await guard_of(storage, rpc, deployment)
    finally:
        await rpc.close()
        storage.close()


def nodes_of(settings: Settings) -> NodePool:
    """The nodes of these settings."""
    return NodePool(
        [JsonRpc(url, timeout=settings.rpc_timeout) for url in settings.rpc_urls],
        agreement=settings.rpc_agreement,
    )


async def guard_of(storage: Storage, rpc: NodePool, deployment: Deployment) -> ChainGuard:
    """The guard that checks that store, record and nodes are of one chain.

    Raises:
        WrongChain, NodeUnreachable, StorageError.
    """
    block = (deployment.block, deployment.block_hash) if deployment.block_hash else None
    return await guarded(rpc, storage=storage, chain_id=deployment.chain_id, block=block)


async def zone_offset_of(rpc: JsonRpc, contracts: Contracts) -> int:
    """Seconds that the ledger's day is ahead of UTC, from the ledger itself."""
    return int(await view(rpc, contracts, "Receivables", "zoneOffset"))


async def ledger_key_of(rpc: JsonRpc, contracts: Contracts, settings: Settings) -> LedgerKey:
    """The ledger's key, proved by its hash on the ledger.

    With another key, an invoice that is already filed would look new.

    Raises:
        SettingInvalid.
    """
    key = LedgerKey(settings.ledger_key)
    expected = str(await view(rpc, contracts, "PartyRegistry", "ledgerKeyHash"))
    if key.commitment != expected:
        raise SettingInvalid(
            f"CESSION_LEDGER_KEY: this ledger's key has the hash {expected}, the given key has "
            f"{key.commitment}; give the key that the ledger was deployed with"
        )
    return key


def build_app(
    opening: Callable[[], AbstractAsyncContextManager[Gateway]], *, settings: Settings
) -> FastAPI:
    """The application; it enters `opening` when the server starts and leaves it at the end."""
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
    app.state.endpoints = [route for router in ROUTERS for route in router.routes]
    problems.install(app)
    idempotency.install(app)
    for router in ROUTERS:
        public = router is health.router
        rules = (known_query,) if public else (known_query_of_caller, known_kind, require_visible)
        app.include_router(router, dependencies=[Depends(rule) for rule in rules])
    app.include_router(pages.router)
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


def _describe(app: FastAPI) -> None:
    """Completes the API's description once, at the first request for it."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain(), app.state.endpoints)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def configure_logs(*, json_lines: bool, level: int = logging.INFO) -> None:
    """Structured logs on standard error; they never contain a secret."""
    output = cast(TextIO, UnfailingOutput(sys.stderr))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer()
            if json_lines
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=output),
        cache_logger_on_first_use=True,
    )
