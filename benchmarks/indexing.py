"""Events a second from the chain into SQLite, beside web3.py's decoder alone on the same logs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import web3

from app.chain.evm.contracts import Contracts, RawLog
from app.chain.evm.rpc import JsonRpc
from app.chain.index.indexer import Indexer, IndexerSettings
from app.chain.index.projection import Projection
from app.storage import create_storage

PEER_LOGS = 3000


async def events_indexed(
    *,
    rpc: JsonRpc,
    contracts: Contracts,
    projections: Sequence[Projection],
    start_block: int,
    folder: Path,
) -> tuple[int, float]:
    """A fresh store fed from the chain: receipts fetched and proved, decoded, projected, committed.

    Returns the number of events and the seconds it took.
    """
    storage = create_storage(f"sqlite:///{folder / 'indexing.sqlite'}")
    try:
        storage.migrate()
        indexer = Indexer(
            storage=storage,
            rpc=rpc,
            contracts=contracts,
            projections=projections,
            settings=IndexerSettings(start_block=start_block),
        )
        began = time.perf_counter()
        await indexer.catch_up()
        return indexer.indexed_events, time.perf_counter() - began
    finally:
        storage.close()


async def events_decoded(
    *, rpc: JsonRpc, contracts: Contracts, start_block: int
) -> tuple[int, float]:
    """Our decoder alone, no store, over logs that were fetched before."""
    asked = {
        "fromBlock": hex(start_block),
        "toBlock": "latest",
        "address": list(contracts.addresses.values()),
    }
    logs = await rpc.call("eth_getLogs", asked, kind=list[RawLog])
    began = time.perf_counter()
    found = sum(contracts.decode_log(log) is not None for log in logs)
    return found, time.perf_counter() - began


def events_decoded_by_web3(
    *, rpc_url: str, abis: dict[str, list[dict[str, Any]]], start_block: int
) -> tuple[int, float]:
    """web3.py's `process_log` over logs that it has fetched before: decoding alone, no store.

    Args:
        abis: by address.
    """
    client = web3.Web3(web3.HTTPProvider(rpc_url))
    known: dict[tuple[str, bytes], Any] = {}
    for address, abi in abis.items():
        contract = client.eth.contract(address=web3.Web3.to_checksum_address(address), abi=abi)
        for item in cast(Iterable[Any], contract.events):
            event = item()
            topic = bytes(web3.Web3.keccak(text=event.signature))
            known[contract.address, topic] = event
    addresses = sorted({address for address, _ in known})
    logs: list[Any] = []
    block, head = start_block, client.eth.block_number
    while len(logs) < PEER_LOGS and block <= head:
        step = {"fromBlock": block, "toBlock": block + 9, "address": addresses}
        found = client.eth.get_logs(step)  # type: ignore[arg-type]
        logs += [log for log in found if (log["address"], bytes(log["topics"][0])) in known]
        block += 10
    logs = logs[:PEER_LOGS]
    began = time.perf_counter()
    for log in logs:
        known[log["address"], bytes(log["topics"][0])].process_log(log)
    return len(logs), time.perf_counter() - began
