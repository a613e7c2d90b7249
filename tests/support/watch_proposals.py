"""Proposed steps of the watch in tests, stored without a loan that falls overdue."""

from __future__ import annotations

import itertools

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.watch.changes import Change, Reasons, Stand, Subject
from app.domain.watch.model import Level
from app.oversight.watch import alert_rows, alert_views, proposal_rows
from app.oversight.watch.alert_rows import AcknowledgementRow
from app.oversight.watch.proposal_rows import ProposalRow
from app.storage.checkpoint import read_checkpoint
from tests.support.world import World

_KEYS = itertools.count(9)  # of subjects: an assessment tells each subject once


def stored(world: World, facility: int, lender: str, *, expires_at: int) -> str:
    """A proposal about a facility on which nothing is drawn; somebody acknowledged its alert.

    The acknowledgement is as records were before 0025: it has a label alone.
    """
    gateway, note = world.server.gateway, new_id()
    sealed = alert_views.sealed(gateway, "seen", about=alert_views.note_of(note))
    identifier, alert = waiting(world, facility, lender, expires_at=expires_at)
    row = AcknowledgementRow(note, alert, "first", 1.0, sealed)
    gateway.storage.write_now(lambda connection: alert_rows.acknowledge(connection, row))
    return identifier


def waiting(world: World, facility: int, lender: str, *, expires_at: int) -> tuple[str, int]:
    """A proposal about a facility, and its alert, which nobody has acknowledged."""
    gateway, identifier = world.server.gateway, new_id()

    def write(connection: Connection) -> int:
        at = read_checkpoint(connection)
        assert at is not None
        change = Change(
            Subject("product", next(_KEYS)),
            Level.CLEAR,
            Stand(Level.ALARM),
            Reasons("", (), (), ()),
        )
        (alert,) = alert_rows.store(
            connection, [change], lender=lender, number=0, at=at, accounts={}, undone_hash=None
        )
        proposal_rows.add(
            connection,
            ProposalRow(
                id=identifier,
                alert_id=alert.id,
                lender=lender,
                borrower=lender,
                facility_id=facility,
                level=int(Level.ALARM),
                rule_set="cn",
                source="a test's own rule",
                state="proposed",
                created_at=1,
                expires_at=expires_at,
            ),
        )
        return int(alert.id)

    return identifier, gateway.storage.write_now(write)
