"""Steps that need two persons, as endpoints refuse them; the rules are in `app.domain.persons`."""

from __future__ import annotations

from app.domain import persons
from app.domain.persons import Person, PersonUnclear
from app.domain.texts import text_of
from app.errors import Conflict
from app.gateway.callers import Caller


def require_named(caller: Caller) -> None:
    """The caller's way in names a person.

    Raises:
        Conflict: it came in with a wallet.
    """
    try:
        persons.require_named(caller.person)
    except PersonUnclear as error:
        raise _as_conflict(error) from error


def require_another(caller: Caller, first: Person, *, same: Conflict) -> None:
    """The caller is certainly another person than whoever took the first step.

    Args:
        same: the error if it is the same person.

    Raises:
        Conflict.
    """
    try:
        persons.require_another(first, caller.person)
    except PersonUnclear as error:
        raise (same if error.name == "same-person" else _as_conflict(error)) from error


def _as_conflict(error: PersonUnclear) -> Conflict:
    return Conflict(text_of(error), name=error.name, fix=error.fix)
