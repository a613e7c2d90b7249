"""Clients that do what a careful client does: the same key again until the operation is over."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from tests.torture.wire import Connection, Lost
from tests.torture.world import Party, World, yuan

# What a client knows of a command at the end: one byte each, so that a million take little memory.
OPEN, FINAL, REFUSED, REFUSED_FALSELY = 0, 1, 2, 3
PAUPERS = 20  # one command in so many pays money that its party does not have
ANSWER_SECONDS = 20.0
REPEATS = 4  # for one command in so many, the client sends the key once more after its end
NO_MONEY = "ERC20InsufficientBalance"
PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504))


def is_pauper(number: int) -> bool:
    """Whether command `number` must be refused."""
    return number % PAUPERS == PAUPERS - 1


class Clients:
    """Sends commands 0 … count-1 and keeps what became of each.

    Attributes:
        ends: one byte a command.
        answers: HTTP answers by status, and lost connections as 0.
        changed: commands whose repeated key gave another operation than before.
        begun, ended: how many commands.
        reasons: why commands were wrongly refused; some examples.
    """

    def __init__(
        self, *, world: World, urls: Sequence[str], count: int, lanes: int, seed: int, pace: float
    ) -> None:
        self.world, self.urls, self.count, self.lanes = world, urls, count, lanes
        self.pace = pace
        self.ends = bytearray(count)
        self.answers: Counter[int] = Counter()
        self.changed = 0
        self.reasons: list[str] = []
        self.calm = False
        self.begun = 0
        self.ended = 0
        self._next = 0
        self._random = random.Random(seed)
        self._run = f"{seed:x}-{time.time_ns():x}"
        self._began = 0.0
        self.give_up: Callable[[], bool] = lambda: False

    async def run(self) -> None:
        """All lanes to their end."""
        self._began = time.monotonic()
        await asyncio.gather(*(self._lane() for _ in range(self.lanes)))

    async def _lane(self) -> None:
        parts = [urlsplit(url) for url in self.urls]
        connections = [Connection(str(part.hostname), int(part.port or 0)) for part in parts]
        try:
            while self._next < self.count and not self.give_up():
                number = self._next
                self._next += 1
                early = self._began + number * self.pace - time.monotonic()
                if early > 0:
                    await asyncio.sleep(early)
                self.begun += 1
                await self._command(number, connections)
                self.ended += self.ends[number] != OPEN
        finally:
            for connection in connections:
                connection.close()

    def _payer(self, number: int) -> tuple[Party, Party]:
        parties = self.world.parties
        payee = parties[(number + 1) % len(parties)]
        payer = self.world.pauper if is_pauper(number) else parties[number % len(parties)]
        return payer, payee

    async def _command(self, number: int, connections: list[Connection]) -> None:
        payer, payee = self._payer(number)
        headers = {"X-API-Key": payer.api_key, "Content-Type": "application/json"}
        key = {"Idempotency-Key": f"torture-{self._run}-{number}", "Prefer": "wait=5"}
        # No two commands pay the same amount, so the chain shows how often each ran.
        body = json.dumps({"toPartyId": payee.party_id, "amount": yuan(number + 1)}).encode()
        identifier, pause = "", 0.05
        while not self.give_up():
            post = not identifier or self._random.random() < 0.2
            path = "/v1/cash/CNY/transfers" if post else f"/v1/operations/{identifier}?wait=5"
            try:
                status, answer = await self._random.choice(connections).request(
                    "POST" if post else "GET",
                    path,
                    headers=headers | key if post else headers,
                    body=body if post else b"",
                    seconds=ANSWER_SECONDS,
                )
            except Lost:
                self.answers[0] += 1
                await asyncio.sleep(pause := min(1.0, pause * 2))
                continue
            self.answers[status] += 1
            document = json.loads(answer) if status in (200, 202, 409) else {}
            if status in (200, 202) or "operation" in document:
                operation = document.get("operation", document)
                identifier = self._same(identifier, str(operation["id"]))
                if self._end(number, operation):
                    break
                pause = 0.05
            elif status not in PASSING:
                self._refused(number, f"{status}: {answer[:300].decode(errors='replace')}")
                break
            await asyncio.sleep(pause := min(1.0, pause * 2))
        if identifier and self._random.randrange(REPEATS) == 0:
            await self._again(identifier, connections, headers | key, body)

    def _same(self, before: str, now: str) -> str:
        self.changed += bool(before) and before != now
        return now

    def _end(self, number: int, operation: dict[str, object]) -> bool:
        if operation["state"] == "final":
            self.ends[number] = FINAL
            return True
        if operation["state"] != "rejected":
            return False
        error = operation.get("error")
        name = error.get("name") if isinstance(error, dict) else None
        if is_pauper(number) and name == NO_MONEY:
            self.ends[number] = REFUSED
        else:
            self._refused(number, json.dumps(error)[:300])
        return True

    def _refused(self, number: int, why: str) -> None:
        self.ends[number] = REFUSED_FALSELY
        if len(self.reasons) < 20:
            self.reasons.append(f"command {number}: {why}")

    async def _again(
        self, identifier: str, connections: list[Connection], headers: dict[str, str], body: bytes
    ) -> None:
        """The key once more, long after the end: the same operation comes back."""
        for _ in range(20):
            try:
                status, answer = await self._random.choice(connections).request(
                    "POST",
                    "/v1/cash/CNY/transfers",
                    headers=headers,
                    body=body,
                    seconds=ANSWER_SECONDS,
                )
            except Lost:
                status, answer = 0, b""
            self.answers[status] += 1
            document = json.loads(answer) if status in (200, 202, 409) else {}
            if "operation" in document:
                self._same(identifier, str(document["operation"]["id"]))
                return
            await asyncio.sleep(0.5)
