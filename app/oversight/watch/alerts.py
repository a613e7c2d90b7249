"""Alerts of the watch: what a caller may see of them, and their acknowledgement."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.texts import say
from app.domain.watch.model import SubjectKind
from app.errors import Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.persons import require_named
from app.gateway.read_as_of import read_as_of
from app.lending.access import lender_of
from app.oversight.watch import alert_rows, alert_views
from app.oversight.watch.alert_rows import AcknowledgementRow, AlertRow, Filter
from app.oversight.watch.alert_schemas import Alert, AlertPage
from app.oversight.watch.schemas import LEVEL_NAMES, LevelName
from app.parties.registry.service import party_in


class AlertQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts a caller asks for; None: all.

    Attributes:
        lender_party_id: whose loans they are about.
        party_id: the borrower or debtor.
        min_level: those whose level was or is at this level or a worse one.
    """

    lender_party_id: str | None = None
    party_id: str | None = None
    subject: SubjectKind | None = None
    product_id: int | None = None
    min_level: LevelName = "clear"
    acknowledged: bool | None = None


async def page(
    gateway: Gateway, caller: Caller, query: AlertQuery, *, after: int | None, limit: int
) -> AlertPage:
    """Alerts that the caller may see, the oldest first.

    Raises:
        Forbidden, BadInput.
    """
    account = None
    if query.party_id is not None:
        account = (await party_in(gateway, query.party_id, field="partyId")).account
    which = Filter(
        lender=await lender_of(gateway, caller, query.lender_party_id),
        subject=query.subject,
        account=account,
        product=query.product_id,
        min_level=LEVEL_NAMES.index(query.min_level),
        acknowledged=query.acknowledged,
    )

    def find(connection: Connection) -> tuple[list[Alert], int | None]:
        rows = alert_rows.listed(connection, which, after=after, limit=limit)
        following = rows[-1].id if len(rows) == limit else None
        return alert_views.alerts(gateway, connection, rows), following

    (items, following), as_of = await read_as_of(gateway, find)
    return {"items": items, "nextCursor": following, "asOf": as_of}


async def alert(gateway: Gateway, caller: Caller, identifier: int) -> Alert:
    """One alert.

    Raises:
        Forbidden, NotFound.
    """

    def find(connection: Connection) -> Alert:
        row = visible(connection, caller, identifier)
        return alert_views.alerts(gateway, connection, [row])[0]

    return await gateway.storage.read(find)


async def acknowledge(command: Command, identifier: int, note: str) -> Change:
    """A person of the lender has seen an alert; its note stands in the record.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller
    require_named(caller)
    alert_id = (await gateway.storage.read(lambda c: visible(c, caller, identifier))).id
    own = new_id()
    sealed = alert_views.sealed(gateway, note, about=alert_views.note_of(own))
    new = AcknowledgementRow(
        own, alert_id, caller.label, time.time(), sealed, str(caller.way), caller.id
    )

    def write(connection: Connection) -> Answer:
        row = visible(connection, caller, alert_id)
        require_lender(caller, row.lender)
        before = alert_rows.acknowledgements(connection, [alert_id]).get(alert_id)
        if before is not None:
            raise Conflict(
                say(
                    "{person} has acknowledged alert {alert_id} already",
                    person=before.person,
                    alert_id=alert_id,
                ),
                name="alert-acknowledged",
                fix=say("look at it: GET /v1/watch/alerts/{alert_id}", alert_id=alert_id),
            )
        alert_rows.acknowledge(connection, new)
        return Answer(alert_views.alerts(gateway, connection, [row])[0], 201)

    return Change(write)


def visible(connection: Connection, caller: Caller, identifier: int) -> AlertRow:
    """An alert about the caller's loans, or any for those who see all.

    Raises:
        NotFound.
    """
    row = alert_rows.by_id(connection, identifier)
    if row is None or not (caller.sees_all or caller.account == row.lender):
        raise NotFound(
            say("there is no alert {identifier}", identifier=identifier), name="alert-unknown"
        )
    return row


def require_lender(caller: Caller, lender: str) -> None:
    """The caller is the lender whose loans these are.

    Raises:
        Forbidden.
    """
    if caller.account != lender:
        raise Forbidden(
            "only the lender whose loans these are may do this",
            name="not-lender",
            fix="let a person of the lender do it, with an API key of its own",
        )
