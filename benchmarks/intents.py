"""Confirmed intents a second through HTTP, and the same calls fed to the same node raw."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import CASH_ISSUER_PLACE
from app.chain.evm.contracts import Contracts
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner
from app.chain.evm.transactions import Transaction
from benchmarks.load import Plan, Request, Sample, send
from benchmarks.world import Supplier, yuan

CASH = "SettlementToken:CNY"
CONFIRMED = ("included", "final")
RAW_GAS = 200_000
RAW_METHOD = "eth_sendRawTransactionSync"  # EIP-7966: answers with the receipt


class BenchFailed(Exception):
    """Something that was to be measured did not happen."""


@dataclass
class Measured:
    """How many in how long, and how long each took (ms)."""

    count: int
    seconds: float
    milliseconds: list[float]

    @property
    def rate(self) -> float:
        """A second."""
        return self.count / self.seconds


def transfers(suppliers: list[Supplier], *, each: int) -> list[list[Request]]:
    """Every supplier pays the next one, over and over."""
    lanes = []
    for supplier, other in zip(suppliers, suppliers[1:] + suppliers[:1], strict=True):
        body = {"toPartyId": other.party_id, "amount": yuan("0.01")}
        lanes.append([_command(supplier, "/v1/cash/CNY/transfers", body) for _ in range(each)])
    return lanes


def splits(suppliers: list[Supplier], *, each: int) -> list[list[Request]]:
    """Every supplier passes parts of its claim on to the next one."""
    lanes = []
    for supplier, other in zip(suppliers, suppliers[1:] + suppliers[:1], strict=True):
        body = {"parts": [{"toPartyId": other.party_id, "amount": yuan("10.00")}]}
        path = f"/v1/claims/{supplier.claim_id}/assignments"
        lanes.append([_command(supplier, path, body) for _ in range(each)])
    return lanes


def _command(supplier: Supplier, path: str, body: dict[str, Any]) -> Request:
    headers = supplier.caller.headers | {
        "Idempotency-Key": uuid.uuid4().hex,
        "Prefer": "wait=30",
    }
    return Request("POST", path, headers, json.dumps(body))


async def through_http(url: str, lanes: list[list[Request]], *, folder: Path) -> Measured:
    """Sends commands that wait; only those whose operation is on the chain and indexed count.

    Raises:
        BenchFailed: an answer was none of these.
    """
    outcome = await send(_plan(url, lanes), folder=folder)
    confirmed = [sample for sample in outcome.samples if _confirmed(sample)]
    if not confirmed or len(confirmed) < 0.99 * len(outcome.samples):
        odd = next(sample for sample in outcome.samples if not _confirmed(sample))
        raise BenchFailed(
            f"{len(outcome.samples) - len(confirmed)} of {len(outcome.samples)} commands were not "
            f"confirmed, such as: {odd.status} {odd.body[:500]}"
        )
    return Measured(len(confirmed), outcome.seconds, [one.milliseconds for one in confirmed])


def _plan(url: str, lanes: list[list[Request]], *, seconds: float = 60.0) -> Plan:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return Plan(parts.hostname, parts.port, lanes, seconds=seconds, keep_bodies=True)


def _confirmed(sample: Sample) -> bool:
    if sample.status >= HTTPStatus.MULTIPLE_CHOICES:
        return False
    operation = json.loads(sample.body).get("operation") or {}
    return operation.get("state") in CONFIRMED


async def read(url: str, lanes: list[list[Request]], *, folder: Path) -> Measured:
    """Sends requests that read; each must be answered with 200.

    Raises:
        BenchFailed.
    """
    outcome = await send(_plan(url, lanes), folder=folder)
    for sample in outcome.samples:
        if sample.status != HTTPStatus.OK:
            raise BenchFailed(f"{sample.status} {sample.body[:500]}")
    return Measured(
        len(outcome.samples), outcome.seconds, [one.milliseconds for one in outcome.samples]
    )


async def fed_raw(
    rpc: JsonRpc, contracts: Contracts, *, chain_id: int, lanes: int, each: int, folder: Path
) -> Measured:
    """The same call (`transfer` of cash), as one transaction for each transfer, signed before.

    There are as many lanes as before. Each lane waits for its receipt, which must say success.
    anvil makes a block of each here, and its blocks get slower with their number, so this figure
    falls with the length of the run; `fed_raw_in_blocks` is the stronger peer.

    Raises:
        BenchFailed.
    """
    senders = [LocalSigner.generate() for _ in range(lanes)]
    await _fund(rpc, contracts, senders, chain_id=chain_id)
    requests = []
    for sender, other in zip(senders, senders[1:] + senders[:1], strict=True):
        data = contracts.encode(CASH, "transfer", [other.address, 1])
        lane = []
        for nonce in range(each):
            raw, _ = _call(contracts, data, nonce=nonce, chain_id=chain_id).sign(sender)
            lane.append(_raw_request(raw))
        requests.append(lane)
    outcome = await send(_plan(rpc.name, requests), folder=folder)
    for sample in outcome.samples:
        if not _succeeded(sample):
            raise BenchFailed(f"a raw transaction: {sample.status} {sample.body[:500]}")
    return Measured(
        len(outcome.samples), outcome.seconds, [one.milliseconds for one in outcome.samples]
    )


def _raw_request(raw: str) -> Request:
    body = {"jsonrpc": "2.0", "id": 1, "method": RAW_METHOD, "params": [raw]}
    return Request("POST", "/", {}, json.dumps(body))


def _call(contracts: Contracts, data: bytes, *, nonce: int, chain_id: int) -> Transaction:
    return Transaction(
        nonce=nonce,
        gas_price=0,
        gas_limit=RAW_GAS,
        to=contracts.address(CASH),
        data=data,
        chain_id=chain_id,
    )


async def fed_raw_in_blocks(
    rpc: JsonRpc, contracts: Contracts, *, chain_id: int, lanes: int, each: int
) -> Measured:
    """The same transactions, `lanes` of them to a block that is asked for once they are in.

    It is what the node can do at best: one request for each block, nobody waits for another.

    Raises:
        BenchFailed.
    """
    senders = [LocalSigner.generate() for _ in range(lanes)]
    await _fund(rpc, contracts, senders, chain_id=chain_id)
    data = contracts.encode(CASH, "transfer", [senders[0].address, 1])
    blocks, hashes = [], []
    for nonce in range(each):
        signed = [
            _call(contracts, data, nonce=nonce, chain_id=chain_id).sign(sender)
            for sender in senders
        ]
        hashes += [hash_ for _, hash_ in signed]
        blocks.append([("eth_sendRawTransaction", [raw]) for raw, _ in signed])
    await rpc.call("evm_setAutomine", False)
    try:
        milliseconds = []
        began = time.perf_counter()
        for block in blocks:
            asked = time.perf_counter()
            await rpc.batch(block)
            await rpc.call("evm_mine")
            milliseconds.append((time.perf_counter() - asked) * 1000)
        seconds = time.perf_counter() - began
    finally:
        await rpc.call("evm_setAutomine", True)
    for first in range(0, len(hashes), lanes):
        some = hashes[first : first + lanes]
        for receipt in await rpc.batch([("eth_getTransactionReceipt", [one]) for one in some]):
            if not isinstance(receipt, dict) or int(receipt["status"], 16) != 1:
                raise BenchFailed(f"a raw transaction: {receipt}")
    return Measured(len(hashes), seconds, milliseconds)


async def _fund(
    rpc: JsonRpc, contracts: Contracts, senders: list[LocalSigner], *, chain_id: int
) -> None:
    issuer = development_key(CASH_ISSUER_PLACE)
    first = int(await rpc.call("eth_getTransactionCount", issuer.address, "latest"), 16)
    for number, sender in enumerate(senders):
        data = contracts.encode(CASH, "mint", [sender.address, 1_000_000])
        raw, _ = _call(contracts, data, nonce=first + number, chain_id=chain_id).sign(issuer)
        await rpc.call("eth_sendRawTransaction", raw)


def _succeeded(sample: Sample) -> bool:
    receipt = json.loads(sample.body).get("result") if sample.status == HTTPStatus.OK else None
    return isinstance(receipt, dict) and int(receipt["status"], 16) == 1
