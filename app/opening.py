"""The gateway without HTTP: storage, chain, relayer and indexer, wired together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

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
from app.gateway.gateway import Gateway
from app.gateway.housekeeping import keep_house
from app.gateway.key_use import follow_keys
from app.gateway.workers import Workers
from app.goods.prices.projection import PricesProjection
from app.goods.warehouse_receipts.projection import WarehouseReceiptsProjection
from app.lending.agreements.projection import SignaturesProjection
from app.lending.facilities.groups import follow_groups
from app.lending.losses.projection import RiskProjection
from app.lending.notices.projection import NoticesProjection
from app.lending.payments.automatic import reverse_later
from app.lending.projection import LendingProjection
from app.lending.rates.projection import RatesProjection
from app.lending.rates.resetting import reset_rates
from app.market.campaigns.projection import CampaignsProjection
from app.market.cash.projection import CashProjection
from app.market.offers.projection import MarketProjection
from app.market.unclaimed.projection import UnclaimedProjection
from app.oversight.court.projection import CourtProjection
from app.oversight.watch.following import follow_levels
from app.oversight.watch.sending import send_alerts
from app.pages.short_keys import keep_sessions
from app.parties.credit.projection import CreditProjection
from app.parties.registry.projection import PartiesProjection
from app.places import text_of
from app.storage import Storage
from app.storage.opening import open_storage
from app.trade.claims.projection import ClaimsProjection
from app.trade.documents.numbering import number_documents
from app.trade.orders.projection import OrdersProjection
from app.trade.receivables.projection import ReceivablesProjection

END_SECONDS = 10.0
# Threads that ask for addresses of hosts, and how many of them ask for hosts of one party: names
# whose servers never answer keep theirs for as long as the machine's resolver tries.
_LOOKUPS, _LOOKUPS_EACH = 8, 2
_TOKENS = 4  # threads that verify bearer tokens


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
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Gateway]:
    """A gateway with its relayer and indexer running.

    Args:
        keys: held in memory while it runs (those of an embedded chain's own accounts).
        clock: UTC seconds now, as the chain has them.
    """
    storage = await asyncio.to_thread(open_storage, settings)
    rpc = nodes_of(settings)
    pools = [
        Workers(name, threads=threads, queue=settings.worker_queue, each=each)
        for name, threads, each in (
            ("document", settings.document_workers, None),
            ("pdf", settings.pdf_workers, None),
            ("key", settings.key_workers, None),
            ("lookup", _LOOKUPS, _LOOKUPS_EACH),
            ("token", _TOKENS, None),
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
            lookups=pools[3],
            tokens=pools[4],
            clock=clock,
        )
        tasks = [asyncio.create_task(relayer.run()), asyncio.create_task(indexer.run())]
        gateway.own_tasks.start("housekeeping", keep_house(storage, settings, secrets))
        gateway.own_tasks.start("key-use", follow_keys(gateway))
        gateway.own_tasks.start("sessions", keep_sessions(storage))
        gateway.own_tasks.start("numbers", number_documents(gateway))
        gateway.own_tasks.start("groups", follow_groups(gateway))
        gateway.own_tasks.start("rates", reset_rates(gateway))
        gateway.own_tasks.start("reversals", reverse_later(gateway))
        gateway.own_tasks.start("watch", follow_levels(gateway))
        gateway.own_tasks.start("webhooks", send_alerts(gateway))
        try:
            yield gateway
        finally:
            ending = asyncio.create_task(gateway.own_tasks.end())
            await relayer.stop()
            await indexer.stop()
            _, late = await asyncio.wait(tasks, timeout=END_SECONDS)
            for task in late:  # what it stored is sent after the next start
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await ending
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
