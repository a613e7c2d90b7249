"""Steps that the gateway proposes: who may see, confirm and refuse them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.chain.outbox.operation import Operation, new_id
from app.domain.persons import recorded
from app.domain.texts import say
from app.errors import Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.execution import claim_once
from app.gateway.gateway import Gateway
from app.gateway.persons import require_another, require_named
from app.gateway.read_as_of import read_as_of
from app.lending.access import lender_of
from app.lending.facilities import holds
from app.oversight.watch import alert_rows, alert_views, proposal_rows
from app.oversight.watch.alert_schemas import ProposalState, StepProposal, StepProposalPage
from app.oversight.watch.alerts import require_lender
from app.oversight.watch.proposal_rows import DecisionRow, ProposalRow
from app.oversight.watch.proposing import clock


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    lender_party_id: str | None,
    state: ProposalState | None,
    before: str | None,
    limit: int,
) -> StepProposalPage:
    """Proposed steps that the caller may see, newest first.

    Raises:
        Forbidden, BadInput.
    """
    lender = await lender_of(gateway, caller, lender_party_id)

    def find(connection: Connection) -> tuple[list[StepProposal], str | None]:
        rows = proposal_rows.listed(
            connection, lender=lender, state=state, before=before, limit=limit
        )
        following = rows[-1].id if len(rows) == limit else None
        return alert_views.proposals(gateway, connection, rows), following

    (items, following), as_of = await read_as_of(gateway, find)
    return {"items": items, "nextCursor": following, "asOf": as_of}


async def proposal(gateway: Gateway, caller: Caller, identifier: str) -> StepProposal:
    """One proposed step.

    Raises:
        NotFound.
    """
    return await gateway.storage.read(
        lambda connection: _view(gateway, connection, _visible(connection, caller, identifier))
    )


async def confirm(command: Command, identifier: str) -> Change:
    """A second person of the lender confirms a step, which the lender then signs.

    The first one is whoever acknowledged the alert. What a wallet never signed, or the ledger
    refused, may be confirmed again.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller

    def check(connection: Connection) -> ProposalRow:
        row = _visible(connection, caller, identifier)
        require_lender(caller, row.lender)
        _require_open(connection, row, states=("proposed", "confirmed"))
        _require_second_person(connection, row, caller)
        return row

    row = await gateway.storage.read(check)

    def note(connection: Connection, operation: Operation) -> Mapping[str, Any]:
        check(connection)
        if not proposal_rows.move(
            connection, row.id, start=("proposed", "confirmed"), end="confirmed"
        ):
            raise _decided(_visible(connection, caller, row.id))
        claim_once(
            connection,
            "watch_proposals",
            identifier=row.id,
            operation_id=operation.id,
            what="the proposal",
        )
        proposal_rows.decide(
            connection,
            _decision(caller, row.id, "confirmed", operation_id=operation.id),
        )
        return {"proposal": _view(gateway, connection, _visible(connection, caller, row.id))}

    return await holds.suspend(command, row.facility_id, side_writes=note)


async def refuse(command: Command, identifier: str, reason: str) -> Change:
    """A person of the lender refuses a step; its reason stands in the record.

    Raises:
        Conflict, Forbidden, NotFound.
    """
    gateway, caller, own = command.gateway, command.caller, new_id()
    sealed = alert_views.sealed(gateway, reason, about=alert_views.reason_of(own))

    def write(connection: Connection) -> Answer:
        row = _visible(connection, caller, identifier)
        require_lender(caller, row.lender)
        _require_open(connection, row, states=("proposed",))
        if not proposal_rows.move(connection, row.id, start=("proposed",), end="refused"):
            raise _decided(_visible(connection, caller, row.id))
        decision = _decision(caller, row.id, "refused", identifier=own, sealed=sealed)
        proposal_rows.decide(connection, decision)
        return Answer(_view(gateway, connection, _visible(connection, caller, row.id)), 200)

    return Change(write)


def _decision(
    caller: Caller,
    proposal_id: str,
    outcome: str,
    *,
    identifier: str | None = None,
    operation_id: str | None = None,
    sealed: bytes | None = None,
) -> DecisionRow:
    return DecisionRow(
        *(identifier or new_id(), proposal_id, outcome, caller.label, time.time()),
        *(operation_id, sealed, str(caller.way), caller.id),
    )


def _visible(connection: Connection, caller: Caller, identifier: str) -> ProposalRow:
    row = proposal_rows.by_id(connection, identifier)
    if row is None or not (caller.sees_all or caller.account == row.lender):
        raise NotFound(
            say("there is no proposal {identifier}", identifier=identifier), name="proposal-unknown"
        )
    return row


def _view(gateway: Gateway, connection: Connection, row: ProposalRow) -> StepProposal:
    return alert_views.proposals(gateway, connection, [row])[0]


def _require_open(connection: Connection, row: ProposalRow, *, states: tuple[str, ...]) -> None:
    """A decision is still possible.

    Raises:
        Conflict.
    """
    if row.state not in states:
        raise _decided(row)
    if row.expires_at <= clock(connection):
        raise Conflict(
            say("proposal {id} has expired", id=row.id),
            name="proposal-expired",
            fix=say(
                "suspend draws yourself: POST /v1/facilities/{facility_id}/suspension",
                facility_id=row.facility_id,
            ),
        )


def _decided(row: ProposalRow) -> Conflict:
    return Conflict(
        say("proposal {id} is {state:words} already", id=row.id, state=row.state),
        name="proposal-decided",
        fix=say("look at it: GET /v1/watch/proposals/{id}", id=row.id),
    )


def _require_second_person(connection: Connection, row: ProposalRow, caller: Caller) -> None:
    """Another person of the lender has acknowledged the alert.

    Raises:
        Conflict.
    """
    require_named(caller)
    acknowledgement = alert_rows.acknowledgements(connection, [row.alert_id]).get(row.alert_id)
    if acknowledgement is None:
        raise Conflict(
            say("nobody has acknowledged alert {alert_id} yet", alert_id=row.alert_id),
            name="acknowledgement-missing",
            fix=say(
                "let one person acknowledge it, and another confirm: POST "
                "/v1/watch/alerts/{alert_id}/acknowledgement",
                alert_id=row.alert_id,
            ),
        )
    first = recorded(
        acknowledgement.person,
        way=acknowledgement.person_way,
        identifier=acknowledgement.person_id,
        party=caller.party_id,
    )
    require_another(
        caller,
        first,
        same=Conflict(
            say(
                "{person} acknowledged alert {alert_id}, and a second person confirms",
                person=caller.label,
                alert_id=row.alert_id,
            ),
            name="acknowledger-confirms",
            fix="let another person of the lender confirm, with an API key of its own",
        ),
    )
