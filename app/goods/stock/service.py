"""Takes movement files, stores each movement once, and counts the stock on the ledger."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_of
from app.domain.csv_rows import TableInvalid
from app.domain.texts import say, text_of
from app.errors import BadInput, Conflict
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import ledger_day
from app.gateway.said import localized
from app.goods.stock import repository
from app.goods.stock.articles import gtin_14
from app.goods.stock.counting import count, stock_answer
from app.goods.stock.model import LedgerLot, Movement, StockFile, StoredMovement, check, numbered
from app.goods.stock.reader import read_stock_file
from app.goods.stock.reading import warehouse_of
from app.goods.stock.reckoning import LotBalance, balances_at_close, to_count
from app.goods.stock.repository import Difference, FileRow, MovementRow
from app.goods.warehouse_receipts import documents as lot_documents
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.projection import LotRow
from app.parties.registry import service as parties


class _WarehouseState(msgspec.Struct):
    """What the gateway knows of a warehouse before a file."""

    lots: list[LotRow]
    stocks: dict[int, int]
    last_file: FileRow | None
    stored: dict[str, StoredMovement]
    today: int


def refusal(error: TableInvalid, *, field: str = "file") -> BadInput:
    """The problem document of a file: every line that is wrong, at most a hundred."""
    return BadInput(
        text_of(error),
        name="file-invalid",
        field=field,
        fix="correct every line that is named and send the whole file again; nothing was stored",
        errors=[
            {"line": finding.line, "field": finding.field, "detail": localized(finding.detail)}
            for finding in error.findings
        ],
        findings=error.total,
    )


async def upload(command: Command, data: bytes, *, as_of: datetime.date | None) -> Change:
    """Stores a movement file, computes the stock, and sends the count.

    Raises:
        BadInput: lists every line that is wrong; then nothing is stored.
        Conflict: another file of this warehouse was stored meanwhile.
    """
    gateway = command.gateway
    party = warehouse_of(command.caller)
    try:
        file = await gateway.documents.run(read_stock_file, data, zone_offset=gateway.zone_offset)
        ids = [movement.movement_id for movement in file.movements]
        candidates = [*file.movements, *(reversal.movement for reversal in file.reversals)]
        ids += [movement.takes_back for movement in candidates if movement.takes_back is not None]
        state = await _state(gateway, command.caller, ids)
        file.settle(state.stored)
        file.movements = numbered(file.movements, after=_last_sequence(state))
        warehouse = await parties.party(gateway, party)
        lots_by_number = _lots_by_number(
            gateway, warehouse.identity_hash, state.lots, file.movements
        )
        gtins = await _gtins(gateway, file.movements, lots_by_number)
        await gateway.documents.run(_check, file, state, lots_by_number, gtins)
    except TableInvalid as error:
        raise refusal(error) from error
    newest = max(movement.day for movement in file.movements)
    day = newest if as_of is None else day_of(as_of)
    _require_day(day, newest=newest, state=state)
    stocks = dict(state.stocks)
    for movement in file.movements:
        lot_id = lots_by_number[movement.lot].lot_id
        stocks[lot_id] = stocks.get(lot_id, 0) + movement.quantity
    balances = await _balances(gateway, state.lots, stocks, day)
    file_row = FileRow(
        id=new_id(),
        warehouse=party,
        first_sequence=file.movements[0].sequence,
        last_sequence=file.movements[-1].sequence,
        movements=len(file.movements),
        as_of_day=day,
        format=file.format,
        document_root="0x" + keccak(data).hex(),
    )
    encrypted = gateway.sealer.seal(data, about=f"stock file {file_row.id}")
    rows = [
        MovementRow(
            id=new_id(),
            warehouse=party,
            movement_id=movement.movement_id,
            file_id=file_row.id,
            sequence=movement.sequence,
            lot_id=lots_by_number[movement.lot].lot_id,
            day=movement.day,
            kind=movement.kind,
            quantity=movement.quantity,
        )
        for movement in file.movements
    ]

    def store(connection: Connection, operation_id: str | None) -> None:
        last = repository.last_file(connection, party)
        if last != state.last_file:
            raise Conflict(
                "another file of this warehouse was stored meanwhile",
                name="file-overtaken",
                fix="send this file again",
            )
        repository.add_file(
            connection, file_row, encrypted=encrypted, operation_id=operation_id, movements=rows
        )
        _update_differences(connection, file_row, balances)

    named_lots = {lots_by_number[movement.lot].lot_id for movement in file.movements}
    body = stock_answer(file_row, balances, ignored=file.ignored)
    return await count(command, to_count(balances, named=named_lots), file_row, body, store=store)


async def recount(command: Command) -> Change:
    """Sends the count of the last file again, for lots that the ledger has another count of.

    Raises:
        Conflict: there is no file yet, or the ledger has all its counts.
    """
    gateway, party = command.gateway, warehouse_of(command.caller)
    state = await _state(gateway, command.caller, [])
    if state.last_file is None:
        raise Conflict(
            "no movements were sent yet", name="nothing-to-count", fix="POST /v1/stock-movements"
        )
    balances = await _balances(gateway, state.lots, state.stocks, state.last_file.as_of_day)
    to_send = to_count(balances)
    if not to_send:
        raise Conflict(
            "the ledger already has the counts that the movements give",
            name="nothing-to-count",
            fix="there is nothing to send; upload new movements first",
        )
    file_row = state.last_file

    def store(connection: Connection, _operation_id: str | None) -> None:
        if repository.last_file(connection, party) != file_row:
            raise Conflict(
                "another file was stored meanwhile", name="file-overtaken", fix="ask again"
            )
        _update_differences(connection, file_row, balances)

    return await count(command, to_send, file_row, stock_answer(file_row, balances), store=store)


# ------------------------------------------------------------------ parts of the above


async def _state(gateway: Gateway, caller: Caller, ids: Sequence[str]) -> _WarehouseState:
    party, account = warehouse_of(caller), caller.acting()

    def find(connection: Connection) -> _WarehouseState:
        return _WarehouseState(
            lots=receipts.lots_of(connection, account),
            stocks=repository.stocks(connection, party),
            last_file=repository.last_file(connection, party),
            stored=repository.stored_movements(connection, party, ids),
            today=ledger_day(gateway, connection),
        )

    return await gateway.storage.read(find)


def _lots_by_number(
    gateway: Gateway, warehouse: str, lots: Sequence[LotRow], movements: Sequence[Movement]
) -> dict[str, LotRow]:
    """The lots of a warehouse (its identity hash) that a file names, by lot number."""
    by_fingerprint = {lot.fingerprint: lot for lot in lots}
    lots_by_number = {}
    for number in {movement.lot for movement in movements}:
        fingerprint = lot_documents.lot_fingerprint(gateway, warehouse=warehouse, number=number)
        if fingerprint in by_fingerprint:
            lots_by_number[number] = by_fingerprint[fingerprint]
    return lots_by_number


async def _gtins(
    gateway: Gateway, movements: Sequence[Movement], lots_by_number: dict[str, LotRow]
) -> dict[str, str]:
    """GTINs of the lots whose movements name one, if the lot's SKU is a GTIN."""
    named = {movement.lot for movement in movements if movement.gtins} & lots_by_number.keys()

    def find(connection: Connection) -> dict[str, str]:
        gtins = {}
        for number in named:
            documents = receipts.documents_behind(connection, lots_by_number[number])
            if documents is not None:
                sku = lot_documents.opened(gateway, documents).fields["sku"]
                gtin = gtin_14("".join(sku.split()))
                if gtin is not None:
                    gtins[number] = gtin
        return gtins

    return await gateway.storage.read(find) if named else {}


def _check(
    file: StockFile,
    state: _WarehouseState,
    lots_by_number: dict[str, LotRow],
    gtins: dict[str, str],
) -> None:
    check(
        file.movements,
        last_sequence=_last_sequence(state),
        stored_ids=state.stored,
        stored=state.stored,
        counts=file.counts,
        lots={
            number: LedgerLot(
                lot.unit, state.stocks.get(lot.lot_id, 0), gtins.get(number), lot.lot_id
            )
            for number, lot in lots_by_number.items()
        },
        today=state.today,
    )


def _last_sequence(state: _WarehouseState) -> int:
    return 0 if state.last_file is None else state.last_file.last_sequence


def _require_day(day: int, *, newest: int, state: _WarehouseState) -> None:
    minimum = newest if state.last_file is None else max(newest, state.last_file.as_of_day)
    if not minimum <= day <= state.today:
        raise BadInput(
            say(
                "the file is as of {value:day}; give a day from {minimum:day}, the newest day "
                "known, to {today:day}, the ledger's day",
                value=date_of(max(0, day)),
                minimum=date_of(minimum),
                today=date_of(state.today),
            ),
            name="day-out-of-range",
            field="asOf",
        )


async def _balances(
    gateway: Gateway, lots: Sequence[LotRow], stocks: dict[int, int], day: int
) -> list[LotBalance]:
    return await gateway.storage.read(
        lambda connection: balances_at_close(
            connection, lots, stocks, as_of_day=day, zone_offset=gateway.zone_offset
        )
    )


def _update_differences(
    connection: Connection, file: FileRow, balances: Sequence[LotBalance]
) -> None:
    """Opens a difference for each lot that differs, and closes those that are gone or changed."""
    open_differences = repository.open_differences(connection, file.warehouse)
    for balance in balances:
        difference = open_differences.get(balance.lot.lot_id)
        same = difference is not None and (difference.stock, difference.outstanding) == (
            balance.stock,
            balance.outstanding,
        )
        if difference is not None and not same:
            repository.close_difference(connection, difference.id, file_id=file.id)
        if balance.difference and not same:
            repository.add_difference(
                connection,
                Difference(
                    id=new_id(),
                    warehouse=file.warehouse,
                    lot_id=balance.lot.lot_id,
                    as_of_day=file.as_of_day,
                    stock=balance.stock,
                    outstanding=balance.outstanding,
                    file_id=file.id,
                    created_at=time.time(),
                    closed_by=None,
                    closed_at=None,
                ),
            )
