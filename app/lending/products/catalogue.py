"""Compares the catalogue file with the ledger, and sends what differs to the ledger.

One operator adds a new row. One operator proposes a changed row and another approves it; it becomes
a new version. One operator sets days off, and sends only the words of days that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from app.chain.evm.rpc import RpcError
from app.chain.outbox.operation import DONE, REJECTED, Operation
from app.chain.outbox.outbox import Call
from app.domain.calendar import date_of
from app.domain.catalogue import Row, reserve_cap_of
from app.domain.catalogue_files import read_calendar, read_catalogue
from app.domain.holidays import WORD_DAYS, words_of
from app.domain.product_terms import (
    EvidenceTerms,
    FloatingTerms,
    GoodsTerms,
    ProductTerms,
    code_word,
    evidence_terms_of,
    floating_terms_of,
    goods_terms_of,
    terms_of,
)
from app.domain.rule_sets import Rules
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call

WAIT_SECONDS = 60.0


class Change(msgspec.Struct):
    """One row of the file compared with the ledger.

    Attributes:
        differs: by field, its values on the ledger and in the file; empty for a new row.
    """

    code: str
    kind: Literal["new", "changed", "same"]
    product_id: int
    terms: ProductTerms
    goods: GoodsTerms
    floating: FloatingTerms
    evidence: EvidenceTerms
    reserve_cap: int
    differs: dict[str, tuple[Any, Any]] = {}


class Holidays(msgspec.Struct):
    """Days off in the file compared with the ledger's, by day number.

    Attributes:
        words: the new value of each word that differs, as `Products.setHolidays` takes them.
    """

    added: list[int] = []
    removed: list[int] = []
    words: dict[int, int] = {}


class Comparison(msgspec.Struct):
    """The whole file compared with the ledger.

    Attributes:
        without_currency: code and currency of each row whose currency the ledger lacks.
    """

    products: list[Change]
    holidays: Holidays
    without_currency: list[tuple[str, str]] = []


async def compare(gateway: Gateway, path: Path) -> Comparison:
    """Compares each row and each day off of the file with the ledger.

    Raises:
        CatalogueInvalid, ChainError.
    """
    rows, rules = read_catalogue(path)
    contracts = set(gateway.contracts.names())
    present = [row for row in rows if CASH_PREFIX + row.currency in contracts]
    products = [await _compare_row(gateway, row, rules) for row in present]
    without = [(row.code, row.currency) for row in rows if row not in present]
    return Comparison(products, await _holidays(gateway, path), without)


async def _holidays(gateway: Gateway, path: Path) -> Holidays:
    calendar = read_calendar(path)
    if calendar is None:
        return Holidays()
    file_days, ledger_days = calendar.closed, await _closed(gateway, calendar.days)
    differ = file_days ^ ledger_days
    words = dict.fromkeys(sorted({day // WORD_DAYS for day in differ}), 0)
    for word in words:
        days_of_word = range(word * WORD_DAYS, (word + 1) * WORD_DAYS)
        # A call sets a whole word, so days that the file does not state keep the ledger's value.
        other_days = await _closed(
            gateway, [day for day in days_of_word if day not in calendar.days]
        )
        closed = other_days | file_days.intersection(days_of_word)
        words[word] = words_of(closed).get(word, 0)
    return Holidays(sorted(file_days - ledger_days), sorted(ledger_days - file_days), words)


async def _closed(gateway: Gateway, days: Iterable[int]) -> set[int]:
    """Those of the days that are days off on the ledger."""
    day_list = list(days)
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
        for day in day_list
    ]
    closed = set()
    for day, answer in zip(day_list, await gateway.rpc.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            raise answer
        if gateway.contracts.decode_result("Products", "isHoliday", answer):
            closed.add(day)
    return closed


async def _compare_row(gateway: Gateway, row: Row, rules: Rules) -> Change:
    terms = terms_of(
        row,
        currency=gateway.contracts.address(CASH_PREFIX + row.currency),
        legal_text_hash=gateway.legal_text_hash,
        rules=rules,
    )
    goods = goods_terms_of(row)
    floating = floating_terms_of(row, max_total_cost=rules.max_total_cost)
    evidence, cap = evidence_terms_of(row), reserve_cap_of(row)
    product_id = int(await call(gateway, "Products", "withCode", [code_word(row.code)]))
    if product_id == 0:
        return Change(row.code, "new", 0, terms, goods, floating, evidence, cap)
    version, _ = await call(gateway, "Products", "current", [product_id])
    ledger_terms = await call(gateway, "Products", "terms", [product_id, version])
    ledger_goods = await call(gateway, "Products", "goodsTerms", [product_id, version])
    ledger_floating = await call(gateway, "Products", "floatingTerms", [product_id, version])
    ledger_evidence = await call(gateway, "Products", "evidenceTerms", [product_id, version])
    differs = (
        _differences(ledger_terms, terms)
        | _differences(ledger_goods, goods)
        | _differences(ledger_floating, floating)
        | _differences(ledger_evidence, evidence)
    )
    kind: Literal["changed", "same"] = "changed" if differs else "same"
    return Change(row.code, kind, product_id, terms, goods, floating, evidence, cap, differs)


def _differences(ledger: Any, file: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    values = ledger if isinstance(ledger, dict) else dict(zip(file, ledger, strict=True))
    return {name: (values[name], value) for name, value in file.items() if values[name] != value}


def described(changes: Comparison) -> list[str]:
    """The changes as lines for a terminal."""
    rows = []
    for change in changes.products:
        rows.append(f"{change.code}: {change.kind}")
        rows += [f"  {name}: {ledger} -> {file}" for name, (ledger, file) in change.differs.items()]
    rows += [
        f"{code}: left out, the ledger has no {currency}: add the currency first, with "
        "`cession deploy --plan`"
        for code, currency in changes.without_currency
    ]
    holidays = changes.holidays
    rows.append(f"holidays: {'changed' if holidays.words else 'same'}")
    rows += [f"  {date_of(day)}: off" for day in holidays.added]
    rows += [f"  {date_of(day)}: a business day again" for day in holidays.removed]
    return rows


async def apply(gateway: Gateway, comparison: Comparison, *, operator: str) -> list[Operation]:
    """Adds new rows, proposes changed rows and sets days off, as this operator.

    Waits until the ledger has carried them all out.

    Raises:
        Conflict: the ledger refused one of them.
    """
    changes = comparison.products
    calls = [_call_of(change) for change in changes if change.kind != "same"]
    if comparison.holidays.words:
        words: list[Any] = [[*comparison.holidays.words], [*comparison.holidays.words.values()]]
        calls.append(("set-holidays", "Products", "setHolidays", words, "holidays"))
    done = await _carry_out(gateway, calls, operator=operator)
    caps = []
    for change in changes:
        if change.kind == "new" and change.reserve_cap:
            number = int(await call(gateway, "Products", "withCode", [code_word(change.code)]))
            arguments = [number, change.terms["currency"], change.reserve_cap]
            caps.append(("set-reserve-cap", "RiskReserve", "setCap", arguments, change.code))
    return done + await _carry_out(gateway, caps, operator=operator)


async def approve(gateway: Gateway, comparison: Comparison, *, operator: str) -> list[Operation]:
    """Approves the changed rows of the file, which another operator has proposed.

    Raises:
        Conflict: the ledger refused one of them.
    """
    calls = [
        ("approve-product", "Products", "approve", _version_arguments(change), change.code)
        for change in comparison.products
        if change.kind == "changed"
    ]
    return await _carry_out(gateway, calls, operator=operator)


def _call_of(change: Change) -> tuple[str, str, str, list[Any], str]:
    if change.kind == "new":
        arguments = [
            code_word(change.code),
            change.terms,
            change.goods,
            change.floating,
            change.evidence,
        ]
        return ("add-product", "Products", "add", arguments, change.code)
    return ("propose-product", "Products", "propose", _version_arguments(change), change.code)


def _version_arguments(change: Change) -> list[Any]:
    return [change.product_id, change.terms, change.goods, change.floating, change.evidence]


async def _carry_out(
    gateway: Gateway, calls: list[tuple[str, str, str, list[Any], str]], *, operator: str
) -> list[Operation]:
    def write(connection: Connection) -> list[Operation]:
        return [
            gateway.operations.enqueue(
                connection,
                Call(
                    kind=kind,
                    party_id=None,
                    signer=operator,
                    contract=contract,
                    function=function,
                    arguments=arguments,
                    subject={"product": code},
                ),
            )
            for kind, contract, function, arguments, code in calls
        ]

    operations = []
    for operation in await gateway.storage.write(write):
        outcome = await gateway.operations.wait(operation.id, WAIT_SECONDS)
        if outcome.state == REJECTED or outcome.state not in DONE:
            words = outcome.error.message if outcome.error is not None else f"it is {outcome.state}"
            raise Conflict(
                say(
                    "{kind} of {product}: {words}",
                    kind=outcome.kind,
                    product=outcome.subject["product"],
                    words=words,
                ),
                name="catalogue-refused",
            )
        operations.append(outcome)
    return operations
