"""Shows findings to those who may see them, and takes their decisions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.operation import new_id
from app.domain.crosschecks.records import Kind
from app.domain.texts import say
from app.errors import BadInput, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Answer, Change, Command
from app.gateway.gateway import Gateway
from app.gateway.views import Names
from app.oversight.crosschecks import decisions, standing, views
from app.oversight.crosschecks.access import require_stranger, sight_of
from app.oversight.crosschecks.decisions import DecisionContent, DecisionRow
from app.oversight.crosschecks.schemas import (
    FindingAnswer,
    Findings,
    NewDecision,
    StatusName,
)
from app.oversight.crosschecks.standing import NamedFinding, Standing
from app.parties.registry import repository as parties

_MAX_GONE = 10_000  # findings with decisions that are looked through for those that are gone


class Filters(msgspec.Struct, frozen=True):
    """Which findings a list holds; None: any.

    Attributes:
        min_weight: parts per million.
        party_id: id in the directory of a party that it speaks of.
        receivable, lot: numbers on the ledger.
        explained: those that follow from a surer one too.
        lasts: those that the checks find now; False: those that they no longer find.
    """

    kind: Kind | None = None
    min_weight: int = 0
    party_id: str | None = None
    receivable: int | None = None
    lot: int | None = None
    status: StatusName | None = None
    explained: bool = False
    lasts: bool = True


async def listed(
    gateway: Gateway, caller: Caller, filters: Filters, *, limit: int, offset: int
) -> Findings:
    """Findings that the caller may see, the surest first.

    Raises:
        BadInput: there is no such party.
        Forbidden: a lender without an account.
    """
    now = await standing.current(gateway)

    def read(connection: Connection) -> Findings:
        sight = sight_of(connection, caller)
        party = _party(connection, now, filters.party_id)
        candidates = now.findings if filters.lasts else _gone(gateway, connection, now)
        visible = [
            finding
            for finding in candidates
            if _matches(finding, filters, party) and sight.sees(finding)
        ]
        last = decisions.last_of_each(connection)
        of_each = [_status(last, finding) for finding in visible]
        chosen = [
            finding
            for finding, status in zip(visible, of_each, strict=True)
            if filters.status in (None, status)
        ]
        shown = chosen[offset : offset + limit]
        rows = decisions.of_findings(connection, [finding.id for finding in shown])
        names = _names(connection, now, shown)
        return {
            "items": [
                views.finding_view(
                    gateway,
                    finding,
                    rows.get(finding.id, ()),
                    register=now.register,
                    names=names,
                    lasts=filters.lasts,
                )
                for finding in shown
            ],
            "statuses": views.statuses(of_each),
            "leftOut": views.left_out(now.left_out),
            "asOf": now.as_of,
        }

    return await gateway.storage.read(read)


async def finding(gateway: Gateway, caller: Caller, identifier: str) -> FindingAnswer:
    """A finding that the caller may see, whether it lasts or has only decisions left.

    Raises:
        Forbidden, NotFound.
    """
    now = await standing.current(gateway)

    def read(connection: Connection) -> FindingAnswer:
        reader = _Reader(gateway, connection, now)
        rows = decisions.of_finding(connection, identifier)
        return reader.answer(reader.visible(caller, identifier, rows), rows)

    return await gateway.storage.read(read)


async def decide(command: Command, identifier: str, request: NewDecision) -> Change:
    """Records a decision about a finding.

    Raises:
        BadInput, Forbidden, NotFound.
    """
    gateway, caller = command.gateway, command.caller
    reason = request.reason.strip()
    if not any(character.isalnum() for character in reason):
        raise BadInput(
            "a decision needs a reason",
            name="reason-missing",
            field="reason",
            fix="say why, in words",
        )
    now = await standing.current(gateway)
    row_id = new_id()

    def write(connection: Connection) -> Answer:
        reader = _Reader(gateway, connection, now)
        rows = decisions.of_finding(connection, identifier)
        about = reader.visible(caller, identifier, rows)
        require_stranger(caller, about, now.register)
        row = DecisionRow(
            id=row_id,
            finding_id=identifier,
            number=len(rows) + 1,
            decision=request.decision,
            person=caller.label,
            party=caller.party_id,
            decided_at=time.time(),
            sealed=decisions.sealed(gateway, row_id, DecisionContent(reason, about)),
        )
        decisions.add(connection, row)
        return Answer(reader.answer(about, [*rows, row]), 201)

    return Change(write)


class _Reader(msgspec.Struct, frozen=True):
    """What one answer reads: the store in one transaction, and the findings as they stand."""

    gateway: Gateway
    connection: Connection
    now: Standing

    def visible(self, caller: Caller, identifier: str, rows: Sequence[DecisionRow]) -> NamedFinding:
        """The finding, as it is or as it was when somebody last decided about it.

        Raises:
            Forbidden, NotFound.
        """
        known = self.now.by_id(identifier)
        if known is None and rows:
            known = decisions.opened(self.gateway, rows[-1]).finding
        if known is None or not sight_of(self.connection, caller).sees(known):
            raise NotFound(
                say("there is no finding {identifier}", identifier=identifier[:64]),
                name="finding-unknown",
            )
        return known

    def answer(self, about: NamedFinding, rows: Sequence[DecisionRow]) -> FindingAnswer:
        """The finding with the decisions about it."""
        return {
            "finding": views.finding_view(
                self.gateway,
                about,
                rows,
                register=self.now.register,
                names=_names(self.connection, self.now, [about]),
                lasts=self.now.by_id(about.id) is not None,
            ),
            "asOf": self.now.as_of,
        }


def _gone(gateway: Gateway, connection: Connection, now: Standing) -> list[NamedFinding]:
    """Findings that have decisions and that the checks no longer find, the surest first."""
    present = {finding.id for finding in now.findings}
    identifiers = sorted(decisions.last_of_each(connection).keys() - present)[:_MAX_GONE]
    rows = decisions.of_findings(connection, identifiers)
    gone = [decisions.opened(gateway, each[-1]).finding for each in rows.values()]
    return sorted(gone, key=lambda finding: (-finding.weight, finding.kind, finding.id))


def _status(last: Mapping[str, str], finding: NamedFinding) -> StatusName:
    return cast(StatusName, last.get(finding.id, "open"))


def _party(connection: Connection, now: Standing, party_id: str | None) -> int | None:
    if party_id is None:
        return None
    row = parties.by_id(connection, party_id)
    number = None if row is None else now.register.number_of.get(row.account)
    if number is None:
        raise BadInput(
            say("there is no party {party_id} on the ledger", party_id=party_id[:64]),
            name="party-unknown",
            field="partyId",
            fix="give the id of a registered party: GET /v1/parties",
        )
    return number


def _matches(finding: NamedFinding, filters: Filters, party: int | None) -> bool:
    return (
        (filters.explained or not finding.explained)
        and finding.weight >= filters.min_weight
        and filters.kind in (None, finding.kind)
        and (party is None or party in finding.parties)
        and (filters.receivable is None or filters.receivable in finding.receivables)
        and (filters.lot is None or filters.lot in finding.lots)
    )


def _names(connection: Connection, now: Standing, shown: Sequence[NamedFinding]) -> Names:
    numbers = {number for finding in shown for number in finding.parties}
    accounts = {
        now.register.account_of[number] for number in numbers if number in now.register.account_of
    }
    return parties.names(connection, accounts)
