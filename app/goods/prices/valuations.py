"""Values goods from an appraiser's files, explains every figure, and posts the price when told."""

from __future__ import annotations

import datetime
import re
import time
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_at, day_of
from app.domain.csv_rows import Finding, TableInvalid
from app.domain.money import CurrencyUnknown, digits_of
from app.domain.valuation.model import History, HistoryInvalid
from app.domain.valuation.valuing import Figure, Price, Valuation, ValuationAged, value_goods
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command, Replayed
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import moment
from app.gateway.views import time_view
from app.goods.prices.items import price_text
from app.goods.prices.schemas import Goods
from app.goods.prices.service import goods_item, post_rows
from app.goods.prices.valuation_files import as_history, read_sales
from app.goods.stock.reader import read_stock_file
from app.storage import run

_PLACE = re.compile(r"(sales|movements)\.([0-9]+)\.(\w+)")


class Wanted(msgspec.Struct, frozen=True):
    """What is to be valued, from which files.

    Attributes:
        as_of: the day at whose close; the ledger's yesterday when None.
        post: the price goes to the ledger.
    """

    goods: Goods
    currency: str
    as_of: datetime.date | None
    sales: bytes
    movements: bytes | None
    post: bool


class _Kept(msgspec.Struct):
    """What is sealed of a valuation: the answer and the files behind it."""

    answer: dict[str, Any]
    sales: bytes
    movements: bytes | None


async def value(command: Command, wanted: Wanted) -> Response:
    """Values the goods.

    Raises:
        BadInput: files or figures that do not hold, with their lines.
        Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    command.digest(_bytes(wanted))
    again = await command.stored()
    if again is not None:
        raise Replayed(again)
    if caller.party_id is None:
        raise Forbidden("only a party appraises")
    caller.acting()
    item = goods_item(wanted.goods, field="goods")
    try:
        digits_of(wanted.currency)
    except CurrencyUnknown as error:
        raise BadInput(str(error), name="currency-unknown", field="currency") from error
    now, _ = await gateway.storage.read(moment)
    today = day_at(now, zone_offset=gateway.zone_offset)
    day = today - 1 if wanted.as_of is None else day_of(wanted.as_of)
    if day > (today - 1 if wanted.post else today):
        raise BadInput(
            f"{date_of(day)} is not over on the ledger, where today is {date_of(today)}",
            name="day-not-over",
            field="asOf",
            fix=f"value at the close of {date_of(today - 1)} or before",
        )
    found = await gateway.documents.run(_value, wanted, day=day, zone_offset=gateway.zone_offset)
    try:
        price = found.price(item, day=max(day, today - 1), zone_offset=gateway.zone_offset)
    except ValuationAged as error:
        raise BadInput(str(error), name="valuation-aged", field="asOf") from error
    identifier = new_id()
    body = {"id": identifier} | _view(wanted.goods, found, price)
    kept = _Kept(body, wanted.sales, wanted.movements)
    sealed = gateway.sealer.seal(msgspec.msgpack.encode(kept), about=f"valuation {identifier}")
    row = (identifier, caller.party_id, found.evidence, item, wanted.currency, sealed)

    def also(connection: Connection, operation: Operation | None) -> dict[str, Any]:
        run(
            connection,
            "INSERT INTO valuations (id, appraiser, evidence, item, currency, encrypted, "
            "operation_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, None if operation is None else operation.id, time.time()),
        )
        return body

    if wanted.post:
        return await post_rows(command, [_row(price)], also=also)

    def write(connection: Connection) -> Answer:
        return Answer(also(connection, None) | {"operation": None}, 201)

    return await command.carry_out(write)


async def kept(gateway: Gateway, caller: Caller, evidence: str) -> dict[str, Any]:
    """The valuation behind a price's evidence: for who made it, and for those who see all.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> Any:
        query = "SELECT id, encrypted FROM valuations WHERE evidence = ?"
        marks: tuple[Any, ...] = (evidence.lower(),)
        if not caller.sees_all:
            query, marks = query + " AND appraiser = ?", (*marks, caller.party_id or "")
        return run(connection, query + " ORDER BY id LIMIT 1", marks).first()

    row = await gateway.storage.read(find)
    if row is None:
        raise NotFound(f"there is no valuation {evidence}", name="valuation-unknown")
    plain = gateway.sealer.open(bytes(row[1]), about=f"valuation {row[0]}")
    return msgspec.msgpack.decode(plain, type=_Kept).answer


# ------------------------------------------------------------------ parts of the above


def _bytes(wanted: Wanted) -> bytes:
    """All of a request, for its idempotency key; each part with its length before it."""
    goods = wanted.goods
    parts = [
        *(goods.sku.encode(), goods.grade.encode(), goods.unit.encode(), wanted.currency.encode()),
        *(str(wanted.as_of).encode(), wanted.sales, wanted.movements or b""),
    ]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _value(wanted: Wanted, *, day: int, zone_offset: int) -> Valuation:
    lines: dict[str, list[int]] = {}
    unit, name = wanted.goods.unit, "sales"
    try:
        sales, lines["sales"] = read_sales(wanted.sales, unit=unit)
        movements = []
        if wanted.movements is not None:
            name = "movements"
            file = read_stock_file(wanted.movements, zone_offset=zone_offset)
            movements = as_history(file.movements, unit=unit)
            lines["movements"] = [one.line for one in file.movements]
    except TableInvalid as error:
        raise _refusal(name, error.findings, total=error.total) from error
    history = History(
        sku=wanted.goods.sku,
        currency=wanted.currency,
        as_of_day=day,
        sales=tuple(sales),
        movements=tuple(movements),
    )
    try:
        return value_goods(history)
    except HistoryInvalid as error:
        place = _PLACE.fullmatch(error.field)
        if place is None:
            file_name = error.field.partition(".")[0]
            raise BadInput(str(error), name="history-invalid", field=file_name) from error
        name, line = place[1], lines[place[1]][int(place[2])]
        detail = f"{error.detail}; {error.fix}"
        raise _refusal(name, [Finding(line, place[3], detail)], total=1) from error


def _refusal(name: str, findings: list[Finding], *, total: int) -> BadInput:
    first = findings[0]
    return BadInput(
        f"{name}, line {first.line}: {first.field}: {first.detail}",
        name="file-invalid",
        field=name,
        fix="mend every line that is named and send the files again",
        errors=[{"line": one.line, "field": one.field, "detail": one.detail} for one in findings],
        findings=total,
    )


def _row(price: Price) -> dict[str, Any]:
    names = ("item", "currency", "value", "haircut", "asOf", "validUntil", "evidence")
    return dict(zip(names, price.arguments(), strict=True))


def _view(goods: Goods, found: Valuation, price: Price) -> dict[str, Any]:
    return {
        "goods": goods.model_dump(),
        "item": price.item,
        "currency": found.currency,
        "asOfDate": date_of(found.as_of_day).isoformat(),
        "value": price_text(found.value, item="0x", currency=found.currency),
        "grade": found.grade.name,
        "haircut": found.haircut,
        "fallsAfterDays": found.falls_after_days,
        "evidence": found.evidence,
        "figures": [_figure(figure) for figure in found.figures],
        "price": {
            "item": price.item,
            "currency": price.currency,
            "price": price_text(price.value, item="0x", currency=price.currency),
            "haircut": price.haircut,
            "asOf": time_view(price.as_of),
            "validUntil": time_view(price.valid_until),
            "evidence": price.evidence,
        },
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "formula": figure.formula,
        "inputs": dict(figure.inputs),
        "grade": None if figure.grade is None else figure.grade.name,
        "rule": figure.rule,
    }
