"""Makes, confirms and revokes the API keys of parties."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.texts import say
from app.errors import Forbidden, NotFound
from app.gateway.callers import KNOWN_CALLERS, Caller, add_key
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.parties.registry import repository
from app.parties.registry.schemas import KeyAnswer, NewKey
from app.parties.registry.service import party


async def make_key(command: Command, identifier: str, request: NewKey) -> Change:
    """Makes an API key for a party. The key itself is not stored, so a repeat cannot show it.

    Only a party's first key works at once. Each later key waits for a second person, so that a
    registrar alone cannot act as a party that is in business.
    """
    await party(command.gateway, identifier)

    def write(connection: Connection) -> Answer:
        waiting = repository.had_key(connection, party_id=identifier)
        key = add_key(
            connection,
            roles=list(request.roles),
            label=request.label,
            party_id=identifier,
            waiting=waiting,
        )
        body: KeyAnswer = {
            "apiKey": "shown once, in the first answer",
            "roles": request.roles,
            "label": request.label,
            "waiting": waiting,
        }
        return Answer(body, 201, shown_once={"apiKey": key})

    return Change(write)


async def confirm_keys(gateway: Gateway, caller: Caller, identifier: str, label: str) -> None:
    """Confirms the waiting keys with one label: by the party itself, or by the operator.

    Raises:
        NotFound, Forbidden.
    """
    await party(gateway, identifier)
    if caller.party_id != identifier and "operator" not in caller.roles:
        raise Forbidden("only the party itself or the operator can confirm a key", name="not-owner")
    count = await gateway.storage.write(
        lambda connection: repository.confirm_keys(connection, party_id=identifier, label=label)
    )
    if not count:
        raise NotFound(
            say(
                "party {identifier} has no waiting key {label}",
                identifier=identifier,
                label=repr(label),
            ),
            name="key-unknown",
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
