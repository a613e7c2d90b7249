"""Steps that the gateway proposes when a borrower's level rises, where the rule set allows it.

The gateway proposes and takes no step: two persons of the lender look at it, and the lender signs.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.rule_sets import Rules, WatchStep
from app.domain.watch.changes import Change
from app.domain.watch.model import Level
from app.gateway.read_as_of import moment
from app.gateway.rules import rules_of
from app.lending.facilities.holds import SIDES
from app.lending.repository import product_terms
from app.oversight.watch import proposal_rows
from app.oversight.watch.alert_rows import AlertRow
from app.oversight.watch.proposal_rows import DecisionRow, ProposalRow

_HOUR = 3_600


def propose(connection: Connection, change: Change, alert: AlertRow) -> None:
    """Proposes to suspend draws of a borrower's facilities when its level rises far enough.

    A facility whose draws the lender has suspended, or about which a proposal waits, gets none.
    When the level falls below the one that allows the step, what waits is ended.
    """
    party = change.subject.key
    if change.after < change.before:
        _end_after_fall(connection, alert, party=party)
        return
    now = clock(connection)
    for row in proposal_rows.open_facilities(connection, lender=alert.lender, party=party):
        terms = product_terms(connection, product_id=row.product_id, version=row.version)
        rules = rules_of(terms)
        step = _step(rules, change)
        if rules is None or rules.watch is None or step is None:
            continue
        if row.suspended_by & SIDES["lender"] or proposal_rows.waits(connection, row.facility_id):
            continue
        proposal_rows.add(
            connection,
            ProposalRow(
                id=new_id(),
                alert_id=alert.id,
                lender=alert.lender,
                borrower=row.borrower,
                facility_id=row.facility_id,
                level=int(_level(step)),
                rule_set=rules.name,
                source=rules.watch.source,
                state="proposed",
                created_at=now,
                expires_at=now + step.hours * _HOUR,
            ),
        )


def clock(connection: Connection) -> int:
    """UTC seconds by which proposals expire: of the newest block, or of the clock if later."""
    now, _ = moment(connection)
    return max(now, int(time.time()))


def any_too_old(connection: Connection) -> bool:
    """Whether a proposal waits that nobody can confirm any more."""
    return bool(proposal_rows.open_proposals(connection, until=clock(connection)))


def end_too_old(connection: Connection) -> None:
    """Ends the proposals that nobody can confirm any more."""
    for row in proposal_rows.open_proposals(connection, until=clock(connection)):
        _end(connection, row, outcome="expired")


def _end_after_fall(connection: Connection, alert: AlertRow, *, party: int) -> None:
    for row in proposal_rows.open_proposals(connection, borrower=(alert.lender, party)):
        if alert.level_after < row.level:
            _end(connection, row, outcome="level-fell")


def _end(connection: Connection, row: ProposalRow, *, outcome: str) -> None:
    if proposal_rows.move(connection, row.id, start=("proposed",), end="expired"):
        decision = DecisionRow(new_id(), row.id, outcome, None, time.time(), None, None)
        proposal_rows.decide(connection, decision)


def _step(rules: Rules | None, change: Change) -> WatchStep | None:
    """The step that a rule set allows because the level rises; None: it allows none."""
    steps = [] if rules is None or rules.watch is None else rules.watch.steps
    return next((step for step in steps if change.rises_to(_level(step))), None)


def _level(step: WatchStep) -> Level:
    return Level[step.level.upper()]
