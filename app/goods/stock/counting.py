"""Counts of stock on the ledger: the operations that send one, and what the answer says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from app.chain.outbox.operation import Operation
from app.domain.calendar import date_of
from app.domain.quantity import quantity_text
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import NewOperation, change_for, enqueue, in_custody
from app.goods.stock.reckoning import LotBalance
from app.goods.stock.repository import FileRow
from app.goods.stock.schemas import StockAnswer
from app.goods.warehouse_receipts.projection import CONTRACT

LOTS_AT_ONCE = 200  # of one count on the ledger


async def count(
    command: Command,
    balances: Sequence[LotBalance],
    file: FileRow,
    body: StockAnswer,
    *,
    store: Callable[[Connection, str | None], None],
) -> Change:
    """Sends the count: all its operations if the key is in custody, only the first for a wallet.

    Args:
        balances: the lots to count; for none there is no operation.
        body: what the answer says beside the operations.
        store: what to write, with the id of the first operation.
    """
    if not balances:

        def write(connection: Connection) -> Answer:
            store(connection, None)
            return Answer(body, 201)

        return Change(write)
    new_operations = [
        _count_operation(balances[start : start + LOTS_AT_ONCE], file)
        for start in range(0, len(balances), LOTS_AT_ONCE)
    ]
    custody = await in_custody(command.gateway, command.caller)
    signer = command.caller.acting()

    def store_and_enqueue(connection: Connection, operation: Operation) -> StockAnswer:
        store(connection, operation.id)
        answer: StockAnswer = {**body}
        if custody:
            further = [
                enqueue(connection, command, new_operation, signer=signer).id
                for new_operation in new_operations[1:]
            ]
            if further:
                answer["furtherOperations"] = further
        elif len(new_operations) > 1:
            answer["next"] = "POST /v1/stock-counts, once this is included, counts the other lots"
        return answer

    return await change_for(command, new_operations[0], side_writes=store_and_enqueue)


def _count_operation(balances: Sequence[LotBalance], file: FileRow) -> NewOperation:
    arguments = [
        *([balance.lot.lot_id for balance in balances], [balance.count for balance in balances]),
        *(file.as_of_day, file.document_root),
    ]
    return NewOperation("count-stock", CONTRACT, "count", arguments, {"stockFileId": file.id})


def stock_answer(file: FileRow, balances: Sequence[LotBalance], *, ignored: int = 0) -> StockAnswer:
    """The file and the stock after it in JSON.

    Args:
        ignored: how many events of the file move no stock.
    """
    return {
        "file": {
            "id": file.id,
            "format": file.format,
            "movements": file.movements,
            "ignoredEvents": ignored,
            "firstSequence": file.first_sequence,
            "lastSequence": file.last_sequence,
            "asOfDate": date_of(file.as_of_day).isoformat(),
            "documentRoot": file.document_root,
        },
        "lots": [
            {
                "lotId": balance.lot.lot_id,
                "unit": balance.lot.unit,
                "stock": quantity_text(balance.stock),
                "outstanding": quantity_text(balance.outstanding),
                "difference": quantity_text(balance.difference),
            }
            for balance in balances
        ],
        "differences": sum(1 for balance in balances if balance.difference),
    }
