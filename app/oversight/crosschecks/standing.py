"""The findings as of the newest block, computed once for each state of the store."""

from __future__ import annotations

import asyncio
import time
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.crosschecks.detector import find
from app.domain.crosschecks.identity import basis_of, identities
from app.domain.crosschecks.records import Finding, Invoice
from app.domain.crosschecks.weighing import LeftOut
from app.domain.money import minor_units
from app.gateway.cache import CacheKey
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.read_as_of import AsOf, business_day, moment
from app.oversight.crosschecks.documents import ReadInvoice, read_models, read_places
from app.oversight.crosschecks.market import Assembly, Compared, Limit
from app.oversight.crosschecks.record_files import about
from app.oversight.crosschecks.register import Register, id_of
from app.oversight.crosschecks.reported import Read, Reported, read_file, reported
from app.oversight.crosschecks.repository import Rows, load, state_of
from app.trade.documents.fingerprint import fingerprint

RECENT_SECONDS = 60


class NamedFinding(msgspec.Struct, frozen=True):
    """What a check found, and what it is about.

    Attributes:
        id: the same while the finding lasts.
        basis: a hash of the records that show it.
        explained: it follows from a finding that is surer.
        receivables, lots: their numbers on the ledger.
        orders: numbers of orders among the evidence.
        parties: numbers of sellers, buyers, depositors and warehouses.
    """

    id: str
    basis: str
    kind: str
    weight: int
    reason: str
    explained: bool
    receivables: tuple[int, ...]
    lots: tuple[int, ...]
    orders: tuple[int, ...]
    parties: tuple[int, ...]
    evidence: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True):
    """All findings, the surest first, and what the checks left out."""

    findings: tuple[NamedFinding, ...]
    left_out: tuple[LeftOut, ...]
    register: Register
    as_of: AsOf

    def by_id(self, identifier: str) -> NamedFinding | None:
        """A finding that lasts."""
        return next((each for each in self.findings if each.id == identifier), None)


class _Computed(msgspec.Struct):
    state: tuple[Any, ...]
    standing: Standing
    at: float


_COMPUTED: CacheKey[_Computed | None] = CacheKey(lambda: None)
_TURN: CacheKey[asyncio.Lock] = CacheKey(asyncio.Lock)
# Documents do not change, so each is decrypted and read once.
_READ: CacheKey[dict[str, ReadInvoice]] = CacheKey(dict)
_FILES: CacheKey[dict[str, Read]] = CacheKey(dict)


async def current(gateway: Gateway) -> Standing:
    """The findings as of the newest block.

    They are computed anew only if something was stored since, or the day changed; whoever comes
    meanwhile waits for that.
    """

    def read(connection: Connection) -> tuple[tuple[Any, ...], AsOf]:
        now, as_of = moment(connection)
        return (business_day(gateway, now), *state_of(connection)), as_of

    async with gateway.cache.get(_TURN):
        state, as_of = await gateway.storage.read(read)
        computed = gateway.cache.get(_COMPUTED)
        if computed is None or computed.state != state:
            computed = await _compute(gateway)
            gateway.cache.set(_COMPUTED, computed)
            return computed.standing
        return msgspec.structs.replace(computed.standing, as_of=as_of)


async def recent(gateway: Gateway) -> Standing:
    """The findings of the last minute; the answer says as of which block."""
    computed = gateway.cache.get(_COMPUTED)
    if computed is not None and time.monotonic() - computed.at < RECENT_SECONDS:
        return computed.standing
    return await current(gateway)


async def _compute(gateway: Gateway) -> _Computed:
    known, files = gateway.cache.get(_READ), gateway.cache.get(_FILES)

    def read(connection: Connection) -> tuple[Rows, tuple[Any, ...], AsOf]:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        rows = load(
            connection,
            today=today,
            zone_offset=gateway.zone_offset,
            known=known.keys() | files.keys(),
        )
        return rows, (today, *state_of(connection)), as_of

    rows, state, as_of = await gateway.storage.read(read)
    standing = await gateway.documents.run(_checked, gateway, rows, known, files, as_of)
    return _Computed(state, standing, time.monotonic())


def _checked(
    gateway: Gateway,
    rows: Rows,
    known: dict[str, ReadInvoice],
    files: dict[str, Read],
    as_of: AsOf,
) -> Standing:
    known |= read_models(gateway, rows)
    used = {behind.document_id for behind in rows.behind.values()}
    for identifier in known.keys() - used:
        del known[identifier]
    key = gateway.ledger_key.key("order fingerprint")

    def order_fingerprint(seller: str, buyer: str, number: str) -> str | None:
        try:
            digest = fingerprint(key=key, seller_id=seller, debtor_id=buyer, number=number)
        except ValueError:  # a number without letter or digit
            return None
        return "0x" + digest.hex()

    assembly = Assembly(
        rows,
        codes={
            gateway.contracts.address(CASH_PREFIX + code): code for code in gateway.currencies()
        },
        invoices=known,
        places=read_places(gateway, rows),
        order_fingerprint=order_fingerprint,
        reported=_reported(gateway, rows, files),
    )
    return standing_of(assembly.compared(_limit(gateway)), rows.register, as_of)


def _reported(gateway: Gateway, rows: Rows, files: dict[str, Read]) -> Reported:
    """What the files of tax and registry records say; each is decrypted and read once."""
    stored = rows.files.rows
    for row in stored:
        if row.id in rows.files.sealed:
            plain = gateway.sealer.open(rows.files.sealed[row.id], about=about(row.id))
            files[row.id] = read_file(row, plain)
    used = [files[row.id] for row in stored]
    for identifier in files.keys() - {row.id for row in stored}:
        del files[identifier]
    number_of = {identity: number for number, identity in rows.register.identity_of.items()}

    @cache
    def party_of(company: str) -> str | None:
        identities = (
            gateway.ledger_key.identity(scheme=s, value=company) for s in rows.register.schemes
        )
        numbers = {number_of[identity] for identity in identities if identity in number_of}
        return id_of(numbers.pop()) if len(numbers) == 1 else None

    key = gateway.ledger_key.key("registry holder")
    return reported(used, party_of=party_of, key=key, older=rows.files.older)


def _limit(gateway: Gateway) -> Limit:
    text = gateway.settings.review_limit
    if not text:
        return Limit()
    amount, _, currency = text.partition(" ")
    return Limit(minor_units(amount, currency=currency), currency)


def standing_of(compared: Compared, register: Register, as_of: AsOf) -> Standing:
    """Runs the checks over what was compared."""
    result = find(compared.market)
    invoices = {invoice.id: invoice for invoice in compared.market.invoices}
    depositors = {
        receipt.id: (receipt.depositor, receipt.warehouse) for receipt in compared.market.receipts
    }
    everything = (*result.findings, *result.explained)
    names = identities(everything, invoices)
    findings = tuple(
        _named(finding, name, compared, invoices, depositors, explained=at >= len(result.findings))
        for at, (finding, name) in enumerate(zip(everything, names, strict=True))
    )
    left_out = (*compared.left_out, *result.left_out)
    return Standing(findings, left_out, register, as_of)


def _named(
    finding: Finding,
    name: str,
    compared: Compared,
    invoices: dict[str, Invoice],
    depositors: dict[str, tuple[str, str]],
    *,
    explained: bool,
) -> NamedFinding:
    sides: set[str] = set()
    receivables: set[int] = set()
    for subject in finding.subjects:
        if subject in invoices:
            sides |= {invoices[subject].seller, invoices[subject].buyer}
            receivables |= set(compared.receivables_of[subject])
        else:
            sides |= set(depositors.get(subject, ()))
    return NamedFinding(
        id=name,
        basis=basis_of(finding),
        kind=str(finding.kind),
        weight=finding.weight,
        reason=finding.reason,
        explained=explained,
        receivables=tuple(sorted(receivables)),
        lots=_numbers("lot", finding.subjects),
        orders=_numbers("order", finding.evidence),
        parties=_numbers("party", sides),
        evidence=finding.evidence,
    )


def _numbers(kind: str, identifiers: Any) -> tuple[int, ...]:
    pairs = (identifier.partition(":") for identifier in identifiers)
    return tuple(sorted(int(number) for name, _, number in pairs if name == kind))
