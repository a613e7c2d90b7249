"""Queries of evaluations and their steps."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.evaluation import Consent, Step, StepDone
from app.domain.persons import recorded
from app.storage import record_of, run


class EvaluationRow(msgspec.Struct, frozen=True):
    """An evaluation as stored.

    Attributes:
        rater, subject: ids in the directory of parties.
        next_step: None: it is confirmed.
        consent_since, consent_until, consent_withdrawn: days; see `Consent`.
    """

    id: str
    rater: str
    subject: str
    next_step: str | None
    consent_since: int | None
    consent_until: int | None
    consent_withdrawn: int | None
    evidence_root: str | None
    created_at: float

    @property
    def consent(self) -> Consent | None:
        """The subject's consent; None: it never consented."""
        if self.consent_since is None:
            return None
        return Consent(self.consent_since, self.consent_until, self.consent_withdrawn)

    @property
    def next(self) -> Step | None:
        """The next step."""
        return None if self.next_step is None else Step(self.next_step)


class StepRow(msgspec.Struct, frozen=True):
    """A step that was taken; its inputs and its result are encrypted.

    Attributes:
        person: the label; with the way in and the id see `app.domain.persons`.
    """

    id: str
    evaluation_id: str
    number: int
    step: str
    person: str
    taken_at: float
    sealed: bytes
    person_way: str | None = None
    person_id: str | None = None

    def done(self, party: str) -> StepDone:
        """The step and its person, who is one of this party."""
        person = recorded(self.person, way=self.person_way, identifier=self.person_id, party=party)
        return StepDone(Step(self.step), person)


_SELECT = f"SELECT {', '.join(EvaluationRow.__struct_fields__)} FROM credit_evaluations "
_STEPS = f"SELECT {', '.join(StepRow.__struct_fields__)} FROM credit_evaluation_steps "


def add(connection: Connection, row: EvaluationRow) -> None:
    """Stores a new evaluation."""
    marks = ", ".join("?" * len(EvaluationRow.__struct_fields__))
    run(
        connection,
        f"INSERT INTO credit_evaluations ({', '.join(EvaluationRow.__struct_fields__)}) "
        f"VALUES ({marks})",
        msgspec.structs.astuple(row),
    )


def add_step(connection: Connection, row: StepRow, *, next_step: Step | None) -> None:
    """Stores a step, and which one comes next."""
    marks = ", ".join("?" * len(StepRow.__struct_fields__))
    run(
        connection,
        f"INSERT INTO credit_evaluation_steps ({', '.join(StepRow.__struct_fields__)}) "
        f"VALUES ({marks})",
        msgspec.structs.astuple(row),
    )
    run(
        connection,
        "UPDATE credit_evaluations SET next_step = ? WHERE id = ?",
        (None if next_step is None else str(next_step), row.evaluation_id),
    )


def set_root(connection: Connection, identifier: str, root: str) -> None:
    """Stores the root of the evidence of an evaluation that is confirmed."""
    run(
        connection,
        "UPDATE credit_evaluations SET evidence_root = ? WHERE id = ?",
        (root, identifier),
    )


def set_consent(connection: Connection, identifier: str, consent: Consent) -> None:
    """Stores the subject's consent in place of an earlier one."""
    run(
        connection,
        "UPDATE credit_evaluations SET consent_since = ?, consent_until = ?, "
        "consent_withdrawn = ? WHERE id = ?",
        (consent.since, consent.until, consent.withdrawn, identifier),
    )


def by_id(connection: Connection, identifier: str) -> EvaluationRow | None:
    """An evaluation; None if there is none."""
    row = run(connection, _SELECT + "WHERE id = ?", (identifier,)).first()
    return None if row is None else record_of(EvaluationRow, row)


def listed(
    connection: Connection,
    *,
    party: str | None,
    confirmed: bool | None,
    before: str | None,
    limit: int,
) -> list[EvaluationRow]:
    """Evaluations by or of a party, newest first; None: all, for those who see all."""
    wheres: list[str] = []
    values: list[Any] = []
    if party is not None:
        wheres.append("(rater = ? OR subject = ?)")
        values += [party, party]
    if confirmed is not None:
        wheres.append("next_step IS NULL" if confirmed else "next_step IS NOT NULL")
    if before is not None:
        wheres.append("id < ?")
        values.append(before)
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    rows = run(connection, f"{_SELECT}{where}ORDER BY id DESC LIMIT ?", (*values, limit))
    return [record_of(EvaluationRow, row) for row in rows]


def steps(connection: Connection, identifier: str) -> list[StepRow]:
    """The steps of an evaluation, in their order."""
    rows = run(connection, _STEPS + "WHERE evaluation_id = ? ORDER BY number", (identifier,))
    return [record_of(StepRow, row, sealed=bytes(row.sealed)) for row in rows]


def under_one_control(connection: Connection, first: str, second: str) -> bool:
    """Whether two parties of the directory are one party, or of one group, on the ledger."""
    if first == second:
        return True
    query = (
        "SELECT p.party_id, p.group_number FROM parties_directory d "
        "JOIN parties p ON p.identity_hash = d.identity_hash WHERE d.id = ?"
    )
    rows = [run(connection, query, (identifier,)).first() for identifier in (first, second)]
    numbers = {None if row is None else row.party_id for row in rows}
    groups = {0 if row is None else row.group_number for row in rows}
    if None in numbers:
        return False
    return len(numbers) == 1 or (len(groups) == 1 and 0 not in groups)


def attested_root(connection: Connection, subject: str) -> str | None:
    """The root of the evidence that the party's attestation in force names."""
    root = run(
        connection,
        "SELECT t.evidence_root FROM credit_tiers t JOIN parties p ON p.party_id = t.party_id "
        "JOIN parties_directory d ON d.identity_hash = p.identity_hash "
        "WHERE d.id = ? AND t.tier > 0",
        (subject,),
    ).scalar()
    return None if root is None else str(root)
