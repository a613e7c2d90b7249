"""Reads movement files, CSV or GS1 EPCIS 2.0: whole, or not at all with every wrong line named."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping

from app.domain.calendar import day_of
from app.domain.csv_rows import Finding, Line, TableInvalid, read_table
from app.domain.numbering import normalised_number
from app.domain.quantity import UNIT, QuantityInvalid, thousandths
from app.domain.texts import Text, say, text_of
from app.goods.stock import epcis
from app.goods.stock.model import (
    ADJUSTED,
    KINDS,
    LIMIT_BYTES,
    MAX_ID,
    MAX_MOVEMENTS,
    MAX_SEQUENCE,
    Movement,
    StockFile,
    signed,
)

COLUMNS = ("sequence", "movementId", "lotNumber", "date", "kind", "quantity", "unit")
OPTIONAL = ("reference", "balance")
_UNIT = re.compile(UNIT)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[1-9][0-9]{0,15}")


def read_stock_file(data: bytes, *, zone_offset: int) -> StockFile:
    """A movement file; its first character tells the format.

    Args:
        data: the file.
        zone_offset: the ledger's time zone, in seconds ahead of UTC (EPCIS gives times, not days).

    Raises:
        TableInvalid.
    """
    if len(data) > LIMIT_BYTES:
        detail = say("the file has more than {max:number} bytes", max=LIMIT_BYTES)
        raise TableInvalid([Finding(0, "", detail)])
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    is_xml = head == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if is_xml or head in (b"{", b"["):
        events = epcis.read(data, zone_offset=zone_offset, is_xml=is_xml)
        return StockFile("epcis", events.movements, events.ignored, events.counts, events.reversals)
    lines = read_table(data, columns=COLUMNS, optional=OPTIONAL, maximum=MAX_MOVEMENTS)
    findings: list[Finding] = []
    movements = []
    for line in lines:
        line_findings = list(_findings(line))
        findings += line_findings
        if not line_findings:
            movements.append(_movement(line))
    if findings:
        raise TableInvalid(findings)
    return StockFile("csv", movements)


def _findings(line: Line) -> Iterator[Finding]:
    problems = (*_identity_problems(line.cells), *_quantity_problems(line.cells))
    return (Finding(line.number, field, detail) for field, detail in problems)


def _identity_problems(cells: Mapping[str, str]) -> Iterator[tuple[str, Text]]:
    """What is wrong with the movement's numbers, lot and day: field and detail."""
    whole = _WHOLE.fullmatch(cells["sequence"])
    if whole is None or int(whole[0]) > MAX_SEQUENCE:
        yield (
            "sequence",
            say("{sequence} is no whole number from 1", sequence=repr(cells["sequence"][:40])),
        )
    identifier = cells["movementId"]
    if not identifier or len(identifier) > MAX_ID or not identifier.isprintable():
        yield (
            "movementId",
            say("is empty, or not printable, or longer than {max}", max=MAX_ID),
        )
    if not normalised_number(cells["lotNumber"]) or not cells["lotNumber"].isprintable():
        yield "lotNumber", say("has neither letter nor digit")
    try:
        if _DATE.fullmatch(cells["date"]) is None:
            raise ValueError
        if day_of(datetime.date.fromisoformat(cells["date"])) < 1:
            raise ValueError
    except ValueError:
        yield "date", say("{date} is no date such as 2026-03-01", date=repr(cells["date"][:40]))


def _quantity_problems(cells: Mapping[str, str]) -> Iterator[tuple[str, Text]]:
    """What is wrong with the movement's kind, quantity, unit and balance: field and detail."""
    if cells["kind"] not in KINDS:
        yield (
            "kind",
            say(
                "{kind} is not one of {kinds}",
                kind=repr(cells["kind"][:40]),
                kinds=", ".join(KINDS),
            ),
        )
    try:
        thousandths(cells["quantity"], signed=cells["kind"] == ADJUSTED)
    except QuantityInvalid as error:
        yield "quantity", text_of(error)
    if _UNIT.fullmatch(cells["unit"]) is None:
        yield (
            "unit",
            say(
                "{unit} is no code of UN/ECE recommendation 20, such as KGM",
                unit=repr(cells["unit"][:40]),
            ),
        )
    if cells.get("balance"):
        try:
            _balance(cells["balance"])
        except QuantityInvalid as error:
            yield "balance", text_of(error)


def _movement(line: Line) -> Movement:
    cells = line.cells
    kind = cells["kind"]
    return Movement(
        line=line.number,
        sequence=int(cells["sequence"]),
        movement_id=cells["movementId"],
        lot_number=cells["lotNumber"],
        day=day_of(datetime.date.fromisoformat(cells["date"])),
        kind=kind,
        quantity=signed(kind, thousandths(cells["quantity"], signed=kind == ADJUSTED)),
        unit=cells["unit"],
        reference=cells.get("reference", ""),
        balance=_balance(cells["balance"]) if cells.get("balance") else None,
    )


def _balance(text: str) -> int:
    return 0 if re.fullmatch(r"0(\.0{1,6})?", text) else thousandths(text)
