"""Takes files of tax and registry records, and shows who handed in which."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.calendar import date_of, day_of
from app.domain.hidden_text import hidden_in
from app.domain.scoring.problems import EvidenceInvalid
from app.domain.scoring.registration_table import read_extract
from app.domain.texts import Text, say
from app.errors import BadInput
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import ledger_day
from app.gateway.said import localized
from app.gateway.views import time_view
from app.oversight.crosschecks import record_files
from app.oversight.crosschecks.record_files import REGISTRY, TAX, FileRow
from app.oversight.crosschecks.schemas import RecordFile, RecordFileKind, RecordFilePage
from app.oversight.crosschecks.tax_file import read_tax_file

MAX_SOURCE = 200
Contents = TypeVar("Contents")


class Period(msgspec.Struct, frozen=True):
    """What tax records are asked for: the days of a period, as they stood on a day."""

    as_of: datetime.date
    begins: datetime.date
    ends: datetime.date


async def hand_in_tax(command: Command, data: bytes, *, source: str, period: Period) -> Change:
    """Stores tax records of a period.

    Raises:
        BadInput: names the rows and the columns that are wrong; nothing is stored.
    """
    gateway = command.gateway
    name = _source(source)
    as_of = await _known_day(gateway, period.as_of, field="asOf")
    begins, ends = day_of(period.begins), day_of(period.ends)
    if begins < 0:
        raise _bad_day(
            "periodFrom",
            say("{begins:day} is before 1970", begins=period.begins),
            say("give a later day"),
        )
    if ends < begins:
        raise _bad_day(
            "periodTo", say("it is before periodFrom"), say("give the last day of the period")
        )
    if ends > as_of:
        raise _bad_day(
            "periodTo", say("it is after asOf"), say("end the period by the day of the records")
        )
    rows = await _read(gateway, lambda: read_tax_file(data, begins=begins, ends=ends))
    row = _row(command, TAX, name, data, as_of=as_of, records=len(rows))
    return _stored(gateway, msgspec.structs.replace(row, first_day=begins, last_day=ends), data)


async def hand_in_registry(command: Command, data: bytes, *, source: str) -> Change:
    """Stores an extract of the company register about one company.

    Raises:
        BadInput: names the rows and the columns that are wrong; nothing is stored.
    """
    gateway = command.gateway
    name = _source(source)
    extract = await _read(gateway, lambda: read_extract(data))
    as_of = await _known_day(gateway, date_of(extract.as_of), field="file")
    row = _row(command, REGISTRY, name, data, as_of=as_of, records=1 + len(extract.related))
    return _stored(gateway, row, data)


async def page(
    gateway: Gateway, *, kind: RecordFileKind | None, before: str | None, limit: int
) -> RecordFilePage:
    """Files that were handed in, the newest first."""
    rows = await gateway.storage.read(
        lambda connection: record_files.listed(connection, kind=kind, before=before, limit=limit)
    )
    following = rows[-1].id if len(rows) == limit else None
    return {"items": [view(row) for row in rows], "nextCursor": following}


def view(row: FileRow) -> RecordFile:
    """A file, without its content."""
    return {
        "id": row.id,
        "kind": cast(RecordFileKind, row.kind),
        "source": row.source,
        "asOfDate": date_of(row.as_of_day).isoformat(),
        "periodFrom": None if row.first_day is None else date_of(row.first_day).isoformat(),
        "periodTo": None if row.last_day is None else date_of(row.last_day).isoformat(),
        "documentHash": row.document_hash,
        "records": row.records,
        "person": row.person,
        "partyId": row.party,
        "handedInAt": time_view(row.created_at),
    }


def _row(
    command: Command, kind: str, source: str, data: bytes, *, as_of: int, records: int
) -> FileRow:
    return FileRow(
        id=new_id(),
        kind=kind,
        source=source,
        as_of_day=as_of,
        first_day=None,
        last_day=None,
        document_hash="0x" + hashlib.sha256(data).hexdigest(),
        records=records,
        person=command.caller.label,
        party=command.caller.party_id,
        created_at=time.time(),
    )


def _stored(gateway: Gateway, row: FileRow, data: bytes) -> Change:
    sealed = gateway.sealer.seal(data, about=record_files.about(row.id))

    def write(connection: Connection) -> Answer:
        record_files.add(connection, row, sealed=sealed)
        return Answer(cast(Mapping[str, Any], view(row)), 201)

    return Change(write)


async def _read(gateway: Gateway, read: Callable[[], Contents]) -> Contents:
    try:
        return await gateway.documents.run(read)
    except EvidenceInvalid as error:
        first = error.problems[0]
        raise BadInput(
            first.detail,
            name=first.name,
            field="file",
            fix=first.fix,
            problems=[
                {"name": each.name, "detail": localized(each.detail)} for each in error.problems
            ],
        ) from error


async def _known_day(gateway: Gateway, day: datetime.date, *, field: str) -> int:
    """A day that is not in the future, nor before 1970.

    Raises:
        BadInput.
    """
    today = await gateway.storage.read(lambda connection: ledger_day(gateway, connection))
    number = day_of(day)
    if number > today:
        raise _bad_day(
            field,
            say("{day:day} is in the future", day=day),
            say("give the day as of which they are true"),
        )
    if number < 0:
        raise _bad_day(
            field,
            say("{day:day} is before 1970", day=day),
            say("give the day as of which they are true"),
        )
    return number


def _bad_day(field: str, detail: Text, fix: Text) -> BadInput:
    return BadInput(
        say("{field}: {detail}", field=field, detail=detail),
        name="day-invalid",
        field=field,
        fix=fix,
    )


def _source(text: str) -> str:
    """The name of a source, as it is compared.

    Raises:
        BadInput.
    """
    name = " ".join(text.split())
    hidden = hidden_in(name)
    if hidden is not None or not any(character.isalnum() for character in name):
        detail = say("it names nobody") if hidden is None else say("it has {hidden}", hidden=hidden)
        raise BadInput(
            say("source: {detail}", detail=detail),
            name="source-invalid",
            field="source",
            fix="name who made the records, such as `State Taxation Administration`",
        )
    return name
