"""What a search text may name, and what of it the caller may see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from app.domain.id_schemes import LEI, USCC, VAT, kind_of
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.path_types import MAX
from app.gateway.read_as_of import AsOf, moment
from app.gateway.views import Names
from app.oversight.search import repository
from app.oversight.search.schemas import SearchAnswer, SearchItem
from app.oversight.search.things import (
    IDENTIFIED,
    NUMBERED,
    Reader,
    Thing,
    block_thing,
    document_thing,
    party_thing,
    thing,
)
from app.parties.registry import repository as parties
from app.parties.registry.service import SEES_LEGAL_IDS
from app.trade.documents import repository as documents
from app.trade.documents import service as document_service
from app.trade.documents.numbers import token_of

MAX_LENGTH = 100
_NUMBER = re.compile(
    rf"(?:(?P<kind>{'|'.join(kind.replace('-', '[- ]') for kind in NUMBERED)})[ :#-]*|#)?"
    r"(?P<number>[0-9]{1,19})",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE)
_HASH = re.compile(r"(?:0x)?[0-9a-f]{64}", re.IGNORECASE)
_LEGAL_ID = re.compile(r"(?:(?P<scheme>[A-Z0-9]{2,12}):)?(?P<value>[\w .-]{4,80})")
_SCHEMES = (LEI, USCC, VAT)


async def search(gateway: Gateway, caller: Caller, text: str, *, limit: int) -> SearchAnswer:
    """What the caller may see that has this id, number, hash, address or name.

    Raises:
        BadInput: the text is empty.
    """
    words = " ".join(text.split())
    if not words:
        raise BadInput("q is empty", field="q", fix="give an id, a number, a hash or a name")

    def find(connection: Connection) -> tuple[list[Thing], Names, AsOf]:
        reader = Reader(connection, gateway, caller)
        known: dict[tuple[str, str], Thing] = {}
        for item in _fitting(reader, words, limit=limit + 1):
            known.setdefault((item.kind, item.id), item)
            if len(known) > limit:
                break
        accounts = {account for item in known.values() for account in item.sides}
        _, as_of = moment(connection)
        return list(known.values()), parties.names(connection, accounts), as_of

    items, names, as_of = await gateway.storage.read(find)
    return {
        "items": [await _view(gateway, item, names) for item in items[:limit]],
        "more": len(items) > limit,
        "asOf": as_of,
    }


def _fitting(reader: Reader, words: str, *, limit: int) -> Iterator[Thing]:
    """What fits: exact ids first."""
    number = _NUMBER.fullmatch(words)
    if number is not None:
        yield from _numbered(reader, number["kind"], number["number"])
    if _UUID.fullmatch(words):
        yield from _known(thing(reader, kind, words.lower()) for kind in IDENTIFIED)
    elif _ADDRESS.fullmatch(words):
        row = parties.by_any_account(reader.connection, words.lower())
        yield from () if row is None else (party_thing(row),)
    elif _HASH.fullmatch(words):
        yield from _hashed(reader, "0x" + words.lower().removeprefix("0x"), limit=limit)
    else:
        yield from _named(reader, words, limit=limit)


def _known(items: Iterator[Thing | None]) -> Iterator[Thing]:
    return (item for item in items if item is not None)


def _numbered(reader: Reader, kind: str | None, digits: str) -> Iterator[Thing]:
    number = int(digits)
    if number > MAX:
        return
    kinds = list(NUMBERED) if kind is None else [kind.lower().replace(" ", "-")]
    yield from _known(NUMBERED[name](reader, number) for name in kinds)


def _hashed(reader: Reader, digest: str, *, limit: int) -> Iterator[Thing]:
    connection, caller = reader.connection, reader.caller
    block = repository.block(connection, digest=digest)
    if block is not None:
        yield block_thing(block)
    carried = repository.operations_of(connection, digest, limit=limit)
    own = list(_known(thing(reader, "operation", identifier) for identifier in carried))
    accounts = None
    if not caller.sees_all:
        account = caller.account
        accounts = [""] if account is None else parties.accounts_of(connection, account)
    number = repository.block_of_transaction(connection, digest, accounts=accounts)
    if own or number is not None:
        facts = () if number is None else (str(number),)
        yield Thing("transaction", digest, digest, facts=facts)
    yield from own
    for row in documents.by_hash(connection, digest, limit=limit):
        if document_service.may_see(connection, caller, row):
            yield document_thing(row)
    for kind, identifier in repository.hashed(connection, digest, limit=limit):
        yield from _known(iter((thing(reader, kind, identifier),)))


def _named(reader: Reader, words: str, *, limit: int) -> Iterator[Thing]:
    connection, caller = reader.connection, reader.caller
    yield from _with_legal_id(reader, words)
    for party in parties.by_name(connection, words, limit=limit):
        yield party_thing(party)
    token = token_of(reader.gateway.ledger_key, words)
    if token is None:
        return
    if caller.sees_all or caller.party_id is not None:
        owner = None if caller.sees_all else caller.party_id
        for row in documents.by_number(connection, token, owner=owner, limit=limit):
            yield document_thing(row)
    if caller.sees_all or caller.account is not None:
        account = None if caller.sees_all else caller.account
        for number in repository.numbered_receivables(
            connection, token, account=account, limit=limit
        ):
            yield from _known(iter((NUMBERED["receivable"](reader, number),)))


def _with_legal_id(reader: Reader, words: str) -> Iterator[Thing]:
    """The party with this legal id, for the party itself and for those who read legal ids."""
    match = _LEGAL_ID.fullmatch(words)
    if match is None:
        return
    schemes = _SCHEMES if match["scheme"] is None else (kind_of(match["scheme"]),)
    reads_all = not reader.caller.roles.isdisjoint(SEES_LEGAL_IDS)
    for scheme in schemes:
        try:
            value = normalised_id(match["value"], scheme=scheme)
        except IdentifierInvalid:
            continue
        digest = reader.gateway.ledger_key.identity(scheme=scheme, value=value)
        row = parties.by_identity(reader.connection, digest)
        if row is not None and (reads_all or row.id == reader.caller.party_id):
            yield party_thing(row)


async def _view(gateway: Gateway, item: Thing, names: Names) -> SearchItem:
    label = item.label or f"{item.kind} {item.id}"
    if item.document is not None:
        label = (await document_service.reading(gateway, item.document))["number"]
    sides = [names[account][1] for account in item.sides if account in names]
    return {
        "kind": item.kind,
        "id": item.id,
        "label": label,
        "hint": " · ".join((*sides, *item.facts)),
        "status": item.status,
    }
