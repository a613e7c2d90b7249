"""Takes movement files in, keeps each movement once, and tells the ledger what is in store."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import keccak
from app.chain.outbox.operation import Operation, new_id
from app.domain.calendar import date_of, day_of
from app.domain.csv_rows import TableInvalid
from app.domain.quantity import quantity_text
from app.errors import BadInput, Conflict, Forbidden
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Command, Replayed
from app.gateway.execution import Act, act, enqueue, in_custody
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import ledger_day
from app.gateway.views import time_view
from app.goods.stock import repository
from app.goods.stock.articles import gtin_14
from app.goods.stock.model import Kept, LotKnown, Movement, StockFile, check, numbered
from app.goods.stock.reader import read_stock_file
from app.goods.stock.reckoning import Reckoned, reckon, to_count
from app.goods.stock.repository import Difference, FileRow
from app.goods.warehouse_receipts import papers
from app.goods.warehouse_receipts import repository as receipts
from app.goods.warehouse_receipts.projection import CONTRACT, LotRow
from app.parties.registry import service as parties

LOTS_AT_ONCE = 200  # of one count on the ledger


class _Before(msgspec.Struct):
    """What is known of a warehouse before a file."""

    lots: list[LotRow]
    stocks: dict[int, int]
    last: FileRow | None
    known: dict[str, Kept]
    today: int


def refusal(error: TableInvalid, *, field: str = "file") -> BadInput:
    """The problem document for a file: every line that is wrong, up to a hundred."""
    return BadInput(
        str(error),
        name="file-invalid",
        field=field,
        fix="mend every line that is named and send the whole file again; nothing was kept",
        errors=[
            {"line": one.line, "field": one.field, "detail": one.detail} for one in error.findings
        ],
        findings=error.total,
    )


def warehouse_of(caller: Caller) -> str:
    """The party id of a warehouse.

    Raises:
        Forbidden.
    """
    caller.acting()
    if caller.party_id is None:
        raise Forbidden("only a party keeps stock")
    return caller.party_id


async def upload(command: Command, data: bytes, *, as_of: datetime.date | None) -> Response:
    """Keeps a movement file, reckons the stock, and sends the count.

    Raises:
        BadInput: every line that does not hold; nothing is kept then.
        Conflict: another file of this warehouse came in between.
    """
    command.digest(f"{as_of} ".encode() + data)
    again = await command.stored()
    if again is not None:
        raise Replayed(again)
    gateway = command.gateway
    party = warehouse_of(command.caller)
    try:
        file = await gateway.documents.run(read_stock_file, data, zone_offset=gateway.zone_offset)
        ids = [one.movement_id for one in file.movements]
        taken_back = [*file.movements, *(one.movement for one in file.undone)]
        ids += [one.takes_back for one in taken_back if one.takes_back is not None]
        before = await _before(gateway, command.caller, ids)
        file.settle(before.known)
        file.movements = numbered(file.movements, after=_last_sequence(before))
        keeper = await parties.party(gateway, party)
        numbers = _numbers(gateway, keeper.identity_hash, before.lots, file.movements)
        gtins = await _gtins(gateway, file.movements, numbers)
        await gateway.documents.run(_check, file, before, numbers, gtins)
    except TableInvalid as error:
        raise refusal(error) from error
    newest = max(one.day for one in file.movements)
    day = newest if as_of is None else day_of(as_of)
    _require_day(day, newest=newest, before=before)
    stocks = dict(before.stocks)
    for one in file.movements:
        number = numbers[one.lot].lot_id
        stocks[number] = stocks.get(number, 0) + one.quantity
    reckoned = await _reckon(gateway, before.lots, stocks, day)
    kept = FileRow(
        id=new_id(),
        warehouse=party,
        first_sequence=file.movements[0].sequence,
        last_sequence=file.movements[-1].sequence,
        movements=len(file.movements),
        as_of_day=day,
        format=file.format,
        papers_root="0x" + keccak(data).hex(),
    )
    sealed = gateway.sealer.seal(data, about=f"stock file {kept.id}")
    rows = [
        (
            *(new_id(), party, one.movement_id, kept.id, one.sequence, numbers[one.lot].lot_id),
            *(one.day, one.kind, one.quantity),
        )
        for one in file.movements
    ]

    def keep(connection: Connection, operation_id: str | None) -> None:
        last = repository.last_file(connection, party)
        if last != before.last:
            raise Conflict(
                "another file of this warehouse was kept in between",
                name="file-overtaken",
                fix="send this one again",
            )
        repository.add_file(
            connection, kept, encrypted=sealed, operation_id=operation_id, movements=rows
        )
        _alarm(connection, kept, reckoned)

    named = {numbers[one.lot].lot_id for one in file.movements}
    body = _answer(kept, reckoned, ignored=file.ignored)
    return await _count(command, to_count(reckoned, named=named), kept, body, keep=keep)


async def recount(command: Command) -> Response:
    """Sends the count of the last file anew, for lots that the ledger has otherwise.

    Raises:
        Conflict: there is no file yet, or the ledger has it all.
    """
    gateway, party = command.gateway, warehouse_of(command.caller)
    before = await _before(gateway, command.caller, [])
    if before.last is None:
        raise Conflict(
            "no movements were sent yet", name="nothing-to-count", fix="POST /v1/stock-movements"
        )
    reckoned = await _reckon(gateway, before.lots, before.stocks, before.last.as_of_day)
    wanted = to_count(reckoned)
    if not wanted:
        raise Conflict(
            "the ledger has the count as it follows from the movements", name="nothing-to-count"
        )
    kept = before.last

    def keep(connection: Connection, _operation_id: str | None) -> None:
        if repository.last_file(connection, party) != kept:
            raise Conflict("a file was kept in between", name="file-overtaken", fix="ask again")
        _alarm(connection, kept, reckoned)

    return await _count(command, wanted, kept, _answer(kept, reckoned), keep=keep)


# ------------------------------------------------------------------ parts of the above


async def _before(gateway: Gateway, caller: Caller, ids: Sequence[str]) -> _Before:
    party, account = warehouse_of(caller), caller.acting()

    def find(connection: Connection) -> _Before:
        return _Before(
            receipts.lots_of(connection, account),
            repository.stocks(connection, party),
            repository.last_file(connection, party),
            repository.known(connection, party, ids),
            ledger_day(connection, zone_offset=gateway.zone_offset),
        )

    return await gateway.storage.read(find)


def _numbers(
    gateway: Gateway, warehouse: str, lots: Sequence[LotRow], movements: Sequence[Movement]
) -> dict[str, LotRow]:
    """The lots of a warehouse (its identity hash) that a file names, by its number."""
    by_mark = {lot.fingerprint: lot for lot in lots}
    found = {}
    for number in {one.lot for one in movements}:
        mark = papers.lot_fingerprint(gateway, warehouse=warehouse, number=number)
        if mark in by_mark:
            found[number] = by_mark[mark]
    return found


async def _gtins(
    gateway: Gateway, movements: Sequence[Movement], numbers: dict[str, LotRow]
) -> dict[str, str]:
    """GTINs of lots whose movements name one, where the lot's sku is a GTIN."""
    named = {one.lot for one in movements if one.gtins} & numbers.keys()

    def find(connection: Connection) -> dict[str, str]:
        found = {}
        for number in named:
            kept = receipts.papers_behind(connection, numbers[number])
            if kept is not None:
                sku = papers.opened(gateway, kept).fields["sku"]
                gtin = gtin_14("".join(sku.split()))
                if gtin is not None:
                    found[number] = gtin
        return found

    return await gateway.storage.read(find) if named else {}


def _check(
    file: StockFile, before: _Before, numbers: dict[str, LotRow], gtins: dict[str, str]
) -> None:
    check(
        file.movements,
        last_sequence=_last_sequence(before),
        known_ids=before.known,
        kept=before.known,
        counts=file.counts,
        lots={
            number: LotKnown(
                lot.unit, before.stocks.get(lot.lot_id, 0), gtins.get(number), lot.lot_id
            )
            for number, lot in numbers.items()
        },
        today=before.today,
    )


def _last_sequence(before: _Before) -> int:
    return 0 if before.last is None else before.last.last_sequence


def _require_day(day: int, *, newest: int, before: _Before) -> None:
    least = newest if before.last is None else max(newest, before.last.as_of_day)
    if not least <= day <= before.today:
        raise BadInput(
            f"the file is as of {date_of(max(0, day))}; it must be from {date_of(least)}, the "
            f"newest day known, to {date_of(before.today)}, the ledger's today",
            name="day-out-of-range",
            field="asOf",
        )


async def _reckon(
    gateway: Gateway, lots: Sequence[LotRow], stocks: dict[int, int], day: int
) -> list[Reckoned]:
    return await gateway.storage.read(
        lambda connection: reckon(
            connection, lots, stocks, as_of_day=day, zone_offset=gateway.zone_offset
        )
    )


def _alarm(connection: Connection, file: FileRow, reckoned: Sequence[Reckoned]) -> None:
    """One row for each lot that differs; those of before are closed when it agrees or changed."""
    standing = repository.open_differences(connection, file.warehouse)
    for one in reckoned:
        known = standing.get(one.lot.lot_id)
        same = known is not None and (known.stock, known.outstanding) == (
            one.stock,
            one.outstanding,
        )
        if known is not None and not same:
            repository.close_difference(connection, known.id, file_id=file.id)
        if one.difference and not same:
            repository.add_difference(
                connection,
                Difference(
                    *(new_id(), file.warehouse, one.lot.lot_id, file.as_of_day, one.stock),
                    *(one.outstanding, file.id, time.time(), None, None),
                ),
            )


async def _count(
    command: Command,
    wanted: Sequence[Reckoned],
    file: FileRow,
    body: dict[str, Any],
    *,
    keep: Callable[[Connection, str | None], None],
) -> Response:
    """The count on the ledger: as many operations as it takes in custody, one for a wallet."""
    if not wanted:

        def write(connection: Connection) -> Answer:
            keep(connection, None)
            return Answer(body, 201)

        return await command.carry_out(write)
    acts = [
        _act(wanted[start : start + LOTS_AT_ONCE], file)
        for start in range(0, len(wanted), LOTS_AT_ONCE)
    ]
    custody = await in_custody(command.gateway, command.caller)
    signer = command.caller.acting()

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        keep(connection, operation.id)
        more: dict[str, Any] = dict(body)
        if custody:
            others = [enqueue(connection, command, one, signer=signer).id for one in acts[1:]]
            if others:
                more["furtherOperations"] = others
        elif len(acts) > 1:
            more["next"] = "POST /v1/stock-counts, once this is included, counts the other lots"
        return more

    return await act(command, acts[0], also=also)


def _act(part: Sequence[Reckoned], file: FileRow) -> Act:
    arguments = [
        *([one.lot.lot_id for one in part], [one.count for one in part]),
        *(file.as_of_day, file.papers_root),
    ]
    return Act("count-stock", CONTRACT, "count", arguments, {"stockFileId": file.id})


def _answer(file: FileRow, reckoned: Sequence[Reckoned], *, ignored: int = 0) -> dict[str, Any]:
    return {
        "file": {
            "id": file.id,
            "format": file.format,
            "movements": file.movements,
            "ignoredEvents": ignored,
            "firstSequence": file.first_sequence,
            "lastSequence": file.last_sequence,
            "asOfDate": date_of(file.as_of_day).isoformat(),
            "papersRoot": file.papers_root,
        },
        "lots": [
            {
                "lotId": one.lot.lot_id,
                "unit": one.lot.unit,
                "stock": quantity_text(one.stock),
                "outstanding": quantity_text(one.outstanding),
                "difference": quantity_text(one.difference),
            }
            for one in reckoned
        ],
        "differences": sum(1 for one in reckoned if one.difference),
    }


# ------------------------------------------------------------------ reading


async def differences(
    gateway: Gateway,
    caller: Caller,
    *,
    lot_id: int | None,
    still_open: bool | None,
    before: str | None,
    limit: int,
) -> dict[str, Any]:
    """Differences of the caller's stock; of everybody's for those who see all."""
    owner = None if caller.sees_all else warehouse_of(caller)
    rows = await gateway.storage.read(
        lambda connection: repository.differences(
            connection,
            warehouse=owner,
            lot_id=lot_id,
            still_open=still_open,
            before=before,
            limit=limit,
        )
    )
    items = [
        {
            "id": row.id,
            "warehousePartyId": row.warehouse,
            "lotId": row.lot_id,
            "asOfDate": date_of(row.as_of_day).isoformat(),
            "stock": quantity_text(row.stock),
            "outstanding": quantity_text(row.outstanding),
            "difference": quantity_text(row.stock - row.outstanding),
            "kind": "short" if row.stock < row.outstanding else "surplus",
            "open": row.closed_by is None,
            "fileId": row.file_id,
            "at": time_view(row.created_at),
            "closedByFileId": row.closed_by,
            "closedAt": time_view(row.closed_at),
        }
        for row in rows
    ]
    return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}


async def movements(
    gateway: Gateway, caller: Caller, *, lot_id: int | None, before: str | None, limit: int
) -> dict[str, Any]:
    """Movements of the caller's stock; of everybody's for those who see all."""
    owner = None if caller.sees_all else warehouse_of(caller)
    rows = await gateway.storage.read(
        lambda connection: repository.movements(
            connection, warehouse=owner, lot_id=lot_id, before=before, limit=limit
        )
    )
    items = [
        {
            "movementId": row["movement_id"],
            "warehousePartyId": row["warehouse"],
            "sequence": row["sequence"],
            "lotId": row["lot_id"],
            "date": date_of(row["day"]).isoformat(),
            "kind": row["kind"],
            "change": quantity_text(row["quantity"]),
            "fileId": row["file_id"],
        }
        for row in rows
    ]
    following = rows[-1]["id"] if len(rows) == limit else None
    return {"items": items, "nextCursor": following}
