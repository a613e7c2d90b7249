"""Registers parties and shows them; `key_service.py` makes their keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.deployment.plan import ROLE_NAMES
from app.chain.evm.hashing import checksum_address
from app.chain.evm.signers import LocalSigner
from app.chain.outbox.operation import Operation, new_id
from app.domain import party_roles
from app.domain.id_schemes import kind_of
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.domain.names import skeleton
from app.domain.texts import Text, say, text_of
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for, end_prepared, superseded
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.read_as_of import read_as_of
from app.gateway.views import time_view
from app.parties.registry import repository
from app.parties.registry.repository import NamedParty, PartyRow
from app.parties.registry.schemas import (
    LegalId,
    LegalIdView,
    NewParty,
    NewRoles,
    NewValidity,
    Party,
    PartyPage,
    PartyResult,
)

log = structlog.get_logger(__name__)
OFFICIAL_ROLES = tuple(ROLE_NAMES)
_ALL_ROLES = sum(party_roles.BITS.values())
FIVE_YEARS = 5 * 366 * 86_400
SEES_LEGAL_IDS = frozenset(("registrar", "auditor", "operator", "regulator"))


def legal_id_of(gateway: Gateway, row: PartyRow) -> str:
    """A party's legal id."""
    return gateway.sealer.open(row.legal_id_encrypted, about=row.id).decode()


def checked(legal_id: LegalId) -> str:
    """The legal id in the form that is stored.

    Raises:
        BadInput.
    """
    try:
        return normalised_id(legal_id.value, scheme=kind_of(legal_id.scheme))
    except IdentifierInvalid as error:
        raise BadInput(
            text_of(error), name="identifier-invalid", field="legalId.value", fix="check its digits"
        ) from error


async def register(command: Command, request: NewParty) -> Change:
    """Registers a party in the directory and on the ledger.

    Raises:
        BadInput, Conflict.
    """
    gateway = command.gateway
    value = checked(request.legalId)
    scheme = kind_of(request.legalId.scheme)
    identity_hash = gateway.ledger_key.identity(scheme=scheme, value=value)
    known = await gateway.storage.read(
        lambda connection: repository.by_identity(connection, identity_hash)
    )
    if known is not None and not await gateway.storage.read(
        lambda connection: _gives_way(connection, known)
    ):
        raise _exists(known)
    name_skeleton = skeleton(request.name)
    if not any(character.isalnum() for character in request.name):
        raise BadInput(
            "the name has no letter and no digit", field="name", fix="give the legal name"
        )
    custody = request.account is None
    signer = LocalSigner.generate() if request.account is None else None
    account = signer.address if signer is not None else str(request.account).lower()
    holder = await gateway.storage.read(
        lambda connection: repository.by_account(connection, account)
    )
    if holder is not None and (known is None or holder.id != known.id):
        raise Conflict(
            say("account {account} belongs to another party", account=account),
            field="account",
            fix="give an account that no party has, or leave out account",
        )
    if not custody:
        await _require_ordinary(gateway, account)
    identifier = new_id()
    roles = _bits(request.roles)
    until = request.validUntil or int(time.time()) + FIVE_YEARS
    if until <= time.time():
        raise BadInput(
            "the registration would end before it begins",
            field="validUntil",
            fix="give a time in the future, in UTC seconds",
        )

    # The key file takes seconds to derive, so this happens before the write to the store.
    document = None
    if signer is not None:
        document = await gateway.key_work.run(gateway.keystore.encrypted, signer)

    def write_party(connection: Connection, operation: Operation) -> PartyResult:
        if known is not None:
            _forget(connection, known, by=operation.id)
        if signer is not None and document is not None:
            gateway.keystore.store(connection, signer, document=document, label=identifier)
        repository.add(
            connection,
            repository.NewPartyRow(
                id=identifier,
                name=request.name,
                legal_id_scheme=scheme,
                legal_id_encrypted=gateway.sealer.seal(value.encode(), about=identifier),
                identity_hash=identity_hash,
                roles=roles,
                account=account,
                custody=custody,
                name_skeleton=name_skeleton,
            ),
        )
        repository.set_operation(connection, identifier=identifier, operation_id=operation.id)
        row = repository.by_id(connection, identifier)
        assert row is not None
        alike = repository.alike(connection, [row]).get(identifier, [])
        if alike:
            others = [other.id for other in alike]
            log.warning("party.name_alike", registered=identifier, others=others)
        return {"party": view(gateway, row, caller=command.caller, alike=alike)}

    new_operation = NewOperation(
        "register-party",
        "PartyRegistry",
        "register",
        [identity_hash, roles, until, account],
        {"party": identifier},
    )
    return await change_for(command, new_operation, side_writes=write_party)


def _exists(known: PartyRow) -> Conflict:
    return Conflict(
        say(
            "a party with this {legal_id_scheme} is already registered",
            legal_id_scheme=known.legal_id_scheme,
        ),
        name="party-exists",
        field="legalId",
        fix=say("use party {id}", id=known.id),
        partyId=known.id,
    )


def _gives_way(connection: Connection, row: PartyRow) -> bool:
    """Whether the party never reached the ledger and no operation can register it any more."""
    return row.ledger_party_id is None and repository.registration_over(connection, row.id)


def _forget(connection: Connection, known: PartyRow, *, by: str) -> None:
    """Removes a party that never reached the ledger.

    It first ends the party's registration, so that a wallet cannot sign it afterwards.

    Raises:
        Conflict: the wallet signed before.
    """
    before = repository.registering(connection, known.id)
    if before is not None:
        end_prepared(connection, before, error=superseded(by))
    now = repository.by_id(connection, known.id)
    if now is not None and not _gives_way(connection, now):
        raise _exists(now)
    repository.forget(connection, identifier=known.id)


async def _require_ordinary(gateway: Gateway, account: str) -> None:
    """Checks that the account is not an official's and that the gateway does not hold its key.

    Raises:
        Conflict.
    """
    held = await gateway.keystore.held(account)
    is_official = await gateway.storage.read(
        lambda connection: repository.official(connection, account)
    )
    role_calls = [
        call(gateway, "AccessManager", "hasRole", [role, account]) for role in OFFICIAL_ROLES
    ]
    regulator = await call(gateway, "CourtOrders", "isRegulator", [account])
    answers = await asyncio.gather(*role_calls)
    if held or is_official or regulator or any(answer[0] for answer in answers):
        raise Conflict(
            "this account is an official's, or the gateway holds its key",
            name="account-official",
            field="account",
            fix="give the party's own wallet, or leave out account",
        )


async def party(gateway: Gateway, identifier: str) -> PartyRow:
    """A party by its id.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None:
        raise NotFound(
            say("there is no party {identifier}", identifier=identifier), name="party-unknown"
        )
    return row


async def party_in(gateway: Gateway, identifier: str, *, field: str) -> PartyRow:
    """The party that a field of a request names.

    Raises:
        BadInput.
    """
    row = await gateway.storage.read(lambda connection: repository.by_id(connection, identifier))
    if row is None:
        raise BadInput(
            say("there is no party {identifier}", identifier=identifier),
            name="party-unknown",
            field=field,
            fix="use an id from GET /v1/parties",
        )
    return row


async def on_ledger(gateway: Gateway, identifier: str) -> tuple[PartyRow, int]:
    """A party with its number on the ledger.

    Raises:
        NotFound, Conflict.
    """
    row = await party(gateway, identifier)
    if row.ledger_party_id is None:
        raise Conflict(
            "the party's registration is not on the ledger yet",
            name="party-pending",
            fix="wait until its registration is included, then send the command again",
        )
    return row, row.ledger_party_id


class _OnLedger(msgspec.Struct, rename="camel"):
    """What the ledger has of a party: of the struct of IPartyRegistry."""

    roles: int
    valid_until: int


async def set_roles(command: Command, identifier: str, request: NewRoles) -> Change:
    """Sets a party's roles on the ledger.

    It compares the roles that the person saw with those of the newest block. `setRoles` itself has
    no expected value: a change that a later block includes before this one is overwritten.

    Raises:
        NotFound.
        Conflict: the party is not on the ledger yet, or has other roles than the person saw.
    """
    row, number = await on_ledger(command.gateway, identifier)
    held = await _held(command.gateway, number)
    if held.roles & _ALL_ROLES != _bits(request.rolesBefore):
        raise Conflict(
            "the party has other roles on the ledger by now",
            name="party-changed",
            field="rolesBefore",
            fix="look at the roles of the party again, and change those that you see there",
        )
    bits = _bits(request.roles)
    subject = {"party": row.id, "partyId": number}
    new_operation = NewOperation("set-roles", "PartyRegistry", "setRoles", [number, bits], subject)
    return await change_for(command, new_operation)


async def set_validity(command: Command, identifier: str, request: NewValidity) -> Change:
    """Sets the time until which a party's registration is valid.

    It compares the time that the person saw with that of the newest block. `setValidity` itself
    has no expected value: a change that a later block includes before this one is overwritten.

    Raises:
        NotFound.
        Conflict: the party is not on the ledger yet, or has another end than the person saw.
    """
    row, number = await on_ledger(command.gateway, identifier)
    held = await _held(command.gateway, number)
    if held.valid_until != request.validUntilBefore:
        raise Conflict(
            "the registration of the party has another end on the ledger by now",
            name="party-changed",
            field="validUntilBefore",
            fix="look at the validity of the party again, and change what you see there",
        )
    subject = {"party": row.id, "partyId": number}
    new_operation = NewOperation(
        "set-validity", "PartyRegistry", "setValidity", [number, request.validUntil], subject
    )
    return await change_for(command, new_operation)


async def _held(gateway: Gateway, number: int) -> _OnLedger:
    """What the newest block has of a party."""
    return msgspec.convert(await call(gateway, "PartyRegistry", "party", [number]), _OnLedger)


def _bits(roles: Sequence[str]) -> int:
    return sum(party_roles.BITS[role] for role in set(roles))


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    after: str | None,
    limit: int,
    name: str | None = None,
    role: str | None = None,
) -> PartyPage:
    """The directory of parties.

    Args:
        name: the beginning of their names; None: any.
        role: that they have; None: any.
    """
    bit = None if role is None else party_roles.BITS[role]
    rows, as_of = await read_as_of(
        gateway,
        lambda connection: repository.listed(
            connection, after=after, limit=limit, beginning=name, role=bit
        ),
    )
    following = rows[-1].id if len(rows) == limit else None
    items = await _shown(gateway, rows, caller=caller)
    return {"items": items, "nextCursor": following, "asOf": as_of}


async def details(gateway: Gateway, caller: Caller, identifier: str) -> Party:
    """One party.

    Raises:
        NotFound.
    """
    (party_view,) = await _shown(gateway, [await party(gateway, identifier)], caller=caller)
    return party_view


async def own(gateway: Gateway, caller: Caller) -> Party:
    """The caller's own party.

    Raises:
        NotFound: the caller is not a party.
    """
    if caller.party_id is None:
        raise NotFound("this caller is not a party", name="party-unknown")
    return await details(gateway, caller, caller.party_id)


async def readable_account(
    gateway: Gateway, caller: Caller, identifier: str | None, *, what: Text
) -> str:
    """The account whose records the caller reads: its own, or a party's if the caller sees all.

    Args:
        what: names the records in a refusal.

    Raises:
        Forbidden, NotFound.
    """
    account = caller.account
    if identifier is not None and identifier != caller.party_id:
        if not caller.sees_all:
            raise Forbidden(say("this caller may not read another party's {what}", what=what))
        account = (await party(gateway, identifier)).account
    if account is None:
        raise Forbidden("this caller has no account on the ledger", fix="give partyId")
    return account


async def _shown(gateway: Gateway, rows: list[PartyRow], *, caller: Caller) -> list[Party]:
    """Parties as the caller may see them, each with the parties whose names look alike."""
    alike = await gateway.storage.read(lambda connection: repository.alike(connection, rows))
    return [view(gateway, row, caller=caller, alike=alike.get(row.id, ())) for row in rows]


def view(
    gateway: Gateway,
    row: PartyRow,
    *,
    caller: Caller,
    alike: Sequence[NamedParty] = (),
) -> Party:
    """A party as the caller may see it.

    Args:
        alike: other parties whose names look like this one's.
    """
    legal_id: LegalIdView | None = None
    if caller.party_id == row.id or not caller.roles.isdisjoint(SEES_LEGAL_IDS):
        legal_id = {"scheme": row.legal_id_scheme, "value": legal_id_of(gateway, row)}
    bits = row.roles if row.ledger_roles is None else row.ledger_roles
    return {
        "id": row.id,
        "name": row.name,
        "confusableWith": [{"partyId": other.id, "name": other.name} for other in alike],
        "legalId": legal_id,
        "account": checksum_address(row.account),
        "custody": row.custody,
        "roles": party_roles.role_names(bits),
        "ledgerPartyId": row.ledger_party_id,
        "validUntil": row.valid_until,
        "frozen": row.frozen,
        "heldUntil": time_view(row.held_until) if row.held_until else None,
        "identityHash": row.identity_hash,
    }
