"""An extract of the business register about a party, and the figures that it shows.

CSV with a row for each record:

| column | holds |
| --- | --- |
| record | company (one row: the party itself), owner, controller, or holding: what it owns |
| id | number of the company; persons have none |
| name | name of company or person |
| asOf | the day of the extract, the same in each row |
| state (optional) | of the company: active, suspended, in-liquidation or dissolved |
| founded (optional) | of the company: the day |
| share (optional) | of an owner, or in a holding, such as 60% |
| basis (optional) | of owners and controllers: register, or stated by the party (also if empty) |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.calendar import add_months, date_of
from app.domain.catalogue import MILLION
from app.domain.numbering import letters_and_digits
from app.domain.scoring.file_figures import FileFigures, Relation, Shown, known
from app.domain.scoring.file_rows import Cells, agreed, once, read_rows, wrong
from app.domain.scoring.values import percent_text
from app.domain.texts import say

TITLE = say("registration file")
COLUMNS = ("record", "id", "name", "asOf")
OPTIONAL = ("state", "founded", "share", "basis")
FEATURES = ("registration-months", "registration-state", "ownership", "largest-owner-share")
RECORDS = ("company", "owner", "controller", "holding")
STATES = ("active", "suspended", "in-liquidation", "dissolved")
REGISTER, STATED = "register", "stated"
#: Rows of owners, controllers and holdings.
MAX_RELATIONS = 200
_OF_COMPANY = ("state", "founded")


@dataclass(frozen=True)
class Entry:
    """A row; None: it does not say."""

    row: int
    record: str
    id: str
    name: str
    as_of: int
    state: str | None
    founded: int | None
    share: int | None
    confirmed: bool


@dataclass(frozen=True)
class Extract:
    """An extract: the company itself, and its owners, controllers and holdings."""

    as_of: int
    company: Entry
    related: tuple[Entry, ...]


def read_registration_table(data: bytes, *, currency: str) -> FileFigures:
    """The figures of an extract of the register.

    `ownership` is `confirmed` if the register has owners of all shares and a controller, `stated`
    if the party itself says who owns all shares, and `unclear` if shares are missing; without
    owners it is unknown. Months since the registration are whole ones.

    Args:
        currency: not used: the file has no amounts.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong.
    """
    extract = read_extract(data)
    company, related, as_of = extract.company, extract.related, extract.as_of
    owners = [each for each in related if each.record == "owner"]
    values = {
        "registration-months": _months(company, as_of),
        "registration-state": company.state,
        "ownership": _ownership(owners, related),
        "largest-owner-share": _largest(owners),
    }
    relations = tuple(
        Relation(each.record, each.id, each.name, each.share, each.row)
        for each in (company, *related)
    )
    basis = f"extract of the register as of {date_of(as_of)}, {len(owners)} owners"
    return FileFigures(company.id, known(values, as_of=as_of), basis, relations)


def read_extract(data: bytes) -> Extract:
    """An extract of the register about one company.

    Raises:
        EvidenceInvalid: names the file, the rows and the columns that are wrong.
    """
    rows = read_rows(data, _entry, title=TITLE, columns=COLUMNS, optional=OPTIONAL)
    as_of = agreed(
        ((each.row, each.as_of) for each in rows),
        title=TITLE,
        column="asOf",
        fix=say("give one extract"),
    )
    company = _company(rows)
    related = tuple(each for each in rows if each is not company)
    if len(related) > MAX_RELATIONS:
        fix = say("give at most {max}, the largest first", max=MAX_RELATIONS)
        raise wrong(TITLE, related[-1].row, "record", say("there are too many"), fix)
    once(
        ((each.row, (each.record, letters_and_digits(each.id) or each.name)) for each in related),
        title=TITLE,
        column="id",
        what=say("owner, controller or holding"),
    )
    _check_shares([each for each in related if each.record == "owner"])
    return Extract(as_of, company, related)


def _entry(cells: Cells) -> Entry:
    record = cells.word("record", RECORDS)
    is_company = record == "company"
    number = (cells.company("id") if is_company else cells.optional("id", cells.company)) or ""
    name = cells.text("name")
    for column in OPTIONAL:
        if (column in _OF_COMPANY) != is_company and cells.optional(column, cells.text) is not None:
            detail = (
                say("only rows of the company have it")
                if column in _OF_COMPANY
                else say("only rows of owners, controllers and holdings have it")
            )
            raise cells.wrong(column, detail, say("empty the cell"))
    as_of, founded = cells.day("asOf"), cells.optional("founded", cells.day)
    if founded is not None and founded > as_of:
        raise cells.wrong("founded", say("it is after the extract"), say("correct the day"))
    basis = cells.optional("basis", lambda column: cells.word(column, (REGISTER, STATED)))
    return Entry(
        row=cells.row,
        record=record,
        id=number,
        name=name,
        as_of=as_of,
        state=cells.optional("state", lambda column: cells.word(column, STATES)),
        founded=founded,
        share=cells.optional("share", cells.share),
        confirmed=basis == REGISTER,
    )


def _company(rows: Sequence[Entry]) -> Entry:
    companies = [each for each in rows if each.record == "company"]
    if not companies:
        fix = say("add the row of the company itself")
        raise wrong(TITLE, rows[0].row, "record", say("no row has the record company"), fix)
    once(
        ((each.row, each.record) for each in companies),
        title=TITLE,
        column="record",
        what=say("record company"),
    )
    return companies[0]


def _check_shares(owners: Sequence[Entry]) -> None:
    """No more than all is owned.

    Raises:
        EvidenceInvalid.
    """
    total = 0
    for each in owners:
        total += each.share or 0
        if total > MILLION:
            detail = say(
                "the shares down to this row are {total} in all", total=percent_text(total)
            )
            raise wrong(
                TITLE, each.row, "share", detail, say("correct the shares"), name="totals-differ"
            )


def _months(company: Entry, as_of: int) -> int | None:
    """Whole months since the company was founded."""
    if company.founded is None:
        return None
    start, end = date_of(company.founded), date_of(as_of)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(company.founded, months) <= as_of else months - 1


def _ownership(owners: Sequence[Entry], related: Sequence[Entry]) -> str | None:
    if not owners:
        return None
    if sum(each.share or 0 for each in owners) < MILLION:
        return "unclear"
    controllers = [each for each in related if each.record == "controller"]
    confirmed = bool(controllers) and all(each.confirmed for each in (*owners, *controllers))
    return "confirmed" if confirmed else "stated"


def _largest(owners: Sequence[Entry]) -> Shown | None:
    """The largest share; None: a share is unknown."""
    shares = [each.share for each in owners if each.share is not None]
    if not shares or len(shares) < len(owners):
        return None
    return percent_text(max(shares))
