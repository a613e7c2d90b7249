"""Parts that we wrote although a library in the lock file has them, each beside that library.

`python -m benchmarks.parts` prints a table and writes `build/bench-parts.json`: how many times a
second each does the same work, in turn, on this machine. What is not clearly faster than the
library is not worth keeping.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rlp
from eth_account import Account
from eth_account.messages import encode_typed_data
from hexbytes import HexBytes
from rich.console import Console
from rich.table import Table
from trie import HexaryTrie
from web3 import AsyncHTTPProvider, AsyncWeb3, Web3
from web3.datastructures import AttributeDict

from app.chain.evm.abi import AbiItem, compile_event, topic_of
from app.chain.evm.contracts import RawLog
from app.chain.evm.hashing import checksum_address, keccak, rlp_encode
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner
from app.chain.evm.transactions import Transaction
from app.chain.evm.typed_data import forwarder_domain, typed_data, typed_data_digest
from app.chain.index.blocks import TransactionReceipt, encode_receipt, ordered_root
from app.chain.nodes.engines import start_node

REPORT = Path(__file__).resolve().parent.parent / "build" / "bench-parts.json"
ROUNDS, SECONDS = 5, 0.4
_CONTRACT = "0x" + "c0" * 20
Work = Callable[[], Any]


def rate(work: Work) -> float:
    """How often a second, processor time."""
    began, count = time.process_time(), 0
    while (spent := time.process_time() - began) < SECONDS:
        work()
        count += 1
    return count / spent


def beside(ours: Work, theirs: Work) -> tuple[float, float]:
    """The best rates of both, measured in turn."""
    found = [(rate(ours), rate(theirs)) for _ in range(ROUNDS)]
    return max(one for one, _ in found), max(one for _, one in found)


def transactions() -> tuple[Work, Work]:
    """A signed transaction of 1,000 bytes."""
    data = bytes(range(250)) * 4
    signer = LocalSigner.generate()
    secret = signer.keystore("x", iterations=2)
    key = Account.decrypt(secret, "x")
    own = Transaction(
        nonce=7, gas_price=10**9, gas_limit=100_000, to=_CONTRACT, data=data, chain_id=31337
    )
    account = Account.from_key(key)
    fields = {
        **{"nonce": 7, "gasPrice": 10**9, "gas": 100_000, "value": 0},
        **{"to": checksum_address(_CONTRACT), "data": data, "chainId": 31337},
    }
    raw, _ = own.sign(signer)
    assert raw == "0x" + account.sign_transaction(fields).raw_transaction.hex().removeprefix("0x")
    return lambda: own.sign(signer), lambda: account.sign_transaction(fields)


def structures() -> tuple[Work, Work]:
    """RLP of a list of 20 fields."""
    item = [os.urandom(20 + place) for place in range(20)]
    assert rlp_encode(item) == rlp.encode(item)
    return lambda: rlp_encode(item), lambda: rlp.encode(item)


def roots() -> tuple[Work, Work]:
    """The root over 200 receipts."""
    values = [encode_receipt(_receipt(place)) for place in range(200)]

    def theirs() -> str:
        tree = HexaryTrie({}, prune=True)
        for place, value in enumerate(values):
            tree[rlp.encode(place)] = value
        return f"0x{tree.root_hash.hex()}"

    assert ordered_root(values) == theirs()
    return lambda: ordered_root(values), theirs


def _receipt(place: int) -> TransactionReceipt:
    topic = "0x" + keccak(place.to_bytes(2, "big")).hex()
    log = RawLog(
        *(_CONTRACT, [topic] * 3, "0x" + "ab" * 96),
        *("0x1", "0x" + "22" * 32, "0x" + "11" * 32, hex(place), "0x0"),
    )
    return TransactionReceipt(
        *("0x" + "11" * 32, hex(place), "0x" + "22" * 32, "0x" + "33" * 20),
        cumulative_gas_used=hex(50_000 * (place + 1)),
        logs_bloom="0x" + "00" * 256,
        logs=[log],
        status="0x1",
    )


def digests() -> tuple[Work, Work]:
    """What a signer of an intent signs."""
    domain = forwarder_domain(chain_id=31337, contract=_CONTRACT)
    message = {
        **{"from": "0x" + "a1" * 20, "to": "0x" + "b2" * 20, "gas": 300_000, "nonce": 2**70},
        **{"deadline": 2_000_000_000, "operation": os.urandom(32), "data": os.urandom(200)},
    }
    whole = typed_data(domain, "Intent", message)

    def theirs() -> bytes:
        signable = encode_typed_data(full_message=dict(whole))
        return keccak(b"\x19" + signable.version + signable.header + signable.body)

    assert typed_data_digest(domain, "Intent", message) == theirs()
    return lambda: typed_data_digest(domain, "Intent", message), theirs


def events() -> tuple[Work, Work]:
    """A log of an event with three indexed and three plain fields."""
    fields = (
        *(("uint256", True), ("address", True), ("uint256", True)),
        *(("uint96", False), ("address", False), ("bytes32", False)),
    )
    abi: AbiItem = {
        "type": "event",
        "name": "Paid",
        "anonymous": False,
        "inputs": [
            {"name": f"field{place}", "type": kind, "indexed": indexed}
            for place, (kind, indexed) in enumerate(fields)
        ],
    }
    words = [os.urandom(32) for _ in range(2)]
    topics = [topic_of(abi), "0x" + "00" * 31 + "07", "0x" + "00" * 12 + "a1" * 20]
    topics.append("0x" + words[0].hex())
    amount = 9
    data = "0x" + amount.to_bytes(32).hex() + "00" * 12 + "b2" * 20 + words[1].hex()
    decode = compile_event(abi)
    event = Web3().eth.contract(abi=[abi]).events.Paid()
    log: Any = AttributeDict(
        {
            **{"address": Web3.to_checksum_address(_CONTRACT), "data": HexBytes(data)},
            **{"topics": [HexBytes(one) for one in topics], "logIndex": 0, "blockNumber": 1},
            **{"transactionIndex": 0, "transactionHash": HexBytes(words[0])},
            "blockHash": HexBytes(words[1]),
        }
    )
    assert decode(topics, data)["field3"] == event.process_log(log)["args"]["field3"] == amount
    return lambda: decode(topics, data), lambda: event.process_log(log)


async def calls(url: str) -> tuple[float, float]:
    """Calls of a node, one after another; wall time, since both wait for the same node."""
    own, peer = JsonRpc(url), AsyncWeb3(AsyncHTTPProvider(url))
    best = [0.0, 0.0]

    async def ours() -> Any:
        return await own.call("eth_blockNumber")

    try:
        for _ in range(ROUNDS):
            for place, ask in enumerate(
                (lambda: own.call("eth_blockNumber"), peer.eth.get_block_number)
            ):
                began, count = time.perf_counter(), 0
                while time.perf_counter() - began < SECONDS:
                    await ask()
                    count += 1
                best[place] = max(best[place], count / (time.perf_counter() - began))
    finally:
        await own.close()
        await peer.provider.disconnect()
    return best[0], best[1]


def main() -> None:
    """Measures all parts."""
    found: dict[str, dict[str, float | str]] = {}
    table = Table("part", "library", "ours a second", "the library's", "times")
    measured = [
        ("RLP (hashing.rlp_encode)", "rlp", beside(*structures())),
        ("signed transactions (transactions)", "eth-account", beside(*transactions())),
        ("root over receipts (blocks.ordered_root)", "trie", beside(*roots())),
        ("EIP-712 digests (typed_data)", "eth-account", beside(*digests())),
        ("decoding of events (abi.compile_event)", "web3", beside(*events())),
    ]
    with start_node("anvil") as node:
        measured.append(("JSON-RPC over HTTP (rpc)", "web3", asyncio.run(calls(node.url))))
    for name, library, (ours, theirs) in measured:
        times = ours / theirs
        found[name] = {"library": library, "ours": ours, "theirs": theirs, "times": times}
        table.add_row(name, library, f"{ours:,.0f}", f"{theirs:,.0f}", f"{times:.1f}")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    Console().print(table)


if __name__ == "__main__":
    main()
