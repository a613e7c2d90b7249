"""What files of the tax authority and of the company register say of the ledger's parties.

Of one source a later file replaces what an earlier one said: about the same company of the
register, and about the same seller in the same period of tax.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from app.domain.crosschecks.parameters import Tax
from app.domain.crosschecks.records import Holding, Invoice, Party, TaxRecord
from app.domain.numbering import letters_and_digits
from app.domain.scoring.registration_table import Extract, read_extract
from app.oversight.crosschecks.record_files import REGISTRY, TAX, FileRow
from app.oversight.crosschecks.tax_file import STATES, TaxRow, read_tax_file

_WHOLE = 1_000_000
#: The party of a company's number as records name it; None: the ledger has none.
PartyOf = Callable[[str], str | None]


class Read(msgspec.Struct, frozen=True):
    """A file as read; `content` has the rows of tax or the extract of the register."""

    row: FileRow
    content: list[TaxRow] | Extract


class Covered(msgspec.Struct, frozen=True):
    """A seller whose records of a period are known, as of a day."""

    begins: int
    ends: int
    as_of: int


class Reported(msgspec.Struct):
    """What the files say.

    Attributes:
        covered: by seller, what was asked for at the authority; empty: nothing.
        founded: by party.
        owners: by party.
        known: parties of which the register was asked.
        unknown_sellers: records of sellers that the ledger does not have.
        nameless: owners, controllers and holdings without a number, or without a share.
        older_files: files that are not read, because they are too many.
    """

    tax_records: tuple[TaxRecord, ...] = ()
    covered: dict[str, list[Covered]] = {}
    founded: dict[str, int] = {}
    owners: dict[str, tuple[Holding, ...]] = {}
    known: set[str] = set()
    unknown_sellers: int = 0
    nameless: int = 0
    older_files: int = 0

    def within(self, invoices: Iterable[Invoice]) -> frozenset[str]:
        """Ids of invoices that a file would have: of its sellers, period, and old enough."""
        delay = Tax().delay
        return frozenset(
            invoice.id
            for invoice in invoices
            if any(
                each.begins <= invoice.issue_day <= min(each.ends, each.as_of - delay)
                for each in self.covered.get(invoice.seller, ())
            )
        )

    def with_register(self, parties: Iterable[Party]) -> tuple[Party, ...]:
        """The parties with what the register says, beside what the ledger knows of groups."""
        return tuple(self._of(party) for party in parties)

    def _of(self, party: Party) -> Party:
        return Party(
            party.id,
            party.name,
            registered_day=self.founded.get(party.id),
            owners=(*party.owners, *self.owners.get(party.id, ())),
        )


def read_file(row: FileRow, data: bytes) -> Read:
    """A stored file; it was read once before it was stored."""
    if row.kind == TAX:
        return Read(row, read_tax_file(data, begins=row.first_day or 0, ends=row.last_day or 0))
    return Read(row, read_extract(data))


def reported(files: Iterable[Read], *, party_of: PartyOf, key: bytes, older: int) -> Reported:
    """What the files say that count.

    Args:
        key: for the names of holders: whoever reads a finding learns no number of a person.
    """
    result = Reported(older_files=older)
    newest = sorted(files, key=lambda file: (file.row.as_of_day, file.row.id), reverse=True)
    _add_tax(result, [file for file in newest if file.row.kind == TAX], party_of)
    _add_register(result, [file for file in newest if file.row.kind == REGISTRY], party_of, key)
    return result


def _add_tax(result: Reported, newest: list[Read], party_of: PartyOf) -> None:
    said: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    records: list[TaxRecord] = []
    for file in newest:
        assert isinstance(file.content, list)
        row = file.row
        begins, ends = row.first_day or 0, row.last_day or 0
        for each in file.content:
            place = (row.source, letters_and_digits(each.seller))
            if any(a <= each.day <= b for a, b in said[place]):
                continue
            seller = party_of(each.seller)
            if seller is None:
                result.unknown_sellers += 1
                continue
            records.append(_record(each, seller, party_of(each.buyer) or each.buyer))
        sellers = {letters_and_digits(each.seller): each.seller for each in file.content}
        for plain, number in sellers.items():
            said[row.source, plain].append((begins, ends))
            seller = party_of(number)
            if seller is not None:
                period = Covered(begins, ends, row.as_of_day)
                result.covered.setdefault(seller, []).append(period)
    result.tax_records = tuple(records)


def _record(row: TaxRow, seller: str, buyer: str) -> TaxRecord:
    return TaxRecord(
        number=row.number,
        seller=seller,
        buyer=buyer,
        currency=row.currency,
        amount=row.amount,
        day=row.day,
        state=STATES[row.status],
    )


def _add_register(result: Reported, newest: list[Read], party_of: PartyOf, key: bytes) -> None:
    """Of one company only the newest extract of each source counts; owners of all sources do."""
    said: set[tuple[str, str]] = set()
    shares: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in newest:
        extract = file.content
        assert isinstance(extract, Extract)
        place = (file.row.source, letters_and_digits(extract.company.id))
        party = party_of(extract.company.id)
        if place in said:
            continue
        said.add(place)
        if party is None:
            continue
        result.known.add(party)
        if extract.company.founded is not None:
            result.founded.setdefault(party, extract.company.founded)
        result.nameless += _add_holdings(extract, party, shares, party_of, key)
    result.owners = {
        party: tuple(Holding(holder, share) for holder, share in sorted(held.items()))
        for party, held in sorted(shares.items())
    }


def _add_holdings(
    extract: Extract,
    party: str,
    shares: Mapping[str, Counter[str]],
    party_of: PartyOf,
    key: bytes,
) -> int:
    """Adds who owns or controls the party, and what it owns; how many rows say too little."""
    unclear = 0
    for each in extract.related:
        # Who is entered as a controller controls, whatever shares it has.
        share = _WHOLE if each.record == "controller" else each.share
        if not each.id or share is None:
            unclear += 1
            continue
        other = party_of(each.id)
        if each.record == "holding":
            if other is not None:
                shares[other][party] = max(shares[other][party], share)
            continue
        holder = other or holder_name(each.id, key=key)
        shares[party][holder] = max(shares[party][holder], share)
    return unclear


def holder_name(number: str, *, key: bytes) -> str:
    """The name of a holder that is no party of the ledger: the same however it is written."""
    plain = letters_and_digits(number)
    return "holder:" + hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()[:16]
