"""Nodes and the network to them: JSON-RPC, with everything that can go wrong there.

`SimulatedRpc` is the gateway's own client with the HTTP connection replaced: what it encodes, and
how it takes what comes back, is the code that is shipped.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from app.chain.evm.rpc import JsonRpc, NodeUnreachable
from tests.simulation.chain import TIP, Block, Chain, Refused
from tests.simulation.lies import false_receipts
from tests.simulation.rules import CALL_GAS, CHAIN_ID, ZERO, Reverted
from tests.support.bodies import Json

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

# Methods that a stale cache, a lagging replica or a load balancer answers in the same way.
GROUPS = {
    "blocks": ("eth_getBlockByNumber", "eth_blockNumber", "eth_getBlockByHash"),
    "receipts": (
        "eth_getBlockReceipts",
        "eth_getTransactionReceipt",
        "eth_getTransactionByHash",
        "eth_getLogs",
    ),
    "counts": ("eth_getTransactionCount", "eth_getBalance"),
    "calls": ("eth_call", "eth_estimateGas", "eth_getCode"),
}
GROUP_OF = {method: group for group, methods in GROUPS.items() for method in methods}


class NodeError(Exception):
    """An error that a node answers with."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.error: Json = {"code": code, "message": message}
        if data is not None:
            self.error["data"] = data


@dataclass
class Freeze:
    """For a while a node answers some methods as of a block that is no longer the newest."""

    node: str
    groups: frozenset[str]
    head: Block
    until: float
    chance: float  # how many of the requests are answered so


@dataclass
class Weather:
    """How the network is at the moment: chances for each request."""

    slow: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    garbage: float = 0.0
    wrong_id: float = 0.0
    limited: float = 0.0
    missing: float = 0.0
    late: float = 0.0


@dataclass
class Lies:
    """For a while a node gives false receipts of whole blocks: in which way, and how often."""

    node: str
    way: str
    chance: float
    until: float


@dataclass
class Impostor:
    """For a while a node's address leads to another chain with the same id."""

    chain: Chain
    since: float  # seconds since the start of the run
    until: float


@dataclass
class Nodes:
    """Every node of the chain, as gateways see them."""

    chain: Chain
    source: random.Random
    freezes: list[Freeze] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    lies: list[Lies] = field(default_factory=list)
    impostors: dict[str, Impostor] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)  # how often all connections were cut

    @staticmethod
    def host(url: str) -> str:
        """How a node is called here."""
        return url.split("/")[2].partition(":")[0]

    def cut(self, nodes: list[str]) -> None:
        """Ends all connections to these nodes."""
        for node in nodes:
            self.breaks[node] = self.breaks.get(node, 0) + 1

    def other_chains(self) -> list[Chain]:
        """The chains that are served in place of ours, each once."""
        return list(
            {id(impostor.chain): impostor.chain for impostor in self.impostors.values()}.values()
        )

    def chain_of(self, node: str) -> Chain:
        """The chain to which a node's address leads now."""
        impostor = self.impostors.get(node)
        return self.chain if impostor is None else impostor.chain

    def head_for(self, node: str, method: str, now: float) -> Block:
        """The head as of which this node answers this method now."""
        if node in self.impostors:
            return self.impostors[node].chain.head
        group = GROUP_OF.get(method)
        for freeze in self.freezes:
            if freeze.node not in ("", node) or group not in freeze.groups or now >= freeze.until:
                continue
            if freeze.chance >= 1 or self.source.random() < freeze.chance:
                return freeze.head
        return self.chain.head

    def answer(self, node: str, method: str, params: list[Any], now: float) -> Any:
        """The result of one call.

        Raises:
            NodeError.
        """
        if method not in ANSWERS:
            raise NodeError(-32601, f"the method {method} does not exist")
        return ANSWERS[method](self.chain_of(node), self.head_for(node, method, now), params)


def _block(chain: Chain, head: Block, which: str | dict[str, str]) -> Block | None:
    if which in ("latest", "pending"):
        return head
    if which in ("finalized", "safe"):
        return head.ancestor(max(head.number - chain.final_depth, 0))
    if which == "earliest":
        return head.ancestor(0)
    if isinstance(which, dict):
        return _known(chain, head, which["blockHash"])
    return head.ancestor(int(which, 16))


def _known(chain: Chain, head: Block, hash_: str) -> Block | None:
    """Nodes serve blocks of abandoned forks too, but none newer than what they know."""
    block = chain.blocks.get(hash_)
    return None if block is None or block.number > head.number else block


def _including(chain: Chain, head: Block, hash_: str) -> Block | None:
    for block in chain.includers.get(hash_, ()):
        if head.ancestor(block.number) is block:
            return block
    return None


def _transaction(chain: Chain, head: Block, hash_: str) -> dict[str, str | None] | None:
    block = _including(chain, head, hash_)
    known = chain.pool.values() if block is None else block.transactions
    for sent in known:
        if sent.hash == hash_:
            return {
                "hash": hash_,
                "input": "0x" + sent.data.hex(),
                "from": sent.sender,
                "nonce": hex(sent.nonce),
                "blockNumber": None if block is None else hex(block.number),
                "blockHash": None if block is None else block.hash,
            }
    return None


def _count(chain: Chain, head: Block, account: str, which: str | dict[str, str]) -> int:
    block = _block(chain, head, which)
    if block is None:
        raise NodeError(-32000, "header not found")
    count = block.nonces.get(account, 0)
    while which == "pending" and (account, count) in chain.pool:
        count += 1
    return count


def _call(method: str, chain: Chain, head: Block, params: list[Any]) -> str:
    call = params[0]
    block = _block(chain, head, params[1] if len(params) > 1 else "latest")
    if block is None:
        raise NodeError(-32000, "header not found")
    data = bytes.fromhex(str(call.get("data") or call.get("input") or "0x")[2:])
    try:
        result = block.state.ask(str(call.get("from", ZERO)).lower(), str(call["to"]).lower(), data)
    except Reverted as error:
        raise NodeError(3, "execution reverted", error.data) from error
    return hex(CALL_GAS) if method == "eth_estimateGas" else "0x" + result.hex()


def _header(block: Block | None) -> Json | None:
    return None if block is None else block.header()


def _receipts(chain: Chain, head: Block, params: list[Any]) -> list[Json] | None:
    block = _known(chain, head, params[0])
    return None if block is None else block.receipts


def _receipt(chain: Chain, head: Block, params: list[Any]) -> Json | None:
    block = _including(chain, head, params[0])
    if block is None:
        return None
    place = [transaction.hash for transaction in block.transactions].index(params[0])
    return block.receipts[place]


def _balance(chain: Chain, _head: Block, params: list[Any]) -> str:
    return hex(0 if str(params[0]).lower() in chain.empty else 10**20)


def _send(chain: Chain, _head: Block, params: list[Any]) -> str:
    try:
        return chain.send(params[0])
    except Refused as error:
        raise NodeError(-32000, str(error)) from error


# The answer of each method: of a chain, as of a head, to parameters.
ANSWERS: dict[str, Callable[[Chain, Block, list[Any]], Any]] = {
    "eth_chainId": lambda _chain, _head, _params: hex(CHAIN_ID),
    "net_version": lambda _chain, _head, _params: hex(CHAIN_ID),
    "eth_blockNumber": lambda _chain, head, _params: hex(head.number),
    "eth_gasPrice": lambda chain, _head, _params: hex(chain.base_fee + TIP),
    "eth_getBlockByNumber": lambda chain, head, params: _header(_block(chain, head, params[0])),
    "eth_getBlockByHash": lambda chain, head, params: _header(_known(chain, head, params[0])),
    "eth_getBlockReceipts": _receipts,
    "eth_getTransactionReceipt": _receipt,
    "eth_getTransactionByHash": lambda chain, head, params: _transaction(chain, head, params[0]),
    "eth_getTransactionCount": lambda chain, head, params: hex(
        _count(chain, head, str(params[0]).lower(), params[1])
    ),
    "eth_getBalance": _balance,
    "eth_getCode": lambda _chain, _head, _params: "0x00",
    "eth_call": partial(_call, "eth_call"),
    "eth_estimateGas": partial(_call, "eth_estimateGas"),
    "eth_sendRawTransaction": _send,
}


class SimulatedRpc(JsonRpc):
    """The client of one node, whose requests go through the simulated network."""

    world: World
    process: Process
    last = b""  # request
    proved = -1  # how often connections had been cut when one of them last showed its chain
    proof_at = -1.0  # when the node was last asked which chain it serves

    async def _post(self, body: bytes, timeout: float | None = None) -> bytes:
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                check = getattr(self, "check", None)
                breaks = self.world.nodes.breaks.get(self._host, 0)
                if check is not None and self.proved != breaks:
                    await check(partial(self._batch, self._travel), self.name)
                    self.proved = breaks
                return await self._travel(body)
        except TimeoutError as error:
            self.proved = -1
            self.process.require_alive()
            raise NodeUnreachable(f"no answer in {limit:g} s") from error
        except NodeUnreachable:
            self.proved = -1
            raise

    async def close(self) -> None:
        """The next request makes a new connection."""
        self.proved = -1
        await super().close()

    async def _travel(self, body: bytes) -> bytes:
        """Takes a request to the node and its answer back, or as far as they come."""
        world, process = self.world, self.process
        process.require_alive()
        network, weather = world.stream("network"), world.nodes.weather
        node = self._host
        breaks = world.nodes.breaks.get(node)
        crash = world.crash_due(process, "request")
        if crash == "before":
            process.die("before a request")
        await asyncio.sleep(network.uniform(0.002, 0.03))
        if network.random() < weather.slow:
            await asyncio.sleep(network.uniform(0.1, 8.0))
        process.require_alive()
        if world.nodes.breaks.get(node) != breaks:
            raise NodeUnreachable("connection lost: closed by the node")
        if network.random() < weather.lost_before:
            raise await self._lost(network)
        if network.random() < weather.limited:
            world.trace("rpc", process.name, "limited")
            if network.random() < 0.5:
                raise NodeUnreachable("HTTP 429: b'slow down'")
            return b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"rate limit"}}'
        answer = self._answer(node, body, network)
        if crash == "after":
            process.die("after a request")
        if network.random() < weather.lost_after:
            raise await self._lost(network)
        if network.random() < weather.late:
            await asyncio.sleep(network.uniform(1.0, 28.0))
        await asyncio.sleep(network.uniform(0.002, 0.03))
        process.require_alive()
        world.trace("rpc", process.name, body, answer)
        return answer

    def _maybe_false(self, node: str, receipts: Any, network: random.Random) -> Any:
        world = self.world
        for lies in world.nodes.lies:
            there = lies.node in ("", node) and world.loop.now < lies.until
            if there and network.random() < lies.chance:
                false_copy = false_receipts(receipts, lies.way, world.nodes.chain_of(node))
                if false_copy != receipts:
                    world.trace("false receipts", lies.way, receipts[0]["blockNumber"])
                return false_copy
        return receipts

    def _watch(self, node: str, method: str) -> None:
        """Notes a transaction that is sent to another chain.

        If a connection was redirected unseen, a transaction that is on its way may still arrive:
        the node had shown the right chain just before.
        """
        world = self.world
        if method == "eth_chainId":
            self.proof_at = world.loop.now
        impostor = world.nodes.impostors.get(node)
        if impostor is None or method != "eth_sendRawTransaction":
            return
        world.trace("sent to another chain", self.process.name, node)
        if self.proof_at > impostor.since or world.loop.now > impostor.since + 2 * self.timeout:
            world.problems.append(f"other chain: {self.process.name} sent a transaction to it")

    async def _lost(self, network: random.Random) -> NodeUnreachable:
        if network.random() < 0.5:
            await asyncio.sleep(3600.0)
        return NodeUnreachable("connection lost: closed by the node")

    def _answer(self, node: str, body: bytes, network: random.Random) -> bytes:
        world, weather = self.world, self.world.nodes.weather
        request_body = msgspec.json.decode(body)
        single = isinstance(request_body, dict)
        answers = []
        mixed_up, self.last = self.last, body
        if mixed_up and network.random() < weather.wrong_id:
            # The answer to another request, as a proxy gives it that mixes up connections.
            request_body = msgspec.json.decode(mixed_up)
            single = isinstance(request_body, dict)
        for item in [request_body] if single else request_body:
            if not single and network.random() < weather.missing:
                continue
            answer: Json = {"jsonrpc": "2.0", "id": item["id"]}
            try:
                if network.random() < weather.missing:
                    raise NodeError(-32005, "rate limit exceeded, try again")
                self._watch(node, item["method"])
                answer["result"] = world.nodes.answer(
                    node, item["method"], item["params"], world.loop.now
                )
                if item["method"] == "eth_getBlockReceipts" and answer["result"]:
                    answer["result"] = self._maybe_false(node, answer["result"], network)
            except NodeError as error:
                answer["error"] = error.error
            answers.append(answer)
        if network.random() < weather.garbage:
            return network.choice(
                (b"<html>502 Bad Gateway</html>", b"", b"null", b'{"jsonrpc":"2.0"}', b"[{}]")
            )
        return msgspec.json.encode(answers[0] if single else answers)
