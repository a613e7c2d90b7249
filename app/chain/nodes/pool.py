"""Several nodes of one chain used as one: fail-over, agreement on the head, sends to all.

Each node proves that it serves the ledger's chain at each new connection and before each send. A
node that fails rests for a while: the pool then asks the others first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import structlog

from app.chain.evm.rpc import Calls, JsonRpc, NodeUnreachable, RpcError, quantity
from app.chain.nodes.identity import BlockHash, ChainGuard, identity_of, stored_hash
from app.storage import Storage

log = structlog.get_logger(__name__)
REST_SECONDS = 5.0
_TAGS = ("latest", "finalized", "safe")
_SEND = "eth_sendRawTransaction"
_KNOWN = ("already known", "already imported", "known transaction", "same hash")


class NoAgreement(NodeUnreachable):
    """Fewer nodes than required give the same block."""


class _Position(msgspec.Struct):
    """The fields of a header that give its position in the chain."""

    number: str
    hash: str

    @property
    def height(self) -> int:
        return quantity(self.number)


class NodePool(JsonRpc):
    """One client for one or more nodes.

    Args:
        nodes: the nodes, the preferred one first.
        agreement: number of nodes that must give the same block for the tags `latest`, `finalized`
            and `safe` of `eth_getBlockByNumber`; the answer is the highest such block.
        guard: makes each node prove its chain; None: no proof (tests and tools).
        rest: seconds for which a node that failed is asked only after the others.
    """

    def __init__(
        self,
        nodes: Sequence[JsonRpc],
        *,
        agreement: int = 1,
        guard: ChainGuard | None = None,
        rest: float = REST_SECONDS,
    ) -> None:
        if not 1 <= agreement <= len(nodes):
            raise ValueError(
                f"agreement is {agreement}; it must be from 1 to the number of nodes, {len(nodes)}"
            )
        self.nodes = list(nodes)
        self.agreement = agreement
        self.timeout = max(node.timeout for node in self.nodes)
        self.rest = rest
        self._resting: dict[int, float] = {}
        self._down: set[int] = set()
        self._trouble: dict[int, str] = {}
        self._first = 0
        self._sends: set[asyncio.Task[Any]] = set()
        self.guard: ChainGuard | None = None
        if guard is not None:
            self.watch(guard)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The nodes' names, for messages."""
        return ", ".join(node.name for node in self.nodes)

    @property
    def answering(self) -> list[bool]:
        """For each node, in the order of `nodes`, whether it answered the last time."""
        return [place not in self._down for place in range(len(self.nodes))]

    def watch(self, guard: ChainGuard) -> None:
        """From now on each new connection must prove its chain."""
        self.guard = guard
        for node in self.nodes:
            node.check = guard.prove

    # -- questions

    async def call(
        self, method: str, *params: Any, kind: Any = None, timeout: float | None = None
    ) -> Any:
        """One call to the first node that answers; sends, and calls for the head, go to all.

        Raises:
            NodeUnreachable: no node answers, or too few agree.
            RpcError.
        """
        if method == _SEND:
            return await self._send(params, timeout=timeout)
        if self.agreement > 1 and method == "eth_getBlockByNumber" and params[0] in _TAGS:
            place, position = await self._agreed(str(params[0]), timeout=timeout)
            if position is None:
                return None
            self._first = place
            return await self.nodes[place].call(method, *_at(position, params), kind=kind)
        if self.agreement > 1 and method == "eth_blockNumber":
            _, head = await self._agreed("latest", timeout=timeout)
            return "0x0" if head is None else head.number
        return await self._in_turn(
            lambda node, seconds: node.call(method, *params, kind=kind, timeout=seconds), timeout
        )

    async def batch(
        self,
        calls: Calls,
        *,
        kind: Any = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """A batch, answered by one node, so that its answers fit together.

        Raises:
            NodeUnreachable: no node answers.
        """

        async def ask(node: JsonRpc, seconds: float) -> list[Any]:
            answers = await node.batch(calls, kind=kind, timeout=seconds)
            for answer in answers:
                if isinstance(answer, RpcError) and answer.is_rate_limit:
                    raise _Limited(answers)
            return answers

        try:
            answers: list[Any] = await self._in_turn(ask, timeout)
        except _Limited as limited:
            return limited.answers
        return answers

    async def close(self) -> None:
        """Cancels sends under way and closes all connections."""
        for task in list(self._sends):
            task.cancel()
        await asyncio.gather(*self._sends, return_exceptions=True)
        for node in self.nodes:
            await node.close()

    # -- fail-over

    def _order(self) -> list[int]:
        """Places of the nodes: the preferred node first, resting nodes last."""
        now, count = time.monotonic(), len(self.nodes)
        return sorted(
            range(count),
            key=lambda place: (self._resting.get(place, 0.0) > now, (place - self._first) % count),
        )

    async def _in_turn(self, ask: Any, timeout: float | None) -> Any:
        """Asks one node after another. Each gets its share of the remaining time."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        order = self._order()
        trouble: Exception | None = None
        for tried, place in enumerate(order):
            left = max(end - time.monotonic(), 0.05)
            try:
                answer = await ask(self.nodes[place], left / (len(order) - tried))
            except (NodeUnreachable, _Limited) as error:
                self._failed(place, error)
                trouble = trouble or error
                continue
            except RpcError as error:
                if error.is_rate_limit:
                    self._failed(place, error)
                elif error.is_revert or len(order) == 1:
                    raise
                trouble = error if not isinstance(trouble, RpcError) else trouble
                continue
            self._answered(place)
            return answer
        assert trouble is not None
        raise trouble

    def _failed(self, place: int, error: Exception) -> None:
        self._trouble[place] = str(error)
        self._resting[place] = time.monotonic() + self.rest
        if place not in self._down and len(self.nodes) > 1:
            log.warning("node.away", node=self.nodes[place].name, error=str(error))
        self._down.add(place)

    def _answered(self, place: int) -> None:
        if place in self._down and len(self.nodes) > 1:
            log.info("node.back", node=self.nodes[place].name)
        self._down.discard(place)
        self._trouble.pop(place, None)
        self._resting.pop(place, None)

    # -- sends

    async def _send(self, params: Sequence[Any], *, timeout: float | None) -> Any:
        """Sends to all nodes; returns the answer of the first that accepts it."""
        tasks = [
            asyncio.create_task(self._send_to(place, params, timeout=timeout))
            for place in self._order()
        ]
        for task in tasks:
            self._sends.add(task)
            task.add_done_callback(self._sent)
        refusals: list[RpcError] = []
        trouble: NodeUnreachable | None = None
        for next_done in asyncio.as_completed(tasks):
            try:
                return await next_done
            except RpcError as error:
                refusals.append(error)
            except NodeUnreachable as error:
                trouble = trouble or error
        for refusal in refusals:
            if any(words in refusal.message.lower() for words in _KNOWN):
                raise refusal
        if refusals:
            raise refusals[0]
        assert trouble is not None
        raise trouble

    async def _send_to(self, place: int, params: Sequence[Any], *, timeout: float | None) -> Any:
        node = self.nodes[place]
        try:
            if self.guard is not None:
                await self.guard.prove(partial(node.batch, timeout=timeout), node.name)
            answer = await node.call(_SEND, *params, timeout=timeout)
        except NodeUnreachable as error:
            self._failed(place, error)
            raise
        self._answered(place)
        return answer

    def _sent(self, task: asyncio.Task[Any]) -> None:
        self._sends.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()

    # -- agreement

    async def _agreed(self, tag: str, *, timeout: float | None) -> tuple[int, _Position | None]:
        """The highest block at or below the tag that enough nodes give, and a node that has it.

        Raises:
            NoAgreement.
        """
        heads = await self._headers(tag, range(len(self.nodes)), timeout=timeout)
        known = {place: head for place, head in heads.items() if head is not None}
        if len(heads) >= self.agreement > len(known):
            return self._first, None
        if len(known) < self.agreement:
            raise NoAgreement(
                f"{len(known)} of {len(self.nodes)} nodes give a block; {self.agreement} must "
                f"agree; {'; '.join(self._trouble.values())}"
            )
        top = sorted((head.height for head in known.values()), reverse=True)[self.agreement - 1]
        step, good = 1, None
        low = high = top
        while good is None:
            good = await self._majority(low, known, timeout=timeout)
            if good is None:
                if low == 0:
                    raise NoAgreement(
                        f"no {self.agreement} of {len(self.nodes)} nodes give the same block"
                    )
                high, low, step = low - 1, max(low - step, 0), step * 2
        while low < high:  # `low` is agreed on; search for the highest agreed block above it
            middle = (low + high + 1) // 2
            agreed = await self._majority(middle, known, timeout=timeout)
            if agreed is None:
                high = middle - 1
            else:
                low, good = middle, agreed
        return good

    async def _majority(
        self, number: int, heads: dict[int, _Position], *, timeout: float | None
    ) -> tuple[int, _Position] | None:
        """A node and the block that enough nodes have at this number, or None."""
        candidates = {place: head for place, head in heads.items() if head.height == number}
        others = [place for place, head in heads.items() if head.height > number]
        answers = await self._headers(hex(number), others, timeout=timeout)
        candidates |= {place: header for place, header in answers.items() if header is not None}
        for hash_, count in Counter(header.hash for header in candidates.values()).most_common(1):
            if count >= self.agreement:
                place = min(
                    (place for place, header in candidates.items() if header.hash == hash_),
                    key=self._order().index,
                )
                return place, candidates[place]
        return None

    async def _headers(
        self, which: str, places: Sequence[int], *, timeout: float | None
    ) -> dict[int, _Position | None]:
        """Each node's answer for one block; nodes that do not answer are left out."""
        answers = await asyncio.gather(
            *(
                self.nodes[place].call(
                    "eth_getBlockByNumber", which, False, kind=_Position | None, timeout=timeout
                )
                for place in places
            ),
            return_exceptions=True,
        )
        headers: dict[int, _Position | None] = {}
        for place, answer in zip(places, answers, strict=True):
            if isinstance(answer, NodeUnreachable | RpcError):
                self._failed(place, answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._answered(place)
                headers[place] = answer
        return headers


class _Limited(Exception):
    """A node rejected a part of a batch because of its rate limit."""

    def __init__(self, answers: list[Any]) -> None:
        super().__init__("the node limits its requests")
        self.answers = answers


def _at(position: _Position, params: Sequence[Any]) -> list[Any]:
    return [position.number, *params[1:]]


async def guarded(
    pool: NodePool, *, storage: Storage, chain_id: int, block: BlockHash | None
) -> ChainGuard:
    """From now on each connection of the pool must prove that it leads to this store's chain.

    Args:
        chain_id, block: those of the deployment record; see `identity_of`.

    Raises:
        WrongChain, NodeUnreachable, StorageError.
    """
    identity = await identity_of(storage=storage, rpc=pool, chain_id=chain_id, block=block)

    async def hash_at(number: int) -> str | None:
        return await storage.read(partial(stored_hash, number=number))

    guard = ChainGuard(identity, hash_at=hash_at)
    await pool.close()  # those connections have proved nothing
    pool.watch(guard)
    await pool.chain_id()
    return guard
