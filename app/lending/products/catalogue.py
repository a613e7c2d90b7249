"""The catalogue file and the ledger: what differs, and how one becomes the other.

A new row is added by one operator. A row that is on the ledger and reads otherwise in the file is
proposed by one operator and approved by another; it becomes a new version. Days off are set by one
operator, and only words of days that differ are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from app.chain.evm.rpc import RpcError
from app.chain.outbox.operation import DONE, REJECTED, Operation
from app.domain.calendar import date_of
from app.domain.catalogue import (
    Row,
    Rules,
    code_word,
    goods_terms_of,
    read_calendar,
    read_catalogue,
    reserve_cap_of,
    terms_of,
)
from app.domain.holidays import WORD_DAYS, words_of
from app.errors import Conflict
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call

WAIT_SECONDS = 60.0


class Change(msgspec.Struct):
    """One row of the file beside the ledger.

    Attributes:
        differs: field to what it is on the ledger and in the file; empty for a new row.
    """

    code: str
    kind: Literal["new", "changed", "same"]
    product_id: int
    terms: dict[str, Any]
    goods: dict[str, int]
    reserve_cap: int
    differs: dict[str, tuple[Any, Any]] = {}


class Holidays(msgspec.Struct):
    """Days off of the file beside the ledger's, by day number.

    Attributes:
        words: what those words must be in which days differ, as `Products.setHolidays` takes them.
    """

    added: list[int] = []
    removed: list[int] = []
    words: dict[int, int] = {}


class Comparison(msgspec.Struct):
    """The whole file beside the ledger.

    Attributes:
        without_currency: code and currency of the rows whose currency the ledger does not have.
    """

    products: list[Change]
    holidays: Holidays
    without_currency: list[tuple[str, str]] = []


async def compare(gateway: Gateway, path: Path) -> Comparison:
    """Each row and each day off of the file beside what the ledger has.

    Raises:
        CatalogueInvalid, ChainError.
    """
    rows, rules = read_catalogue(path)
    known = set(gateway.contracts.names())
    there = [row for row in rows if CASH_PREFIX + row.currency in known]
    products = [await _compared(gateway, row, rules) for row in there]
    without = [(row.code, row.currency) for row in rows if row not in there]
    return Comparison(products, await _holidays(gateway, path), without)


async def _holidays(gateway: Gateway, path: Path) -> Holidays:
    calendar = read_calendar(path)
    if calendar is None:
        return Holidays()
    wanted, held = calendar.closed, await _closed(gateway, calendar.days)
    differ = wanted ^ held
    words = dict.fromkeys(sorted({day // WORD_DAYS for day in differ}), 0)
    for word in words:
        whole = range(word * WORD_DAYS, (word + 1) * WORD_DAYS)
        # A word is set whole: of days that the file does not speak of, it keeps what is there.
        beside = await _closed(gateway, [day for day in whole if day not in calendar.days])
        closed = beside | wanted.intersection(whole)
        words[word] = words_of(closed).get(word, 0)
    return Holidays(sorted(wanted - held), sorted(held - wanted), words)


async def _closed(gateway: Gateway, days: Iterable[int]) -> set[int]:
    """Those of the days that the ledger holds for days off."""
    asked = list(days)
    calls = [
        (
            "eth_call",
            [
                {
                    "to": gateway.contracts.address("Products"),
                    "data": "0x" + gateway.contracts.encode("Products", "isHoliday", [day]).hex(),
                },
                "latest",
            ],
        )
        for day in asked
    ]
    found = set()
    for day, answer in zip(asked, await gateway.rpc.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            raise answer
        if gateway.contracts.decode_result("Products", "isHoliday", answer):
            found.add(day)
    return found


async def _compared(gateway: Gateway, row: Row, rules: Rules) -> Change:
    wanted = terms_of(
        row,
        currency=gateway.contracts.address(CASH_PREFIX + row.currency),
        legal_text_hash=gateway.legal_text_hash,
        rules=rules,
    )
    goods, cap = goods_terms_of(row), reserve_cap_of(row)
    product_id = int(await call(gateway, "Products", "withCode", [code_word(row.code)]))
    if product_id == 0:
        return Change(row.code, "new", 0, wanted, goods, cap)
    version, _ = await call(gateway, "Products", "current", [product_id])
    held = await call(gateway, "Products", "terms", [product_id, version])
    held_goods = await call(gateway, "Products", "goodsTerms", [product_id, version])
    differs = _differing(held, wanted) | _differing(held_goods, goods)
    return Change(
        row.code, "changed" if differs else "same", product_id, wanted, goods, cap, differs
    )


def _differing(held: Any, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    values = held if isinstance(held, dict) else dict(zip(wanted, held, strict=True))
    return {name: (values[name], value) for name, value in wanted.items() if values[name] != value}


def described(changes: Comparison) -> list[str]:
    """The changes in lines for a terminal."""
    lines = []
    for change in changes.products:
        lines.append(f"{change.code}: {change.kind}")
        lines += [
            f"  {name}: {held} -> {wanted}" for name, (held, wanted) in change.differs.items()
        ]
    lines += [
        f"{code}: left out, the ledger has no {currency}: add the currency first, with "
        "`cession deploy --plan`"
        for code, currency in changes.without_currency
    ]
    holidays = changes.holidays
    lines.append(f"holidays: {'changed' if holidays.words else 'same'}")
    lines += [f"  {date_of(day)}: off" for day in holidays.added]
    lines += [f"  {date_of(day)}: a business day again" for day in holidays.removed]
    return lines


async def apply(gateway: Gateway, found: Comparison, *, operator: str) -> list[Operation]:
    """Adds what is new, proposes what has changed and sets the days off, as this operator; waits
    for the ledger.

    Raises:
        Conflict: the ledger refused one of them.
    """
    changes = found.products
    first = [_wanted(change) for change in changes if change.kind != "same"]
    if found.holidays.words:
        words: list[Any] = [[*found.holidays.words], [*found.holidays.words.values()]]
        first.append(("set-holidays", "Products", "setHolidays", words, "holidays"))
    done = await _carry_out(gateway, first, operator=operator)
    caps = []
    for change in changes:
        if change.kind == "new" and change.reserve_cap:
            number = int(await call(gateway, "Products", "withCode", [code_word(change.code)]))
            arguments = [number, change.terms["currency"], change.reserve_cap]
            caps.append(("set-reserve-cap", "RiskReserve", "setCap", arguments, change.code))
    return done + await _carry_out(gateway, caps, operator=operator)


async def approve(gateway: Gateway, changes: Comparison, *, operator: str) -> list[Operation]:
    """Approves what another operator has proposed and the file says too.

    Raises:
        Conflict: the ledger refused one of them.
    """
    wanted = [
        ("approve-product", "Products", "approve", _given(change), change.code)
        for change in changes.products
        if change.kind == "changed"
    ]
    return await _carry_out(gateway, wanted, operator=operator)


def _wanted(change: Change) -> tuple[str, str, str, list[Any], str]:
    if change.kind == "new":
        arguments = [code_word(change.code), change.terms, change.goods]
        return ("add-product", "Products", "add", arguments, change.code)
    return ("propose-product", "Products", "propose", _given(change), change.code)


def _given(change: Change) -> list[Any]:
    return [change.product_id, change.terms, change.goods]


async def _carry_out(
    gateway: Gateway, wanted: list[tuple[str, str, str, list[Any], str]], *, operator: str
) -> list[Operation]:
    def write(connection: Connection) -> list[Operation]:
        return [
            gateway.operations.enqueue(
                connection,
                kind=kind,
                party_id=None,
                signer=operator,
                contract=contract,
                function=function,
                arguments=arguments,
                subject={"product": code},
            )
            for kind, contract, function, arguments, code in wanted
        ]

    found = []
    for operation in await gateway.storage.write(write):
        done = await gateway.operations.wait(operation.id, WAIT_SECONDS)
        if done.state == REJECTED or done.state not in DONE:
            words = done.error.message if done.error is not None else f"it is {done.state}"
            raise Conflict(
                f"{done.kind} of {done.subject['product']}: {words}", name="catalogue-refused"
            )
        found.append(done)
    return found
