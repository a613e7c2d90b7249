"""The parts of a running gateway, as endpoints use them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc
from app.chain.index.indexer import Indexer
from app.chain.outbox.keys import Keystore
from app.chain.outbox.operations import Operations
from app.chain.relay.relayer import Relayer
from app.config import Settings
from app.domain.ledger_key import LedgerKey
from app.gateway.cache import Cache
from app.gateway.own_tasks import OwnTasks
from app.gateway.workers import Workers
from app.storage import Storage
from app.storage.sealing import Sealer

CASH_PREFIX = "SettlementToken:"


@dataclass
class Gateway:
    """One gateway. Services take what they need from here and from nowhere else.

    Attributes:
        ledger_key: keys the hashes of identities and fingerprints; all gateways of a ledger share
            it.
        zone_offset: seconds that the ledger's day is ahead of UTC.
        legal_text_hash: of the text that terms and quotes refer to, 0x and 64 digits.
        documents, pdfs, key_work: pools that read documents and tables, read PDFs, and open and
            write keystores, so that none keeps the others waiting.
        lookups: the pool that asks for the addresses of hosts that users name.
        tokens: the pool that verifies bearer tokens; it may have to wait for the issuer's keys.
        in_flight: idempotency keys whose command is under way.
        own_tasks: what the gateway does by itself, in periodic tasks.
        clock: UTC seconds now; on an embedded chain whose clock was moved, by that clock.
    """

    settings: Settings
    storage: Storage
    rpc: JsonRpc
    contracts: Contracts
    chain_id: int
    operations: Operations
    keystore: Keystore
    sealer: Sealer
    ledger_key: LedgerKey
    relayer: Relayer
    indexer: Indexer
    zone_offset: int
    legal_text_hash: str
    documents: Workers
    pdfs: Workers
    key_work: Workers
    lookups: Workers
    tokens: Workers
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    cache: Cache = field(default_factory=Cache)
    own_tasks: OwnTasks = field(default_factory=OwnTasks)
    clock: Callable[[], float] = time.time

    def earliest(self, newest: int) -> int:
        """The earliest timestamp of the next block, after a newest block of `newest`."""
        return max(newest, int(self.clock()))

    def currencies(self) -> list[str]:
        """Codes of the currencies that have a settlement token."""
        return [name.removeprefix(CASH_PREFIX) for name in self.contracts.names(CASH_PREFIX)]

    def currency_at(self, address: str) -> str:
        """Code of the currency whose settlement token has this address."""
        name = self.contracts.name_at(address)
        return address if name is None else name.removeprefix(CASH_PREFIX)

    def token_of(self, currency: str) -> str:
        """Address of the settlement token of a currency that has one, lower case."""
        return self.contracts.address(CASH_PREFIX + currency).lower()


async def gateway_of(request: Request) -> Gateway:
    """The gateway that serves this request."""
    return cast(Gateway, request.app.state.gateway)


GatewayOf = Annotated[Gateway, Depends(gateway_of)]
