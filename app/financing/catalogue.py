"""The catalogue file and the ledger: what differs, and how one becomes the other.

A new row is added by one operator. A row that is on the ledger and reads otherwise in the file is
proposed by one operator and approved by another; it becomes a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from app.chain.operation import DONE, REJECTED, Operation
from app.core.catalogue import (
    Row,
    Rules,
    code_word,
    goods_terms_of,
    read_catalogue,
    reserve_cap_of,
    terms_of,
)
from app.errors import Conflict
from app.http.acting import call
from app.http.gateway import CASH_PREFIX, Gateway

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


async def compare(gateway: Gateway, path: Path) -> list[Change]:
    """Each row of the file beside what the ledger has.

    Raises:
        CatalogueInvalid, ChainError.
    """
    rows, rules = read_catalogue(path)
    return [await _compared(gateway, row, rules) for row in rows]


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
    kind = "changed" if differs else "same"
    return Change(row.code, kind, product_id, wanted, goods, cap, differs)


def _differing(held: Any, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    values = held if isinstance(held, dict) else dict(zip(wanted, held, strict=True))
    return {name: (values[name], value) for name, value in wanted.items() if values[name] != value}


def described(changes: list[Change]) -> list[str]:
    """The changes in lines for a terminal."""
    lines = []
    for change in changes:
        lines.append(f"{change.code}: {change.kind}")
        lines += [
            f"  {name}: {held} -> {wanted}" for name, (held, wanted) in change.differs.items()
        ]
    return lines


async def apply(gateway: Gateway, changes: list[Change], *, operator: str) -> list[Operation]:
    """Adds what is new and proposes what has changed, as this operator; waits for the ledger.

    Raises:
        Conflict: the ledger refused one of them.
    """
    first = [_wanted(change) for change in changes if change.kind != "same"]
    done = await _carry_out(gateway, [one for one in first if one], operator=operator)
    caps = []
    for change in changes:
        if change.kind == "new" and change.reserve_cap:
            number = int(await call(gateway, "Products", "withCode", [code_word(change.code)]))
            arguments = [number, change.terms["currency"], change.reserve_cap]
            caps.append(("set-reserve-cap", "RiskReserve", "setCap", arguments, change.code))
    return done + await _carry_out(gateway, caps, operator=operator)


async def approve(gateway: Gateway, changes: list[Change], *, operator: str) -> list[Operation]:
    """Approves what another operator has proposed and the file says too.

    Raises:
        Conflict: the ledger refused one of them.
    """
    wanted = [
        (
            "approve-product",
            "Products",
            "approve",
            [change.product_id, change.terms, change.goods],
            change.code,
        )
        for change in changes
        if change.kind == "changed"
    ]
    return await _carry_out(gateway, wanted, operator=operator)


def _wanted(change: Change) -> tuple[str, str, str, list[Any], str]:
    if change.kind == "new":
        arguments: list[Any] = [code_word(change.code), change.terms, change.goods]
        return ("add-product", "Products", "add", arguments, change.code)
    arguments = [change.product_id, change.terms, change.goods]
    return ("propose-product", "Products", "propose", arguments, change.code)


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
