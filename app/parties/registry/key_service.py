"""Makes, confirms and revokes the API keys of parties."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.persons import Person
from app.domain.texts import say
from app.errors import Conflict, Forbidden, NotFound
from app.gateway.callers import KNOWN_CALLERS, Caller, add_key, has_live_key, key_hash, key_id
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.persons import require_another, require_named
from app.parties.registry import repository
from app.parties.registry.schemas import KeyAnswer, NewKey
from app.parties.registry.service import party


async def make_key(command: Command, identifier: str, request: NewKey) -> Change:
    """Makes an API key for a party. The key itself is not stored, so a repeat cannot show it.

    Only a party's first key works at once. Each later key waits for a second person, so that a
    registrar alone cannot act as a party that is in business.

    Raises:
        Conflict: the party has a key with this label.
    """
    await party(command.gateway, identifier)

    def write(connection: Connection) -> Answer:
        if has_live_key(connection, party_id=identifier, label=request.label):
            raise Conflict(
                say(
                    "party {identifier} has a key {label} already",
                    identifier=identifier,
                    label=repr(request.label),
                ),
                name="key-label-taken",
                fix="choose another label, or revoke that key first: a label names one person",
            )
        waiting = repository.had_key(connection, party_id=identifier)
        key = add_key(
            connection,
            roles=list(request.roles),
            label=request.label,
            party_id=identifier,
            maker=command.caller.person if waiting else None,
        )
        body: KeyAnswer = {
            "apiKey": "shown once, in the first answer",
            "id": key_id(key_hash(key), ",".join(request.roles)),
            "roles": request.roles,
            "label": request.label,
            "waiting": waiting,
        }
        return Answer(body, 201, shown_once={"apiKey": key})

    return Change(write)


async def confirm_key(
    gateway: Gateway, caller: Caller, identifier: str, label: str, *, key: str
) -> None:
    """Confirms a waiting key: by the party itself, or by the operator.

    Args:
        key: the id of the key that was looked at.

    Raises:
        NotFound, Forbidden.
        Conflict: another key waits under the label, who made the key confirms it, or nobody knows
            who confirms it.
    """
    await party(gateway, identifier)
    if caller.party_id != identifier and "operator" not in caller.roles:
        raise Forbidden("only the party itself or the operator can confirm a key", name="not-owner")
    require_named(caller)

    def write(connection: Connection) -> None:
        waiting = repository.waiting_keys(connection, party_id=identifier, label=label)
        if not waiting:
            raise NotFound(
                say(
                    "party {identifier} has no waiting key {label}",
                    identifier=identifier,
                    label=repr(label),
                ),
                name="key-unknown",
            )
        named = next((each for each in waiting if each.id == key), None)
        if named is None:
            raise _another_key(label)
        if named.maker is not None:
            require_another(caller, named.maker, same=_maker_confirms(caller.person, label))
        repository.confirm_key(connection, named)

    await gateway.storage.write(write)


def _another_key(label: str) -> Conflict:
    return Conflict(
        say("the key {label} that waits is not the one that you name", label=repr(label)),
        name="key-changed",
        field="keyId",
        fix="look at the key and its roles in GET /v1/api-keys again, and confirm what you see "
        "there",
    )


def _maker_confirms(person: Person, label: str) -> Conflict:
    return Conflict(
        say(
            "{person} made the key {label}, and a second person confirms it",
            person=person.label,
            label=repr(label),
        ),
        name="maker-confirms",
        fix="let the party confirm it, or another person who is an operator",
    )


async def revoke_key(gateway: Gateway, identifier: str, label: str, *, key: str) -> None:
    """Revokes a key.

    Args:
        key: the id of the key that was looked at.

    Raises:
        NotFound: no key of the party with this label is left to revoke.
        Conflict: another key has the label.
    """
    await party(gateway, identifier)

    def write(connection: Connection) -> None:
        keys = repository.keys_to_revoke(connection, party_id=identifier, label=label)
        if not keys:
            raise NotFound(
                say(
                    "party {identifier} has no key {label}",
                    identifier=identifier,
                    label=repr(label),
                ),
                name="key-unknown",
            )
        if key not in keys:
            raise Conflict(
                say("the key {label} is not the one that you name", label=repr(label)),
                name="key-changed",
                field="keyId",
                fix="look at the key and its roles in GET /v1/api-keys again, and revoke what you "
                "see there",
            )
        repository.revoke_key(connection, party_id=identifier, hashed=keys[key])

    await gateway.storage.write(write)
    gateway.cache.forget(KNOWN_CALLERS)
