"""Problems of evidence by the fields of the request in which it came."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.scoring.problems import EvidenceInvalid, Path
from app.errors import BadInput
from app.gateway.said import localized

FROM_LEDGER = "fromLedger"
SALES_FILE = "salesFile"
FILES = "files"
# How a problem's path names a field, and how a request does.
_FIELDS = {"party": "partyId"}


def bad_evidence(error: EvidenceInvalid, origins: Sequence[str]) -> BadInput:
    """The first problem of evidence, by the field of the request; `problems` has all of them.

    Args:
        origins: the field of the request from which each item is.
    """
    fields = [_field(problem.path, origins) for problem in error.problems]
    first = error.problems[0]
    return BadInput(
        first.detail,
        name=first.name,
        field=fields[0],
        fix=first.fix,
        problems=[
            {"field": field, "name": problem.name, "detail": localized(problem.detail)}
            for field, problem in zip(fields, error.problems, strict=True)
        ],
    )


def _field(path: Path, origins: Sequence[str]) -> str:
    """The field of a request at which a problem of evidence is."""
    if path[:1] == ("items",) and len(path) > 1:
        origin = origins[int(path[1])]
        if origin == FROM_LEDGER:
            return origin
        of_file = origin.partition(".")[0] in (SALES_FILE, FILES)
        path = (origin,) if of_file and path[-1] != "party" else (origin, *path[2:])
    elif path == ("content",):
        path = (origins[0], "content")
    return ".".join(str(_FIELDS.get(str(part), part)) for part in path)
