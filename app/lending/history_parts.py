"""A loan's history that does not fit into one transaction: it runs in parts before its change.

The ledger keeps what an account ran of a history, for one change and the loan's terms
(IPostings.runHistory). The store's operations tell how far the account came, and the ledger whether
that still counts. What does not lead to the loan's history is run anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.nonces import lock_signer
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for, end_prepared, superseded
from app.gateway.gateway import Gateway
from app.gateway.ledger import refusal_of
from app.lending import histories
from app.lending.commands import CONTRACT
from app.lending.histories import CONTINUED, HistoryArgument
from app.lending.rows import History
from app.storage import run

RUN_HISTORY = "run-history"
_FUNCTION = "runHistory"
_NOT_RUN, _DIFFERS = "HistoryNotRun", "HistoryDiffers"
Build = Callable[[Sequence[HistoryArgument]], NewOperation]


class HistoryChange(msgspec.Struct, frozen=True):
    """What a correction changes in a history: postings as the contracts have them; 0: none."""

    added: int = 0
    removed: int = 0


class Rerun(msgspec.Struct, frozen=True):
    """A loan that is run anew with a change.

    Attributes:
        is_read: whether the ledger reads the history; not of a posting that comes last.
        also_unchanged: the ledger runs it without the change too, for the administering bank's fee.
    """

    loan_id: int
    history: History
    change: HistoryChange
    is_read: bool = True
    also_unchanged: bool = False

    @property
    def changes(self) -> list[HistoryChange]:
        """The changes with which the ledger runs it."""
        return [self.change, HistoryChange()] if self.also_unchanged else [self.change]


def fits(gateway: Gateway, reruns: Sequence[Rerun]) -> bool:
    """Whether one transaction can take all of it."""
    share = _share(gateway, reruns)
    return all(len(rerun.history.postings) <= share for rerun in reruns if rerun.is_read)


async def with_parts(
    gateway: Gateway, reruns: Sequence[Rerun], build: Build, *, signer: str
) -> NewOperation:
    """The operation of a change, with the parts of histories that have to run first.

    Args:
        build: makes the operation from the histories that it brings along, one a rerun.
    """
    in_parts = await _in_parts(gateway, reruns, signer=signer)
    new_operation = build(in_parts.histories)
    if in_parts.goes_on and not in_parts.parts:
        refusal = await refusal_of(
            *(gateway, signer, new_operation.contract, new_operation.function),
            new_operation.arguments,
        )
        if refusal is not None and refusal.name in (_NOT_RUN, _DIFFERS):
            in_parts = await _in_parts(gateway, reruns, signer=signer, anew=True)
            new_operation = build(in_parts.histories)
    return msgspec.structs.replace(new_operation, first=in_parts.parts)


async def change_with_parts(
    command: Command,
    reruns: Sequence[Rerun],
    build: Build,
    *,
    side_writes: SideWrites | None = None,
) -> Change:
    """The change that begins the operation of `with_parts` for the caller.

    Raises:
        Conflict: a part that the caller sent for the same change is under way.
    """
    signer = command.caller.acting()
    new_operation = await with_parts(command.gateway, reruns, build, signer=signer)
    change = await change_for(command, new_operation, side_writes=side_writes)
    if fits(command.gateway, reruns):
        return change
    return Change(partial(_write_alone, reruns=reruns, signer=signer, write=change.write))


# ------------------------------------------------------------------ what is run


class _InParts(msgspec.Struct):
    """Histories in parts.

    Attributes:
        parts: the operations that come first, in order.
        histories: what the change itself brings along, one a rerun.
        goes_on: whether it goes on where earlier operations stopped.
    """

    parts: list[NewOperation]
    histories: list[HistoryArgument]
    goes_on: bool = False


def _share(gateway: Gateway, reruns: Sequence[Rerun]) -> int:
    """The most postings of one loan that the change itself may bring along."""
    runs = sum(len(rerun.changes) for rerun in reruns if rerun.is_read)
    return gateway.settings.history_part // max(runs, 1)


async def _in_parts(
    gateway: Gateway, reruns: Sequence[Rerun], *, signer: str, anew: bool = False
) -> _InParts:
    size, share = gateway.settings.history_part, _share(gateway, reruns)
    in_parts = _InParts([], [])
    for rerun in reruns:
        history = rerun.history
        if len(history.postings) <= share:
            in_parts.histories.append(histories.argument(history))
            continue
        if not rerun.is_read:
            in_parts.histories.append(histories.NOTHING)
            continue
        counts = [
            0 if anew else await _ran(gateway, rerun, change, signer=signer)
            for change in rerun.changes
        ]
        in_parts.goes_on |= any(counts)
        if min(counts) == max(counts) > 0 and len(history.postings) - counts[0] <= share:
            in_parts.histories.append(_rest(history, counts[0]))
            continue
        for change, count in zip(rerun.changes, counts, strict=True):
            in_parts.parts += _parts(rerun, change, count, size=size)
        in_parts.histories.append(_rest(history, len(history.postings)))
    number = len(in_parts.parts)
    in_parts.parts = [
        msgspec.structs.replace(part, subject={**part.subject, "part": place, "parts": number})
        for place, part in enumerate(in_parts.parts, 1)
    ]
    return in_parts


def _parts(rerun: Rerun, change: HistoryChange, count: int, *, size: int) -> list[NewOperation]:
    """The operations that run what follows the first `count` postings."""
    parts = []
    for start in range(count, len(rerun.history.postings), size):
        part = _rest(rerun.history, start)
        part["postings"] = part["postings"][:size]
        parts.append(_part(rerun.loan_id, change, part))
    return parts


def _part(loan_id: int, change: HistoryChange, part: HistoryArgument) -> NewOperation:
    arguments = [loan_id, change.added, change.removed, part]
    return NewOperation(RUN_HISTORY, CONTRACT, _FUNCTION, arguments, {"loanId": loan_id})


def _rest(history: History, count: int) -> HistoryArgument:
    """What follows the first postings of a history, or all of it.

    A reset reads from it on which day the history begins (ILoanRates.resetRate).
    """
    if count == 0:
        return histories.argument(history)
    rest = histories.argument(History(CONTINUED, None, history.postings[count:]))
    rest["start"] = {**rest["start"], "asOfDay": history.from_day}
    return rest


# ------------------------------------------------------------------ what was run


async def _ran(gateway: Gateway, rerun: Rerun, change: HistoryChange, *, signer: str) -> int:
    """How many of the postings the account ran with this change, on the loan's terms of now."""
    count = await gateway.storage.read(
        lambda connection: _ran_by_operations(connection, rerun, change, signer=signer)
    )
    if count == 0:
        return 0
    probe = _part(rerun.loan_id, change, _rest(rerun.history, len(rerun.history.postings)))
    refusal = await refusal_of(gateway, signer, CONTRACT, _FUNCTION, probe.arguments)
    return 0 if refusal is not None and refusal.name == _NOT_RUN else count


def _ran_by_operations(
    connection: Connection, rerun: Rerun, change: HistoryChange, *, signer: str
) -> int:
    """How many postings of the history the account's last operations ran; 0 of another history."""
    beginning: tuple[int, dict[str, int]] | None = None
    words: list[int] = []
    for _, part in _operations(connection, rerun.loan_id, change, signer=signer, done=True):
        if int(part["fromDay"]) != CONTINUED:
            beginning, words = _beginning(part), []
        words += [int(word) for word in part["postings"]]
    whole = histories.argument(rerun.history)
    if beginning != _beginning(whole) or words != list(whole["postings"][: len(words)]):
        return 0
    return len(words)


def _beginning(argument: Mapping[str, Any]) -> tuple[int, dict[str, int]]:
    start = {name: int(value) for name, value in argument["start"].items()}
    return int(argument["fromDay"]), start


def _operations(
    connection: Connection, loan_id: int, change: HistoryChange, *, signer: str, done: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """An account's parts of one loan with one change: id and history, oldest first.

    Args:
        done: those that ran; else those that may still run.
    """
    states = "('included', 'final')" if done else "('prepared', 'accepted', 'submitted')"
    rows = run(
        connection,
        f"SELECT id, arguments_json FROM operations WHERE state IN {states} "
        "AND signer = ? AND contract = ? AND function = ? ORDER BY id",
        (signer.lower(), CONTRACT, _FUNCTION),
    )
    first_arguments = (loan_id, change.added, change.removed)
    parts = []
    for row in rows:
        *numbers, part = msgspec.json.decode(str(row.arguments_json))
        if tuple(int(number) for number in numbers) == first_arguments:
            parts.append((str(row.id), part))
    return parts


def _write_alone(
    connection: Connection,
    *,
    reruns: Sequence[Rerun],
    signer: str,
    write: Callable[[Connection], Answer],
) -> Answer:
    """Writes a change unless a part of the same kind is under way, which would run twice.

    Parts that a wallet has not signed are ended.

    Raises:
        Conflict.
    """
    lock_signer(connection, signer=signer.lower())
    before = [
        identifier
        for rerun in reruns
        for change in rerun.changes
        for identifier, _ in _operations(
            connection, rerun.loan_id, change, signer=signer, done=False
        )
    ]
    states = _states(connection, before)
    for identifier in before:
        if states[identifier] != "prepared":
            raise Conflict(
                say(
                    "a part of the loan's history is under way with operation {identifier}",
                    identifier=identifier,
                ),
                name="history-under-way",
                fix="send it again once that operation is on the ledger",
                operationId=identifier,
            )
    answer = write(connection)
    for identifier in before:
        end_prepared(connection, identifier, error=superseded(answer.body["operation"]["id"]))
    return answer


def _states(connection: Connection, identifiers: Sequence[str]) -> dict[str, str]:
    marks = ", ".join("?" * len(identifiers))
    query = f"SELECT id, state FROM operations WHERE id IN ({marks})"
    rows = run(connection, query, tuple(identifiers)) if identifiers else []
    return {str(row.id): str(row.state) for row in rows}
