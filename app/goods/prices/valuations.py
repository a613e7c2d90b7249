"""Values goods from an appraiser's files, explains each figure, and posts the price on request."""

from __future__ import annotations

import datetime
import re

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_of
from app.domain.csv_rows import Finding, TableInvalid
from app.domain.item_prices import price_text
from app.domain.money import CurrencyUnknown, digits_of
from app.domain.texts import say, text_of
from app.domain.valuation.model import History, HistoryInvalid
from app.domain.valuation.valuing import Figure, Price, Valuation, ValuationAged, value_goods
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import today_of
from app.gateway.said import localized
from app.gateway.views import time_view
from app.goods.prices import repository
from app.goods.prices.repository import ValuationRow
from app.goods.prices.schemas import Goods, ValuationAnswer, ValuationFigure
from app.goods.prices.service import goods_item, post_rows
from app.goods.prices.terms import PriceTerms
from app.goods.prices.valuation_files import as_history, read_sales
from app.goods.stock.reader import read_stock_file

_PLACE = re.compile(r"(sales|movements)\.([0-9]+)\.(\w+)")


class ValuationRequest(msgspec.Struct, frozen=True):
    """The goods to value, and the files to value them from.

    Attributes:
        as_of: the goods are valued at the close of this day; None: the ledger's yesterday.
        post: whether the price goes to the ledger.
    """

    goods: Goods
    currency: str
    as_of: datetime.date | None
    sales: bytes
    movements: bytes | None
    post: bool


class _StoredValuation(msgspec.Struct):
    """What the gateway encrypts of a valuation: the answer and the files behind it."""

    answer: ValuationAnswer
    sales: bytes
    movements: bytes | None


def request_bytes(request: ValuationRequest) -> bytes:
    """The whole request as bytes, for its digest; each part follows its length."""
    goods = request.goods
    parts = [
        *(goods.sku.encode(), goods.grade.encode(), goods.unit.encode(), request.currency.encode()),
        *(str(request.as_of).encode(), request.sales, request.movements or b""),
    ]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


async def value(command: Command, request: ValuationRequest) -> Change:
    """Values the goods.

    Raises:
        BadInput: wrong files or figures, with their lines.
        Forbidden.
    """
    gateway, caller = command.gateway, command.caller
    if caller.party_id is None:
        raise Forbidden("only a party can value goods")
    caller.acting()
    item = goods_item(request.goods, field="goods")
    try:
        digits_of(request.currency)
    except CurrencyUnknown as error:
        raise BadInput(text_of(error), name="currency-unknown", field="currency") from error
    today = await today_of(gateway)
    day = today - 1 if request.as_of is None else day_of(request.as_of)
    if day > (today - 1 if request.post else today):
        raise BadInput(
            say(
                "{day:day} is not over on the ledger, where today is {today:day}",
                day=date_of(day),
                today=date_of(today),
            ),
            name="day-not-over",
            field="asOf",
            fix=say("value at the close of {today:day} or before", today=date_of(today - 1)),
        )
    valuation = await gateway.documents.run(
        _value, request, day=day, zone_offset=gateway.zone_offset
    )
    try:
        price = valuation.price(item, day=max(day, today - 1), zone_offset=gateway.zone_offset)
    except ValuationAged as error:
        raise BadInput(text_of(error), name="valuation-aged", field="asOf") from error
    identifier = new_id()
    body = _view(identifier, request.goods, valuation, price)
    stored = _StoredValuation(answer=body, sales=request.sales, movements=request.movements)
    encrypted = gateway.sealer.seal(msgspec.msgpack.encode(stored), about=f"valuation {identifier}")
    row = ValuationRow(
        id=identifier,
        appraiser=caller.party_id,
        evidence=valuation.evidence,
        item=item,
        currency=request.currency,
        encrypted=encrypted,
        operation_id=None,
    )

    if request.post:

        def store(connection: Connection, operation: Operation) -> ValuationAnswer:
            repository.add_valuation(connection, replace(row, operation_id=operation.id))
            return body

        return await post_rows(command, [_terms(price)], side_writes=store)

    def write(connection: Connection) -> Answer:
        repository.add_valuation(connection, row)
        return Answer({**body, "operation": None}, 201)

    return Change(write)


async def stored_valuation(gateway: Gateway, caller: Caller, evidence: str) -> ValuationAnswer:
    """The valuation behind a price's evidence, for its appraiser and those who see all.

    Raises:
        NotFound.
    """
    appraiser = None if caller.sees_all else caller.party_id or ""
    row = await gateway.storage.read(
        lambda connection: repository.valuation(connection, evidence.lower(), appraiser=appraiser)
    )
    if row is None:
        raise NotFound(
            say("there is no valuation {evidence}", evidence=evidence), name="valuation-unknown"
        )
    plain = gateway.sealer.open(row.encrypted, about=f"valuation {row.id}")
    return msgspec.msgpack.decode(plain, type=_StoredValuation).answer


# ------------------------------------------------------------------ parts of the above


def _value(request: ValuationRequest, *, day: int, zone_offset: int) -> Valuation:
    lines: dict[str, list[int]] = {}
    unit, name = request.goods.unit, "sales"
    try:
        sales, lines["sales"] = read_sales(request.sales, unit=unit)
        movements = []
        if request.movements is not None:
            name = "movements"
            file = read_stock_file(request.movements, zone_offset=zone_offset)
            movements = as_history(file.movements, unit=unit)
            lines["movements"] = [movement.line for movement in file.movements]
    except TableInvalid as error:
        raise _refusal(name, error.findings, total=error.total) from error
    history = History(
        sku=request.goods.sku,
        currency=request.currency,
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
            raise BadInput(text_of(error), name="history-invalid", field=file_name) from error
        name, line = place[1], lines[place[1]][int(place[2])]
        detail = say("{detail}; {fix}", detail=error.detail, fix=error.fix)
        raise _refusal(name, [Finding(line, place[3], detail)], total=1) from error


def _refusal(name: str, findings: list[Finding], *, total: int) -> BadInput:
    first = findings[0]
    return BadInput(
        say(
            "{name}, line {line}: {field}: {detail}",
            name=name,
            line=first.line,
            field=first.field,
            detail=first.detail,
        ),
        name="file-invalid",
        field=name,
        fix="correct every line that is named and send the files again",
        errors=[
            {"line": finding.line, "field": finding.field, "detail": localized(finding.detail)}
            for finding in findings
        ],
        findings=total,
    )


def _terms(price: Price) -> PriceTerms:
    item, currency, amount, haircut, as_of, valid_until, evidence = price.arguments()
    return {
        "item": item,
        "currency": currency,
        "value": amount,
        "haircut": haircut,
        "asOf": as_of,
        "validUntil": valid_until,
        "evidence": evidence,
    }


def _view(identifier: str, goods: Goods, valuation: Valuation, price: Price) -> ValuationAnswer:
    return {
        "id": identifier,
        "goods": {"sku": goods.sku, "grade": goods.grade, "unit": goods.unit},
        "item": price.item,
        "currency": valuation.currency,
        "asOfDate": date_of(valuation.as_of_day).isoformat(),
        "value": price_text(valuation.value, item="0x", currency=valuation.currency),
        "grade": valuation.grade.name,
        "haircut": valuation.haircut,
        "fallsAfterDays": valuation.falls_after_days,
        "evidence": valuation.evidence,
        "figures": [_figure(figure) for figure in valuation.figures],
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


def _figure(figure: Figure) -> ValuationFigure:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "formula": figure.formula,
        "inputs": dict(figure.inputs),
        "grade": None if figure.grade is None else figure.grade.name,
        "rule": figure.rule,
    }
