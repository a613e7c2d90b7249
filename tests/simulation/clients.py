"""Clients: they send commands, repeat them until they are answered, and wait for their end.

Each command moves an amount that no other command of the run moves, so the chain itself tells how
often it was carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.chain.evm.rpc import ChainError
from app.chain.evm.signers import LocalSigner
from app.chain.outbox.operation import Operation
from app.chain.outbox.outbox import IntentRefused, OperationUnknown, RanBeforeRestore
from app.errors import CessionError
from app.gateway import idempotency
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.idempotency import IdempotentRequest
from app.gateway.money import Money
from app.gateway.operations import service as operations
from app.market.cash import service as cash
from app.market.cash.schemas import Issue, Redemption
from app.storage import StorageError
from tests.simulation.process import ConnectionLost, Process, Result
from tests.simulation.rules import arguments, selector
from tests.simulation.wallet import digest_of
from tests.support.bodies import Json

if TYPE_CHECKING:
    from tests.simulation.world import World

Kind = Literal["issue", "transfer", "redeem"]
_MARK = 10_000  # the last digits of an amount name its command
_PATIENCE = 3_000.0  # seconds after which a client gives up
_AGAIN = frozenset(("idempotency-key-in-use", "written-meanwhile"))


@dataclass
class Party:
    """Somebody who owns an account."""

    identifier: str
    signer: LocalSigner
    custody: bool = True
    spendable: int = 0  # what is final, and not yet given away

    def caller(self) -> Caller:
        """The party as a caller of the gateway."""
        return Caller(
            self.identifier, self.identifier, self.signer.address, frozenset(), self.custody
        )


@dataclass
class Order:
    """One command, and what the client learned of it."""

    number: int
    kind: Kind
    by: Party
    to: Party | None
    amount: int
    overdraft: bool = False
    wait: float = 0.0
    answer: Json | None = None
    status: int = 0
    answered_at: float = -1.0  # seconds since the start of the run
    operation_id: str | None = None
    refused: str | None = None
    ran_before: bool = False  # a gateway said that it ran before a restore
    signed: bool = False
    deadline: int = 0
    unknown: int = 0  # how often in a row the gateways did not know the operation
    seen: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"order-{self.number:04d}"

    @property
    def wallet(self) -> bool:
        """Whether the party signs itself."""
        return not self.by.custody


def amount_of(data: bytes) -> int:
    """The amount in an intent's call of the token."""
    for name in ("transfer", "mint", "burn"):
        if data[:4] == selector("SettlementToken", name):
            return int(arguments("SettlementToken", name, data)[-1])
    raise AssertionError(f"an intent that no client ordered: {data.hex()}")


def number_of(amount: int) -> int:
    """Number of the command that moved this amount."""
    return amount % _MARK


class Clients:
    """All clients of a run."""

    def __init__(self, world: World, *, issuer: Party, parties: list[Party]) -> None:
        self.world = world
        self.issuer, self.parties = issuer, parties
        self.orders: list[Order] = []
        self.source = world.stream("clients")
        self.final_state = "final"

    def order(
        self, kind: Kind, by: Party, to: Party | None, amount: int, **arguments: Any
    ) -> Order:
        """A new command; `amount` is a multiple of 10,000 to which its number is added."""
        number = len(self.orders)
        order = Order(number, kind, by, to, amount // _MARK * _MARK + number, **arguments)
        self.orders.append(order)
        return order

    # -- one command

    def _patient(self, until: float) -> bool:
        """Whether `until` has not come yet; hours that the clocks jumped over do not count."""
        return self.world.loop.now - self.world.asleep < until

    async def perform(self, order: Order) -> None:
        """Sends the command until it is answered."""
        if order.answer is None:
            await self._insist(order)
        if order.wallet and order.answer is not None and not order.signed:
            await self._sign(order)

    async def again(self, order: Order) -> None:
        """Sends a command whose answer is known once more, with its key, until it is answered."""
        await self._insist(order)
        if order.wallet and not order.ran_before:
            await self.sign_again(order)

    async def _insist(self, order: Order) -> None:
        pause = 0.2
        until = self.world.loop.now - self.world.asleep + _PATIENCE
        while order.refused is None and not order.ran_before and self._patient(until):
            try:
                response = await self._ask(self._carry_out(order))
            except CessionError as error:
                if error.name not in _AGAIN and error.status not in (429, 503):
                    self._refused(order, error.name)
                    return
            except IntentRefused as error:
                self._refused(order, error.error.name)
                return
            except RanBeforeRestore:
                self._ran(order)
                return
            except (ConnectionLost, ChainError, StorageError, TimeoutError) as error:
                self.world.trace("again", order.key, type(error).__name__)
            else:
                self._take(order, response)
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    def _refused(self, order: Order, name: str) -> None:
        order.refused = name
        self.world.trace("refused", order.key, name)

    def _ran(self, order: Order) -> None:
        order.ran_before = True
        self.world.trace("ran before", order.key)
        if not self.may_be_lost(order):
            self.world.problems.append(f"answers: {order.key} ran before a restore, says a gateway")

    def may_be_lost(self, order: Order) -> bool:
        """Whether a restored backup is older than the answer to this command."""
        laid_back = self.world.operator.laid_back
        return any(order.answered_at < 0 or item.made_at <= order.answered_at for item in laid_back)

    def _take(self, order: Order, response: Response) -> None:
        body = msgspec.json.decode(response.body)
        identifier = body["operation"]["id"]
        if order.operation_id not in (None, identifier):
            if not self.may_be_lost(order):
                self.world.problems.append(f"answers: {order.key}: another operation {identifier}")
            order.signed = False
        elif order.answer is not None:
            return
        order.status, order.answer, order.operation_id = response.status_code, body, identifier
        order.answered_at = self.world.loop.now
        self.world.trace("answered", order.key, order.status, order.operation_id)

    async def repeat(self) -> None:
        """After a restore clients send about half of all commands once more."""
        for order in list(self.orders):
            if order.answer is not None and self.source.random() < 0.5:
                await self.again(order)

    async def _ask(self, make: Callable[[Gateway], Coroutine[Any, Any, Result]]) -> Result:
        process = self.source.choice(self.world.processes)
        return await process.serve(make, patience=self.source.choice((2.0, 10.0, 40.0)))

    def _carry_out(self, order: Order) -> Callable[[Gateway], Coroutine[Any, Any, Response]]:
        async def work(gateway: Gateway) -> Response:
            return await carried_out(gateway, order)

        return work

    async def _sign(self, order: Order) -> None:
        assert order.answer is not None
        typed = order.answer["typedData"]
        order.deadline = int(typed["message"]["deadline"])
        signature = "0x" + order.by.signer.sign_hash(digest_of(typed)).hex()
        identifier = str(order.operation_id)

        async def work(gateway: Gateway) -> Operation:
            return await operations.sign(gateway, order.by.caller(), identifier, signature)

        until = self.world.loop.now - self.world.asleep + _PATIENCE
        while self._patient(until) and order.operation_id == identifier:
            try:
                await self._ask(work)
            except OperationUnknown:
                if self.world.operator.laid_back:
                    return
                raise
            except CessionError as error:
                order.refused = error.name
                return
            except (ConnectionLost, ChainError, StorageError, TimeoutError):
                await asyncio.sleep(1.0)
            else:
                order.signed = True
                self.world.trace("signed", order.key)
                return

    async def sign_again(self, order: Order) -> None:
        """Signs again if a restored store has lost the signature."""
        operation = await self.look(order)
        if operation is not None and operation.state == "prepared":
            order.signed = False
            await self._sign(order)

    # -- its end

    async def look(self, order: Order, process: Process | None = None) -> Operation | None:
        """The operation as a gateway shows it; None if no gateway answers."""
        identifier = str(order.operation_id)

        async def work(gateway: Gateway) -> Operation:
            return await operations.operation(
                gateway, order.by.caller(), identifier, wait=self.source.choice((0, 0, 2))
            )

        chosen = process or self.source.choice(self.world.processes)
        try:
            operation = await chosen.serve(work, patience=10.0)
        except (ConnectionLost, ChainError, StorageError, TimeoutError):
            return None
        except OperationUnknown:
            order.unknown += 1
            return None
        order.unknown = 0
        if not order.seen or order.seen[-1] != operation.state:
            if operation.state == "final" and not self._is_final(order):
                self.world.problems.append(f"false final: {order.key} may still be undone")
            order.seen.append(operation.state)
            self.world.trace("seen", order.key, operation.state)
        return operation

    def _is_final(self, order: Order) -> bool:
        """Whether the chain can no longer undo the command."""
        block = self.world.chain.head.ancestor(self.world.chain.final_number)
        while block is not None:
            if any(
                number_of(amount_of(execution.data)) == order.number
                for _, execution in block.executions
            ):
                return True
            block = block.parent
        return False

    async def end_of(self, order: Order, *, until: float) -> str | None:
        """Its state once it is final or rejected; None when time ran out before.

        After a restore the client finds its operation unknown, or unsigned again,
        and sends the command or the signature once more.
        """
        until -= self.world.asleep
        while self._patient(until) and not order.ran_before:
            if order.unknown >= 5:
                if not self.world.operator.laid_back:
                    return None
                order.unknown = 0
                await self.again(order)
                continue
            operation = await self.look(order)
            if operation is not None and operation.state in ("rejected", "final"):
                return operation.state
            if operation is not None and operation.state == "prepared" and order.signed:
                await self.sign_again(order)
            await asyncio.sleep(self.source.uniform(0.3, 1.5))
        return "final" if order.ran_before else None

    # -- what a party does

    async def business(self, party: Party, *, steps: int, until: float) -> None:
        """Money comes in, and goes out in several payments."""
        source = self.source
        for _ in range(steps):
            issued = self.order("issue", self.issuer, party, source.randrange(2, 60) * _MARK)
            issued.wait = source.choice((0.0, 0.0, 5.0))
            await self.perform(issued)
            if issued.operation_id is None:
                continue
            done = await self.end_of(issued, until=until)
            if done is None:
                return
            if done == "final":
                party.spendable += issued.amount
            payments = []
            for _ in range(source.randrange(1, 4)):
                payments.append(self._payment(party))
                if source.random() < 0.5:
                    await asyncio.sleep(source.uniform(0.0, 3.0))
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*(self.perform(order) for order in payments if order))
            if self.world.loop.now > until:
                return

    def _payment(self, party: Party) -> Order | None:
        source = self.source
        if source.random() < 0.08:
            return self.order("transfer", party, self._other(party), 10**15, overdraft=True)
        maximum = party.spendable // _MARK - 1
        if maximum < 1:
            return None
        amount = source.randrange(1, maximum + 1) * _MARK
        kind: Kind = "redeem" if source.random() < 0.25 else "transfer"
        order = self.order(kind, party, self._other(party), amount)
        order.wait = source.choice((0.0, 0.0, 0.0, 5.0))
        party.spendable -= order.amount
        return order

    def _other(self, party: Party) -> Party:
        return self.source.choice([item for item in self.parties if item is not party])


async def carried_out(gateway: Gateway, order: Order) -> Response:
    """The command as its endpoint carries it out, from the idempotency key on."""
    path = f"/v1/cash/CNY/{order.kind}"
    body = msgspec.json.encode({"amount": order.amount, "number": order.number})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"gateway"), (b"content-type", b"application/json")],
        "scheme": "http",
        "server": ("gateway", 80),
    }
    request = Request(scope, receive)
    begun = contextlib.asynccontextmanager(idempotency.begin)
    prefer = f"wait={order.wait:g}" if order.wait else None
    try:
        async with begun(request, gateway, order.by.caller(), order.key, prefer) as idempotent:
            return await _answer(idempotent, order)
    except idempotency.Replayed as replayed:
        return replayed.response


async def _answer(request: IdempotentRequest, order: Order) -> Response:
    text = f"{order.amount // 100}.{order.amount % 100:02d}"
    money = Money(amount=text, currency="CNY")
    if order.kind == "redeem":
        return await request.carry_out(cash.redeem, "CNY", Redemption(amount=money))
    assert order.to is not None
    body = Issue(toPartyId=order.to.identifier, amount=money)
    if order.kind == "issue":
        return await request.carry_out(cash.issue, "CNY", body)
    return await request.carry_out(cash.transfer, "CNY", body)
