"""Makes, confirms and revokes the API keys of parties."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.persons import Person
from app.domain.texts import say
from app.errors import Conflict, Forbidden, NotFound
from app.gateway.callers import KNOWN_CALLERS, Caller, add_key, has_live_key
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.persons import require_another, require_named
from app.gateway.views import time_view
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
            "roles": request.roles,
            "label": request.label,
            "waiting": waiting,
        }
        return Answer(body, 201, shown_once={"apiKey": key})

    return Change(write)


async def confirm_keys(
    gateway: Gateway, caller: Caller, identifier: str, label: str, *, created_at: str | None = None
) -> None:
    """Confirms the waiting keys with one label: by the party itself, or by the operator.

    Args:
        created_at: when the key was made that the caller saw; None: it does not say.

    Raises:
        NotFound, Forbidden.
        Conflict: who made the key confirms it, or nobody knows who confirms it; or another key
            waits than the caller saw.
    """
    await party(gateway, identifier)
    if caller.party_id != identifier and "operator" not in caller.roles:
        raise Forbidden("only the party itself or the operator can confirm a key", name="not-owner")
    require_named(caller)

    def write(connection: Connection) -> int:
        for maker in repository.makers(connection, party_id=identifier, label=label):
            require_another(caller, maker, same=_maker_confirms(caller.person, label))
        times = repository.waiting_since(connection, party_id=identifier, label=label)
        if created_at is not None and any(time_view(time) != created_at for time in times):
            raise Conflict(
                say("another key {label} waits now", label=repr(label)),
                name="key-changed",
                field="createdAt",
                fix="look at the keys again, and confirm the one that you see there",
            )
        return repository.confirm_keys(connection, party_id=identifier, label=label)

    if not await gateway.storage.write(write):
        raise NotFound(
            say(
                "party {identifier} has no waiting key {label}",
                identifier=identifier,
                label=repr(label),
            ),
            name="key-unknown",
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


async def revoke_keys(gateway: Gateway, identifier: str, label: str) -> None:
    """Revokes the keys with one label.

    Raises:
        NotFound.
    """
    await party(gateway, identifier)
    count = await gateway.storage.write(
        lambda connection: repository.revoke_keys(connection, party_id=identifier, label=label)
    )
    if not count:
        raise NotFound(
            say("party {identifier} has no key {label}", identifier=identifier, label=repr(label)),
            name="key-unknown",
        )
    gateway.cache.forget(KNOWN_CALLERS)
