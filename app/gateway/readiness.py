"""Whether the gateway can work, check by check: what `/readyz` and the metrics say.

A look asks the node and the store at the same time, each for a few seconds at most. The metrics
take the last look while it is recent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any, NotRequired

import msgspec
import structlog
from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.chain.evm.rpc import ChainError, RpcError, quantity
from app.chain.outbox.nonces import unreconciled
from app.chain.outbox.secrets import foreign_master_key
from app.config import Settings
from app.gateway.cache import CacheKey
from app.gateway.gateway import Gateway
from app.gateway.own_tasks import State
from app.gateway.views import time_view
from app.storage import StorageError, run
from app.storage.checkpoint import Checkpoint, read_checkpoint

log = structlog.get_logger(__name__)
LOOK_SECONDS = 5.0
SILENT_LOOK_SECONDS = 1.0  # for a node that has not answered the index either
YOUNG_SECONDS = 5.0
MAX_LAG_BLOCKS = 50
_SEND_GAS = 500_000  # a relay account must be able to pay for this much
_UNDER_WAY = "('accepted', 'submitted')"


class RelayAccount(TypedDict):
    """The balance of a relay account; `state` is ok, low or empty."""

    balanceWei: str
    state: str


class Task(TypedDict):
    """How a task of the gateway's own work stands; `error` is the kind of its last failure."""

    state: State
    failures: int
    failingSince: str | None
    error: str | None


class Check(TypedDict):
    """Whether a check passes; the other members are the evidence, as far as the check has it."""

    holds: bool
    error: NotRequired[str | None]
    head: NotRequired[int | None]
    indexed: NotRequired[int]
    lag: NotRequired[int | None]
    expected: NotRequired[str | None]
    actual: NotRequired[str | None]
    ageSeconds: NotRequired[float | None]
    limitSeconds: NotRequired[float]
    unknownExecutions: NotRequired[int | None]
    accounts: NotRequired[dict[str, RelayAccount]]
    lowBelowWei: NotRequired[str]
    tasks: NotRequired[dict[str, Task]]


class Look(msgspec.Struct):
    """The results of all checks.

    Attributes:
        at: monotonic seconds.
        checks: by name; `holds` says whether the check passes.
        numbers: value by metric, for `/metrics`; None where it is not known.
    """

    at: float
    checks: dict[str, Check]
    numbers: dict[str, float | None]
    balances: dict[str, int]

    @property
    def ready(self) -> bool:
        """Whether every check passes."""
        return all(check["holds"] for check in self.checks.values())


LAST_LOOK: CacheKey[Look | None] = CacheKey(lambda: None)


async def recent(gateway: Gateway) -> Look:
    """The last look while it is recent, otherwise a new one."""
    last = gateway.cache.get(LAST_LOOK)
    if last is not None and time.monotonic() - last.at < YOUNG_SECONDS:
        return last
    return await look(gateway)


async def look(gateway: Gateway) -> Look:
    """Runs every check."""
    patience = SILENT_LOOK_SECONDS if gateway.indexer.silent else LOOK_SECONDS
    state, writable, chain, balances = await asyncio.gather(
        _within(gateway.storage.read(partial(_stored, settings=gateway.settings))),
        _within(gateway.storage.write(_touch)),
        _within(_head(gateway), seconds=patience),
        _within(_balances(gateway), seconds=patience),
    )
    stored = state if isinstance(state, _Stored) else None
    at = None if stored is None else stored.at
    indexed = -1 if at is None else at.block_number
    head = chain if isinstance(chain, int) else None
    funds = balances if isinstance(balances, _Funds) else None
    wrong, settings, now = gateway.indexer.wrong_chain, gateway.settings, time.time()
    block_age = None if at is None or not at.timestamp else max(now - at.timestamp, 0.0)
    oldest = None if stored is None else stored.oldest
    waiting = None if oldest is None else max(now - oldest, 0.0)
    lag = None if head is None else head - indexed
    relay = gateway.relayer.last_error or gateway.relayer.held
    checks: dict[str, Check] = {
        "chain": {
            "holds": head is not None and lag is not None and lag <= MAX_LAG_BLOCKS,
            "head": head,
            "indexed": indexed,
            "lag": lag,
            "error": None if head is not None else str(chain),
        },
        "identity": {
            "holds": wrong is None,
            "error": None if wrong is None else str(wrong),
            "expected": None if wrong is None else wrong.expected,
            "actual": None if wrong is None else wrong.actual,
        },
        "index": {
            "holds": gateway.indexer.last_error is None,
            "error": gateway.indexer.last_error,
        },
        "blocks": _bounded(block_age, settings.block_age_limit, "the newest block is"),
        "operations": _bounded(
            waiting if oldest else 0.0,
            settings.operation_age_limit,
            "the oldest operation under way is",
        ),
        "store": {
            "holds": stored is not None and writable is True,
            "error": next(
                (str(result) for result in (state, writable) if isinstance(result, Exception)), None
            ),
        },
        "history": {
            "holds": stored is not None and stored.unknown == 0,
            "unknownExecutions": None if stored is None else stored.unknown,
        },
        "masterKey": {
            "holds": stored is not None and stored.foreign_key is None,
            "error": None if stored is None else stored.foreign_key,
        },
        "relayer": {"holds": relay is None, "error": relay},
        "relayAccounts": _accounts(gateway, funds, str(balances)),
        "ownWork": _own_work(gateway),
    }
    result = Look(
        at=time.monotonic(),
        checks=checks,
        numbers={
            "cession_newest_block_age_seconds": block_age,
            "cession_oldest_operation_age_seconds": waiting if oldest else 0.0,
            "cession_unknown_executions": None if stored is None else float(stored.unknown),
            "cession_wrong_chain": float(wrong is not None),
            "cession_finality_broken": float(type(wrong).__name__ == "FinalityBroken"),
            "cession_index_failing": float(gateway.indexer.last_error is not None),
            "cession_relayer_failing": float(relay is not None),
            "cession_store_writable": float(writable is True),
            "cession_node_answers": float(head is not None),
        },
        balances={} if funds is None else funds.balances,
    )
    gateway.cache.set(LAST_LOOK, result)
    return result


def _own_work(gateway: Gateway) -> Check:
    """Holds unless a task has ended; one whose rounds fail is a warning: the gateway serves."""
    tasks: dict[str, Task] = {
        name: {
            "state": own.state,
            "failures": own.failures,
            "failingSince": time_view(own.since) if own.failures else None,
            "error": own.error,
        }
        for name, own in gateway.own_tasks.tasks.items()
    }
    ended = [name for name, task in tasks.items() if task["state"] == "ended"]
    words = f"{', '.join(ended)}: ended; read the log and start the gateway again"
    return {"holds": not ended, "tasks": tasks, "error": words if ended else None}


async def _within(work: Awaitable[Any], *, seconds: float = LOOK_SECONDS) -> Any:
    """The result of the work, or the error that stopped it."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return TimeoutError(f"no answer in {seconds:g} s")
    except (ChainError, StorageError) as error:
        return error
    except Exception as error:  # one check that fails ends no other one
        log.exception("readiness.failed")
        return error


def _bounded(age: float | None, limit: float, what: str) -> Check:
    late = bool(limit) and age is not None and age > limit
    return {
        "holds": not late,
        "ageSeconds": None if age is None else round(age, 1),
        "limitSeconds": limit,
        "error": f"{what} {age:.0f} s old, the limit is {limit:g} s" if late else None,
    }


# -- the store


class _Stored(msgspec.Struct):
    at: Checkpoint | None
    oldest: float | None
    unknown: int
    foreign_key: str | None


def _stored(connection: Connection, *, settings: Settings) -> _Stored:
    # A wallet decides itself when it signs and whether its contract still accepts that. So its
    # operation counts only once it is sent, and no party can make every gateway not ready.
    query = (
        "SELECT min(CASE WHEN custody = 1 THEN created_at WHEN state = 'submitted' "
        f"THEN submitted_at END) FROM operations WHERE state IN {_UNDER_WAY}"
    )
    return _Stored(
        at=read_checkpoint(connection),
        oldest=run(connection, query).scalar(),
        unknown=unreconciled(connection),
        foreign_key=foreign_master_key(connection, settings),
    )


def _touch(connection: Connection) -> bool:
    """A real write: it fails on a full disk or a read-only database."""
    run(
        connection,
        "INSERT INTO settings (name, value) VALUES ('looked_at', ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (str(time.time()).encode(),),
    )
    return True


# -- the node


async def _head(gateway: Gateway) -> int:
    return quantity(await gateway.rpc.call("eth_blockNumber", timeout=LOOK_SECONDS))


class _Funds(msgspec.Struct):
    balances: dict[str, int]
    gas_price: int


async def _balances(gateway: Gateway) -> _Funds:
    accounts = list(gateway.relayer.accounts)
    price, *answers = await gateway.rpc.batch(
        [
            ("eth_gasPrice", []),
            *(("eth_getBalance", [account, "latest"]) for account in accounts),
        ],
        timeout=LOOK_SECONDS,
    )
    for answer in (price, *answers):
        if isinstance(answer, RpcError):
            raise answer
    balances = (quantity(answer) for answer in answers)
    return _Funds(dict(zip(accounts, balances, strict=True)), quantity(price))


def _accounts(gateway: Gateway, funds: _Funds | None, error: str) -> Check:
    """Holds unless an account cannot pay for a transaction; with free gas none has to."""
    if funds is None:
        return {"holds": False, "error": error}
    need, low = funds.gas_price * _SEND_GAS, gateway.settings.relay_balance_low
    states = {
        account: "empty" if balance < need else "low" if need and balance < low else "ok"
        for account, balance in funds.balances.items()
    }
    empty = [account for account, state in states.items() if state == "empty"]
    words = f"{', '.join(empty)}: cannot pay for a transaction; send money there"
    return {
        "holds": not empty,
        "accounts": {
            account: {"balanceWei": str(balance), "state": states[account]}
            for account, balance in funds.balances.items()
        },
        "lowBelowWei": str(low),
        "error": words if empty else None,
    }


METRICS = {
    "cession_newest_block_age_seconds": "Age of the newest indexed block",
    "cession_oldest_operation_age_seconds": "Age of the oldest operation that is under way",
    "cession_unknown_executions": "Operations on the chain that the store does not know",
    "cession_wrong_chain": "1: the node serves another chain",
    "cession_finality_broken": "1: a reorganisation went below a final block",
    "cession_index_failing": "1: the index has stopped",
    "cession_relayer_failing": "1: the relayer sends nothing",
    "cession_store_writable": "1: the store accepts writes",
    "cession_node_answers": "1: a node answers",
}
